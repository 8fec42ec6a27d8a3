/* xsd:dateTime (RFC 7643 section 2.3.5). */
#ifndef SCIM_CORE_DATETIME_H
#define SCIM_CORE_DATETIME_H

#include <apr_pools.h>
#include <apr_time.h>

/* Parses a full date and time with optional fraction and offset (none means UTC). Returns 0 when s is not one, or is outside the years
 * 0001 to 9999 in UTC. */
int scim_datetime_parse(const char *s, apr_time_t *out);

/* "2026-01-05T08:00:00.123456Z" in p; the fraction is left out when it is zero. */
const char *scim_datetime_text(apr_pool_t *p, apr_time_t t);

/* The fixed-width form (always six digits of fraction) that sorts as text: search keys. */
const char *scim_datetime_key(apr_pool_t *p, apr_time_t t);

#endif
