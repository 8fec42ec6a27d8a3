/* No tenant has all threads of a process: above its share it is refused at once, since who waits has a thread. Several tenants together may have
 * them all, by which nobody is refused: httpd lets connections wait for a thread. */
#include "private.h"

#define RETRY_SECONDS 1

static scim_party_t party_of(const scim_request_t *q, apr_int64_t tenant)
{
    return (scim_party_t){ q->server->pool, tenant };
}

scim_error_t *scim_share_take(scim_request_t *q, apr_int64_t tenant)
{
    scim_turns_t *requests = q->server->shared->requests;
    scim_error_t *err;

    if (!requests || scim_turns_take(requests, q->p, party_of(q, tenant)) == APR_SUCCESS) {
        return NULL;
    }
    err = scim_error(q->p, SCIM_E_UNAVAILABLE, "%s; try again", tenant ? "Too many requests of this tenant at the same time" : "The server is busy");
    err->retry_after = RETRY_SECONDS;
    return err;
}

void scim_share_give(scim_request_t *q, apr_int64_t tenant)
{
    scim_turns_t *requests = q->server->shared->requests;

    if (requests) {
        scim_turns_give(requests, party_of(q, tenant));
    }
}
