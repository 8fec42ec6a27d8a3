/* Unicode text in bytes: the check of UTF-8, JSON's quotes, hexadecimal digits of escapes. Used by the error object, hence a leaf: nothing
 * here fails. */
#ifndef SCIM_CORE_UTF8_H
#define SCIM_CORE_UTF8_H

#include <apr_pools.h>

/* True when s[0..len) is well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
int scim_utf8_valid(const char *s, apr_size_t len);

/* The value of a hexadecimal digit of either case; -1 of anything else. */
int scim_hex_digit(char c);

/* s as a JSON string with its quotes, in p. */
const char *scim_json_quote(apr_pool_t *p, const char *s);

#endif
