/* Profile: how one service behaves. Built from configuration, immutable afterwards. */
#ifndef SCIM_CORE_PROFILE_H
#define SCIM_CORE_PROFILE_H

#include "schema.h"

/* Dialect rules: what the pre-pass accepts beyond the RFC. Bit numbers; names and meaning in the table of profile.c. */
typedef enum {
    SCIM_RULE_STRING_BOOLEAN,     /* "True"/"False" where the schema says boolean (P3, P14, P15) */
    SCIM_RULE_KEY_PATHS,          /* keys of a path-less value are paths: dotted, bracketed, URN-qualified (P7, P8) */
    SCIM_RULE_WRAP_VALUE,         /* a plain string for a singular complex attribute means its value (P22) */
    SCIM_RULE_UNWRAP_ARRAY,       /* a one-element array for a singular attribute means the element (P24, P39) */
    SCIM_RULE_MANAGER_ID,         /* managerId for manager.value (SCIM 1) */
    SCIM_RULE_UPSERT,             /* replace by a value path creates the missing element (P12, P13, P15) */
    SCIM_RULE_EMPTY_CLEARS,       /* "" and {"value":""} in add/replace clear the target (P26 to P29) */
    SCIM_RULE_REMOVE_IF_EQUAL,    /* remove with a value on a filtered path removes only what is equal (P30) */
    SCIM_RULE_DROP_BARE,          /* an element left with only type, primary or display goes (P31) */
    SCIM_RULE_MEMBERS_OBJECT,     /* {"members":[...]} as the value of a members operation */
    SCIM_RULE_EMPTY_OPERATIONS,   /* an empty Operations array changes nothing (P40) */
    SCIM_RULE_SINGULAR_FILTER,    /* a value filter on a singular attribute sees one element (P42) */
    SCIM_RULE_DOT_AFTER_URN,      /* '.' instead of ':' after a schema URN (P19) */
    SCIM_RULE_BARE_EXTENSION,     /* extension attributes by their bare name (P24) */
    SCIM_RULE_LEGACY_URNS,        /* SCIM 1 schema URNs name their successors */
    SCIM_RULE_IGNORE_UNKNOWN,     /* unknown attributes in PATCH are ignored (P20, P21) */
    SCIM_RULE_IGNORE_READ_ONLY,   /* readOnly attributes in PATCH are ignored */
    SCIM_RULE_ANY_SCHEMAS,        /* missing or undeclared URNs in schemas are ignored */
    SCIM_RULE_LAST_PRIMARY,       /* several primary values: the last stays primary */
    SCIM_RULE_CORE_WRAPPER,       /* attributes wrapped in an object under the base URN */
    SCIM_RULE_BARE_WORD,          /* an unquoted word is a string literal in filters */
    SCIM_RULE_VALUE_PATH_EQ,      /* emails[type eq "work"] eq "x" compares the value */
    SCIM_RULE_ANY_FORMAT,         /* locale, country and userName characters are not checked */
    SCIM_RULE_ANY_MEMBER_TYPE,    /* a member's type or $ref that contradicts its value is ignored */
    SCIM_RULE_COUNT
} scim_rule_e;

typedef struct scim_rule_t {
    const char *name;             /* in SCIMDialect */
    const char *what;             /* one sentence for documentation */
} scim_rule_t;

extern const scim_rule_t scim_rules[SCIM_RULE_COUNT];

/* Rule number by name (letter case ignored), or -1. */
int scim_rule_find(const char *name);

typedef enum { SCIM_USERNAME_ANY, SCIM_USERNAME_EMAIL, SCIM_USERNAME_NICKNAME } scim_username_e;
typedef enum { SCIM_MEDIA_NEGOTIATE, SCIM_MEDIA_SCIM, SCIM_MEDIA_JSON } scim_media_e;

typedef struct scim_profile_t {
    const char *name;
    apr_uint64_t rules;            /* bit 1 << scim_rule_e */
    int ntypes;
    scim_resource_type_t *types;
    apr_array_header_t *schemas;   /* of scim_schema_t *: what /Schemas serves, meta-schemas included (D-15) */
    scim_username_e username;
    scim_media_e media;
    unsigned restore_inactive : 1; /* POST of an inactive user's userName restores the user (else 409) */
    unsigned skip_unknown_members : 1; /* unknown member ids are skipped (else 400 invalidValue, GM-16) */
    unsigned keep_absent_members : 1;  /* PUT without members leaves them (else clears) */
    unsigned group_patch_body : 1; /* PATCH of a group answers 200 with the group (else 204) */
} scim_profile_t;

#define scim_rule_on(profile, rule) (((profile)->rules >> (rule)) & 1)

/* What the configuration says of a profile, before schemas are known. Lists hold const char ** arguments in order. */
typedef struct scim_profile_spec_t {
    const char *name;
    const char *base;              /* inherited profile, or NULL */
    apr_uint64_t rules, rules_set; /* value and which bits were said */
    apr_array_header_t *types;     /* of scim_type_spec_t */
    apr_array_header_t *changes;   /* of scim_change_spec_t, in order */
    int username, media, restore_inactive, skip_unknown_members, keep_absent_members, group_patch_body; /* -1: not said */
} scim_profile_spec_t;

typedef struct scim_type_spec_t { const char *name, *endpoint, *schema; } scim_type_spec_t;

/* One change to a resource type of the profile. */
typedef enum {
    SCIM_CHANGE_EXTENSION, SCIM_CHANGE_REQUIRE, SCIM_CHANGE_OPTIONAL, SCIM_CHANGE_DEFAULT, SCIM_CHANGE_UNIQUE, SCIM_CHANGE_FILTERABLE,
    SCIM_CHANGE_HIDE, SCIM_CHANGE_DELETE
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

/* The resource type served at path segment[0..len) ("Users", any letter case), or NULL. */
const scim_resource_type_t *scim_profile_endpoint(const scim_profile_t *profile, const char *segment, apr_size_t len);

/* The resource type of this name, or NULL. */
const scim_resource_type_t *scim_profile_type(const scim_profile_t *profile, const char *name);

#endif
