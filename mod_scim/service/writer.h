/* From what the store reads, piece by piece, to an answer's body. Its memory does not grow with what is read. */
#ifndef SCIM_SERVICE_WRITER_H
#define SCIM_SERVICE_WRITER_H

#include "service.h"
#include "spool.h"

typedef struct scim_writer_t {
    scim_service_t *s;
    const scim_query_part_t *shows;    /* of each type its projection; filter and sort are not looked at */
    int nshows;
    scim_query_part_t alone;
    scim_spool_t *spool;
    scim_error_t *(*check)(void *data, const scim_stored_t *stored); /* may refuse a resource; NULL: none is refused */
    void *check_data;
    apr_pool_t *scratch;               /* of the resource that is being written */
    apr_pool_t *piece;                 /* of a piece of its members; NULL: there were none yet */
    const scim_query_part_t *showing;  /* the one that is being written */
    scim_representation_t now;
    int count;                         /* resources so far */
    int in_members;                    /* the brackets of members are open */
} scim_writer_t;

/* Makes a writer of resources of the context's type, and the reader that feeds it. For several types, shows and nshows are set afterwards. */
void scim_writer_make(scim_service_t *s, const scim_projection_t *projection, scim_writer_t *w, scim_reader_t *reader);

/* After the last resource; behind is written behind it. An error that was met before is told here at the latest. */
scim_error_t *scim_writer_end(scim_writer_t *w, const char *behind);

#endif
