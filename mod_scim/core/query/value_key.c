#include "value_key.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/datetime.h"
#include "../base/decimal.h"
#include "../base/text.h"
#include "../base/username.h"

/* Base64 text without padding, so that equal bytes have equal keys; NULL when it is not base64 (C-29). */
static const char *binary_key(apr_pool_t *p, const char *s)
{
    apr_size_t len = strlen(s), body = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    if (body % 4 == 1 || len - body > 2 || strspn(s + body, "=") != len - body || (len != body && len % 4 != 0)) {
        return NULL;
    }
    return apr_pstrmemdup(p, s, body);
}

/* References to members and groups compare by the resource they name, whatever the base URL (F-19, C-31). */
static int is_resource_reference(const scim_attribute_t *attr)
{
    return (attr->home == SCIM_HOME_MEMBERS || attr->home == SCIM_HOME_GROUPS) && attr->type == SCIM_REFERENCE;
}

static const char *string_key(apr_pool_t *p, const scim_attribute_t *attr, const char *s)
{
    const char *slash;
    apr_time_t t;

    switch (attr->type) {
    case SCIM_STRING:
    case SCIM_REFERENCE:
        if (attr->home == SCIM_HOME_USER_NAME) {
            return attr->precis ? scim_username_precis(p, s) : scim_username_looks(p, s);
        }
        if (is_resource_reference(attr)) {
            slash = strrchr(s, '/');
            return slash ? slash + 1 : s;
        }
        return attr->case_exact ? s : scim_fold(p, s);
    case SCIM_DATETIME:
        return scim_datetime_parse(s, &t) ? scim_datetime_key(p, t) : NULL;
    case SCIM_BINARY:
        return binary_key(p, s);
    default:
        return NULL;
    }
}

const char *scim_value_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *value)
{
    switch (scim_json_type(value)) {
    case SCIM_JSON_STRING:
        return string_key(p, attr, scim_json_string(value));
    case SCIM_JSON_BOOLEAN:
        return attr->type != SCIM_BOOLEAN ? NULL : scim_json_true(value) ? "true" : "false";
    case SCIM_JSON_INTEGER:
    case SCIM_JSON_DECIMAL:
        return attr->type == SCIM_INTEGER || attr->type == SCIM_DECIMAL ? scim_decimal_key(p, scim_json_string(value)) : NULL;
    default:
        return NULL;
    }
}
