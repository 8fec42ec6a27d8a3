/* "AuthType SCIM": the token is looked up before httpd judges Require, so that Require user, Require valid-user and what else asks for r->user
 * can be used. Without it the handler looks the token up: no directive that is forgotten opens the service. */
#include "private.h"

#include <apr_strings.h>
#include <http_request.h>

static int is_wanted(request_rec *r)
{
    const char *type = ap_auth_type(r);

    return type && ap_cstr_casecmp(type, "SCIM") == 0;
}

/* Left to httpd, which puts a SCIM error in place of its page. */
static int refuse(scim_request_t *q, const scim_error_t *err)
{
    scim_log_error(q, err);
    scim_count(q, err->status);
    if (err->retry_after) {
        apr_table_setn(q->r->err_headers_out, "Retry-After", apr_itoa(q->p, err->retry_after));
    }
    return err->status;
}

int scim_check_authn(request_rec *r)
{
    const scim_dir_config_t *dir = scim_is_ours(r);
    scim_request_t *q;
    scim_error_t *err;

    if (!is_wanted(r)) {
        return DECLINED;
    }
    if (!dir) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, SCIM_LOGNO(109) "AuthType SCIM needs a <Location> with SetHandler scim and SCIMProfile");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    if (r->main && scim_is_ours(r->main) == dir && r->main->user) {
        r->user = r->main->user;
        r->ap_auth_type = r->main->ap_auth_type;
        return OK;
    }
    q = scim_request_of(r, dir);
    err = scim_transport_check(q);
    err = err ? err : scim_authenticate(q);
    return err ? refuse(q, err) : OK;
}

/* A token that Require does not accept: 401 needs a challenge (RFC 9110 section 15.5.2). */
int scim_note_auth_failure(request_rec *r, const char *type)
{
    const scim_dir_config_t *dir = scim_is_ours(r);

    if (!dir || ap_cstr_casecmp(type, "SCIM") != 0) {
        return DECLINED;
    }
    scim_challenge(scim_request_of(r, dir));
    return OK;
}
