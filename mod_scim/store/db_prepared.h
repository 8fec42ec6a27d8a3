/* Private to db*.c: which statements of a connection are prepared, and under which names.
 *
 * A name is a hash of the statement's text. Behind a pooler connections share server processes without knowing of one another: where the
 * text decides the name, finding a statement there that somebody else prepared can only mean finding the same one. */
#ifndef SCIM_STORE_DB_PREPARED_H
#define SCIM_STORE_DB_PREPARED_H

#include <apr_pools.h>

typedef struct scim_prepared_t scim_prepared_t;

typedef enum {
    SCIM_RUN_UNNAMED,                  /* parsed, run and forgotten */
    SCIM_RUN_PREPARE,                  /* prepared and run in one go */
    SCIM_RUN_NAMED                     /* it has been prepared */
} scim_manner_e;

/* In p, for the life of a connection. */
scim_prepared_t *scim_prepared_make(apr_pool_t *p);

/* Nothing is prepared from now on. */
void scim_prepared_off(scim_prepared_t *prepared);

/* Another server process: it knows nothing. */
void scim_prepared_forget(scim_prepared_t *prepared);

/* How to run this text, and the name for it (of the life of `prepared`; NULL for UNNAMED); p is for scratch. generated: one of many texts
 * that requests make up; such a one is prepared when it comes again, and few of them are. */
scim_manner_e scim_prepared_manner(scim_prepared_t *prepared, apr_pool_t *p, const char *sql, int generated, const char **name);

/* The text is known to be prepared. */
void scim_prepared_there(scim_prepared_t *prepared, const char *sql);

/* A statement that should have been there was not, or the reverse. Where that goes on, nothing is prepared any more. */
void scim_prepared_missed(scim_prepared_t *prepared);

/* The tables changed under prepared statements: all get new names, since the old ones cannot be taken back from a server process that may
 * be somebody else's by now. */
void scim_prepared_changed(scim_prepared_t *prepared);

/* So many texts have been prepared that a new connection is better. */
int scim_prepared_worn(const scim_prepared_t *prepared);

#endif
