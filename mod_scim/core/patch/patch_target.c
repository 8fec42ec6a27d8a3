#include "patch_target.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/json.h"
#include "../base/text.h"
#include "../query/filter_eval.h"
#include "../query/value_key.h"
#include "../resource/counterpart.h"
#include "../resource/element.h"
#include "../resource/value.h"
#include "patch_named.h"

typedef struct applying_t {
    scim_context_t *c;
    apr_pool_t *scratch; /* comparison keys; goes when the operation is done, so that many operations cost no memory */
    const scim_patch_op_t *op;
    apr_hash_t *touched; /* elements that the operation added or changed, by address */
} applying_t;

static void touch(const applying_t *a, scim_json_t *element)
{
    scim_json_t **key = apr_pmemdup(a->scratch, &element, sizeof(element));

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

static scim_error_t *unassign(const applying_t *a, scim_json_t *object, const scim_attribute_t *attr)
{
    SCIM_TRY(refuse_unassign(a, attr));
    scim_json_remove(object, attr->name);
    return NULL;
}

/* PA-41: what is set stays; the same value again is no change. */
static scim_error_t *check_immutable(const applying_t *a, const scim_attribute_t *attr, scim_json_t *before, scim_json_t *after)
{
    if (attr->mutability != SCIM_IMMUTABLE || !before || scim_json_equal(before, after)) {
        return NULL;
    }
    return scim_error(a->c->p, SCIM_E_MUTABILITY, "%s cannot be changed once it is set", attr->name);
}

/* What check_immutable compares with later. */
static scim_json_t *keep_immutable(const applying_t *a, const scim_attribute_t *attr, scim_json_t *value)
{
    if (attr->mutability != SCIM_IMMUTABLE) {
        return NULL;
    }
    a->c->steps -= scim_json_is(value, SCIM_JSON_ARRAY) ? (apr_int64_t)scim_json_count(value) : 1;
    return scim_json_copy(a->scratch, value);
}

/* ---- elements of multi-valued attributes ---- */

/* What the element is known by (scim_element_key). */
static const char *element_key(const applying_t *a, const scim_attribute_t *attr, scim_json_t *element)
{
    const char *key = scim_element_key(a->scratch, attr, element);

    a->c->steps -= SCIM_STEPS_FOR(strlen(key));
    return key;
}

/* Takes over the parts of `from`. */
static scim_error_t *merge_element(const applying_t *a, const scim_attribute_t *attr, scim_json_t *to, scim_json_t *from)
{
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        scim_json_t *part = scim_json_member(from, attr->subs[i].name);
        if (part) {
            SCIM_TRY(check_immutable(a, &attr->subs[i], scim_json_member(to, attr->subs[i].name), part));
        }
    }
    scim_element_merge(attr, to, from);
    touch(a, to);
    return NULL;
}

/* Are the two values of the part one by its own rules, though perhaps in other letters? */
static int is_same_part(const applying_t *a, const scim_attribute_t *sub, scim_json_t *given, scim_json_t *there)
{
    const char *x = scim_value_key(a->scratch, sub, given), *y = x ? scim_value_key(a->scratch, sub, there) : NULL;

    a->c->steps -= y ? SCIM_STEPS_FOR(strlen(x) + strlen(y)) : 1;
    return y ? strcmp(x, y) == 0 : scim_json_equal(given, there);
}

/* Takes over what of an added element is not there yet. */
static scim_error_t *merge_news(const applying_t *a, const scim_attribute_t *attr, scim_json_t *there, scim_json_t *given)
{
    scim_json_t *news = scim_json_new_object(a->scratch);
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        const scim_attribute_t *sub = &attr->subs[i];
        scim_json_t *part = scim_json_member(given, sub->name);
        if (part && !is_same_part(a, sub, part, scim_json_member(there, sub->name))) {
            scim_json_set(news, sub->name, part);
        }
    }
    return merge_element(a, attr, there, news);
}

