/* A pool of connections to one database, per process: an apr_reslist with bounded waiting. */
#ifndef SCIM_STORE_POOL_H
#define SCIM_STORE_POOL_H

#include "db.h"

typedef struct scim_pool_t scim_pool_t;

/* What a connection found at the server that an administrator should know. */
typedef enum {
    SCIM_NOTICE_SCHEMA,                /* it is older than this program: requests will fail */
    SCIM_NOTICE_NEWER,                 /* it is newer */
    SCIM_NOTICE_SETTINGS               /* those of the role */
} scim_notice_e;

typedef struct scim_pool_config_t {
    const char *conninfo;
    int min, keep, max;                /* connections: kept open always, kept when idle, at most */
    apr_interval_time_t idle;          /* a connection above min idle for so long is closed */
    apr_interval_time_t wait;          /* longest wait for a free connection, then 503 */
    int unprepared;                    /* no statement is prepared */
    scim_pool_t *other;                /* one of the same database, with other settings; NULL: there is none */
    void (*notice)(void *baton, scim_notice_e what, const char *text); /* told once for each state, in any thread */
    void *baton;
} scim_pool_config_t;

typedef struct scim_pool_stats_t { int open, in_use; apr_uint64_t acquired, waited_out, failed; } scim_pool_stats_t;

/* Makes the pool in p (process lifetime); connects lazily, a database that is down is no error here. */
scim_error_t *scim_pool_make(apr_pool_t *p, const scim_pool_config_t *config, scim_pool_t **out);

/* A connection for a tenant: alive as far as known. One tenant has all but a quarter of them at most (at least one is kept back, unless there
 * is but one): these are for tenants that have none. tenant 0: for those who are not known yet, look-ups of tokens for example; one at
 * most. 503 with Retry-After when none is free in time or the database cannot be reached; 503 where pool is NULL, since the server has no
 * database. */
scim_error_t *scim_pool_acquire(scim_pool_t *pool, apr_pool_t *p, apr_int64_t tenant, scim_db_t **out);

/* Gives it back; a broken one, or one inside a transaction, is closed. */
void scim_pool_release(scim_pool_t *pool, scim_db_t *db);

/* What tells tenants of one database from those of another: the same for all pools of it. NULL of NULL. */
const void *scim_pool_database(const scim_pool_t *pool);

/* Turns for searches that no index serves: one of each tenant at a time, and as many in all as half the processors, at least one. They are those
 * of the database. */
struct scim_turns_t *scim_pool_scans(scim_pool_t *pool);

/* What this process remembers of the database's keys. */
struct scim_secret_cache_t *scim_pool_secrets(scim_pool_t *pool);

/* What this process remembers of a tenant for scim_scope_t.groupless; a few tenants may share it. */
volatile apr_uint32_t *scim_pool_groupless(scim_pool_t *pool, apr_int64_t tenant);

void scim_pool_stats(scim_pool_t *pool, scim_pool_stats_t *out);

#endif
