/* What mod_status shows: what all processes have counted since httpd was started. */

#include "private.h"

#include <apr_strings.h>
#include <http_request.h>
#include <mod_status.h>

static void show(request_rec *r, int brief, const char *name, apr_uint64_t value)
{
    ap_rprintf(r, brief ? "SCIM%s: %" APR_UINT64_T_FMT "\n" : "<dt>%s: %" APR_UINT64_T_FMT "</dt>\n", name, value);
}

/* Sum of the answers with a status from first to last. */
static apr_uint64_t answers(scim_counters_t *counters, int first, int last)
{
    apr_uint64_t sum = 0;
    int i;

    for (i = first; i <= last; i++) {
        sum += apr_atomic_read64(&counters->statuses[i - 100]);
    }
    return sum;
}

static void show_answers(request_rec *r, int brief, scim_counters_t *counters)
{
    int status;

    show(r, brief, "Requests", answers(counters, 100, 99 + SCIM_STATUSES));
    show(r, brief, "ClientErrors", answers(counters, 400, 499));
    show(r, brief, "ServerErrors", answers(counters, 500, 99 + SCIM_STATUSES));
    for (status = 100; status < 100 + SCIM_STATUSES; status++) {
        apr_uint64_t count = answers(counters, status, status);
        if (count) {
            show(r, brief, apr_psprintf(r->pool, "Status%d", status), count);
        }
    }
}

static void show_rules(request_rec *r, int brief, scim_counters_t *counters)
{
    int i;

    for (i = 0; i < scim_rule_count; i++) {
        apr_uint64_t count = apr_atomic_read64(&counters->rules[i]);
        if (count) {
            show(r, brief, apr_pstrcat(r->pool, "Rule-", scim_rules[i].name, NULL), count);
        }
    }
}

static void show_connections(request_rec *r, int brief, scim_counters_t *counters)
{
    apr_uint64_t open = 0, in_use = 0, acquired = apr_atomic_read64(&counters->ended.acquired);
    apr_uint64_t waited_out = apr_atomic_read64(&counters->ended.waited_out), failed = apr_atomic_read64(&counters->ended.failed);
    int i;

    for (i = 0; i < SCIM_MOST_PROCESSES; i++) {
        scim_process_counters_t *process = &counters->processes[i];
        if (scim_counters_runs(process)) {
            open += apr_atomic_read32(&process->open);
            in_use += apr_atomic_read32(&process->in_use);
        }
        acquired += apr_atomic_read64(&process->acquired);
        waited_out += apr_atomic_read64(&process->waited_out);
        failed += apr_atomic_read64(&process->failed);
    }
    show(r, brief, "ConnectionsOpen", open);
    show(r, brief, "ConnectionsInUse", in_use);
    show(r, brief, "ConnectionsAcquired", acquired);
    show(r, brief, "ConnectionsWaitedOut", waited_out);
    show(r, brief, "ConnectionsFailed", failed);
}

int scim_status(request_rec *r, int flags)
{
    const scim_server_config_t *server = ap_get_module_config(r->server->module_config, &scim_module);
    int brief = flags & AP_STATUS_SHORT;

    if (!brief) {
        ap_rputs("<hr />\n<h2>SCIM</h2>\n<dl>\n", r);
    }
    show_answers(r, brief, server->shared->counters);
    show_connections(r, brief, server->shared->counters);
    show_rules(r, brief, server->shared->counters);
    if (!brief) {
        ap_rputs("</dl>\n", r);
    }
    return OK;
}
