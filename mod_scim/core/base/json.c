#include "json.h"

#include <apr_strings.h>
#include <string.h>

#include "decimal.h"
#include "json_scan.h"
#include "text.h"

static apr_status_t put_object(void *o)
{
    json_object_put(o);
    return APR_SUCCESS;
}

struct json_object *scim_json_own(apr_pool_t *p, struct json_object *o)
{
    if (o) {
        apr_pool_cleanup_register(p, o, put_object, apr_pool_cleanup_null);
    }
    return o;
}

/* json-c's own limit is one more than ours, which the scan has enforced. */
static struct json_object *parse(const char *text, apr_size_t len, int max_depth)
{
    struct json_tokener *tokener = json_tokener_new_ex(max_depth + 1);
    struct json_object *o = NULL;

    if (tokener) {
        o = json_tokener_parse_ex(tokener, text, (int)len);
        json_tokener_free(tokener);
    }
    return o;
}

scim_error_t *scim_json_parse(apr_pool_t *p, const char *text, apr_size_t len, int max_depth, struct json_object **out)
{
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        len -= 3;
    }
    if (len > APR_INT32_MAX) {
        return scim_error(p, SCIM_E_TOO_LARGE, "The body is too large");
    }
    SCIM_TRY(scim_json_scan(p, text, len, max_depth));
    *out = scim_json_own(p, parse(text, len, max_depth));
    if (!*out) {
        return scim_error(p, SCIM_E_INVALID_SYNTAX, "The body is not valid JSON");
    }
    return NULL;
}

struct json_object *scim_json_trusted(apr_pool_t *p, const char *text, apr_size_t len)
{
    return scim_json_own(p, parse(text, len, JSON_TOKENER_DEFAULT_DEPTH));
}

const char *scim_json_text(apr_pool_t *p, struct json_object *o, apr_size_t *len)
{
    size_t n;
    const char *text = json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);

    if (len) {
        *len = n;
    }
    return apr_pstrmemdup(p, text, n);
}

struct json_object *scim_json_get(struct json_object *o, const char *name, const char **key)
{
    struct json_object_iterator it, end;

    if (!json_object_is_type(o, json_type_object)) {
        return NULL;
    }
    it = json_object_iter_begin(o);
    end = json_object_iter_end(o);
    for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
        const char *at = json_object_iter_peek_name(&it);
        if (scim_ieq(at, name)) {
            if (key) {
                *key = at;
            }
            return json_object_iter_peek_value(&it);
        }
    }
    return NULL;
}

const char *scim_json_str(struct json_object *o, const char *name)
{
    struct json_object *value = scim_json_get(o, name, NULL);

    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

struct json_object *scim_json_copy(apr_pool_t *p, struct json_object *o)
{
    struct json_object *copy = NULL;

    if (!o || json_object_deep_copy(o, &copy, NULL) != 0) {
        return NULL;
    }
    return scim_json_own(p, copy);
}

void scim_json_keep(struct json_object *array, int (*keep)(void *baton, size_t index, struct json_object *element), void *baton)
{
    size_t i, kept = 0, n = json_object_array_length(array);

    for (i = 0; i < n; i++) {
        struct json_object *element = json_object_array_get_idx(array, i);
        if (!keep(baton, i, element)) {
            continue;
        }
        if (kept != i) {
            json_object_array_put_idx(array, kept, json_object_get(element));
        }
        kept++;
    }
    if (kept < n) {
        json_object_array_del_idx(array, kept, n - kept);
    }
}

static int numbers_equal(struct json_object *a, struct json_object *b)
{
    if (json_object_is_type(a, json_type_int) && json_object_is_type(b, json_type_int)) {
        return json_object_get_int64(a) == json_object_get_int64(b);
    }
    return scim_decimal_compare(json_object_get_string(a), json_object_get_string(b)) == 0;
}

static int objects_equal(struct json_object *a, struct json_object *b)
{
    struct json_object_iterator it = json_object_iter_begin(a), end = json_object_iter_end(a);

    if (json_object_object_length(a) != json_object_object_length(b)) {
        return 0;
    }
    for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
        struct json_object *other;
        if (!json_object_object_get_ex(b, json_object_iter_peek_name(&it), &other) ||
            !scim_json_equal(json_object_iter_peek_value(&it), other)) {
            return 0;
        }
    }
    return 1;
}

static int arrays_equal(struct json_object *a, struct json_object *b)
{
    size_t i, n = json_object_array_length(a);

    if (n != json_object_array_length(b)) {
        return 0;
    }
    for (i = 0; i < n; i++) {
        if (!scim_json_equal(json_object_array_get_idx(a, i), json_object_array_get_idx(b, i))) {
            return 0;
        }
    }
    return 1;
}

static int is_number(enum json_type type)
{
    return type == json_type_int || type == json_type_double;
}

int scim_json_equal(struct json_object *a, struct json_object *b)
{
    enum json_type type = json_object_get_type(a);

    if (a == b) {
        return 1;
    }
    if (is_number(type) && is_number(json_object_get_type(b))) {
        return numbers_equal(a, b);
    }
    if (type != json_object_get_type(b)) {
        return 0;
    }
    switch (type) {
    case json_type_object:
        return objects_equal(a, b);
    case json_type_array:
        return arrays_equal(a, b);
    case json_type_boolean:
        return json_object_get_boolean(a) == json_object_get_boolean(b);
    case json_type_string:
        return strcmp(json_object_get_string(a), json_object_get_string(b)) == 0;
    default:
        return 1;
    }
}

int scim_json_empty(struct json_object *o)
{
    switch (json_object_get_type(o)) {
    case json_type_null:
        return 1;
    case json_type_object:
        return json_object_object_length(o) == 0;
    case json_type_array:
        return json_object_array_length(o) == 0;
    case json_type_string:
        return json_object_get_string_len(o) == 0;
    default:
        return 0;
    }
}
