/* References to SCIM resources ($ref of members, groups and managers, meta.location), which come in several forms. */
#ifndef SCIM_CORE_QUERY_REFERENCE_H
#define SCIM_CORE_QUERY_REFERENCE_H

#include "../schema/context.h"

/* Are attr's values references that the server makes itself, to resources of its own? */
int scim_reference_own(const scim_attribute_t *attr);

/* The last two segments of a reference, endpoint and id ("Users/2819c223"), in s; s itself when it has but one. */
const char *scim_reference_target(const char *s);

/* Do two references name the same resource? They are compared as strings, except that a segment with the version of the API ("v2") does not
 * count, and that of a relative one only the last two segments do (F-19, C-31). */
int scim_reference_same(const char *a, const char *b);

/* Does the attribute refer to resources of this service? */
int scim_reference_to_resources(const scim_context_t *c, const scim_attribute_t *attr);

/* The $ref of attr where it refers to resources of this service, and beside it stands a value, which is the id of one; else NULL. */
const scim_attribute_t *scim_reference_part(const scim_context_t *c, const scim_attribute_t *attr);

/* The one type that ref, such a $ref, may refer to; NULL: it is none of this service, or there are several. */
const scim_resource_type_t *scim_reference_type(const scim_context_t *c, const scim_attribute_t *ref);

/* The id in a reference that names a resource which ref refers to, where ref is the $ref of a singular attribute and follows from the value beside
 * it: whoever is meant by one is meant by the other, in whatever form it is written. NULL: it is no such part, or names nothing there. */
const char *scim_reference_named(const scim_context_t *c, const scim_attribute_t *ref, const char *reference);

#endif
