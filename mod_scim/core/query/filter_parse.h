/* From text to a bound filter. */
#ifndef SCIM_CORE_FILTER_PARSE_H
#define SCIM_CORE_FILTER_PARSE_H

#include "filter.h"
#include "../schema/context.h"

/* Parses and binds a filter for a resource type. A multi-valued complex attribute without part means its `value` (F-30);
 * attr[inner].sub op x is read as attr[inner and sub op x] (F-29). Every fault is invalidFilter with its position (F-04 ff.).
 * The AST lives in the context's pool. */
scim_error_t *scim_filter_parse(scim_context_t *c, const char *text, const scim_filter_t **out);

/* The same for a query of several types (RFC 7644 section 3.4.2.1): an attribute that this one does not have counts as having no value. What
 * follows from that, and from the name of the type, is worked out: the filter may be SCIM_F_ALL or SCIM_F_NONE. */
scim_error_t *scim_filter_parse_any(scim_context_t *c, const char *text, const scim_filter_t **out);

/* Parses the inside of attr[...] in the path of a PATCH, which may name any part, starting at text, up to the closing bracket; *end is set to the
 * character after it. */
scim_error_t *scim_filter_parse_value(scim_context_t *c, const scim_attribute_t *attr, const char *text, const scim_filter_t **out,
                                      const char **end);

#endif
