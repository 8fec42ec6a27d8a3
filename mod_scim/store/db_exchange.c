/* Sending statements to PostgreSQL and receiving what it answers, within a limit of time. */
#include <apr_strings.h>
#include <poll.h>
#include <string.h>

#include "../core/base/clock.h"
#include "db_private.h"
#include "sqlerr.h"

/* How much longer than the server's own limits an answer is waited for, in milliseconds. */
#define PATIENCE 10000

/* A new server process is asked about itself for so long. */
#define ASK_SECONDS 10

scim_error_t *scim_db_unreachable(apr_pool_t *p, const char *why)
{
    return scim_sqlerr(p, NULL, NULL, *why ? apr_pstrndup(p, why, strcspn(why, "\n")) : "the connection was lost");
}

int scim_db_in_transaction(scim_db_t *db)
{
    PGTransactionStatusType status = PQtransactionStatus(db->conn);

    return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
}

/* ---- Sending ---- */

#define TEXT_OF(number) TEXT_OF_(number)
#define TEXT_OF_(number) #number
#define LIMIT(setting, seconds) "set_config('" setting "', '" TEXT_OF(seconds) "s', true)"
#define STATEMENT_LIMIT LIMIT("statement_timeout", SCIM_DB_STATEMENT_SECONDS)
#define LOCK_LIMIT LIMIT("lock_timeout", SCIM_DB_LOCK_SECONDS)

/* The limits that the role lacks, as a statement that goes ahead in the same transaction and leaves nothing behind; NULL: it has all. */
static const char *limits(const scim_db_t *db, const scim_db_query_t *q)
{
    const scim_session_t *s = &db->session;

    if (db->unlimited) {
        return NULL;
    }
    if (q->intent->scans && (!s->statement_ms || s->statement_ms > SCIM_DB_SCAN_SECONDS * 1000)) {
        return "select " LIMIT("statement_timeout", SCIM_DB_SCAN_SECONDS);
    }
    if (!s->statement_ms) {
        return s->lock_ms ? "select " STATEMENT_LIMIT : "select " STATEMENT_LIMIT ", " LOCK_LIMIT;
    }
    return s->lock_ms ? NULL : "select " LOCK_LIMIT;
}

static apr_time_t patience(const scim_db_t *db)
{
    apr_int64_t ms = db->session.statement_ms ? db->session.statement_ms : SCIM_DB_STATEMENT_SECONDS * 1000;

    return db->unlimited ? 0 : scim_clock() + (ms + PATIENCE) * 1000;
}

/* Statements look at what others commit while they wait for locks: under a stricter isolation they would fail instead. */
static int needs_transaction(const scim_db_t *db, const scim_db_query_t *q)
{
    return q->intent->writes && !db->session.read_committed;
}

static int send_plain(scim_db_t *db, const char *sql)
{
    return PQsendQueryParams(db->conn, sql, 0, NULL, NULL, NULL, NULL, 1);
}

static int send_text(scim_db_t *db, scim_manner_e manner, const char *name, const char *sql, int nparams, const char *const *params)
{
    int sent = 1;

    if (manner == SCIM_RUN_PREPARE) {
        sent &= PQsendPrepare(db->conn, name, sql, nparams, NULL);
    }
    return sent & (name ? PQsendQueryPrepared(db->conn, name, nparams, params, NULL, NULL, 1)
                        : PQsendQueryParams(db->conn, sql, nparams, NULL, params, NULL, NULL, 1));
}

static int send_statement(scim_db_t *db, const scim_db_query_t *q, const scim_db_run_t *run)
{
    return send_text(db, run->manner, run->name, q->sql, q->nparams, q->params);
}

/* Statements of a pipeline up to its end are one transaction and one round trip, but each has a snapshot of its own. Where one cannot be sent
 * the connection is given up, as one that was lost on the way. */
static int send_pipeline(scim_db_t *db, const scim_db_query_t *q, scim_db_run_t *run, const char *limiting)
{
    int transaction = needs_transaction(db, q), sent = PQenterPipelineMode(db->conn);

    run->ahead = (transaction != 0) + (limiting != NULL) + (q->before != NULL) + (run->before_manner == SCIM_RUN_PREPARE) +
                 (run->manner == SCIM_RUN_PREPARE);
    if (transaction) {
        sent &= send_plain(db, "begin isolation level read committed");
    }
    if (limiting) {
        sent &= send_plain(db, limiting);
    }
    if (q->before) {
        sent &= send_text(db, run->before_manner, run->before_name, q->before, q->nbefore, q->params);
    }
    sent &= send_statement(db, q, run);
    if (transaction) {
        sent &= send_plain(db, "commit");
    }
    return sent && PQpipelineSync(db->conn);
}

