/* Turns: so many things of a kind may go on at once in a process, shared fairly among tenants. Requests go on by them, connections are handed
 * out, and work that is dear is done. Who finds none free waits; of several that wait, the one goes first that has the fewest, of these the one that
 * has had none for longest, and of these the one that came first. */
#ifndef SCIM_STORE_TURNS_H
#define SCIM_STORE_TURNS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "../core/base/error.h"

typedef struct scim_turns_t scim_turns_t;

/* Whose turn it is. The ids of tenants are those of one database; tenant 0 stands for all who are not known yet. */
typedef struct scim_party_t {
    const void *database;
    apr_int64_t tenant;
} scim_party_t;

typedef struct scim_turns_config_t {
    int total;                         /* turns at once */
    int reserve;                       /* so many of them are for parties that have none; less than total */
    int each;                          /* most that one party has; 0: as total and reserve allow */
    int unknown;                       /* most that tenant 0 has; 0: the same */
    int queue;                         /* most of one party that wait; 0: any number */
    apr_interval_time_t wait;          /* longest wait; 0: nobody waits */
} scim_turns_config_t;

/* In p, for the life of the process. */
scim_error_t *scim_turns_make(apr_pool_t *p, const scim_turns_config_t *config, scim_turns_t **out);

/* Takes a turn, to be given back by scim_turns_give; who has none gets one while any is free. APR_TIMEUP when none came free in time, APR_EAGAIN
 * when too many of the party wait already, or nobody may. p: for the wait alone. */
apr_status_t scim_turns_take(scim_turns_t *turns, apr_pool_t *p, scim_party_t party);

/* The same at once, however many the party has; APR_EAGAIN when none is free. */
apr_status_t scim_turns_take_any(scim_turns_t *turns, scim_party_t party);

/* So many things at once leave half of the processors to everybody else; at least one. */
int scim_turns_of_processors(void);

void scim_turns_give(scim_turns_t *turns, scim_party_t party);

#endif
