/* utf8proc with pools: what the preparations of text share. */
#ifndef SCIM_CORE_UNICODE_H
#define SCIM_CORE_UNICODE_H

#include <apr_pools.h>
#include <utf8proc.h>

/* utf8proc_map of the whole string (stable: unassigned code points are left as they are), in p; NULL when s is not valid UTF-8. */
char *scim_unicode_map(apr_pool_t *p, const char *s, int options);

/* The code point at *s, which moves behind it; 0 at the end and, for good, where s is not valid UTF-8. */
utf8proc_int32_t scim_unicode_next(const char **s);

/* Writes cp as UTF-8; returns the place behind it. */
char *scim_unicode_put(char *to, utf8proc_int32_t cp);

#endif
