#include "json.h"

#include <apr_strings.h>
#include <json-c/json.h>
#include <string.h>

#include "decimal.h"
#include "json_scan.h"
#include "text.h"

/* scim_json_t is never defined: it is json-c's object, seen through this file only. */
static struct json_object *in(scim_json_t *v)
{
    return (struct json_object *)v;
}

static scim_json_t *out(struct json_object *o)
{
    return (scim_json_t *)o;
}

static apr_status_t put_object(void *o)
{
    json_object_put(o);
    return APR_SUCCESS;
}

/* Gives the reference to the pool. */
static scim_json_t *own(apr_pool_t *p, struct json_object *o)
{
    if (o) {
        apr_pool_cleanup_register(p, o, put_object, apr_pool_cleanup_null);
    }
    return out(o);
}

/* ---- from text and to text ---- */

/* json-c's own limit is one more than ours, which the scan has enforced. */
static struct json_object *parse(const char *text, apr_size_t len, int max_depth)
{
    struct json_tokener *tokener = json_tokener_new_ex(max_depth + 1);
    struct json_object *o = NULL;

    if (tokener) {
        o = json_tokener_parse_ex(tokener, text, (int)len);
        if (!o && json_tokener_get_error(tokener) == json_tokener_continue) { /* a number or a word at the very end */
            o = json_tokener_parse_ex(tokener, "", 1);
        }
        json_tokener_free(tokener);
    }
    return o;
}

/* What the scan lets through, json-c reads; it clamps integers by itself. */
static scim_error_t *parse_scanned(apr_pool_t *p, const char *text, apr_size_t len, int max_depth, int any_integer, scim_json_t **value)
{
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        len -= 3;
    }
    if (len > APR_INT32_MAX) {
        return scim_error(p, SCIM_E_TOO_LARGE, "The body is too large");
    }
    SCIM_TRY(scim_json_scan(p, text, len, max_depth, any_integer));
    *value = own(p, parse(text, len, max_depth));
    if (!*value) {
        return scim_error(p, SCIM_E_INVALID_SYNTAX, "The body is not valid JSON");
    }
    return NULL;
}

scim_error_t *scim_json_parse(apr_pool_t *p, const char *text, apr_size_t len, int max_depth, scim_json_t **value)
{
    return parse_scanned(p, text, len, max_depth, 0, value);
}

scim_error_t *scim_json_parse_clamped(apr_pool_t *p, const char *text, apr_size_t len, int max_depth, scim_json_t **value)
{
    return parse_scanned(p, text, len, max_depth, 1, value);
}

scim_json_t *scim_json_trusted(apr_pool_t *p, const char *text, apr_size_t len)
{
    return own(p, parse(text, len, JSON_TOKENER_DEFAULT_DEPTH));
}

const char *scim_json_text(apr_pool_t *p, scim_json_t *o, apr_size_t *len)
{
    size_t n;
    const char *text = json_object_to_json_string_length(in(o), JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);

    if (len) {
        *len = n;
    }
    return apr_pstrmemdup(p, text, n);
}

/* ---- making ---- */

scim_json_t *scim_json_new_object(apr_pool_t *p)
{
    return own(p, json_object_new_object());
}

scim_json_t *scim_json_new_array(apr_pool_t *p)
{
    return own(p, json_object_new_array_ext(4));
}

scim_json_t *scim_json_new_string(apr_pool_t *p, const char *s)
{
    return own(p, json_object_new_string(s));
}

scim_json_t *scim_json_new_boolean(apr_pool_t *p, int yes)
{
    return own(p, json_object_new_boolean(yes));
}

scim_json_t *scim_json_copy(apr_pool_t *p, scim_json_t *o)
{
    struct json_object *copy = NULL;

    if (!o || json_object_deep_copy(in(o), &copy, NULL) != 0) {
        return NULL;
    }
    return own(p, copy);
}

void scim_json_set(scim_json_t *o, const char *name, scim_json_t *value)
{
    json_object_object_add(in(o), name, json_object_get(in(value)));
}

