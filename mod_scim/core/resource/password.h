/* Passwords are kept only as salted slow hashes (SE-13). */
#ifndef SCIM_CORE_PASSWORD_H
#define SCIM_CORE_PASSWORD_H

#include "../base/precis.h"
#include "../schema/context.h"

/* Random bytes that a hash needs for its salt. */
#define SCIM_PASSWORD_RANDOM 16

/* The prepared password (scim_password_prepare, strict unless SCIM_VALUE_ANY_FORMAT is tolerated) of what a client wrote, in c->p;
 * invalidValue when it is no string or cannot be a password. */
scim_error_t *scim_password_read(scim_context_t *c, scim_json_t *value, const char **prepared);

/* yescrypt hash of a prepared password in p, in the form of crypt(5); invalidValue when it is longer than SCIM_LONGEST_PASSWORD. Takes some
 * 10 ms and 16 MiB on purpose: not to be called while a database connection is held. */
scim_error_t *scim_password_hash(apr_pool_t *p, const char *prepared, const unsigned char random[SCIM_PASSWORD_RANDOM], const char **hash);

/* Is it the prepared password that the hash was made of? Any method of crypt(5) that libxcrypt has, bcrypt ($2b$, $2y$) among them. As
 * slow as making the hash; the comparison tells nothing by its time. */
int scim_password_verify(apr_pool_t *p, const char *prepared, const char *hash);

#endif
