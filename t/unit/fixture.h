/* What unit tests and fuzzers share: the shipped schemas, two profiles and helpers for short test data. */
#ifndef SCIM_UNIT_FIXTURE_H
#define SCIM_UNIT_FIXTURE_H

#include "../../mod_scim/core/query/filter.h"
#include "../../mod_scim/core/base/json.h"
#include "../../mod_scim/core/profile/profile_build.h"

typedef struct fixture_t {
    apr_pool_t *pool;                  /* lives as long as the program's tests */
    apr_pool_t *p;                     /* of one test */
    scim_registry_t *registry;
    const scim_profile_t *tolerant;    /* "default": every dialect rule */
    const scim_profile_t *strict;      /* "rfc": none */
} fixture_t;

/* The schema of the resource type "Device" of both profiles: what the core schemas have no attribute for. */
#define DEVICE_URN "urn:example:params:scim:schemas:2.0:Device"

/* Loads conf/schemas/ of the folder in SCIM_SRCDIR (default: here) and builds the profiles. Ends the program when that fails. */
fixture_t *fixture_make(apr_pool_t *pool);

/* The same resource types with these rules (bits 1 << index), to be changed and built by a test. */
scim_profile_spec_t *fixture_spec(apr_pool_t *pool, const char *name, apr_uint64_t rules);

/* The bit of the rule with this name; ends the program when there is none. */
apr_uint64_t fixture_rule(const char *name);

/* "User", "Group" or "Device" of the tolerant or the strict profile. */
const scim_resource_type_t *fixture_type(const scim_profile_t *profile, const char *name);

/* A fresh context for resources of the type in the test's pool. */
scim_context_t *fixture_context(fixture_t *f, const scim_profile_t *profile, const char *type);

/* s with every ' turned into ", and {USER}, {GROUP}, {ENT}, {PATCHOP} into their URNs. */
const char *fixture_text(apr_pool_t *p, const char *s);

/* The JSON value in fixture_text(s); ends the program when it is none. */
scim_json_t *fixture_json(apr_pool_t *p, const char *s);

/* The whole file, or NULL. */
char *fixture_file(apr_pool_t *p, const char *path, apr_size_t *len);

#endif
