/* Everything that goes out: replies, errors, and the errors that httpd's core raises inside the Location. */
#include "private.h"

#include <apr_strings.h>
#include <string.h>

#include "../core/base/text.h"

#define SCIM_JSON "application/scim+json"
#define PLAIN_JSON "application/json"

/* Is the weight among these parameters of an Accept header 0? That is "not acceptable" (RFC 9110 section 12.4.2). */
static int is_refused(const char *parameters)
{
    while (*parameters == ';') {
        const char *name = parameters + 1 + strspn(parameters + 1, " \t");
        if (scim_ieqn(name, "q=", 2)) {
            apr_size_t zeros = strspn(name + 2, "0.");
            return zeros > 0 && (name[2 + zeros] == '\0' || strchr(",; \t", name[2 + zeros]));
        }
        parameters = name + strcspn(name, ",;");
    }
    return 0;
}

/* What an Accept header says of this type, parameters other than its weight aside. */
typedef enum said_e { SAID_NOTHING, SAID_NO, SAID_YES } said_e;

static said_e said_of(const char *accept, const char *type)
{
    apr_size_t len = strlen(type);

    while (*accept) {
        apr_size_t word;
        accept += strspn(accept, ", \t");
        word = strcspn(accept, ",; \t");
        if (word == len && scim_ieqn(accept, type, len)) {
            accept += word;
            return is_refused(accept + strspn(accept, " \t")) ? SAID_NO : SAID_YES;
        }
        accept += strcspn(accept, ",");
    }
    return SAID_NOTHING;
}

/* The most specific range counts. */
static int accepts(const char *accept, const char *type)
{
    said_e said = said_of(accept, type);

    said = said == SAID_NOTHING ? said_of(accept, "application/*") : said;
    return (said == SAID_NOTHING ? said_of(accept, "*/*") : said) == SAID_YES;
}

/* application/scim+json unless the client takes only application/json, or the profile says so (client rule 4). */
static const char *media_type(request_rec *r, scim_media_e media)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");

    if (media == SCIM_MEDIA_JSON) {
        return PLAIN_JSON;
    }
    return media == SCIM_MEDIA_NEGOTIATE && accept && accepts(accept, PLAIN_JSON) && !accepts(accept, SCIM_JSON) ? PLAIN_JSON : SCIM_JSON;
}

/* What a shared cache has to know about such a reply. */
static void set_vary(request_rec *r, scim_media_e media)
{
    if (media == SCIM_MEDIA_NEGOTIATE) {
        apr_table_mergen(r->headers_out, "Vary", "Accept");
    }
}

static void add_block(apr_bucket_brigade *bb, const char *data, apr_size_t len)
{
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_pool_create(data, len, bb->p, bb->bucket_alloc));
}

/* Returns the length of the body. */
static apr_off_t add_body(const scim_answer_t *answer, apr_bucket_brigade *bb)
{
    apr_off_t length = (apr_off_t)strlen(answer->body);
    int i;

    if (length > 0) {
        APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_heap_create(answer->body, (apr_size_t)length, NULL, bb->bucket_alloc));
    }
    if (!answer->spool) {
        return length;
    }
    if (scim_spool_file(answer->spool)) {
        apr_brigade_insert_file(bb, scim_spool_file(answer->spool), 0, scim_spool_length(answer->spool), bb->p);
    }
    for (i = 0; !scim_spool_file(answer->spool) && i < scim_spool_blocks(answer->spool)->nelts; i++) {
        const scim_block_t *block = &APR_ARRAY_IDX(scim_spool_blocks(answer->spool), i, scim_block_t);
        add_block(bb, block->data, block->len);
    }
    return length + scim_spool_length(answer->spool);
}

/* Content-Location says whose representation the body is (RFC 9110 section 8.7); Location is for what has been made, and for what /Me stands
 * for (RFC 7644 section 3.11). */
static void set_location(scim_request_t *q)
{
    const char *location = q->answer.status == HTTP_CREATED ? q->answer.location : q->permanent;

    if (q->answer.location) {
        apr_table_set(q->r->headers_out, "Content-Location", q->answer.location);
    }
    if (location) {
        apr_table_set(q->r->headers_out, "Location", location);
    }
}

/* One brigade with the whole body; its length is known, so httpd never chunks it. */
int scim_reply_send(scim_request_t *q)
{
    request_rec *r = q->r;
    scim_media_e media = q->service.c.profile ? q->service.c.profile->media : SCIM_MEDIA_NEGOTIATE;
    apr_bucket_brigade *bb = apr_brigade_create(q->p, r->connection->bucket_alloc);
    apr_status_t rv;

    scim_body_leave(r);
    r->status = q->answer.status;
    apr_table_setn(r->headers_out, "Cache-Control", "private, no-cache");
    if (q->answer.etag) {
        apr_table_set(r->headers_out, "ETag", q->answer.etag);
    }
    set_location(q);
    if (q->answer.body || q->answer.status == HTTP_NOT_MODIFIED) {
        set_vary(r, media);
    }
    if (q->answer.body) {
        ap_set_content_type(r, media_type(r, media));
        ap_set_content_length(r, add_body(&q->answer, bb));
    }
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(r->connection->bucket_alloc));
    scim_request_end(q);
    rv = ap_pass_brigade(r->output_filters, bb);
    if (rv != APR_SUCCESS && !r->connection->aborted) {
        ap_log_rerror(APLOG_MARK, APLOG_DEBUG, rv, r, SCIM_LOGNO(101) "the reply could not be sent");
    }
    return OK;
}

