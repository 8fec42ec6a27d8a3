#include "patch_target.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"
#include "../query/filter_eval.h"
#include "../query/value_key.h"
#include "../resource/element.h"
#include "../resource/value.h"
#include "patch_named.h"

typedef struct applying_t {
    scim_context_t *c;
    apr_pool_t *scratch; /* comparison keys; goes when the operation is done, so that many operations cost no memory */
    const scim_patch_op_t *op;
    apr_hash_t *touched; /* elements that the operation added or changed, by address */
} applying_t;

static struct json_object *part_of(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(object, name, &value);
    return value;
}

static void touch(const applying_t *a, struct json_object *element)
{
    struct json_object **key = apr_pmemdup(a->scratch, &element, sizeof(element));

    apr_hash_set(a->touched, key, sizeof(*key), element);
}

static scim_error_t *refuse_unassign(const applying_t *a, const scim_attribute_t *attr)
{
    if (attr->required && a->op->kind == SCIM_PATCH_REMOVE) {
        return scim_error(a->c->p, SCIM_E_MUTABILITY, "%s is required and cannot be removed", attr->name);
    }
    if (attr->required) {
        return scim_error(a->c->p, SCIM_E_INVALID_VALUE, "%s is required and cannot be empty", attr->name);
    }
    return NULL;
}

static scim_error_t *unassign(const applying_t *a, struct json_object *object, const scim_attribute_t *attr)
{
    SCIM_TRY(refuse_unassign(a, attr));
    json_object_object_del(object, attr->name);
    return NULL;
}

/* PA-41: what is set stays; the same value again is no change. */
static scim_error_t *check_immutable(const applying_t *a, const scim_attribute_t *attr, struct json_object *before, struct json_object *after)
{
    if (attr->mutability != SCIM_IMMUTABLE || !before || scim_json_equal(before, after)) {
        return NULL;
    }
    return scim_error(a->c->p, SCIM_E_MUTABILITY, "%s cannot be changed once it is set", attr->name);
}

/* What check_immutable compares with later. */
static struct json_object *keep_immutable(const applying_t *a, const scim_attribute_t *attr, struct json_object *value)
{
    if (attr->mutability != SCIM_IMMUTABLE) {
        return NULL;
    }
    a->c->steps -= json_object_is_type(value, json_type_array) ? (apr_int64_t)json_object_array_length(value) : 1;
    return scim_json_copy(a->scratch, value);
}

/* ---- elements of multi-valued attributes ---- */

/* What the element is known by (scim_element_key). */
static const char *element_key(const applying_t *a, const scim_attribute_t *attr, struct json_object *element)
{
    const char *key = scim_element_key(a->scratch, attr, element);

    a->c->steps -= SCIM_STEPS_FOR(strlen(key));
    return key;
}

/* Takes over the parts of `from`. */
static scim_error_t *merge_element(const applying_t *a, const scim_attribute_t *attr, struct json_object *to, struct json_object *from)
{
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        struct json_object *part = part_of(from, attr->subs[i].name);
        if (part) {
            SCIM_TRY(check_immutable(a, &attr->subs[i], part_of(to, attr->subs[i].name), part));
        }
    }
    scim_element_merge(attr, to, from);
    touch(a, to);
    return NULL;
}

/* add to a multi-valued attribute: appends what is not there yet (PA-19, PA-20). */
static scim_error_t *append(const applying_t *a, struct json_object *object, const scim_attribute_t *attr, struct json_object *values)
{
    struct json_object *list = part_of(object, attr->name);
    size_t i, have = list ? json_object_array_length(list) : 0, n = values ? json_object_array_length(values) : 0;
    apr_hash_t *there = apr_hash_make(a->scratch);

    if (!list && n) {
        list = json_object_new_array();
        json_object_object_add(object, attr->name, list);
    }
    for (i = 0; i < have; i++) {
        struct json_object *element = json_object_array_get_idx(list, i);
        SCIM_TRY(scim_context_spend(a->c, 1));
        apr_hash_set(there, element_key(a, attr, element), APR_HASH_KEY_STRING, element);
    }
    for (i = 0; i < n; i++) {
        struct json_object *element = json_object_array_get_idx(values, i);
        const char *key = element_key(a, attr, element);
        struct json_object *same = apr_hash_get(there, key, APR_HASH_KEY_STRING);
        if (!same) {
            element = scim_json_copy(a->c->p, element);
            json_object_array_add(list, json_object_get(element));
            apr_hash_set(there, key, APR_HASH_KEY_STRING, element);
            touch(a, element);
        }
        else if (attr->type == SCIM_COMPLEX && attr->home != SCIM_HOME_MEMBERS) {
            SCIM_TRY(merge_element(a, attr, same, element));
        }
    }
    return NULL;
}

