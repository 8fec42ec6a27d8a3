/* Bulk (RFC 7644 section 3.7): the envelope of a request, and the bulkIds that its operations refer to. */
#ifndef SCIM_CORE_BULK_H
#define SCIM_CORE_BULK_H

#include "../schema/context.h"

typedef enum { SCIM_BULK_POST, SCIM_BULK_PUT, SCIM_BULK_PATCH, SCIM_BULK_DELETE, SCIM_BULK_METHODS } scim_bulk_method_e;

/* Their names. */
extern const char *const scim_bulk_methods[SCIM_BULK_METHODS];

/* One operation, as far as it can be told without its data. */
typedef struct scim_bulk_operation_t {
    scim_bulk_method_e method;         /* SCIM_BULK_METHODS: none of them */
    const char *said;                  /* the method: in capitals when it is one of the four, else as the client wrote it; NULL: it did not */
    const char *bulk_id;               /* or NULL */
    const char *version;               /* an entity tag, or NULL */
    const char *path;                  /* relative to the base URL, without a slash before it; NULL: it is none */
    const scim_resource_type_t *type;  /* what its path leads to; NULL: nowhere */
    const char *id;                    /* in its path; NULL: none */
    const char *id_of;                 /* the bulkId that stands there instead, or NULL */
    scim_json_t *data;                 /* an object; of a DELETE NULL */
    scim_error_t *fault;               /* why it cannot be carried out whatever the others do, or NULL */
} scim_bulk_operation_t;

typedef struct scim_bulk_t {
    apr_array_header_t *operations;    /* of scim_bulk_operation_t */
    int fail_on_errors;                /* after so many errors it ends; 0: never */
    apr_hash_t *made;                  /* bulkId -> the scim_bulk_operation_t that makes it, a POST */
} scim_bulk_t;

/* Reads a BulkRequest, in c->p, without its data, which stays as it is. most: operations. A broken envelope is an error for the whole request:
 * invalidSyntax (B-02), invalidValue (B-13), 413 (B-21). What is wrong with one operation is its fault alone (B-04 to B-07). */
scim_error_t *scim_bulk_read(scim_context_t *c, scim_json_t *body, int most, scim_bulk_t **out);

/* Is told each bulkId that data refers to; gives the id that stands for it, as_address: the address of that resource; or NULL: it stays. */
typedef const char *scim_bulk_refer_f(void *baton, const char *bulk_id, int as_address);

/* Shows each reference of the form "bulkId:x" in data, which belongs to an operation of this method on resources of c->type, and puts what
 * it is given in its place (B-14). References are what the schema says are references to resources: `value` beside a $ref, $ref itself, and
 * other attributes of type reference; extensions, paths and value filters of a PATCH included. Other text that looks so is text (B-19). */
void scim_bulk_refer(scim_context_t *c, scim_bulk_method_e method, scim_json_t *data, scim_bulk_refer_f *refer, void *baton);

#endif