/* ---- Receiving ---- */

int scim_db_succeeded(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);

    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* The next result; NULL at the end of a statement's, and when the answer does not come. A server that hangs, or a network that swallows
 * answers, must not hold a thread for ever. */
static PGresult *next_result(scim_db_t *db, const scim_db_run_t *run)
{
    struct pollfd fd = { .fd = PQsocket(db->conn), .events = POLLIN };

    while (PQisBusy(db->conn)) {
        apr_time_t left = run->until ? run->until - scim_clock() : 1;
        if (left <= 0) {
            return NULL;
        }
        poll(&fd, 1, run->until ? (int)(left / 1000) + 1 : -1);
        if (fd.revents && !PQconsumeInput(db->conn)) {
            break;
        }
    }
    return PQgetResult(db->conn);
}

/* Of several results the first failure counts, else the last one with rows: what goes before a statement comes before it, and what comes
 * after it is "commit". */
static void consider(scim_db_run_t *run, PGresult *res)
{
    if (!run->res || (scim_db_succeeded(run->res) && (!scim_db_succeeded(res) || PQresultStatus(res) == PGRES_TUPLES_OK))) {
        PQclear(run->res);
        run->res = res;
        run->before_failed = !scim_db_succeeded(res) && run->ahead > (run->manner == SCIM_RUN_PREPARE);
    }
    else {
        PQclear(res);
    }
}

static void give_row(scim_db_rows_t *reading, PGresult *res)
{
    reading->row.res = res;
    if (!reading->err) {
        reading->err = scim_rows_expect(&reading->row, reading->row.pool, reading->columns, 1, 1);
    }
    if (!reading->err) {
        reading->err = reading->each(reading->to, &reading->row);
    }
    reading->given++;
    reading->largest = PQresultMemorySize(res) > reading->largest ? PQresultMemorySize(res) : reading->largest;
    PQclear(res);
}

/* libpq forgets the mode of one row at a time with the next statement, but not with the first one of a pipeline: the rows of what goes
 * ahead may come so as well. Nobody reads them. */
static void take_row(const scim_db_run_t *run, scim_db_rows_t *reading, PGresult *res)
{
    if (run->ahead == 0) {
        give_row(reading, res);
    }
    else {
        PQclear(res);
    }
}

/* Reads to the end of what is answered: in a pipeline its sync, and a NULL after each statement's results before that. */
static void receive(scim_db_t *db, scim_db_run_t *run, int pipeline, scim_db_rows_t *reading)
{
    int nothing = 0;

    while (!run->finished && nothing < 2) {
        PGresult *res;
        if (reading && run->ahead == 0) {
            PQsetSingleRowMode(db->conn);
        }
        res = next_result(db, run);
        if (!res) {
            run->ahead--;
            nothing = pipeline ? nothing + 1 : 2;
            run->finished = !pipeline && !PQisBusy(db->conn);
            continue;
        }
        nothing = 0;
        if (PQresultStatus(res) == PGRES_PIPELINE_SYNC) {
            PQclear(res);
            run->finished = 1;
        }
        else if (PQresultStatus(res) == PGRES_SINGLE_TUPLE) {
            take_row(run, reading, res);
        }
        else {
            consider(run, res);
        }
    }
}

/* A failed statement leaves its explicit transaction open. */
static void end_transaction(scim_db_t *db)
{
    if (scim_db_in_transaction(db)) {
        PQclear(PQexec(db->conn, "rollback"));
        db->unusable = scim_db_in_transaction(db);
    }
}

void scim_db_execute(scim_db_t *db, const scim_db_query_t *q, scim_db_run_t *run)
{
    const char *limiting = limits(db, q);
    int pipeline = limiting || q->before || run->manner == SCIM_RUN_PREPARE || needs_transaction(db, q);

    run->until = patience(db);
    if (pipeline ? send_pipeline(db, q, run, limiting) : send_statement(db, q, run)) {
        receive(db, run, pipeline, q->reading);
    }
    if (!run->finished || (pipeline && !PQexitPipelineMode(db->conn))) {
        db->unusable = 1;
    }
    else if (needs_transaction(db, q)) {
        end_transaction(db);
    }
}

PGresult *scim_db_ask(scim_db_t *db, const char *sql)
{
    scim_db_run_t run = { .manner = SCIM_RUN_UNNAMED, .until = scim_clock() + ASK_SECONDS * APR_USEC_PER_SEC };

    if (send_plain(db, sql)) {
        receive(db, &run, 0, NULL);
    }
    if (!run.finished) {
        PQclear(run.res);
        return NULL;
    }
    return run.res;
}

