/* A recogniser for strict JSON (RFC 8259, I-JSON). */
#ifndef SCIM_CORE_JSON_SCAN_H
#define SCIM_CORE_JSON_SCAN_H

#include <apr_pools.h>

#include "error.h"

/* Refuses text[0..len) with invalidSyntax when it is not what scim_json_parse (json.h) accepts. Builds nothing; p for names seen. */
scim_error_t *scim_json_scan(apr_pool_t *p, const char *text, apr_size_t len, int max_depth);

#endif
