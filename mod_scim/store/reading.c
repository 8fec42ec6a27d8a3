#include "reading.h"

#include <apr_strings.h>
#include <string.h>

/* Bytes of lines that are gathered before they are given to the reader. */
#define PIECE 32768

typedef struct state_t {
    const scim_scope_t *scope;
    const scim_reading_t *what;
    apr_pool_t *p;
    scim_found_t *found;
    apr_pool_t *scratch;               /* of one resource, or of one piece of its members */
    apr_array_header_t *lines;         /* of char: members that were not given to the reader yet; NULL: none ever came */
    int incomplete;                    /* a user's groups are not all there: the rest is of no use */
} state_t;

static scim_error_t *give(state_t *r, const char *lines, apr_size_t len)
{
    apr_pool_clear(r->scratch);
    return r->what->reader->members(r->what->reader->to, scim_rows_lines(r->scope, r->scratch, lines, len));
}

static scim_error_t *give_lines(state_t *r)
{
    apr_size_t len = r->lines ? (apr_size_t)r->lines->nelts : 0;

    if (len == 0) {
        return NULL;
    }
    r->lines->nelts = 0;
    /* Without the last newline. */
    return give(r, r->lines->elts, len - 1);
}

static scim_error_t *add_line(state_t *r, const char *line, apr_size_t len)
{
    if (!r->lines) {
        r->lines = apr_array_make(r->p, PIECE, 1);
    }
    if ((apr_size_t)r->lines->nelts + len + 1 > PIECE) {
        SCIM_TRY(give_lines(r));
    }
    if (len + 1 > PIECE) {
        return give(r, line, len);
    }
    memcpy(r->lines->elts + r->lines->nelts, line, len);
    r->lines->nelts += (int)len;
    r->lines->elts[r->lines->nelts++] = '\n';
    return NULL;
}

/* Where a full page ends. */
static void keep_place(state_t *r, const scim_result_t *row)
{
    r->found->last.id = apr_pstrdup(r->p, scim_col_text(row, 0, 0));
    r->found->last.key = r->what->keyed ? apr_pstrdup(r->p, scim_col_text(row, 0, SCIM_ROWS_COLUMNS)) : NULL;
}

static const scim_resource_type_t *type_of(const state_t *r, const scim_result_t *row)
{
    const scim_query_t *query = r->what->query;
    const char *name;
    int i = 0;

    if (!query || query->nparts == 1) {
        return query ? query->parts->type : NULL;
    }
    name = scim_col_text(row, 0, SCIM_ROWS_COLUMNS + r->what->keyed);
    while (i < query->nparts - 1 && strcmp(query->parts[i].type->name, name) != 0) {
        i++;
    }
    return query->parts[i].type;
}

static scim_error_t *take_resource(state_t *r, const scim_result_t *row)
{
    const int most = r->what->query ? r->what->query->count : 0;
    scim_stored_t *stored;

    if (most && r->found->count == most) {
        r->found->more = 1;
        return NULL;
    }
    if (r->what->alone && r->what->groups) {
        scim_rows_learn(r->scope, row, 0);
    }
    r->incomplete = scim_rows_incomplete(row, 0);
    SCIM_TRY(give_lines(r));
    apr_pool_clear(r->scratch);
    if (++r->found->count == most) {
        keep_place(r, row);
    }
    if (r->incomplete) {
        return NULL;
    }
    stored = scim_rows_stored(r->scope, r->scratch, row, 0);
    stored->type = type_of(r, row);
    return r->what->reader->resource(r->what->reader->to, stored);
}

static scim_error_t *take_row(void *to, const scim_result_t *row)
{
    state_t *r = to;

    if (r->incomplete) {
        return NULL;
    }
    if (scim_is_null(row, 0, 0)) {
        return add_line(r, scim_col_text(row, 0, SCIM_ROWS_MEMBERS), scim_col_length(row, 0, SCIM_ROWS_MEMBERS));
    }
    return take_resource(r, row);
}

static scim_error_t *read_rows(state_t *r, scim_groups_e which)
{
    const scim_reading_t *what = r->what;
    const char *text = what->text(what->data, which);
    int columns = SCIM_ROWS_COLUMNS + what->keyed + (what->query && what->query->nparts > 1);

    *r->found = (scim_found_t){ .total = -1 };
    SCIM_TRY(scim_db_each(r->scope->db, r->p, what->intent, text, what->params->nelts, (const char *const *)what->params->elts,
                          columns, take_row, r));
    return give_lines(r);
}

scim_error_t *scim_reading_run(const scim_scope_t *s, apr_pool_t *p, const scim_reading_t *what, scim_found_t *found)
{
    state_t r = { .scope = s, .what = what, .p = p, .found = found };

    apr_pool_create(&r.scratch, p);
    SCIM_TRY(read_rows(&r, !what->groups ? SCIM_GROUPS_NONE : what->alone ? scim_rows_guess(s) : SCIM_GROUPS_DIRECT));
    if (r.incomplete) {
        r.incomplete = 0;
        what->reader->again(what->reader->to);
        return read_rows(&r, SCIM_GROUPS_ALL);
    }
    return NULL;
}
