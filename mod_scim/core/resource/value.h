/* Values of attributes: from what a client wrote to document form (resource.h), by the schema alone. */
#ifndef SCIM_CORE_VALUE_H
#define SCIM_CORE_VALUE_H

#include "../schema/context.h"

/* Tolerances, in scim_options_t.value. */
#define SCIM_VALUE_EMPTY_STRING 1      /* "" is no value, whatever the type (P26 to P29) */
#define SCIM_VALUE_LAST_PRIMARY 2      /* several primary values: the last stays primary */
#define SCIM_VALUE_ANY_FORMAT 4        /* scim_format_e and the characters of userName and password are not checked */
#define SCIM_VALUE_ANY_MEMBER_TYPE 8   /* a member's type or $ref that contradicts its value is ignored */

/* Values of one multi-valued attribute, members apart: they are kept in the document, which is read and written as a whole. Counted where a
 * list is read and after each operation of a PATCH. */
#define SCIM_MOST_ELEMENTS 2000

/* Runs the dialect rules for values over the outermost level of one value of attr; value itself or a replacement owned by the pool. */
scim_json_t *scim_value_rewrite(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *value);

/* One value of attr in document form: types checked, names canonical, nulls and empties dropped (*out NULL when nothing is
 * left), readOnly parts dropped, elements of the same value united (V-03), at most one primary. where: the attribute's path for details. */
scim_error_t *scim_value_read(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *value, const char *where,
                              scim_json_t **out);

/* One element of a multi-valued attr (or the value of a singular one) likewise. */
scim_error_t *scim_element_read(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *value, const char *where,
                                scim_json_t **out);

#endif
