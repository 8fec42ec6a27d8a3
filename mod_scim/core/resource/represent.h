/* The representation of a stored resource. Without projection the stored text is spliced, never parsed. */
#ifndef SCIM_CORE_REPRESENT_H
#define SCIM_CORE_REPRESENT_H

#include <apr_time.h>

#include "../query/project.h"

/* A stored resource as the store hands it over. Strings live in the pool given to the store. */
typedef struct scim_stored_t {
    const scim_resource_type_t *type;  /* NULL: that which was asked for */
    const char *id;
    apr_int64_t version;
    apr_time_t created, modified;
    const char *doc;                   /* JSON text of the document, begins with {"schemas":[ */
    const char *groups;                /* elements of `groups` as JSON text without the brackets, or NULL */
    const char *members;               /* elements of `members` likewise, or NULL */
} scim_stored_t;

/* meta.location: base_url (no trailing slash) + endpoint + id, in p. */
const char *scim_location(apr_pool_t *p, const scim_resource_type_t *type, const char *base_url, const char *id);

/* A representation whose members come in pieces: head, then ,"members":[ and the elements and ] when there are any, then tail. */
typedef struct scim_representation_t {
    const char *head, *tail;
    const char *etag;
    const scim_attribute_t *members;   /* what the pieces belong to; NULL: members are not shown */
} scim_representation_t;

/* Makes head and tail under projection (may be NULL), in p; stored->members is not looked at. */
void scim_represent_parts(apr_pool_t *p, const scim_resource_type_t *type, const scim_projection_t *projection, const char *base_url,
                          const scim_stored_t *stored, scim_representation_t *out);

/* Elements of members, JSON texts joined by commas, under projection: in p, or elements itself; "" when nothing of them is shown. */
const char *scim_represent_elements(apr_pool_t *p, const scim_resource_type_t *type, const scim_projection_t *projection, const char *elements);

/* JSON text of the resource under projection (may be NULL), in p. *etag, when not NULL, is its entity tag. */
const char *scim_represent(apr_pool_t *p, const scim_resource_type_t *type, const scim_projection_t *projection, const char *base_url,
                           const scim_stored_t *stored, const char **etag);

/* The stored document as a tree in document form (no schemas), with members as an array when stored->members is set. */
scim_json_t *scim_document(apr_pool_t *p, const scim_resource_type_t *type, const scim_stored_t *stored);

/* What stands in a ListResponse in front of its resources, which are joined by commas and followed by SCIM_LIST_END. */
const char *scim_list_head(apr_pool_t *p, apr_int64_t total, apr_int64_t start_index, int items);

/* The same of a list that is paged by cursor; next: the cursor of the next page, NULL when this is the last. */
const char *scim_list_head_cursor(apr_pool_t *p, apr_int64_t total, const char *next, int items);

#define SCIM_LIST_END "]}"

#endif
