/* Schemas from their files. */
#ifndef SCIM_CONFIG_SCHEMAS_H
#define SCIM_CONFIG_SCHEMAS_H

#include <apr_tables.h>

#include "../core/schema/schema.h"

/* Loads the schemas of all paths (const char *: a JSON file, a folder of *.json, a pattern) in this order. Errors name the file. */
scim_error_t *scim_schemas_read(apr_pool_t *p, const apr_array_header_t *paths, scim_registry_t *registry);

#endif
