/* Binding of filter terms to schema attributes: which name, which operator for which type, which literal. */
#ifndef SCIM_CORE_FILTER_BIND_H
#define SCIM_CORE_FILTER_BIND_H

#include "filter.h"
#include "filter_lex.h"

/* Binds name[0..len): the attribute a comparison or `pr` is about. pr: complex attributes and extensions stay as they are. */
scim_error_t *scim_filter_bind_name(const scim_parse_t *s, const char *name, apr_size_t len, int pr, scim_filter_t *node);

/* Binds a literal (raw JSON text or a bare word) to node->attr; may turn the node into something simpler (eq null, co ""). */
scim_error_t *scim_filter_bind_literal(const scim_parse_t *s, const char *raw, apr_size_t len, scim_filter_t *node);

#endif
