/* Between the files of the filter parser; not for others. */
#ifndef SCIM_CORE_FILTER_PARSE_H
#define SCIM_CORE_FILTER_PARSE_H

#include "filter.h"

/* A run of the parser. */
typedef struct scim_parse_t {
    scim_context_t *c;
    const scim_attribute_t *container; /* inside attr[...]: attr; else NULL */
    const char *start, *at;
    int depth;
    int terms;
} scim_parse_t;

/* An invalidFilter error that names the position. */
scim_error_t *scim_filter_fault(const scim_parse_t *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Binds name[0..len): the attribute a comparison or `pr` is about. pr: complex attributes and extensions stay as they are. */
scim_error_t *scim_filter_bind_name(const scim_parse_t *s, const char *name, apr_size_t len, int pr, scim_filter_t *node);

/* Binds a literal (raw JSON text or a bare word) to node->attr; may turn the node into something simpler (eq null, co ""). */
scim_error_t *scim_filter_bind_literal(const scim_parse_t *s, const char *raw, apr_size_t len, scim_filter_t *node);

scim_filter_t *scim_filter_node(apr_pool_t *p, scim_filter_op_e op);

#endif
