/* Requests that came in clear text, where SCIMRequireTLS rules them out. */
#include "private.h"

#include <apr_optional.h>

#include "../core/base/text.h"

/* Of mod_ssl, or of what stands in its place. */
APR_DECLARE_OPTIONAL_FN(int, ssl_is_https, (conn_rec *));

/* Was the request encrypted when it came here, or where the configuration trusts to be told so (HTTPS=on)? */
static int is_encrypted(request_rec *r)
{
    APR_OPTIONAL_FN_TYPE(ssl_is_https) *is_https = APR_RETRIEVE_OPTIONAL_FN(ssl_is_https);
    const char *told = apr_table_get(r->subprocess_env, "HTTPS");

    return (is_https && is_https(r->connection)) || (told && scim_ieq(told, "on"));
}

int scim_transport_suits(request_rec *r, const scim_dir_config_t *dir)
{
    return dir->require_tls != 1 || is_encrypted(r);
}

scim_error_t *scim_transport_check(scim_request_t *q)
{
    if (scim_transport_suits(q->r, q->dir)) {
        return NULL;
    }
    q->r->connection->keepalive = AP_CONN_CLOSE;
    return scim_error(q->p, SCIM_E_FORBIDDEN, "HTTPS is needed here: this request came in clear text, and nothing of it was looked at; a token "
                                              "that it brought should be replaced");
}
