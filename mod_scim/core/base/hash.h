/* Hash tables whose keys come from clients. APR's own hash is times 33, by which anybody can make texts that all fall in one place: a table
 * of them costs the square of their number. Here a secret of the process decides where a text falls. */
#ifndef SCIM_CORE_HASH_H
#define SCIM_CORE_HASH_H

#include <apr_hash.h>

/* An empty table in p, to be used as any of APR's. */
apr_hash_t *scim_hash_make(apr_pool_t *p);

/* SipHash-2-4 under the 16 random bytes that the kernel gives each program that starts: processes forked from one another agree. */
apr_uint64_t scim_hash_bytes(const void *data, apr_size_t len);

/* The same as hash of the table, an apr_hashfunc_t. */
unsigned int scim_hash_text(const char *key, apr_ssize_t *len);

#endif
