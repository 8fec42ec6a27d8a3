/* Private to token.c and admin.c: rows of scim.token k joined with scim.tenant n. */
#ifndef SCIM_STORE_TOKEN_ROWS_H
#define SCIM_STORE_TOKEN_ROWS_H

#include "store.h"

#define SCIM_TOKEN_COLUMNS                                                                            \
    "k.id, k.tenant, n.name as tenant_name, n.state, k.name, 'read' = any(k.rights) as may_read, "    \
    "'write' = any(k.rights) as may_write, array_to_string(k.read_endpoints, ' ') as read_endpoints, " \
    "k.created, k.expires, k.last_used, k.revoked, n.profile, array_to_string(k.write_endpoints, ' ') as write_endpoints"
#define SCIM_TOKEN_COLUMN_COUNT 14

scim_token_t *scim_token_row(apr_pool_t *p, const scim_result_t *rows, int row);

#endif
