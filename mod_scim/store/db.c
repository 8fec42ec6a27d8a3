#include <apr_strings.h>
#include <poll.h>
#include <string.h>

#include "../core/base/clock.h"
#include "db_conninfo.h"
#include "db_private.h"
#include "sqlerr.h"

/* A statement that ends in a race of the database's is run anew; so many runs at most. */
#define MOST_RUNS 4

/* A statement that is safe to repeat survives so many lost connections. */
#define MOST_LOSSES 2

/* So often a statement may turn out not to be prepared where it was, or to be where it was not, before it is run without a name. */
#define MOST_MISSES 6

/* A connection through which so much has gone at once is not kept. */
#define SWOLLEN (2 * 1024 * 1024)

/* ---- Connecting ---- */

scim_error_t *scim_db_init(apr_pool_t *process_pool)
{
    const apr_dbd_driver_t *driver;
    apr_status_t status = apr_dbd_init(process_pool);
    char text[120];

    if (status == APR_SUCCESS) {
        status = apr_dbd_get_driver(process_pool, "pgsql", &driver);
    }
    if (status != APR_SUCCESS) {
        scim_error_t *err = scim_error(process_pool, SCIM_E_INTERNAL, "The server cannot reach its database");
        return scim_error_cause(process_pool, err, "apr_dbd cannot load its driver pgsql (package libaprutil1-dbd-pgsql): %s",
                                apr_strerror(status, text, sizeof text));
    }
    return NULL;
}

static apr_status_t close_connection(void *data)
{
    scim_db_t *db = data;

    apr_dbd_close(db->driver, db->handle);
    return APR_SUCCESS;
}

scim_error_t *scim_db_open(apr_pool_t *p, const char *conninfo, scim_db_t **out)
{
    scim_db_t *db = apr_pcalloc(p, sizeof *db);
    const char *full = NULL, *why = "apr_dbd has no driver pgsql";

    db->pool = p;
    SCIM_TRY(scim_conninfo_complete(p, conninfo, &full));
    if (apr_dbd_get_driver(p, "pgsql", &db->driver) != APR_SUCCESS ||
        apr_dbd_open_ex(db->driver, p, full, &db->handle, &why) != APR_SUCCESS) {
        return scim_db_unreachable(p, why);
    }
    apr_pool_cleanup_register(p, db, close_connection, apr_pool_cleanup_null);
    db->conn = apr_dbd_native_handle(db->driver, db->handle);
    db->backend = PQbackendPID(db->conn);
    db->prepared = scim_prepared_make(p);
    SCIM_TRY(scim_db_session_look(db, p));
    *out = db;
    return NULL;
}

void scim_db_prepare_off(scim_db_t *db)
{
    scim_prepared_off(db->prepared);
}

/* A new connection behind a pooler would meet the same server processes: there, being worn means nothing. */
int scim_db_alive(scim_db_t *db)
{
    return !db->unusable && !db->swollen && PQstatus(db->conn) == CONNECTION_OK && (db->session.pooled || !scim_prepared_worn(db->prepared));
}

int scim_db_outcome_unknown(const scim_db_t *db)
{
    return db->outcome_unknown;
}

/* An idle connection that the server has closed still looks sound to libpq until it reads the end of the stream. Reading what is
 * there costs one system call and spares a write its failure. */
static void notice_closed(scim_db_t *db)
{
    struct pollfd fd = { .fd = PQsocket(db->conn), .events = POLLIN };

    while (PQstatus(db->conn) == CONNECTION_OK && poll(&fd, 1, 0) > 0) {
        if (!PQconsumeInput(db->conn)) {
            break;
        }
    }
}

/* Connected, and acquainted with the server process. */
static scim_error_t *make_ready(scim_db_t *db, apr_pool_t *p)
{
    notice_closed(db);
    if (db->unlimited && (db->unusable || PQstatus(db->conn) != CONNECTION_OK)) {
        return scim_db_unreachable(p, PQerrorMessage(db->conn));
    }
    if (db->unusable) {
        PQreset(db->conn);
    }
    if (PQstatus(db->conn) != CONNECTION_OK && apr_dbd_check_conn(db->driver, db->pool, db->handle) != APR_SUCCESS) {
        return scim_db_unreachable(p, PQerrorMessage(db->conn));
    }
    if (db->unusable || db->backend != PQbackendPID(db->conn)) {
        db->unusable = 1;
        scim_prepared_forget(db->prepared);
        SCIM_TRY(scim_db_session_look(db, p));
        db->backend = PQbackendPID(db->conn);
        db->unusable = 0;
    }
    return NULL;
}

/* ---- Running ---- */

static const scim_intent_t intents[] = {
    [SCIM_DB_READ] = { 1, 0, 1, 0, 0 },
    [SCIM_DB_SEARCH] = { 1, 1, 1, 0, 0 },
    [SCIM_DB_SCAN] = { 0, 0, 1, 0, 1 },
    [SCIM_DB_WRITE] = { 1, 0, 0, 1, 0 },
    [SCIM_DB_NOTE] = { 1, 0, 0, 0, 0 },
};