/* add to a multi-valued attribute: appends what is not there yet (PA-19, PA-20). */
static scim_error_t *append(const applying_t *a, scim_json_t *object, const scim_attribute_t *attr, scim_json_t *values)
{
    scim_json_t *list = scim_json_member(object, attr->name);
    size_t i, have = list ? scim_json_count(list) : 0, n = values ? scim_json_count(values) : 0;
    apr_hash_t *there = scim_hash_make(a->scratch);

    if (!list && n) {
        list = scim_json_new_array(a->c->p);
        scim_json_set(object, attr->name, list);
    }
    for (i = 0; i < have; i++) {
        scim_json_t *element = scim_json_at(list, i);
        SCIM_TRY(scim_context_spend(a->c, 1));
        apr_hash_set(there, element_key(a, attr, element), APR_HASH_KEY_STRING, element);
    }
    for (i = 0; i < n; i++) {
        scim_json_t *element = scim_json_at(values, i);
        const char *key = element_key(a, attr, element);
        scim_json_t *same = apr_hash_get(there, key, APR_HASH_KEY_STRING);
        if (!same) {
            element = scim_json_copy(a->c->p, element);
            scim_json_append(list, element);
            apr_hash_set(there, key, APR_HASH_KEY_STRING, element);
            touch(a, element);
        }
        else if (attr->type == SCIM_COMPLEX && attr->home != SCIM_HOME_MEMBERS) {
            SCIM_TRY(merge_news(a, attr, same, element));
        }
    }
    return NULL;
}

/* ---- one attribute of one object ---- */

/* What add and replace put in the place of before (NULL: nothing is there), in c->p. Of a complex value the parts that are not given stay
 * (PA-17, PA-27); elements of a list get what a client cannot know. */
static scim_error_t *new_value(const applying_t *a, const scim_attribute_t *attr, scim_json_t *before, scim_json_t **out)
{
    scim_json_t *value = scim_json_copy(a->c->p, a->op->value);

    *out = value;
    if (attr->multi) {
        return scim_elements_complete(a->c, a->scratch, attr, before, value, 0, out);
    }
    if (attr->type == SCIM_COMPLEX && before) {
        *out = scim_json_copy(a->c->p, before);
        scim_element_merge(attr, *out, value);
    }
    return NULL;
}

/* The operation on attr of object, where attr is singular or a whole list. */
static scim_error_t *apply_attribute(const applying_t *a, scim_json_t *object, const scim_attribute_t *attr)
{
    const scim_patch_op_t *op = a->op;
    scim_json_t *before = scim_json_member(object, attr->name);
    scim_json_t *kept = keep_immutable(a, attr, before);

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
        scim_json_t *value;
        SCIM_TRY(new_value(a, attr, before, &value));
        scim_json_set(object, attr->name, value);
    }
    return check_immutable(a, attr, kept, scim_json_member(object, attr->name));
}

static scim_error_t *apply_part(const applying_t *a, scim_json_t *element, const scim_attribute_t *sub)
{
    touch(a, element);
    return apply_attribute(a, element, sub);
}

static scim_error_t *no_target(const applying_t *a)
{
    return scim_error(a->c->p, SCIM_E_NO_TARGET, "\"%.200s\" selects nothing; add the value first", a->op->path->text);
}

/* attr.sub without a filter: the part of the singular value, or of every element (PA-36). */
static scim_error_t *apply_sub(const applying_t *a, scim_json_t *object)
{
    const scim_attribute_t *attr = a->op->path->target.attr, *sub = a->op->path->target.sub;
    scim_json_t *value = scim_json_member(object, attr->name);
    size_t i, n;

    if (!attr->multi) {
        if (!value && (a->op->kind == SCIM_PATCH_REMOVE || !a->op->value)) {
            return NULL;
        }
        if (!value) {
            value = scim_json_new_object(a->c->p);
            scim_json_set(object, attr->name, value);
        }
        return apply_part(a, value, sub);
    }
    n = value ? scim_json_count(value) : 0;
    if (n == 0) {
        return a->op->kind == SCIM_PATCH_REMOVE ? NULL : no_target(a);
    }
    SCIM_TRY(scim_context_spend(a->c, (apr_int64_t)n));
    for (i = 0; i < n; i++) {
        SCIM_TRY(apply_part(a, scim_json_at(value, i), sub));
    }
    return NULL;
}

