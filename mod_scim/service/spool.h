/* An answer's body that may be large: kept in memory up to SCIM_SPOOL_MEMORY bytes, beyond that in a temporary file without a name. It is
 * complete before the first byte goes out, so status, ETag and length are exact and no connection waits for a client. */
#ifndef SCIM_SERVICE_SPOOL_H
#define SCIM_SERVICE_SPOOL_H

#include <apr_file_io.h>
#include <apr_pools.h>
#include <apr_tables.h>

#include "../core/base/error.h"
#include "../store/turns.h"

#define SCIM_SPOOL_MEMORY 1048576

/* Counts what a process keeps in such files, tenant by tenant. */
typedef struct scim_spool_room_t scim_spool_room_t;

/* Made once per process, in p. most: bytes in the files of one tenant. */
scim_error_t *scim_spool_room_make(apr_pool_t *p, apr_int64_t most, scim_spool_room_t **out);

typedef struct scim_spool_t scim_spool_t;

/* Lives, with its file, as long as p: the room is given back when the reply has been sent. */
scim_spool_t *scim_spool_make(apr_pool_t *p, scim_spool_room_t *room, scim_party_t tenant);

/* Appends; after an error nothing more. */
void scim_spool_add(scim_spool_t *spool, const char *data, apr_size_t len);
void scim_spool_text(scim_spool_t *spool, const char *text);

/* The first error so far, or NULL: 503 with Retry-After when the tenant's files are full, or no file can be written. */
scim_error_t *scim_spool_error(const scim_spool_t *spool);

/* Forgets what was written, and gives the room back: the writing begins anew. */
void scim_spool_rewind(scim_spool_t *spool);

/* Ends the writing; what is added afterwards is an error of the program. The same as scim_spool_error. */
scim_error_t *scim_spool_end(scim_spool_t *spool);

/* What was written: either a file, or blocks in memory. */
typedef struct scim_block_t {
    char *data;
    apr_size_t len;
} scim_block_t;

apr_off_t scim_spool_length(const scim_spool_t *spool);
apr_file_t *scim_spool_file(const scim_spool_t *spool);               /* NULL: it is in memory */
const apr_array_header_t *scim_spool_blocks(const scim_spool_t *spool); /* of scim_block_t */

#endif