void scim_json_set_string(scim_json_t *o, const char *name, const char *s)
{
    json_object_object_add(in(o), name, json_object_new_string(s));
}

void scim_json_set_boolean(scim_json_t *o, const char *name, int yes)
{
    json_object_object_add(in(o), name, json_object_new_boolean(yes));
}

void scim_json_set_integer(scim_json_t *o, const char *name, apr_int64_t n)
{
    json_object_object_add(in(o), name, json_object_new_int64(n));
}

void scim_json_remove(scim_json_t *o, const char *name)
{
    json_object_object_del(in(o), name);
}

void scim_json_append(scim_json_t *array, scim_json_t *value)
{
    json_object_array_add(in(array), json_object_get(in(value)));
}

void scim_json_append_string(scim_json_t *array, const char *s)
{
    json_object_array_add(in(array), json_object_new_string(s));
}

void scim_json_put(scim_json_t *array, size_t index, scim_json_t *value)
{
    json_object_array_put_idx(in(array), index, json_object_get(in(value)));
}

/* ---- looking ---- */

scim_json_e scim_json_type(scim_json_t *v)
{
    switch (json_object_get_type(in(v))) {
    case json_type_boolean:
        return SCIM_JSON_BOOLEAN;
    case json_type_int:
        return SCIM_JSON_INTEGER;
    case json_type_double:
        return SCIM_JSON_DECIMAL;
    case json_type_string:
        return SCIM_JSON_STRING;
    case json_type_array:
        return SCIM_JSON_ARRAY;
    case json_type_object:
        return SCIM_JSON_OBJECT;
    default:
        return SCIM_JSON_NULL;
    }
}

int scim_json_is(scim_json_t *v, scim_json_e type)
{
    return scim_json_type(v) == type;
}

size_t scim_json_count(scim_json_t *v)
{
    switch (scim_json_type(v)) {
    case SCIM_JSON_ARRAY:
        return json_object_array_length(in(v));
    case SCIM_JSON_OBJECT:
        return (size_t)json_object_object_length(in(v));
    default:
        return 0;
    }
}

scim_json_t *scim_json_at(scim_json_t *array, size_t index)
{
    return scim_json_is(array, SCIM_JSON_ARRAY) ? out(json_object_array_get_idx(in(array), index)) : NULL;
}

const char *scim_json_string(scim_json_t *v)
{
    return json_object_get_string(in(v));
}

apr_size_t scim_json_string_length(scim_json_t *v)
{
    return (apr_size_t)json_object_get_string_len(in(v));
}

int scim_json_true(scim_json_t *v)
{
    return scim_json_is(v, SCIM_JSON_BOOLEAN) && json_object_get_boolean(in(v));
}

apr_int64_t scim_json_integer(scim_json_t *v)
{
    return json_object_get_int64(in(v));
}

int scim_json_find(scim_json_t *o, const char *name, scim_json_t **value)
{
    struct json_object *found = NULL;
    int there = json_object_object_get_ex(in(o), name, &found);

    if (value) {
        *value = out(found);
    }
    return there;
}

scim_json_t *scim_json_member(scim_json_t *o, const char *name)
{
    scim_json_t *value;

    return scim_json_find(o, name, &value) ? value : NULL;
}

scim_json_iter_t scim_json_iter(scim_json_t *o)
{
    scim_json_iter_t it = { NULL, NULL, scim_json_is(o, SCIM_JSON_OBJECT) ? lh_table_head(json_object_get_object(in(o))) : NULL };

    return it;
}

int scim_json_next(scim_json_iter_t *it)
{
    const struct lh_entry *entry = it->rest;

    if (!entry) {
        return 0;
    }
    it->name = lh_entry_k(entry);
    it->value = lh_entry_v(entry);
    it->rest = lh_entry_next(entry);
    return 1;
}

/* Most names are told apart by their first letter: 0x20 is what its two cases differ by. */
static int may_be(const char *a, const char *b)
{
    return (*a | 0x20) == (*b | 0x20);
}

