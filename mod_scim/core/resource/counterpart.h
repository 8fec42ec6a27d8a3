/* Which elements of a stored list those of another list stand for, and what they have to have of them. Each stands for one at most. */
#ifndef SCIM_CORE_COUNTERPART_H
#define SCIM_CORE_COUNTERPART_H

#include "../schema/context.h"

/* Completes a list that a client has written, knowing what a GET shows of `stored`: each element gets what it lacks of the kept parts
 * (scim_attribute_kept) of the one that it stands for, which is the same to look at, else has the same value and type, else the same value.
 * all: elements of which a GET shows nothing come back, too, at their places, unless `given` has such elements itself. *out: the list, which
 * may be `given`. p: for what is needed meanwhile. TOO_LARGE when the steps of c are used up. */
scim_error_t *scim_elements_complete(scim_context_t *c, apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *stored, scim_json_t *given,
                                     int all, scim_json_t **out);

/* Gives the elements of a list that has come out of a change the immutable parts that they lack of those of `stored` (U-08): those of the same
 * value, and with the same immutable parts or type before others. Returns the immutable part that one of them has otherwise; NULL: none has.
 * Elements as such may come and go (U-12). */
const scim_attribute_t *scim_elements_settle(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *stored, scim_json_t *given);

#endif
