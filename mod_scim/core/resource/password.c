#include "password.h"

#include <apr_general.h>
#include <apr_md5.h>
#include <string.h>

#define BCRYPT_ROUNDS 10
#define BCRYPT_LONGEST 72

scim_error_t *scim_password_hash(apr_pool_t *p, const char *prepared, const char **hash)
{
    unsigned char salt[16];
    char *out = apr_palloc(p, 128);
    apr_status_t rv;

    if (strlen(prepared) > BCRYPT_LONGEST) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "password is longer than %d bytes", BCRYPT_LONGEST);
    }
    rv = apr_generate_random_bytes(salt, sizeof(salt));
    if (rv == APR_SUCCESS) {
        rv = apr_bcrypt_encode(prepared, BCRYPT_ROUNDS, salt, sizeof(salt), out, 128);
    }
    if (rv != APR_SUCCESS) {
        char reason[120];
        return scim_error_cause(p, scim_error(p, SCIM_E_INTERNAL, "The password could not be stored"), "bcrypt: %s",
                                apr_strerror(rv, reason, sizeof(reason)));
    }
    *hash = out;
    return NULL;
}
