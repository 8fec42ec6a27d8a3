/* Lines of a configuration file, as httpd reads its own. */
#ifndef SCIM_CONFIG_LINES_H
#define SCIM_CONFIG_LINES_H

#include <apr_pools.h>

#include "../core/base/error.h"

typedef struct scim_lines_t {
    apr_pool_t *p;
    const char *file;
    int number;                        /* of the line read last: where it ends */
    const char *rest;                  /* what is not read yet */
} scim_lines_t;

/* Opens the file. Everything lives in p. */
scim_error_t *scim_lines_open(apr_pool_t *p, const char *file, scim_lines_t **out);

/* The next line that is neither empty nor a comment: without the space around it, joined with the next one where it ends in a
 * backslash, with the environment's values for ${NAME}. *line NULL: there is none any more. */
scim_error_t *scim_lines_next(scim_lines_t *lines, const char **line);

/* "FILE line N: " in front of the error's detail; returns err. NULL stays NULL. */
scim_error_t *scim_lines_at(const scim_lines_t *lines, scim_error_t *err);

#endif
