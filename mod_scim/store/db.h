/* The files db*.c talk to apr_dbd and libpq, nobody else. apr_dbd opens, checks, resets and closes connections; statements run on its
 * native handle, prepared and with binary results, because apr_dbd hides SQLSTATE, NULL and the connection's state.
 *
 * Nothing that lives in a session is relied on: behind a pooler in transaction mode the next statement runs in another one. */
#ifndef SCIM_STORE_DB_H
#define SCIM_STORE_DB_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

#include "../core/base/error.h"

typedef struct scim_db_t scim_db_t;          /* one connection, used by one thread at a time */
typedef struct scim_result_t scim_result_t;  /* rows of one statement; lives as long as the pool it was made in */

/* Once per process, before the first open, with a pool of the process's lifetime: loads apr_dbd's pgsql driver. */
scim_error_t *scim_db_init(apr_pool_t *process_pool);

/* Connects. conninfo is libpq's; what it does not set is filled in: application_name=mod_scim, connect_timeout=3,
 * client_encoding=UTF8, TCP keepalives and time-out. The connection is closed with p. */
scim_error_t *scim_db_open(apr_pool_t *p, const char *conninfo, scim_db_t **out);

/* No statement is prepared on this connection from now on (SCIMDatabasePool prepare=off). */
void scim_db_prepare_off(scim_db_t *db);

/* False when the connection is known to be broken, or better made anew. Costs no round trip. */
int scim_db_alive(scim_db_t *db);

/* True while a transaction is open, failed or not. A connection handed back like this is broken: it is discarded. */
int scim_db_in_transaction(scim_db_t *db);

/* The migrations are there, but the role may not look at them. */
#define SCIM_MIGRATION_UNKNOWN (-1)

/* What a server process said of itself when the connection first met it. */
typedef struct scim_session_t {
    int serial;                        /* counts the server processes that the connection has met; 0: none yet */
    int pooled;                        /* something between here and the server shares its processes among connections */
    int read_committed;                /* default_transaction_isolation is what the statements need */
    apr_int64_t lock_ms, statement_ms; /* lock_timeout, statement_timeout in milliseconds; 0: none */
    int jit;
    int migration;                     /* the newest that was applied; 0: none; SCIM_MIGRATION_UNKNOWN */
} scim_session_t;

const scim_session_t *scim_db_session(const scim_db_t *db);

/* The settings of the role that should be otherwise, as one sentence in p that says what to run; NULL when all are well. */
const char *scim_db_session_advice(apr_pool_t *p, const scim_session_t *session);

/* For migrations: removes the limits of time and makes sure that what a statement leaves in the session is there for the next. An error
 * when a pooler stands between. From now on a lost connection is not replaced. */
scim_error_t *scim_db_own_session(scim_db_t *db, apr_pool_t *p);

typedef enum {
    SCIM_DB_READ,    /* when the connection turns out to be lost: run again on a new one */
    SCIM_DB_SEARCH,  /* the same; its text is made from a filter: prepared only when it comes again */
    SCIM_DB_SCAN,    /* a dear search: never prepared, ended after SCIM_DB_SCAN_SECONDS with 400 tooMany */
    SCIM_DB_WRITE,   /* once sent, not repeated on another connection: see scim_db_outcome_unknown */
    SCIM_DB_NOTE     /* a write that is not missed when it fails: run once */
} scim_db_intent_e;

#define SCIM_DB_SCAN_SECONDS 5
#define SCIM_DB_STATEMENT_SECONDS 30   /* where the role has no statement_timeout */
#define SCIM_DB_LOCK_SECONDS 3         /* where the role has no lock_timeout */

/* Runs one statement, one round trip; in a transaction of its own, READ COMMITTED. Parameters are text, NULL is SQL NULL. Statements are
 * prepared at their first use. A statement that the server rolled back because of a race (deadlock, serialization, a referenced row gone
 * meanwhile) is run anew, a few times at most. Errors: by SQLSTATE (sqlerr.h), with their cause; a lost connection is 503 with
 * Retry-After. */
scim_error_t *scim_db_run(scim_db_t *db, apr_pool_t *p, scim_db_intent_e intent, const char *sql, int nparams, const char *const *params,
                          scim_result_t **out);

/* Takes one row of a statement: row 0 of a result that lives until it returns. An error ends the reading. */
typedef scim_error_t *scim_row_f(void *to, const scim_result_t *row);

/* Runs one statement as scim_db_run does, but gives each row away as it arrives: however large the whole result is, one row is in memory.
 * Once a row was given away a lost connection is an error, whatever the intent. Each row is checked to have so many columns. */
scim_error_t *scim_db_each(scim_db_t *db, apr_pool_t *p, scim_db_intent_e intent, const char *sql, int nparams, const char *const *params,
                           int columns, scim_row_f *each, void *to);

/* Runs `before`, then sql, in one transaction and still one round trip; intent WRITE. sql sees all that was committed while
 * `before` waited for a lock. `before` takes the first nbefore of the parameters. */
scim_error_t *scim_db_run_after(scim_db_t *db, apr_pool_t *p, const char *before, int nbefore, const char *sql, int nparams,
                                const char *const *params, scim_result_t **out);

/* After a WRITE failed: true when the connection was lost on the way, so that it may have been carried out, or may yet be. */
int scim_db_outcome_unknown(const scim_db_t *db);

/* Runs a script of several statements in a transaction (migrations). */
scim_error_t *scim_db_script(scim_db_t *db, apr_pool_t *p, const char *sql);

/* Is the result of the shape that the statement has: so many columns, and least to most rows (most -1: any)? To be asked before any
 * column is read. An internal error when not. */
scim_error_t *scim_rows_expect(const scim_result_t *r, apr_pool_t *p, int columns, int least, int most);

int scim_rows(const scim_result_t *r);
int scim_is_null(const scim_result_t *r, int row, int col);
const char *scim_col_text(const scim_result_t *r, int row, int col);   /* NULL for SQL NULL; text, json, varchar, uuid (36 characters) */
apr_size_t scim_col_length(const scim_result_t *r, int row, int col);
apr_int64_t scim_col_int(const scim_result_t *r, int row, int col);    /* int2, int4, int8; 0 for NULL */
int scim_col_bool(const scim_result_t *r, int row, int col);
apr_time_t scim_col_time(const scim_result_t *r, int row, int col);    /* timestamptz as microseconds since 1970 */

/* A PostgreSQL array literal ("{...}") of n texts, quoted as needed, in p. A text that is NULL is SQL's. */
const char *scim_array_literal(apr_pool_t *p, const char *const *texts, int n);

#endif
