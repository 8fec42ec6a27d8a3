#include "rows.h"

#include <apr_strings.h>
#include <string.h>

#define UUID_LENGTH 36

/* The groups of r, direct and through other groups. "union" lets each group come in once as direct and once as indirect, so circles end.
 * Most users are in no group or in few, and a look-up must not pay for the recursion: hence the guard in front of it (no
 * "exists": for a list of users the planner would hash the memberships of the whole tenant). */
#define GROUPS_COLUMN                                                                                                                \
    "case when (select true from scim.membership m where m.tenant = $1 and m.member_id = r.id limit 1) then ("                       \
    "with recursive up (id, direct) as (select m.group_id, true from scim.membership m where m.tenant = $1 and m.member_id = r.id "  \
    "union select m.group_id, false from up join scim.membership m on m.tenant = $1 and m.member_id = up.id) "                       \
    "select string_agg(case when u.direct then 'D' else 'I' end || u.id || coalesce(to_json(g.display)::text, ''), e'\\n' order by u.id) " \
    "from (select up.id, bool_or(up.direct) as direct from up group by up.id) u "                                                    \
    "join scim.resource g on g.tenant = $1 and g.id = u.id) end"

#define MEMBERS_COLUMN                                                                                                       \
    "(select string_agg(" SCIM_ROWS_MEMBER_LINE("m.member_id", "m.member_type", "u.display") ", e'\\n' order by m.member_id) " \
    "from scim.membership m " SCIM_ROWS_OF_MEMBER "where m.tenant = $1 and m.group_id = r.id)"

#define NO_COLUMN "null::text"

static const char *const selects[2][2] = {
    { SCIM_ROWS_RESOURCE ", " NO_COLUMN ", " NO_COLUMN, SCIM_ROWS_RESOURCE ", " NO_COLUMN ", " MEMBERS_COLUMN },
    { SCIM_ROWS_RESOURCE ", " GROUPS_COLUMN ", " NO_COLUMN, SCIM_ROWS_RESOURCE ", " GROUPS_COLUMN ", " MEMBERS_COLUMN },
};

const char *scim_rows_select(const scim_resource_type_t *type, int members)
{
    return selects[type->groups != NULL][members && type->members];
}

const char *scim_rows_groups_column(const scim_resource_type_t *type)
{
    return type->groups ? GROUPS_COLUMN : NO_COLUMN;
}

/* What the letter of a line says. */
typedef struct shape_t {
    char letter;
    int in_users;                      /* $ref is below the endpoint of users, else of groups */
    const char *type;
} shape_t;

static const shape_t shapes[] = {
    { 'D', 0, "direct" },
    { 'I', 0, "indirect" },
    { 'U', 1, "User" },
    { 'G', 0, "Group" },
};

static const shape_t *shape_of(char letter)
{
    const shape_t *shape = shapes;

    while (shape->letter != letter && shape < shapes + sizeof shapes / sizeof *shapes - 1) {
        shape++;
    }
    return shape;
}

static char *put(char *o, const char *text, apr_size_t len)
{
    memcpy(o, text, len);
    return o + len;
}

static char *put_text(char *o, const char *text)
{
    return put(o, text, strlen(text));
}

static const char *line_end(const char *line, const char *end)
{
    const char *newline = memchr(line, '\n', (size_t)(end - line));

    return newline ? newline : end;
}

static apr_size_t count_lines(const char *line, const char *end)
{
    apr_size_t n = 0;

    for (; line < end; line = line_end(line, end) + 1) {
        n++;
    }
    return n;
}

