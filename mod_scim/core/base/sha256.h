/* SHA-256: tokens are stored and looked up by it, never in clear. */
#ifndef SCIM_CORE_SHA256_H
#define SCIM_CORE_SHA256_H

#include <apr_pools.h>

/* SHA-256 of the text as 64 lower-case hexadecimal digits in p; NULL when libcrypto fails. */
const char *scim_sha256_hex(apr_pool_t *p, const char *text);

#endif
