#include "discovery.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"

static struct json_object *text(const char *s)
{
    return json_object_new_string(s);
}

static struct json_object *one(const char *urn)
{
    struct json_object *list = json_object_new_array_ext(1);

    json_object_array_add(list, text(urn));
    return list;
}

static struct json_object *meta(apr_pool_t *p, const scim_discovery_t *d, const char *type, const char *path)
{
    struct json_object *o = json_object_new_object();

    json_object_object_add(o, "resourceType", text(type));
    json_object_object_add(o, "location", text(apr_pstrcat(p, d->base_url, path, NULL)));
    return o;
}

/* Text of o in p; the tree is given up. */
static const char *finish(apr_pool_t *p, struct json_object *o)
{
    const char *out = scim_json_text(p, o, NULL);

    json_object_put(o);
    return out;
}

/* D-08, D-28: never paged. */
static const char *finish_list(apr_pool_t *p, struct json_object *resources)
{
    struct json_object *o = json_object_new_object();
    int n = (int)json_object_array_length(resources);

    json_object_object_add(o, "schemas", one(SCIM_URN_MESSAGE "ListResponse"));
    json_object_object_add(o, "totalResults", json_object_new_int(n));
    json_object_object_add(o, "startIndex", json_object_new_int(1));
    json_object_object_add(o, "itemsPerPage", json_object_new_int(n));
    json_object_object_add(o, "Resources", resources);
    return finish(p, o);
}

/* ---- /ServiceProviderConfig ---- */

static struct json_object *supported(int yes)
{
    struct json_object *o = json_object_new_object();

    json_object_object_add(o, "supported", json_object_new_boolean(yes));
    return o;
}

static struct json_object *scheme(const char *type, const char *name, const char *description, const char *spec, int primary)
{
    struct json_object *o = json_object_new_object();

    json_object_object_add(o, "type", text(type));
    json_object_object_add(o, "name", text(name));
    json_object_object_add(o, "description", text(description));
    json_object_object_add(o, "specUri", text(spec));
    json_object_object_add(o, "primary", json_object_new_boolean(primary));
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

const char *scim_discovery_config(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d)
{
    struct json_object *o = json_object_new_object(), *bulk = supported(0), *filter = supported(1), *schemes = json_object_new_array();

    json_object_object_add(o, "schemas", one(SCIM_URN_SPC));
    if (d->documentation_url) {
        json_object_object_add(o, "documentationUri", text(d->documentation_url));
    }
    json_object_object_add(o, "patch", supported(1));
    json_object_object_add(bulk, "maxOperations", json_object_new_int(0));
    json_object_object_add(bulk, "maxPayloadSize", json_object_new_int(0));
    json_object_object_add(o, "bulk", bulk);
    json_object_object_add(filter, "maxResults", json_object_new_int(d->max_results));
    json_object_object_add(o, "filter", filter);
    json_object_object_add(o, "changePassword", supported(changes_passwords(profile)));
    json_object_object_add(o, "sort", supported(1));
    json_object_object_add(o, "etag", supported(1));
    json_object_array_add(schemes, scheme("oauthbearertoken", "Bearer token", "The secret token of the tenant in the Authorization header",
                                          "https://www.rfc-editor.org/info/rfc6750", 1));
    if (d->basic) {
        json_object_array_add(schemes, scheme("httpbasic", "HTTP Basic", "The secret token of the tenant as the password",
                                              "https://www.rfc-editor.org/info/rfc7617", 0));
    }
    json_object_object_add(o, "authenticationSchemes", schemes);
    json_object_object_add(o, "meta", meta(p, d, "ServiceProviderConfig", "/ServiceProviderConfig"));
    return finish(p, o);
}

/* ---- /ResourceTypes ---- */

static struct json_object *resource_type(apr_pool_t *p, const scim_discovery_t *d, const scim_resource_type_t *type)
{
    struct json_object *o = json_object_new_object(), *extensions = json_object_new_array();
    int i;

