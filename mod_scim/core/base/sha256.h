/* SHA-256: tokens are stored and looked up by it, never in clear; look-up keys are made of it. */
#ifndef SCIM_CORE_SHA256_H
#define SCIM_CORE_SHA256_H

#include <apr_pools.h>

#define SCIM_SHA256_LENGTH 32

/* SHA-256 of data[0..len). Returns 0 when libcrypto fails. */
int scim_sha256(const void *data, apr_size_t len, unsigned char hash[SCIM_SHA256_LENGTH]);

/* SHA-256 of each of n texts. Much less work than one by one: libcrypto looks for the algorithm once. Returns 0 when libcrypto fails. */
int scim_sha256_each(const char *const *texts, int n, unsigned char (*hashes)[SCIM_SHA256_LENGTH]);

/* SHA-256 of the text as 64 lower-case hexadecimal digits in p; NULL when libcrypto fails. */
const char *scim_sha256_hex(apr_pool_t *p, const char *text);

#endif
