/* Running a write, and finding out what became of one whose answer was lost. */
#include <apr_strings.h>
#include <string.h>

#include "../core/base/clock.h"
#include "rows.h"
#include "statement.h"

/* For so long a database that went away in the middle of a write is waited for, and asked so often. */
#define SETTLE_SECONDS 8
#define SETTLE_PAUSE (APR_USEC_PER_SEC / 10)

typedef struct outcome_row_t {
    const char *name;
    scim_write_e outcome;
} outcome_row_t;

static const outcome_row_t outcomes[] = {
    { "done", SCIM_WRITE_DONE },       { "unchanged", SCIM_WRITE_UNCHANGED }, { "missing", SCIM_WRITE_MISSING },
    { "stale", SCIM_WRITE_STALE },     { "bad", SCIM_WRITE_BAD_MEMBER },
};

#define OUTCOME_COLUMNS 6

static scim_error_t *read_outcome(apr_pool_t *p, const char *name, scim_write_e *outcome)
{
    apr_size_t i;

    for (i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        if (strcmp(outcomes[i].name, name) == 0) {
            *outcome = outcomes[i].outcome;
            return NULL;
        }
    }
    return scim_error_cause(p, scim_error(p, SCIM_E_INTERNAL, "An error inside the server; its log says more"),
                            "a write has the unknown outcome \"%s\"", name);
}

/* ---- Running ---- */

/* What is locked before a raced statement is run again: the resource, and the members to add in the same order as everywhere. */
#define LOCK "select 1 from scim.resource r where r.tenant = $1 and r.type = $2 and r.id = $3 for no key update"
#define LOCK_PARAMS 3
#define LOCK_WITH_MEMBERS                                                                                                    \
    "select 1 from scim.resource r where r.tenant = $1 and $2::text is not null and $4::uuid is not null "                   \
    "and r.id in (select $3::uuid union all select u.id from unnest((select $5::uuid[])) u (id)) order by r.id for update"
#define LOCK_WITH_MEMBERS_PARAMS 5

/* Who adds a member has its row "for key share". */
#define LOCK_ALONE "select 1 from scim.resource r where r.tenant = $1 and r.type = $2 and r.id = $3 for update"

/* sql, with a statement ahead of it that has the first nbefore parameters; or NULL. */
static scim_error_t *run_one(const scim_statement_t *st, const char *before, int nbefore, const char *sql, scim_result_t **rows)
{
    const char *const *params = (const char *const *)st->sql.params->elts;
    int n = st->sql.params->nelts;

    return before ? scim_db_run_after(st->scope->db, st->p, before, nbefore, sql, n, params, rows)
                  : scim_db_run(st->scope->db, st->p, SCIM_DB_WRITE, sql, n, params, rows);
}

static scim_error_t *run(const scim_statement_t *st, scim_result_t **rows)
{
    const char *sql;

    if (st->plain) {
        SCIM_TRY(run_one(st, st->plain_alone ? LOCK_ALONE : NULL, LOCK_PARAMS, st->plain, rows));
        SCIM_TRY(scim_rows_expect(*rows, st->p, OUTCOME_COLUMNS, 0, 1));
        if (scim_rows(*rows) == 1) {
            return NULL;
        }
    }
    sql = apr_array_pstrcat(st->p, st->text, 0);
    SCIM_TRY(run_one(st, st->before, st->nbefore, sql, rows));
    SCIM_TRY(scim_rows_expect(*rows, st->p, OUTCOME_COLUMNS, 1, 1));
    if (strcmp(scim_col_text(*rows, 0, 0), "raced") == 0) {
        SCIM_TRY(run_one(st, st->ids ? LOCK_WITH_MEMBERS : LOCK, st->ids ? LOCK_WITH_MEMBERS_PARAMS : LOCK_PARAMS, sql, rows));
        return scim_rows_expect(*rows, st->p, OUTCOME_COLUMNS, 1, 1);
    }
    return NULL;
}

static scim_error_t *run_once(scim_statement_t *st, scim_written_t *out)
{
    scim_result_t *rows = NULL;

    memset(out, 0, sizeof *out);
    SCIM_TRY(run(st, &rows));
    SCIM_TRY(read_outcome(st->p, scim_col_text(rows, 0, 0), &out->outcome));
    out->stored.id = st->id;
    out->stored.version = scim_col_int(rows, 0, 1);
    out->stored.created = scim_col_time(rows, 0, 2);
    out->stored.modified = scim_col_time(rows, 0, 3);
    out->bad_member = scim_is_null(rows, 0, 4) ? st->bad_member : scim_col_text(rows, 0, 4);
    out->skipped_members = st->skipped_members + (int)scim_col_int(rows, 0, 5);
    return NULL;
}

