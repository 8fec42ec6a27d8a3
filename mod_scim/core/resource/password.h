/* Passwords are kept only as hashes (SE-13). */
#ifndef SCIM_CORE_PASSWORD_H
#define SCIM_CORE_PASSWORD_H

#include "../base/error.h"

/* bcrypt hash of a prepared password (SE-13); invalidValue when it is longer than bcrypt's 72 bytes. */
scim_error_t *scim_password_hash(apr_pool_t *p, const char *prepared, const char **hash);

#endif
