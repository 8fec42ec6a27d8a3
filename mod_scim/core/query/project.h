/* attributes / excludedAttributes (RFC 7644 section 3.9, G-03 to G-16). */
#ifndef SCIM_CORE_PROJECT_H
#define SCIM_CORE_PROJECT_H

#include "../schema/schema.h"

typedef struct scim_projection_t scim_projection_t;

/* Makes a projection from the two parameters (comma lists; NULL or blank: absent). Both at once: invalidValue (G-13). Unknown
 * names are ignored (G-14). *out is NULL when the default set is asked for and nothing needs projecting. */
scim_error_t *scim_projection_parse(apr_pool_t *p, const scim_resource_type_t *type, const char *attributes, const char *excluded,
                                    const scim_projection_t **out);

/* For the answer to a write: attributes returned on request come back when the client sent them (P-09, RFC 7643 section 7). The
 * projection with attr added; when the client says by `attributes` what to answer it stays as it is, and what `excludedAttributes` takes away
 * stays away. */
const scim_projection_t *scim_projection_sent(apr_pool_t *p, const scim_projection_t *projection, const scim_attribute_t *attr);

/* The same for the parts of a value of attr, whether they are shown on request or not. */
const scim_projection_t *scim_projection_sent_in(apr_pool_t *p, const scim_projection_t *projection, const scim_attribute_t *attr,
                                                 scim_json_t *value);

/* The same for everything in a document that a client sent. */
const scim_projection_t *scim_projection_sent_all(apr_pool_t *p, const scim_resource_type_t *type, const scim_projection_t *projection,
                                                  scim_json_t *doc);

/* Does the reply need this attribute (members, groups) at all? projection may be NULL. */
int scim_projection_wants(const scim_projection_t *projection, const scim_attribute_t *attr);

/* The same of sub, a part of attr that is not always returned: named itself, or shown with the whole of attr. */
int scim_projection_wants_part(const scim_projection_t *projection, const scim_attribute_t *attr, const scim_attribute_t *sub);

/* Removes from the complete representation (with schemas, id, meta, groups, members) what is not to be shown. Changes
 * resource. Parts returned `never` and unrequested `request` ones go in any case; projection may be NULL. */
void scim_project(const scim_resource_type_t *type, const scim_projection_t *projection, scim_json_t *resource);

#endif
