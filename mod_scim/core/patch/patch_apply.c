/* PATCH operations in order: on the document tree, or as a net change of the members. */
#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "patch.h"
#include "patch_known.h"
#include "patch_target.h"
#include "../base/text.h"
#include "../resource/resource.h"
#include "../resource/validate.h"

typedef struct run_t {
    scim_context_t *c;
    const scim_patch_t *patch;
    const char *id;
    scim_json_t *doc;
    scim_patched_t *out;
} run_t;

/* ---- members without loading them ---- */

static scim_error_t *each_member(const run_t *r, const scim_patch_op_t *op)
{
    size_t i, n = op->value ? scim_json_count(op->value) : 0;

    SCIM_TRY(scim_context_spend(r->c, (apr_int64_t)n));
    for (i = 0; i < n; i++) {
        scim_member_t *member;
        SCIM_TRY(scim_member_read(r->c, scim_json_at(op->value, i), &member));
        if (op->kind == SCIM_PATCH_REMOVE) {
            scim_members_remove(r->c->p, r->out->members, member->id);
        }
        else {
            scim_members_add(r->c->p, r->out->members, member);
        }
    }
    return NULL;
}

static void remove_filtered(const run_t *r, const scim_filter_t *f)
{
    if (f->op == SCIM_F_OR) {
        remove_filtered(r, f->left);
        remove_filtered(r, f->right);
        return;
    }
    scim_members_remove(r->c->p, r->out->members, f->value.key);
}

static scim_error_t *apply_members(const run_t *r, const scim_patch_op_t *op)
{
    r->out->members->touched = 1;
    if (op->path->filter) {
        remove_filtered(r, op->path->filter);
        return NULL;
    }
    if (op->kind == SCIM_PATCH_REPLACE || (op->kind == SCIM_PATCH_REMOVE && !op->value)) {
        scim_members_clear(r->out->members);
    }
    return each_member(r, op);
}

/* ---- members loaded into the document ---- */

/* What the list has become against what it was, as a net change; takes `members` out of the document. */
static scim_error_t *diff_members(const run_t *r, scim_json_t *before)
{
    scim_json_t *after = NULL;
    apr_hash_t *had = apr_hash_make(r->c->p);
    size_t i, n = before ? scim_json_count(before) : 0;
    apr_hash_index_t *hi;

    for (i = 0; i < n; i++) {
        const char *id = scim_json_str(scim_json_at(before, i), "value");
        apr_hash_set(had, id, APR_HASH_KEY_STRING, id);
    }
    scim_json_find(r->doc, r->c->type->members->name, &after);
    n = after ? scim_json_count(after) : 0;
    for (i = 0; i < n; i++) {
        scim_member_t *member;
        SCIM_TRY(scim_member_read(r->c, scim_json_at(after, i), &member));
        if (apr_hash_get(had, member->id, APR_HASH_KEY_STRING)) {
            apr_hash_set(had, member->id, APR_HASH_KEY_STRING, NULL);
        }
        else {
            scim_members_add(r->c->p, r->out->members, member);
        }
    }
    for (hi = apr_hash_first(r->c->p, had); hi; hi = apr_hash_next(hi)) {
        scim_members_remove(r->c->p, r->out->members, apr_hash_this_key(hi));
    }
    scim_json_remove(r->doc, r->c->type->members->name);
    return NULL;
}

/* ---- all operations ---- */

static scim_error_t *apply_operation(const run_t *r, const scim_patch_op_t *op)
{
    const scim_attribute_t *attr = op->path->target.attr;

    if (!attr) {
        scim_json_remove(r->doc, op->path->target.extension->id);
        return NULL;
    }
    switch (attr->home) {
    case SCIM_HOME_ID:
        if (scim_json_is(op->value, SCIM_JSON_STRING) && strcmp(scim_json_string(op->value), r->id) == 0) {
            return NULL;
        }
        return scim_error(r->c->p, SCIM_E_MUTABILITY, "id is read-only");
    case SCIM_HOME_PASSWORD: /* no part of the document */
        return NULL;
    case SCIM_HOME_MEMBERS:
        if (!r->patch->members) {
            return apply_members(r, op);
        }
        SCIM_TRY(scim_patch_target(r->c, op, r->doc));
        return scim_patch_complete(r->c, r->patch, scim_json_member(r->doc, attr->name));
    default:
        break;
    }
    return scim_patch_target(r->c, op, r->doc);
}

/* A fault of the outcome is laid to the last operation that touched the attribute (PA-53). */
static scim_error_t *locate(const run_t *r, scim_error_t *err, const scim_attribute_t *at)
{
    int i;

    for (i = r->patch->ops->nelts - 1; at && i >= 0; i--) {
        const scim_patch_op_t *op = APR_ARRAY_IDX(r->patch->ops, i, const scim_patch_op_t *);
        if (op->path->target.attr == at || (!op->path->target.attr && op->path->target.extension == at->schema)) {
            return scim_error_prefix(r->c->p, err, apr_psprintf(r->c->p, "Operations[%d]: ", op->index));
        }
    }
    return err;
}

scim_error_t *scim_patch_apply(scim_context_t *c, const scim_patch_t *patch, const char *id, scim_json_t *doc, scim_patched_t *out)
{
    run_t r = { c, patch, id, doc, out };
    scim_json_t *before = scim_json_copy(c->p, doc), *members = NULL;
    const scim_attribute_t *at = NULL;
    scim_error_t *err;
    int i;

    memset(out, 0, sizeof(*out));
    out->members = scim_members_make(c->p);
    for (i = 0; i < patch->ops->nelts; i++) {
        const scim_patch_op_t *op = APR_ARRAY_IDX(patch->ops, i, const scim_patch_op_t *);
        err = apply_operation(&r, op);
        if (err) {
            return scim_error_prefix(c->p, err, apr_psprintf(c->p, "Operations[%d]: ", op->index));
        }
    }
    if (!doc) {
        return NULL;
    }
    if (patch->members) {
        scim_json_find(before, c->type->members->name, &members);
        SCIM_TRY(diff_members(&r, members));
        scim_json_remove(before, c->type->members->name);
    }
    err = scim_validate(c, SCIM_JUDGE_CHANGES, before, doc, &at);
    if (err) {
        return locate(&r, err, at);
    }
    out->changed = !scim_json_equal(before, doc);
    return NULL;
}
