#include "element.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../query/value_key.h"

static struct json_object *part_of(struct json_object *element, const char *name)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(element, name, &value);
    return value;
}

static const char *part_key(apr_pool_t *p, const scim_attribute_t *attr, const char *name, struct json_object *element)
{
    const scim_attribute_t *sub = scim_attribute_find(attr->subs, attr->nsubs, name, strlen(name));
    struct json_object *part = sub ? part_of(element, sub->name) : NULL;
    const char *key = part ? scim_value_key(p, sub, part) : NULL;

    return key ? key : "";
}

const char *scim_element_key(apr_pool_t *p, const scim_attribute_t *attr, struct json_object *element)
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

void scim_element_merge(const scim_attribute_t *attr, struct json_object *to, struct json_object *from)
{
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        struct json_object *part = part_of(from, attr->subs[i].name);
        if (part) {
            json_object_object_add(to, attr->subs[i].name, json_object_get(part));
        }
    }
}

int scim_element_primary(struct json_object *element)
{
    return json_object_is_type(element, json_type_object) && json_object_get_boolean(part_of(element, "primary"));
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
static apr_hash_t *by_value(apr_pool_t *p, const scim_attribute_t *attr, struct json_object *list)
{
    apr_hash_t *elements = apr_hash_make(p);
    size_t i, n = json_object_array_length(list);

    for (i = 0; i < n; i++) {
        struct json_object *element = json_object_array_get_idx(list, i);
        const char *key = part_key(p, attr, "value", element);
        apr_array_header_t *same = apr_hash_get(elements, key, APR_HASH_KEY_STRING);
        if (!*key) {
            continue;
        }
        if (!same) {
            same = apr_array_make(p, 1, sizeof(struct json_object *));
            apr_hash_set(elements, key, APR_HASH_KEY_STRING, same);
        }
        APR_ARRAY_PUSH(same, struct json_object *) = element;
    }
    return elements;
}

void scim_elements_keep(apr_pool_t *p, const scim_attribute_t *attr, struct json_object *stored, struct json_object *given)
{
    apr_hash_t *before;
    size_t i, n;
    int j;

    if (!stored || !given || !has_kept_parts(attr)) {
        return;
    }
    before = by_value(p, attr, stored);
    n = json_object_array_length(given);
    for (i = 0; i < n; i++) {
        struct json_object *element = json_object_array_get_idx(given, i);
        apr_array_header_t *same = apr_hash_get(before, part_key(p, attr, "value", element), APR_HASH_KEY_STRING);
        for (j = 0; same && j < attr->nsubs; j++) {
            struct json_object *part = part_of(APR_ARRAY_IDX(same, 0, struct json_object *), attr->subs[j].name);
            if (part && is_kept(&attr->subs[j]) && !part_of(element, attr->subs[j].name)) {
                json_object_object_add(element, attr->subs[j].name, json_object_get(part));
            }
        }
    }
}

static const scim_attribute_t *changed_part(const scim_attribute_t *attr, struct json_object *before, struct json_object *after)
{
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        struct json_object *part = part_of(before, attr->subs[i].name);
        if (attr->subs[i].mutability == SCIM_IMMUTABLE && part && !scim_json_equal(part, part_of(after, attr->subs[i].name))) {
            return &attr->subs[i];
        }
    }
    return NULL;
}

/* The value and the immutable parts of an element as one key. */
static const char *fixed_key(apr_pool_t *p, const scim_attribute_t *attr, struct json_object *element)
{
    const char *key = part_key(p, attr, "value", element);
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        struct json_object *part = attr->subs[i].mutability == SCIM_IMMUTABLE ? part_of(element, attr->subs[i].name) : NULL;
        if (part) {
            key = apr_pstrcat(p, key, "\n", attr->subs[i].name, "\n", scim_json_text(p, part, NULL), NULL);
        }
    }
    return key;
}

static const scim_attribute_t *changed_from_all(const scim_attribute_t *attr, const apr_array_header_t *stored, struct json_object *element)
{
    const scim_attribute_t *changed = NULL;
    int i;

    for (i = 0; i < stored->nelts; i++) {
        changed = changed_part(attr, APR_ARRAY_IDX(stored, i, struct json_object *), element);
        if (!changed) {
            return NULL;
        }
    }
    return changed;
}

const scim_attribute_t *scim_elements_changed(apr_pool_t *p, const scim_attribute_t *attr, struct json_object *stored, struct json_object *given)
{
    apr_hash_t *before, *unchanged;
    size_t i, n;

    if (!stored || !given || !has_kept_parts(attr)) {
        return NULL;
    }
    before = by_value(p, attr, stored);
    unchanged = apr_hash_make(p);
    for (i = 0, n = json_object_array_length(stored); i < n; i++) {
        apr_hash_set(unchanged, fixed_key(p, attr, json_object_array_get_idx(stored, i)), APR_HASH_KEY_STRING, "");
    }
    for (i = 0, n = json_object_array_length(given); i < n; i++) {
        struct json_object *element = json_object_array_get_idx(given, i);
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
