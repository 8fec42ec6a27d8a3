/* What a finished document must be, by whatever route it came about. */
#ifndef SCIM_CORE_VALIDATE_H
#define SCIM_CORE_VALIDATE_H

#include <json-c/json.h>

#include "../schema/context.h"

/* Bytes of the longest comparison key that an index takes: PostgreSQL's entries end at 2,704, and tenant, type and the name of a unique
 * attribute stand beside it. */
#define SCIM_LONGEST_KEY 2000

/* Checks a changed document: required attributes, userName form, length of what is indexed. Drops empty containers. */
scim_error_t *scim_resource_check(scim_context_t *c, struct json_object *doc);

#endif
