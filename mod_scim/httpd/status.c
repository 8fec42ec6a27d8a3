/* What mod_status shows of this process. */

#include "private.h"

#include <apr_strings.h>
#include <http_request.h>
#include <mod_status.h>

static void show(request_rec *r, int brief, const char *name, apr_uint64_t value)
{
    ap_rprintf(r, brief ? "SCIM%s: %" APR_UINT64_T_FMT "\n" : "<dt>%s: %" APR_UINT64_T_FMT "</dt>\n", name, value);
}

static void show_pools(request_rec *r, int brief, const scim_shared_t *shared)
{
    int i;

    for (i = 0; i < shared->pools->nelts; i++) {
        scim_pool_stats_t stats;
        scim_pool_stats(APR_ARRAY_IDX(shared->pools, i, scim_pool_t *), &stats);
        show(r, brief, "ConnectionsOpen", (apr_uint64_t)stats.open);
        show(r, brief, "ConnectionsInUse", (apr_uint64_t)stats.in_use);
        show(r, brief, "ConnectionsAcquired", stats.acquired);
        show(r, brief, "ConnectionsWaitedOut", stats.waited_out);
        show(r, brief, "ConnectionsFailed", stats.failed);
    }
}

int scim_status(request_rec *r, int flags)
{
    const scim_server_config_t *server = ap_get_module_config(r->server->module_config, &scim_module);
    const scim_shared_t *shared = server->shared;
    int brief = flags & AP_STATUS_SHORT, i;

    if (!shared || !shared->counters) {
        return OK;
    }
    if (!brief) {
        ap_rputs("<hr />\n<h2>SCIM (this process)</h2>\n<dl>\n", r);
    }
    show(r, brief, "Requests", apr_atomic_read32(&shared->counters->requests));
    show(r, brief, "ClientErrors", apr_atomic_read32(&shared->counters->client_errors));
    show(r, brief, "ServerErrors", apr_atomic_read32(&shared->counters->server_errors));
    show_pools(r, brief, shared);
    for (i = 0; i < scim_rule_count; i++) {
        if (apr_atomic_read32(&shared->counters->rules[i])) {
            show(r, brief, apr_pstrcat(r->pool, "Rule ", scim_rules[i].name, NULL), apr_atomic_read32(&shared->counters->rules[i]));
        }
    }
    if (!brief) {
        ap_rputs("</dl>\n", r);
    }
    return OK;
}
