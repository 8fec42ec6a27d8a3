/* Lists: one page of resources of one type, or of all. */
#include "paging.h"
#include "work.h"
#include "writer.h"

/* A page, and how many there are in all: that comes first where it shortens the way to the page. */
static scim_error_t *fetch(scim_service_t *s, scim_search_t *search, const scim_query_t *query, scim_paging_t *paging,
                           const scim_reader_t *reader, scim_found_t *found)
{
    *found = (scim_found_t){ .total = -1 };
    SCIM_TRY(scim_work_db(s));
    if (query->count > 0 && scim_store_search_far(search)) {
        SCIM_TRY(scim_paging_total(s, paging, query, search, found));
        scim_store_search_among(search, found->total);
    }
    if (query->count > 0) {
        SCIM_TRY(scim_store_search(search, reader, found));
    }
    SCIM_TRY(scim_paging_total(s, paging, query, search, found));
    scim_work_release(s);
    return NULL;
}

/* A dear search has to wait for its turn, before it takes a connection. */
static scim_error_t *fetch_in_turn(scim_service_t *s, const scim_query_t *query, scim_paging_t *paging, const scim_reader_t *reader,
                                   scim_found_t *found)
{
    scim_turns_t *turns = scim_pool_scans(s->database);
    scim_search_t *search;
    scim_error_t *err;

    if (query->nparts == 0) {
        *found = (scim_found_t){ .total = 0 };
        return NULL;
    }
    search = scim_store_search_make(&s->scope, s->c.p, query);
    if (!scim_store_search_dear(search)) {
        return fetch(s, search, query, paging, reader, found);
    }
    SCIM_TRY(scim_work_turn(s, turns));
    err = fetch(s, search, query, paging, reader, found);
    scim_work_release(s);
    scim_turns_give(turns, scim_work_party(s));
    return err;
}

static scim_error_t *head(const scim_service_t *s, const scim_query_t *query, const scim_paging_t *paging, const scim_found_t *found, int items,
                          const char **text)
{
    const char *next = NULL;

    if (!query->cursor) {
        *text = scim_list_head(s->c.p, found->total, query->start_index, items);
        return NULL;
    }
    if (found->more) {
        SCIM_TRY(scim_paging_cursor(s, paging, query, &found->last, found->total, &next));
    }
    *text = scim_list_head_cursor(s->c.p, found->total, next, items);
    return NULL;
}

static scim_error_t *list(scim_service_t *s, scim_query_t *query, scim_answer_t *out)
{
    scim_paging_t paging;
    scim_writer_t writer;
    scim_reader_t reader;
    scim_found_t found;

    SCIM_TRY(scim_paging_begin(s, query, &paging));
    scim_writer_make(s, NULL, &writer, &reader);
    writer.shows = query->parts;
    writer.nshows = query->nparts;
    SCIM_TRY(fetch_in_turn(s, query, &paging, &reader, &found));
    scim_paging_note(s, &paging, query, &found);
    SCIM_TRY(scim_writer_end(&writer, SCIM_LIST_END));
    out->status = SCIM_HTTP_OK;
    SCIM_TRY(head(s, query, &paging, &found, writer.count, &out->body));
    out->spool = writer.spool;
    return NULL;
}

static scim_error_t *run(scim_service_t *s, const scim_params_t *params, scim_answer_t *out)
{
    scim_query_t query;

    SCIM_TRY(scim_query_bind(&s->c, params, &s->pages, &query));
    return list(s, &query, out);
}

static scim_error_t *search(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    return run(s, &call->params, out);
}

static scim_error_t *search_request(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    scim_params_t params;

    SCIM_TRY(scim_params_from_search(&s->c, call->body, &params));
    return run(s, &params, out);
}

/* ---- of all types ---- */

/* Those that the actor may read, by the token and by who calls. */
static scim_error_t *readable_types(const scim_service_t *s, apr_array_header_t **out)
{
    int i;

    *out = apr_array_make(s->c.p, s->c.profile->ntypes, sizeof(const scim_resource_type_t *));
    for (i = 0; i < s->c.profile->ntypes; i++) {
        const scim_resource_type_t *type = &s->c.profile->types[i];
        const scim_call_t call = { .type = type };
        if (!scim_service_authorize(s, &scim_search_all, &call) && !(s->allowed && s->allowed(s->allowed_data, "GET", type, NULL))) {
            APR_ARRAY_PUSH(*out, const scim_resource_type_t *) = type;
        }
    }
    return (*out)->nelts > 0 ? NULL : scim_error(s->c.p, SCIM_E_FORBIDDEN, "The token is not allowed to read any resources");
}

static scim_error_t *run_all(scim_service_t *s, const scim_params_t *params, scim_answer_t *out)
{
    apr_array_header_t *types;
    scim_query_t query;

    SCIM_TRY(readable_types(s, &types));
    SCIM_TRY(scim_query_bind_any(&s->c, types, params, &s->pages, &query));
    return list(s, &query, out);
}

static scim_error_t *search_all(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    return run_all(s, &call->params, out);
}

static scim_error_t *search_all_request(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    scim_params_t params;

    SCIM_TRY(scim_params_from_search(&s->c, call->body, &params));
    return run_all(s, &params, out);
}

const scim_operation_t scim_search = { "search", SCIM_RIGHT_READ, search };
const scim_operation_t scim_search_request = { "search", SCIM_RIGHT_READ, search_request };
const scim_operation_t scim_search_all = { "search", SCIM_RIGHT_READ, search_all };
const scim_operation_t scim_search_all_request = { "search", SCIM_RIGHT_READ, search_all_request };
