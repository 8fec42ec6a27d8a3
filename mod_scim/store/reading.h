/* Reading many resources, or one with many members, row by row on their way to a reader. */
#ifndef SCIM_STORE_READING_H
#define SCIM_STORE_READING_H

#include "rows.h"

/* What is read. text makes the statement, whose columns are those of scim_rows_select, and behind them of a query the sort key as text where there
 * is one, and the name of the type where there are several.
 * A row with nothing but the column of members holds one line of members of the resource before it. */
typedef struct scim_reading_t {
    const char *(*text)(const void *data, scim_groups_e which);
    const void *data;
    scim_db_intent_e intent;
    const apr_array_header_t *params;  /* of const char * */
    const scim_reader_t *reader;
    int groups;                        /* are the groups of users wanted at all? */
    int alone;                         /* it finds one resource at most: see scim_rows_guess */
    int keyed;                         /* is there a column with the sort key? */
    const scim_query_t *query;         /* the reader gets as many resources as it says; NULL: all */
} scim_reading_t;

/* 1 round trip; 2 where a user is in groups of groups, or alone and in groups against expectation: the reader is then told to forget what it
 * has, and gets all again. All but the total is filled in. What is found, and temporary memory, in p. */
scim_error_t *scim_reading_run(const scim_scope_t *s, apr_pool_t *p, const scim_reading_t *what, scim_found_t *found);

#endif
