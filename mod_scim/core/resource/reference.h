/* References to resources: what a $ref says, beside a value that says it as well. */
#ifndef SCIM_CORE_REFERENCE_H
#define SCIM_CORE_REFERENCE_H

#include "../schema/context.h"

/* What a $ref says. Only its last two segments count, so that URLs of another API version, relative ones and absolute ones mean
 * the same resource (C-31). */
typedef struct scim_reference_t {
    const char *id;                    /* NULL: it names nothing */
    const char *type;                  /* name of the resource type served there, or NULL */
} scim_reference_t;

/* Strings are in c->p. */
scim_reference_t scim_reference_read(scim_context_t *c, const char *url);

/* Does the attribute refer to resources of this service? */
int scim_reference_to_resources(const scim_context_t *c, const scim_attribute_t *attr);

/* `value` of a singular complex attribute (manager) says which resource is meant, and $ref follows it (table S-3). A $ref in after, attr's value,
 * that names another one goes: with an error when it is not the one in before (NULL: none), unless the profile has
 * SCIM_VALUE_ANY_MEMBER_TYPE. where: attr's path for the detail. */
scim_error_t *scim_reference_settle(scim_context_t *c, const scim_attribute_t *attr, const char *where, scim_json_t *before, scim_json_t *after);

#endif