/* ---- one attribute of one object ---- */

/* The operation on attr of object, where attr is singular or a whole list. */
static scim_error_t *apply_attribute(const applying_t *a, struct json_object *object, const scim_attribute_t *attr)
{
    const scim_patch_op_t *op = a->op;
    struct json_object *before = part_of(object, attr->name);
    struct json_object *kept = keep_immutable(a, attr, before);

    if (op->kind == SCIM_PATCH_REMOVE && attr->multi && op->value) {
        SCIM_TRY(before ? scim_patch_remove_named(a->c, a->scratch, attr, before, op->value) : NULL);
    }
    else if (op->kind == SCIM_PATCH_REMOVE || (op->kind == SCIM_PATCH_REPLACE && !op->value)) {
        SCIM_TRY(unassign(a, object, attr));
    }
    else if (op->kind == SCIM_PATCH_ADD && attr->multi) {
        SCIM_TRY(append(a, object, attr, op->value));
    }
    else if (op->value) {
        json_object_object_add(object, attr->name, json_object_get(scim_json_copy(a->c->p, op->value)));
    }
    return check_immutable(a, attr, kept, part_of(object, attr->name));
}

static scim_error_t *apply_part(const applying_t *a, struct json_object *element, const scim_attribute_t *sub)
{
    touch(a, element);
    return apply_attribute(a, element, sub);
}

static scim_error_t *no_target(const applying_t *a)
{
    return scim_error(a->c->p, SCIM_E_NO_TARGET, "\"%.200s\" selects nothing; add the value first", a->op->path->text);
}

/* attr.sub without a filter: the part of the singular value, or of every element (PA-36). */
static scim_error_t *apply_sub(const applying_t *a, struct json_object *object)
{
    const scim_attribute_t *attr = a->op->path->target.attr, *sub = a->op->path->target.sub;
    struct json_object *value = part_of(object, attr->name);
    size_t i, n;

    if (!attr->multi) {
        if (!value && (a->op->kind == SCIM_PATCH_REMOVE || !a->op->value)) {
            return NULL;
        }
        if (!value) {
            value = json_object_new_object();
            json_object_object_add(object, attr->name, value);
        }
        return apply_part(a, value, sub);
    }
    n = value ? json_object_array_length(value) : 0;
    if (n == 0) {
        return a->op->kind == SCIM_PATCH_REMOVE ? NULL : no_target(a);
    }
    SCIM_TRY(scim_context_spend(a->c, (apr_int64_t)n));
    for (i = 0; i < n; i++) {
        SCIM_TRY(apply_part(a, json_object_array_get_idx(value, i), sub));
    }
    return NULL;
}

/* ---- value paths ---- */

static struct json_object *literal_json(const scim_filter_t *pair)
{
    switch (pair->value.kind) {
    case SCIM_LIT_BOOLEAN:
        return json_object_new_boolean(pair->value.boolean);
    case SCIM_LIT_NUMBER:
        return json_tokener_parse(pair->value.text);
    default:
        return json_object_new_string(pair->value.text);
    }
}

/* The value that the filter's pairs ask for, checked and brought into form as if a client had written it. */
static scim_error_t *read_pairs(const applying_t *a, struct json_object **element)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    apr_array_header_t *pairs = apr_array_make(a->c->p, 2, sizeof(const scim_filter_t *));
    int i;

    if (!(a->op->flags & SCIM_OP_CREATE) || attr->type != SCIM_COMPLEX || !scim_filter_pairs(a->op->path->filter, pairs)) {
        return no_target(a);
    }
    *element = scim_json_own(a->c->p, json_object_new_object());
    for (i = 0; i < pairs->nelts; i++) {
        const scim_filter_t *pair = APR_ARRAY_IDX(pairs, i, const scim_filter_t *);
        struct json_object *literal = literal_json(pair);
        if (pair->attr->multi) {
            struct json_object *list = json_object_new_array();
            json_object_array_add(list, literal);
            literal = list;
        }
        json_object_object_add(*element, pair->attr->name, literal);
    }
    return scim_element_read(a->c, attr, *element, a->op->path->text, element);
}

static scim_error_t *check_selected(const applying_t *a, struct json_object *element)
{
    if (element && scim_filter_match_element(a->scratch, a->op->path->filter, element, NULL)) {
        return NULL;
    }
    return scim_error(a->c->p, SCIM_E_NO_TARGET, "\"%.200s\" selects nothing, and a value made from it would not be selected either",
                      a->op->path->text);
}

/* A missing element, made from the filter's pairs plus the operation's value (PA-23, P12). It has to be one that the filter selects: not so
 * where terms contradict each other, or ask for what is readOnly or empty, or where an added value contradicts them. A replace may set the
 * very part that the filter names (P14). */
