/* What is made when httpd starts, and what each of its processes has of its own. */

#include "private.h"

#include <apr_shm.h>
#include <stdlib.h>

int scim_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    scim_shared_t *shared = scim_shared(pconf);
    apr_shm_t *shm, *walks;
    apr_status_t rv;
    scim_error_t *err = scim_db_init(s->process->pool);

    (void)plog;
    (void)ptemp;
    /* In the first of two passes: in the second, httpd has told whoever starts it that all is well. */
    if (err) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, 0, s, SCIM_LOGNO(4) "%s", scim_error_inside(err));
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    rv = scim_counters_make(s->process->pool, &shared->counters);
    rv = rv ? rv : apr_shm_create(&shm, sizeof(*shared->looked), NULL, pconf);
    rv = rv ? rv : apr_shm_create(&walks, scim_walks_size(), NULL, pconf);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, rv, s, SCIM_LOGNO(8) "no shared memory");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    shared->looked = apr_shm_baseaddr_get(shm);
    apr_atomic_set32(shared->looked, 0);
    shared->walks = apr_shm_baseaddr_get(walks);
    memset(shared->walks, 0, scim_walks_size());
    return OK;
}

/* ---- child_init: what each process has of its own ---- */

/* Passwords are hashed on half of the processors, and for one tenant one at a time. How many wait is bounded by the tenant's share of the
 * threads: whoever sets many passwords at once is no enemy. */
#define HASH_WAIT (10 * APR_USEC_PER_SEC)

/* So much of the threads is kept from any one tenant, and from those together who are not known yet, whose look-ups are short. */
#define OF_ONE 4
#define OF_UNKNOWN 8

/* Large bodies of one tenant that are in work at once. Of the threads, those that Bulks may have, all together and of one tenant. How long others
 * wait for either. */
#define LARGE_EACH 2
#define OF_BULKS 2
#define OF_BULKS_OF_ONE 4
#define WORK_WAIT (10 * APR_USEC_PER_SEC)

/* mod_http2 has threads of its own, half as many again as httpd by default. */
#define MOST_THREADS 4

static int all_but(int threads, int part)
{
    return threads - (threads > part ? threads / part : threads > 1);
}

static int part(int threads, int of)
{
    return threads > of ? threads / of : 1;
}

static scim_error_t *make_shared(apr_pool_t *p, scim_shared_t *shared)
{
    const int threads = scim_threads();
    const scim_turns_config_t requests = {
        .total = threads * MOST_THREADS, .each = all_but(threads, OF_ONE), .unknown = all_but(threads, OF_UNKNOWN)
    };
    const scim_turns_config_t works[SCIM_LONG_WORKS] = {
        [SCIM_LARGE_BODY] = { .total = threads * MOST_THREADS, .each = LARGE_EACH, .wait = WORK_WAIT },
        [SCIM_LONG_BULK] = { .total = part(threads, OF_BULKS), .each = part(threads, OF_BULKS_OF_ONE), .wait = WORK_WAIT },
    };
    const scim_turns_config_t hashes = { .total = scim_turns_of_processors(), .each = 1, .wait = HASH_WAIT };
    int i;

    SCIM_TRY(scim_token_cache_make(p, &shared->tokens));
    SCIM_TRY(scim_spool_room_make(p, SCIM_SPOOL_MOST, &shared->spools));
    SCIM_TRY(scim_turns_make(p, &requests, &shared->requests));
    for (i = 0; i < SCIM_LONG_WORKS; i++) {
        SCIM_TRY(scim_turns_make(p, &works[i], &shared->works[i]));
    }
    return scim_turns_make(p, &hashes, &shared->hashes);
}

void scim_child_init(apr_pool_t *p, server_rec *s)
{
    scim_server_config_t *main_config = ap_get_module_config(s->module_config, &scim_module);
    scim_shared_t *shared = main_config->shared;
    scim_error_t *err = make_shared(p, shared);

    if (err) {
        /* A hook cannot say that it failed; a process without its locks must not serve. httpd starts another one. */
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, SCIM_LOGNO(7) "this process cannot serve: %s", scim_error_inside(err));
        exit(APEXIT_CHILDSICK);
    }
    scim_memory_init();
    shared->sha256 = scim_sha256_find(p);
    shared->brake = scim_brake_make(p, scim_threads());
    shared->process = scim_counters_join(shared->counters, p);
    scim_databases_init(p, s, apr_atomic_cas32(shared->looked, 1, 0) == 0);
}
