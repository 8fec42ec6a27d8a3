/* The one error object: made where the fault is known, carried up unchanged, answered in one place. */
#ifndef SCIM_CORE_ERROR_H
#define SCIM_CORE_ERROR_H

#include <apr_pools.h>

/* What went wrong. Each value is a row of the table in error.c: HTTP status and scimType (RFC 7644 section 3.12). */
typedef enum {
    SCIM_E_INVALID_FILTER,
    SCIM_E_TOO_MANY,
    SCIM_E_UNIQUENESS,
    SCIM_E_MUTABILITY,
    SCIM_E_INVALID_SYNTAX,
    SCIM_E_INVALID_PATH,
    SCIM_E_NO_TARGET,
    SCIM_E_INVALID_VALUE,
    SCIM_E_INVALID_VERS,
    SCIM_E_INVALID_CURSOR,  /* RFC 9865 section 2.1, as the next two */
    SCIM_E_EXPIRED_CURSOR,
    SCIM_E_INVALID_COUNT,
    SCIM_E_SENSITIVE,
    SCIM_E_BAD_REQUEST,     /* 400 without keyword */
    SCIM_E_UNAUTHORIZED,    /* 401 */
    SCIM_E_FORBIDDEN,       /* 403 */
    SCIM_E_NOT_FOUND,       /* 404 */
    SCIM_E_METHOD,          /* 405 */
    SCIM_E_NOT_ACCEPTABLE,  /* 406 */
    SCIM_E_TIMEOUT,         /* 408 */
    SCIM_E_CONFLICT,        /* 409 without keyword */
    SCIM_E_PRECONDITION,    /* 412 */
    SCIM_E_TOO_LARGE,       /* 413 */
    SCIM_E_URI_TOO_LONG,    /* 414 */
    SCIM_E_MEDIA_TYPE,      /* 415 */
    SCIM_E_TOO_MANY_REQUESTS, /* 429 */
    SCIM_E_INTERNAL,        /* 500 */
    SCIM_E_NOT_IMPLEMENTED, /* 501 */
    SCIM_E_UNAVAILABLE      /* 503 */
} scim_error_e;

typedef struct scim_error_t {
    scim_error_e code;
    int status;            /* HTTP status */
    const char *type;      /* scimType keyword, or NULL */
    const char *detail;    /* for the client: what to change; no secrets, no SQL */
    const char *cause;     /* for the error log only, or NULL */
    int retry_after;       /* seconds for Retry-After; 0: no header */
} scim_error_t;

/* Makes an error in pool p. The format makes the detail that the client reads. Never returns NULL. */
scim_error_t *scim_error(apr_pool_t *p, scim_error_e code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets the cause that goes to the error log (never to the client) and returns err. */
scim_error_t *scim_error_cause(apr_pool_t *p, scim_error_t *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts text in front of the detail ("Operations[2]: ...", PA-53) and returns err. */
scim_error_t *scim_error_prefix(apr_pool_t *p, scim_error_t *err, const char *prefix);

/* Why, for a log: the detail without what the client sent, which stands in quotes or brackets there, and the cause. In p. */
const char *scim_error_reason(apr_pool_t *p, const scim_error_t *err);

/* What happened, for those who run the server: the cause, else the detail. */
const char *scim_error_inside(const scim_error_t *err);

/* The SCIM Error body (RFC 7644 section 3.12) as JSON text in p; status is a string (H-06). */
const char *scim_error_json(apr_pool_t *p, const scim_error_t *err);

/* The same for a bare HTTP status raised by httpd's core; detail may be NULL. */
const char *scim_error_json_status(apr_pool_t *p, int status, const char *detail);

/* Returns e from the calling function when expression e is an error. */
#define SCIM_TRY(e)                         \
    do {                                    \
        scim_error_t *scim_try_ = (e);      \
        if (scim_try_) {                    \
            return scim_try_;               \
        }                                   \
    } while (0)

#endif
