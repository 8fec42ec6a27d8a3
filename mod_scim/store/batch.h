/* The stored documents of a tenant, some hundred at a time: for commands that go through all of them. */
#ifndef SCIM_STORE_BATCH_H
#define SCIM_STORE_BATCH_H

#include <apr_tables.h>

#include "../core/base/json.h"
#include "db.h"

#define SCIM_BATCH 200

typedef struct scim_batch_item_t {
    const char *id, *version;
    scim_json_t *doc;           /* as it is stored, with `schemas` */
} scim_batch_item_t;

/* The id that all others come after. */
#define SCIM_BATCH_START "00000000-0000-0000-0000-000000000000"

/* The next SCIM_BATCH resources of the type behind id `after`, in order of ids; fewer at the end. tenant: scim.tenant.id as text. *out: array
 * of scim_batch_item_t, in p. 1 round trip. */
scim_error_t *scim_store_batch(scim_db_t *db, apr_pool_t *p, const char *tenant, const char *type, const char *after, apr_array_header_t **out);

#endif
