#include "seal.h"

#include <apr_base64.h>
#include <openssl/evp.h>
#include <apr_strings.h>
#include <string.h>

#define ID_LENGTH 4
#define TAG_LENGTH 16
#define BODY (ID_LENGTH + SCIM_SEAL_RANDOM)

/* Longer ones are not even decoded: no request line holds them. */
#define LONGEST 16384

/* ---- base64url without padding (RFC 4648 section 5) ---- */

static const char *write_text(apr_pool_t *p, const unsigned char *bytes, apr_size_t len)
{
    char *text = apr_palloc(p, (apr_size_t)apr_base64_encode_len((int)len)), *t;

    apr_base64_encode_binary(text, bytes, (int)len);
    for (t = text; *t && *t != '='; t++) {
        *t = *t == '+' ? '-' : *t == '/' ? '_' : *t;
    }
    *t = '\0';
    return text;
}

/* The bytes of a text that write_text may have made; NULL of any other. The last character has bits to spare, which must be 0: no two texts
 * mean the same. */
static unsigned char *read_text(apr_pool_t *p, const char *text, apr_size_t *len)
{
    apr_size_t n = strlen(text);
    unsigned char *bytes;
    char *plain, *t;

    if (n > LONGEST || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != n) {
        return NULL;
    }
    plain = apr_pstrmemdup(p, text, n);
    for (t = plain; *t; t++) {
        *t = *t == '-' ? '+' : *t == '_' ? '/' : *t;
    }
    bytes = apr_palloc(p, (apr_size_t)apr_base64_decode_len(plain) + 1);
    *len = (apr_size_t)apr_base64_decode_binary(bytes, plain);
    return strcmp(write_text(p, bytes, *len), text) == 0 ? bytes : NULL;
}

/* ---- sealing ---- */

static int set_up(EVP_CIPHER_CTX *c, int seals, const scim_seal_key_t *key, const unsigned char *random, const char *about)
{
    int n;

    return EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key->bytes, random, seals) == 1 &&
           EVP_CipherUpdate(c, NULL, &n, (const unsigned char *)about, (int)strlen(about)) == 1;
}

/* bytes: id, random, sealed data, tag. */
static int seal(EVP_CIPHER_CTX *c, const scim_seal_key_t *key, const char *about, const void *data, apr_size_t len, unsigned char *bytes)
{
    unsigned char *body = bytes + BODY;
    int n;

    return set_up(c, 1, key, bytes + ID_LENGTH, about) && EVP_EncryptUpdate(c, body, &n, data, (int)len) == 1 &&
           EVP_EncryptFinal_ex(c, body + n, &n) == 1 && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_LENGTH, body + len) == 1;
}

static int unseal(EVP_CIPHER_CTX *c, const scim_seal_key_t *key, const char *about, unsigned char *bytes, apr_size_t len, unsigned char *data)
{
    unsigned char *body = bytes + BODY;
    int n;

    return set_up(c, 0, key, bytes + ID_LENGTH, about) && EVP_DecryptUpdate(c, data, &n, body, (int)len) == 1 &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_LENGTH, body + len) == 1 && EVP_DecryptFinal_ex(c, data + n, &n) == 1;
}

const char *scim_seal(apr_pool_t *p, const scim_seal_key_t *key, const unsigned char random[SCIM_SEAL_RANDOM], const char *about,
                      const void *data, apr_size_t len)
{
    apr_size_t size = BODY + len + TAG_LENGTH;
    unsigned char *bytes = apr_palloc(p, size);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int i, done;

    for (i = 0; i < ID_LENGTH; i++) {
        bytes[i] = (unsigned char)(key->id >> 8 * (ID_LENGTH - 1 - i));
    }
    memcpy(bytes + ID_LENGTH, random, SCIM_SEAL_RANDOM);
    done = c && seal(c, key, about, data, len, bytes);
    EVP_CIPHER_CTX_free(c);
    return done ? write_text(p, bytes, size) : NULL;
}

/* 0 of what has not the length of a sealed text. */
static apr_uint32_t read_id(const unsigned char *bytes, apr_size_t len)
{
    apr_uint32_t id = 0;
    int i;

    for (i = 0; bytes && len >= BODY + TAG_LENGTH && i < ID_LENGTH; i++) {
        id = id << 8 | bytes[i];
    }
    return id;
}

apr_uint32_t scim_seal_key_id(apr_pool_t *p, const char *text)
{
    apr_size_t len = 0;
    const unsigned char *bytes = read_text(p, text, &len);

    return read_id(bytes, len);
}

const unsigned char *scim_unseal(apr_pool_t *p, const scim_seal_key_t *key, const char *about, const char *text, apr_size_t *len)
{
    apr_size_t size = 0;
    unsigned char *bytes = read_text(p, text, &size), *data;
    EVP_CIPHER_CTX *c;
    int done;

    if (!key->id || read_id(bytes, size) != key->id) {
        return NULL;
    }
    *len = size - BODY - TAG_LENGTH;
    data = apr_palloc(p, *len + 1);
    c = EVP_CIPHER_CTX_new();
    done = c && unseal(c, key, about, bytes, *len, data);
    EVP_CIPHER_CTX_free(c);
    data[*len] = '\0';
    return done ? data : NULL;
}
