/* What is asked of a server process that is new to a connection. Settings belong to the role, attached by "scimctl database init": a
 * connection that sent them at its start could not go through a pooler. */
#include <apr_strings.h>
#include <string.h>

#include "db_private.h"
#include "sqlerr.h"

#define MILLISECONDS(setting) "(extract(epoch from current_setting('" setting "')::interval) * 1000)::bigint"
#define LOOK                                                                                                              \
    "select pg_backend_pid(), current_setting('default_transaction_isolation') = 'read committed', "                     \
    MILLISECONDS("lock_timeout") ", " MILLISECONDS("statement_timeout") ", current_setting('jit')::boolean, "
#define COLUMNS 6

/* The schema may not be there yet, or the role may not look at it: then the rest is asked alone. Any other failure is none of the schema's, and
 * passes: it must not be taken for a database without tables. */
static const char look[] = LOOK "(select max(m.number) from scim.migration m)", look_alone[] = LOOK "null::integer";
static const struct {
    const char *sqlstate;
    int migration;
} unreadable[] = { { "42P01", 0 }, { "3F000", 0 }, { "42501", SCIM_MIGRATION_UNKNOWN } };

static scim_error_t *failure(apr_pool_t *p, PGresult *res)
{
    const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE), *message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    scim_error_t *err = sqlstate ? scim_sqlerr(p, sqlstate, NULL, message)
                                 : scim_db_unreachable(p, res ? PQresultErrorMessage(res) : "no answer in time");

    PQclear(res);
    return err;
}

/* A limit of time would be run into once more. */
static int was_too_slow(const char *sqlstate)
{
    return strcmp(sqlstate, "57014") == 0 || strcmp(sqlstate, "55P03") == 0;
}

/* Does it say that the migrations cannot be read? Then *migration stands for them. */
static int is_unreadable(const PGresult *res, int *migration)
{
    const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    apr_size_t i;

    for (i = 0; sqlstate && i < sizeof unreadable / sizeof *unreadable; i++) {
        if (strcmp(unreadable[i].sqlstate, sqlstate) == 0) {
            *migration = unreadable[i].migration;
            return 1;
        }
    }
    return 0;
}

/* Asked once more where that may help. */
static PGresult *ask(scim_db_t *db, const char *sql)
{
    PGresult *res = scim_db_ask(db, sql);
    const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    int migration;

    if (sqlstate && !was_too_slow(sqlstate) && !is_unreadable(res, &migration)) {
        PQclear(res);
        res = scim_db_ask(db, sql);
    }
    return res;
}

scim_error_t *scim_db_session_look(scim_db_t *db, apr_pool_t *p)
{
    PGresult *res = ask(db, look);
    scim_result_t rows;
    scim_session_t *s = &db->session;
    int read = !is_unreadable(res, &s->migration);

    if (!read) {
        PQclear(res);
        res = ask(db, look_alone);
    }
    if (PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) != 1 || PQnfields(res) != COLUMNS) {
        return failure(p, res);
    }
    rows.pool = p;
    rows.res = res;
    s->serial++;
    s->pooled = scim_col_int(&rows, 0, 0) != PQbackendPID(db->conn);
    s->read_committed = scim_col_bool(&rows, 0, 1);
    s->lock_ms = scim_col_int(&rows, 0, 2);
    s->statement_ms = scim_col_int(&rows, 0, 3);
    s->jit = scim_col_bool(&rows, 0, 4);
    s->migration = read ? (int)scim_col_int(&rows, 0, 5) : s->migration;
    PQclear(res);
    return NULL;
}

const scim_session_t *scim_db_session(const scim_db_t *db)
{
    return &db->session;
}

const char *scim_db_session_advice(apr_pool_t *p, const scim_session_t *s)
{
    const char *isolation = s->read_committed ? "" : " default_transaction_isolation is not \"read committed\",";
    const char *lock = s->lock_ms ? "" : " lock_timeout is not set,", *statement = s->statement_ms ? "" : " statement_timeout is not set,";
    const char *jit = s->jit ? " jit is on," : "";
    const char *all = apr_pstrcat(p, isolation, lock, statement, jit, NULL);
    apr_size_t len = strlen(all);

    if (!len) {
        return NULL;
    }
    return apr_pstrcat(p, "settings of the database role cost time with each statement:", apr_pstrmemdup(p, all, len - 1),
                       "; run \"scimctl database init\", which attaches them to the role", NULL);
}

scim_error_t *scim_db_own_session(scim_db_t *db, apr_pool_t *p)
{
    static const char limits[] = "select set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)";
    PGresult *res;

    if (db->session.pooled) {
        return scim_error_cause(p, scim_error(p, SCIM_E_INTERNAL, "This needs a connection to PostgreSQL itself"),
                                "a pooler stands between this program and PostgreSQL: connect to PostgreSQL itself for migrations");
    }
    res = PQexec(db->conn, limits);
    if (PQresultStatus(res) != PGRES_TUPLES_OK) {
        return failure(p, res);
    }
    PQclear(res);
    db->unlimited = 1;
    return NULL;
}
