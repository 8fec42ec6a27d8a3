/* Lists: one page of resources of one type. */
#include "paging.h"
#include "work.h"
#include "writer.h"

/* A page, and how many there are in all. */
static scim_error_t *fetch(scim_service_t *s, scim_search_t *search, const scim_query_t *query, scim_paging_t *paging,
                           const scim_reader_t *reader, scim_found_t *found)
{
    *found = (scim_found_t){ .total = -1 };
    SCIM_TRY(scim_work_db(s));
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
    scim_search_t *search = scim_store_search_make(&s->scope, s->c.p, s->c.type, query);
    scim_error_t *err;

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

static scim_error_t *run(scim_service_t *s, const scim_params_t *params, scim_answer_t *out)
{
    scim_query_t query;
    scim_paging_t paging;
    scim_writer_t writer;
    scim_reader_t reader;
    scim_found_t found;

    SCIM_TRY(scim_query_bind(&s->c, params, &s->pages, &query));
    SCIM_TRY(scim_paging_begin(s, &query, &paging));
    scim_writer_make(s, query.projection, &writer, &reader);
    SCIM_TRY(fetch_in_turn(s, &query, &paging, &reader, &found));
    scim_paging_note(s, &paging, &query, &found);
    SCIM_TRY(scim_writer_end(&writer, SCIM_LIST_END));
    out->status = SCIM_HTTP_OK;
    SCIM_TRY(head(s, &query, &paging, &found, writer.count, &out->body));
    out->spool = writer.spool;
    return NULL;
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

const scim_operation_t scim_search = { "search", SCIM_RIGHT_READ, search };
const scim_operation_t scim_search_request = { "search", SCIM_RIGHT_READ, search_request };
