/* What the reslist hands out are slots; a slot connects when it is first used, outside the list's lock: one slow connect must not stop
 * everybody who takes or gives back a connection. */
#include "pool.h"

#include <apr_hash.h>
#include <apr_reslist.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <stdlib.h>

#include "secret.h"
#include "store.h"
#include "turns.h"

#define RETRY_SECONDS 2

/* So many dear searches of one tenant wait for their turn, for so long. */
#define SCANS_WAITING 2
#define SCAN_WAIT (10 * APR_USEC_PER_SEC)

/* Tenants of whom it is remembered apart from others whether their users are in groups. */
#define TENANTS 1024

typedef struct slot_t {
    scim_pool_t *owner;
    apr_pool_t *pool;                  /* holds the connection; NULL while there is none */
    scim_db_t *db;
    apr_int64_t tenant;                /* for whom it is in use */
    int met;                           /* serial of the server process that has been looked at */
    int abandoned;                     /* still in use when the process ends */
} slot_t;

struct scim_pool_t {
    scim_pool_config_t config;
    apr_reslist_t *list;               /* never waited for: who asks it has a turn */
    const void *database;              /* see scim_pool_database */
    scim_turns_t *turns, *scans;
    scim_secret_cache_t *secrets;
    volatile apr_uint32_t groupless[TENANTS];
    apr_thread_mutex_t *mutex;         /* guards what follows */
    apr_hash_t *in_use;                /* scim_db_t * -> slot_t * */
    scim_pool_stats_t stats;
    int noticed[SCIM_NOTICE_SETTINGS + 1]; /* the state that has been told */
};

static void count_open(scim_pool_t *pool, int change)
{
    apr_thread_mutex_lock(pool->mutex);
    pool->stats.open += change;
    apr_thread_mutex_unlock(pool->mutex);
}

static void disconnect(slot_t *slot)
{
    if (slot->pool) {
        apr_pool_destroy(slot->pool);
        slot->pool = NULL;
        slot->db = NULL;
        count_open(slot->owner, -1);
    }
}

/* A pool of its own without parent: connections come and go in any thread. */
static scim_error_t *connect_slot(slot_t *slot, apr_pool_t *p)
{
    scim_error_t *err;
    apr_pool_t *own;

    if (apr_pool_create_unmanaged_ex(&own, NULL, NULL) != APR_SUCCESS) {
        return scim_error(p, SCIM_E_UNAVAILABLE, "Out of memory");
    }
    err = scim_db_open(own, slot->owner->config.conninfo, &slot->db);
    if (err) {
        scim_error_t *copy = scim_error(p, err->code, "%s", err->detail);
        copy->retry_after = err->retry_after;
        scim_error_cause(p, copy, "%s", err->cause);
        apr_pool_destroy(own);
        return copy;
    }
    if (slot->owner->config.unprepared) {
        scim_db_prepare_off(slot->db);
    }
    slot->met = 0;
    slot->pool = own;
    count_open(slot->owner, 1);
    return NULL;
}

/* ---- what the server is like: told when it changes ---- */

static int is_new_state(scim_pool_t *pool, scim_notice_e what, int state)
{
    int is_new;

    apr_thread_mutex_lock(pool->mutex);
    is_new = pool->noticed[what] != state;
    pool->noticed[what] = state;
    apr_thread_mutex_unlock(pool->mutex);
    return is_new && state;
}

static void notice(scim_pool_t *pool, scim_notice_e what, int state, const char *text)
{
    if (is_new_state(pool, what, state)) {
        pool->config.notice(pool->config.baton, what, text);
    }
}