scim_json_t *scim_json_get(scim_json_t *o, const char *name, const char **key)
{
    scim_json_iter_t it;

    for (it = scim_json_iter(o); scim_json_next(&it);) {
        if (may_be(it.name, name) && scim_ieq(it.name, name)) {
            if (key) {
                *key = it.name;
            }
            return it.value;
        }
    }
    return NULL;
}

const char *scim_json_str(scim_json_t *o, const char *name)
{
    scim_json_t *value = scim_json_get(o, name, NULL);

    return scim_json_is(value, SCIM_JSON_STRING) ? scim_json_string(value) : NULL;
}

int scim_json_names(scim_json_t *array, const char *s)
{
    size_t i, n = scim_json_is(array, SCIM_JSON_ARRAY) ? scim_json_count(array) : 0;

    for (i = 0; i < n; i++) {
        scim_json_t *element = scim_json_at(array, i);
        if (scim_json_is(element, SCIM_JSON_STRING) && scim_ieq(scim_json_string(element), s)) {
            return 1;
        }
    }
    return 0;
}

void scim_json_keep(scim_json_t *array, int (*keep)(void *baton, size_t index, scim_json_t *element), void *baton)
{
    size_t i, kept = 0, n = scim_json_count(array);

    for (i = 0; i < n; i++) {
        scim_json_t *element = scim_json_at(array, i);
        if (!keep(baton, i, element)) {
            continue;
        }
        if (kept != i) {
            scim_json_put(array, kept, element);
        }
        kept++;
    }
    if (kept < n) {
        json_object_array_del_idx(in(array), kept, n - kept);
    }
}

static int numbers_equal(scim_json_t *a, scim_json_t *b)
{
    if (scim_json_is(a, SCIM_JSON_INTEGER) && scim_json_is(b, SCIM_JSON_INTEGER)) {
        return scim_json_integer(a) == scim_json_integer(b);
    }
    return scim_decimal_compare(scim_json_string(a), scim_json_string(b)) == 0;
}

static int objects_equal(scim_json_t *a, scim_json_t *b)
{
    scim_json_iter_t it;
    scim_json_t *other;

    if (scim_json_count(a) != scim_json_count(b)) {
        return 0;
    }
    for (it = scim_json_iter(a); scim_json_next(&it);) {
        if (!scim_json_find(b, it.name, &other) || !scim_json_equal(it.value, other)) {
            return 0;
        }
    }
    return 1;
}

static int arrays_equal(scim_json_t *a, scim_json_t *b)
{
    size_t i, n = scim_json_count(a);

    if (n != scim_json_count(b)) {
        return 0;
    }
    for (i = 0; i < n; i++) {
        if (!scim_json_equal(scim_json_at(a, i), scim_json_at(b, i))) {
            return 0;
        }
    }
    return 1;
}

static int is_number(scim_json_e type)
{
    return type == SCIM_JSON_INTEGER || type == SCIM_JSON_DECIMAL;
}

int scim_json_equal(scim_json_t *a, scim_json_t *b)
{
    scim_json_e type = scim_json_type(a);

    if (a == b) {
        return 1;
    }
    if (is_number(type) && is_number(scim_json_type(b))) {
        return numbers_equal(a, b);
    }
    if (type != scim_json_type(b)) {
        return 0;
    }
    switch (type) {
    case SCIM_JSON_OBJECT:
        return objects_equal(a, b);
    case SCIM_JSON_ARRAY:
        return arrays_equal(a, b);
    case SCIM_JSON_BOOLEAN:
        return scim_json_true(a) == scim_json_true(b);
    case SCIM_JSON_STRING:
        return strcmp(scim_json_string(a), scim_json_string(b)) == 0;
    default:
        return 1;
    }
}

int scim_json_empty(scim_json_t *o)
{
    switch (scim_json_type(o)) {
    case SCIM_JSON_NULL:
        return 1;
    case SCIM_JSON_OBJECT:
        return scim_json_count(o) == 0;
    case SCIM_JSON_ARRAY:
        return scim_json_count(o) == 0;
    case SCIM_JSON_STRING:
        return scim_json_string_length(o) == 0;
    default:
        return 0;
    }
}
