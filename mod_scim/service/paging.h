/* From one page of a list to the next: what a client brings back. */
#ifndef SCIM_SERVICE_PAGING_H
#define SCIM_SERVICE_PAGING_H

#include "../store/secret.h"
#include "service.h"

/* A list on its way through the pages. */
typedef struct scim_paging_t {
    const char *about;                 /* what cursors of this list are sealed about: whose they are, and what they list */
    scim_secrets_t secrets;
    scim_position_t after;             /* where the page begins, when the query says so */
    apr_int64_t total;                 /* that the first page has told; -1: this is it */
} scim_paging_t;

/* Before the page: reads the cursor of a query that is paged by them into query->after and query->count. Errors are those of RFC 9865 section
 * 2.1; who brings somebody else's cursor reads the same as who made one up (K-16). 1 round trip at times, for the keys. */
scim_error_t *scim_paging_begin(scim_service_t *s, scim_query_t *query, scim_paging_t *out);

/* After it: the cursor of the page that begins behind the place where this one ends, in *text. */
scim_error_t *scim_paging_cursor(const scim_service_t *s, const scim_paging_t *paging, const scim_query_t *query, const scim_position_t *last,
                                 apr_int64_t total, const char **text);

#endif
