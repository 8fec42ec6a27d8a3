#include "filter.h"

scim_filter_t *scim_filter_node(apr_pool_t *p, scim_filter_op_e op)
{
    scim_filter_t *node = apr_pcalloc(p, sizeof(*node));

    node->op = op;
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
