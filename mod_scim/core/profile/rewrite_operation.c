/* Dialect rules for bound operations of a PATCH. */
#include "rewrite.h"

#include "../base/json.h"
#include "../patch/operation.h"
#include "../query/value_key.h"
#include "../resource/value.h"

int scim_rewrite_add_sets(scim_context_t *c, const scim_rewrite_t *rewrite, scim_patch_op_t *op)
{
    const scim_attrpath_t *path = &op->path->target;

    (void)c;
    if (op->kind != SCIM_PATCH_ADD || !path->attr || !path->attr->multi || path->sub || op->path->filter ||
        !scim_rewrite_is_for(rewrite, path->attr)) {
        return 0;
    }
    op->kind = SCIM_PATCH_REPLACE;
    return 1;
}

/* The attribute that the operation's value belongs to. */
static const scim_attribute_t *target(const scim_patch_op_t *op)
{
    return op->path->target.sub ? op->path->target.sub : op->path->target.attr;
}

int scim_rewrite_ignore_unknown(scim_context_t *c, const scim_rewrite_t *rewrite, scim_patch_op_t *op)
{
    (void)c;
    (void)rewrite;
    if (!op->path->unknown) {
        return 0;
    }
    op->flags |= SCIM_OP_NOTHING;
    return 1;
}

int scim_rewrite_ignore_read_only(scim_context_t *c, const scim_rewrite_t *rewrite, scim_patch_op_t *op)
{
    const scim_attrpath_t *path = &op->path->target;

    (void)c;
    (void)rewrite;
    if (!(path->attr && path->attr->mutability == SCIM_READ_ONLY) && !(path->sub && path->sub->mutability == SCIM_READ_ONLY)) {
        return 0;
    }
    op->flags |= SCIM_OP_NOTHING;
    return 1;
}

int scim_rewrite_ignore_schemas(scim_context_t *c, const scim_rewrite_t *rewrite, scim_patch_op_t *op)
{
    (void)c;
    (void)rewrite;
    if (!op->path->target.attr || op->path->target.attr->home != SCIM_HOME_SCHEMAS) {
        return 0;
    }
    op->flags |= SCIM_OP_NOTHING;
    return 1;
}

int scim_rewrite_members_object(scim_context_t *c, const scim_rewrite_t *rewrite, scim_patch_op_t *op)
{
    scim_json_t *members = scim_json_get(op->value, "members", NULL);

    (void)c;
    (void)rewrite;
    if (!members || !op->path->target.attr || op->path->target.attr->home != SCIM_HOME_MEMBERS) {
        return 0;
    }
    op->value = members;
    return 1;
}

static scim_json_t *member_of(apr_pool_t *p, scim_json_t *id)
{
    scim_json_t *member = scim_json_new_object(p);

    scim_json_set(member, "value", id);
    return member;
}

static int is_id(scim_json_t *value)
{
    return scim_json_is(value, SCIM_JSON_STRING) && !scim_json_empty(value);
}

int scim_rewrite_bare_members(scim_context_t *c, const scim_rewrite_t *rewrite, scim_patch_op_t *op)
{
    scim_json_t *list = NULL;
    size_t i;

    (void)rewrite;
    if (!op->path->target.attr || op->path->target.attr->home != SCIM_HOME_MEMBERS || op->path->target.sub || op->path->filter) {
        return 0;
    }
    if (is_id(op->value)) {
        op->value = member_of(c->p, op->value);
        return 1;
    }
    for (i = 0; scim_json_is(op->value, SCIM_JSON_ARRAY) && i < scim_json_count(op->value); i++) {
        scim_json_t *id = scim_json_at(op->value, i);
        if (is_id(id)) {
            list = list ? list : scim_json_copy(c->p, op->value);
            scim_json_put(list, i, member_of(c->p, id));
        }
    }
    op->value = list ? list : op->value;
    return list != NULL;
}

/* What a value says of the attribute that it is for. */
typedef enum { SAYS_SOMETHING, SAYS_EMPTY, SAYS_PARTS_EMPTY } says_e;

