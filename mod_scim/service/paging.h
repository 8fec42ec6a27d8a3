/* From one page of a list to the next: what a client brings back. */
#ifndef SCIM_SERVICE_PAGING_H
#define SCIM_SERVICE_PAGING_H

#include "../store/secret.h"
#include "service.h"

/* A list on its way through the pages. */
typedef struct scim_paging_t {
    const char *about;                 /* what cursors of this list are sealed about: whose they are, and what they list */
    scim_secrets_t secrets;
    scim_walk_list_t list;             /* the same for pages by index, where they are remembered */
    scim_walk_t walk;                  /* where the page begins, when query->after says so; and the total */
    int remembered;                    /* are they? */
    int knows_total;                   /* an earlier page has told it */
} scim_paging_t;

/* Before the page: where it begins, into query->after. Of a list by cursor, the cursor says it, and query->count; errors are those of RFC 9865
 * section 2.1, and who brings somebody else's cursor reads the same as who made one up (K-16). 1 round trip at times, for the keys. Of a list
 * by index, this machine may remember it. */
scim_error_t *scim_paging_begin(scim_service_t *s, scim_query_t *query, scim_paging_t *out);

/* After it: how many there are in all, into found->total; by count where neither the page nor an earlier one has told. */
scim_error_t *scim_paging_total(const scim_service_t *s, scim_paging_t *paging, const scim_query_t *query, scim_search_t *search,
                                scim_found_t *found);

/* Remembers where the page of a list by index has ended, or forgets the list when that was the end. */
void scim_paging_note(const scim_service_t *s, scim_paging_t *paging, const scim_query_t *query, const scim_found_t *found);

/* The cursor of the page that begins behind the place where this one ends, in *text. */
scim_error_t *scim_paging_cursor(const scim_service_t *s, const scim_paging_t *paging, const scim_query_t *query, const scim_position_t *last,
                                 apr_int64_t total, const char **text);

#endif