static scim_error_t *create_element(const applying_t *a, struct json_object *object)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    struct json_object *element = NULL, *list;

    SCIM_TRY(read_pairs(a, &element));
    if (!a->op->value) {
        return NULL;
    }
    SCIM_TRY(check_selected(a, element));
    if (a->op->path->target.sub) {
        SCIM_TRY(apply_attribute(a, element, a->op->path->target.sub));
    }
    else {
        SCIM_TRY(merge_element(a, attr, element, a->op->value));
    }
    if (a->op->kind == SCIM_PATCH_ADD || !a->op->path->target.sub) {
        SCIM_TRY(check_selected(a, element));
    }
    touch(a, element);
    if (!attr->multi) {
        json_object_object_add(object, attr->name, json_object_get(element));
        return NULL;
    }
    list = part_of(object, attr->name);
    if (!list) {
        list = json_object_new_array();
        json_object_object_add(object, attr->name, list);
    }
    json_object_array_add(list, json_object_get(element));
    return NULL;
}

/* A whole element in the place of another: the immutable parts stay what they are. */
static scim_error_t *replace_element(const applying_t *a, struct json_object *list, size_t i)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    struct json_object *element = json_object_array_get_idx(list, i), *copy = scim_json_copy(a->c->p, a->op->value);
    int k;

    for (k = 0; attr->type == SCIM_COMPLEX && k < attr->nsubs; k++) {
        const scim_attribute_t *sub = &attr->subs[k];
        struct json_object *before = part_of(element, sub->name), *after = part_of(copy, sub->name);
        if (before && !after && (sub->mutability == SCIM_IMMUTABLE || sub->mutability == SCIM_WRITE_ONLY)) {
            json_object_object_add(copy, sub->name, json_object_get(before));
        }
        else {
            SCIM_TRY(check_immutable(a, sub, before, after));
        }
    }
    json_object_array_put_idx(list, i, json_object_get(copy));
    touch(a, copy);
    return NULL;
}

/* The operation on element i of list, which matches the filter. One that goes leaves a gap, which settle closes. */
static scim_error_t *apply_match(const applying_t *a, struct json_object *list, size_t i)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    struct json_object *element = json_object_array_get_idx(list, i);

    if (a->op->path->target.sub) {
        return apply_part(a, element, a->op->path->target.sub);
    }
    switch (a->op->kind) {
    case SCIM_PATCH_REMOVE:
        json_object_array_put_idx(list, i, NULL);
        return NULL;
    case SCIM_PATCH_ADD:
        return a->op->value && attr->type == SCIM_COMPLEX ? merge_element(a, attr, element, a->op->value) : NULL;
    default:
        if (!a->op->value) {
            json_object_array_put_idx(list, i, NULL);
            return NULL;
        }
        return replace_element(a, list, i);
    }
}

/* attr[filter] on a singular attribute: its value is the one element (P42). */
static scim_error_t *apply_singular_match(const applying_t *a, struct json_object *object)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    struct json_object *value = part_of(object, attr->name);
    apr_int64_t steps = 1;
    int matches;

    if (!value) {
        return a->op->kind == SCIM_PATCH_REMOVE ? NULL : create_element(a, object);
    }
    matches = scim_filter_match_element(a->scratch, a->op->path->filter, value, &steps);
    SCIM_TRY(scim_context_spend(a->c, steps));
    if (!matches) {
        return a->op->kind == SCIM_PATCH_REMOVE ? NULL : no_target(a);
    }
    if (a->op->path->target.sub) {
        return apply_part(a, value, a->op->path->target.sub);
    }
    if (a->op->kind != SCIM_PATCH_REMOVE && a->op->value && attr->type == SCIM_COMPLEX) {
        return merge_element(a, attr, value, a->op->value);
    }
    return apply_attribute(a, object, attr);
}

static scim_error_t *apply_filtered(const applying_t *a, struct json_object *object)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    struct json_object *list = part_of(object, attr->name);
    size_t i = list && attr->multi ? json_object_array_length(list) : 0;
    int matched = 0;

    if (!attr->multi) {
        return apply_singular_match(a, object);
    }
    while (i-- > 0) {
        apr_int64_t steps = 1;
        int matches = scim_filter_match_element(a->scratch, a->op->path->filter, json_object_array_get_idx(list, i), &steps);
        SCIM_TRY(scim_context_spend(a->c, steps));
        if (matches) {
            matched = 1;
            SCIM_TRY(apply_match(a, list, i));
        }
    }
    return matched || a->op->kind == SCIM_PATCH_REMOVE ? NULL : create_element(a, object);
}

