/* Which elements the value of a remove operation names (MS-03). */
#ifndef SCIM_CORE_PATCH_NAMED_H
#define SCIM_CORE_PATCH_NAMED_H

#include "../schema/context.h"

/* Removes from list, the value of attr, what names (an array) names: by its value, or by an object all of whose parts agree (with a value
 * all but `primary`). Takes steps for what it looks at; scratch is for comparison keys. */
scim_error_t *scim_patch_remove_named(scim_context_t *c, apr_pool_t *scratch, const scim_attribute_t *attr, scim_json_t *list,
                                      scim_json_t *names);

#endif
