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

/* ---- large bodies: what is made of one takes up to a hundred times its length in memory ---- */

#define LARGE_RETRY_SECONDS 5

static scim_party_t own_party(const scim_request_t *q)
{
    return party_of(q, q->service.actor ? q->service.actor->tenant : 0);
}

scim_error_t *scim_share_take_large(scim_request_t *q)
{
    scim_error_t *err;

    if (q->large || scim_turns_take(q->server->shared->bodies, q->p, own_party(q)) == APR_SUCCESS) {
        q->large = 1;
        return NULL;
    }
    err = scim_error(q->p, SCIM_E_UNAVAILABLE, "Too many large requests of this tenant at the same time; try again");
    err->retry_after = LARGE_RETRY_SECONDS;
    return err;
}

void scim_share_give_large(scim_request_t *q)
{
    q->large = 0;
    scim_turns_give(q->server->shared->bodies, own_party(q));
}