/* ---- value paths ---- */

static scim_json_t *literal_json(apr_pool_t *p, const scim_filter_t *pair)
{
    switch (pair->value.kind) {
    case SCIM_LIT_BOOLEAN:
        return scim_json_new_boolean(p, pair->value.boolean);
    case SCIM_LIT_NUMBER:
        return scim_json_trusted(p, pair->value.text, strlen(pair->value.text));
    default:
        return scim_json_new_string(p, pair->value.text);
    }
}

/* The value that the filter's pairs ask for, checked and brought into form as if a client had written it. */
static scim_error_t *read_pairs(const applying_t *a, scim_json_t **element)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    apr_array_header_t *pairs = apr_array_make(a->c->p, 2, sizeof(const scim_filter_t *));
    int i;

    if (!(a->op->flags & SCIM_OP_CREATE) || attr->type != SCIM_COMPLEX || !scim_filter_pairs(a->op->path->filter, pairs)) {
        return no_target(a);
    }
    *element = scim_json_new_object(a->c->p);
    for (i = 0; i < pairs->nelts; i++) {
        const scim_filter_t *pair = APR_ARRAY_IDX(pairs, i, const scim_filter_t *);
        scim_json_t *literal = literal_json(a->c->p, pair);
        if (pair->attr->multi) {
            scim_json_t *list = scim_json_new_array(a->c->p);
            scim_json_append(list, literal);
            literal = list;
        }
        scim_json_set(*element, pair->attr->name, literal);
    }
    return scim_element_read(a->c, attr, *element, a->op->path->text, element);
}

static scim_error_t *check_selected(const applying_t *a, scim_json_t *element)
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
static scim_error_t *create_element(const applying_t *a, scim_json_t *object)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    scim_json_t *element = NULL, *list;

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
        scim_json_set(object, attr->name, element);
        return NULL;
    }
    list = scim_json_member(object, attr->name);
    if (!list) {
        list = scim_json_new_array(a->c->p);
        scim_json_set(object, attr->name, list);
    }
    scim_json_append(list, element);
    return NULL;
}

/* A whole element in the place of another: what a client cannot write or has not read stays what it is. */
static scim_error_t *replace_element(const applying_t *a, scim_json_t *list, size_t i)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    scim_json_t *element = scim_json_at(list, i), *copy = scim_json_copy(a->c->p, a->op->value);
    int k;

    scim_element_fill(attr, copy, element, scim_attribute_kept);
    for (k = 0; k < attr->nsubs; k++) {
        const scim_attribute_t *sub = &attr->subs[k];
        SCIM_TRY(check_immutable(a, sub, scim_json_member(element, sub->name), scim_json_member(copy, sub->name)));
    }
    scim_json_put(list, i, copy);
    touch(a, copy);
    return NULL;
}

/* The operation on element i of list, which matches the filter. One that goes leaves a gap, which settle closes. */
static scim_error_t *apply_match(const applying_t *a, scim_json_t *list, size_t i)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    scim_json_t *element = scim_json_at(list, i);

    if (a->op->path->target.sub) {
        return apply_part(a, element, a->op->path->target.sub);
    }
    switch (a->op->kind) {
    case SCIM_PATCH_REMOVE:
        scim_json_put(list, i, NULL);
        return NULL;
    case SCIM_PATCH_ADD:
        return a->op->value && attr->type == SCIM_COMPLEX ? merge_element(a, attr, element, a->op->value) : NULL;
    default:
        if (!a->op->value) {
            scim_json_put(list, i, NULL);
            return NULL;
        }
        return replace_element(a, list, i);
    }
}

/* attr[filter] on a singular attribute: its value is the one element (P42). */
static scim_error_t *apply_singular_match(const applying_t *a, scim_json_t *object)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    scim_json_t *value = scim_json_member(object, attr->name);
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

