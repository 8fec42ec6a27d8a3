/* GET of one resource. */
#include "../core/base/etag.h"
#include "work.h"
#include "writer.h"

/* A query on one resource's URL is not offered: a filter there must not pass for a match (G-17). */
static scim_error_t *refuse_filter(const scim_service_t *s, const scim_call_t *call)
{
    if (call->params.filter) {
        return scim_error(s->c.p, SCIM_E_INVALID_FILTER, "A filter works on %s, not on a single resource", call->type->endpoint);
    }
    return NULL;
}

static scim_error_t *check_version(const scim_service_t *s, const scim_call_t *call, const scim_stored_t *stored)
{
    if (call->if_match && !scim_match_version(call->if_match, stored->version)) {
        return scim_error(s->c.p, SCIM_E_PRECONDITION, "The %s has another version", call->type->name);
    }
    return NULL;
}

/* Reading a resource whose members may be many. */
typedef struct reading_t {
    const scim_service_t *s;
    const scim_call_t *call;
    scim_answer_t *out;
} reading_t;

static scim_error_t *found(void *data, const scim_stored_t *stored)
{
    const reading_t *r = data;

    SCIM_TRY(check_version(r->s, r->call, stored));
    r->out->status = SCIM_HTTP_OK;
    r->out->etag = scim_etag(r->s->c.p, stored->version, stored->groups);
    r->out->location = scim_location(r->s->c.p, r->call->type, r->s->scope.base_url, stored->id);
    return NULL;
}

static scim_error_t *find_with_members(scim_service_t *s, const scim_call_t *call, const scim_projection_t *projection, scim_answer_t *out)
{
    reading_t reading = { s, call, out };
    scim_writer_t writer;
    scim_reader_t reader;

    SCIM_TRY(scim_writer_make(s, projection, &writer, &reader));
    writer.check = found;
    writer.check_data = &reading;
    SCIM_TRY(scim_work_db(s));
    SCIM_TRY(scim_store_read(&s->scope, s->c.p, call->type, call->id, &reader));
    scim_work_release(s);
    if (!out->status) {
        return scim_work_not_found(s, call);
    }
    SCIM_TRY(scim_writer_end(&writer, ""));
    out->body = "";
    out->spool = writer.spool;
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
    SCIM_TRY(check_version(s, call, stored));
    scim_work_represent(s, call, projection, stored, SCIM_HTTP_OK, out);
    return NULL;
}

static scim_error_t *find(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    const scim_projection_t *projection;

    SCIM_TRY(refuse_filter(s, call));
    SCIM_TRY(scim_work_projection(s, call, &projection));
    if (scim_work_wants_members(call->type, projection)) {
        SCIM_TRY(find_with_members(s, call, projection, out));
    }
    else {
        SCIM_TRY(find_alone(s, call, projection, out));
    }
    if (scim_match_tag(call->if_none_match, out->etag)) {
        out->status = SCIM_HTTP_NOT_MODIFIED;
        out->body = NULL;
        out->spool = NULL;
    }
    return NULL;
}

const scim_operation_t scim_find = { "find", SCIM_RIGHT_READ, find };
