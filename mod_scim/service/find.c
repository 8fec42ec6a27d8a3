/* GET of one resource. */
#include "work.h"

/* A query on one resource's URL is not offered: a filter there must not pass for a match (G-17). */
static scim_error_t *refuse_filter(const scim_service_t *s, const scim_call_t *call)
{
    if (call->params.filter) {
        return scim_error(s->c.p, SCIM_E_INVALID_FILTER, "A filter works on %s, not on a single resource", call->type->endpoint);
    }
    return NULL;
}

static scim_error_t *find(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    const scim_projection_t *projection;
    scim_stored_t *stored;

    SCIM_TRY(refuse_filter(s, call));
    SCIM_TRY(scim_work_projection(s, call, &projection));
    SCIM_TRY(scim_work_db(s));
    SCIM_TRY(scim_store_find(&s->scope, s->c.p, call->type, call->id, scim_work_wants_members(call->type, projection), &stored));
    if (!stored) {
        return scim_work_not_found(s, call);
    }
    if (call->if_match && !scim_match_version(call->if_match, stored->version)) {
        return scim_error(s->c.p, SCIM_E_PRECONDITION, "The %s has another version", call->type->name);
    }
    scim_work_represent(s, call, projection, stored, SCIM_HTTP_OK, out);
    if (scim_match_tag(call->if_none_match, out->etag)) {
        out->status = SCIM_HTTP_NOT_MODIFIED;
        out->body = NULL;
    }
    return NULL;
}

const scim_operation_t scim_find = { "find", SCIM_RIGHT_READ, find };
