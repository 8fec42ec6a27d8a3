#include "secret.h"

#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <string.h>

#include "../core/base/clock.h"
#include "../core/base/utf8.h"

/* In seconds: what is remembered is read again, a key is used to seal, is replaced, and goes once it has been replaced for so long. A new key is
 * known everywhere before anybody uses it: nobody remembers for as long as it waits. */
#define REMEMBERED 30
#define USED_AFTER 60
#define REPLACED_AFTER 604800
#define KEPT "interval '2 days'"

/* More are never there, unless somebody makes them by hand. */
#define MOST "16"

struct scim_secret_cache_t {
    apr_thread_mutex_t *mutex;
    apr_pool_t *pool;                  /* of what follows */
    scim_secrets_t secrets;            /* n 0: nothing is remembered */
    apr_time_t read;                   /* when */
};

scim_secret_cache_t *scim_secret_cache_make(apr_pool_t *p)
{
    scim_secret_cache_t *cache = apr_pcalloc(p, sizeof *cache);

    return apr_pool_create(&cache->pool, p) == APR_SUCCESS && apr_thread_mutex_create(&cache->mutex, APR_THREAD_MUTEX_DEFAULT, p) == APR_SUCCESS
               ? cache : NULL;
}

static void copy(apr_pool_t *p, const scim_secrets_t *from, scim_secrets_t *to)
{
    to->n = from->n;
    to->keys = apr_pmemdup(p, from->keys, (apr_size_t)from->n * sizeof *from->keys);
    to->current = to->keys + (from->current - from->keys);
}

int scim_secrets_recall(scim_secret_cache_t *cache, apr_pool_t *p, scim_secrets_t *out)
{
    int fresh;

    apr_thread_mutex_lock(cache->mutex);
    fresh = cache->secrets.n > 0 && scim_clock() - cache->read < apr_time_from_sec(REMEMBERED);
    if (fresh) {
        copy(p, &cache->secrets, out);
    }
    apr_thread_mutex_unlock(cache->mutex);
    return fresh;
}

static void remember(scim_secret_cache_t *cache, const scim_secrets_t *secrets)
{
    apr_thread_mutex_lock(cache->mutex);
    apr_pool_clear(cache->pool);
    copy(cache->pool, secrets, &cache->secrets);
    cache->read = scim_clock();
    apr_thread_mutex_unlock(cache->mutex);
}

/* ---- the table ---- */

/* PostgreSQL's own source of random numbers, without an extension. */
#define NEW_KEY "sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8'))"

static scim_error_t *unusable(apr_pool_t *p, const char *why)
{
    return scim_error_cause(p, scim_error(p, SCIM_E_INTERNAL, "An error inside the server; its log says more"), "scim.secret: %s", why);
}

static int read_key(const char *hex, unsigned char *bytes)
{
    int i;

    if (strlen(hex) != 2 * SCIM_SEAL_KEY) {
        return 0;
    }
    for (i = 0; i < SCIM_SEAL_KEY; i++) {
        bytes[i] = (unsigned char)(scim_hex_digit(hex[2 * i]) << 4 | scim_hex_digit(hex[2 * i + 1]));
    }
    return 1;
}

/* *due: the newest is old enough, and the server takes writes. */
static scim_error_t *read_all(scim_db_t *db, apr_pool_t *p, scim_secrets_t *out, int *due)
{
    static const char sql[] = "select s.id, encode(s.key, 'hex'), extract(epoch from now() - s.created)::bigint, "
                              "current_setting('transaction_read_only') = 'off' from scim.secret s "
                              "order by s.created desc, s.id desc limit " MOST;
    scim_result_t *rows = NULL;
    scim_seal_key_t *keys;
    int i;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 0, NULL, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 4, 0, -1));
    keys = apr_pcalloc(p, (apr_size_t)(scim_rows(rows) + 1) * sizeof *keys);
    *out = (scim_secrets_t){ scim_rows(rows), keys, NULL };
    *due = out->n == 0 || (scim_col_int(rows, 0, 2) >= REPLACED_AFTER && scim_col_bool(rows, 0, 3));
    for (i = 0; i < out->n; i++) {
        keys[i].id = (apr_uint32_t)scim_col_int(rows, i, 0);
        if (!read_key(scim_col_text(rows, i, 1), keys[i].bytes)) {
            return unusable(p, "a key has not 32 bytes");
        }
        /* The newest that has waited; the oldest, when none has. */
        if (!out->current || (out->current - keys == i - 1 && scim_col_int(rows, i - 1, 2) < USED_AFTER)) {
            out->current = &keys[i];
        }
    }
    return NULL;
}

/* A new key unless there is one that is young, and without those that were replaced long ago. */
static scim_error_t *replace(scim_db_t *db, apr_pool_t *p)
{
    static const char sql[] =
        "with gone as (delete from scim.secret s where s.created < (select max(n.created) from scim.secret n where n.created < now() - " KEPT ") "
        "returning s.id) insert into scim.secret (key) select " NEW_KEY " where not exists (select 1 from scim.secret n "
        "where n.created > now() - make_interval(secs => $1::float8))";
    const char *seconds = apr_itoa(p, REPLACED_AFTER);
    scim_result_t *rows = NULL;

    return scim_db_run(db, p, SCIM_DB_NOTE, sql, 1, &seconds, &rows);
}

scim_error_t *scim_secrets_read(scim_secret_cache_t *cache, scim_db_t *db, apr_pool_t *p, scim_secrets_t *out)
{
    int due;

    SCIM_TRY(read_all(db, p, out, &due));
    if (due) {
        scim_error_t *err = replace(db, p);
        /* Whatever becomes of it: those that are there go on. */
        SCIM_TRY(out->n > 0 ? NULL : err);
        SCIM_TRY(read_all(db, p, out, &due));
    }
    if (out->n == 0) {
        return unusable(p, "there is no key");
    }
    remember(cache, out);
    return NULL;
}

scim_error_t *scim_secrets_rotate(scim_db_t *db, apr_pool_t *p, int forget)
{
    static const char add[] = "insert into scim.secret (key) values (" NEW_KEY ")";
    static const char instead[] = "with gone as (delete from scim.secret s returning s.id) insert into scim.secret (key) values (" NEW_KEY ")";
    scim_result_t *rows = NULL;

    return scim_db_run(db, p, SCIM_DB_WRITE, forget ? instead : add, 0, NULL, &rows);
}
