/* The dialect pre-pass: rewrites what Entra ID, Okta, OneLogin and others really send into strict form. Each rule of
 * profile.h is a row; a profile switches rows on. */
#ifndef SCIM_CORE_DIALECT_H
#define SCIM_CORE_DIALECT_H

#include "operation.h"

/* Rewrites one bound operation in place by all rules that the profile has on. */
void scim_dialect_operation(scim_context_t *c, scim_patch_op_t *op);

/* Rewrites the top level of a POST or PUT body (core wrapper); returns body itself or a rewritten copy. */
struct json_object *scim_dialect_body(scim_context_t *c, struct json_object *body);

/* Coerces the outermost level of one value of attr (boolean strings, one-element arrays, plain strings for complex values,
 * managerId); returns value itself or a replacement owned by p. */
struct json_object *scim_dialect_value(scim_context_t *c, const scim_attribute_t *attr, struct json_object *value);

#endif
