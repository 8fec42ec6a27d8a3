/* Cursors of RFC 9865: where a page ended, sealed so that a client can only bring it back as it is. Nothing of it is kept by the server. */
#ifndef SCIM_CORE_CURSOR_H
#define SCIM_CORE_CURSOR_H

#include "../base/seal.h"
#include "query.h"

typedef struct scim_cursor_t {
    apr_int64_t issued;                /* in seconds since 1970 */
    apr_int64_t total;                 /* totalResults of the first page */
    int count;                         /* resources in a page */
    scim_position_t after;             /* the next page begins behind it */
} scim_cursor_t;

/* The text of nextCursor, in p; NULL when libcrypto fails. about, random: of scim_seal. */
const char *scim_cursor_write(apr_pool_t *p, const scim_seal_key_t *key, const unsigned char random[SCIM_SEAL_RANDOM], const char *about,
                              const scim_cursor_t *cursor);

/* What a text says that was made with this key and about this; 0: it was not. */
int scim_cursor_read(apr_pool_t *p, const scim_seal_key_t *key, const char *about, const char *text, scim_cursor_t *out);

#endif
