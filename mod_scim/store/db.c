#include "db.h"

#include <apr_dbd.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <libpq-fe.h>
#include <poll.h>
#include <string.h>

#include "db_conninfo.h"
#include "sqlerr.h"

/* A statement that ends in a race of the database's is run anew; so many runs at most. */
#define MAX_RUNS 4

struct scim_db_t {
    apr_pool_t *pool;
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    PGconn *conn;                      /* native handle of the above */
    int backend;                       /* pid of the server process that knows the prepared statements */
    int unusable;                      /* connected, but to a server that takes no writes */
    unsigned serial;                   /* numbers names of prepared statements, never reused */
    apr_pool_t *prepared_pool;
    apr_hash_t *prepared;              /* statement text -> name */
};

struct scim_result_t {
    apr_pool_t *pool;
    PGresult *res;
};

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

static scim_error_t *unreachable(apr_pool_t *p, const char *why)
{
    return scim_sqlerr(p, NULL, NULL, why ? apr_pstrndup(p, why, strcspn(why, "\n")) : "cannot connect");
}

static void forget_prepared(scim_db_t *db)
{
    apr_pool_clear(db->prepared_pool);
    db->prepared = apr_hash_make(db->prepared_pool);
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
    const char *full = NULL, *why = NULL;

    db->pool = p;
    SCIM_TRY(scim_conninfo_complete(p, conninfo, &full));
    if (apr_dbd_get_driver(p, "pgsql", &db->driver) != APR_SUCCESS) {
        return unreachable(p, "apr_dbd has no driver pgsql");
    }
    if (apr_dbd_open_ex(db->driver, p, full, &db->handle, &why) != APR_SUCCESS) {
        return unreachable(p, why);
    }
    apr_pool_cleanup_register(p, db, close_connection, apr_pool_cleanup_null);
    db->conn = apr_dbd_native_handle(db->driver, db->handle);
    db->backend = PQbackendPID(db->conn);
    apr_pool_create(&db->prepared_pool, p);
    forget_prepared(db);
    *out = db;
    return NULL;
}

int scim_db_alive(scim_db_t *db)
{
    return !db->unusable && PQstatus(db->conn) == CONNECTION_OK;
}

