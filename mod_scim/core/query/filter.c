#include "filter.h"

#include <string.h>

scim_filter_t *scim_filter_node(apr_pool_t *p, scim_filter_op_e op)
{
    scim_filter_t *node = apr_pcalloc(p, sizeof(*node));

    node->op = op;
    return node;
}

/* What a constant makes of the other one. */
static const scim_filter_t *with_constant(apr_pool_t *p, scim_filter_op_e op, const scim_filter_t *constant, const scim_filter_t *other)
{
    if (op == SCIM_F_NOT) {
        return scim_filter_node(p, constant->op == SCIM_F_ALL ? SCIM_F_NONE : SCIM_F_ALL);
    }
    return (op == SCIM_F_AND) == (constant->op == SCIM_F_ALL) ? other : constant;
}

const scim_filter_t *scim_filter_combine(apr_pool_t *p, scim_filter_op_e op, const scim_filter_t *left, const scim_filter_t *right)
{
    scim_filter_t *node;

    if (left->op <= SCIM_F_NONE) {
        return with_constant(p, op, left, right);
    }
    if (right && right->op <= SCIM_F_NONE) {
        return with_constant(p, op, right, left);
    }
    node = scim_filter_node(p, op);
    node->left = left;
    node->right = right;
    return node;
}

const scim_filter_t *scim_filter_value_path(apr_pool_t *p, const scim_attribute_t *attr, const scim_filter_t *inner)
{
    scim_filter_t *node;

    if (inner->op == SCIM_F_NONE) {
        return inner;
    }
    node = scim_filter_node(p, inner->op == SCIM_F_ALL ? SCIM_F_PR : SCIM_F_VALUE_PATH);
    node->attr = attr;
    node->left = inner->op == SCIM_F_ALL ? NULL : inner;
    return node;
}

int scim_filter_pairs(const scim_filter_t *inner, apr_array_header_t *pairs)
{
    if (inner->op == SCIM_F_AND) {
        return scim_filter_pairs(inner->left, pairs) && scim_filter_pairs(inner->right, pairs);
    }
    if (inner->op != SCIM_F_EQ) {
        return 0;
    }
    APR_ARRAY_PUSH(pairs, const scim_filter_t *) = inner;
    return 1;
}

int scim_filter_asks_primary(const scim_filter_t *f)
{
    const scim_attribute_t *attr = f->attr;

    return (f->op == SCIM_F_EQ || f->op == SCIM_F_NE) && attr && attr->type == SCIM_BOOLEAN && !attr->multi && attr->parent &&
           attr->parent->multi && strcmp(attr->name, "primary") == 0;
}
