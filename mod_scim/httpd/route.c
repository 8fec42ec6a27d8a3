#include "private.h"

#include <apr_strings.h>
#include <string.h>

#include "../core/base/text.h"

#define MOST_SEGMENTS 3

/* Endpoints that are no resource types, by their path segments. */
static const struct {
    const char *segment;
    scim_endpoint_e alone, with_id;
} endpoints[] = {
    { "ServiceProviderConfig", SCIM_AT_CONFIG, SCIM_AT_NOWHERE },
    { "ResourceTypes", SCIM_AT_TYPES, SCIM_AT_TYPE },
    { "Schemas", SCIM_AT_SCHEMAS, SCIM_AT_SCHEMA },
    { "Bulk", SCIM_AT_UNSUPPORTED, SCIM_AT_UNSUPPORTED },
    { "Me", SCIM_AT_UNSUPPORTED, SCIM_AT_UNSUPPORTED },
    { ".search", SCIM_AT_UNSUPPORTED, SCIM_AT_NOWHERE },
};

/* Methods of each endpoint, as the Allow header says them (H-M). */
static const char *const methods[] = {
    [SCIM_AT_COLLECTION] = "GET, HEAD, POST, OPTIONS",
    [SCIM_AT_RESOURCE] = "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
    [SCIM_AT_SEARCH] = "POST, OPTIONS",
    [SCIM_AT_CONFIG] = "GET, HEAD, OPTIONS",
    [SCIM_AT_TYPES] = "GET, HEAD, OPTIONS",
    [SCIM_AT_TYPE] = "GET, HEAD, OPTIONS",
    [SCIM_AT_SCHEMAS] = "GET, HEAD, OPTIONS",
    [SCIM_AT_SCHEMA] = "GET, HEAD, OPTIONS",
};

/* Splits at slashes; empty segments (doubled and trailing slashes) do not count. */
static int split(apr_pool_t *p, const char *path, const char *segments[MOST_SEGMENTS])
{
    int n = 0;

    while (*path) {
        apr_size_t len = strcspn(path, "/");
        if (len) {
            if (n == MOST_SEGMENTS) {
                return n;
            }
            segments[n++] = apr_pstrmemdup(p, path, len);
        }
        path += len + (path[len] == '/');
    }
    return n;
}

static void route_resource(const char *const *segments, int n, scim_route_t *out)
{
    if (n == 1) {
        out->endpoint = SCIM_AT_COLLECTION;
    }
    else if (n == 2 && scim_ieq(segments[1], ".search")) {
        out->endpoint = SCIM_AT_SEARCH;
    }
    else if (n == 2) {
        out->endpoint = SCIM_AT_RESOURCE;
        out->id = segments[1];
    }
}

void scim_route(apr_pool_t *p, const scim_profile_t *profile, const char *path, scim_route_t *out)
{
    const char *segments[MOST_SEGMENTS];
    int n = split(p, path, segments);
    apr_size_t i;

    memset(out, 0, sizeof(*out));
    out->endpoint = SCIM_AT_NOWHERE;
    if (n == 0) {
        return;
    }
    out->type = scim_profile_endpoint(profile, segments[0], strlen(segments[0]));
    if (out->type) {
        route_resource(segments, n, out);
        return;
    }
    for (i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        if (scim_ieq(segments[0], endpoints[i].segment)) {
            out->endpoint = n == 1 ? endpoints[i].alone : n == 2 ? endpoints[i].with_id : SCIM_AT_NOWHERE;
            out->id = n == 2 ? segments[1] : NULL;
        }
    }
}

int scim_route_allows(const scim_route_t *route, const char *method, const char **allow)
{
    const char *at;
    apr_size_t len = strlen(method);

    *allow = methods[route->endpoint];
    for (at = *allow; *at; at += strspn(at, ", ")) {
        apr_size_t word = strcspn(at, ", ");
        if (word == len && strncmp(at, method, len) == 0) {
            return 1;
        }
        at += word;
    }
    return 0;
}
