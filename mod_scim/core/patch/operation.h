/* One operation of a PATCH, bound to the schema. */
#ifndef SCIM_CORE_OPERATION_H
#define SCIM_CORE_OPERATION_H

#include "../query/path.h"

typedef enum { SCIM_PATCH_ADD, SCIM_PATCH_REPLACE, SCIM_PATCH_REMOVE } scim_patch_e;

/* How an operation is carried out; set by the parser and by dialect rules. */
#define SCIM_OP_CREATE 1            /* a value path without match creates the element when its filter is a conjunction of eq */
#define SCIM_OP_DROP_BARE 2         /* elements left with only type, primary or display are dropped */
#define SCIM_OP_PATHLESS 4          /* comes from a path-less value: equal readOnly values are ignored (PA-40) */
#define SCIM_OP_NOTHING 8           /* ignored by a dialect rule */
#define SCIM_OP_PARTS 16            /* each part of its value, an object, is an operation of its own */
#define SCIM_OP_OF_PARTS 32         /* ... and this is one of them: what the other parts say is said */

typedef struct scim_patch_op_t {
    scim_patch_e kind;
    scim_path_t *path;
    scim_json_t *value;         /* NULL: none */
    int has_value;                     /* `value` was there, maybe null */
    unsigned flags;
    int index;                         /* position in Operations, for details (PA-53) */
} scim_patch_op_t;

#endif
