/* One request: route, authenticate, authorize, dispatch, reply. */

#include "private.h"

#include <apr_strings.h>
#include <string.h>

static void route(scim_request_t *q)
{
    scim_route(q->p, q->service.c.profile, q->dir->location, q->r->uri, &q->route);
    q->call.type = q->route.type;
    q->call.id = q->route.id;
    q->call.me = q->route.endpoint == SCIM_AT_ME;
    if (q->call.me && q->service.actor) {
        q->call.id = q->service.actor->person;
    }
}

/* What needs no token is told by the Location's profile, unless a token names a tenant: then everything is the tenant's. */
static scim_error_t *identify(scim_request_t *q)
{
    route(q);
    if (scim_route_public(&q->route) && !apr_table_get(q->r->headers_in, "Authorization")) {
        return NULL;
    }
    if (!q->service.actor) {
        SCIM_TRY(scim_authenticate(q));
        route(q);
    }
    return NULL;
}

static int is_unsupported(const scim_request_t *q)
{
    return q->route.endpoint == SCIM_AT_UNSUPPORTED || (q->route.endpoint == SCIM_AT_BULK && !q->dir->bulk);
}

static scim_error_t *no_endpoint(const scim_request_t *q)
{
    if (is_unsupported(q)) {
        return scim_error(q->p, SCIM_E_NOT_IMPLEMENTED, "This endpoint is not supported");
    }
    return scim_error(q->p, SCIM_E_NOT_FOUND, "There is no such endpoint");
}

/* 405 with Allow; OPTIONS is answered right here, *out is then NULL. */
static scim_error_t *find_method(scim_request_t *q, const scim_method_t **out)
{
    const char *allow;

    *out = scim_route_method(&q->route, q->r->method);
    if (*out) {
        return (*out)->operation ? NULL : scim_error(q->p, SCIM_E_NOT_IMPLEMENTED, "%s is not supported here", q->r->method);
    }
    allow = scim_route_allow(q->r, &q->route);
    if (strcmp(q->r->method, "OPTIONS") == 0) {
        apr_table_set(q->r->headers_out, "Allow", allow);
        q->answer.status = HTTP_NO_CONTENT;
        return NULL;
    }
    apr_table_set(q->r->err_headers_out, "Allow", allow);
    return scim_error(q->p, SCIM_E_METHOD, "\"%.20s\" is not possible here; possible are %s", q->r->method, allow);
}

/* A client that may not do what it asks for is told so before it sends its body. */
static scim_error_t *authorize(scim_request_t *q, const scim_method_t *method)
{
    scim_error_t *err = scim_service_authorize(&q->service, method->operation, &q->call);

    if (err) {
        scim_challenge_scope(q);
        return err;
    }
    if (q->call.me && q->call.id) {
        q->permanent = scim_location(q->p, q->call.type, q->service.discovery.base_url, q->call.id);
    }
    return NULL;
}

/* An internal redirect (ErrorDocument, RewriteRule in a Location) repeats a request whose body and method may be gone: good for reading. */
static scim_error_t *check_redirect(scim_request_t *q, const scim_method_t *method)
{
    if (!q->r->prev || !(method->operation->right & SCIM_RIGHT_WRITE)) {
        return NULL;
    }
    return scim_error_cause(q->p, scim_error(q->p, SCIM_E_INTERNAL, "The server passes this request on in a way that is good for reading only"),
                            "%s of %s came by an internal redirect; let the client use this path, or pass it on by mod_rewrite with [PT]",
                            q->r->method, q->r->uri);
}

static scim_error_t *operate(scim_request_t *q, const scim_method_t *method)
{
    scim_error_t *err = scim_service_run(&q->service, method->operation, &q->call, &q->answer);

    if (err && err->code == SCIM_E_UNAUTHORIZED) {
        scim_challenge_token(q);
        q->permanent = NULL;
    }
    return err;
}

static scim_error_t *run(scim_request_t *q, const scim_method_t *method)
{
    scim_service_begin(&q->service);
    SCIM_TRY(authorize(q, method));
    SCIM_TRY(check_redirect(q, method));
    SCIM_TRY(scim_params_parse(q->p, q->r->args, &q->call.params));
    if (method->body != SCIM_BODY_NONE) {
        SCIM_TRY(scim_body_read(q, method->body, &q->call.body));
    }
    if (q->route.endpoint == SCIM_AT_BULK) {
        SCIM_TRY(scim_share_take_work(q, SCIM_LONG_BULK));
    }
    return operate(q, method);
}

static scim_error_t *dispatch(scim_request_t *q)
{
    const scim_method_t *method;

    if (q->route.endpoint == SCIM_AT_NOWHERE || is_unsupported(q)) {
        return no_endpoint(q);
    }
    SCIM_TRY(find_method(q, &method));
    return method ? run(q, method) : NULL;
}

static int answer(scim_request_t *q, const scim_error_t *err)
{
    scim_count(q, q->answered ? q->r->status : err ? err->status : q->answer.status);
    if (q->answered) {
        scim_request_end(q);
        return AP_FILTER_ERROR;
    }
    scim_log_request(q);
    if (err) {
        return scim_reply_error(q, err);
    }
    if (q->answer.skipped_members) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, q->r, SCIM_LOGNO(104) "%d unknown members skipped", q->answer.skipped_members);
    }
    if (q->answer.failed_operations) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, q->r, SCIM_LOGNO(111) "%d operations of a Bulk failed, the first of them: %d %s",
                      q->answer.failed_operations, q->answer.first_failure->status, scim_error_reason(q->p, q->answer.first_failure));
    }
    if (q->answer.untold) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, q->r, SCIM_LOGNO(110) "done, but the answer goes without members: %s",
                      scim_error_reason(q->p, q->answer.untold));
    }
    return scim_reply_send(q);
}

/* From here on until the answer has left this thread it counts as one of the tenant's. */
static int serve(scim_request_t *q)
{
    const scim_token_t *actor = q->service.actor;
    scim_error_t *err = actor ? scim_share_take(q, actor->tenant) : NULL;
    int status;

    if (err) {
        return answer(q, err);
    }
    status = answer(q, dispatch(q));
    if (actor) {
        scim_share_give(q, actor->tenant);
    }
    return status;
}

/* An answer goes out whole. httpd cuts ranges out of every 200, whatever the method (RFC 9110 section 14.2 has them for GET alone), and makes it an
 * error when there is nothing at a range: of a write that is done. */
static void forget_range(request_rec *r)
{
    apr_table_unset(r->headers_in, "Range");
    apr_table_unset(r->headers_in, "Request-Range");
}

int scim_handler(request_rec *r)
{
    const scim_dir_config_t *dir = ap_get_module_config(r->per_dir_config, &scim_module);
    scim_request_t *q;
    scim_error_t *err;

    if (strcmp(r->handler, SCIM_HANDLER) != 0) {
        return DECLINED;
    }
    if (!dir->profile) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, SCIM_LOGNO(106) "SetHandler scim needs a <Location> with SCIMProfile");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    forget_range(r);
    q = scim_request_of(r, dir);
    err = scim_transport_check(q);
    err = err ? err : identify(q);
    return err ? answer(q, err) : serve(q);
}
