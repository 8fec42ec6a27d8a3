/* Private to Bulk: the operations of one request, and what became of them. */
#ifndef SCIM_SERVICE_BULK_H
#define SCIM_SERVICE_BULK_H

#include "../core/bulk/bulk.h"
#include "work.h"

typedef enum { SCIM_BULK_WAITING, SCIM_BULK_DONE, SCIM_BULK_FAILED } scim_bulk_state_e;

/* What became of an operation; lives as long as the request. */
typedef struct scim_bulk_result_t {
    scim_bulk_state_e state;
    int status;                        /* DONE: HTTP status */
    const char *id;                    /* of the resource; that of a POST is known before it is made */
    const char *etag;                  /* or NULL */
    scim_error_t *error;               /* FAILED: why */
    apr_array_header_t *refers;        /* of int: the operations whose bulkIds it names, itself included */
} scim_bulk_result_t;

typedef struct scim_bulk_run_t {
    scim_service_t *s;                 /* of the request */
    const scim_bulk_t *bulk;
    scim_bulk_result_t *results;       /* one for each operation */
    int errors;
    int one_by_one;                    /* POSTs are no longer made together */
    int skipped_members;
} scim_bulk_run_t;

/* The operation at an index. */
#define scim_bulk_at(run, i) (&APR_ARRAY_IDX((run)->bulk->operations, i, const scim_bulk_operation_t))

/* Decides an operation. The error is copied. */
void scim_bulk_fail(scim_bulk_run_t *run, int i, const scim_error_t *error);
void scim_bulk_succeed(scim_bulk_run_t *run, int i, int status, const char *id, const char *etag);

/* May the actor do this with resources of this type, and does the caller allow it (B-24)? id: NULL for a POST. */
scim_error_t *scim_bulk_authorize(const scim_bulk_run_t *run, int i, const char *id);

/* The data with the ids of what it refers to, in p; the data itself where there is nothing of that. */
scim_json_t *scim_bulk_data(const scim_bulk_run_t *run, apr_pool_t *p, int i);

/* An error when something that the operation refers to has failed (B-17); in p. */
scim_error_t *scim_bulk_dependency(const scim_bulk_run_t *run, apr_pool_t *p, int i);

/* A service like that of the request, whose results live in p: for operations that are forgotten one by one. To be ended by the second. */
scim_service_t scim_bulk_service(const scim_bulk_run_t *run, apr_pool_t *p, const scim_resource_type_t *type);
void scim_bulk_service_end(scim_bulk_run_t *run, scim_service_t *part);

/* bulk_create.c: makes the resources of these POSTs (of int; all that they refer to is decided or among them), as many as possible by one
 * statement. all: nothing is done, and they keep waiting, unless all can be made. */
void scim_bulk_create(scim_bulk_run_t *run, const apr_array_header_t *posts, int all);

#endif
