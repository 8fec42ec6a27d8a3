/* The one file that talks to apr_dbd and libpq. apr_dbd opens, checks, resets and closes connections; statements run on its
 * native handle, prepared and with binary results, because apr_dbd hides SQLSTATE, NULL and the connection's state. */
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
 * client_encoding=UTF8, TCP keepalives and time-out; in front of its options: statement_timeout=30s, TimeZone=UTC. The
 * connection is closed with p. */
scim_error_t *scim_db_open(apr_pool_t *p, const char *conninfo, scim_db_t **out);

/* False when the connection is known to be broken. Costs no round trip. */
int scim_db_alive(scim_db_t *db);

/* True while a transaction is open, failed or not. A connection handed back like this is broken: it is discarded. */
int scim_db_in_transaction(scim_db_t *db);

/* Parameters are text, NULL is SQL NULL. A statement's text is the key of its preparation: the first use on a connection
 * prepares it (one more round trip, once), at most SCIM_DB_PREPARED texts per connection. After a reconnect everything is prepared anew. */
#define SCIM_DB_PREPARED 256

typedef enum {
    SCIM_DB_READ,    /* when the connection turns out to be lost: reconnect and run once more */
    SCIM_DB_WRITE    /* once sent, never repeated on another connection */
} scim_db_intent_e;

/* Runs one statement, one round trip. A statement that the server rolled back because of a race (deadlock, serialization, a
 * referenced row gone meanwhile) is run anew, a few times at most. Errors: by SQLSTATE (sqlerr.h); a lost connection is 503
 * with Retry-After. */
scim_error_t *scim_db_run(scim_db_t *db, apr_pool_t *p, scim_db_intent_e intent, const char *sql, int nparams, const char *const *params,
                          scim_result_t **out);

/* Runs `before`, then sql, in one transaction and still one round trip; intent WRITE. sql sees all that was committed while
 * `before` waited for a lock. `before` takes the first nbefore of the parameters. */
scim_error_t *scim_db_run_after(scim_db_t *db, apr_pool_t *p, const char *before, int nbefore, const char *sql, int nparams,
                                const char *const *params, scim_result_t **out);

/* Runs a script of several statements in a transaction (migrations). */
scim_error_t *scim_db_script(scim_db_t *db, apr_pool_t *p, const char *sql);

int scim_rows(const scim_result_t *r);
int scim_is_null(const scim_result_t *r, int row, int col);
const char *scim_col_text(const scim_result_t *r, int row, int col);   /* NULL for SQL NULL; text, json, varchar, uuid (36 characters) */
apr_size_t scim_col_length(const scim_result_t *r, int row, int col);
apr_int64_t scim_col_int(const scim_result_t *r, int row, int col);    /* int2, int4, int8; 0 for NULL */
int scim_col_bool(const scim_result_t *r, int row, int col);
apr_time_t scim_col_time(const scim_result_t *r, int row, int col);    /* timestamptz as microseconds since 1970 */

/* A PostgreSQL array literal ("{...}") of n texts, quoted as needed, in p. */
const char *scim_array_literal(apr_pool_t *p, const char *const *texts, int n);

#endif
