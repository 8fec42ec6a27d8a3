/* What the hooks of one request share: whether it is ours, the URI that they have seen, and the request as the service sees it. */
#include "private.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdlib.h>
#include <string.h>

/* SetHandler is always an expression, mostly of one word. */
static const char *handler_of(request_rec *r)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);
    const char *err = NULL;

    return core->expr_handler ? ap_expr_str_exec(r, core->expr_handler, &err) : core->handler;
}

/* The handler counts, not the profile alone: another handler in a nested Location has paths of its own. The asterisk of OPTIONS is no path: it stands
 * for httpd as a whole, also where a Location is for everything. */
const scim_dir_config_t *scim_is_ours(request_rec *r)
{
    const scim_dir_config_t *dir = ap_get_module_config(r->per_dir_config, &scim_module);
    const char *handler = dir->profile && strcmp(r->uri, "*") != 0 ? handler_of(r) : NULL;

    return handler && strcmp(handler, SCIM_HANDLER) == 0 ? dir : NULL;
}

scim_seen_t *scim_seen(request_rec *r)
{
    scim_seen_t *seen = ap_get_module_config(r->request_config, &scim_module);

    if (!seen) {
        seen = apr_pcalloc(r->pool, sizeof(*seen));
        ap_set_module_config(r->request_config, &scim_module, seen);
    }
    return seen;
}

static void prepare(scim_request_t *q, request_rec *r, const scim_dir_config_t *dir)
{
    scim_service_t *service = &q->service;

    memset(q, 0, sizeof(*q));
    q->r = r;
    q->p = r->pool;
    apr_pool_create(&q->work, q->p);
    scim_dir_defaults(dir, &q->settings);
    q->dir = dir = &q->settings;
    q->server = ap_get_module_config(r->server->module_config, &scim_module);
    scim_context_init(&service->c, q->work, apr_hash_get(q->server->shared->profiles, dir->profile, APR_HASH_KEY_STRING), NULL);
    service->c.limits.filter_length = dir->filter_length;
    service->c.limits.filter_depth = dir->filter_depth;
    service->database = q->server->pool;
    service->answers = q->p;
    service->spools = q->server->shared->spools;
    service->hashes = q->server->shared->hashes;
    service->walks = q->server->shared->walks;
    service->database_name = q->server->conninfo ? q->server->conninfo : "";
    service->pages.default_results = dir->page_default;
    service->pages.max_results = dir->page_max;
    service->pages.methods = (unsigned)dir->page_methods;
    service->pages.cursor_seconds = dir->cursor_timeout;
    service->discovery.base_url = scim_base_url(r, dir);
    service->discovery.max_payload = dir->max_body;
    service->discovery.max_operations = dir->bulk;
    service->discovery.documentation_url = dir->documentation;
    service->discovery.basic = (dir->schemes & SCIM_SCHEME_BASIC) != 0;
    service->allowed = scim_allowed;
    service->allowed_data = q;
    service->large = scim_share_large;
    service->large_data = q;
    q->call.if_match = scim_match_parse(q->p, apr_table_get(r->headers_in, "If-Match"));
    q->call.if_none_match = scim_match_parse(q->p, apr_table_get(r->headers_in, "If-None-Match"));
}

/* The C library lets grow, with each large piece that is freed, what it keeps of the next ones: up to 64 MB for each thread. Once it is told a number
 * it stays with that. */
#define KEPT_FREE (1024 * 1024)

void scim_memory_init(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, KEPT_FREE);
    mallopt(M_TRIM_THRESHOLD, KEPT_FREE);
#endif
}

/* The C library keeps what is freed for the thread that has had it; of a large body that is hundreds of megabytes, in each thread. */
static void give_memory_back(void)
{
#ifdef __GLIBC__
    /* Not what stands at the end of a thread's memory: that is looked at when a piece of some size is freed. */
    void *volatile piece;

    malloc_trim(0);
    piece = malloc(KEPT_FREE / 8);
    free(piece);
#endif
}

void scim_request_end(scim_request_t *q)
{
    if (q->work) {
        apr_pool_destroy(q->work);
        q->work = q->service.c.p = NULL;
    }
    if (q->keeps_memory) {
        give_memory_back();
    }
    scim_share_give_works(q);
}

scim_request_t *scim_request_of(request_rec *r, const scim_dir_config_t *dir)
{
    scim_seen_t *seen = scim_seen(r);

    if (!seen->request) {
        seen->request = apr_palloc(r->pool, sizeof(*seen->request));
        prepare(seen->request, r, dir);
    }
    return seen->request;
}
