#include "sql.h"

#include <apr_strings.h>

const char *scim_sql_bind(const scim_sql_t *sql, const char *value)
{
    APR_ARRAY_PUSH(sql->params, const char *) = value;
    return apr_psprintf(sql->p, "$%d", sql->params->nelts);
}