/* ---- afterwards ---- */

/* Nothing left that tells a value: only type, primary or display (P31). */
static int is_bare(struct json_object *element)
{
    json_object_object_foreach(element, name, value)
    {
        (void)value;
        if (strcmp(name, "type") != 0 && strcmp(name, "primary") != 0 && strcmp(name, "display") != 0) {
            return 0;
        }
    }
    return 1;
}

static int is_touched(const applying_t *a, struct json_object *element)
{
    return apr_hash_get(a->touched, &element, sizeof(element)) != NULL;
}


static int is_worth(void *baton, size_t index, struct json_object *element)
{
    const applying_t *a = baton;

    (void)index;
    return !scim_json_empty(element) && !((a->op->flags & SCIM_OP_DROP_BARE) && json_object_is_type(element, json_type_object) &&
                                          is_touched(a, element) && is_bare(element));
}

/* A value made primary demotes the others (PA-21). */
static scim_error_t *settle_primary(const applying_t *a, struct json_object *list)
{
    size_t i, n = json_object_array_length(list);
    struct json_object *chosen = NULL;
    int all = 0;

    for (i = 0; i < n; i++) {
        struct json_object *element = json_object_array_get_idx(list, i);
        if (!scim_element_primary(element)) {
            continue;
        }
        all++;
        if (!is_touched(a, element)) {
            continue;
        }
        if (chosen && !scim_tolerates(a->c, value, SCIM_VALUE_LAST_PRIMARY)) {
            return scim_error(a->c->p, SCIM_E_INVALID_VALUE, "%s would have more than one primary value", a->op->path->target.attr->name);
        }
        chosen = element;
    }
    for (i = 0; all > 1 && chosen && i < n; i++) {
        struct json_object *element = json_object_array_get_idx(list, i);
        if (element != chosen && scim_element_primary(element)) {
            json_object_object_add(element, "primary", json_object_new_boolean(0));
        }
    }
    return NULL;
}

static scim_error_t *settle(const applying_t *a, struct json_object *object)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    struct json_object *value = part_of(object, attr->name);

    if (json_object_is_type(value, json_type_array)) {
        SCIM_TRY(scim_context_spend(a->c, (apr_int64_t)json_object_array_length(value)));
        scim_json_keep(value, is_worth, (void *)a);
        SCIM_TRY(settle_primary(a, value));
        if (json_object_array_length(value) > SCIM_MOST_ELEMENTS && attr->home != SCIM_HOME_MEMBERS) {
            return scim_error(a->c->p, SCIM_E_INVALID_VALUE, "%s would have more than %d values", attr->name, SCIM_MOST_ELEMENTS);
        }
    }
    if (value && scim_json_empty(value)) {
        SCIM_TRY(refuse_unassign(a, attr));
        json_object_object_del(object, attr->name);
    }
    return NULL;
}

static scim_error_t *apply(const applying_t *a, struct json_object *object)
{
    if (a->op->path->filter) {
        SCIM_TRY(apply_filtered(a, object));
    }
    else if (a->op->path->target.sub) {
        SCIM_TRY(apply_sub(a, object));
    }
    else {
        SCIM_TRY(apply_attribute(a, object, a->op->path->target.attr));
    }
    return settle(a, object);
}

/* The object that holds the attribute: the document or an extension's container, which add and replace create. */
static struct json_object *holder(const scim_resource_type_t *type, const scim_patch_op_t *op, struct json_object *doc)
{
    const scim_schema_t *schema = op->path->target.attr->schema;
    struct json_object *object;

    if (!scim_is_extension(type, schema)) {
        return doc;
    }
    object = part_of(doc, schema->id);
    if (!object && op->kind != SCIM_PATCH_REMOVE) {
        object = json_object_new_object();
        json_object_object_add(doc, schema->id, object);
    }
    return object;
}

scim_error_t *scim_patch_target(scim_context_t *c, const scim_patch_op_t *op, struct json_object *doc)
{
    applying_t a = { c, NULL, op, NULL };
    const scim_attribute_t *attr = op->path->target.attr;
    struct json_object *object = holder(c->type, op, doc), *kept;
    scim_error_t *err;

    if (!object) {
        return NULL;
    }
    apr_pool_create(&a.scratch, c->p);
    a.touched = apr_hash_make(a.scratch);
    kept = keep_immutable(&a, attr, part_of(object, attr->name));
    err = apply(&a, object);
    if (!err) {
        err = check_immutable(&a, attr, kept, part_of(object, attr->name));
    }
    if (object != doc && json_object_object_length(object) == 0) {
        json_object_object_del(doc, attr->schema->id);
    }
    apr_pool_destroy(a.scratch);
    return err;
}
