#include "rows.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <string.h>

#define UUID_LENGTH 36

/* A column of the select list. */
#define GROUPS 5

/* The groups of r in the order of their ids. Merely to set up a recursion costs a statement more than all the rest of a look-up, and groups
 * in groups are rare: so the direct ones are read alone, and those that are in a group themselves are marked. ("limit 1" and no "exists":
 * for a list of users the planner would hash the memberships of the whole tenant.) */
#define DIRECT_GROUPS                                                                                                                \
    "array_to_string(array(select case when (select true from scim.membership o where o.tenant = $1 and o.member_id = m.group_id "   \
    "limit 1) then 'N' else 'D' end || m.group_id || "                                                                               \
    "coalesce(to_json((select g.display from scim.resource g where g.tenant = $1 and g.id = m.group_id))::text, '') "                \
    "from scim.membership m where m.tenant = $1 and m.member_id = r.id order by m.group_id), e'\\n')"

#define ANY_GROUPS "(select 'A'::text from scim.membership m where m.tenant = $1 and m.member_id = r.id limit 1)"

/* The groups of r, direct and through other groups. "union" lets each group come in once as direct and once as indirect, so circles end. Group
 * by group ("offset 0"): for a few more the planner would read the memberships of all tenants. */
#define ALL_GROUPS                                                                                                                   \
    "(with recursive up (id, direct) as (select m.group_id, true from scim.membership m where m.tenant = $1 and m.member_id = r.id " \
    "union select m.id, false from up cross join lateral (select m.group_id as id from scim.membership m where m.tenant = $1 "       \
    "and m.member_id = up.id offset 0) m) "                                                                                          \
    "select string_agg(case when u.direct then 'D' else 'I' end || u.id || coalesce(to_json(g.display)::text, ''), e'\\n' order by u.id) " \
    "from (select up.id, bool_or(up.direct) as direct from up group by up.id) u "                                                    \
    "cross join lateral (select g.display from scim.resource g where g.tenant = $1 and g.id = u.id offset 0) g)"

#define MEMBERS_COLUMN                                                                                                       \
    "(select string_agg(" SCIM_ROWS_MEMBER_LINE("m.member_id", "m.member_type", "u.display") ", e'\\n' order by m.member_id) " \
    "from scim.membership m " SCIM_ROWS_OF_MEMBER "where m.tenant = $1 and m.group_id = r.id)"

#define NO_COLUMN "null::text"

const char *scim_rows_groups_column(const scim_resource_type_t *type, scim_groups_e which)
{
    static const char *const columns[] = { NO_COLUMN, ANY_GROUPS, DIRECT_GROUPS, ALL_GROUPS };

    return type->groups ? columns[which] : NO_COLUMN;
}

const char *scim_rows_select(apr_pool_t *p, const scim_resource_type_t *type, scim_groups_e which, int members)
{
    return apr_pstrcat(p, SCIM_ROWS_RESOURCE ", ", scim_rows_groups_column(type, which), ", ", members ? MEMBERS_COLUMN : NO_COLUMN,
                       NULL);
}

/* What the letter of a line says. */
typedef struct shape_t {
    char letter;
    int in_users;                      /* $ref is below the endpoint of users, else of groups */
    const char *type;
} shape_t;

static const shape_t shapes[] = {
    { 'D', 0, "direct" },
    { 'N', 0, "direct" },
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

/* What stands before the id in a URL of the endpoint; NULL where resources of that type are not served. */
static const char *url_of(const scim_scope_t *s, apr_pool_t *p, const char *endpoint)
{
    return *endpoint ? apr_pstrcat(p, s->base_url, endpoint, "/", NULL) : NULL;
}

/* Groups may have a hundred thousand members: one allocation, one pass. */
const char *scim_rows_lines(const scim_scope_t *s, apr_pool_t *p, const char *line, apr_size_t len)
{
    static const char value[] = "{\"value\":\"", ref[] = "\",\"$ref\":\"", type[] = "\",\"type\":\"", display[] = "\",\"display\":";
    const char *end = line + len, *users = url_of(s, p, s->users), *groups = url_of(s, p, s->groups);
    apr_size_t longest = strlen(s->base_url) + strlen(s->users) + strlen(s->groups) + sizeof value + sizeof ref + sizeof "/" + sizeof type +
                         sizeof "indirect" + sizeof display + UUID_LENGTH + sizeof "},";
    char *out, *o;

    out = o = apr_palloc(p, (apr_size_t)(end - line) + count_lines(line, end) * longest + 1);
    while (line < end) {
        const shape_t *shape = shape_of(*line++);
        const char *stop = line_end(line, end), *url = shape->in_users ? users : groups;
        o = put_text(o, value);
        o = put(o, line, UUID_LENGTH);
        if (url) {
            o = put_text(o, ref);
            o = put_text(o, url);
            o = put(o, line, UUID_LENGTH);
        }
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

    return lines && *lines ? scim_rows_lines(s, p, lines, scim_col_length(r, row, col)) : NULL;
}

/* So many users of a tenant in a row are in no group, before the next is taken for one of them. */
#define GROUPLESS 8

scim_groups_e scim_rows_guess(const scim_scope_t *s)
{
    return s->groupless && apr_atomic_read32(s->groupless) >= GROUPLESS ? SCIM_GROUPS_ANY : SCIM_GROUPS_DIRECT;
}

void scim_rows_learn(const scim_scope_t *s, const scim_result_t *r, int row)
{
    const char *lines = scim_col_text(r, row, GROUPS);
    apr_uint32_t before = s->groupless ? apr_atomic_read32(s->groupless) : 0, now = lines && *lines ? 0 : before + (before < GROUPLESS);

    /* All requests of the tenant look at it; it hardly ever changes. */
    if (s->groupless && now != before) {
        apr_atomic_set32(s->groupless, now);
    }
}

int scim_rows_incomplete(const scim_result_t *r, int row)
{
    const char *lines = scim_col_text(r, row, GROUPS);

    return lines && (*lines == 'A' || *lines == 'N' || strstr(lines, "\nN"));
}

scim_stored_t *scim_rows_stored(const scim_scope_t *s, apr_pool_t *p, const scim_result_t *r, int row)
{
    scim_stored_t *stored = apr_pcalloc(p, sizeof *stored);

    stored->id = scim_col_text(r, row, 0);
    stored->version = scim_col_int(r, row, 1);
    stored->created = scim_col_time(r, row, 2);
    stored->modified = scim_col_time(r, row, 3);
    stored->doc = scim_col_text(r, row, 4);
    stored->groups = scim_rows_incomplete(r, row) ? NULL : scim_rows_references(s, p, r, row, GROUPS);
    stored->members = scim_rows_references(s, p, r, row, SCIM_ROWS_MEMBERS);
    return stored;
}

scim_error_t *scim_rows_complete(const scim_scope_t *s, apr_pool_t *p, const scim_result_t *r, int row, scim_stored_t **out)
{
    const char *params[] = { apr_psprintf(p, "%" APR_INT64_T_FMT, s->tenant), NULL };
    scim_result_t *rows = NULL;

    *out = scim_rows_stored(s, p, r, row);
    if (!scim_rows_incomplete(r, row)) {
        return NULL;
    }
    params[1] = (*out)->id;
    SCIM_TRY(scim_db_run(s->db, p, SCIM_DB_READ, "select " ALL_GROUPS " from scim.resource r where r.tenant = $1 and r.id = $2", 2, params,
                         &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 1, 0, 1));
    (*out)->groups = scim_rows(rows) > 0 ? scim_rows_references(s, p, rows, 0, 0) : NULL;
    return NULL;
}
