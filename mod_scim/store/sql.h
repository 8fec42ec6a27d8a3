/* SQL in the making. */
#ifndef SCIM_STORE_SQL_H
#define SCIM_STORE_SQL_H

#include "store.h"

/* Text is made of constants and parameter numbers only; all values are bound. */
typedef struct scim_sql_t {
    apr_pool_t *p;
    const scim_scope_t *scope;         /* its connection is not looked at */
    const scim_resource_type_t *type;
    apr_array_header_t *params;        /* of const char *; $1 is the tenant, $2 the resource type */
} scim_sql_t;

/* Binds a value and returns "$n". */
const char *scim_sql_bind(const scim_sql_t *sql, const char *value);

#endif