typedef enum { GIVE_UP, AGAIN, AGAIN_LOST, AGAIN_PREPARE, AGAIN_NAMED, AGAIN_CHANGED } verdict_e;

typedef struct verdict_row_t {
    const char *sqlstate;
    int manner;                        /* counts only for statements run so; -1: always */
    verdict_e verdict;
} verdict_row_t;

/* Failures that left nothing behind and that another run mends. */
static const verdict_row_t verdicts[] = {
    { "26000", SCIM_RUN_NAMED, AGAIN_PREPARE },     /* this server process does not know it */
    { "42P05", SCIM_RUN_PREPARE, AGAIN_NAMED },     /* this one does already */
    { "0A000", SCIM_RUN_NAMED, AGAIN_CHANGED },     /* the tables changed under it */
    { "40001", -1, AGAIN },                         /* serialization failure */
    { "40P01", -1, AGAIN },                         /* deadlock */
    { "23503", -1, AGAIN },                         /* a row that the statement still saw has just gone: a fresh look tells properly */
};

static const char *sqlstate_of(const scim_db_run_t *run)
{
    return PQresultErrorField(run->res, PG_DIAG_SQLSTATE);
}

/* libpq's own errors have no SQLSTATE, and it may still think that the connection is sound; 57P and 08 are a server, or a pooler, that
 * takes its leave. */
static int is_lost(const scim_db_t *db, const scim_db_run_t *run)
{
    const char *sqlstate = sqlstate_of(run);

    return !run->finished || PQstatus(db->conn) != CONNECTION_OK ||
           (!scim_db_succeeded(run->res) && (!sqlstate || strncmp(sqlstate, "57P", 3) == 0 || strncmp(sqlstate, "08", 2) == 0));
}

/* How often what has happened so far. */
typedef struct tally_t {
    int runs, losses, misses;
    int before_failed;                 /* the last failure was one of the statement ahead */
} tally_t;

static verdict_e judge(scim_db_t *db, const scim_db_query_t *q, const scim_db_run_t *run, tally_t *tally)
{
    const char *sqlstate = sqlstate_of(run);
    scim_manner_e manner = run->before_failed ? run->before_manner : run->manner;
    apr_size_t i;

    tally->before_failed = run->before_failed;
    if (is_lost(db, run)) {
        db->unusable = 1;
        db->outcome_unknown = q->intent->writes;
        /* An answer that did not come in time would not come in time again. */
        return q->intent->repeats && ++tally->losses <= MOST_LOSSES && (!run->until || scim_clock() < run->until) ? AGAIN_LOST : GIVE_UP;
    }
    for (i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        const verdict_row_t *row = &verdicts[i];
        if (strcmp(row->sqlstate, sqlstate) == 0 && (row->manner < 0 || row->manner == (int)manner)) {
            return row->verdict != AGAIN || ++tally->runs < MOST_RUNS ? row->verdict : GIVE_UP;
        }
    }
    return GIVE_UP;
}

/* How the next run is to be. */
static void choose_manner(scim_db_t *db, apr_pool_t *p, const scim_db_query_t *q, verdict_e verdict, tally_t *tally, scim_db_run_t *run)
{
    scim_manner_e *failed = tally->before_failed ? &run->before_manner : &run->manner;

    if (verdict >= AGAIN_PREPARE) {
        scim_prepared_missed(db->prepared);
        tally->misses++;
    }
    if (verdict == AGAIN_CHANGED) {
        scim_prepared_changed(db->prepared);
    }
    if (verdict == AGAIN_NAMED) {
        scim_prepared_there(db->prepared, tally->before_failed ? q->before : q->sql);
    }
    if (q->intent->prepares && tally->misses <= MOST_MISSES) {
        run->manner = scim_prepared_manner(db->prepared, p, q->sql, q->intent->generated, &run->name);
        if (q->before) {
            run->before_manner = scim_prepared_manner(db->prepared, p, q->before, 0, &run->before_name);
        }
    }
    if (*failed == SCIM_RUN_NAMED && verdict == AGAIN_PREPARE) {
        *failed = SCIM_RUN_PREPARE;
    }
}

/* What has been prepared stays so, whatever became of the transaction. */
static void note_prepared(scim_db_t *db, const scim_db_query_t *q, const scim_db_run_t *run)
{
    int done = scim_db_succeeded(run->res);

    if (run->before_manner == SCIM_RUN_PREPARE && (done || !run->before_failed)) {
        scim_prepared_there(db->prepared, q->before);
    }
    if (run->manner == SCIM_RUN_PREPARE && done) {
        scim_prepared_there(db->prepared, q->sql);
    }
}

