/* Profile: how one service behaves. Built from configuration, immutable afterwards. */
#ifndef SCIM_CORE_PROFILE_H
#define SCIM_CORE_PROFILE_H

#include "schema.h"

/* What parsers and readers accept beyond the RFC, each in its own terms; all clear: strict. The bits stand where they are looked at.
 * Dialect rules set them, once, when the profile is built. */
typedef struct scim_options_t {
    unsigned resolve;              /* SCIM_RESOLVE_*: schema.h */
    unsigned filter;               /* SCIM_FILTER_*: filter_lex.h */
    unsigned path;                 /* SCIM_PATH_*: path.h */
    unsigned value;                /* SCIM_VALUE_*: value.h */
    unsigned body;                 /* SCIM_BODY_*: resource.h */
    unsigned patch;                /* SCIM_PATCH_*: patch.h */
    unsigned discovery;            /* SCIM_DISCOVERY_*: discovery.h */
} scim_options_t;

typedef struct scim_context_t scim_context_t;
typedef struct scim_rewrite_t scim_rewrite_t;
struct scim_patch_op_t;

/* Functions of dialect rules, which bring what a client sent into the strict form that the engine reads. Each returns what it was given
 * when there is nothing to do: the outermost level of one value of attr; the top level of a POST or PUT body; one bound operation, which
 * it changes in place, returning whether it did. */
typedef scim_json_t *scim_rewrite_value_fn(scim_context_t *c, const scim_rewrite_t *rewrite, const scim_attribute_t *attr,
                                           scim_json_t *value);
typedef scim_json_t *scim_rewrite_body_fn(scim_context_t *c, scim_json_t *body);
typedef int scim_rewrite_operation_fn(scim_context_t *c, const scim_rewrite_t *rewrite, struct scim_patch_op_t *op);

/* One function of a rule that the profile has on. */
struct scim_rewrite_t {
    int rule;                      /* bit of scim_context_t.fired */
    scim_rewrite_value_fn *value;  /* one of the three */
    scim_rewrite_body_fn *body;
    scim_rewrite_operation_fn *operation;
    const apr_array_header_t *names; /* of const char *: the rule's argument, empty when it has none */
};

/* The endpoint that stands for a user. */
#define SCIM_ME "/Me"

typedef enum { SCIM_USERNAME_ANY, SCIM_USERNAME_EMAIL, SCIM_USERNAME_NICKNAME } scim_username_e;
typedef enum { SCIM_MEDIA_NEGOTIATE, SCIM_MEDIA_SCIM, SCIM_MEDIA_JSON } scim_media_e;

typedef struct scim_profile_t {
    const char *name;
    apr_uint64_t rules;            /* bits 1 << index in scim_rules: what is on */
    scim_options_t options;
    const scim_alias_t *aliases;   /* of schemas, or NULL */
    apr_array_header_t *values;    /* of scim_rewrite_t, in order: for values, bodies, operations */
    apr_array_header_t *bodies;
    apr_array_header_t *operations;
    int ntypes;
    scim_resource_type_t *types;
    apr_array_header_t *schemas;   /* of scim_schema_t *: what /Schemas serves, meta-schemas included (D-15) */
    scim_username_e username;
    scim_media_e media;
    unsigned restore_inactive : 1; /* POST of an inactive user's userName restores the user (else 409) */
    unsigned skip_unknown_members : 1; /* unknown member ids are skipped (else 400 invalidValue, GM-16) */
    unsigned keep_absent_members : 1;  /* PUT without members leaves them (else clears) */
    unsigned group_patch_body : 1; /* PATCH of a group answers 200 with the group (else 204) */
    unsigned no_url_filters : 1;   /* filters are taken in bodies only (else in URLs, too) */
    unsigned me : 1;               /* /Me is the user whom the token stands for (else 501) */
} scim_profile_t;

/* The resource type served at path segment[0..len) ("Users", any letter case), or NULL. */
const scim_resource_type_t *scim_profile_endpoint(const scim_profile_t *profile, const char *segment, apr_size_t len);

/* The resource type of the user whom /Me means; NULL where /Me is not supported. */
const scim_resource_type_t *scim_profile_me(const scim_profile_t *profile);

/* The resource type of this name, or NULL. */
const scim_resource_type_t *scim_profile_type(const scim_profile_t *profile, const char *name);

/* Does a resource get the same search keys whichever of the two profiles it is written under? NULL when so for all types of narrow, which may
 * have fewer of them; else what differs, in p. Both must be built of the same schema files. */
const char *scim_profile_other_keys(apr_pool_t *p, const scim_profile_t *profile, const scim_profile_t *narrow);

#endif
