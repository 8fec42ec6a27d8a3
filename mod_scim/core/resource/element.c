#include "element.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/json.h"
#include "../query/value_key.h"

static const char *part_key(apr_pool_t *p, const scim_attribute_t *attr, const char *name, scim_json_t *element)
{
    const scim_attribute_t *sub = scim_attribute_find(attr->subs, attr->nsubs, name, strlen(name));
    scim_json_t *part = sub ? scim_json_member(element, sub->name) : NULL;
    const char *key = part ? scim_value_key(p, sub, part) : NULL;

    return key ? key : "";
}

const char *scim_element_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element)
{
    const char *value;

    if (attr->type != SCIM_COMPLEX) {
        const char *key = scim_value_key(p, attr, element);
        return key ? key : scim_json_text(p, element, NULL);
    }
    value = scim_attribute_value(attr) ? part_key(p, attr, "value", element) : "";
    if (!*value) {
        return scim_json_text(p, element, NULL);
    }
    return attr->home == SCIM_HOME_MEMBERS ? value : apr_pstrcat(p, value, "\n", part_key(p, attr, "type", element), NULL);
}

/* ASCII folds as fast as it is read. */
static apr_size_t beyond_ascii(scim_json_t *value)
{
    const char *s = scim_json_is(value, SCIM_JSON_STRING) ? scim_json_string(value) : "";
    apr_size_t n = 0;

    for (; *s; s++) {
        n += (unsigned char)*s >= 0x80;
    }
    return n;
}

scim_error_t *scim_element_sent_key(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *element, const char **key)
{
    apr_size_t bytes = attr->type == SCIM_COMPLEX
                           ? beyond_ascii(scim_json_member(element, "value")) + beyond_ascii(scim_json_member(element, "type"))
                           : beyond_ascii(element);

    SCIM_TRY(scim_context_spend(c, SCIM_STEPS_TO_FOLD(bytes)));
    *key = scim_element_key(c->p, attr, element);
    return NULL;
}

void scim_element_merge(const scim_attribute_t *attr, scim_json_t *to, scim_json_t *from)
{
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        scim_json_t *part = scim_json_member(from, attr->subs[i].name);
        if (part) {
            scim_json_set(to, attr->subs[i].name, part);
        }
    }
}

int scim_element_primary(scim_json_t *element)
{
    return scim_json_is(element, SCIM_JSON_OBJECT) && scim_json_true(scim_json_member(element, "primary"));
}

/* ---- the same value before and after ---- */

static int is_kept(const scim_attribute_t *sub)
{
    return sub->mutability == SCIM_IMMUTABLE || sub->mutability == SCIM_WRITE_ONLY;
}

/* Have elements parts to compare, and a value to know them by? Members are rows: they come and go. */
static int has_kept_parts(const scim_attribute_t *attr)
{
    int i;

    for (i = 0; attr->home != SCIM_HOME_MEMBERS && scim_attribute_value(attr) && i < attr->nsubs; i++) {
        if (is_kept(&attr->subs[i])) {
            return 1;
        }
    }
    return 0;
}

/* key of value -> array of elements that have it */
static apr_hash_t *by_value(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *list)
{
    apr_hash_t *elements = scim_hash_make(p);
    size_t i, n = scim_json_count(list);

    for (i = 0; i < n; i++) {
        scim_json_t *element = scim_json_at(list, i);
        const char *key = part_key(p, attr, "value", element);
        apr_array_header_t *same = apr_hash_get(elements, key, APR_HASH_KEY_STRING);
        if (!*key) {
            continue;
        }
        if (!same) {
            same = apr_array_make(p, 1, sizeof(scim_json_t *));
            apr_hash_set(elements, key, APR_HASH_KEY_STRING, same);
        }
        APR_ARRAY_PUSH(same, scim_json_t *) = element;
    }
    return elements;
}

void scim_elements_keep(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *stored, scim_json_t *given)
{
    apr_hash_t *before;
    size_t i, n;
    int j;

    if (!stored || !given || !has_kept_parts(attr)) {
        return;
    }
    before = by_value(p, attr, stored);
    n = scim_json_count(given);
    for (i = 0; i < n; i++) {
        scim_json_t *element = scim_json_at(given, i);
        apr_array_header_t *same = apr_hash_get(before, part_key(p, attr, "value", element), APR_HASH_KEY_STRING);
        for (j = 0; same && j < attr->nsubs; j++) {
            scim_json_t *part = scim_json_member(APR_ARRAY_IDX(same, 0, scim_json_t *), attr->subs[j].name);
            if (part && is_kept(&attr->subs[j]) && !scim_json_member(element, attr->subs[j].name)) {
                scim_json_set(element, attr->subs[j].name, part);
            }
        }
    }
}

static const scim_attribute_t *changed_part(const scim_attribute_t *attr, scim_json_t *before, scim_json_t *after)
{
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        scim_json_t *part = scim_json_member(before, attr->subs[i].name);
        if (attr->subs[i].mutability == SCIM_IMMUTABLE && part && !scim_json_equal(part, scim_json_member(after, attr->subs[i].name))) {
            return &attr->subs[i];
        }
    }
    return NULL;
}

/* The value and the immutable parts of an element as one key. */
static const char *fixed_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element)
{
    const char *key = part_key(p, attr, "value", element);
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        scim_json_t *part = attr->subs[i].mutability == SCIM_IMMUTABLE ? scim_json_member(element, attr->subs[i].name) : NULL;
        if (part) {
            key = apr_pstrcat(p, key, "\n", attr->subs[i].name, "\n", scim_json_text(p, part, NULL), NULL);
        }
    }
    return key;
}

static const scim_attribute_t *changed_from_all(const scim_attribute_t *attr, const apr_array_header_t *stored, scim_json_t *element)
{
    const scim_attribute_t *changed = NULL;
    int i;

    for (i = 0; i < stored->nelts; i++) {
        changed = changed_part(attr, APR_ARRAY_IDX(stored, i, scim_json_t *), element);
        if (!changed) {
            return NULL;
        }
    }
    return changed;
}

const scim_attribute_t *scim_elements_changed(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *stored, scim_json_t *given)
{
    apr_hash_t *before, *unchanged;
    size_t i, n;

    if (!stored || !given || !has_kept_parts(attr)) {
        return NULL;
    }
    before = by_value(p, attr, stored);
    unchanged = scim_hash_make(p);
    for (i = 0, n = scim_json_count(stored); i < n; i++) {
        apr_hash_set(unchanged, fixed_key(p, attr, scim_json_at(stored, i)), APR_HASH_KEY_STRING, "");
    }
    for (i = 0, n = scim_json_count(given); i < n; i++) {
        scim_json_t *element = scim_json_at(given, i);
        apr_array_header_t *same = apr_hash_get(before, part_key(p, attr, "value", element), APR_HASH_KEY_STRING);
        /* Nearly all are as they were, and found at once. */
        const scim_attribute_t *changed = same && !apr_hash_get(unchanged, fixed_key(p, attr, element), APR_HASH_KEY_STRING)
                                              ? changed_from_all(attr, same, element) : NULL;
        if (changed) {
            return changed;
        }
    }
    return NULL;
}
