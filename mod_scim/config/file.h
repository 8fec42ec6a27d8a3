/* Files and folders that a configuration names. This layer reads files; it knows neither httpd nor the database. */
#ifndef SCIM_CONFIG_FILE_H
#define SCIM_CONFIG_FILE_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "../core/base/error.h"

/* The largest file that is read. */
#define SCIM_FILE_MOST (4 * 1024 * 1024)

/* A whole file in p, ended by NUL. Errors name the path and the system's reason. */
scim_error_t *scim_file_read(apr_pool_t *p, const char *path, const char **text, apr_size_t *len);

/* All files of a folder whose names end in suffix, in order of their names: an array of const char *, paths, in p. */
scim_error_t *scim_folder_list(apr_pool_t *p, const char *folder, const char *suffix, apr_array_header_t **out);

/* The files that path means, as above: a folder stands for all in it whose names end in
 * suffix; a pattern ("profiles/a*.conf": '*', '?' and '[' in the
 * last segment) for what it matches, which must be something; anything else is a file. */
scim_error_t *scim_file_list(apr_pool_t *p, const char *path, const char *suffix, apr_array_header_t **out);

#endif
