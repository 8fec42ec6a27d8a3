/* GET of one resource. */
#include "me.h"
#include "work.h"

/* A query on one resource's URL is not offered: a filter there must not pass for a match (G-17). */
static scim_error_t *refuse_filter(const scim_service_t *s, const scim_call_t *call)
{
    if (call->params.filter) {
        return scim_error(s->c.p, SCIM_E_INVALID_FILTER, "A filter works on %s, not on a single resource", call->type->endpoint);
    }
    return NULL;
}

static scim_error_t *find_alone(scim_service_t *s, const scim_call_t *call, const scim_projection_t *projection, scim_answer_t *out)
{
    scim_stored_t *stored;

    SCIM_TRY(scim_work_db(s));
    SCIM_TRY(scim_store_find(&s->scope, s->c.p, call->type, call->id, 0, &stored));
    if (!stored) {
        return scim_work_not_found(s, call);
    }
    SCIM_TRY(scim_work_large(s, stored));
    SCIM_TRY(scim_me_check(s, call, stored));
    SCIM_TRY(scim_work_version(s, call->type, call->if_match, stored));
    scim_work_represent(s, projection, stored, SCIM_HTTP_OK, out);
    return NULL;
}

static scim_error_t *find(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    const scim_projection_t *projection;

    SCIM_TRY(refuse_filter(s, call));
    SCIM_TRY(scim_work_projection(s, call, &projection));
    if (scim_work_wants_members(call->type, projection)) {
        SCIM_TRY(scim_work_read(s, call->id, call->if_match, projection, SCIM_HTTP_OK, out));
        if (!out->status) {
            return scim_work_not_found(s, call);
        }
    }
    else {
        SCIM_TRY(find_alone(s, call, projection, out));
    }
    if (scim_match_tag(call->if_none_match, out->etag)) {
        out->status = SCIM_HTTP_NOT_MODIFIED;
        out->body = NULL;
    }
    return NULL;
}

const scim_operation_t scim_find = { "find", SCIM_RIGHT_READ, find };
