/* Profiles from the files that httpd includes too. */
#ifndef SCIM_CONFIG_PROFILES_H
#define SCIM_CONFIG_PROFILES_H

#include <apr_hash.h>
#include <apr_tables.h>

#include "../core/schema/profile.h"

/* Reads the <SCIMProfile> blocks of all paths (const char *: a file, a folder of *.conf, a pattern) into specs (const char *name ->
 * scim_profile_spec_t *). What stands outside of the blocks is httpd's business; a block inside <IfDefine> or another condition,
 * which only httpd can decide, is refused. Errors name file and line. */
scim_error_t *scim_profiles_read(apr_pool_t *p, const apr_array_header_t *paths, apr_hash_t *specs);

#endif
