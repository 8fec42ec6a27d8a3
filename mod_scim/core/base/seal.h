/* Texts that clients carry about and only this service can make and read: AES-256-GCM by libcrypto, written in characters that a URI leaves
 * as they are (RFC 3986, unreserved). */
#ifndef SCIM_CORE_SEAL_H
#define SCIM_CORE_SEAL_H

#include <apr_pools.h>

#define SCIM_SEAL_KEY 32
#define SCIM_SEAL_RANDOM 12

typedef struct scim_seal_key_t {
    apr_uint32_t id;                   /* stands in the text, readable; never 0 */
    unsigned char bytes[SCIM_SEAL_KEY];
} scim_seal_key_t;

/* Seals data[0..len), in p. about: what has to be said again to open it. random: new with each text; under one key not more than some 2^32 of
 * them. NULL when libcrypto fails. */
const char *scim_seal(apr_pool_t *p, const scim_seal_key_t *key, const unsigned char random[SCIM_SEAL_RANDOM], const char *about,
                      const void *data, apr_size_t len);

/* The id of the key that the text says it was sealed with; 0: it has not the form of a sealed text. */
apr_uint32_t scim_seal_key_id(apr_pool_t *p, const char *text);

/* What was sealed, in p and followed by a NUL, and its length; NULL when the text was not made with this key and about this, character by
 * character. */
const unsigned char *scim_unseal(apr_pool_t *p, const scim_seal_key_t *key, const char *about, const char *text, apr_size_t *len);

#endif
