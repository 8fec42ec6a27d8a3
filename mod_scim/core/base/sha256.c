#include "sha256.h"

#include <openssl/evp.h>
#include <string.h>

int scim_sha256(const void *data, apr_size_t len, unsigned char hash[SCIM_SHA256_LENGTH])
{
    return EVP_Digest(data, len, hash, NULL, EVP_sha256(), NULL);
}

int scim_sha256_each(const char *const *texts, int n, unsigned char (*hashes)[SCIM_SHA256_LENGTH])
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    int i, done = c && EVP_DigestInit_ex(c, EVP_sha256(), NULL);

    for (i = 0; done && i < n; i++) {
        done = EVP_DigestInit_ex(c, NULL, NULL) && EVP_DigestUpdate(c, texts[i], strlen(texts[i])) && EVP_DigestFinal_ex(c, hashes[i], NULL);
    }
    EVP_MD_CTX_free(c);
    return done;
}

const char *scim_sha256_hex(apr_pool_t *p, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[SCIM_SHA256_LENGTH];
    char *hex;
    int i;

    if (!scim_sha256(text, strlen(text), hash)) {
        return NULL;
    }
    hex = apr_palloc(p, 2 * SCIM_SHA256_LENGTH + 1);
    for (i = 0; i < SCIM_SHA256_LENGTH; i++) {
        hex[2 * i] = digits[hash[i] >> 4];
        hex[2 * i + 1] = digits[hash[i] & 15];
    }
    hex[2 * SCIM_SHA256_LENGTH] = '\0';
    return hex;
}