int scim_db_in_transaction(scim_db_t *db)
{
    PGTransactionStatusType status = PQtransactionStatus(db->conn);

    return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
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

/* Connected, and aware of a server process that knows none of our statements. */
static scim_error_t *make_ready(scim_db_t *db, apr_pool_t *p)
{
    notice_closed(db);
    if (db->unusable) {
        db->unusable = 0;
        PQreset(db->conn);
    }
    if (PQstatus(db->conn) != CONNECTION_OK && apr_dbd_check_conn(db->driver, db->pool, db->handle) != APR_SUCCESS) {
        return unreachable(p, PQerrorMessage(db->conn));
    }
    if (db->backend != PQbackendPID(db->conn)) {
        db->backend = PQbackendPID(db->conn);
        forget_prepared(db);
    }
    return NULL;
}

/* ---- Running ---- */

static int succeeded(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);

    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* Name of the prepared statement; NULL: run it unprepared. When the preparation fails, *failed is its result. */
static const char *prepare(scim_db_t *db, const char *sql, int nparams, PGresult **failed)
{
    const char *name = apr_hash_get(db->prepared, sql, APR_HASH_KEY_STRING);
    PGresult *res;

    if (name || apr_hash_count(db->prepared) >= SCIM_DB_PREPARED) {
        return name;
    }
    name = apr_psprintf(db->prepared_pool, "scim%u", ++db->serial);
    res = PQprepare(db->conn, name, sql, nparams, NULL);
    if (!succeeded(res)) {
        *failed = res;
        return NULL;
    }
    PQclear(res);
    apr_hash_set(db->prepared, apr_pstrdup(db->prepared_pool, sql), APR_HASH_KEY_STRING, name);
    return name;
}

/* What is to be run. */
typedef struct query_t {
    const char *sql;
    int nparams;
    const char *const *params;
    const char *before;                /* statement that runs first in the same transaction, or NULL */
    int nbefore;                       /* it takes so many of the parameters */
} query_t;

/* Reads what a pipeline answers, to its end: the first failure, else the last result. */
static PGresult *pipeline_result(scim_db_t *db)
{
    PGresult *kept = NULL, *res = NULL;

    while (PQstatus(db->conn) == CONNECTION_OK && PQresultStatus(res = PQgetResult(db->conn)) != PGRES_PIPELINE_SYNC) {
        if (res && (!kept || succeeded(kept))) {
            PQclear(kept);
            kept = res;
        }
        else {
            PQclear(res);
        }
        res = NULL;
    }
    PQclear(res);
    return kept;
}

/* Statements of a pipeline up to its end are one transaction, but each has a snapshot of its own. */
static PGresult *execute_after(scim_db_t *db, const query_t *q)
{
    PGresult *res = NULL;

    if (!PQenterPipelineMode(db->conn)) {
        return NULL;
    }
    if (PQsendQueryParams(db->conn, q->before, q->nbefore, NULL, q->params, NULL, NULL, 1) &&
        PQsendQueryParams(db->conn, q->sql, q->nparams, NULL, q->params, NULL, NULL, 1) && PQpipelineSync(db->conn)) {
        res = pipeline_result(db);
    }
    else {
        db->unusable = 1;
    }
    if (!PQexitPipelineMode(db->conn)) {
        db->unusable = 1;
    }
    return res;
}

/* One run. *sent: the statement itself went out, not just its preparation. */
static PGresult *execute(scim_db_t *db, const query_t *q, int unprepared, int *sent)
{
    PGresult *failed = NULL;
    const char *name;

    *sent = 1;
    if (q->before) {
        return execute_after(db, q);
    }
    name = unprepared ? NULL : prepare(db, q->sql, q->nparams, &failed);
    if (failed) {
        *sent = 0;
        return failed;
    }
    if (name) {
        return PQexecPrepared(db->conn, name, q->nparams, q->params, NULL, NULL, 1);
    }
    return PQexecParams(db->conn, q->sql, q->nparams, NULL, q->params, NULL, NULL, 1);
}

typedef enum { GIVE_UP, AGAIN, AGAIN_UNPREPARED } verdict_e;

typedef struct verdict_row_t {
    const char *sqlstate;
    verdict_e verdict;
} verdict_row_t;

/* Failures that left nothing behind and that another run mends. */
static const verdict_row_t verdicts[] = {
    { "26000", AGAIN_UNPREPARED },  /* the server does not know the prepared statement, e.g. behind a pooler */
    { "42P05", AGAIN_UNPREPARED },  /* it knows another one of this name */
    { "0A000", AGAIN_UNPREPARED },  /* the tables changed under it */
    { "40001", AGAIN },             /* serialization failure */
    { "40P01", AGAIN },             /* deadlock */
    { "23503", AGAIN },             /* a row that the statement still saw has just gone: a fresh look tells properly */
};

static verdict_e judge(const scim_db_t *db, const PGresult *res, scim_db_intent_e intent, int sent, int run)
{
    const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    apr_size_t i;

    if (PQstatus(db->conn) != CONNECTION_OK) {
        return run == 1 && (intent == SCIM_DB_READ || !sent) ? AGAIN : GIVE_UP;
    }
    for (i = 0; sqlstate && i < sizeof verdicts / sizeof *verdicts; i++) {
        if (strcmp(verdicts[i].sqlstate, sqlstate) == 0) {
            return run < MAX_RUNS ? verdicts[i].verdict : GIVE_UP;
        }
    }
    return GIVE_UP;
}

static scim_error_t *failure(scim_db_t *db, apr_pool_t *p, const PGresult *res)
{
    const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE), *message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);

    if (sqlstate && strcmp(sqlstate, "25006") == 0) {
        db->unusable = 1;
    }
    if (!sqlstate && PQstatus(db->conn) != CONNECTION_OK) {
        return unreachable(p, PQerrorMessage(db->conn));
    }
    return scim_sqlerr(p, sqlstate ? sqlstate : "XX000", PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME), message);
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

static scim_error_t *run_query(scim_db_t *db, apr_pool_t *p, scim_db_intent_e intent, const query_t *q, scim_result_t **out)
{
    verdict_e verdict = AGAIN;
    int run;

    for (run = 1;; run++) {
        PGresult *res;
        int sent;

        SCIM_TRY(make_ready(db, p));
        res = execute(db, q, verdict == AGAIN_UNPREPARED, &sent);
        if (succeeded(res)) {
            keep_result(p, res, out);
            return NULL;
        }
        verdict = judge(db, res, intent, sent, run);
        if (verdict == GIVE_UP) {
            scim_error_t *err = failure(db, p, res);
            PQclear(res);
            return err;
        }
        if (verdict == AGAIN_UNPREPARED) {
            forget_prepared(db);
        }
        PQclear(res);
    }
}

