#include "writer.h"

#include <apr_strings.h>
#include <string.h>

#include "work.h"

static scim_error_t *add_elements(scim_writer_t *w, const char *elements)
{
    const char *text;

    apr_pool_clear(w->piece);
    text = scim_represent_elements(w->piece, w->s->c.type, w->projection, elements);
    if (!*text) {
        return NULL;
    }
    if (w->in_members) {
        SCIM_TRY(scim_spool_text(w->spool, ","));
    }
    else {
        SCIM_TRY(scim_spool_text(w->spool, ",\""));
        SCIM_TRY(scim_spool_text(w->spool, w->now.members->name));
        SCIM_TRY(scim_spool_text(w->spool, "\":["));
        w->in_members = 1;
    }
    return scim_spool_text(w->spool, text);
}

/* What stands behind the members of the last resource. */
static scim_error_t *end_resource(scim_writer_t *w)
{
    if (w->count == 0) {
        return NULL;
    }
    if (w->in_members) {
        SCIM_TRY(scim_spool_text(w->spool, "]"));
        w->in_members = 0;
    }
    return scim_spool_text(w->spool, w->now.tail);
}

static scim_error_t *write_members(void *to, const char *elements)
{
    scim_writer_t *w = to;

    return w->now.members && elements && *elements ? add_elements(w, elements) : NULL;
}

static scim_error_t *write_resource(void *to, const scim_stored_t *stored)
{
    scim_writer_t *w = to;

    if (w->check) {
        SCIM_TRY(w->check(w->check_data, stored));
    }
    SCIM_TRY(end_resource(w));
    apr_pool_clear(w->scratch);
    scim_represent_parts(w->scratch, w->s->c.type, w->projection, w->s->scope.base_url, stored, &w->now);
    if (w->count++ > 0) {
        SCIM_TRY(scim_spool_text(w->spool, ","));
    }
    SCIM_TRY(scim_spool_text(w->spool, w->now.head));
    return write_members(w, stored->members);
}

static scim_error_t *write_again(void *to)
{
    scim_writer_t *w = to;

    w->count = w->in_members = 0;
    return scim_spool_rewind(w->spool);
}

scim_error_t *scim_writer_make(scim_service_t *s, const scim_projection_t *projection, scim_writer_t *w, scim_reader_t *reader)
{
    memset(w, 0, sizeof(*w));
    w->s = s;
    w->projection = projection;
    w->spool = scim_spool_make(s->c.p, s->spools, scim_work_party(s));
    if (apr_pool_create(&w->scratch, s->c.p) != APR_SUCCESS ||
        (s->c.type->members && apr_pool_create(&w->piece, s->c.p) != APR_SUCCESS)) {
        return scim_error(s->c.p, SCIM_E_UNAVAILABLE, "The server is out of memory");
    }
    reader->resource = write_resource;
    reader->members = write_members;
    reader->again = write_again;
    reader->to = w;
    return NULL;
}

scim_error_t *scim_writer_end(scim_writer_t *w, const char *behind)
{
    SCIM_TRY(end_resource(w));
    SCIM_TRY(scim_spool_text(w->spool, behind));
    return scim_spool_end(w->spool);
}
