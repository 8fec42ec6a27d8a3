/* Which characters texts may have by PRECIS (RFC 8264), and how they may stand together. */
#ifndef SCIM_CORE_PRECIS_H
#define SCIM_CORE_PRECIS_H

#include <apr_pools.h>

#include "error.h"

/* Bytes of the longest prepared password: what libxcrypt takes. */
#define SCIM_LONGEST_PASSWORD 511

/* Are all characters of a name those that the profile allows: IdentifierClass with single spaces or more between the parts, the contextual
 * rules and the Bidi rule of RFC 8265 section 3.3 (I-03)? key: what scim_username_precis made of it. invalidValue tells the character. */
scim_error_t *scim_username_precis_check(apr_pool_t *p, const char *key);

/* Password by OpaqueString of RFC 8265 section 4.2 (I-04): spaces become U+0020, the whole NFC, case stays; *prepared is in p. invalidValue
 * when it is empty, no UTF-8, so long that it cannot be stored, or holds a control character or, where strict, what else is not of
 * FreeformClass, such as the parts of an emoji that are not seen; no character of it is told. */
scim_error_t *scim_password_prepare(apr_pool_t *p, const char *s, int strict, const char **prepared);

#endif
