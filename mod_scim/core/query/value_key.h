/* Comparison keys: two values of an attribute are equal, and sort, as their keys do; filters may ask more of them. */
#ifndef SCIM_CORE_VALUE_KEY_H
#define SCIM_CORE_VALUE_KEY_H

#include "../schema/schema.h"

/* Comparison key of a JSON value of attr, as text: folded string (userName: its own preparation), case-exact string,
 * sortable dateTime, canonical base64, number (scim_decimal_key), "true"/"false"; of the server's own references endpoint and id
 * (scim_reference_target). NULL when value does not fit the attribute's type. */
const char *scim_value_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *value);

/* The key that filters compare: as above, but references whole, since parts of their text are asked for too (scim_reference_same tells which
 * are equal), and of an entity tag no more than the version, W/"5": what follows it in a user's tag tells of the groups. */
const char *scim_value_filter_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *value);

/* Is it meta.version? Its values are equal or not; as texts they mean nothing. */
int scim_value_is_tag(const scim_attribute_t *attr);

#endif