scim_error_t *scim_db_run(scim_db_t *db, apr_pool_t *p, scim_db_intent_e intent, const char *sql, int nparams, const char *const *params,
                          scim_result_t **out)
{
    const query_t q = { sql, nparams, params, NULL, 0 };

    return run_query(db, p, intent, &q, out);
}

scim_error_t *scim_db_run_after(scim_db_t *db, apr_pool_t *p, const char *before, int nbefore, const char *sql, int nparams,
                                const char *const *params, scim_result_t **out)
{
    const query_t q = { sql, nparams, params, before, nbefore };

    return run_query(db, p, SCIM_DB_WRITE, &q, out);
}

/* One command or several, without parameters or rows. */
static scim_error_t *command(scim_db_t *db, apr_pool_t *p, const char *sql)
{
    PGresult *res = PQexec(db->conn, sql);
    scim_error_t *err = succeeded(res) ? NULL : failure(db, p, res);

    PQclear(res);
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

/* ---- Columns: binary format ---- */

#define OID_UUID 2950
#define UUID_BYTES 16

/* PostgreSQL counts from 2000-01-01. */
#define EPOCH_SHIFT APR_INT64_C(946684800000000)

int scim_rows(const scim_result_t *r)
{
    return PQntuples(r->res);
}

int scim_is_null(const scim_result_t *r, int row, int col)
{
    return PQgetisnull(r->res, row, col);
}

/* 16 bytes as 8-4-4-4-12 digits. */
static const char *uuid_text(apr_pool_t *p, const unsigned char *bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *text = apr_palloc(p, 37), *t = text;
    int i;

    for (i = 0; i < UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *t++ = '-';
        }
        *t++ = digits[bytes[i] >> 4];
        *t++ = digits[bytes[i] & 15];
    }
    *t = '\0';
    return text;
}

const char *scim_col_text(const scim_result_t *r, int row, int col)
{
    const char *value = PQgetvalue(r->res, row, col);

    if (PQgetisnull(r->res, row, col)) {
        return NULL;
    }
    return PQftype(r->res, col) == OID_UUID ? uuid_text(r->pool, (const unsigned char *)value) : value;
}

apr_size_t scim_col_length(const scim_result_t *r, int row, int col)
{
    return (apr_size_t)PQgetlength(r->res, row, col);
}

/* Big-endian two's complement of 2, 4 or 8 bytes. */
apr_int64_t scim_col_int(const scim_result_t *r, int row, int col)
{
    const unsigned char *bytes = (const unsigned char *)PQgetvalue(r->res, row, col);
    int i, len = PQgetlength(r->res, row, col);
    apr_uint64_t n = len > 0 && bytes[0] >= 0x80 ? ~APR_UINT64_C(0) : 0;

    for (i = 0; i < len; i++) {
        n = n << 8 | bytes[i];
    }
    return (apr_int64_t)n;
}

int scim_col_bool(const scim_result_t *r, int row, int col)
{
    return PQgetlength(r->res, row, col) == 1 && *PQgetvalue(r->res, row, col) == 1;
}

apr_time_t scim_col_time(const scim_result_t *r, int row, int col)
{
    return PQgetisnull(r->res, row, col) ? 0 : scim_col_int(r, row, col) + EPOCH_SHIFT;
}

const char *scim_array_literal(apr_pool_t *p, const char *const *texts, int n)
{
    apr_size_t size = 3;
    char *literal, *o;
    int i;

    for (i = 0; i < n; i++) {
        size += 2 * strlen(texts[i]) + 3;
    }
    literal = o = apr_palloc(p, size);
    *o++ = '{';
    for (i = 0; i < n; i++) {
        const char *t;
        if (i > 0) {
            *o++ = ',';
        }
        *o++ = '"';
        for (t = texts[i]; *t; t++) {
            if (*t == '"' || *t == '\\') {
                *o++ = '\\';
            }
            *o++ = *t;
        }
        *o++ = '"';
    }
    *o++ = '}';
    *o = '\0';
    return literal;
}