/* A server process that the connection has not met before. */
static void look_at(slot_t *slot, apr_pool_t *p)
{
    const scim_session_t *session = scim_db_session(slot->db);
    const char *advice, *schema;

    if (session->serial == slot->met) {
        return;
    }
    slot->met = session->serial;
    advice = scim_db_session_advice(p, session);
    schema = session->migration == SCIM_MIGRATION_UNKNOWN
                 ? "the database role may not read the table scim.migration: run \"scimctl database init\", which gives it its rights"
                 : apr_psprintf(p, "the database is at migration %d, this module needs %d: run \"scimctl migrate\"", session->migration,
                                SCIM_STORE_MIGRATION);
    notice(slot->owner, SCIM_NOTICE_SCHEMA, session->migration < SCIM_STORE_MIGRATION ? session->migration + 2 : 0, schema);
    notice(slot->owner, SCIM_NOTICE_NEWER, session->migration > SCIM_STORE_MIGRATION ? session->migration : 0,
           apr_psprintf(p, "the database is at migration %d, this module was made for %d: httpd has an older module, restart or upgrade it",
                        session->migration, SCIM_STORE_MIGRATION));
    notice(slot->owner, SCIM_NOTICE_SETTINGS, advice != NULL, advice);
}

/* ---- slots ---- */

static apr_status_t make_slot(void **out, void *owner, apr_pool_t *p)
{
    slot_t *slot = calloc(1, sizeof *slot);

    (void)p;
    if (!slot) {
        return APR_ENOMEM;
    }
    slot->owner = owner;
    *out = slot;
    return APR_SUCCESS;
}

static apr_status_t destroy_slot(void *data, void *owner, apr_pool_t *p)
{
    slot_t *slot = data;

    (void)owner;
    (void)p;
    if (!slot->abandoned) {
        disconnect(slot);
        free(slot);
    }
    return APR_SUCCESS;
}

/* A child that is stopped in the middle of a request ends with connections in use. The reslist's own clean-up would abort the process
 * over them; so they are taken off its books first, and left alone. No lock: a signal may have interrupted its holder. */
static apr_status_t abandon_used(void *data)
{
    scim_pool_t *pool = data;
    apr_hash_index_t *i;

    for (i = apr_hash_first(NULL, pool->in_use); i; i = apr_hash_next(i)) {
        slot_t *slot = apr_hash_this_val(i);
        slot->abandoned = 1;
        apr_reslist_invalidate(pool->list, slot);
    }
    apr_hash_clear(pool->in_use);
    return APR_SUCCESS;
}

static scim_error_t *make_turns(apr_pool_t *p, scim_pool_t *pool)
{
    const scim_pool_config_t *c = &pool->config;
    const int reserve = c->max / 4 > 0 ? c->max / 4 : c->max > 1;
    const scim_turns_config_t connections = { .total = c->max, .reserve = reserve, .unknown = 1, .wait = c->wait };
    const scim_turns_config_t scans = { .total = scim_turns_of_processors(), .each = 1, .queue = SCANS_WAITING, .wait = SCAN_WAIT };

    SCIM_TRY(scim_turns_make(p, &connections, &pool->turns));
    if (c->other) {
        pool->scans = c->other->scans;
        return NULL;
    }
    return scim_turns_make(p, &scans, &pool->scans);
}

scim_error_t *scim_pool_make(apr_pool_t *p, const scim_pool_config_t *config, scim_pool_t **out)
{
    scim_pool_t *pool = apr_pcalloc(p, sizeof *pool);
    apr_status_t status;
    char text[120];

    pool->config = *config;
    pool->config.conninfo = apr_pstrdup(p, config->conninfo);
    pool->database = config->other ? config->other->database : pool;
    pool->in_use = apr_hash_make(p);
    SCIM_TRY(make_turns(p, pool));
    status = apr_thread_mutex_create(&pool->mutex, APR_THREAD_MUTEX_DEFAULT, p);
    pool->secrets = scim_secret_cache_make(p);
    if (status == APR_SUCCESS && !pool->secrets) {
        status = APR_ENOMEM;
    }
    if (status == APR_SUCCESS) {
        status = apr_reslist_create(&pool->list, config->min, config->keep, config->max, config->idle, make_slot, destroy_slot, pool, p);
    }
    if (status != APR_SUCCESS) {
        return scim_error_cause(p, scim_error(p, SCIM_E_INTERNAL, "The server cannot make its pool of database connections"), "%s",
                                apr_strerror(status, text, sizeof text));
    }
    apr_pool_pre_cleanup_register(p, pool, abandon_used);
    apr_reslist_timeout_set(pool->list, config->wait);
    *out = pool;
    return NULL;
}

