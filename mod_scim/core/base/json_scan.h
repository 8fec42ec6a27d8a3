/* A recogniser for strict JSON (RFC 8259, I-JSON). */
#ifndef SCIM_CORE_JSON_SCAN_H
#define SCIM_CORE_JSON_SCAN_H

#include <apr_pools.h>

#include "error.h"

/* What json-c needs for a value does not depend on its text alone: [[[]]] of 10 MB would take gigabytes. An object counts as two values, an
 * array as four. A group with 100,000 members, all parts said, is below that. */
#define SCIM_JSON_MOST_VALUES 700000

/* So much text, or so many values, is handled by few requests at once: what is made of it takes tens of megabytes. */
#define SCIM_JSON_LARGE 1048576
#define SCIM_JSON_MANY_VALUES 65536

/* No object that anybody reads has as many; names are looked for one by one. */
#define SCIM_JSON_MOST_MEMBERS 2000

/* Refuses text[0..len) with invalidSyntax when it is not what scim_json_parse (json.h) accepts; any_integer: integers may have any number of
 * digits, as scim_json_parse_clamped takes them. Builds nothing; p for names seen. TOO_LARGE when the values are more than
 * SCIM_JSON_MOST_VALUES, or the members of one object more than SCIM_JSON_MOST_MEMBERS. */
scim_error_t *scim_json_scan(apr_pool_t *p, const char *text, apr_size_t len, int max_depth, int any_integer);

/* Is text[0..len) more than SCIM_JSON_LARGE says, or may it hold as many values? Judged by its punctuation, that in strings included. */
int scim_json_is_large(const char *text, apr_size_t len);

#endif
