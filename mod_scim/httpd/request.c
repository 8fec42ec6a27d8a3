/* What all kinds of requests need: a connection, preconditions, outcomes, the representation. */
#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>

#include "private.h"

/* A write that keeps losing to other writers of the same resource: each loss means that another one won. */
#define MOST_TRIES 50
#define LONGEST_PAUSE 20000

static apr_status_t give_back(void *data)
{
    scim_request_t *q = data;

    if (q->scope.db) {
        scim_pool_release(q->server->pool, q->scope.db);
        q->scope.db = NULL;
    }
    return APR_SUCCESS;
}

scim_error_t *scim_request_db(scim_request_t *q)
{
    if (q->scope.db) {
        return NULL;
    }
    if (!q->server->pool) {
        return scim_error_cause(q->p, scim_error(q->p, SCIM_E_UNAVAILABLE, "The server has no database"), "no SCIMDatabase for this server");
    }
    SCIM_TRY(scim_pool_acquire(q->server->pool, q->p, &q->scope.db));
    apr_pool_cleanup_register(q->p, q, give_back, apr_pool_cleanup_null);
    return NULL;
}

void scim_request_release(scim_request_t *q)
{
    if (q->scope.db) {
        apr_pool_cleanup_run(q->p, q, give_back);
    }
}

scim_error_t *scim_request_projection(scim_request_t *q, const scim_projection_t **out)
{
    scim_params_t params;

    SCIM_TRY(scim_params_parse(q->p, q->r->args, &params));
    return scim_projection_parse(q->p, q->route.type, params.attributes, params.excluded_attributes, out);
}

void scim_request_represent(scim_request_t *q, const scim_projection_t *projection, const scim_stored_t *stored, int status)
{
    q->reply.status = status;
    q->reply.body = scim_represent(q->p, q->route.type, projection, q->base_url, stored, &q->reply.etag);
    if (status == HTTP_CREATED) {
        q->reply.location = scim_location(q->p, q->route.type, q->base_url, stored->id);
    }
}

scim_error_t *scim_not_found(scim_request_t *q)
{
    return scim_error(q->p, SCIM_E_NOT_FOUND, "There is no %s with this id", q->route.type->name);
}

static scim_error_t *stale(scim_request_t *q)
{
    return scim_error(q->p, SCIM_E_PRECONDITION, "The %s has changed; read it again", q->route.type->name);
}

scim_error_t *scim_request_outcome(scim_request_t *q, const scim_written_t *written)
{
    switch (written->outcome) {
    case SCIM_WRITE_MISSING:
        return scim_not_found(q);
    case SCIM_WRITE_STALE:
        return stale(q);
    case SCIM_WRITE_BAD_MEMBER:
        return scim_error(q->p, SCIM_E_INVALID_VALUE, "members: \"%.100s\" is not the id of a user or group of the type that is said",
                          written->bad_member ? written->bad_member : "");
    default:
        if (written->skipped_members) {
            ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, q->r, SCIM_LOGNO(104) "%d unknown members skipped", written->skipped_members);
        }
        return NULL;
    }
}

scim_error_t *scim_request_preconditions(scim_request_t *q, const scim_stored_t *stored)
{
    if (q->if_match && !scim_match_version(q->if_match, stored->version)) {
        return stale(q);
    }
    if (q->if_none_match && (q->if_none_match->any || scim_match_version(q->if_none_match, stored->version))) {
        return scim_error(q->p, SCIM_E_PRECONDITION, "If-None-Match names the present version");
    }
    return NULL;
}

scim_error_t *scim_request_again(scim_request_t *q, int *tries)
{
    unsigned char random[2];

    if (++*tries > MOST_TRIES) {
        scim_error_t *err = scim_error(q->p, SCIM_E_UNAVAILABLE, "Too many changes to this %s at the same time", q->route.type->name);
        err->retry_after = 1;
        return err;
    }
    if (apr_generate_random_bytes(random, sizeof(random)) == APR_SUCCESS) {
        apr_sleep((random[0] << 8 | random[1]) % LONGEST_PAUSE * *tries / MOST_TRIES);
    }
    return NULL;
}

const scim_match_t *scim_request_expect(scim_request_t *q, const scim_stored_t *stored)
{
    scim_match_t *match = apr_pcalloc(q->p, sizeof(*match));

    match->tags = apr_array_make(q->p, 1, sizeof(const char *));
    match->versions = apr_array_make(q->p, 1, sizeof(apr_int64_t));
    APR_ARRAY_PUSH(match->versions, apr_int64_t) = stored->version;
    return match;
}

scim_unknown_members_e scim_request_unknown_members(const scim_request_t *q)
{
    return q->profile->skip_unknown_members ? SCIM_MEMBERS_SKIP : SCIM_MEMBERS_REFUSE;
}
