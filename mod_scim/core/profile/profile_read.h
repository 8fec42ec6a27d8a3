/* The lines of <SCIMProfile NAME> ... </SCIMProfile>: what a person writes, as a scim_profile_spec_t. httpd hands over the lines of its
 * configuration, scimctl those of the same files. */
#ifndef SCIM_CORE_PROFILE_READ_H
#define SCIM_CORE_PROFILE_READ_H

#include "profile_build.h"

/* The word that opens a block, as it stands in the line. */
#define SCIM_PROFILE_SECTION "<SCIMProfile"

/* What follows "<SCIMProfile" in the line that opens a block: a new, empty spec in p. specs: the profiles read before (const char *name
 * -> scim_profile_spec_t *), none of which may have the name; the new one is not among them yet. */
scim_error_t *scim_profile_open(apr_pool_t *p, apr_hash_t *specs, const char *args, scim_profile_spec_t **out);

/* One line of the block. *ended: it was </SCIMProfile>. Errors name the directive. The spec keeps copies in p. */
scim_error_t *scim_profile_line(apr_pool_t *p, scim_profile_spec_t *spec, const char *line, int *ended);

/* The error for a block that has no end. */
scim_error_t *scim_profile_not_ended(apr_pool_t *p, const scim_profile_spec_t *spec);

#endif
