#include "paging.h"

#include <apr_general.h>
#include <apr_strings.h>

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

scim_error_t *scim_paging_begin(scim_service_t *s, scim_query_t *query, scim_paging_t *out)
{
    scim_cursor_t cursor;

    *out = (scim_paging_t){ .total = -1 };
    if (!query->cursor) {
        return NULL;
    }
    out->about = apr_psprintf(s->c.p, "%" APR_INT64_T_FMT "\n%s\n%s", s->scope.tenant, s->scope.base_url, query->shape);
    SCIM_TRY(read_secrets(s, &out->secrets));
    if (!*query->cursor) {
        return NULL;
    }
    if (!open_cursor(s, out, query->cursor, &cursor)) {
        return bad_cursor(s);
    }
    if (apr_time_sec(apr_time_now()) - cursor.issued > s->pages.cursor_seconds) {
        return scim_error(s->c.p, SCIM_E_EXPIRED_CURSOR, "The cursor has expired, after %d seconds; begin anew with an empty cursor",
                          s->pages.cursor_seconds);
    }
    SCIM_TRY(take_count(s, &cursor, query));
    out->after = cursor.after;
    out->total = cursor.total;
    query->after = &out->after;
    return NULL;
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
