/* PATCH paths (RFC 7644 section 3.5.2): attrPath or attr[filter], each with an optional part. */
#ifndef SCIM_CORE_PATH_H
#define SCIM_CORE_PATH_H

#include "../schema/context.h"
#include "filter.h"

/* Tolerances, in scim_options_t.path. */
#define SCIM_PATH_SINGULAR_FILTER 1    /* a value filter on a singular attribute sees one element (P42) */

typedef struct scim_path_t {
    const char *text;                  /* as the client wrote it */
    scim_attrpath_t target;            /* attr NULL: a whole extension (target.extension), or unknown */
    const scim_filter_t *filter;       /* inner filter of attr[filter], or NULL */
    int unknown;                       /* well-formed, but the schema has no such attribute (PA-04); target may be partly set */
} scim_path_t;

/* Parses and binds. Faults of form are invalidPath (PA-03), faults inside the brackets invalidFilter (PA-05). A filter on a
 * singular attribute is invalidPath (PA-48) unless the profile has SCIM_PATH_SINGULAR_FILTER. */
scim_error_t *scim_path_parse(scim_context_t *c, const char *text, scim_path_t **out);

#endif
