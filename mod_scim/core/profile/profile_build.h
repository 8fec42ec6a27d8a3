/* From what the configuration says to a profile: inheritance, schemas of its own, changes to them, dialect rules. */
#ifndef SCIM_CORE_PROFILE_BUILD_H
#define SCIM_CORE_PROFILE_BUILD_H

#include "rules.h"

/* What the configuration says of a profile, before schemas are known. Lists hold const char ** arguments in order. */
typedef struct scim_profile_spec_t {
    const char *name;
    const char *base;              /* inherited profile, or NULL */
    apr_uint64_t rules, rules_set; /* dialect rules by index: value and which were said */
    const char *arguments[SCIM_MOST_RULES]; /* what was said behind "RULE=", or NULL */
    apr_array_header_t *types;     /* of scim_type_spec_t */
    apr_array_header_t *changes;   /* of scim_change_spec_t, in order */
    int username, media, restore_inactive, skip_unknown_members, keep_absent_members, group_patch_body, me, no_url_filters; /* -1: not said */
} scim_profile_spec_t;

typedef struct scim_type_spec_t { const char *name, *endpoint, *schema; } scim_type_spec_t;

/* One change to a resource type of the profile. */
typedef enum {
    SCIM_CHANGE_EXTENSION, SCIM_CHANGE_REQUIRE, SCIM_CHANGE_OPTIONAL, SCIM_CHANGE_DEFAULT, SCIM_CHANGE_UNIQUE, SCIM_CHANGE_FILTERABLE,
    SCIM_CHANGE_HIDE, SCIM_CHANGE_OWN, SCIM_CHANGE_DELETE
} scim_change_e;
typedef struct scim_change_spec_t {
    scim_change_e what;
    const char *type;              /* resource type name */
    const char *arg;               /* URN, attribute path, or delete mode */
    const char *value;             /* default JSON; "required" for an extension; else NULL */
} scim_change_spec_t;

scim_profile_spec_t *scim_profile_spec_make(apr_pool_t *p, const char *name);

/* Builds the profile in p. specs: const char *name -> scim_profile_spec_t *, for base. Errors name the directive's
 * argument that is wrong (unknown schema, attribute, type, base; a loop of bases). */
scim_error_t *scim_profile_build(apr_pool_t *p, const scim_registry_t *registry, apr_hash_t *specs, const scim_profile_spec_t *spec,
                                 scim_profile_t **out);

/* Builds all of specs into profiles (const char *name -> scim_profile_t *). Errors name the profile. */
scim_error_t *scim_profiles_build(apr_pool_t *p, const scim_registry_t *registry, apr_hash_t *specs, apr_hash_t *profiles);

#endif
