/* What all processes count together, in shared memory that a graceful restart keeps. */
#include "private.h"

#include <apr_shm.h>
#include <apr_strings.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#define KEPT "mod_scim counters"

/* What the process's pool holds from one configuration to the next; a module of another version may have another layout. */
typedef struct kept_t {
    apr_size_t size;
    scim_counters_t *counters;
} kept_t;

apr_status_t scim_counters_make(apr_pool_t *process, scim_counters_t **out)
{
    void *there = NULL;
    kept_t *kept;
    apr_shm_t *shm;
    apr_status_t rv;

    apr_pool_userdata_get(&there, KEPT, process);
    kept = there;
    if (!kept || kept->size != sizeof(**out)) {
        rv = apr_shm_create(&shm, sizeof(**out), NULL, process);
        if (rv != APR_SUCCESS) {
            return rv;
        }
        kept = apr_palloc(process, sizeof(*kept));
        kept->size = sizeof(**out);
        kept->counters = apr_shm_baseaddr_get(shm);
        memset(kept->counters, 0, sizeof(*kept->counters));
        apr_pool_userdata_set(kept, KEPT, apr_pool_cleanup_null, process);
    }
    *out = kept->counters;
    return APR_SUCCESS;
}

/* ---- one entry for each process ---- */

/* What an ended process has counted goes on counting. */
static void retire(scim_counters_t *counters, scim_process_counters_t *process)
{
    apr_atomic_add64(&counters->ended.acquired, apr_atomic_xchg64(&process->acquired, 0));
    apr_atomic_add64(&counters->ended.waited_out, apr_atomic_xchg64(&process->waited_out, 0));
    apr_atomic_add64(&counters->ended.failed, apr_atomic_xchg64(&process->failed, 0));
    apr_atomic_set32(&process->open, 0);
    apr_atomic_set32(&process->in_use, 0);
}

typedef struct joined_t {
    scim_counters_t *counters;
    scim_process_counters_t *process;
} joined_t;

static apr_status_t leave(void *data)
{
    joined_t *joined = data;

    retire(joined->counters, joined->process);
    apr_atomic_set32(&joined->process->pid, 0);
    return APR_SUCCESS;
}

static int runs(apr_uint32_t pid)
{
    return pid && (kill((pid_t)pid, 0) == 0 || errno != ESRCH);
}

int scim_counters_runs(scim_process_counters_t *process)
{
    return runs(apr_atomic_read32(&process->pid));
}

scim_process_counters_t *scim_counters_join(scim_counters_t *counters, apr_pool_t *p)
{
    joined_t *joined = apr_palloc(p, sizeof(*joined));
    int i;

    for (i = 0; i < SCIM_MOST_PROCESSES; i++) {
        scim_process_counters_t *process = &counters->processes[i];
        apr_uint32_t pid = apr_atomic_read32(&process->pid);
        if (!runs(pid) && apr_atomic_cas32(&process->pid, (apr_uint32_t)getpid(), pid) == pid) {
            retire(counters, process);
            joined->counters = counters;
            joined->process = process;
            apr_pool_cleanup_register(p, joined, leave, apr_pool_cleanup_null);
            return process;
        }
    }
    return NULL;
}

/* ---- counting ---- */

static void count_connections(const scim_shared_t *shared)
{
    scim_pool_stats_t sum = { 0 }, stats;
    int i;

    for (i = 0; i < shared->pools->nelts; i++) {
        scim_pool_stats(APR_ARRAY_IDX(shared->pools, i, scim_pool_t *), &stats);
        sum.open += stats.open;
        sum.in_use += stats.in_use;
        sum.acquired += stats.acquired;
        sum.waited_out += stats.waited_out;
        sum.failed += stats.failed;
    }
    apr_atomic_set32(&shared->process->open, (apr_uint32_t)sum.open);
    apr_atomic_set32(&shared->process->in_use, (apr_uint32_t)sum.in_use);
    apr_atomic_set64(&shared->process->acquired, sum.acquired);
    apr_atomic_set64(&shared->process->waited_out, sum.waited_out);
    apr_atomic_set64(&shared->process->failed, sum.failed);
}

void scim_count(const scim_request_t *q, int status)
{
    const scim_shared_t *shared = q->server->shared;
    apr_uint64_t fired = scim_rules_fired(&q->service.c);
    int i;

    if (status >= 100 && status < 100 + SCIM_STATUSES) {
        apr_atomic_inc64(&shared->counters->statuses[status - 100]);
    }
    for (i = 0; fired && i < scim_rule_count; i++) {
        if (fired >> i & 1) {
            apr_atomic_inc64(&shared->counters->rules[i]);
        }
    }
    if (shared->process) {
        count_connections(shared);
    }
}
