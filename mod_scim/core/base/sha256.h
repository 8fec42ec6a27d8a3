/* SHA-256: tokens are stored and looked up by it, never in clear; look-up keys are made of it. */
#ifndef SCIM_CORE_SHA256_H
#define SCIM_CORE_SHA256_H

#include <apr_pools.h>

#define SCIM_SHA256_LENGTH 32

/* The algorithm as libcrypto has it, for as long as p lives: to look for it takes longer than to hash a token. For all threads. NULL when
 * libcrypto fails. */
typedef struct evp_md_st scim_sha256_t;
const scim_sha256_t *scim_sha256_find(apr_pool_t *p);

/* SHA-256 of each of n texts. Much less work than one by one: libcrypto looks for the algorithm once. Returns 0 when libcrypto fails. */
int scim_sha256_each(const char *const *texts, int n, unsigned char (*hashes)[SCIM_SHA256_LENGTH]);

/* SHA-256 of the text as 64 lower-case hexadecimal digits in p; NULL when libcrypto fails. found: by scim_sha256_find, or NULL. */
const char *scim_sha256_hex(apr_pool_t *p, const scim_sha256_t *found, const char *text);

#endif
