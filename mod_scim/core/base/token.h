/* The form of the tokens that scimctl makes: a prefix that secret scanners and people recognise, 256 random bits, a checksum. */
#ifndef SCIM_CORE_TOKEN_H
#define SCIM_CORE_TOKEN_H

#include <apr_pools.h>

#define SCIM_TOKEN_RANDOM 32

/* The token of these random bytes in p: "scim_", 43 digits to the base 62 and 6 more of the checksum. Digits and letters only, so
 * that a double click selects it whole. */
const char *scim_token_make(apr_pool_t *p, const unsigned char random[SCIM_TOKEN_RANDOM]);

/* 1: of this form, checksum included. 0: begins like one, but was never made here (mistyped, cut off, guessed): no need to look for
 * it. -1: of another form (imported, a JWT): only a look-up can tell. The checksum keeps accidents away, not attackers. */
int scim_token_plausible(const char *text);

#endif
