/* One resource as the answer. */
#include "../core/base/etag.h"
#include "work.h"
#include "writer.h"

scim_error_t *scim_work_projection(scim_service_t *s, const scim_call_t *call, const scim_projection_t **out)
{
    return scim_projection_parse(s->c.p, call->type, call->params.attributes, call->params.excluded_attributes, out);
}

int scim_work_wants_members(const scim_resource_type_t *type, const scim_projection_t *projection)
{
    return type->members && scim_projection_wants(projection, type->members);
}

void scim_work_represent(scim_service_t *s, const scim_projection_t *projection, const scim_stored_t *stored, int status, scim_answer_t *out)
{
    scim_work_release(s);
    out->status = status;
    if (s->brief) {
        out->etag = scim_etag(s->c.p, stored->version, stored->groups);
        return;
    }
    out->body = scim_represent(s->c.p, s->c.type, projection, s->scope.base_url, stored, &out->etag);
    out->location = scim_location(s->c.p, s->c.type, s->scope.base_url, stored->id);
}

scim_error_t *scim_work_version(const scim_service_t *s, const scim_resource_type_t *type, const scim_match_t *if_match,
                                const scim_stored_t *stored)
{
    if (if_match && !scim_match_version(if_match, stored->version)) {
        return scim_error(s->c.p, SCIM_E_PRECONDITION, "The %s has another version", type->name);
    }
    return NULL;
}

typedef struct showing_t {
    const scim_service_t *s;
    const scim_match_t *if_match;
    int status;
    scim_answer_t *out;
} showing_t;

static scim_error_t *found(void *data, const scim_stored_t *stored)
{
    const showing_t *x = data;

    SCIM_TRY(scim_work_version(x->s, x->s->c.type, x->if_match, stored));
    x->out->status = x->status;
    x->out->etag = scim_etag(x->s->c.p, stored->version, stored->groups);
    x->out->location = scim_location(x->s->c.p, x->s->c.type, x->s->scope.base_url, stored->id);
    return NULL;
}

scim_error_t *scim_work_read(scim_service_t *s, const char *id, const scim_match_t *if_match, const scim_projection_t *projection, int status,
                             scim_answer_t *out)
{
    showing_t showing = { s, if_match, status, out };
    scim_writer_t writer;
    scim_reader_t reader;

    out->status = 0;
    scim_writer_make(s, projection, &writer, &reader);
    writer.check = found;
    writer.check_data = &showing;
    SCIM_TRY(scim_work_db(s));
    SCIM_TRY(scim_store_read(&s->scope, s->c.p, s->c.type, id, &reader));
    scim_work_release(s);
    if (!out->status) {
        return NULL;
    }
    SCIM_TRY(scim_writer_end(&writer, ""));
    out->body = "";
    out->spool = writer.spool;
    return NULL;
}

void scim_work_show(scim_service_t *s, const scim_projection_t *projection, const scim_stored_t *stored, int status, scim_answer_t *out)
{
    if (!s->brief && scim_work_wants_members(s->c.type, projection)) {
        out->untold = scim_work_read(s, stored->id, NULL, projection, status, out);
        if (out->status && !out->untold) {
            return;
        }
    }
    if (stored->doc) {
        scim_work_represent(s, projection, stored, status, out);
        return;
    }
    scim_work_release(s);
    out->status = SCIM_HTTP_NO_CONTENT;
    out->etag = scim_etag(s->c.p, stored->version, NULL);
    out->location = NULL;
}