static scim_error_t *none_free(scim_pool_t *pool, apr_pool_t *p, apr_status_t status)
{
    scim_error_t *err = scim_error(p, SCIM_E_UNAVAILABLE, "The server is busy; try again");
    char text[120];

    apr_thread_mutex_lock(pool->mutex);
    pool->stats.waited_out++;
    apr_thread_mutex_unlock(pool->mutex);
    err->retry_after = RETRY_SECONDS;
    return scim_error_cause(p, err, "no database connection free for this tenant within the time of SCIMDatabasePool wait (max %d): %s",
                            pool->config.max, apr_strerror(status, text, sizeof text));
}

/* A slot that is connected. What was broken when it was given back has been closed then. */
static scim_error_t *ready_slot(slot_t *slot, apr_pool_t *p)
{
    if (!slot->db) {
        SCIM_TRY(connect_slot(slot, p));
    }
    look_at(slot, p);
    return NULL;
}

static void give_back(scim_pool_t *pool, slot_t *slot)
{
    apr_int64_t tenant = slot->tenant;

    apr_reslist_release(pool->list, slot);
    scim_turns_give(pool->turns, (scim_party_t){ pool, tenant });
}

scim_error_t *scim_pool_acquire(scim_pool_t *pool, apr_pool_t *p, apr_int64_t tenant, scim_db_t **out)
{
    scim_error_t *err;
    void *resource;
    slot_t *slot;
    apr_status_t status;

    if (!pool) {
        return scim_error_cause(p, scim_error(p, SCIM_E_UNAVAILABLE, "The server has no database"), "no SCIMDatabase for this server");
    }
    status = scim_turns_take(pool->turns, p, (scim_party_t){ pool, tenant });
    if (status != APR_SUCCESS) {
        return none_free(pool, p, status);
    }
    status = apr_reslist_acquire(pool->list, &resource);
    if (status != APR_SUCCESS) {
        scim_turns_give(pool->turns, (scim_party_t){ pool, tenant });
        return none_free(pool, p, status);
    }
    slot = resource;
    slot->tenant = tenant;
    err = ready_slot(slot, p);
    apr_thread_mutex_lock(pool->mutex);
    if (err) {
        pool->stats.failed++;
    }
    else {
        pool->stats.acquired++;
        apr_hash_set(pool->in_use, &slot->db, sizeof slot->db, slot);
    }
    apr_thread_mutex_unlock(pool->mutex);
    if (err) {
        give_back(pool, slot);
        return err;
    }
    *out = slot->db;
    return NULL;
}

const void *scim_pool_database(const scim_pool_t *pool)
{
    return pool ? pool->database : NULL;
}

scim_turns_t *scim_pool_scans(scim_pool_t *pool)
{
    return pool->scans;
}

scim_secret_cache_t *scim_pool_secrets(scim_pool_t *pool)
{
    return pool->secrets;
}

void scim_pool_release(scim_pool_t *pool, scim_db_t *db)
{
    slot_t *slot;

    apr_thread_mutex_lock(pool->mutex);
    slot = apr_hash_get(pool->in_use, &db, sizeof db);
    if (slot) {
        apr_hash_set(pool->in_use, &slot->db, sizeof slot->db, NULL);
    }
    apr_thread_mutex_unlock(pool->mutex);
    /* The process ends: abandon_used has left it alone. */
    if (!slot) {
        return;
    }
    if (!scim_db_alive(db) || scim_db_in_transaction(db)) {
        disconnect(slot);
    }
    give_back(pool, slot);
}

volatile apr_uint32_t *scim_pool_groupless(scim_pool_t *pool, apr_int64_t tenant)
{
    return &pool->groupless[(apr_uint64_t)tenant % TENANTS];
}

void scim_pool_stats(scim_pool_t *pool, scim_pool_stats_t *out)
{
    apr_thread_mutex_lock(pool->mutex);
    *out = pool->stats;
    out->in_use = (int)apr_hash_count(pool->in_use);
    apr_thread_mutex_unlock(pool->mutex);
}
