#include "filter_eval.h"

#include <string.h>

#include "../base/decimal.h"
#include "../base/json.h"
#include "../schema/context.h"
#include "reference.h"
#include "value_key.h"

static int compare(scim_type_e type, const char *a, const char *b)
{
    return type == SCIM_INTEGER || type == SCIM_DECIMAL ? scim_decimal_compare(a, b) : strcmp(a, b);
}

static int same(const scim_attribute_t *attr, const char *a, const char *b)
{
    return scim_reference_own(attr) ? scim_reference_same(a, b) : compare(attr->type, a, b) == 0;
}

static int ends_with(const char *s, const char *tail)
{
    size_t n = strlen(s), m = strlen(tail);

    return n >= m && strcmp(s + n - m, tail) == 0;
}

/* A run of the evaluator over one resource or element. Filters often compare the same value again and again: its keys are remembered. */
#define REMEMBERED 4
typedef struct run_t {
    apr_pool_t *p;
    apr_int64_t steps;
    struct {
        const scim_attribute_t *attr;
        scim_json_t *value;
        const char *key;
    } keys[REMEMBERED];
    unsigned next;
} run_t;

static const char *key_of(run_t *r, const scim_attribute_t *attr, scim_json_t *value)
{
    unsigned i;

    for (i = 0; i < REMEMBERED; i++) {
        if (r->keys[i].value == value && r->keys[i].attr == attr) {
            return r->keys[i].key;
        }
    }
    i = r->next++ % REMEMBERED;
    r->keys[i].attr = attr;
    r->keys[i].value = value;
    r->keys[i].key = scim_value_filter_key(r->p, attr, value);
    r->steps += r->keys[i].key ? SCIM_STEPS_FOR(strlen(r->keys[i].key)) : 0;
    return r->keys[i].key;
}

/* Does a value with this key satisfy the comparison? */
static int test_key(const scim_filter_t *f, const char *key)
{
    const char *operand = f->value.key;

    switch (f->op) {
    case SCIM_F_EQ:
        return same(f->attr, key, operand);
    case SCIM_F_NE:
        return !same(f->attr, key, operand);
    case SCIM_F_CO:
        return strstr(key, operand) != NULL;
    case SCIM_F_SW:
        return strncmp(key, operand, strlen(operand)) == 0;
    case SCIM_F_EW:
        return ends_with(key, operand);
    case SCIM_F_GT:
        return compare(f->attr->type, key, operand) > 0;
    case SCIM_F_GE:
        return compare(f->attr->type, key, operand) >= 0;
    case SCIM_F_LT:
        return compare(f->attr->type, key, operand) < 0;
    case SCIM_F_LE:
        return compare(f->attr->type, key, operand) <= 0;
    default:
        return 0;
    }
}

/* One value against the operand; false when the value does not fit the attribute. */
static int test_value(run_t *r, const scim_filter_t *f, scim_json_t *value)
{
    const char *key = key_of(r, f->attr, value);

    if (key && (f->op == SCIM_F_CO || f->op == SCIM_F_EW)) {
        r->steps += SCIM_STEPS_FOR(strlen(key));
    }
    return key && test_key(f, key);
}

/* What a walk over the values of an attribute has seen. */
typedef struct seen_t {
    int values; /* assigned values */
    int hits;   /* values that satisfy the test */
} seen_t;

static void see(run_t *r, const scim_filter_t *f, scim_json_t *value, seen_t *seen)
{
    if (scim_json_is(value, SCIM_JSON_ARRAY)) {
        size_t i, n = scim_json_count(value);
        for (i = 0; i < n; i++) {
            see(r, f, scim_json_at(value, i), seen);
        }
        return;
    }
    if (scim_json_empty(value)) {
        return;
    }
    r->steps++;
    seen->values++;
    seen->hits += test_value(r, f, value);
}

/* `ne` also holds where there is no value at all (F-24); any value may satisfy a test (F-25). */
static int verdict(const scim_filter_t *f, const seen_t *seen)
{
    if (f->op == SCIM_F_PR) {
        return seen->values > 0;
    }
    return seen->hits > 0 || (f->op == SCIM_F_NE && seen->values == 0);
}

