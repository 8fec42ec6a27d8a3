#include "password.h"

#include <apr_strings.h>
#include <crypt.h>
#include <errno.h>
#include <string.h>

#include "../base/json.h"
#include "value.h"

scim_error_t *scim_password_read(scim_context_t *c, scim_json_t *value, const char **prepared)
{
    scim_error_t *err;

    if (!scim_json_is(value, SCIM_JSON_STRING)) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "password must be a string");
    }
    /* The tolerance is asked for last: it counts as used only when the password is one with it and none without. */
    SCIM_TRY(scim_password_prepare(c->p, scim_json_string(value), 0, prepared));
    err = scim_password_prepare(c->p, scim_json_string(value), 1, prepared);
    return err && scim_tolerates(c, value, SCIM_VALUE_ANY_FORMAT) ? NULL : err;
}

/* The work area of crypt holds the password: it is wiped before the pool has it back. */
static const char *run_crypt(apr_pool_t *p, const char *prepared, const char *setting)
{
    struct crypt_data *area = apr_pcalloc(p, sizeof(*area));
    const char *out = crypt_rn(prepared, setting, area, (int)sizeof(*area));

    out = out ? apr_pstrdup(p, out) : NULL;
    explicit_bzero(area, sizeof(*area));
    return out;
}

scim_error_t *scim_password_hash(apr_pool_t *p, const char *prepared, const unsigned char random[SCIM_PASSWORD_RANDOM], const char **hash)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    if (strlen(prepared) > SCIM_LONGEST_PASSWORD) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "password is longer than %d bytes", SCIM_LONGEST_PASSWORD);
    }
    errno = 0;
    *hash = crypt_gensalt_rn("$y$", 0, (const char *)random, SCIM_PASSWORD_RANDOM, setting, sizeof(setting)) ? run_crypt(p, prepared, setting)
                                                                                                             : NULL;
    if (!*hash) {
        return scim_error_cause(p, scim_error(p, SCIM_E_INTERNAL, "The password could not be stored"), "crypt: %s", strerror(errno));
    }
    return NULL;
}

int scim_password_verify(apr_pool_t *p, const char *prepared, const char *hash)
{
    const char *made = run_crypt(p, prepared, hash);
    apr_size_t len = strlen(hash), i;
    unsigned differ = 0;

    if (!made || strlen(made) != len) {
        return 0;
    }
    for (i = 0; i < len; i++) {
        differ |= (unsigned char)(made[i] ^ hash[i]);
    }
    return !differ;
}
