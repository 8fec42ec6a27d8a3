/* From filter AST to SQL: a condition over "scim.resource r" and its bound parameters. */
#ifndef SCIM_STORE_WHERE_H
#define SCIM_STORE_WHERE_H

#include "../core/resource/record.h"
#include "sql.h"

/* The condition for a filter, in parentheses. True where the filter matches; anything else (false or null) where not. */
const char *scim_sql_where(const scim_sql_t *sql, const scim_filter_t *filter);

/* jsonpath.c: the same for a subtree that is only about the document, as a jsonpath over `folded`. */
const char *scim_jsonpath(apr_pool_t *p, const scim_resource_type_t *type, const scim_filter_t *filter);

/* Accessor of an attribute from the item `root` ("$" or "@"): $."emails"[*]."value". */
const char *scim_jsonpath_accessor(apr_pool_t *p, const scim_resource_type_t *type, const char *root, const scim_attribute_t *attr);

/* keys.c: a condition that the index on `keys` answers, true for every resource that satisfies the filter (and for others). NULL when the
 * index cannot help. */
const char *scim_sql_keys(const scim_sql_t *sql, const scim_filter_t *filter);

/* The keys of a record as an array literal; NULL when it has none. */
const char *scim_keys_literal(apr_pool_t *p, apr_int64_t tenant, const scim_resource_type_t *type, const scim_record_t *record);

#endif
