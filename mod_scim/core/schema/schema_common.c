/* The common attributes of RFC 7643 sections 3 and 3.1, which no schema lists (table S-0). */
#include <apr_strings.h>

#include "schema.h"

typedef struct row_t {
    const char *name;
    scim_type_e type;
    scim_home_e home;
    unsigned multi : 1, required : 1, case_exact : 1;
    scim_mutability_e mutability;
    scim_returned_e returned;
    scim_uniqueness_e uniqueness;
} row_t;

static const row_t top[] = {
    { "schemas", SCIM_STRING, SCIM_HOME_SCHEMAS, 1, 1, 0, SCIM_READ_WRITE, SCIM_RETURNED_ALWAYS, SCIM_UNIQUE_NONE },
    { "id", SCIM_STRING, SCIM_HOME_ID, 0, 1, 1, SCIM_READ_ONLY, SCIM_RETURNED_ALWAYS, SCIM_UNIQUE_SERVER },
    { "externalId", SCIM_STRING, SCIM_HOME_EXTERNAL_ID, 0, 0, 1, SCIM_READ_WRITE, SCIM_RETURNED_DEFAULT, SCIM_UNIQUE_NONE },
    { "meta", SCIM_COMPLEX, SCIM_HOME_META, 0, 0, 0, SCIM_READ_ONLY, SCIM_RETURNED_DEFAULT, SCIM_UNIQUE_NONE },
};

static const row_t meta[] = {
    { "resourceType", SCIM_STRING, SCIM_HOME_META, 0, 0, 1, SCIM_READ_ONLY, SCIM_RETURNED_DEFAULT, SCIM_UNIQUE_NONE },
    { "created", SCIM_DATETIME, SCIM_HOME_META, 0, 0, 0, SCIM_READ_ONLY, SCIM_RETURNED_DEFAULT, SCIM_UNIQUE_NONE },
    { "lastModified", SCIM_DATETIME, SCIM_HOME_META, 0, 0, 0, SCIM_READ_ONLY, SCIM_RETURNED_DEFAULT, SCIM_UNIQUE_NONE },
    { "location", SCIM_REFERENCE, SCIM_HOME_META, 0, 0, 1, SCIM_READ_ONLY, SCIM_RETURNED_DEFAULT, SCIM_UNIQUE_NONE },
    { "version", SCIM_STRING, SCIM_HOME_META, 0, 0, 1, SCIM_READ_ONLY, SCIM_RETURNED_DEFAULT, SCIM_UNIQUE_NONE },
};

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static scim_attribute_t *make(apr_pool_t *p, const scim_schema_t *schema, const scim_attribute_t *parent, const row_t *rows, int n)
{
    scim_attribute_t *attrs = apr_pcalloc(p, sizeof(*attrs) * (apr_size_t)n);
    int i;

    for (i = 0; i < n; i++) {
        attrs[i].name = rows[i].name;
        attrs[i].description = "";
        attrs[i].schema = schema;
        attrs[i].parent = parent;
        attrs[i].type = rows[i].type;
        attrs[i].home = rows[i].home;
        attrs[i].multi = rows[i].multi;
        attrs[i].required = rows[i].required;
        attrs[i].case_exact = rows[i].case_exact;
        attrs[i].mutability = rows[i].mutability;
        attrs[i].returned = rows[i].returned;
        attrs[i].uniqueness = rows[i].uniqueness;
        attrs[i].filterable = 1;
        if (rows[i].type == SCIM_COMPLEX) {
            attrs[i].nsubs = COUNT(meta);
            attrs[i].subs = make(p, schema, &attrs[i], meta, COUNT(meta));
        }
    }
    return attrs;
}

scim_schema_t *scim_schema_common(apr_pool_t *p)
{
    scim_schema_t *schema = apr_pcalloc(p, sizeof(*schema));

    schema->id = "";
    schema->name = "Common";
    schema->description = "";
    schema->nattrs = COUNT(top);
    schema->attrs = make(p, schema, NULL, top, COUNT(top));
    return schema;
}
