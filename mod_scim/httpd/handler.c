/* One request: route, authenticate, authorize, dispatch, reply. */

#include "private.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <http_request.h>
#include <mpm_common.h>
#include <string.h>

static const scim_dir_config_t *dir_config(request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &scim_module);
}

/* Is the URI below a Location of ours? Then no file stands behind it, whatever lies in the document root. */
static int is_ours(request_rec *r)
{
    const scim_dir_config_t *dir = dir_config(r);

    return dir && dir->profile;
}

int scim_translate_name(request_rec *r)
{
    if (!is_ours(r)) {
        return DECLINED;
    }
    /* Never opened; core and other modules expect a name. The note is for map_to_storage, which sees the server's defaults only. */
    r->filename = apr_pstrcat(r->pool, "scim:", r->uri, NULL);
    ap_set_module_config(r->request_config, &scim_module, r->filename);
    return OK;
}

int scim_map_to_storage(request_rec *r)
{
    return ap_get_module_config(r->request_config, &scim_module) ? OK : DECLINED;
}

/* Scheme, ServerName and port from the configuration, never from the Host header (SE-19), unless SCIMBaseURL is "request". */
static const char *base_url(request_rec *r, const scim_dir_config_t *dir)
{
    apr_port_t port = r->server->port ? r->server->port : ap_run_default_port(r);
    const char *scheme = ap_http_scheme(r);

    if (dir->base_url && strcmp(dir->base_url, "request") == 0) {
        return ap_construct_url(r->pool, dir->location, r);
    }
    if (dir->base_url) {
        return dir->base_url;
    }
    if (ap_is_default_port(port, r)) {
        return apr_psprintf(r->pool, "%s://%s%s", scheme, r->server->server_hostname, dir->location);
    }
    return apr_psprintf(r->pool, "%s://%s:%u%s", scheme, r->server->server_hostname, port, dir->location);
}

static const char *endpoint_of(const scim_profile_t *profile, const char *name)
{
    const scim_resource_type_t *type = scim_profile_type(profile, name);

    return type ? type->endpoint : "";
}

static void prepare(scim_request_t *q, request_rec *r, const scim_dir_config_t *dir)
{
    memset(q, 0, sizeof(*q));
    q->r = r;
    q->p = r->pool;
    scim_dir_defaults(dir, &q->settings);
    q->dir = dir = &q->settings;
    q->server = ap_get_module_config(r->server->module_config, &scim_module);
    q->profile = apr_hash_get(q->server->shared->profiles, dir->profile, APR_HASH_KEY_STRING);
    q->base_url = base_url(r, dir);
    scim_context_init(&q->context, q->p, q->profile, NULL);
    q->context.limits.filter_length = dir->filter_length;
    q->context.limits.filter_depth = dir->filter_depth;
    q->pages.default_results = dir->page_default;
    q->pages.max_results = dir->page_max;
    q->scope.base_url = q->base_url;
    q->scope.users = endpoint_of(q->profile, "User");
    q->scope.groups = endpoint_of(q->profile, "Group");
    q->if_match = scim_match_parse(q->p, apr_table_get(r->headers_in, "If-Match"));
    q->if_none_match = scim_match_parse(q->p, apr_table_get(r->headers_in, "If-None-Match"));
}

/* ---- dispatch ---- */

static const struct {
    scim_endpoint_e endpoint;
    const char *method;
    scim_error_t *(*handle)(scim_request_t *q);
    int write;
} handlers[] = {
    { SCIM_AT_COLLECTION, "GET", scim_handle_list, 0 },   { SCIM_AT_COLLECTION, "POST", scim_handle_create, 1 },
    { SCIM_AT_RESOURCE, "GET", scim_handle_get, 0 },      { SCIM_AT_RESOURCE, "PUT", scim_handle_replace, 1 },
    { SCIM_AT_RESOURCE, "PATCH", scim_handle_patch, 1 },  { SCIM_AT_RESOURCE, "DELETE", scim_handle_delete, 1 },
    { SCIM_AT_SEARCH, "POST", scim_handle_search, 0 },
};

static int is_discovery(const scim_route_t *route)
{
    return route->endpoint == SCIM_AT_CONFIG || route->endpoint == SCIM_AT_TYPES || route->endpoint == SCIM_AT_TYPE ||
           route->endpoint == SCIM_AT_SCHEMAS || route->endpoint == SCIM_AT_SCHEMA;
}

/* 405 with Allow; OPTIONS is answered right here. *done: nothing more to do. */
static scim_error_t *check_method(scim_request_t *q, int *done)
{
    const char *allow;

    *done = 0;
    if (!scim_route_allows(&q->route, q->r->method, &allow)) {
        apr_table_set(q->r->err_headers_out, "Allow", allow);
        return scim_error(q->p, SCIM_E_METHOD, "%.20s is not possible here; possible are %s", q->r->method, allow);
    }
    if (strcmp(q->r->method, "OPTIONS") == 0) {
        apr_table_set(q->r->headers_out, "Allow", allow);
        q->reply.status = HTTP_NO_CONTENT;
        *done = 1;
    }
    return NULL;
}

static scim_error_t *dispatch(scim_request_t *q)
{
    const char *method = q->r->header_only ? "GET" : q->r->method;
    apr_size_t i;
    int done;

    if (is_discovery(&q->route)) {
        SCIM_TRY(check_method(q, &done));
        return done ? NULL : scim_handle_discovery(q);
    }
    SCIM_TRY(scim_authenticate(q));
    if (q->route.endpoint == SCIM_AT_NOWHERE) {
        return scim_error(q->p, SCIM_E_NOT_FOUND, "There is no such endpoint");
    }
    if (q->route.endpoint == SCIM_AT_UNSUPPORTED) {
        return scim_error(q->p, SCIM_E_NOT_IMPLEMENTED, "This endpoint is not supported");
    }
    SCIM_TRY(check_method(q, &done));
    for (i = 0; !done && i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        if (handlers[i].endpoint == q->route.endpoint && strcmp(handlers[i].method, method) == 0) {
            SCIM_TRY(scim_authorize(q, handlers[i].write));
            return handlers[i].handle(q);
        }
    }
    return NULL;
}

/* Which dialect rules had to help: counted, and told at debug. */
static void count_rules(scim_request_t *q)
{
    int i;

    for (i = 0; q->context.fired && i < SCIM_RULE_COUNT; i++) {
        if (q->context.fired >> i & 1) {
            apr_atomic_inc32(&q->server->shared->counters->rules[i]);
            ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, q->r, SCIM_LOGNO(105) "dialect rule %s applied", scim_rules[i].name);
        }
    }
}

int scim_handler(request_rec *r)
{
    const scim_dir_config_t *dir = dir_config(r);
    scim_request_t q;
    scim_error_t *err;

    if (!r->handler || strcmp(r->handler, SCIM_HANDLER) != 0) {
        return DECLINED;
    }
    if (!dir->profile || r->prev) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, SCIM_LOGNO(106) "SetHandler scim needs a <Location> with SCIMProfile");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    prepare(&q, r, dir);
    apr_atomic_inc32(&q.server->shared->counters->requests);
    scim_route(q.p, q.profile, r->uri + strlen(dir->location), &q.route);
    q.context.type = q.route.type;
    err = dispatch(&q);
    scim_request_release(&q);
    count_rules(&q);
    if (q.answered) {
        return AP_FILTER_ERROR;
    }
    return err ? scim_reply_error(&q, err) : scim_reply_send(&q);
}
