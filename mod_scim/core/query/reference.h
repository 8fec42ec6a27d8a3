/* References to SCIM resources ($ref of members and groups, meta.location), which come in several forms. */
#ifndef SCIM_CORE_QUERY_REFERENCE_H
#define SCIM_CORE_QUERY_REFERENCE_H

#include "../schema/schema.h"

/* Are attr's values references that the server makes itself, to resources of its own? */
int scim_reference_own(const scim_attribute_t *attr);

/* The last two segments of a reference, endpoint and id ("Users/2819c223"), in s; s itself when it has but one. */
const char *scim_reference_target(const char *s);

/* Do two references name the same resource? They are compared as strings, except that a segment with the version of the API ("v2") does not
 * count, and that of a relative one only the last two segments do (F-19, C-31). */
int scim_reference_same(const char *a, const char *b);

#endif
