/* Where pages by index have ended lately, in memory that all processes of a machine share: who asks for the page behind one that he has read gets
 * it from there, and nobody counts the rows before it. What is forgotten, or never was on this machine, is counted.
 *
 * A place holds for the walk in which it was found: rows may have changed since, and who begins anew, or reads pages in another order, has to
 * get what counting gives. So it is the token's alone, and whoever begins or ends a walk forgets those before.
 *
 * Nobody ever waits for it: whoever finds a part of it in use does without. */
#ifndef SCIM_SERVICE_WALKS_H
#define SCIM_SERVICE_WALKS_H

#include "../core/query/query.h"

typedef struct scim_walks_t scim_walks_t;

/* Its size; it begins as zeros. */
apr_size_t scim_walks_size(void);

/* A list: whose, what is listed in which order, and who reads it. */
typedef struct scim_walk_list_t {
    apr_uint64_t hash;                 /* under a secret: nobody can make a list that is taken for another's */
    apr_uint32_t tenant;               /* a hash */
} scim_walk_list_t;

/* database: tells databases apart; tenants and tokens are those of one. about: all that makes the list what it is. */
scim_walk_list_t scim_walk_list(apr_pool_t *p, const char *database, apr_int64_t tenant, apr_int64_t token, const char *about);

/* A total that was counted. Times are those of scim_clock. */
typedef struct scim_walk_total_t {
    apr_int64_t resources;
    apr_time_t counted, took;          /* when, and for how long */
    apr_uint32_t writes;               /* scim_walks_writes before */
} scim_walk_total_t;

typedef struct scim_walk_t {
    scim_position_t after;             /* where the page before ended */
    scim_walk_total_t total;
} scim_walk_t;

/* What is known of the page that begins at this index; strings in p. 0: nothing. */
int scim_walks_recall(scim_walks_t *walks, apr_pool_t *p, const scim_walk_list_t *list, apr_int64_t start_index, scim_walk_t *out);

/* Forgets all pages of the list. */
void scim_walks_forget(scim_walks_t *walks, const scim_walk_list_t *list);

/* Remembers it for five minutes, if nothing newer takes the place: of one list four pages are, of one tenant a sixteenth of the memory. */
void scim_walks_note(scim_walks_t *walks, const scim_walk_list_t *list, apr_int64_t start_index, const scim_walk_t *walk);

/* A number that changes when the tenant's resources do, by this machine. */
apr_uint32_t scim_walks_writes(scim_walks_t *walks, apr_uint32_t tenant);
void scim_walks_written(scim_walks_t *walks, const char *database, apr_int64_t tenant);

/* May a total still be told? For five seconds, unless the tenant has written since; in any case for twenty times as long as it took, where that
 * was more than a moment. So a walk spends a twentieth of its time on counting at most. */
int scim_walk_total_holds(scim_walks_t *walks, const scim_walk_list_t *list, const scim_walk_total_t *total);

#endif
