/* Members that a PATCH adds, as they are read: type, $ref and display are not the client's to give. Between patch_apply.c and patch_known.c. */
#ifndef SCIM_CORE_PATCH_KNOWN_H
#define SCIM_CORE_PATCH_KNOWN_H

#include "patch.h"

/* Gives the members in list the parts that are known of them (scim_patch_know), so that a later operation finds them (PA-08). invalidValue
 * when a member's type is said and is another (GM-05). */
scim_error_t *scim_patch_complete(scim_context_t *c, const scim_patch_t *patch, scim_json_t *list);

#endif
