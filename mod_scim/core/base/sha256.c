#include "sha256.h"

#include <openssl/evp.h>
#include <string.h>

const char *scim_sha256_hex(apr_pool_t *p, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int i, len;
    char *hex;

    if (!EVP_Digest(text, strlen(text), hash, &len, EVP_sha256(), NULL)) {
        return NULL;
    }
    hex = apr_palloc(p, 2 * len + 1);
    for (i = 0; i < len; i++) {
        hex[2 * i] = digits[hash[i] >> 4];
        hex[2 * i + 1] = digits[hash[i] & 15];
    }
    hex[2 * len] = '\0';
    return hex;
}
