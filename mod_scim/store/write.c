/* Creating and changing: each one statement, composed of what the change needs. */
#include <apr_strings.h>
#include <string.h>

#include "../core/base/text.h"
#include "rows.h"
#include "sqlerr.h"
#include "statement.h"

typedef struct column_t {
    const char *name;
    const char *cast;
    const char *value;
    int keep;                          /* an update without value leaves what is there */
} column_t;

#define COLUMNS 9

static void record_columns(const scim_statement_t *st, const scim_record_t *record, column_t columns[COLUMNS])
{
    const column_t filled[COLUMNS] = {
        { "user_name", "", record->user_name, 0 },
        { "external_id", "", record->external_id, 0 },
        { "display_name", "", record->display_name, 0 },
        { "display", "", record->display, 0 },
        { "active", "::boolean", record->active < 0 ? NULL : record->active ? "true" : "false", 0 },
        { "password", "", record->password, 1 },
        { "keys", "::bigint[]", scim_keys_literal(st->p, st->scope->tenant, st->type, record), 0 },
        { "doc", "::json", record->doc, 0 },
        { "folded", "::jsonb", record->folded, 0 },
    };
    int i;

    for (i = 0; i < COLUMNS; i++) {
        columns[i] = filled[i];
    }
}

static int has_adds(const scim_members_t *members)
{
    return members && apr_hash_count(members->add) > 0;
}

/* ---- Create ---- */

static void insert_resource(scim_statement_t *st, const scim_record_t *record)
{
    column_t columns[COLUMNS];
    int i;

    record_columns(st, record, columns);
    scim_statement_add(st, "insert into scim.resource (tenant, type, id, write_id, version, created, modified", NULL);
    for (i = 0; i < COLUMNS; i++) {
        scim_statement_add(st, ", ", columns[i].name, NULL);
    }
    scim_statement_add(st, ") select $1::bigint, $2::text, $3::uuid, $4::uuid, 1, now(), now()", NULL);
    for (i = 0; i < COLUMNS; i++) {
        scim_statement_add(st, ", ", scim_statement_bind(st, columns[i].value), columns[i].cast, NULL);
    }
}

#define TELL_MEMBERS(adds) ((adds) ? "(select id from bad), (select count(*) from wanted where type is null) " : "null::uuid, 0 ")

#define SHARED "select s.id, s.type from shared s"

/* With members or unique values: the resource is written when no member is bad, and they after it. */
static void create_with_rows(scim_statement_t *st, const scim_record_t *record, const scim_members_t *members,
                             scim_unknown_members_e unknown, int unique)
{
    int adds = has_adds(members);

    scim_statement_add(st, "with ", NULL);
    if (adds) {
        scim_statement_bind_wanted(st, members, unknown);
        scim_statement_share(st, "shared", "");
        scim_statement_wanted(st, st->adds_self ? SHARED " union all select $3::uuid, $2::text" : SHARED, unknown);
    }
    scim_statement_add(st, "written as (", NULL);
    insert_resource(st, record);
    scim_statement_add(st, adds ? " where not exists (select 1 from bad)" : "", " returning version, created, modified), ", NULL);
    if (unique) {
        scim_statement_unique(st, record, "written", 0);
    }
    if (adds) {
        scim_statement_add(st, "added as (insert into scim.membership (tenant, group_id, member_id, member_type) "
                           "select $1, $3, w.id, w.type from written cross join wanted w where w.type is not null), ",
                           NULL);
    }
    scim_statement_add(st, "one as (select 1 as yes) select case when w.version is null then 'bad' else 'done' end, "
                       "w.version, w.created, w.modified, ",
                       TELL_MEMBERS(adds), "from one left join written w on true", NULL);
}

/* Names the attribute whose value is taken, or those that it can be. */
static scim_error_t *name_taken(apr_pool_t *p, const scim_resource_type_t *type, const scim_record_t *record, scim_error_t *err)
{
    apr_array_header_t *names;
    int i;

    if (!err || !record || !record->unique->nelts || strcmp(err->detail, SCIM_SQLERR_VALUE_TAKEN) != 0) {
        return err;
    }
    names = apr_array_make(p, 2, sizeof(const char *));
    for (i = 0; i < record->unique->nelts; i++) {
        APR_ARRAY_PUSH(names, const char *) = APR_ARRAY_IDX(record->unique, i, scim_unique_t).attribute;
    }
    err->detail = apr_psprintf(p, "%s%s: the value is taken by another %s", names->nelts > 1 ? "One of " : "", apr_array_pstrcat(p, names, ','),
                               type->name);
    return err;
}

