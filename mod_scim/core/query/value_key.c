#include "value_key.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/datetime.h"
#include "../base/decimal.h"
#include "../base/etag.h"
#include "../base/text.h"
#include "../base/username.h"
#include "reference.h"

/* Base64 text without padding, so that equal bytes have equal keys; NULL when it is not base64 (C-29). */
static const char *binary_key(apr_pool_t *p, const char *s)
{
    apr_size_t len = strlen(s), body = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    if (body % 4 == 1 || len - body > 2 || strspn(s + body, "=") != len - body || (len != body && len % 4 != 0)) {
        return NULL;
    }
    return apr_pstrmemdup(p, s, body);
}

static const char *string_key(apr_pool_t *p, const scim_attribute_t *attr, const char *s)
{
    apr_time_t t;

    switch (attr->type) {
    case SCIM_STRING:
    case SCIM_REFERENCE:
        if (attr->home == SCIM_HOME_USER_NAME) {
            return attr->precis ? scim_username_precis(p, s) : scim_username_looks(p, s);
        }
        if (scim_reference_own(attr)) {
            return scim_reference_target(s);
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

int scim_value_is_tag(const scim_attribute_t *attr)
{
    return attr->home == SCIM_HOME_META && strcmp(attr->name, "version") == 0;
}

const char *scim_value_filter_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *value)
{
    apr_int64_t version;

    if (scim_json_is(value, SCIM_JSON_STRING) && scim_reference_own(attr)) {
        return scim_json_string(value);
    }
    if (scim_json_is(value, SCIM_JSON_STRING) && scim_value_is_tag(attr) && scim_etag_read(scim_json_string(value), &version)) {
        return scim_etag(p, version, NULL);
    }
    return scim_value_key(p, attr, value);
}
