#include "hash.h"

#include <apr_siphash.h>
#include <string.h>
#include <sys/auxv.h>

apr_uint64_t scim_hash_bytes(const void *data, apr_size_t len)
{
    return apr_siphash24(data, len, (const unsigned char *)getauxval(AT_RANDOM));
}

unsigned int scim_hash_text(const char *key, apr_ssize_t *len)
{
    if (*len == APR_HASH_KEY_STRING) {
        *len = (apr_ssize_t)strlen(key);
    }
    return (unsigned int)scim_hash_bytes(key, (apr_size_t)*len);
}

apr_hash_t *scim_hash_make(apr_pool_t *p)
{
    return apr_hash_make_custom(p, scim_hash_text);
}
