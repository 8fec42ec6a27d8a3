#include "private.h"

#include <apr_strings.h>
#include <string.h>

#include "../core/base/json.h"
#include "../core/base/json_scan.h"
#include "../core/base/text.h"

#define FIRST_BUFFER 65536
#define MOST_DISCARDED 65536

/* Types a body may be labelled with; none is fine (client rule 3). */
static int type_accepted(const char *type)
{
    apr_size_t len = strcspn(type, "; \t");

    return len == 0 || (len == 21 && scim_ieqn(type, "application/scim+json", len)) || (len == 16 && scim_ieqn(type, "application/json", len));
}

/* The parameter of a type behind the next ';'; NULL: there is none. In quoted strings it is text. */
static const char *next_parameter(const char *at)
{
    int quoted = 0;

    for (; *at && (quoted || *at != ';'); at++) {
        if (quoted && *at == '\\' && at[1]) {
            at++;
        }
        else if (*at == '"') {
            quoted = !quoted;
        }
    }
    return *at ? at + 1 + strspn(at + 1, " \t") : NULL;
}

/* JSON is UTF-8 (RFC 8259 section 8.1), of which ASCII is a part. The type has no charset parameter; one that says so, or nothing, is
 * harmless, in whatever quotes. A comma ends it: proxies make one header of two. */
static int charset_accepted(const char *type)
{
    static const char *const accepted[] = { "utf-8", "utf8", "us-ascii", "ascii" };
    const char *at;
    apr_size_t i, len;

    for (at = next_parameter(type); at; at = next_parameter(at)) {
        const char *name;
        if (!scim_ieqn(at, "charset=", 8)) {
            continue;
        }
        name = at + 8 + strspn(at + 8, " \t\"'");
        len = strcspn(name, "\"',; \t");
        for (i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
            if (len == strlen(accepted[i]) && scim_ieqn(name, accepted[i], len)) {
                return 1;
            }
        }
        if (len) {
            return 0;
        }
    }
    return 1;
}

static scim_error_t *check_headers(scim_request_t *q)
{
    const char *type = apr_table_get(q->r->headers_in, "Content-Type"), *encoding = apr_table_get(q->r->headers_in, "Content-Encoding");
    const char *length = apr_table_get(q->r->headers_in, "Content-Length");

    if (type && !type_accepted(type)) {
        return scim_error(q->p, SCIM_E_MEDIA_TYPE, "The body must be application/scim+json or application/json");
    }
    if (type && !charset_accepted(type)) {
        return scim_error(q->p, SCIM_E_MEDIA_TYPE, "The body must be in UTF-8");
    }
    if (encoding && *encoding && !scim_ieq(encoding, "identity")) {
        return scim_error(q->p, SCIM_E_MEDIA_TYPE, "Content-Encoding is not supported");
    }
    if (length && apr_atoi64(length) > q->dir->max_body) {
        return scim_error(q->p, SCIM_E_TOO_LARGE, "The body is larger than %" APR_INT64_T_FMT " bytes", q->dir->max_body);
    }
    return NULL;
}

/* What httpd says about a body that could not be read. AP_FILTER_ERROR means that it has answered already. */
static scim_error_t *read_error(scim_request_t *q, apr_status_t rv)
{
    int status = ap_map_http_request_error(rv, HTTP_BAD_REQUEST);

    q->answered = status == AP_FILTER_ERROR;
    switch (status) {
    case HTTP_REQUEST_ENTITY_TOO_LARGE:
        return scim_error(q->p, SCIM_E_TOO_LARGE, "The body is too large");
    case HTTP_REQUEST_TIME_OUT:
        return scim_error(q->p, SCIM_E_TIMEOUT, "The body did not arrive in time");
    default:
        return scim_error(q->p, SCIM_E_BAD_REQUEST, "The body could not be read");
    }
}

/* For so many bytes more, which the limit allows. What was too small is given back, and what is not filled yet not touched: a client may stop in
 * the middle, with as many requests as it has threads. */
static void make_room(const scim_request_t *q, apr_array_header_t *buffer, apr_size_t len)
{
    apr_pool_t *before = buffer->pool, *pool;
    const char *data = buffer->elts;

    if ((apr_size_t)(buffer->nalloc - buffer->nelts) >= len) {
        return;
    }
    while ((apr_size_t)(buffer->nalloc - buffer->nelts) < len) {
        buffer->nalloc = buffer->nalloc < q->dir->max_body / 2 ? buffer->nalloc * 2 : (int)q->dir->max_body;
    }
    apr_pool_create(&pool, q->work);
    buffer->pool = pool;
    buffer->elts = apr_palloc(pool, (apr_size_t)buffer->nalloc);
    memcpy(buffer->elts, data, (apr_size_t)buffer->nelts);
    if (before != q->work) {
        apr_pool_destroy(before);
    }
}

