/* PATCH (RFC 7644 section 3.5.2): a strict engine. What real clients send is rewritten in front of it (dialect.h). */
#ifndef SCIM_CORE_PATCH_H
#define SCIM_CORE_PATCH_H

#include "../query/path.h"
#include "../resource/resource.h"

typedef enum { SCIM_PATCH_ADD, SCIM_PATCH_REPLACE, SCIM_PATCH_REMOVE } scim_patch_e;

/* How an operation is carried out; set by the parser and by dialect rules. */
#define SCIM_PATCH_CREATE 1            /* a value path without match creates the element when its filter is a conjunction of eq */
#define SCIM_PATCH_DROP_BARE 2         /* elements left with only type, primary or display are dropped */
#define SCIM_PATCH_PATHLESS 4          /* comes from a path-less value: equal readOnly values are ignored (PA-40) */
#define SCIM_PATCH_NOTHING 8           /* ignored by a dialect rule */

typedef struct scim_patch_op_t {
    scim_patch_e kind;
    scim_path_t *path;
    struct json_object *value;         /* NULL: none */
    int has_value;                     /* `value` was there, maybe null */
    unsigned flags;
    int index;                         /* position in Operations, for details (PA-53) */
} scim_patch_op_t;

typedef struct scim_patch_t {
    apr_array_header_t *ops;           /* of scim_patch_op_t, path-less values expanded to one operation each */
    int document;                      /* some operation needs the stored document */
    int members;                       /* some operation needs the stored members loaded into the document */
} scim_patch_t;

/* Checks the envelope (PA-01, PA-02), expands path-less values, binds paths, runs the dialect pre-pass, checks values. */
scim_error_t *scim_patch_parse(scim_context_t *c, struct json_object *body, scim_patch_t **out);

/* What a PATCH leads to. */
typedef struct scim_patched_t {
    int changed;                       /* the document is not what it was (PA-51) */
    scim_members_t *members;           /* net change to the members */
    const char *password;              /* prepared clear text, or NULL */
} scim_patched_t;

/* Applies all operations in order to doc (document form; with `members` when patch->members), changing it, or fails as a whole
 * (PA-07): after an error doc is in no usable state. id: for readOnly echoes of a path-less value. doc may be NULL when neither
 * patch->document nor patch->members. Afterwards doc holds no members. Ends with scim_resource_check. */
scim_error_t *scim_patch_apply(scim_context_t *c, const scim_patch_t *patch, const char *id, struct json_object *doc, scim_patched_t *out);

#endif
