/* No tenant has all threads of a process: above its share it is refused at once, since who waits has a thread. Several tenants together may have
 * them all, by which nobody is refused: httpd lets connections wait for a thread. A tenant that is alone on this httpd has no share: there is
 * nobody to keep threads for. */
#include "private.h"

#include <apr_hash.h>

#define RETRY_SECONDS 1

/* So long after the last request of another a tenant counts as one of several. */
#define ALONE_AFTER 3600

static scim_party_t party_of(const scim_request_t *q, apr_int64_t tenant)
{
    return (scim_party_t){ scim_pool_database(q->server->pool), tenant };
}

/* Ids of tenants are those of one database. */
static apr_uint64_t name_of(const scim_request_t *q, apr_int64_t tenant)
{
    apr_ssize_t len = APR_HASH_KEY_STRING;

    return ((apr_uint64_t)tenant << 32) + apr_hashfunc_default(q->server->conninfo, &len);
}

/* Has only this tenant come to this httpd for a while? What is lost when two come at the same moment, the next one says again. */
static int is_alone(const scim_request_t *q, apr_int64_t tenant)
{
    scim_counters_t *counters = q->server->shared->counters;
    apr_uint64_t name = name_of(q, tenant), now = (apr_uint64_t)apr_time_sec(q->r->request_time), last = apr_atomic_read64(&counters->last_tenant);

    if (last != name) {
        apr_atomic_set64(&counters->last_tenant, name);
        if (last) {
            apr_atomic_set64(&counters->mixed, now);
        }
    }
    return now >= apr_atomic_read64(&counters->mixed) + ALONE_AFTER;
}

static apr_status_t take(const scim_request_t *q, scim_turns_t *requests, apr_int64_t tenant)
{
    if (tenant && is_alone(q, tenant)) {
        return scim_turns_take_any(requests, party_of(q, tenant));
    }
    return scim_turns_take(requests, q->p, party_of(q, tenant));
}

scim_error_t *scim_share_take(scim_request_t *q, apr_int64_t tenant)
{
    scim_error_t *err;

    if (take(q, q->server->shared->requests, tenant) == APR_SUCCESS) {
        return NULL;
    }
    err = scim_error(q->p, SCIM_E_UNAVAILABLE, "%s; try again", tenant ? "Too many requests of this tenant at the same time" : "The server is busy");
    err->retry_after = RETRY_SECONDS;
    return err;
}

void scim_share_give(scim_request_t *q, apr_int64_t tenant)
{
    scim_turns_give(q->server->shared->requests, party_of(q, tenant));
}

/* ---- large bodies and resources, of which up to a hundred times their length is made in memory; Bulks, each of which may take minutes ---- */

#define WORK_RETRY_SECONDS 5

static scim_party_t own_party(const scim_request_t *q)
{
    return party_of(q, q->service.actor ? q->service.actor->tenant : 0);
}

scim_error_t *scim_share_take_work(scim_request_t *q, scim_long_work_e what)
{
    static const char *const names[SCIM_LONG_WORKS] = { "large requests", "Bulk requests" };
    scim_error_t *err;

    if (q->turns[what] || scim_turns_take(q->server->shared->works[what], q->p, own_party(q)) == APR_SUCCESS) {
        q->turns[what] = 1;
        return NULL;
    }
    err = scim_error(q->p, SCIM_E_UNAVAILABLE, "Too many %s at the same time; try again", names[what]);
    err->retry_after = WORK_RETRY_SECONDS;
    return err;
}

scim_error_t *scim_share_large(void *data)
{
    scim_request_t *q = data;

    q->keeps_memory = 1;
    return scim_share_take_work(q, SCIM_LARGE_BODY);
}

void scim_share_give_works(scim_request_t *q)
{
    int what;

    for (what = 0; what < SCIM_LONG_WORKS; what++) {
        if (q->turns[what]) {
            q->turns[what] = 0;
            scim_turns_give(q->server->shared->works[what], own_party(q));
        }
    }
}
