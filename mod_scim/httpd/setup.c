/* What is made when httpd starts, and what each of its processes has of its own. */

#include "private.h"

#include <ap_mpm.h>
#include <apr_shm.h>
#include <apr_strings.h>
#include <string.h>

/* ---- a look at the databases: by the first process, since the one that starts httpd may be another user ---- */

static int threads_per_child(void)
{
    int threads = 0;

    return ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads) == APR_SUCCESS && threads > 0 ? threads : 1;
}

/* Would all processes together take more connections than the database has? */
static scim_error_t *check_capacity(scim_db_t *db, apr_pool_t *p, server_rec *s, const scim_pool_config_t *pool)
{
    int children = 1;
    apr_int64_t available;
    scim_result_t *rows;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ,
                         "select current_setting('max_connections')::int8 - current_setting('superuser_reserved_connections')::int8", 0, NULL,
                         &rows));
    available = scim_col_int(rows, 0, 0);
    ap_mpm_query(AP_MPMQ_MAX_DAEMONS, &children);
    if ((apr_int64_t)children * pool->max > available) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     SCIM_LOGNO(2) "%d processes with up to %d database connections each may need %d, but the database has %" APR_INT64_T_FMT
                                   ": lower SCIMDatabasePool max or MaxRequestWorkers, or raise max_connections",
                     children, pool->max, children * pool->max, available);
    }
    return NULL;
}

/* A misspelled name would be found out by the customer only, whose token is refused. */
static scim_error_t *check_tenant(scim_db_t *db, apr_pool_t *p, server_rec *s, const char *directive, const char *name)
{
    scim_token_t *tenant;

    SCIM_TRY(scim_store_tenant(db, p, name, &tenant));
    if (!tenant) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s, SCIM_LOGNO(10) "%s %s: the database has no such tenant (yet): all tokens are refused there",
                     directive, name);
    }
    return NULL;
}

/* Tenants that the Locations of this server name. */
static scim_error_t *check_tenants(scim_db_t *db, apr_pool_t *p, server_rec *s)
{
    const scim_server_config_t *c = ap_get_module_config(s->module_config, &scim_module);
    apr_hash_t *names = apr_hash_make(p);
    apr_hash_index_t *hi;
    int i, j;

    for (i = 0; i < c->shared->uses->nelts; i++) {
        const scim_profile_use_t *use = &APR_ARRAY_IDX(c->shared->uses, i, scim_profile_use_t);
        if (use->server->is_virtual && use->server != s) {
            continue;
        }
        for (j = 0; use->dir->tokens && j < use->dir->tokens->nelts; j++) {
            apr_hash_set(names, APR_ARRAY_IDX(use->dir->tokens, j, scim_static_token_t).tenant, APR_HASH_KEY_STRING, "SCIMToken");
        }
        if (use->dir->tenant) {
            apr_hash_set(names, use->dir->tenant, APR_HASH_KEY_STRING, "SCIMTenant");
        }
    }
    for (hi = apr_hash_first(p, names); hi; hi = apr_hash_next(hi)) {
        SCIM_TRY(check_tenant(db, p, s, apr_hash_this_val(hi), apr_hash_this_key(hi)));
    }
    return NULL;
}

static scim_error_t *look_at_database(apr_pool_t *p, server_rec *s, const scim_pool_config_t *pool)
{
    scim_db_t *db;
    int number;

    SCIM_TRY(scim_db_open(p, pool->conninfo, &db));
    SCIM_TRY(check_capacity(db, p, s, pool));
    SCIM_TRY(scim_store_migration(db, p, &number));
    if (number < SCIM_STORE_MIGRATION) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s, SCIM_LOGNO(3) "the database is at migration %d, this module needs %d: run \"scimctl migrate\"",
                     number, SCIM_STORE_MIGRATION);
        return NULL;
    }
    return check_tenants(db, p, s);
}

static void look_at_databases(apr_pool_t *p, server_rec *s)
{
    apr_hash_t *seen = apr_hash_make(p);

    for (; s; s = s->next) {
        const scim_server_config_t *c = ap_get_module_config(s->module_config, &scim_module);
        scim_pool_config_t pool;
        scim_error_t *err;
        if (!c->conninfo || apr_hash_get(seen, c->conninfo, APR_HASH_KEY_STRING)) {
            continue;
        }
        apr_hash_set(seen, c->conninfo, APR_HASH_KEY_STRING, c);
        scim_pool_defaults(c, threads_per_child(), &pool);
        err = look_at_database(p, s, &pool);
        if (err) {
            ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s, SCIM_LOGNO(5) "the database cannot be used now: %s", err->cause ? err->cause : err->detail);
        }
    }
}

int scim_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    scim_shared_t *shared = scim_shared(pconf);
    apr_shm_t *shm;
    apr_status_t rv;
    scim_error_t *err;

    (void)plog;
    (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    err = scim_db_init(s->process->pool);
    if (err) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, 0, s, SCIM_LOGNO(4) "%s", err->cause ? err->cause : err->detail);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    rv = scim_counters_make(s->process->pool, &shared->counters);
    rv = rv ? rv : apr_shm_create(&shm, sizeof(*shared->looked), NULL, pconf);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, rv, s, SCIM_LOGNO(8) "no shared memory");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    shared->looked = apr_shm_baseaddr_get(shm);
    apr_atomic_set32(shared->looked, 0);
    return OK;
}

/* ---- child_init: what each process has of its own ---- */

static scim_pool_t *make_pool(apr_pool_t *p, server_rec *s, apr_hash_t *pools, const scim_server_config_t *c)
{
    scim_pool_config_t config;
    scim_pool_t *pool;
    scim_error_t *err;
    const char *key;

    scim_pool_defaults(c, threads_per_child(), &config);
    key = apr_psprintf(p, "%d %d %d %ld %ld %s", config.min, config.keep, config.max, (long)config.idle, (long)config.wait, config.conninfo);
    pool = apr_hash_get(pools, key, APR_HASH_KEY_STRING);
    if (pool) {
        return pool;
    }
    err = scim_pool_make(p, &config, &pool);
    if (err) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, SCIM_LOGNO(6) "%s", err->cause ? err->cause : err->detail);
        return NULL;
    }
    apr_hash_set(pools, key, APR_HASH_KEY_STRING, pool);
    APR_ARRAY_PUSH(c->shared->pools, scim_pool_t *) = pool;
    return pool;
}

void scim_child_init(apr_pool_t *p, server_rec *s)
{
    scim_server_config_t *main_config = ap_get_module_config(s->module_config, &scim_module);
    scim_shared_t *shared = main_config->shared;
    apr_hash_t *pools = apr_hash_make(p);
    server_rec *first = s;
    apr_pool_t *ptemp;

    shared->tokens = scim_token_cache_make(p);
    shared->process = scim_counters_join(shared->counters, p);
    shared->pools = apr_array_make(p, 2, sizeof(scim_pool_t *));
    if (!shared->tokens) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, SCIM_LOGNO(7) "the token cache could not be made");
    }
    if (scim_spool_room_make(p, SCIM_SPOOL_MOST, &shared->spools)) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, SCIM_LOGNO(9) "the counters of large replies could not be made");
    }
    for (; s; s = s->next) {
        scim_server_config_t *c = ap_get_module_config(s->module_config, &scim_module);
        if (c->conninfo) {
            c->pool = make_pool(p, s, pools, c);
        }
    }
    if (apr_atomic_cas32(shared->looked, 1, 0) == 0 && apr_pool_create(&ptemp, p) == APR_SUCCESS) {
        look_at_databases(ptemp, first);
        apr_pool_destroy(ptemp);
    }
}
