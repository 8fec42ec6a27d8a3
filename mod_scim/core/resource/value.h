/* Values of attributes: from what a client wrote to document form (resource.h), by the schema alone. */
#ifndef SCIM_CORE_VALUE_H
#define SCIM_CORE_VALUE_H

#include "../schema/context.h"

/* Values of one multi-valued attribute, members apart: they are kept in the document, which is read and written as a whole. */
#define SCIM_MOST_ELEMENTS 2000

/* One value of attr in document form: types checked, names canonical, nulls and empties dropped (*out NULL when nothing is
 * left), readOnly parts dropped, at most one primary. where: the attribute's path for details. */
scim_error_t *scim_value_read(scim_context_t *c, const scim_attribute_t *attr, struct json_object *value, const char *where,
                              struct json_object **out);

/* One element of a multi-valued attr (or the value of a singular one) likewise. */
scim_error_t *scim_element_read(scim_context_t *c, const scim_attribute_t *attr, struct json_object *value, const char *where,
                                struct json_object **out);

#endif
