/* What logs say of a request: who asked, for which resource, and why it was refused. Never what a client sent: neither queries, which hold
 * names and addresses in filters, nor values. The notes are described in conf/scim.conf. */
#include "private.h"

#include <apr_strings.h>
#include <scoreboard.h>
#include <string.h>

#include "../core/base/text.h"

void scim_log_hide_query(request_rec *r, const scim_dir_config_t *dir)
{
    const char *query = r->the_request ? strchr(r->the_request, '?') : NULL, *protocol = query ? strrchr(query, ' ') : NULL;

    if (!query || dir->log_queries == 1) {
        return;
    }
    r->the_request = apr_pstrcat(r->pool, apr_pstrmemdup(r->pool, r->the_request, (apr_size_t)(query - r->the_request)), "?...",
                                 protocol ? protocol : "", NULL);
    /* mod_status has taken a copy when the request came in. */
    ap_update_child_status(r->connection->sbh, SERVER_BUSY_WRITE, r);
}

void scim_log_token(scim_request_t *q, const scim_token_t *token)
{
    apr_table_setn(q->r->notes, "scim-tenant", token->tenant_name);
    apr_table_setn(q->r->notes, "scim-token", token->name);
}

void scim_log_actor(scim_request_t *q, const scim_token_t *token)
{
    q->r->user = apr_pstrcat(q->p, token->tenant_name, "/", token->name, NULL);
    q->r->ap_auth_type = apr_pstrdup(q->p, "SCIM");
}

/* The id in the path, or that of what has been created. Anything else in its place is something that the client sent. */
static const char *resource_id(const scim_request_t *q)
{
    const char *location = q->answer.location ? strrchr(q->answer.location, '/') : NULL;
    const char *id = q->call.id ? q->call.id : location ? location + 1 : NULL;

    return id && scim_is_uuid(id) ? id : NULL;
}

static void note_resource(scim_request_t *q)
{
    const scim_resource_type_t *type = q->route.type;
    const char *id = resource_id(q);

    if (!type) {
        return;
    }
    apr_table_setn(q->r->notes, "scim-resource", id ? apr_pstrcat(q->p, type->name, "/", id, NULL) : type->name);
    if (id && strcmp(type->name, "User") == 0) {
        apr_table_set(q->r->notes, "scim-user", id);
    }
}

static void tell_rules(scim_request_t *q)
{
    apr_uint64_t fired = scim_rules_fired(&q->service.c);
    int i;

    for (i = 0; fired && i < scim_rule_count; i++) {
        if (fired >> i & 1) {
            ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, q->r, SCIM_LOGNO(105) "dialect rule %s applied", scim_rules[i].name);
        }
    }
}

void scim_log_request(scim_request_t *q)
{
    note_resource(q);
    tell_rules(q);
}

/* Of a 5xx. An answer as intended is no error of the server: an endpoint that is not there, a tenant that is paused. */
static int level_of(const scim_error_t *err)
{
    return err->status == HTTP_INTERNAL_SERVER_ERROR || err->cause ? APLOG_ERR : APLOG_INFO;
}

void scim_log_error(scim_request_t *q, const scim_error_t *err)
{
    const char *reason = scim_error_reason(q->p, err);
    const char *tenant = apr_table_get(q->r->notes, "scim-tenant"), *token = apr_table_get(q->r->notes, "scim-token");
    const char *actor = tenant ? apr_psprintf(q->p, " (tenant %s, token %s)", tenant, token) : "", *type = "";

    apr_table_set(q->r->notes, "scim-reason", reason);
    if (err->type) {
        apr_table_set(q->r->notes, "scim-error", err->type);
        type = apr_pstrcat(q->p, " ", err->type, ":", NULL);
    }
    if (err->status >= HTTP_INTERNAL_SERVER_ERROR) {
        ap_log_rerror(APLOG_MARK, level_of(err), 0, q->r, SCIM_LOGNO(102) "%d %s%s", err->status, reason, actor);
    }
    else {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, q->r, SCIM_LOGNO(103) "%d%s %s%s", err->status, type, reason, actor);
    }
}
