/* The keys by which cursors are sealed: rows of scim.secret, the same for all machines of a database. A new one is made when the newest has
 * become a week old. It is used to seal once everybody has read it, and is accepted for as long as a cursor can live after it is not any more. */
#ifndef SCIM_STORE_SECRET_H
#define SCIM_STORE_SECRET_H

#include "../core/base/seal.h"
#include "db.h"

/* The longest time that a cursor may be valid, in seconds. */
#define SCIM_SECRET_LONGEST 86400

/* Keys at one moment, newest first. */
typedef struct scim_secrets_t {
    int n;
    const scim_seal_key_t *keys;
    const scim_seal_key_t *current;    /* to seal with */
} scim_secrets_t;

/* What one process remembers of them, for all of its threads. In p, of the process's lifetime; NULL: it could not be made. */
typedef struct scim_secret_cache_t scim_secret_cache_t;
scim_secret_cache_t *scim_secret_cache_make(apr_pool_t *p);

/* What is remembered, as a copy in p, unless it was read too long ago: then 0. */
int scim_secrets_recall(scim_secret_cache_t *cache, apr_pool_t *p, scim_secrets_t *out);

/* Reads them, and makes a new one when it is time to. 1 round trip, 2 more for a new one. */
scim_error_t *scim_secrets_read(scim_secret_cache_t *cache, scim_db_t *db, apr_pool_t *p, scim_secrets_t *out);

/* For scimctl: makes a new key now. forget: no other is accepted any more. */
scim_error_t *scim_secrets_rotate(scim_db_t *db, apr_pool_t *p, int forget);

#endif
