/* The objects of a document that hold attributes of a schema: the document itself, and one under the URN of each extension. */
#ifndef SCIM_CORE_CONTAINERS_H
#define SCIM_CORE_CONTAINERS_H

#include "schema.h"

/* A walk: for (at = scim_containers(type, doc); scim_containers_next(&at);). Extensions that the document has nothing of are left out. */
typedef struct scim_containers_t {
    const scim_schema_t *schema;       /* whose attributes the object holds */
    scim_json_t *object;
    const scim_resource_type_t *type;  /* the walk's own */
    scim_json_t *doc;
    int index;
} scim_containers_t;

scim_containers_t scim_containers(const scim_resource_type_t *type, scim_json_t *doc);
int scim_containers_next(scim_containers_t *at);

#endif
