/* Carrying out one strict operation on the document tree; between patch_apply.c and patch_target.c. */
#ifndef SCIM_CORE_PATCH_TARGET_H
#define SCIM_CORE_PATCH_TARGET_H

#include "operation.h"

/* Applies op, whose path names an attribute kept in the document (or `members` while they are loaded), to doc. */
scim_error_t *scim_patch_target(scim_context_t *c, const scim_patch_op_t *op, scim_json_t *doc);

#endif
