#include "lookup_key.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sha256.h"

/* Attributes and parts whose values say little (half of a directory has the same), or that nobody looks resources up by. */
static const char *const not_worth[] = {
    "$ref", "addresses", "display", "locale", "photos", "preferredLanguage", "timezone", "type",
};

static int is_listed(const scim_attribute_t *attr)
{
    apr_size_t i;

    for (i = 0; i < sizeof not_worth / sizeof *not_worth; i++) {
        if (strcmp(attr->name, not_worth[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

int scim_lookup_worth(const scim_attribute_t *attr)
{
    switch (attr->type) {
    case SCIM_STRING:
    case SCIM_INTEGER:
    case SCIM_DECIMAL:
    case SCIM_DATETIME:
    case SCIM_REFERENCE:
        return attr->home == SCIM_HOME_DOCUMENT && !is_listed(attr) && !(attr->parent && is_listed(attr->parent));
    default:
        return 0;
    }
}

/* The first eight bytes. */
static apr_int64_t number(const unsigned char *hash)
{
    apr_uint64_t key = 0;
    int i;

    for (i = 0; i < 8; i++) {
        key = key << 8 | hash[i];
    }
    return (apr_int64_t)key;
}

apr_int64_t *scim_lookup_keys(apr_pool_t *p, apr_int64_t tenant, const scim_resource_type_t *type, const scim_term_t *terms, int n)
{
    const char *of = apr_psprintf(p, "%" APR_INT64_T_FMT "\n%s\n", tenant, type->name);
    const char **texts = apr_palloc(p, (apr_size_t)n * sizeof *texts);
    unsigned char (*hashes)[SCIM_SHA256_LENGTH] = apr_palloc(p, (apr_size_t)n * sizeof *hashes);
    apr_int64_t *keys = apr_palloc(p, (apr_size_t)n * sizeof *keys);
    int i;

    for (i = 0; i < n; i++) {
        texts[i] = apr_pstrcat(p, of, scim_attribute_path(p, type, terms[i].attr), "\n", terms[i].value, NULL);
    }
    if (!scim_sha256_each(texts, n, hashes)) {
        abort();
    }
    for (i = 0; i < n; i++) {
        keys[i] = number(hashes[i]);
    }
    return keys;
}
