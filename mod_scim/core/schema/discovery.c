#include "discovery.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"

static scim_json_t *one(apr_pool_t *p, const char *urn)
{
    scim_json_t *list = scim_json_new_array(p);

    scim_json_append_string(list, urn);
    return list;
}

static scim_json_t *meta(apr_pool_t *p, const scim_discovery_t *d, const char *type, const char *path)
{
    scim_json_t *o = scim_json_new_object(p);

    scim_json_set_string(o, "resourceType", type);
    scim_json_set_string(o, "location", apr_pstrcat(p, d->base_url, path, NULL));
    return o;
}

/* D-08, D-28: never paged. */
static const char *finish_list(apr_pool_t *p, scim_json_t *resources)
{
    scim_json_t *o = scim_json_new_object(p);
    int n = (int)scim_json_count(resources);

    scim_json_set(o, "schemas", one(p, SCIM_URN_MESSAGE "ListResponse"));
    scim_json_set_integer(o, "totalResults", n);
    scim_json_set_integer(o, "startIndex", 1);
    scim_json_set_integer(o, "itemsPerPage", n);
    scim_json_set(o, "Resources", resources);
    return scim_json_text(p, o, NULL);
}

/* ---- /ServiceProviderConfig ---- */

static scim_json_t *supported(apr_pool_t *p, int yes)
{
    scim_json_t *o = scim_json_new_object(p);

    scim_json_set_boolean(o, "supported", yes);
    return o;
}

static scim_json_t *scheme(apr_pool_t *p, const char *type, const char *name, const char *description, const char *spec, int primary)
{
    scim_json_t *o = scim_json_new_object(p);

    scim_json_set_string(o, "type", type);
    scim_json_set_string(o, "name", name);
    scim_json_set_string(o, "description", description);
    scim_json_set_string(o, "specUri", spec);
    scim_json_set_boolean(o, "primary", primary);
    return o;
}

/* Also where the attribute is not listed in /Schemas: what is taken is told (D-06). */
static int changes_passwords(const scim_profile_t *profile)
{
    int i, j;

    for (i = 0; i < profile->ntypes; i++) {
        for (j = 0; j < profile->types[i].schema->nattrs; j++) {
            if (profile->types[i].schema->attrs[j].home == SCIM_HOME_PASSWORD) {
                return 1;
            }
        }
    }
    return 0;
}

scim_error_t *scim_discovery_filter(scim_context_t *c, const char *filter, int config)
{
    if (!filter || (config && scim_tolerates(c, discovery, SCIM_DISCOVERY_CONFIG_FILTER))) {
        return NULL;
    }
    return scim_error(c->p, SCIM_E_FORBIDDEN, "Filters are not possible here; leave the filter out and all is returned");
}

/* RFC 9865 section 4. Where there are no cursors it is left out: a client that finds it may take it for having them. */
static scim_json_t *pagination(apr_pool_t *p, const scim_discovery_t *d)
{
    scim_json_t *o = scim_json_new_object(p);

    scim_json_set_boolean(o, "cursor", d->by_cursor);
    scim_json_set_boolean(o, "index", d->by_index);
    scim_json_set_string(o, "defaultPaginationMethod", d->usually_by_cursor ? "cursor" : "index");
    scim_json_set_integer(o, "defaultPageSize", d->usual_results);
    scim_json_set_integer(o, "maxPageSize", d->max_results);
    scim_json_set_integer(o, "cursorTimeout", d->cursor_seconds);
    return o;
}

const char *scim_discovery_config(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d)
{
    scim_json_t *o = scim_json_new_object(p);
    scim_json_t *bulk = supported(p, d->max_operations > 0), *filter = supported(p, 1), *schemes = scim_json_new_array(p);

    scim_json_set(o, "schemas", one(p, SCIM_URN_SPC));
    if (d->documentation_url) {
        scim_json_set_string(o, "documentationUri", d->documentation_url);
    }
    scim_json_set(o, "patch", supported(p, 1));
    scim_json_set_integer(bulk, "maxOperations", d->max_operations);
    scim_json_set_integer(bulk, "maxPayloadSize", d->max_operations ? d->max_payload : 0);
    scim_json_set(o, "bulk", bulk);
    scim_json_set_integer(filter, "maxResults", d->max_results);
    scim_json_set(o, "filter", filter);
    scim_json_set(o, "changePassword", supported(p, changes_passwords(profile)));
    scim_json_set(o, "sort", supported(p, 1));
    scim_json_set(o, "etag", supported(p, 1));
    scim_json_append(schemes, scheme(p, "oauthbearertoken", "Bearer token", "The secret token of the tenant in the Authorization header",
                                     "https://www.rfc-editor.org/info/rfc6750", 1));
    if (d->basic) {
        scim_json_append(schemes, scheme(p, "httpbasic", "HTTP Basic", "The secret token of the tenant as the password",
                                         "https://www.rfc-editor.org/info/rfc7617", 0));
    }
    scim_json_set(o, "authenticationSchemes", schemes);
    if (d->by_cursor) {
        scim_json_set(o, "pagination", pagination(p, d));
    }
    scim_json_set(o, "meta", meta(p, d, "ServiceProviderConfig", "/ServiceProviderConfig"));
    return scim_json_text(p, o, NULL);
}

