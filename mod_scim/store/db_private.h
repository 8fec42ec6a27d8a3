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
    int unlimited;                     /* see scim_db_own_session */
    int outcome_unknown;               /* see scim_db_outcome_unknown */
    scim_session_t session;
    scim_prepared_t *prepared;
};

struct scim_result_t {
    apr_pool_t *pool;
    PGresult *res;
};

/* The error for a connection that cannot be made or is lost; why may be NULL. */
scim_error_t *scim_db_unreachable(apr_pool_t *p, const char *why);

/* The result of a statement without parameters, run beside all that scim_db_run does; NULL when no answer came in time. The caller's. */
PGresult *scim_db_ask(scim_db_t *db, const char *sql);

/* db_session.c: asks a server process that is new to the connection about its settings; fills db->session. */
scim_error_t *scim_db_session_look(scim_db_t *db, apr_pool_t *p);

#endif