scim_error_t *scim_store_create(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *id,
                                const scim_record_t *record, const scim_members_t *members, scim_unknown_members_e unknown,
                                scim_written_t *out)
{
    scim_statement_t *st;
    int unique = scim_statement_has_unique(type, record);

    SCIM_TRY(scim_statement_make(s, p, type, id, &st));
    if (unique || has_adds(members)) {
        create_with_rows(st, record, members, unknown, unique);
    }
    else {
        insert_resource(st, record);
        scim_statement_add(st, " returning 'done', version, created, modified, null::uuid, 0", NULL);
    }
    memset(out, 0, sizeof *out);
    if (st->bad_member) {
        out->outcome = SCIM_WRITE_BAD_MEMBER;
        out->bad_member = st->bad_member;
        return NULL;
    }
    SCIM_TRY(name_taken(p, type, record, scim_statement_run(st, out)));
    out->stored.doc = record->doc;
    return NULL;
}

/* ---- Modify ---- */

typedef struct change_t {
    const scim_match_t *expected;
    const scim_record_t *record;
    const scim_members_t *members;     /* NULL: no change to members */
    scim_unknown_members_e unknown;
    int adds, removes;                 /* which expressions the statement has */
    const char *is_expected;           /* condition on t.version, or "" */
    const char *is_current;            /* t is as in the snapshot, or "" where that does not matter */
    const char *display;               /* parameter: what groups will show of the resource */
    const char *assignments;           /* ", title = $n, ..." of what the record says */
    const char *removed;               /* parameter: ids of the members to remove; NULL when there are none, or all go */
} change_t;

/* Replacing all members takes a snapshot of this very version: a member added by somebody the statement waited for would be left over.
 * Adding and removing ids does not care. */
#define IS_CURRENT " and t.version = (select r.version from scim.resource r where r.tenant = $1 and r.id = $3)"

#define IF_RENAMED "exists (select 1 from scim.resource o where o.tenant = $1 and o.id = $3 and o.display is distinct from "

/* Where the change shows in groups, they are locked before. Where all members are replaced as well they are in any case, and so is the resource:
 * who finds it changed when he is at last alone with it would have to begin anew, and that takes no other locks. */
static void bind_lock_before(scim_statement_t *st, const change_t *c)
{
    const char *which = *c->is_current ? "(" : IF_RENAMED, *end = *c->is_current ? "::text is null or true) and " : "::text) and ";
    const char *condition = apr_pstrcat(st->p, "$4::uuid is not null and ", c->adds ? st->types : "", c->adds ? "::text[] is not null and " : "",
                                        which, c->display, end, NULL);

    scim_statement_lock_before(st, condition, st->sql.params->nelts);
}

/* What goes ahead of the statement has the first parameters: members to add, and what groups show. */
static void bind_change(scim_statement_t *st, change_t *c)
{
    column_t columns[COLUMNS];
    int i;

    c->assignments = "";
    c->is_current = c->members && c->members->clear ? IS_CURRENT : "";
    if (c->adds) {
        scim_statement_bind_wanted(st, c->members, c->unknown);
    }
    if (c->record) {
        c->display = scim_statement_bind(st, c->record->display);
        bind_lock_before(st, c);
    }
    c->is_expected = scim_statement_expected(st, c->expected);
    c->removed = c->removes && !c->members->clear ? scim_statement_bind(st, scim_statement_ids(st, c->members->remove)) : NULL;
    if (!c->record) {
        return;
    }
    record_columns(st, c->record, columns);
    for (i = 0; i < COLUMNS; i++) {
        if (columns[i].value || !columns[i].keep) {
            c->assignments = apr_pstrcat(st->p, c->assignments, ", ", columns[i].name, " = ", scim_statement_bind(st, columns[i].value),
                                         columns[i].cast, NULL);
        }
    }
}

/* Does the change show in the groups that hold the resource? Then they are locked with it and get a new version. */
#define RENAMING                                                                                                             \
    "renaming as materialized (select count(*) as n from scim.resource o where o.tenant = $1 and o.id = $3 and o.display is distinct from "
#define IF_RENAMING "(select n.n from renaming n) > 0 and "
#define IF_NOT_RENAMING "(select n.n from renaming n) = 0 and "
#define AFTER_LOCKED " and (select count(*) from locked) >= 0"
#define AFTER_BELOW " and (select count(*) from below) >= 0"
#define AFTER_TARGET "(select count(*) from target) >= 0 and "

#define NONE "select null::uuid as id, null::text as type where false"
#define LOCKED " union all select l.id, l.type from locked l where l.id <> $3"
#define BELOW " union all select b.id, b.type from below b"
#define ABOVE " union all select a.id, a.type from above a"
#define SELF " union all select $3::uuid, $2::text from target s"

