/* Elements of multi-valued attributes in document form: which of them stand for the same value (V-01, V-03). */
#ifndef SCIM_CORE_ELEMENT_H
#define SCIM_CORE_ELEMENT_H

#include "../schema/context.h"

/* Elements with equal keys are one value: members by id, other complex values by value and type (if a GET shows the type),
 * complex ones without a value by all that a GET shows of them (each for itself, where it would not show the value), simple ones as they
 * compare. The key is in p. */
const char *scim_element_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element);

/* Takes the steps that folding what makes an element of a client the same as others is worth. TOO_LARGE when they are used up. */
scim_error_t *scim_element_spend(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *element);

/* The key, in c->p, of an element that a client sent, for these steps. */
scim_error_t *scim_element_sent_key(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *element, const char **key);

/* Takes the parts of `from` over into `to`. */
void scim_element_merge(const scim_attribute_t *attr, scim_json_t *to, scim_json_t *from);

/* Gives `to` the parts of `from` that it lacks and that are such. */
void scim_element_fill(const scim_attribute_t *attr, scim_json_t *to, scim_json_t *from, int (*such)(const scim_attribute_t *sub));

/* Is it marked as the primary one? */
int scim_element_primary(scim_json_t *element);

/* The key of its value alone; "" when it has none. In p. */
const char *scim_element_value_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element);

/* The parts that a client can write and a plain GET shows, in the order of the schema, numbers by their value, in p: elements with equal texts
 * look the same. "" when there is nothing to see. */
const char *scim_element_seen(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element);

/* Does a plain GET show anything of the value: of the element, or of some element of the list? */
int scim_value_shows(const scim_attribute_t *attr, scim_json_t *value);

#endif
