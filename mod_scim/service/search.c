/* Lists: one page of resources of one type. */
#include "work.h"

static scim_error_t *run(scim_service_t *s, const scim_call_t *call, const scim_params_t *params, scim_answer_t *out)
{
    apr_array_header_t *resources;
    scim_query_t query;
    scim_page_t page;
    int i;

    SCIM_TRY(scim_query_bind(&s->c, params, &s->pages, &query));
    SCIM_TRY(scim_work_db(s));
    SCIM_TRY(scim_store_search(&s->scope, s->c.p, call->type, &query, &page));
    scim_work_release(s);
    resources = apr_array_make(s->c.p, page.resources->nelts + 1, sizeof(const char *));
    for (i = 0; i < page.resources->nelts; i++) {
        const scim_stored_t *stored = APR_ARRAY_IDX(page.resources, i, const scim_stored_t *);
        APR_ARRAY_PUSH(resources, const char *) = scim_represent(s->c.p, call->type, query.projection, s->scope.base_url, stored, NULL);
    }
    out->status = SCIM_HTTP_OK;
    out->body = scim_list_response(s->c.p, page.total, query.start_index, resources);
    return NULL;
}

static scim_error_t *search(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    return run(s, call, &call->params, out);
}

static scim_error_t *search_request(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    scim_params_t params;

    SCIM_TRY(scim_params_from_search(s->c.p, call->body, &params));
    return run(s, call, &params, out);
}

const scim_operation_t scim_search = { "search", SCIM_RIGHT_READ, search };
const scim_operation_t scim_search_request = { "search", SCIM_RIGHT_READ, search_request };
