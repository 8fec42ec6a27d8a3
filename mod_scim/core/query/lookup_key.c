#include "lookup_key.h"

#include <apr_strings.h>
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

apr_int64_t scim_lookup_key(apr_pool_t *p, apr_int64_t tenant, const scim_resource_type_t *type, const scim_attribute_t *attr,
                            const char *value)
{
    const char *text = apr_psprintf(p, "%" APR_INT64_T_FMT "\n%s\n%s\n%s", tenant, type->name, scim_attribute_path(p, type, attr), value);
    unsigned char hash[SCIM_SHA256_LENGTH] = { 0 };
    apr_uint64_t key = 0;
    int i;

    scim_sha256(text, strlen(text), hash);
    for (i = 0; i < 8; i++) {
        key = key << 8 | hash[i];
    }
    return (apr_int64_t)key;
}
