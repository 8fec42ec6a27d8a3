#include "paging.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../core/base/clock.h"
#include "../core/query/cursor.h"
#include "work.h"

/* The keys, from the database where this process does not remember them. No connection is kept for what comes then: a dear search waits for its
 * turn without one. */
static scim_error_t *read_secrets(scim_service_t *s, scim_secrets_t *out)
{
    scim_secret_cache_t *cache = s->database ? scim_pool_secrets(s->database) : NULL;

    if (cache && scim_secrets_recall(cache, s->c.p, out)) {
        return NULL;
    }
    SCIM_TRY(scim_work_db(s));
    SCIM_TRY(scim_secrets_read(cache, s->scope.db, s->c.p, out));
    scim_work_release(s);
    return NULL;
}

static scim_error_t *bad_cursor(const scim_service_t *s)
{
    return scim_error(s->c.p, SCIM_E_INVALID_CURSOR, "The cursor is none of this query's; begin anew with an empty cursor");
}

static int open_cursor(const scim_service_t *s, const scim_paging_t *paging, const char *text, scim_cursor_t *out)
{
    apr_uint32_t id = scim_seal_key_id(s->c.p, text);
    int i;

    for (i = 0; id && i < paging->secrets.n; i++) {
        if (paging->secrets.keys[i].id == id) {
            return scim_cursor_read(s->c.p, &paging->secrets.keys[i], paging->about, text, out);
        }
    }
    return 0;
}

/* The page size is that of the first page; who says it again says the same (K-08). */
static scim_error_t *take_count(const scim_service_t *s, const scim_cursor_t *cursor, scim_query_t *query)
{
    int count = cursor->count < s->pages.max_results ? cursor->count : s->pages.max_results;

    if (query->said_count && query->count != count) {
        return scim_error(s->c.p, SCIM_E_INVALID_COUNT, "count has to be the same in all requests of a list that is paged by cursor, here %d", count);
    }
    query->count = count;
    return NULL;
}

static scim_error_t *begin_by_cursor(scim_service_t *s, scim_query_t *query, scim_paging_t *paging)
{
    scim_cursor_t cursor;

    SCIM_TRY(read_secrets(s, &paging->secrets));
    if (!*query->cursor) {
        return NULL;
    }
    if (!open_cursor(s, paging, query->cursor, &cursor)) {
        return bad_cursor(s);
    }
    if (apr_time_sec(apr_time_now()) - cursor.issued > s->pages.cursor_seconds) {
        return scim_error(s->c.p, SCIM_E_EXPIRED_CURSOR, "The cursor has expired, after %d seconds; begin anew with an empty cursor",
                          s->pages.cursor_seconds);
    }
    SCIM_TRY(take_count(s, &cursor, query));
    paging->walk.after = cursor.after;
    paging->walk.total.resources = cursor.total;
    paging->knows_total = 1;
    query->after = &paging->walk.after;
    return NULL;
}

/* What was counted before anything was written is not known any more when it is told: writes are looked at first. */
static void begin_by_index(const scim_service_t *s, scim_query_t *query, scim_paging_t *paging)
{
    if (!s->walks) {
        return;
    }
    paging->list = scim_walk_list(s->c.p, s->database_name, s->scope.tenant, s->actor->id, paging->about);
    paging->remembered = query->count > 0;
    if (query->start_index == 1 || query->count == 0) {
        scim_walks_forget(s->walks, &paging->list);
        return;
    }
    if (scim_walks_recall(s->walks, s->c.p, &paging->list, query->start_index, &paging->walk)) {
        query->after = &paging->walk.after;
        paging->knows_total = scim_walk_total_holds(s->walks, &paging->list, &paging->walk.total);
    }
}

scim_error_t *scim_paging_begin(scim_service_t *s, scim_query_t *query, scim_paging_t *out)
{
    *out = (scim_paging_t){ .about = NULL };
    out->about = apr_psprintf(s->c.p, "%" APR_INT64_T_FMT "\n%s\n%s", s->scope.tenant, s->scope.base_url, query->shape);
    if (query->cursor) {
        return begin_by_cursor(s, query, out);
    }
    begin_by_index(s, query, out);
    return NULL;
}

/* Could that be the total, by what this page has shown? Of a list by cursor it is that of the first page, whatever has changed. */
static int may_be_total(const scim_query_t *query, const scim_found_t *found, apr_int64_t total)
{
    apr_int64_t shown = query->start_index - 1 + found->count;

    if (found->count == 0 && !query->cursor) {
        return total < query->start_index;
    }
    return query->cursor || (found->count < query->count ? shown == total : shown <= total);
}

scim_error_t *scim_paging_total(const scim_service_t *s, scim_paging_t *paging, const scim_query_t *query, scim_search_t *search,
                                scim_found_t *found)
{
    scim_walk_total_t *total = &paging->walk.total;

    if (found->total < 0 && paging->knows_total && may_be_total(query, found, total->resources)) {
        found->total = total->resources;
        return NULL;
    }
    if (paging->remembered) {
        total->writes = scim_walks_writes(s->walks, paging->list.tenant);
        total->counted = scim_clock();
    }
    if (found->total < 0) {
        SCIM_TRY(scim_store_count(search, &found->total));
    }
    total->resources = found->total;
    paging->knows_total = 1;
    total->took = paging->remembered ? scim_clock() - total->counted : 0;
    return NULL;
}

void scim_paging_note(const scim_service_t *s, scim_paging_t *paging, const scim_query_t *query, const scim_found_t *found)
{
    const apr_int64_t next = query->start_index + found->count;

    if (!paging->remembered) {
        return;
    }
    if (found->last.id && next <= found->total) {
        paging->walk.after = found->last;
        scim_walks_note(s->walks, &paging->list, next, &paging->walk);
    }
    else if (query->start_index > 1) {
        scim_walks_forget(s->walks, &paging->list);
    }
}

scim_error_t *scim_paging_cursor(const scim_service_t *s, const scim_paging_t *paging, const scim_query_t *query, const scim_position_t *last,
                                 apr_int64_t total, const char **text)
{
    const scim_cursor_t cursor = { apr_time_sec(apr_time_now()), total, query->count, *last };
    unsigned char random[SCIM_SEAL_RANDOM];
    apr_status_t status = apr_generate_random_bytes(random, sizeof random);

    *text = status == APR_SUCCESS ? scim_cursor_write(s->c.p, paging->secrets.current, random, paging->about, &cursor) : NULL;
    if (!*text) {
        return scim_error_cause(s->c.p, scim_error(s->c.p, SCIM_E_INTERNAL, "The cursor could not be made"), "no random bytes, or no AES-GCM (%d)",
                                status);
    }
    return NULL;
}
