/* What a search costs, told by its filter: how the resources are found, and how much has to be looked at in each. */
#ifndef SCIM_STORE_EFFORT_H
#define SCIM_STORE_EFFORT_H

#include "../core/query/filter.h"

typedef enum {
    SCIM_REACH_ALL,                    /* no index: every resource of the tenant is looked at */
    SCIM_REACH_SOME,                   /* an index finds those with a value, however many have it */
    SCIM_REACH_ONE                     /* by a value that one resource has at most, or by several such */
} scim_reach_e;

typedef struct scim_effort_t {
    scim_reach_e reach;
    int work;                          /* comparisons with each resource that is found, the one that finds it apart; weighted */
} scim_effort_t;

/* The effort of a filter; NULL: of none. */
scim_effort_t scim_effort(const scim_filter_t *filter);

/* What a sort key that no index has costs: it is taken out of the document of all that are found, who are then sorted. With all the users of a group,
 * who may be everybody, it is more than is done at once. */
#define SCIM_EFFORT_SORT 5

/* Is so much work done beside others of the same tenant, or has it to wait for its turn? */
int scim_effort_is_dear(const scim_effort_t *effort);

/* Of a filter of members or groups: is it an equality that the membership index answers? */
int scim_effort_is_lookup(const scim_filter_t *filter);

#endif