    json_object_object_add(o, "schemas", one(SCIM_URN_RESOURCE_TYPE));
    json_object_object_add(o, "id", text(type->name));
    json_object_object_add(o, "name", text(type->name));
    json_object_object_add(o, "description", text(type->description));
    json_object_object_add(o, "endpoint", text(type->endpoint));
    json_object_object_add(o, "schema", text(type->schema->id));
    for (i = 0; i < type->nextensions; i++) {
        struct json_object *extension = json_object_new_object();
        json_object_object_add(extension, "schema", text(type->extensions[i].schema->id));
        json_object_object_add(extension, "required", json_object_new_boolean(type->extensions[i].required));
        json_object_array_add(extensions, extension);
    }
    if (i) {
        json_object_object_add(o, "schemaExtensions", extensions);
    }
    else {
        json_object_put(extensions);
    }
    json_object_object_add(o, "meta", meta(p, d, "ResourceType", apr_pstrcat(p, "/ResourceTypes/", type->name, NULL)));
    return o;
}

const char *scim_discovery_types(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d)
{
    struct json_object *list = json_object_new_array();
    int i;

    for (i = 0; i < profile->ntypes; i++) {
        json_object_array_add(list, resource_type(p, d, &profile->types[i]));
    }
    return finish_list(p, list);
}

const char *scim_discovery_type(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d, const char *name)
{
    const scim_resource_type_t *type = scim_profile_type(profile, name);

    return type ? finish(p, resource_type(p, d, type)) : NULL;
}

/* ---- /Schemas ---- */

static struct json_object *words(const apr_array_header_t *list)
{
    struct json_object *o = json_object_new_array_ext(list->nelts);
    int i;

    for (i = 0; i < list->nelts; i++) {
        json_object_array_add(o, text(APR_ARRAY_IDX(list, i, const char *)));
    }
    return o;
}

static struct json_object *attributes(const scim_attribute_t *attrs, int n)
{
    struct json_object *list = json_object_new_array_ext(n ? n : 1);
    int i;

    for (i = 0; i < n; i++) {
        const scim_attribute_t *attr = &attrs[i];
        struct json_object *o;
        if (attr->hidden) {
            continue;
        }
        o = json_object_new_object();
        json_object_object_add(o, "name", text(attr->name));
        json_object_object_add(o, "type", text(scim_type_words[attr->type]));
        json_object_object_add(o, "multiValued", json_object_new_boolean(attr->multi));
        json_object_object_add(o, "description", text(attr->description));
        json_object_object_add(o, "required", json_object_new_boolean(attr->required));
        if (attr->canonical_values) {
            json_object_object_add(o, "canonicalValues", words(attr->canonical_values));
        }
        if (attr->type != SCIM_COMPLEX && attr->type != SCIM_BOOLEAN) {
            json_object_object_add(o, "caseExact", json_object_new_boolean(attr->case_exact));
        }
        json_object_object_add(o, "mutability", text(scim_mutability_words[attr->mutability]));
        json_object_object_add(o, "returned", text(scim_returned_words[attr->returned]));
        json_object_object_add(o, "uniqueness", text(scim_uniqueness_words[attr->uniqueness]));
        if (attr->reference_types) {
            json_object_object_add(o, "referenceTypes", words(attr->reference_types));
        }
        if (attr->type == SCIM_COMPLEX) {
            json_object_object_add(o, "subAttributes", attributes(attr->subs, attr->nsubs));
        }
        json_object_array_add(list, o);
    }
    return list;
}

static struct json_object *schema_resource(apr_pool_t *p, const scim_discovery_t *d, const scim_schema_t *schema)
{
    struct json_object *o = json_object_new_object();

    json_object_object_add(o, "schemas", one(SCIM_URN_SCHEMA));
    json_object_object_add(o, "id", text(schema->id));
    json_object_object_add(o, "name", text(schema->name));
    json_object_object_add(o, "description", text(schema->description));
    json_object_object_add(o, "attributes", attributes(schema->attrs, schema->nattrs));
    json_object_object_add(o, "meta", meta(p, d, "Schema", apr_pstrcat(p, "/Schemas/", schema->id, NULL)));
    return o;
}

const char *scim_discovery_schemas(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d)
{
    struct json_object *list = json_object_new_array();
    int i;

    for (i = 0; i < profile->schemas->nelts; i++) {
        json_object_array_add(list, schema_resource(p, d, APR_ARRAY_IDX(profile->schemas, i, const scim_schema_t *)));
    }
    return finish_list(p, list);
}

const char *scim_discovery_schema(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d, const char *urn)
{
    int i;

    for (i = 0; i < profile->schemas->nelts; i++) {
        const scim_schema_t *schema = APR_ARRAY_IDX(profile->schemas, i, const scim_schema_t *);
        if (scim_ieq(schema->id, urn)) {
            return finish(p, schema_resource(p, d, schema));
        }
    }
    return NULL;
}
