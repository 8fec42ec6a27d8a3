#include "containers.h"

#include <string.h>

scim_containers_t scim_containers(const scim_resource_type_t *type, scim_json_t *doc)
{
    scim_containers_t at;

    memset(&at, 0, sizeof(at));
    at.type = type;
    at.doc = doc;
    return at;
}

int scim_containers_next(scim_containers_t *at)
{
    while ((at->schema = scim_type_schema_at(at->type, at->index))) {
        at->object = at->index++ == 0 ? at->doc : scim_json_member(at->doc, at->schema->id);
        if (at->object) {
            return 1;
        }
    }
    return 0;
}