/* ---- /ResourceTypes ---- */

static scim_json_t *resource_type(apr_pool_t *p, const scim_discovery_t *d, const scim_resource_type_t *type)
{
    scim_json_t *o = scim_json_new_object(p), *extensions = scim_json_new_array(p);
    int i;

    scim_json_set(o, "schemas", one(p, SCIM_URN_RESOURCE_TYPE));
    scim_json_set_string(o, "id", type->name);
    scim_json_set_string(o, "name", type->name);
    scim_json_set_string(o, "description", type->description);
    scim_json_set_string(o, "endpoint", type->endpoint);
    scim_json_set_string(o, "schema", type->schema->id);
    for (i = 0; i < type->nextensions; i++) {
        scim_json_t *extension = scim_json_new_object(p);
        scim_json_set_string(extension, "schema", type->extensions[i].schema->id);
        scim_json_set_boolean(extension, "required", type->extensions[i].required);
        scim_json_append(extensions, extension);
    }
    if (i) {
        scim_json_set(o, "schemaExtensions", extensions);
    }
    scim_json_set(o, "meta", meta(p, d, "ResourceType", apr_pstrcat(p, "/ResourceTypes/", type->name, NULL)));
    return o;
}

const char *scim_discovery_types(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d)
{
    scim_json_t *list = scim_json_new_array(p);
    int i;

    for (i = 0; i < profile->ntypes; i++) {
        scim_json_append(list, resource_type(p, d, &profile->types[i]));
    }
    return finish_list(p, list);
}

const char *scim_discovery_type(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d, const char *name)
{
    const scim_resource_type_t *type = scim_profile_type(profile, name);

    return type ? scim_json_text(p, resource_type(p, d, type), NULL) : NULL;
}

/* ---- /Schemas ---- */

static scim_json_t *words(apr_pool_t *p, const apr_array_header_t *list)
{
    scim_json_t *o = scim_json_new_array(p);
    int i;

    for (i = 0; i < list->nelts; i++) {
        scim_json_append_string(o, APR_ARRAY_IDX(list, i, const char *));
    }
    return o;
}

static scim_json_t *attributes(apr_pool_t *p, const scim_attribute_t *attrs, int n)
{
    scim_json_t *list = scim_json_new_array(p);
    int i;

    for (i = 0; i < n; i++) {
        const scim_attribute_t *attr = &attrs[i];
        scim_json_t *o;
        if (attr->hidden) {
            continue;
        }
        o = scim_json_new_object(p);
        scim_json_set_string(o, "name", attr->name);
        scim_json_set_string(o, "type", scim_type_words[attr->type]);
        scim_json_set_boolean(o, "multiValued", attr->multi);
        scim_json_set_string(o, "description", attr->description);
        scim_json_set_boolean(o, "required", attr->required);
        if (attr->canonical_values) {
            scim_json_set(o, "canonicalValues", words(p, attr->canonical_values));
        }
        if (attr->type != SCIM_COMPLEX && attr->type != SCIM_BOOLEAN) {
            scim_json_set_boolean(o, "caseExact", attr->case_exact);
        }
        scim_json_set_string(o, "mutability", scim_mutability_words[attr->mutability]);
        scim_json_set_string(o, "returned", scim_returned_words[attr->returned]);
        scim_json_set_string(o, "uniqueness", scim_uniqueness_words[attr->uniqueness]);
        if (attr->reference_types) {
            scim_json_set(o, "referenceTypes", words(p, attr->reference_types));
        }
        if (attr->type == SCIM_COMPLEX) {
            scim_json_set(o, "subAttributes", attributes(p, attr->subs, attr->nsubs));
        }
        scim_json_append(list, o);
    }
    return list;
}

static scim_json_t *schema_resource(apr_pool_t *p, const scim_discovery_t *d, const scim_schema_t *schema)
{
    scim_json_t *o = scim_json_new_object(p);

    scim_json_set(o, "schemas", one(p, SCIM_URN_SCHEMA));
    scim_json_set_string(o, "id", schema->id);
    scim_json_set_string(o, "name", schema->name);
    scim_json_set_string(o, "description", schema->description);
    scim_json_set(o, "attributes", attributes(p, schema->attrs, schema->nattrs));
    scim_json_set(o, "meta", meta(p, d, "Schema", apr_pstrcat(p, "/Schemas/", schema->id, NULL)));
    return o;
}

const char *scim_discovery_schemas(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d)
{
    scim_json_t *list = scim_json_new_array(p);
    int i;

    for (i = 0; i < profile->schemas->nelts; i++) {
        scim_json_append(list, schema_resource(p, d, APR_ARRAY_IDX(profile->schemas, i, const scim_schema_t *)));
    }
    return finish_list(p, list);
}

const char *scim_discovery_schema(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d, const char *urn)
{
    int i;

    for (i = 0; i < profile->schemas->nelts; i++) {
        const scim_schema_t *schema = APR_ARRAY_IDX(profile->schemas, i, const scim_schema_t *);
        if (scim_ieq(schema->id, urn)) {
            return scim_json_text(p, schema_resource(p, d, schema), NULL);
        }
    }
    return NULL;
}
