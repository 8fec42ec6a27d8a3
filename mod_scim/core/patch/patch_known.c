#include "patch_known.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/json.h"
#include "../resource/element.h"

/* ---- whom operations add ---- */

static scim_error_t *add_ids(scim_context_t *c, scim_json_t *value, apr_array_header_t *ids)
{
    size_t i, n = scim_json_count(value);
    scim_member_t *member;

    if (scim_json_is(value, SCIM_JSON_OBJECT)) {
        SCIM_TRY(scim_member_read(c, value, &member));
        APR_ARRAY_PUSH(ids, const char *) = member->id;
        return NULL;
    }
    SCIM_TRY(scim_context_spend(c, (apr_int64_t)n));
    for (i = 0; i < n; i++) {
        SCIM_TRY(add_ids(c, scim_json_at(value, i), ids));
    }
    return NULL;
}

/* An element that is made from a filter has its id from there (PA-23). */
static void add_filtered(apr_pool_t *p, const scim_filter_t *filter, apr_array_header_t *ids)
{
    apr_array_header_t *pairs = apr_array_make(p, 2, sizeof(const scim_filter_t *));
    int i;

    scim_filter_pairs(filter, pairs);
    for (i = 0; i < pairs->nelts; i++) {
        const scim_filter_t *pair = APR_ARRAY_IDX(pairs, i, const scim_filter_t *);
        if (pair->value.key) {
            APR_ARRAY_PUSH(ids, const char *) = pair->value.key;
        }
    }
}

scim_error_t *scim_patch_added(scim_context_t *c, const scim_patch_t *patch, apr_array_header_t **ids)
{
    int i;

    *ids = apr_array_make(c->p, 8, sizeof(const char *));
    for (i = 0; i < patch->ops->nelts; i++) {
        const scim_patch_op_t *op = APR_ARRAY_IDX(patch->ops, i, const scim_patch_op_t *);
        scim_error_t *err = NULL;
        if (op->kind == SCIM_PATCH_REMOVE || !op->path->target.attr || op->path->target.attr->home != SCIM_HOME_MEMBERS) {
            continue;
        }
        if (op->path->filter) {
            add_filtered(c->p, op->path->filter, *ids);
        }
        else if (!op->path->target.sub) {
            err = add_ids(c, op->value, *ids);
        }
        if (err) {
            return scim_error_prefix(c->p, err, apr_psprintf(c->p, "Operations[%d]: ", op->index));
        }
    }
    return NULL;
}

/* ---- who they are ---- */

void scim_patch_know(apr_pool_t *p, scim_patch_t *patch, scim_json_t *elements)
{
    size_t i, n = scim_json_count(elements);

    patch->known = scim_hash_make(p);
    for (i = 0; i < n; i++) {
        scim_json_t *element = scim_json_copy(p, scim_json_at(elements, i));
        apr_hash_set(patch->known, scim_json_str(element, "value"), APR_HASH_KEY_STRING, element);
    }
}

static scim_error_t *complete(scim_context_t *c, const scim_patch_t *patch, scim_json_t *element)
{
    scim_member_t *member;
    scim_json_t *known;

    SCIM_TRY(scim_member_read(c, element, &member));
    known = apr_hash_get(patch->known, member->id, APR_HASH_KEY_STRING);
    if (!known) {
        return NULL;
    }
    if (member->type && strcmp(member->type, scim_json_str(known, "type")) != 0) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "members: \"%.100s\" is a %s, not a %s", member->id, scim_json_str(known, "type"),
                          member->type);
    }
    scim_element_merge(c->type->members, element, known);
    return NULL;
}

scim_error_t *scim_patch_complete(scim_context_t *c, const scim_patch_t *patch, scim_json_t *list)
{
    size_t i, n = apr_hash_count(patch->known) ? scim_json_count(list) : 0;

    /* Each operation has the whole list looked through once more. */
    SCIM_TRY(scim_context_spend(c, (apr_int64_t)n));
    for (i = 0; i < n; i++) {
        scim_json_t *element = scim_json_at(list, i);
        const char *id = scim_json_str(element, "value");
        scim_json_t *known = id ? apr_hash_get(patch->known, id, APR_HASH_KEY_STRING) : NULL;
        /* Nearly all are stored ones, or complete already. */
        if (!id || (known && !scim_json_equal(element, known))) {
            SCIM_TRY(complete(c, patch, element));
        }
    }
    return NULL;
}