/* Appends the data of a brigade to the buffer; over the limit is an error. */
static scim_error_t *take(scim_request_t *q, apr_bucket_brigade *bb, apr_array_header_t *buffer, int *eos)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb); b = APR_BUCKET_NEXT(b)) {
        const char *data;
        apr_size_t len;
        apr_status_t rv;
        if (APR_BUCKET_IS_EOS(b)) {
            *eos = 1;
            break;
        }
        if (APR_BUCKET_IS_METADATA(b)) {
            continue;
        }
        rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ);
        if (rv != APR_SUCCESS) {
            return read_error(q, rv);
        }
        if ((apr_int64_t)buffer->nelts + (apr_int64_t)len > q->dir->max_body) {
            return scim_error(q->p, SCIM_E_TOO_LARGE, "The body is larger than %" APR_INT64_T_FMT " bytes", q->dir->max_body);
        }
        make_room(q, buffer, len);
        memcpy(buffer->elts + buffer->nelts, data, len);
        buffer->nelts += (int)len;
    }
    return NULL;
}

static scim_error_t *read_all(scim_request_t *q, apr_array_header_t *buffer)
{
    apr_bucket_brigade *bb = apr_brigade_create(q->p, q->r->connection->bucket_alloc);
    int eos = 0;

    while (!eos) {
        scim_error_t *err;
        apr_status_t rv = ap_get_brigade(q->r->input_filters, bb, AP_MODE_READBYTES, APR_BLOCK_READ, HUGE_STRING_LEN);
        if (rv != APR_SUCCESS) {
            return read_error(q, rv);
        }
        err = take(q, bb, buffer, &eos);
        apr_brigade_cleanup(bb);
        if (err) {
            return err;
        }
    }
    scim_seen(q->r)->body_ended = 1;
    return NULL;
}

scim_error_t *scim_body_read(scim_request_t *q, scim_body_e kind, scim_json_t **out)
{
    const char *length = apr_table_get(q->r->headers_in, "Content-Length");
    apr_array_header_t *buffer;
    apr_int64_t expected;

    AP_DEBUG_ASSERT(!q->service.scope.db);
    SCIM_TRY(check_headers(q));
    expected = length ? apr_atoi64(length) : 0;
    /* What a client announces is not yet there: large bodies grow the buffer as they come. */
    buffer = apr_array_make(q->work, expected > 0 && expected < FIRST_BUFFER ? (int)expected : FIRST_BUFFER, 1);
    SCIM_TRY(read_all(q, buffer));
    q->keeps_memory |= buffer->nelts > FIRST_BUFFER;
    if (scim_json_is_large(buffer->elts, (apr_size_t)buffer->nelts)) {
        SCIM_TRY(scim_share_take_work(q, SCIM_LARGE_BODY));
    }
    if (kind == SCIM_BODY_SEARCH) {
        return scim_json_parse_clamped(q->work, buffer->elts, (apr_size_t)buffer->nelts, SCIM_BODY_DEPTH, out);
    }
    return scim_json_parse(q->work, buffer->elts, (apr_size_t)buffer->nelts, SCIM_BODY_DEPTH, out);
}

/* ---- a body that nobody reads ---- */

/* May it be looked for? What is in chunks, or more than httpd allows, could not be read without waiting, or without another answer. */
static int is_small(request_rec *r, const char *length)
{
    apr_off_t limit = ap_get_limit_req_body(r), bytes;

    return !apr_table_get(r->headers_in, "Transfer-Encoding") && !r->expecting_100 && ap_parse_strict_length(&bytes, length) &&
           bytes <= MOST_DISCARDED && (!limit || bytes <= limit);
}

/* Reads what has come; true when that is all of it. */
static int has_come(request_rec *r)
{
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int ended = 0;

    while (!ended && ap_get_brigade(r->input_filters, bb, AP_MODE_READBYTES, APR_NONBLOCK_READ, HUGE_STRING_LEN) == APR_SUCCESS &&
           !APR_BRIGADE_EMPTY(bb)) {
        ended = APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(bb));
        apr_brigade_cleanup(bb);
    }
    apr_brigade_destroy(bb);
    return ended;
}

void scim_body_leave(request_rec *r)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");
    int announced = length || apr_table_get(r->headers_in, "Transfer-Encoding");

    if (r->main || r->connection->keepalive == AP_CONN_CLOSE || !announced || scim_seen(r)->body_ended) {
        return;
    }
    if (!is_small(r, length ? length : "") || !has_come(r)) {
        r->connection->keepalive = AP_CONN_CLOSE;
    }
}
