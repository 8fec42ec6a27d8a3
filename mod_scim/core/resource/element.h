/* Elements of multi-valued attributes in document form: which of them stand for the same value (V-01, V-03). */
#ifndef SCIM_CORE_ELEMENT_H
#define SCIM_CORE_ELEMENT_H

#include "../schema/context.h"

/* Elements with equal keys are one value: members by id, other complex values by value and type, complex ones without a value as a whole,
 * simple ones as they compare. The key is in p. */
const char *scim_element_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element);

/* The key, in c->p, of an element that a client sent: folding it takes steps. TOO_LARGE when they are used up. */
scim_error_t *scim_element_sent_key(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *element, const char **key);

/* Takes the parts of `from` over into `to`. */
void scim_element_merge(const scim_attribute_t *attr, scim_json_t *to, scim_json_t *from);

/* Is it marked as the primary one? */
int scim_element_primary(scim_json_t *element);

/* Gives elements of the list `given` what those of the list `stored` with the same value have and they lack: immutable and writeOnly parts,
 * which a client that writes back what it has read cannot send (U-08). */
void scim_elements_keep(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *stored, scim_json_t *given);

/* The immutable part that an element of `given` has otherwise than all of `stored` with the same value; NULL when there is none. Elements
 * as such may come and go (U-12). */
const scim_attribute_t *scim_elements_changed(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *stored, scim_json_t *given);

#endif
