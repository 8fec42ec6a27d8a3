/* PATCH (RFC 7644 section 3.5.2): a strict engine. What real clients send is rewritten in front of it, by the profile's functions. */
#ifndef SCIM_CORE_PATCH_H
#define SCIM_CORE_PATCH_H

#include "../resource/members.h"
#include "operation.h"

/* Tolerances, in scim_options_t.patch. */
#define SCIM_PATCH_ANY_SCHEMAS 1       /* the envelope's `schemas` is not looked at */
#define SCIM_PATCH_NO_OPERATIONS 2     /* an empty Operations array changes nothing (P40) */
#define SCIM_PATCH_KEY_PATHS 4         /* keys of a path-less value are paths: dotted, bracketed, URN-qualified (P7, P8) */
#define SCIM_PATCH_CORE_WRAPPER 8      /* an object under the base schema's URN stands for its members */

typedef struct scim_patch_t {
    apr_array_header_t *ops;           /* of scim_patch_op_t, path-less values expanded to one operation each */
    apr_array_header_t *echoes;        /* of scim_patch_op_t: readOnly values of path-less operations */
    int document;                      /* some operation needs the stored document */
    int members;                       /* some operation needs the stored members loaded into the document */
    int adds;                          /* some operation adds members */
    int lookup;                        /* ... at whom a later one looks: scim_patch_added, scim_patch_know */
    apr_hash_t *known;                 /* id -> element of `members` as it is read: members that operations add */
    const char *password;              /* prepared clear text that the operations set, or NULL */
} scim_patch_t;

/* Checks the envelope (PA-01, PA-02), expands path-less values, binds paths, runs the dialect pre-pass, checks values. */
scim_error_t *scim_patch_parse(scim_context_t *c, scim_json_t *body, scim_patch_t **out);

/* Are the readOnly values that a path-less operation repeats those of the resource (its representation)? Else mutability (PA-40). Takes steps for
 * each value that is compared. */
scim_error_t *scim_patch_echoes(scim_context_t *c, const scim_patch_t *patch, scim_json_t *resource);

/* The ids of the members that operations of patch add (ids: of const char *), for when later ones look at more of a member than its id
 * (patch->lookup). Errors as scim_member_read. */
scim_error_t *scim_patch_added(scim_context_t *c, const scim_patch_t *patch, apr_array_header_t **ids);

/* What those members are, from then on: elements of `members` as they are read (PA-08). An id without one is nobody's. What was known
 * before is forgotten. They are copied into p, which lives as long as patch is applied. elements: NULL when there are none. */
void scim_patch_know(apr_pool_t *p, scim_patch_t *patch, scim_json_t *elements);

/* What a PATCH leads to. */
typedef struct scim_patched_t {
    int changed;                       /* the document is not what it was (PA-51) */
    scim_members_t *members;           /* net change to the members */
} scim_patched_t;

/* Applies all operations in order to doc (document form; with `members` when patch->members), changing it, or fails as a whole
 * (PA-07): after an error doc is in no usable state. id: for readOnly echoes of a path-less value. doc may be NULL when neither
 * patch->document nor patch->members. Afterwards doc holds no members. Ends with
 * scim_validate of what has changed. */
scim_error_t *scim_patch_apply(scim_context_t *c, const scim_patch_t *patch, const char *id, scim_json_t *doc, scim_patched_t *out);

#endif
