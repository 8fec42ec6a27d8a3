/* The pools of connections of a process, and what is told about their databases. */
#include "private.h"

#include <ap_mpm.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

/* ---- pools ---- */

int scim_threads(void)
{
    int threads = 0;

    return ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads) == APR_SUCCESS && threads > 0 ? threads : 1;
}

/* What a new connection found. */
static void notice(void *server, scim_notice_e what, const char *text)
{
    static const struct {
        int level;
        const char *number;
    } notices[] = {
        [SCIM_NOTICE_SCHEMA] = { APLOG_ERR, SCIM_LOGNO(3) },
        [SCIM_NOTICE_NEWER] = { APLOG_WARNING, SCIM_LOGNO(11) },
        [SCIM_NOTICE_SETTINGS] = { APLOG_WARNING, SCIM_LOGNO(13) },
    };
    const server_rec *s = server;

    ap_log_error(APLOG_MARK, notices[what].level, 0, s, "%s%s", notices[what].number, text);
}

/* Servers with the same database and the same settings share a pool. With other settings they share the tenants: who is served through two of them
 * has one share of what is bounded for each tenant. A database is known by its SCIMDatabase. */
static scim_pool_t *make_pool(apr_pool_t *p, server_rec *s, apr_hash_t *pools, const scim_server_config_t *c)
{
    scim_pool_config_t config;
    scim_pool_t *pool;
    scim_error_t *err;
    const char *key, *database = apr_pstrcat(p, "database ", c->conninfo, NULL);

    memset(&config, 0, sizeof(config));
    scim_pool_defaults(c, scim_threads(), &config);
    config.notice = notice;
    config.baton = s;
    key = apr_psprintf(p, "%d %d %d %ld %ld %d %s", config.min, config.keep, config.max, (long)config.idle, (long)config.wait, config.unprepared,
                       config.conninfo);
    pool = apr_hash_get(pools, key, APR_HASH_KEY_STRING);
    if (pool) {
        return pool;
    }
    config.other = apr_hash_get(pools, database, APR_HASH_KEY_STRING);
    err = scim_pool_make(p, &config, &pool);
    if (err) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, SCIM_LOGNO(6) "%s", scim_error_inside(err));
        return NULL;
    }
    apr_hash_set(pools, key, APR_HASH_KEY_STRING, pool);
    apr_hash_set(pools, database, APR_HASH_KEY_STRING, pool);
    APR_ARRAY_PUSH(c->shared->pools, scim_pool_t *) = pool;
    return pool;
}

/* ---- a look at the databases when httpd has started ---- */

/* By one process, since the one that starts httpd may be another user; by a thread of its own, since a database that hangs must not keep
 * the process from answering. */
typedef struct look_t {
    server_rec *first;
    volatile apr_uint32_t stop;
    apr_thread_t *thread;
} look_t;

/* Would all processes together take more connections than the database has? */
static scim_error_t *check_capacity(scim_db_t *db, apr_pool_t *p, const server_rec *s, const scim_pool_config_t *pool)
{
    static const char sql[] =
        "select current_setting('max_connections')::int8 - current_setting('superuser_reserved_connections')::int8";
    int children = 1;
    apr_int64_t available;
    scim_result_t *rows;

    if (scim_db_session(db)->pooled) {
        return NULL;
    }
    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 0, NULL, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 1, 1, 1));
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
static scim_error_t *check_tenant(scim_db_t *db, apr_pool_t *p, const server_rec *s, const char *directive, const char *name)
{
    scim_token_t *tenant;

    SCIM_TRY(scim_store_tenant(db, p, name, &tenant));
    if (!tenant) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s, SCIM_LOGNO(10) "%s %s: the database has no such tenant (yet): all tokens are refused there",
                     directive, name);
    }
    return NULL;
}

static const scim_server_config_t *config_of(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &scim_module);
}

/* Tenants that the Locations name: of this server, of those that share its pool, and of the main server, whose Locations all have. */
static scim_error_t *check_tenants(scim_db_t *db, apr_pool_t *p, const server_rec *s)
{
    const scim_server_config_t *c = config_of(s);
    apr_hash_t *names = apr_hash_make(p);
    apr_hash_index_t *hi;
    int i, j;

    for (i = 0; i < c->shared->uses->nelts; i++) {
        const scim_profile_use_t *use = &APR_ARRAY_IDX(c->shared->uses, i, scim_profile_use_t);
        if (use->server->is_virtual && config_of(use->server)->pool != c->pool) {
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

static scim_error_t *look_at(apr_pool_t *p, const server_rec *s, const scim_server_config_t *c)
{
    scim_pool_config_t config;
    scim_error_t *err;
    scim_db_t *db;

    scim_pool_defaults(c, scim_threads(), &config);
    SCIM_TRY(scim_pool_acquire(c->pool, p, 0, &db));
    err = check_capacity(db, p, s, &config);
    if (!err && scim_db_session(db)->migration >= SCIM_STORE_MIGRATION) {
        err = check_tenants(db, p, s);
    }
    scim_pool_release(c->pool, db);
    return err;
}

static void *APR_THREAD_FUNC look_at_databases(apr_thread_t *thread, void *baton)
{
    look_t *look = baton;
    apr_pool_t *p = apr_thread_pool_get(thread);
    apr_hash_t *seen = apr_hash_make(p);
    server_rec *s;

    for (s = look->first; s && !apr_atomic_read32(&look->stop); s = s->next) {
        const scim_server_config_t *c = config_of(s);
        scim_error_t *err;
        if (!c->pool || apr_hash_get(seen, &c->pool, sizeof(c->pool))) {
            continue;
        }
        apr_hash_set(seen, &c->pool, sizeof(c->pool), c);
        err = look_at(p, s, c);
        if (err) {
            ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s, SCIM_LOGNO(5) "the database cannot be used now: %s", scim_error_inside(err));
        }
    }
    return NULL;
}

static apr_status_t end_look(void *baton)
{
    look_t *look = baton;
    apr_status_t status;

    apr_atomic_set32(&look->stop, 1);
    return apr_thread_join(&status, look->thread);
}

static void start_look(apr_pool_t *p, server_rec *s)
{
    look_t *look = apr_pcalloc(p, sizeof(*look));

    look->first = s;
    if (apr_thread_create(&look->thread, NULL, look_at_databases, look, p) == APR_SUCCESS) {
        apr_pool_pre_cleanup_register(p, look, end_look);
    }
}

void scim_databases_init(apr_pool_t *p, server_rec *s, int look)
{
    apr_hash_t *pools = apr_hash_make(p);
    server_rec *at;

    for (at = s; at; at = at->next) {
        scim_server_config_t *c = ap_get_module_config(at->module_config, &scim_module);
        if (at == s) {
            c->shared->pools = apr_array_make(p, 2, sizeof(scim_pool_t *));
        }
        if (c->conninfo) {
            c->pool = make_pool(p, at, pools, c);
        }
    }
    if (look) {
        start_look(p, s);
    }
}