/* Where members to add are looked for: among the rows that were locked for it. */
static const char *wanted_from(const scim_statement_t *st, const change_t *c)
{
    return apr_pstrcat(st->p, NONE, c->record ? LOCKED : "", st->adds_below ? BELOW : "", st->adds_self ? SELF : "",
                       st->adds_above ? ABOVE : "", NULL);
}

/* The conditions on locked, below and target, always true, make the server lock those first. */
static void lock_and_check(scim_statement_t *st, const change_t *c)
{
    const char *unless_locked = c->record ? IF_NOT_RENAMING : "";

    scim_statement_add(st, "with ", NULL);
    if (c->record) {
        scim_statement_add(st, RENAMING, c->display, "::text), ", NULL);
        scim_statement_lock(st, IF_RENAMING);
    }
    if (c->adds && st->adds_below) {
        scim_statement_share(st, "below", apr_pstrcat(st->p, unless_locked, "r.id < $3 and ", NULL));
    }
    scim_statement_add(st, "target as materialized (select r.version, r.created, r.modified from scim.resource r "
                       "where r.tenant = $1 and r.id = $3 and r.type = $2", c->record ? AFTER_LOCKED : "",
                       c->adds && st->adds_below ? AFTER_BELOW : "", " for no key update), ", NULL);
    if (c->adds && st->adds_above) {
        scim_statement_share(st, "above", apr_pstrcat(st->p, unless_locked, AFTER_TARGET "r.id > $3 and ", NULL));
    }
    if (c->adds) {
        scim_statement_wanted(st, wanted_from(st, c), c->unknown);
    }
    scim_statement_add(st, "ok as materialized (select 1 as yes from target t where ", st->bad_member ? "false" : "true", c->is_expected,
                       c->is_current, c->adds ? " and not exists (select 1 from bad)), " : "), ", c->record ? SCIM_RENEW_HOLDERS : "", NULL);
}

#define DELETE_MEMBERS "delete from scim.membership m using ok where m.tenant = $1 and m.group_id = $3"

/* Touches the rows of the change only, whatever the size of the group; clearing touches all, by its nature. "not in" and "(in) is true"
 * are always run by a hash table; a join could be planned as a loop in a loop, since the planner does not know how many ids come. */
static void change_members(scim_statement_t *st, const change_t *c)
{
    if (c->removes) {
        scim_statement_add(st, "gone as (" DELETE_MEMBERS, NULL);
        if (c->members->clear) {
            scim_statement_add(st, c->adds ? " and m.member_id not in (select w.id from wanted w)" : "", NULL);
        }
        else {
            scim_statement_add(st, " and m.member_id = any((select ", c->removed, "::uuid[])::uuid[])", NULL);
        }
        scim_statement_add(st, " returning m.member_id), ", NULL);
    }
    if (c->adds) {
        scim_statement_add(st, "added as (insert into scim.membership (tenant, group_id, member_id, member_type) "
                           "select $1, $3, w.id, w.type from ok cross join wanted w where w.type is not null "
                           "on conflict do nothing returning member_id), ",
                           NULL);
    }
    scim_statement_add(st, "changes as materialized (select ", c->removes ? "(select count(*) from gone)" : "0", " + ",
                       c->adds ? "(select count(*) from added)" : "0", " as n), ", NULL);
}

/* Clocks of parallel writers may be read in another order than they get the lock: hence greatest. */
#define UPDATE                                                                                                               \
    "update scim.resource t set version = t.version + 1, write_id = $4::uuid, modified = greatest(t.modified, now())"

static void update_resource(scim_statement_t *st, const change_t *c)
{
    scim_statement_add(st, "written as (" UPDATE, c->assignments, " from ok", c->record ? "" : " cross join changes",
                       " where t.tenant = $1 and t.id = $3", c->record ? "" : " and changes.n > 0", " returning t.version, t.modified), ", NULL);
}

/* ---- Plain statements ----
 *
 * What most changes are, at half the cost of the whole statement or less: it runs only where these return no row, and says why. They take the
 * same locks in the same order. Where two clients make the same change of members at once, the second may give the group a version more. */

#define TARGET " where t.tenant = $1 and t.id = $3 and t.type = $2"
#define WRITTEN "t.version, t.created, t.modified"
#define TELL_WRITTEN "select 'done', w.version, w.created, w.modified, null::uuid, 0 from written w"

/* One row that is still of the expected version, and that no group would show differently afterwards: what shows stays the same, or there is
 * no group. */
static const char *update_plainly(const scim_statement_t *st, const change_t *c)
{
    const char *held = c->record->shown_alike ? "" : " or not exists (select 1 from scim.membership m where m.tenant = $1 and m.member_id = $3)";

    return apr_pstrcat(st->p, UPDATE, c->assignments, TARGET, c->is_expected, " and (t.display is not distinct from ", c->display, "::text", held,
                       ") returning 'done', " WRITTEN ", null::uuid, 0", NULL);
}

