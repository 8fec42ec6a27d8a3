/* Turns: so many things of a kind may go on at once in a process, shared fairly among tenants. Connections are handed out by them, and so is
 * work that is dear. Who finds none free waits in order; of several tenants that wait, the one that has the fewest goes first. */
#ifndef SCIM_STORE_TURNS_H
#define SCIM_STORE_TURNS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "../core/base/error.h"

typedef struct scim_turns_t scim_turns_t;

typedef struct scim_turns_config_t {
    int total;                         /* turns at once */
    int reserve;                       /* so many of them are for tenants that have none; less than total */
    int each;                          /* most that one tenant has; 0: as total and reserve allow */
    int queue;                         /* most of one tenant that wait; 0: any number */
    apr_interval_time_t wait;          /* longest wait */
} scim_turns_config_t;

/* In p, for the life of the process. */
scim_error_t *scim_turns_make(apr_pool_t *p, const scim_turns_config_t *config, scim_turns_t **out);

/* Takes a turn, to be given back by scim_turns_give. Tenant 0 stands for all who are not known yet: it has one turn at most. APR_TIMEUP when
 * none came free in time, APR_EAGAIN when too many of the tenant wait already. p: for the wait alone. */
apr_status_t scim_turns_take(scim_turns_t *turns, apr_pool_t *p, apr_int64_t tenant);
void scim_turns_give(scim_turns_t *turns, apr_int64_t tenant);

#endif