int scim_reply_error(scim_request_t *q, const scim_error_t *err)
{
    scim_log_error(q, err);
    if (err->retry_after) {
        apr_table_setn(q->r->err_headers_out, "Retry-After", apr_itoa(q->p, err->retry_after));
    }
    q->answer.status = err->status;
    q->answer.body = scim_error_json(q->p, err);
    q->answer.etag = q->answer.location = NULL;
    return scim_reply_send(q);
}

/* ---- errors of httpd's core ---- */

/* The path that was asked for, as it came, and what stands behind it; NULL: none. httpd does not take apart a request line that is longer than it
 * allows, but keeps its beginning. */
static const char *target_of(const request_rec *r)
{
    const char *target = r->unparsed_uri, *host;

    if ((!target || strcmp(target, "-") == 0) && r->the_request) {
        target = strchr(r->the_request, ' ');
        target = target ? target + 1 : NULL;
    }
    if (!target || *target == '/') {
        return target;
    }
    host = strstr(target, "://");
    return host ? strchr(host + 3, '/') : NULL;
}

/* Of the Location with a profile; NULL: there is none. Some requests fail before httpd looks for their Location (%2F or %00 in the path, a URL that
 * is too long): then the URL as it came decides, for the server whose address it came to. */
static const scim_dir_config_t *dir_at(request_rec *r)
{
    const scim_server_config_t *server = ap_get_module_config(r->server->module_config, &scim_module);
    const scim_dir_config_t *dir = ap_get_module_config(r->per_dir_config, &scim_module);
    const char *target = target_of(r);
    int i;

    if (dir->profile) {
        return dir;
    }
    for (i = 0; target && i < server->shared->uses->nelts; i++) {
        const scim_profile_use_t *use = &APR_ARRAY_IDX(server->shared->uses, i, scim_profile_use_t);
        const char *location = use->location;
        apr_size_t len = strlen(location);
        if (use->server->is_virtual && use->server != r->server) {
            continue;
        }
        if (strncmp(target, location, len) == 0 && strchr("/?", target[len])) {
            return use->dir;
        }
    }
    return NULL;
}

/* What httpd refuses before it looks for a Location has come by no hook that would have hidden its query. */
void scim_insert_error_filter(request_rec *r)
{
    const scim_dir_config_t *dir = dir_at(r);

    if (dir) {
        scim_log_hide_query(r, dir);
        scim_body_leave(r);
        ap_add_output_filter("SCIM_ERROR", NULL, r, r->connection);
    }
}

/* httpd refuses TRACE on its own, before it knows the Location, and mod_allowmethods anything: they have no methods that they could name. */
static void set_allow(request_rec *r)
{
    const scim_server_config_t *server = ap_get_module_config(r->server->module_config, &scim_module);
    const scim_dir_config_t *dir = r->status == HTTP_METHOD_NOT_ALLOWED ? dir_at(r) : NULL;
    scim_route_t route;

    if (dir) {
        scim_route(r->pool, apr_hash_get(server->shared->profiles, dir->profile, APR_HASH_KEY_STRING), dir->location, r->uri, &route);
        apr_table_setn(r->headers_out, "Allow", scim_route_allow(r, &route));
    }
}

/* As the profile of the request says, which is the tenant's once that is known, and before that the Location's. */
static scim_media_e media_of(request_rec *r)
{
    const scim_server_config_t *server = ap_get_module_config(r->server->module_config, &scim_module);
    const scim_dir_config_t *dir = dir_at(r);
    const scim_profile_t *profile = scim_seen(r)->request ? scim_seen(r)->request->service.c.profile : NULL;

    if (!profile && dir) {
        profile = apr_hash_get(server->shared->profiles, dir->profile, APR_HASH_KEY_STRING);
    }
    return profile ? profile->media : SCIM_MEDIA_NEGOTIATE;
}

/* Replaces the HTML page by a SCIM error. */
apr_status_t scim_error_filter(ap_filter_t *f, apr_bucket_brigade *bb)
{
    request_rec *r = f->r;
    apr_bucket *b = APR_BRIGADE_LAST(bb);
    const char *body;
    int last = 0;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb); b = APR_BUCKET_NEXT(b)) {
        last |= APR_BUCKET_IS_EOS(b);
    }
    apr_brigade_cleanup(bb);
    if (!last) {
        return APR_SUCCESS;
    }
    ap_remove_output_filter(f);
    body = scim_error_json_status(r->pool, r->status, NULL);
    set_allow(r);
    set_vary(r, media_of(r));
    ap_set_content_type(r, media_type(r, media_of(r)));
    ap_set_content_length(r, (apr_off_t)strlen(body));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_pool_create(body, strlen(body), r->pool, r->connection->bucket_alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(r->connection->bucket_alloc));
    return ap_pass_brigade(f->next, bb);
}
