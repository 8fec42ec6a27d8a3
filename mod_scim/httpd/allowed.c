/* What httpd's configuration says of requests inside a request. <Location /scim/v2/Groups> with "Require all denied", <LimitExcept GET> and the
 * like hold for an operation in a Bulk as they do for a request of its own. */
#include "private.h"

#include "../core/base/hash.h"

#include <apr_strings.h>
#include <http_request.h>
#include <string.h>

/* httpd judges a subrequest only when its configuration is another one than that of the request around it; a method is none. */
static int method_allowed(request_rec *inside)
{
    int status = ap_run_access_checker(inside);

    if (status == OK || status == DECLINED) {
        status = ap_run_access_checker_ex(inside);
    }
    if (status == DECLINED) {
        inside->user = inside->main->user;
        inside->ap_auth_type = inside->main->ap_auth_type;
        status = ap_run_auth_checker(inside);
    }
    return status == OK;
}

/* A nested Location may have another handler, be another service, or let in only some who ask: what would refuse a request of its own there
 * refuses it here. */
static int is_served(scim_request_t *q, request_rec *inside, const char *method)
{
    const scim_dir_config_t *dir = scim_is_ours(inside);
    unsigned right = strcmp(method, "GET") == 0 ? SCIM_RIGHT_READ : SCIM_RIGHT_WRITE;

    return dir && strcmp(dir->location, q->dir->location) == 0 && scim_transport_suits(q->r, dir) && scim_token_suits(q, dir, right);
}

static int look(scim_request_t *q, const char *method, const char *path)
{
    request_rec *r = q->r, *inside = ap_sub_req_method_uri(method, ap_escape_uri(q->p, path), r, NULL);
    int allowed = inside->status == HTTP_OK && is_served(q, inside, method) &&
                  (inside->per_dir_config != r->per_dir_config || method_allowed(inside));

    ap_destroy_sub_req(inside);
    return allowed;
}

scim_error_t *scim_allowed(void *data, const char *method, const scim_resource_type_t *type, const char *id)
{
    scim_request_t *q = data;
    const char *path = apr_pstrcat(q->p, q->dir->location, type->endpoint, id ? "/" : "", id, NULL);
    const char *key = apr_pstrcat(q->p, method, " ", path, NULL), *known;

    if (!q->allowed) {
        q->allowed = scim_hash_make(q->p);
    }
    known = apr_hash_get(q->allowed, key, APR_HASH_KEY_STRING);
    if (!known) {
        known = look(q, method, path) ? "yes" : "no";
        apr_hash_set(q->allowed, key, APR_HASH_KEY_STRING, known);
    }
    if (*known == 'y') {
        return NULL;
    }
    return scim_error(q->p, SCIM_E_FORBIDDEN, "The configuration of the server does not allow %s of %s here", method, type->endpoint);
}
