#include "error.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>

#include "utf8.h"

#define ERROR_URN "urn:ietf:params:scim:api:messages:2.0:Error"

typedef struct error_row_t {
    int status;
    const char *type;
} error_row_t;

static const error_row_t rows[] = {
    [SCIM_E_INVALID_FILTER] = { 400, "invalidFilter" },
    [SCIM_E_TOO_MANY] = { 400, "tooMany" },
    [SCIM_E_UNIQUENESS] = { 409, "uniqueness" },
    [SCIM_E_MUTABILITY] = { 400, "mutability" },
    [SCIM_E_INVALID_SYNTAX] = { 400, "invalidSyntax" },
    [SCIM_E_INVALID_PATH] = { 400, "invalidPath" },
    [SCIM_E_NO_TARGET] = { 400, "noTarget" },
    [SCIM_E_INVALID_VALUE] = { 400, "invalidValue" },
    [SCIM_E_INVALID_VERS] = { 400, "invalidVers" },
    [SCIM_E_INVALID_CURSOR] = { 400, "invalidCursor" },
    [SCIM_E_EXPIRED_CURSOR] = { 400, "expiredCursor" },
    [SCIM_E_INVALID_COUNT] = { 400, "invalidCount" },
    [SCIM_E_SENSITIVE] = { 403, "sensitive" },
    [SCIM_E_BAD_REQUEST] = { 400, NULL },
    [SCIM_E_UNAUTHORIZED] = { 401, NULL },
    [SCIM_E_FORBIDDEN] = { 403, NULL },
    [SCIM_E_NOT_FOUND] = { 404, NULL },
    [SCIM_E_METHOD] = { 405, NULL },
    [SCIM_E_NOT_ACCEPTABLE] = { 406, NULL },
    [SCIM_E_TIMEOUT] = { 408, NULL },
    [SCIM_E_CONFLICT] = { 409, NULL },
    [SCIM_E_PRECONDITION] = { 412, NULL },
    [SCIM_E_TOO_LARGE] = { 413, NULL },
    [SCIM_E_URI_TOO_LONG] = { 414, NULL },
    [SCIM_E_MEDIA_TYPE] = { 415, NULL },
    [SCIM_E_TOO_MANY_REQUESTS] = { 429, NULL },
    [SCIM_E_INTERNAL] = { 500, NULL },
    [SCIM_E_NOT_IMPLEMENTED] = { 501, NULL },
    [SCIM_E_UNAVAILABLE] = { 503, NULL },
};

/* What a client reads when httpd itself raised a status and nobody said more. */
typedef struct status_row_t {
    int status;
    const char *detail;
} status_row_t;

static const status_row_t statuses[] = {
    { 400, "The request is malformed" },
    { 401, "Authentication is required: send a valid token" },
    { 403, "This is not allowed" },
    { 404, "There is no such resource" },
    { 405, "The method is not allowed here" },
    { 406, "The answer is available as application/scim+json only" },
    { 408, "The request took too long to arrive" },
    { 411, "Send a Content-Length" },
    { 412, "A precondition of the request does not hold" },
    { 413, "The body is too large" },
    { 414, "The URL is too long; send a query as a SearchRequest, by POST to .search" },
    { 415, "Send the body as application/scim+json" },
    { 417, "The expectation cannot be met" },
    { 429, "Too many requests: slow down" },
    { 431, "The header fields are too large" },
    { 500, "An error inside the server; its log says more" },
    { 501, "This is not supported here" },
    { 503, "The service is not available now; try again later" },
};

scim_error_t *scim_error(apr_pool_t *p, scim_error_e code, const char *format, ...)
{
    scim_error_t *err = apr_pcalloc(p, sizeof *err);
    va_list args;

    err->code = code;
    err->status = rows[code].status;
    err->type = rows[code].type;
    va_start(args, format);
    err->detail = apr_pvsprintf(p, format, args);
    va_end(args);
    return err;
}

scim_error_t *scim_error_cause(apr_pool_t *p, scim_error_t *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    err->cause = apr_pvsprintf(p, format, args);
    va_end(args);
    return err;
}

scim_error_t *scim_error_prefix(apr_pool_t *p, scim_error_t *err, const char *prefix)
{
    err->detail = apr_pstrcat(p, prefix, err->detail, NULL);
    return err;
}

/* The first quote or bracket; numbers in brackets are ours ("Operations[2]"). */
static const char *first_quotation(const char *s)
{
    for (; *s && *s != '"'; s++) {
        if (*s == '[' && s[1 + strspn(s + 1, "0123456789")] != ']') {
            return s;
        }
    }
    return s;
}

/* What is quoted may hold quotes and brackets itself: all from the first to the last goes. */
static const char *without_quotations(apr_pool_t *p, const char *text)
{
    const char *first = first_quotation(text), *last;

    if (!*first) {
        return text;
    }
    for (last = text + strlen(text) - 1; last > first && *last != '"' && *last != ']'; last--) {
    }
    return apr_pstrcat(p, apr_pstrmemdup(p, text, (apr_size_t)(first - text)), "...", last > first ? last + 1 : "", NULL);
}

const char *scim_error_reason(apr_pool_t *p, const scim_error_t *err)
{
    const char *detail = without_quotations(p, err->detail);

    return err->cause ? apr_pstrcat(p, detail, ": ", err->cause, NULL) : detail;
}

const char *scim_error_inside(const scim_error_t *err)
{
    return err->cause ? err->cause : err->detail;
}

/* A detail quotes what the client sent, and may cut it inside a character: the body must be UTF-8 all the same. */
static const char *quote_detail(apr_pool_t *p, const char *detail)
{
    char *clean, *c;

    if (scim_utf8_valid(detail, strlen(detail))) {
        return scim_json_quote(p, detail);
    }
    clean = apr_pstrdup(p, detail);
    for (c = clean; *c; c++) {
        if ((unsigned char)*c >= 0x80) {
            *c = '?';
        }
    }
    return scim_json_quote(p, clean);
}

static const char *body(apr_pool_t *p, int status, const char *type, const char *detail)
{
    return apr_psprintf(p, "{\"schemas\":[\"" ERROR_URN "\"],\"status\":\"%d\"%s%s%s,\"detail\":%s}", status,
                        type ? ",\"scimType\":\"" : "", type ? type : "", type ? "\"" : "", quote_detail(p, detail));
}

const char *scim_error_json(apr_pool_t *p, const scim_error_t *err)
{
    return body(p, err->status, err->type, err->detail);
}

const char *scim_error_json_status(apr_pool_t *p, int status, const char *detail)
{
    apr_size_t i;

    for (i = 0; !detail && i < sizeof statuses / sizeof *statuses; i++) {
        if (statuses[i].status == status) {
            detail = statuses[i].detail;
        }
    }
    if (!detail) {
        detail = status < 500 ? "The request cannot be answered" : "The server cannot answer now";
    }
    return body(p, status, NULL, detail);
}
