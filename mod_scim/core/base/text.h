/* Strings are Unicode: comparison keys, UTF-8 checks, ASCII comparison of names. No locale anywhere (I-05, I-13). */
#ifndef SCIM_CORE_TEXT_H
#define SCIM_CORE_TEXT_H

#include <apr_pools.h>

/* Comparison key of a caseExact=false string: canonical decomposition, full case folding, composition (F-09, I-05, I-06).
 * s must be valid UTF-8. The result is in p. */
const char *scim_fold(apr_pool_t *p, const char *s);

/* s behind the blanks and tabs that it begins with. */
const char *scim_skip_blanks(const char *s);

/* Equal without regard to ASCII case: attribute names, schema URNs, operators. */
int scim_ieq(const char *a, const char *b);
int scim_ieqn(const char *a, const char *b, apr_size_t len);

/* True for the text form of UUIDs as ids have it: 8-4-4-4-12 lower-case hexadecimal digits; ids are case-exact (C-05). */
int scim_is_uuid(const char *s);

/* Version 7 UUID (RFC 9562) from a time in microseconds and 8 random bytes, as 36 lower-case characters in p. The microseconds stand in
 * it too (method 3 of section 6.2): ids that one process makes sort by time of creation. */
const char *scim_uuid7(apr_pool_t *p, apr_int64_t micros, const unsigned char random[8]);

#endif
