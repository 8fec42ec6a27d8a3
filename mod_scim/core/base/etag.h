/* Entity tags (RFC 7644 section 3.14): weak, from the row's version, and for users also from their groups (E-11). */
#ifndef SCIM_CORE_ETAG_H
#define SCIM_CORE_ETAG_H

#include <apr_pools.h>
#include <apr_tables.h>

/* W/"<version>" or W/"<version>-<fingerprint of groups>" in p. groups: the derived JSON text of the groups array, or NULL. */
const char *scim_etag(apr_pool_t *p, apr_int64_t version, const char *groups);

/* Is this just what scim_etag makes? *version is then the version in it; the fingerprint may be any. */
int scim_etag_read(const char *etag, apr_int64_t *version);

/* If-Match / If-None-Match (E-04 to E-07, E-14). */
typedef struct scim_match_t {
    int any;                           /* "*" */
    apr_array_header_t *tags;          /* of const char *: without W/, quotes and the suffix of an encoding; malformed ones are left out */
    apr_array_header_t *versions;      /* of apr_int64_t: the versions in them */
} scim_match_t;

/* Parses a header value; NULL gives NULL. A malformed header gives a match that nothing satisfies (E-14). */
const scim_match_t *scim_match_parse(apr_pool_t *p, const char *header);

/* Is the version among them (or "*")? A NULL match is satisfied. For If-Match: groups do not count, they are not written. */
int scim_match_version(const scim_match_t *match, apr_int64_t version);

/* Is the whole tag among them (or "*")? NULL: no. For If-None-Match on reads; weak comparison. */
int scim_match_tag(const scim_match_t *match, const char *etag);

#endif
