/* Private to token.c and admin.c: rows of SCIM_TOKEN_TABLES. */
#ifndef SCIM_STORE_TOKEN_ROWS_H
#define SCIM_STORE_TOKEN_ROWS_H

#include "store.h"

#define SCIM_TOKEN_COLUMNS                                                                            \
    "k.id, k.tenant, n.name as tenant_name, n.state, k.name, 'read' = any(k.rights) as may_read, "    \
    "'write' = any(k.rights) as may_write, array_to_string(k.read_endpoints, ' ') as read_endpoints, " \
    "k.created, k.expires, k.last_used, k.revoked, coalesce(k.profile, i.profile, n.profile) as profile, "   \
    "array_to_string(k.write_endpoints, ' ') as write_endpoints, i.name as integration, i.state as integration_state, k.person, " \
    "array_to_string(k.sources, ' ') as sources, k.revoked is null and (k.expires is null or k.expires > now()) as valid"
#define SCIM_TOKEN_COLUMN_COUNT 19

#define SCIM_TOKEN_TABLES \
    "scim.token k join scim.tenant n on n.id = k.tenant left join scim.integration i on i.tenant = k.tenant and i.id = k.integration "

scim_token_t *scim_token_row(apr_pool_t *p, const scim_result_t *rows, int row);

#endif
