/* Comparison keys: two values of an attribute are equal, and sort, as their keys do. */
#ifndef SCIM_CORE_VALUE_KEY_H
#define SCIM_CORE_VALUE_KEY_H

#include "../schema/schema.h"

/* Comparison key of a JSON value of attr, as text: folded string (userName: its own preparation), case-exact string,
 * sortable dateTime, canonical base64, number (scim_decimal_key), "true"/"false". NULL when value does not fit the attribute's
 * type. */
const char *scim_value_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *value);

#endif
