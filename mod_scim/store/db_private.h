/* Private to db*.c: what a connection is made of. */
#ifndef SCIM_STORE_DB_PRIVATE_H
#define SCIM_STORE_DB_PRIVATE_H

#include <apr_dbd.h>
#include <libpq-fe.h>

#include "db.h"
#include "db_prepared.h"

struct scim_db_t {
    apr_pool_t *pool;
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    PGconn *conn;                      /* native handle of the above */
    int backend;                       /* pid that the server gave at connect: another one means another server process, or pooler's client */
    int unusable;                      /* connected, but in doubt: to be connected anew before it is used */
    int swollen;                       /* libpq's buffers have held much, and never shrink */
    int unlimited;                     /* see scim_db_own_session */
    int outcome_unknown;               /* see scim_db_outcome_unknown */
    scim_session_t session;
    scim_prepared_t *prepared;
};

struct scim_result_t {
    apr_pool_t *pool;
    PGresult *res;
};

/* How statements of an intent are run. */
typedef struct scim_intent_t {
    int prepares, generated;           /* its texts are prepared; they are generated */
    int repeats;                       /* on a new connection, when one was lost */
    int writes;
    int scans;                         /* limited to SCIM_DB_SCAN_SECONDS, and what takes longer is the client's fault */
} scim_intent_t;

/* Rows on their way to whoever reads them. */
typedef struct scim_db_rows_t {
    scim_row_f *each;
    void *to;
    int columns;
    scim_result_t row;
    int given;                         /* rows so far */
    size_t largest;                    /* bytes of one of them */
    scim_error_t *err;                 /* what ended the reading; the rest is thrown away */
} scim_db_rows_t;

/* What is to be run. */
typedef struct scim_db_query_t {
    const scim_intent_t *intent;
    const char *sql;
    int nparams;
    const char *const *params;
    const char *before;                /* statement that runs first in the same transaction, or NULL */
    int nbefore;                       /* it takes so many of the parameters */
    scim_db_rows_t *reading;           /* takes the rows one by one; NULL: the result is kept */
} scim_db_query_t;

/* How it is run this time, and what came of it. */
typedef struct scim_db_run_t {
    scim_manner_e manner;
    const char *name;
    apr_time_t until;                  /* by scim_clock; 0: wait for ever */
    PGresult *res;                     /* the first failure, else what the statement itself returned */
    int finished;                      /* the server told all it had to tell */
    int ahead;                         /* statements that are answered before the one whose rows are read; below 0: it has been */
    scim_manner_e before_manner;       /* of the statement that runs first */
    const char *before_name;
    int before_failed;                 /* res is a failure of that one */
} scim_db_run_t;

/* db_exchange.c */
/* The error for a connection that cannot be made or is lost; why may be empty. */
scim_error_t *scim_db_unreachable(apr_pool_t *p, const char *why);

/* Sends the query in the manner that run says and takes its answer; a connection on which that did not end well is unusable. */
void scim_db_execute(scim_db_t *db, const scim_db_query_t *q, scim_db_run_t *run);

int scim_db_succeeded(const PGresult *res);

/* The result of a statement without parameters, run beside all that scim_db_run does; NULL when no answer came in time. The caller's. */
PGresult *scim_db_ask(scim_db_t *db, const char *sql);

/* db_session.c: asks a server process that is new to the connection about its settings; fills db->session. */
scim_error_t *scim_db_session_look(scim_db_t *db, apr_pool_t *p);

#endif
