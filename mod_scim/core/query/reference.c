#include "reference.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/text.h"

int scim_reference_own(const scim_attribute_t *attr)
{
    return attr->type == SCIM_REFERENCE && (attr->home == SCIM_HOME_MEMBERS || attr->home == SCIM_HOME_GROUPS || attr->home == SCIM_HOME_META);
}

const char *scim_reference_target(const char *s)
{
    const char *last = strrchr(s, '/');

    while (last && last > s && last[-1] != '/') {
        last--;
    }
    return last ? last : s;
}

/* s behind a segment such as "v2/" at its beginning. */
static const char *past_version(const char *s)
{
    size_t digits = *s == 'v' ? strspn(s + 1, "0123456789") : 0;

    return digits && s[1 + digits] == '/' ? s + 2 + digits : s;
}

static int same_segments(const char *a, const char *b)
{
    size_t len;

    for (;;) {
        a = past_version(a);
        b = past_version(b);
        len = strcspn(a, "/");
        if (len != strcspn(b, "/") || memcmp(a, b, len) != 0 || a[len] != b[len]) {
            return 0;
        }
        if (!a[len]) {
            return 1;
        }
        a += len + 1;
        b += len + 1;
    }
}

/* Length of scheme and host; 0 for a relative reference. */
static size_t origin_length(const char *s)
{
    const char *host = strstr(s, "://");

    return host ? (size_t)(host + 3 - s) + strcspn(host + 3, "/") : 0;
}

int scim_reference_same(const char *a, const char *b)
{
    size_t origin = origin_length(a);

    if (!origin || !origin_length(b)) {
        return strcmp(scim_reference_target(a), scim_reference_target(b)) == 0;
    }
    return origin == origin_length(b) && memcmp(a, b, origin) == 0 && same_segments(a + origin, b + origin);
}

/* ---- the parts value and $ref ---- */

int scim_reference_to_resources(const scim_context_t *c, const scim_attribute_t *attr)
{
    int i;

    for (i = 0; attr->type == SCIM_REFERENCE && attr->reference_types && i < attr->reference_types->nelts; i++) {
        if (scim_profile_type(c->profile, APR_ARRAY_IDX(attr->reference_types, i, const char *))) {
            return 1;
        }
    }
    return 0;
}

const scim_attribute_t *scim_reference_part(const scim_context_t *c, const scim_attribute_t *attr)
{
    const scim_attribute_t *value = scim_attribute_value(attr), *ref = scim_attribute_find(attr->subs, attr->nsubs, "$ref", 4);

    return ref && value && value->type == SCIM_STRING && value->mutability != SCIM_READ_ONLY && scim_reference_to_resources(c, ref) ? ref : NULL;
}

const scim_resource_type_t *scim_reference_type(const scim_context_t *c, const scim_attribute_t *ref)
{
    return ref->reference_types->nelts == 1 ? scim_profile_type(c->profile, APR_ARRAY_IDX(ref->reference_types, 0, const char *)) : NULL;
}

const char *scim_reference_named(const scim_context_t *c, const scim_attribute_t *ref, const char *reference)
{
    const scim_resource_type_t *type;
    const char *slash = strrchr(reference, '/'), *id = slash ? slash + 1 : "";

    if (!ref->parent || ref->parent->multi || scim_reference_part(c, ref->parent) != ref || !scim_is_uuid(id)) {
        return NULL;
    }
    type = scim_reference_type(c, ref);
    return type && scim_reference_same(reference, apr_pstrcat(c->p, c->base_url ? c->base_url : "", type->endpoint, "/", id, NULL)) ? id : NULL;
}
