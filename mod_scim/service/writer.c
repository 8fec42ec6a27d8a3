#include "writer.h"

#include <apr_strings.h>
#include <string.h>

#include "../core/base/json_scan.h"
#include "work.h"

static void add_elements(scim_writer_t *w, const char *elements)
{
    const char *text;

    if (w->piece) {
        apr_pool_clear(w->piece);
    }
    else {
        apr_pool_create(&w->piece, w->s->c.p);
    }
    text = scim_represent_elements(w->piece, w->showing->type, w->showing->projection, elements);
    if (!*text) {
        return;
    }
    if (w->in_members) {
        scim_spool_text(w->spool, ",");
    }
    else {
        scim_spool_text(w->spool, ",\"");
        scim_spool_text(w->spool, w->now.members->name);
        scim_spool_text(w->spool, "\":[");
        w->in_members = 1;
    }
    scim_spool_text(w->spool, text);
}

/* What stands behind the members of the last resource. */
static void end_resource(scim_writer_t *w)
{
    if (w->count == 0) {
        return;
    }
    if (w->in_members) {
        scim_spool_text(w->spool, "]");
        w->in_members = 0;
    }
    scim_spool_text(w->spool, w->now.tail);
}

static scim_error_t *write_members(void *to, const char *elements)
{
    scim_writer_t *w = to;

    if (w->now.members && elements) {
        add_elements(w, elements);
    }
    return scim_spool_error(w->spool);
}

/* How a resource of this type is shown. */
static const scim_query_part_t *showing(const scim_writer_t *w, const scim_resource_type_t *type)
{
    const scim_query_part_t *shows = w->shows;

    while (type && shows->type != type && shows < w->shows + w->nshows - 1) {
        shows++;
    }
    return shows;
}

/* What is not shown as it is stored is taken apart. The rows that come behind it keep the connection. */
static scim_error_t *begin_large(const scim_writer_t *w, const scim_stored_t *stored)
{
    int apart = w->s->large && (w->showing->projection || w->showing->type->always_project);

    return apart && scim_json_is_large(stored->doc, strlen(stored->doc)) ? w->s->large(w->s->large_data) : NULL;
}

static scim_error_t *write_resource(void *to, const scim_stored_t *stored)
{
    scim_writer_t *w = to;

    if (w->check) {
        SCIM_TRY(w->check(w->check_data, stored));
    }
    end_resource(w);
    apr_pool_clear(w->scratch);
    w->showing = showing(w, stored->type);
    SCIM_TRY(begin_large(w, stored));
    scim_represent_parts(w->scratch, w->showing->type, w->showing->projection, w->s->scope.base_url, stored, &w->now);
    if (w->count++ > 0) {
        scim_spool_text(w->spool, ",");
    }
    scim_spool_text(w->spool, w->now.head);
    return write_members(w, stored->members);
}

static void write_again(void *to)
{
    scim_writer_t *w = to;

    w->count = w->in_members = 0;
    scim_spool_rewind(w->spool);
}

void scim_writer_make(scim_service_t *s, const scim_projection_t *projection, scim_writer_t *w, scim_reader_t *reader)
{
    memset(w, 0, sizeof(*w));
    w->s = s;
    w->alone.type = s->c.type;
    w->alone.projection = projection;
    w->shows = &w->alone;
    w->nshows = 1;
    w->spool = scim_spool_make(s->answers ? s->answers : s->c.p, s->spools, scim_work_party(s));
    apr_pool_create(&w->scratch, s->c.p);
    reader->resource = write_resource;
    reader->members = write_members;
    reader->again = write_again;
    reader->to = w;
}

scim_error_t *scim_writer_end(scim_writer_t *w, const char *behind)
{
    end_resource(w);
    scim_spool_text(w->spool, behind);
    return scim_spool_end(w->spool);
}