/* The part f->attr of an element, which may be a plain value itself. */
static void see_part(run_t *r, const scim_filter_t *f, scim_json_t *element, seen_t *seen)
{
    scim_json_t *part = scim_json_is(element, SCIM_JSON_OBJECT) ? scim_json_member(element, f->attr->name) : element;

    if (scim_json_empty(part) && scim_filter_asks_primary(f)) {
        seen->values++;
        seen->hits += test_key(f, "false");
        return;
    }
    see(r, f, part, seen);
}

static scim_json_t *top_value(const scim_resource_type_t *type, const scim_attribute_t *attr, scim_json_t *resource)
{
    const scim_attribute_t *top = attr->parent ? attr->parent : attr;

    if (scim_is_extension(type, top->schema)) {
        resource = scim_json_member(resource, top->schema->id);
    }
    return scim_json_member(resource, top->name);
}

/* Calls see for the part f->attr of every element of value. */
static void see_parts(run_t *r, const scim_filter_t *f, scim_json_t *value, seen_t *seen)
{
    if (scim_json_is(value, SCIM_JSON_ARRAY)) {
        size_t i, n = scim_json_count(value);
        for (i = 0; i < n; i++) {
            see_part(r, f, scim_json_at(value, i), seen);
        }
        return;
    }
    see(r, f, scim_json_member(value, f->attr->name), seen);
}

static int match_element(run_t *r, const scim_filter_t *f, scim_json_t *element);

static int match_value_path(run_t *r, const scim_filter_t *inner, scim_json_t *value)
{
    size_t i, n;

    if (!scim_json_is(value, SCIM_JSON_ARRAY)) {
        return value && match_element(r, inner, value);
    }
    n = scim_json_count(value);
    for (i = 0; i < n; i++) {
        if (match_element(r, inner, scim_json_at(value, i))) {
            return 1;
        }
    }
    return 0;
}

static int match(run_t *r, const scim_resource_type_t *type, const scim_filter_t *f, scim_json_t *resource)
{
    scim_json_t *value;
    seen_t seen = { 0, 0 };

    switch (f->op) {
    case SCIM_F_ALL:
    case SCIM_F_NONE:
        return f->op == SCIM_F_ALL;
    case SCIM_F_AND:
        return match(r, type, f->left, resource) && match(r, type, f->right, resource);
    case SCIM_F_OR:
        return match(r, type, f->left, resource) || match(r, type, f->right, resource);
    case SCIM_F_NOT:
        return !match(r, type, f->left, resource);
    default:
        break;
    }
    if (!f->attr) {
        return !scim_json_empty(scim_json_member(resource, f->extension->id));
    }
    value = top_value(type, f->attr, resource);
    if (f->op == SCIM_F_VALUE_PATH) {
        return match_value_path(r, f->left, value);
    }
    if (f->attr->parent) {
        see_parts(r, f, value, &seen);
    }
    else {
        see(r, f, value, &seen);
    }
    return verdict(f, &seen);
}

static int match_element(run_t *r, const scim_filter_t *f, scim_json_t *element)
{
    seen_t seen = { 0, 0 };

    switch (f->op) {
    case SCIM_F_AND:
        return match_element(r, f->left, element) && match_element(r, f->right, element);
    case SCIM_F_OR:
        return match_element(r, f->left, element) || match_element(r, f->right, element);
    case SCIM_F_NOT:
        return !match_element(r, f->left, element);
    default:
        break;
    }
    see_part(r, f, element, &seen);
    return verdict(f, &seen);
}

int scim_filter_match(apr_pool_t *p, const scim_resource_type_t *type, const scim_filter_t *filter, scim_json_t *resource)
{
    run_t r = { .p = p };

    return match(&r, type, filter, resource);
}

int scim_filter_match_element(apr_pool_t *p, const scim_filter_t *inner, scim_json_t *element, apr_int64_t *steps)
{
    run_t r = { .p = p };
    int matches = match_element(&r, inner, element);

    if (steps) {
        *steps += r.steps;
    }
    return matches;
}
