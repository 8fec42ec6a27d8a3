#include "sha256.h"

#include <openssl/evp.h>
#include <string.h>

static apr_status_t give_back(void *found)
{
    EVP_MD_free(found);
    return APR_SUCCESS;
}

const scim_sha256_t *scim_sha256_find(apr_pool_t *p)
{
    EVP_MD *found = EVP_MD_fetch(NULL, "SHA256", NULL);

    if (found) {
        apr_pool_cleanup_register(p, found, give_back, apr_pool_cleanup_null);
    }
    return found;
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

const char *scim_sha256_hex(apr_pool_t *p, const scim_sha256_t *found, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[SCIM_SHA256_LENGTH];
    char *hex;
    int i;

    if (!EVP_Digest(text, strlen(text), hash, NULL, found ? found : EVP_sha256(), NULL)) {
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