/* One member that is there, is what it is said to be, and is not in the group. It is locked before the group or after it. */
static const char *add_plainly(const scim_statement_t *st, const change_t *c)
{
    const char *id = apr_pstrcat(st->p, "(", st->ids, "::uuid[])[1]", NULL);
    const char *member = apr_pstrcat(st->p, "select r.id, r.type from scim.resource r where r.tenant = $1 and r.id = ", id,
                                     " and r.type in ('User', 'Group') and (", st->types, "::text[])[1] in ('', r.type)", NULL);
    const char *is_new = apr_pstrcat(st->p, c->is_expected, " and not exists (select 1 from scim.membership m where m.tenant = $1 "
                                     "and m.group_id = $3 and m.member_id = ", id, ") ", NULL);
    const char *locked = st->adds_below
        ? apr_pstrcat(st->p, "new as materialized (", member, " for key share), "
                      "written as (" UPDATE " from new n" TARGET, is_new, "returning " WRITTEN "), ", NULL)
        : apr_pstrcat(st->p, "written as (" UPDATE TARGET, is_new, "and exists (", member, ") returning " WRITTEN "), "
                      "new as materialized (", member, " and (select count(*) from written) > 0 for key share), ", NULL);

    return apr_pstrcat(st->p, "with ", locked, "added as (insert into scim.membership (tenant, group_id, member_id, member_type) "
                       "select $1, $3, n.id, n.type from written w cross join new n on conflict do nothing returning member_id) "
                       TELL_WRITTEN " cross join added a", NULL);
}

/* Members of which one at least is in the group. */
static const char *remove_plainly(const scim_statement_t *st, const change_t *c)
{
    const char *members = apr_pstrcat(st->p, "m.tenant = $1 and m.group_id = $3 and m.member_id = any((select ", c->removed,
                                      "::uuid[])::uuid[])", NULL);

    return apr_pstrcat(st->p, "with written as (" UPDATE TARGET, c->is_expected, " and exists (select 1 from scim.membership m where ", members,
                       ") returning " WRITTEN "), gone as (delete from scim.membership m using written where ", members, ") " TELL_WRITTEN,
                       NULL);
}

/* The plain statement of a change, or NULL. */
static const char *change_plainly(const scim_statement_t *st, const change_t *c, int unique)
{
    if (c->record) {
        return c->members || unique ? NULL : update_plainly(st, c);
    }
    if (c->adds) {
        return c->removes || apr_hash_count(c->members->add) > 1 || st->adds_below == st->adds_above ? NULL : add_plainly(st, c);
    }
    return c->removed ? remove_plainly(st, c) : NULL;
}

static void tell(scim_statement_t *st, const change_t *c)
{
    scim_statement_add(st, "one as (select 1 as yes) select case when t.version is null then 'missing' when not (true", c->is_expected,
                       ") then 'stale' when not (true", c->is_current, ") then 'raced' ", st->bad_member ? "when true then 'bad' " : "",
                       c->adds ? "when exists (select 1 from bad) then 'bad' " : "",
                       "when w.version is not null then 'done' else 'unchanged' end, coalesce(w.version, t.version), t.created, "
                       "coalesce(w.modified, t.modified), ",
                       TELL_MEMBERS(c->adds), "from one left join target t on true left join written w on true", NULL);
}

scim_error_t *scim_store_modify(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *id,
                                const scim_match_t *expected, const scim_record_t *record, const scim_members_t *members,
                                scim_unknown_members_e unknown, scim_written_t *out)
{
    scim_statement_t *st;
    change_t c = { .expected = expected, .record = record, .members = members, .unknown = unknown };
    int unique;

    memset(out, 0, sizeof *out);
    out->outcome = SCIM_WRITE_MISSING;
    if (!scim_is_uuid(id)) {
        return NULL;
    }
    SCIM_TRY(scim_statement_make(s, p, type, id, &st));
    c.adds = has_adds(members);
    c.removes = members && (members->clear || apr_hash_count(members->remove) > 0);
    unique = record && scim_statement_has_unique(type, record);
    bind_change(st, &c);
    lock_and_check(st, &c);
    if (c.adds || c.removes || !record) {
        change_members(st, &c);
    }
    if (unique) {
        scim_statement_unique(st, record, "ok", 1);
    }
    st->plain = change_plainly(st, &c, unique);
    st->plain_alone = record && !record->shown_alike;
    update_resource(st, &c);
    tell(st, &c);
    SCIM_TRY(name_taken(p, type, record, scim_statement_run(st, out)));
    out->stored.doc = out->outcome == SCIM_WRITE_DONE && record ? record->doc : NULL;
    return NULL;
}
