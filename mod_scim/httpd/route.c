#include "private.h"

#include <apr_strings.h>
#include <string.h>

#define MOST_SEGMENTS 3

/* Endpoints that are no resource types, by their path segments. */
static const struct {
    const char *segment;
    scim_endpoint_e alone, with_id;
} endpoints[] = {
    { "ServiceProviderConfig", SCIM_AT_CONFIG, SCIM_AT_NOWHERE },
    { "ResourceTypes", SCIM_AT_TYPES, SCIM_AT_TYPE },
    { "Schemas", SCIM_AT_SCHEMAS, SCIM_AT_SCHEMA },
    { "Bulk", SCIM_AT_BULK, SCIM_AT_NOWHERE },
    { "Me", SCIM_AT_ME, SCIM_AT_NOWHERE },
    { SCIM_SEARCH, SCIM_AT_ROOT_SEARCH, SCIM_AT_NOWHERE },
};

/* What can be asked where, in the order of the Allow header (H-M). Without an operation: what the RFC has and this server has not. */
static const scim_method_t methods[] = {
    { SCIM_AT_ROOT, "GET", &scim_search_all, SCIM_BODY_NONE },
    { SCIM_AT_ROOT_SEARCH, "POST", &scim_search_all_request, SCIM_BODY_SEARCH },
    { SCIM_AT_COLLECTION, "GET", &scim_search, SCIM_BODY_NONE },
    { SCIM_AT_COLLECTION, "POST", &scim_create, SCIM_BODY_JSON },
    { SCIM_AT_RESOURCE, "GET", &scim_find, SCIM_BODY_NONE },
    { SCIM_AT_RESOURCE, "PUT", &scim_replace, SCIM_BODY_JSON },
    { SCIM_AT_RESOURCE, "PATCH", &scim_patch, SCIM_BODY_JSON },
    { SCIM_AT_RESOURCE, "DELETE", &scim_delete, SCIM_BODY_NONE },
    { SCIM_AT_ME, "GET", &scim_find, SCIM_BODY_NONE },
    { SCIM_AT_ME, "POST", NULL, SCIM_BODY_NONE },
    { SCIM_AT_ME, "PUT", &scim_replace, SCIM_BODY_JSON },
    { SCIM_AT_ME, "PATCH", &scim_patch, SCIM_BODY_JSON },
    { SCIM_AT_ME, "DELETE", &scim_delete, SCIM_BODY_NONE },
    { SCIM_AT_SEARCH, "POST", &scim_search_request, SCIM_BODY_SEARCH },
    { SCIM_AT_BULK, "POST", &scim_bulk, SCIM_BODY_JSON },
    { SCIM_AT_CONFIG, "GET", &scim_discover_config, SCIM_BODY_NONE },
    { SCIM_AT_TYPES, "GET", &scim_discover_types, SCIM_BODY_NONE },
    { SCIM_AT_TYPE, "GET", &scim_discover_type, SCIM_BODY_NONE },
    { SCIM_AT_SCHEMAS, "GET", &scim_discover_schemas, SCIM_BODY_NONE },
    { SCIM_AT_SCHEMA, "GET", &scim_discover_schema, SCIM_BODY_NONE },
};

/* Splits at slashes. Returns how many segments there are, as far as they count; 0 when one is empty. */
static int split(apr_pool_t *p, const char *path, const char *segments[MOST_SEGMENTS])
{
    int n = 0;

    while (*path == '/' && n < MOST_SEGMENTS) {
        apr_size_t len = strcspn(++path, "/");
        if (len == 0) {
            return 0;
        }
        segments[n++] = apr_pstrmemdup(p, path, len);
        path += len;
    }
    return n;
}

static void route_resource(const char *const *segments, int n, scim_route_t *out)
{
    if (n == 1) {
        out->endpoint = SCIM_AT_COLLECTION;
    }
    else if (n == 2 && strcmp(segments[1], SCIM_SEARCH) == 0) {
        out->endpoint = SCIM_AT_SEARCH;
    }
    else if (n == 2) {
        out->endpoint = SCIM_AT_RESOURCE;
        out->id = segments[1];
    }
}

static const scim_resource_type_t *type_at(const scim_profile_t *profile, const char *segment)
{
    int i;

    for (i = 0; i < profile->ntypes; i++) {
        if (strcmp(profile->types[i].endpoint + 1, segment) == 0) {
            return &profile->types[i];
        }
    }
    return NULL;
}

/* The Location itself, with a slash at its end or without. */
static int is_root(const char *path, const char *location, apr_size_t len)
{
    return strncmp(path, location, len) == 0 && (!path[len] || strcmp(path + len, "/") == 0);
}

void scim_route(apr_pool_t *p, const scim_profile_t *profile, const char *location, const char *path, scim_route_t *out)
{
    const char *segments[MOST_SEGMENTS];
    apr_size_t len = strlen(location), i;
    int n;

    memset(out, 0, sizeof(*out));
    out->endpoint = SCIM_AT_NOWHERE;
    n = strncmp(path, location, len) == 0 ? split(p, path + len, segments) : 0;
    if (n == 0) {
        out->endpoint = is_root(path, location, len) ? SCIM_AT_ROOT : SCIM_AT_NOWHERE;
        return;
    }
    out->type = type_at(profile, segments[0]);
    if (out->type) {
        route_resource(segments, n, out);
        return;
    }
    for (i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        if (strcmp(segments[0], endpoints[i].segment) == 0) {
            out->endpoint = n == 1 ? endpoints[i].alone : n == 2 ? endpoints[i].with_id : SCIM_AT_NOWHERE;
            out->id = n == 2 ? segments[1] : NULL;
        }
    }
    if (out->endpoint == SCIM_AT_ME) {
        out->type = scim_profile_me(profile);
        out->endpoint = out->type ? SCIM_AT_ME : SCIM_AT_UNSUPPORTED;
    }
}

const char *scim_route_name(int i)
{
    return (apr_size_t)i < sizeof(endpoints) / sizeof(endpoints[0]) ? endpoints[i].segment : NULL;
}

int scim_route_public(const scim_route_t *route)
{
    const scim_method_t *get = scim_route_method(route, "GET");

    return get && !get->operation->right;
}

const scim_method_t *scim_route_method(const scim_route_t *route, const char *method)
{
    apr_size_t i;

    if (strcmp(method, "HEAD") == 0) {
        method = "GET";
    }
    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (methods[i].endpoint == route->endpoint && strcmp(methods[i].method, method) == 0) {
            return &methods[i];
        }
    }
    return NULL;
}

/* allow with one method more. r->allowed is 0 where nobody has said anything. */
static const char *add_allowed(const request_rec *r, const char *allow, const char *method)
{
    if (r->allowed && !(r->allowed & (AP_METHOD_BIT << ap_method_number_of(method)))) {
        return allow;
    }
    return apr_pstrcat(r->pool, allow, *allow ? ", " : "", method, NULL);
}

const char *scim_route_allow(request_rec *r, const scim_route_t *route)
{
    const char *allow = "";
    apr_size_t i;

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (methods[i].endpoint == route->endpoint && methods[i].operation) {
            allow = add_allowed(r, allow, methods[i].method);
            if (strcmp(methods[i].method, "GET") == 0) {
                allow = add_allowed(r, allow, "HEAD");
            }
        }
    }
    return add_allowed(r, allow, "OPTIONS");
}