/* Null, "" and [] are empty; so is {"value":""}, whatever the attribute's type. Other objects of empty values speak of their parts alone. */
static says_e says(const scim_attribute_t *attr, scim_json_t *value)
{
    const char *key = NULL;
    scim_json_iter_t it;

    if (!scim_json_is(value, SCIM_JSON_OBJECT)) {
        return scim_json_empty(value) ? SAYS_EMPTY : SAYS_SOMETHING;
    }
    for (it = scim_json_iter(value); scim_json_next(&it);) {
        if (!scim_json_empty(it.value)) {
            return SAYS_SOMETHING;
        }
    }
    scim_json_get(value, "value", &key);
    return key ? SAYS_EMPTY : attr->type == SCIM_COMPLEX ? SAYS_PARTS_EMPTY : SAYS_SOMETHING;
}

/* The parts of a singular value are operations of their own in any case; those of an element become so here; a list of nothing is none. */
static int clear_parts(scim_patch_op_t *op, scim_json_t *value)
{
    if (!op->path->filter && !op->path->target.attr->multi) {
        return 0;
    }
    op->value = value;
    op->flags |= op->path->filter ? SCIM_OP_PARTS : SCIM_OP_NOTHING;
    return 1;
}

int scim_rewrite_empty_clears(scim_context_t *c, const scim_rewrite_t *rewrite, scim_patch_op_t *op)
{
    const scim_attribute_t *attr = target(op);
    scim_json_t *value;
    says_e said;

    (void)rewrite;
    if (op->kind == SCIM_PATCH_REMOVE || !op->has_value || !attr || attr->required) {
        return 0;
    }
    value = scim_value_rewrite(c, attr, op->value);
    said = says(attr, value);
    if (said == SAYS_SOMETHING) {
        return 0;
    }
    if (op->kind == SCIM_PATCH_ADD) {
        op->flags |= SCIM_OP_NOTHING;
        return 1;
    }
    if (said == SAYS_PARTS_EMPTY) {
        return clear_parts(op, value);
    }
    op->kind = SCIM_PATCH_REMOVE;
    op->value = NULL;
    op->has_value = 0;
    return 1;
}

int scim_rewrite_upsert(scim_context_t *c, const scim_rewrite_t *rewrite, scim_patch_op_t *op)
{
    (void)c;
    (void)rewrite;
    if (op->kind != SCIM_PATCH_REPLACE || !op->path->filter) {
        return 0;
    }
    op->flags |= SCIM_OP_CREATE;
    return 1;
}

/* attr[f].sub with value v becomes attr[f and sub eq v].sub. */
int scim_rewrite_remove_if_equal(scim_context_t *c, const scim_rewrite_t *rewrite, scim_patch_op_t *op)
{
    const scim_attribute_t *sub = op->path->target.sub;
    scim_filter_t *both, *equal;

    (void)rewrite;
    if (op->kind != SCIM_PATCH_REMOVE || !op->path->filter || !sub || scim_json_empty(op->value)) {
        return 0;
    }
    equal = apr_pcalloc(c->p, sizeof(*equal));
    equal->op = SCIM_F_EQ;
    equal->attr = sub;
    equal->value.key = scim_value_key(c->p, sub, scim_value_rewrite(c, sub, op->value));
    if (!equal->value.key) {
        return 0;
    }
    both = apr_pcalloc(c->p, sizeof(*both));
    both->op = SCIM_F_AND;
    both->left = op->path->filter;
    both->right = equal;
    op->path->filter = both;
    return 1;
}

int scim_rewrite_drop_bare(scim_context_t *c, const scim_rewrite_t *rewrite, scim_patch_op_t *op)
{
    (void)c;
    (void)rewrite;
    if (op->kind != SCIM_PATCH_REMOVE || !op->path->filter || !op->path->target.sub) {
        return 0;
    }
    op->flags |= SCIM_OP_DROP_BARE;
    return 1;
}