/* ---- Settling: the connection was lost on the way ---- */

#define TRACE_OF_DELETE "select 1 from scim.tombstone t where t.tenant = $1 and t.type = $2 and t.id = $3 and t.write_id = $4"

/* Is the trace of this write there? Then *out is what it did. */
static scim_error_t *look_for_trace(scim_statement_t *st, scim_written_t *out, int *found)
{
    const char *sql = TRACE_OF_DELETE;
    scim_result_t *rows = NULL;
    scim_stored_t *stored;

    if (!st->deletes) {
        sql = apr_pstrcat(st->p, "select ", scim_rows_select(st->p, st->type, SCIM_GROUPS_DIRECT, 0), " from scim.resource r "
                          "where r.tenant = $1 and r.type = $2 and r.id = $3 and r.write_id = $4", NULL);
    }
    *found = 0;
    SCIM_TRY(scim_db_run(st->scope->db, st->p, SCIM_DB_READ, sql, 4, (const char *const *)st->sql.params->elts, &rows));
    SCIM_TRY(scim_rows_expect(rows, st->p, st->deletes ? 1 : SCIM_ROWS_COLUMNS, 0, 1));
    if (scim_rows(rows) == 0) {
        return NULL;
    }
    *found = 1;
    memset(out, 0, sizeof *out);
    out->outcome = SCIM_WRITE_DONE;
    out->stored.id = st->id;
    if (!st->deletes) {
        SCIM_TRY(scim_rows_complete(st->scope, st->p, rows, 0, &stored));
        out->stored = *stored;
    }
    out->skipped_members = st->skipped_members;
    return NULL;
}

/* An outcome that this very write may have brought about when it was run before: its version is no longer the expected one, its resource is
 * gone, its id is taken. */
static int may_be_own_doing(const scim_error_t *err, const scim_written_t *out)
{
    return err ? err->code == SCIM_E_UNIQUENESS : out->outcome == SCIM_WRITE_STALE || out->outcome == SCIM_WRITE_MISSING;
}

typedef struct settling_t {
    scim_statement_t *st;
    scim_written_t *out;
} settling_t;

/* A run that ended for want of a lock, or of anything else that may be there later, says nothing of the one before it, which may hold that lock. */
int scim_statement_unsettled(const scim_scope_t *scope, const scim_error_t *err)
{
    return err && (err->code == SCIM_E_UNAVAILABLE || scim_db_outcome_unknown(scope->db));
}

/* One attempt. The server process that was asked first may still be at work: a second run waits for it by its locks, and then finds what it
 * did. */
static scim_error_t *try_to_settle(void *data, int *lost)
{
    const settling_t *x = data;
    scim_written_t again;
    scim_error_t *err;
    int found;

    *lost = 1;
    SCIM_TRY(look_for_trace(x->st, x->out, &found));
    if (found) {
        *lost = 0;
        return NULL;
    }
    err = run_once(x->st, &again);
    if (scim_statement_unsettled(x->st->scope, err)) {
        return err;
    }
    if (may_be_own_doing(err, &again)) {
        SCIM_TRY(look_for_trace(x->st, x->out, &found));
    }
    *lost = 0;
    if (!found) {
        *x->out = again;
    }
    return found ? NULL : err;
}

scim_error_t *scim_statement_settle(scim_settle_f *attempt, void *data)
{
    apr_time_t until = scim_clock() + SETTLE_SECONDS * APR_USEC_PER_SEC;
    scim_error_t *err;
    int lost;

    for (;;) {
        err = attempt(data, &lost);
        if (!err || !lost || scim_clock() > until) {
            return err;
        }
        apr_sleep(SETTLE_PAUSE);
    }
}

scim_error_t *scim_statement_run(scim_statement_t *st, scim_written_t *out)
{
    scim_error_t *err = run_once(st, out);
    settling_t settling = { st, out };

    if (!err || !scim_db_outcome_unknown(st->scope->db)) {
        return err;
    }
    memset(out, 0, sizeof *out);
    return scim_statement_settle(try_to_settle, &settling);
}
