/* The rewriting functions of dialect rules; between rules.c, whose rows name them, and the files that hold them. */
#ifndef SCIM_CORE_REWRITE_H
#define SCIM_CORE_REWRITE_H

#include "../schema/context.h"

/* rewrite_value.c */
scim_rewrite_value_fn scim_rewrite_unwrap_array, scim_rewrite_wrap_value, scim_rewrite_id_member, scim_rewrite_string_boolean,
    scim_rewrite_packed_value;

/* Is the rule for this attribute? Without names it is for all. */
int scim_rewrite_is_for(const scim_rewrite_t *rewrite, const scim_attribute_t *attr);

/* rewrite_body.c */
scim_rewrite_body_fn scim_rewrite_core_wrapper, scim_rewrite_aliases;

/* rewrite_operation.c */
scim_rewrite_operation_fn scim_rewrite_add_sets, scim_rewrite_ignore_unknown, scim_rewrite_ignore_read_only, scim_rewrite_ignore_schemas,
    scim_rewrite_members_object, scim_rewrite_bare_members, scim_rewrite_empty_clears, scim_rewrite_upsert, scim_rewrite_remove_if_equal,
    scim_rewrite_drop_bare;

#endif
