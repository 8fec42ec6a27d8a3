/* Look-up keys: one number for "this attribute of a resource of this type and tenant has this value". The store keeps the keys of a
 * resource under an index, and answers equality filters with it. Two values may share a key: what it finds is checked again. */
#ifndef SCIM_CORE_LOOKUP_KEY_H
#define SCIM_CORE_LOOKUP_KEY_H

#include "../schema/schema.h"

/* Are equality filters on attr answered through keys? Not where a column of its own serves them (scim_home_e), and not where a value is
 * shared by so many resources, or asked for so seldom, that an index entry costs more than it gives. What this says is stored with each
 * resource: after a change of it, all keys have to be made anew. */
int scim_lookup_worth(const scim_attribute_t *attr);

/* A value that resources are looked up by. */
typedef struct scim_term_t {
    const scim_attribute_t *attr;      /* one of scim_lookup_worth */
    const char *value;                 /* comparison key (scim_value_key) */
} scim_term_t;

/* The keys of n terms of a tenant's resource of the type, in p. Nobody can make one value's key that of another on purpose: it is the
 * beginning of a SHA-256, and the tenant is in it. Where libcrypto fails, which it does for want of memory, the process ends as it does
 * where a pool has none: a wrong key would be stored for good. */
apr_int64_t *scim_lookup_keys(apr_pool_t *p, apr_int64_t tenant, const scim_resource_type_t *type, const scim_term_t *terms, int n);

#endif