static scim_error_t *failure(scim_db_t *db, apr_pool_t *p, const scim_db_query_t *q, const scim_db_run_t *run)
{
    const char *sqlstate = sqlstate_of(run), *message = PQresultErrorField(run->res, PG_DIAG_MESSAGE_PRIMARY);

    if (is_lost(db, run) && !sqlstate) {
        return scim_db_unreachable(p, run->res ? PQresultErrorMessage(run->res) : "no answer in time");
    }
    if (strcmp(sqlstate, "25006") == 0) {
        db->unusable = 1;
    }
    if (strcmp(sqlstate, "57014") == 0 && q->intent->scans) {
        return scim_error(p, SCIM_E_TOO_MANY, "The query has to look at too many resources, since no index serves all of it: filter by "
                          "equality (eq) of one attribute with few other comparisons, and sort only what such a filter finds");
    }
    return scim_sqlerr(p, sqlstate, PQresultErrorField(run->res, PG_DIAG_CONSTRAINT_NAME), message);
}

static apr_status_t clear_result(void *res)
{
    PQclear(res);
    return APR_SUCCESS;
}

static void keep_result(apr_pool_t *p, PGresult *res, scim_result_t **out)
{
    scim_result_t *r = apr_palloc(p, sizeof *r);

    r->pool = p;
    r->res = res;
    apr_pool_cleanup_register(p, res, clear_result, apr_pool_cleanup_null);
    *out = r;
}

static int is_swollen(const scim_db_query_t *q, const scim_db_run_t *run)
{
    size_t sent = 0;
    int i;

    for (i = 0; i < q->nparams; i++) {
        sent += q->params[i] ? strlen(q->params[i]) : 0;
    }
    return sent > SWOLLEN || (q->reading ? q->reading->largest : PQresultMemorySize(run->res)) > SWOLLEN;
}

static scim_error_t *run_query(scim_db_t *db, apr_pool_t *p, const scim_db_query_t *q, scim_result_t **out)
{
    tally_t tally = { 0, 0, 0, 0 };
    verdict_e verdict = AGAIN;

    db->outcome_unknown = 0;
    for (;;) {
        scim_db_run_t run = { .manner = SCIM_RUN_UNNAMED, .before_manner = SCIM_RUN_UNNAMED };

        SCIM_TRY(make_ready(db, p));
        choose_manner(db, p, q, verdict, &tally, &run);
        scim_db_execute(db, q, &run);
        db->swollen |= is_swollen(q, &run);
        if (!is_lost(db, &run)) {
            note_prepared(db, q, &run);
        }
        if (!is_lost(db, &run) && scim_db_succeeded(run.res)) {
            keep_result(p, run.res, out);
            return NULL;
        }
        verdict = judge(db, q, &run, &tally);
        if (verdict == GIVE_UP || (q->reading && q->reading->given > 0)) {
            scim_error_t *err = failure(db, p, q, &run);
            PQclear(run.res);
            return err;
        }
        PQclear(run.res);
    }
}

scim_error_t *scim_db_run(scim_db_t *db, apr_pool_t *p, scim_db_intent_e intent, const char *sql, int nparams, const char *const *params,
                          scim_result_t **out)
{
    const scim_db_query_t q = { &intents[intent], sql, nparams, params, NULL, 0, NULL };

    return run_query(db, p, &q, out);
}

scim_error_t *scim_db_each(scim_db_t *db, apr_pool_t *p, scim_db_intent_e intent, const char *sql, int nparams, const char *const *params,
                           int columns, scim_row_f *each, void *to)
{
    scim_db_rows_t reading = { each, to, columns, { p, NULL }, 0, 0, NULL };
    const scim_db_query_t q = { &intents[intent], sql, nparams, params, NULL, 0, &reading };
    scim_result_t *end;
    scim_error_t *err = run_query(db, p, &q, &end);

    return reading.err ? reading.err : err;
}

scim_error_t *scim_db_run_after(scim_db_t *db, apr_pool_t *p, const char *before, int nbefore, const char *sql, int nparams,
                                const char *const *params, scim_result_t **out)
{
    const scim_db_query_t q = { &intents[SCIM_DB_WRITE], sql, nparams, params, before, nbefore, NULL };

    return run_query(db, p, &q, out);
}

/* One command or several, without parameters or rows. */
static scim_error_t *command(scim_db_t *db, apr_pool_t *p, const char *sql)
{
    const scim_db_query_t q = { &intents[SCIM_DB_NOTE], sql, 0, NULL, NULL, 0, NULL };
    scim_db_run_t run = { .manner = SCIM_RUN_UNNAMED, .res = PQexec(db->conn, sql), .finished = 1 };
    scim_error_t *err = scim_db_succeeded(run.res) ? NULL : failure(db, p, &q, &run);

    PQclear(run.res);
    return err;
}

scim_error_t *scim_db_script(scim_db_t *db, apr_pool_t *p, const char *sql)
{
    scim_error_t *err;

    SCIM_TRY(make_ready(db, p));
    SCIM_TRY(command(db, p, "begin"));
    err = command(db, p, sql);
    if (!err && PQtransactionStatus(db->conn) != PQTRANS_INTRANS) {
        err = scim_error_cause(p, scim_error(p, SCIM_E_INTERNAL, "The script ends its own transaction"), "a migration must not commit");
    }
    if (err) {
        /* Whatever comes of it: the first error tells more, and a connection still inside a transaction is discarded. */
        PQclear(PQexec(db->conn, "rollback"));
        return err;
    }
    return command(db, p, "commit");
}