static scim_error_t *apply_filtered(const applying_t *a, scim_json_t *object)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    scim_json_t *list = scim_json_member(object, attr->name);
    size_t i = list && attr->multi ? scim_json_count(list) : 0;
    int matched = 0;

    if (!attr->multi) {
        return apply_singular_match(a, object);
    }
    while (i-- > 0) {
        apr_int64_t steps = 1;
        int matches = scim_filter_match_element(a->scratch, a->op->path->filter, scim_json_at(list, i), &steps);
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
static int is_bare(scim_json_t *element)
{
    scim_json_iter_t it;

    for (it = scim_json_iter(element); scim_json_next(&it);) {
        if (strcmp(it.name, "type") != 0 && strcmp(it.name, "primary") != 0 && strcmp(it.name, "display") != 0) {
            return 0;
        }
    }
    return 1;
}

static int is_touched(const applying_t *a, scim_json_t *element)
{
    return apr_hash_get(a->touched, &element, sizeof(element)) != NULL;
}


static int is_worth(void *baton, size_t index, scim_json_t *element)
{
    const applying_t *a = baton;

    (void)index;
    return !scim_json_empty(element) && !((a->op->flags & SCIM_OP_DROP_BARE) && scim_json_is(element, SCIM_JSON_OBJECT) &&
                                          is_touched(a, element) && is_bare(element));
}

/* A value made primary demotes the others (PA-21). */
static scim_error_t *settle_primary(const applying_t *a, scim_json_t *list)
{
    size_t i, n = scim_json_count(list);
    scim_json_t *chosen = NULL;
    int all = 0;

    for (i = 0; i < n; i++) {
        scim_json_t *element = scim_json_at(list, i);
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
        scim_json_t *element = scim_json_at(list, i);
        if (element != chosen && scim_element_primary(element)) {
            scim_json_set_boolean(element, "primary", 0);
        }
    }
    return NULL;
}

static scim_error_t *settle(const applying_t *a, scim_json_t *object)
{
    const scim_attribute_t *attr = a->op->path->target.attr;
    scim_json_t *value = scim_json_member(object, attr->name);

    if (scim_json_is(value, SCIM_JSON_ARRAY)) {
        SCIM_TRY(scim_context_spend(a->c, (apr_int64_t)scim_json_count(value)));
        scim_json_keep(value, is_worth, (void *)a);
        SCIM_TRY(settle_primary(a, value));
        if (scim_json_count(value) > SCIM_MOST_ELEMENTS && attr->home != SCIM_HOME_MEMBERS) {
            return scim_error(a->c->p, SCIM_E_INVALID_VALUE, "%s would have more than %d values", attr->name, SCIM_MOST_ELEMENTS);
        }
    }
    if (value && scim_json_empty(value)) {
        SCIM_TRY(refuse_unassign(a, attr));
        scim_json_remove(object, attr->name);
    }
    return NULL;
}

static scim_error_t *apply(const applying_t *a, scim_json_t *object)
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
static scim_json_t *holder(apr_pool_t *p, const scim_resource_type_t *type, const scim_patch_op_t *op, scim_json_t *doc)
{
    const scim_schema_t *schema = op->path->target.attr->schema;
    scim_json_t *object;

    if (!scim_is_extension(type, schema)) {
        return doc;
    }
    object = scim_json_member(doc, schema->id);
    if (!object && op->kind != SCIM_PATCH_REMOVE) {
        object = scim_json_new_object(p);
        scim_json_set(doc, schema->id, object);
    }
    return object;
}

scim_error_t *scim_patch_target(scim_context_t *c, const scim_patch_op_t *op, scim_json_t *doc)
{
    applying_t a = { c, NULL, op, NULL };
    const scim_attribute_t *attr = op->path->target.attr;
    scim_json_t *object = holder(c->p, c->type, op, doc), *kept;
    scim_error_t *err;

    if (!object) {
        return NULL;
    }
    apr_pool_create(&a.scratch, c->p);
    a.touched = apr_hash_make(a.scratch);
    kept = keep_immutable(&a, attr, scim_json_member(object, attr->name));
    err = apply(&a, object);
    if (!err) {
        err = check_immutable(&a, attr, kept, scim_json_member(object, attr->name));
    }
    if (object != doc && scim_json_count(object) == 0) {
        scim_json_remove(doc, attr->schema->id);
    }
    apr_pool_destroy(a.scratch);
    return err;
}
