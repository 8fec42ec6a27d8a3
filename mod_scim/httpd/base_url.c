/* The public URL of a Location, which meta.location and $ref begin with. Nothing of it comes from the Host header unless SCIMBaseURL is
 * "request" (SE-19). */
#include "private.h"

#include <apr_strings.h>
#include <http_request.h>
#include <string.h>

/* ServerName may say scheme and port. Where it says neither, the port is the one that the request came in by, as <VirtualHost *:8443>
 * has it; a ServerName with a scheme is that of a front end, whose port is the scheme's. */
static const char *origin_of_server(request_rec *r)
{
    const server_rec *s = r->server;
    const char *scheme = ap_http_scheme(r);
    apr_port_t port = s->port;

    if (!port && !s->server_scheme) {
        port = r->connection->local_addr->port;
    }
    if (!port || port == apr_uri_port_of_scheme(scheme)) {
        return apr_pstrcat(r->pool, scheme, "://", s->server_hostname, NULL);
    }
    return apr_psprintf(r->pool, "%s://%s:%u", scheme, s->server_hostname, port);
}

const char *scim_base_url(request_rec *r, const scim_dir_config_t *dir)
{
    /* A nested Location with a profile of its own inherits what the outer one says, but is another service. */
    int own = dir->base_url && strcmp(dir->base_path, dir->location) == 0;
    const char *said = own ? dir->base_url : dir->origin;

    if (!said) {
        return apr_pstrcat(r->pool, origin_of_server(r), dir->location, NULL);
    }
    if (strcmp(said, "request") == 0) {
        return ap_construct_url(r->pool, dir->location, r);
    }
    return own ? said : apr_pstrcat(r->pool, said, dir->location, NULL);
}
