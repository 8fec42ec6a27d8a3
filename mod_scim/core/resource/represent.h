/* The representation of a stored resource. Without projection the stored text is spliced, never parsed. */
#ifndef SCIM_CORE_REPRESENT_H
#define SCIM_CORE_REPRESENT_H

#include <apr_time.h>

#include "../query/project.h"

/* A stored resource as the store hands it over. Strings live in the pool given to the store. */
typedef struct scim_stored_t {
    const char *id;
    apr_int64_t version;
    apr_time_t created, modified;
    const char *doc;                   /* JSON text of the document, begins with {"schemas":[ */
    const char *groups;                /* elements of `groups` as JSON text without the brackets, or NULL */
    const char *members;               /* elements of `members` likewise, or NULL */
} scim_stored_t;

/* meta.location: base_url (no trailing slash) + endpoint + id, in p. */
const char *scim_location(apr_pool_t *p, const scim_resource_type_t *type, const char *base_url, const char *id);

/* JSON text of the resource under projection (may be NULL), in p. *etag, when not NULL, is its entity tag. */
const char *scim_represent(apr_pool_t *p, const scim_resource_type_t *type, const scim_projection_t *projection, const char *base_url,
                           const scim_stored_t *stored, const char **etag);

/* The stored document as a tree in document form (no schemas), with members as an array when stored->members is set. */
struct json_object *scim_document(apr_pool_t *p, const scim_resource_type_t *type, const scim_stored_t *stored);

/* ListResponse: resources holds const char * representations. */
const char *scim_list_response(apr_pool_t *p, apr_int64_t total, apr_int64_t start_index, const apr_array_header_t *resources);

#endif