/* Groups may have a hundred thousand members: one allocation, one pass. */
static const char *references(const scim_scope_t *s, apr_pool_t *p, const char *line, apr_size_t len)
{
    static const char value[] = "{\"value\":\"", ref[] = "\",\"$ref\":\"", type[] = "\",\"type\":\"", display[] = "\",\"display\":";
    const char *end = line + len, *users, *groups;
    apr_size_t longest;
    char *out, *o;

    users = apr_pstrcat(p, s->base_url, s->users, "/", NULL);
    groups = apr_pstrcat(p, s->base_url, s->groups, "/", NULL);
    longest = strlen(users) > strlen(groups) ? strlen(users) : strlen(groups);
    longest += sizeof value + sizeof ref + sizeof type + sizeof "indirect" + sizeof display + UUID_LENGTH + sizeof "},";
    out = o = apr_palloc(p, (apr_size_t)(end - line) + count_lines(line, end) * longest + 1);
    while (line < end) {
        const shape_t *shape = shape_of(*line++);
        const char *stop = line_end(line, end);
        o = put_text(o, value);
        o = put(o, line, UUID_LENGTH);
        o = put_text(o, ref);
        o = put_text(o, shape->in_users ? users : groups);
        o = put(o, line, UUID_LENGTH);
        o = put_text(o, type);
        o = put_text(o, shape->type);
        if (stop > line + UUID_LENGTH) {
            o = put_text(o, display);
            o = put(o, line + UUID_LENGTH, (apr_size_t)(stop - line) - UUID_LENGTH);
            *o++ = '}';
        }
        else {
            o = put_text(o, "\"}");
        }
        line = stop + 1;
        if (line < end) {
            *o++ = ',';
        }
    }
    *o = '\0';
    return out;
}

const char *scim_rows_references(const scim_scope_t *s, apr_pool_t *p, const scim_result_t *r, int row, int col)
{
    const char *lines = scim_col_text(r, row, col);

    return lines ? references(s, p, lines, scim_col_length(r, row, col)) : NULL;
}

scim_stored_t *scim_rows_stored(const scim_scope_t *s, apr_pool_t *p, const scim_result_t *r, int row)
{
    scim_stored_t *stored = apr_pcalloc(p, sizeof *stored);

    stored->id = scim_col_text(r, row, 0);
    stored->version = scim_col_int(r, row, 1);
    stored->created = scim_col_time(r, row, 2);
    stored->modified = scim_col_time(r, row, 3);
    stored->doc = scim_col_text(r, row, 4);
    stored->groups = scim_rows_references(s, p, r, row, 5);
    stored->members = scim_rows_references(s, p, r, row, 6);
    return stored;
}

/* ---- one row after the other ---- */

/* Bytes of lines that are gathered before they are given to the reader. */
#define PIECE 32768

scim_error_t *scim_row_reader_init(scim_row_reader_t *r, apr_pool_t *p, const scim_scope_t *scope, const scim_reader_t *reader)
{
    r->scope = scope;
    r->reader = reader;
    r->lines = apr_array_make(p, PIECE, 1);
    r->count = 0;
    if (apr_pool_create(&r->scratch, p) != APR_SUCCESS) {
        return scim_error(p, SCIM_E_UNAVAILABLE, "The server is out of memory");
    }
    return NULL;
}

static scim_error_t *give(scim_row_reader_t *r, const char *lines, apr_size_t len)
{
    apr_pool_clear(r->scratch);
    return r->reader->members(r->reader->to, references(r->scope, r->scratch, lines, len));
}

static scim_error_t *give_lines(scim_row_reader_t *r)
{
    apr_size_t len = (apr_size_t)r->lines->nelts;

    r->lines->nelts = 0;
    /* Without the last newline. */
    return len > 0 ? give(r, r->lines->elts, len - 1) : NULL;
}

static scim_error_t *add_line(scim_row_reader_t *r, const char *line, apr_size_t len)
{
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

scim_error_t *scim_row_reader_row(void *to, const scim_result_t *row)
{
    scim_row_reader_t *r = to;

    if (scim_is_null(row, 0, 0)) {
        return add_line(r, scim_col_text(row, 0, 6), scim_col_length(row, 0, 6));
    }
    SCIM_TRY(give_lines(r));
    apr_pool_clear(r->scratch);
    r->count++;
    return r->reader->resource(r->reader->to, scim_rows_stored(r->scope, r->scratch, row, 0));
}

scim_error_t *scim_row_reader_end(scim_row_reader_t *r)
{
    return give_lines(r);
}
