#include "patch_named.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/json.h"
#include "../query/value_key.h"

/* The names that say the same parts, as a set of the keys of those parts: an element is looked for once in each set, however many names
 * there are. */
typedef struct set_t {
    const char *said; /* for each part of the attribute '1' when it is said; "" where the attribute is simple */
    apr_hash_t *keys;
} set_t;

typedef struct naming_t {
    scim_context_t *c;
    apr_pool_t *scratch;
    const scim_attribute_t *attr;
    apr_array_header_t *sets; /* of set_t */
} naming_t;

static const char *key_of(const naming_t *n, const scim_attribute_t *attr, scim_json_t *value)
{
    const char *key = scim_value_key(n->scratch, attr, value);

    n->c->steps -= key ? SCIM_STEPS_FOR(strlen(key)) : 1;
    return key;
}

/* The keys of the said parts in one text; NULL when one is missing, or does not fit its attribute: that equals nothing. */
static const char *joined_key(const naming_t *n, const char *said, scim_json_t *value)
{
    apr_array_header_t *keys;
    int i;

    if (!*said) {
        return key_of(n, n->attr, value);
    }
    keys = apr_array_make(n->scratch, 4, sizeof(const char *));
    for (i = 0; i < n->attr->nsubs; i++) {
        const char *key = said[i] == '1' ? key_of(n, &n->attr->subs[i], scim_json_get(value, n->attr->subs[i].name, NULL)) : "";
        if (!key) {
            return NULL;
        }
        APR_ARRAY_PUSH(keys, const char *) = apr_psprintf(n->scratch, "%lu:%s", (unsigned long)strlen(key), key);
    }
    return apr_array_pstrcat(n->scratch, keys, 0);
}

/* Does an object with this value (NULL: none) say the part? Only of what a client can know. `primary` does not distinguish what has a value:
 * it goes from one element to another as others are made primary (PA-21). */
static int says(const naming_t *n, const scim_attribute_t *sub, scim_json_t *named, scim_json_t *value)
{
    const scim_attribute_t *value_part = scim_attribute_value(n->attr);

    if (value_part && value && (sub == value_part || strcmp(sub->name, "primary") == 0)) {
        return sub == value_part;
    }
    return !sub->multi && sub->mutability != SCIM_READ_ONLY && !scim_attribute_secret(sub) &&
           !scim_json_empty(scim_json_get(named, sub->name, NULL));
}

/* What a name says: every part of it that is not empty, which must all agree. NULL: nothing. A plain value is that value. */
static const char *what_is_said(const naming_t *n, scim_json_t **named)
{
    const scim_attribute_t *attr = n->attr, *value = scim_attribute_value(attr);
    scim_json_t *named_value = scim_json_is(*named, SCIM_JSON_OBJECT) ? scim_json_get(*named, "value", NULL) : *named;
    char *said;
    int i, any = 0;

    if (attr->type != SCIM_COMPLEX) {
        *named = named_value;
        return "";
    }
    said = memset(apr_pcalloc(n->scratch, (apr_size_t)attr->nsubs + 1), '0', (apr_size_t)attr->nsubs);
    for (i = 0; i < attr->nsubs; i++) {
        int is_said = says(n, &attr->subs[i], *named, named_value);
        said[i] = is_said ? '1' : '0';
        any |= is_said;
    }
    if (any && *named == named_value) {
        scim_json_t *object = scim_json_new_object(n->scratch);
        scim_json_set(object, value->name, named_value);
        *named = object;
    }
    return any ? said : NULL;
}

static void add_name(const naming_t *n, scim_json_t *named)
{
    const char *said = what_is_said(n, &named), *key = said ? joined_key(n, said, named) : NULL;
    set_t *set = NULL;
    int i;

    if (!key) {
        return;
    }
    for (i = 0; i < n->sets->nelts && !set; i++) {
        set_t *at = &APR_ARRAY_IDX(n->sets, i, set_t);
        set = strcmp(at->said, said) == 0 ? at : NULL;
    }
    if (!set) {
        set = apr_array_push(n->sets);
        set->said = said;
        set->keys = scim_hash_make(n->scratch);
    }
    apr_hash_set(set->keys, key, APR_HASH_KEY_STRING, "");
}

static int is_left(void *baton, size_t index, scim_json_t *element)
{
    const naming_t *n = baton;
    int i;

    (void)index;
    for (i = 0; i < n->sets->nelts && n->c->steps >= 0; i++) {
        const set_t *set = &APR_ARRAY_IDX(n->sets, i, set_t);
        const char *key = joined_key(n, set->said, element);
        if (key && apr_hash_get(set->keys, key, APR_HASH_KEY_STRING)) {
            return 0;
        }
    }
    return 1;
}

scim_error_t *scim_patch_remove_named(scim_context_t *c, apr_pool_t *scratch, const scim_attribute_t *attr, scim_json_t *list,
                                      scim_json_t *names)
{
    naming_t n = { c, scratch, attr, apr_array_make(scratch, 2, sizeof(set_t)) };
    size_t i, count = scim_json_count(names);

    for (i = 0; i < count && c->steps >= 0; i++) {
        add_name(&n, scim_json_at(names, i));
    }
    scim_json_keep(list, is_left, &n);
    return scim_context_spend(c, (apr_int64_t)scim_json_count(list));
}
