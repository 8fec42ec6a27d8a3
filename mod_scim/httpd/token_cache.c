/* Tokens seen in the last seconds, per process: authentication costs no round trip while they are fresh, and neither do those that the
 * database does not know. Revocation takes effect when they are not. */
#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include "../core/base/clock.h"
#include "private.h"

/* The cache begins anew after so many insertions; its memory is bounded by that. */
#define MOST_INSERTIONS 10000

typedef struct entry_t {
    int known;
    scim_token_t token;
    apr_time_t at;                     /* when it was looked up */
    apr_time_t ends;                   /* when the token itself ends */
} entry_t;

struct scim_token_cache_t {
    apr_pool_t *pool;                  /* of the entries */
    apr_hash_t *entries;               /* key -> entry_t * */
    int insertions;
    apr_thread_mutex_t *mutex;
};

scim_error_t *scim_token_cache_make(apr_pool_t *p, scim_token_cache_t **out)
{
    scim_token_cache_t *cache = apr_pcalloc(p, sizeof(*cache));

    if (apr_pool_create(&cache->pool, p) != APR_SUCCESS || apr_thread_mutex_create(&cache->mutex, APR_THREAD_MUTEX_DEFAULT, p) != APR_SUCCESS) {
        return scim_error(p, SCIM_E_INTERNAL, "The server cannot make a lock");
    }
    cache->entries = apr_hash_make(cache->pool);
    *out = cache;
    return NULL;
}

static apr_array_header_t *copy_words(apr_pool_t *p, const apr_array_header_t *from)
{
    apr_array_header_t *to = from ? apr_array_make(p, from->nelts, sizeof(const char *)) : NULL;
    int i;

    for (i = 0; from && i < from->nelts; i++) {
        APR_ARRAY_PUSH(to, const char *) = apr_pstrdup(p, APR_ARRAY_IDX(from, i, const char *));
    }
    return to;
}

static void copy_token(apr_pool_t *p, scim_token_t *to, const scim_token_t *from)
{
    *to = *from;
    to->tenant_name = apr_pstrdup(p, from->tenant_name);
    to->profile = apr_pstrdup(p, from->profile);
    to->name = apr_pstrdup(p, from->name);
    to->read_endpoints = copy_words(p, from->read_endpoints);
    to->write_endpoints = copy_words(p, from->write_endpoints);
    to->sources = copy_words(p, from->sources);
    to->integration = apr_pstrdup(p, from->integration);
    to->person = apr_pstrdup(p, from->person);
}

int scim_token_cache_get(scim_token_cache_t *cache, apr_pool_t *p, const char *key, int seconds, const scim_token_t **out)
{
    apr_time_t now = scim_clock();
    scim_token_t *token = NULL;
    entry_t *entry;
    int fresh;

    apr_thread_mutex_lock(cache->mutex);
    entry = apr_hash_get(cache->entries, key, APR_HASH_KEY_STRING);
    fresh = entry && now - entry->at < apr_time_from_sec(seconds) && now < entry->ends;
    if (fresh && entry->known) {
        token = apr_palloc(p, sizeof(*token));
        copy_token(p, token, &entry->token);
    }
    apr_thread_mutex_unlock(cache->mutex);
    *out = token;
    return fresh;
}

void scim_token_cache_put(scim_token_cache_t *cache, const char *key, const scim_token_t *token)
{
    entry_t *entry;

    apr_thread_mutex_lock(cache->mutex);
    if (++cache->insertions > MOST_INSERTIONS) {
        apr_pool_clear(cache->pool);
        cache->entries = apr_hash_make(cache->pool);
        cache->insertions = 1;
    }
    entry = apr_pcalloc(cache->pool, sizeof(*entry));
    entry->known = token != NULL;
    entry->at = scim_clock();
    entry->ends = APR_INT64_MAX;
    if (token) {
        copy_token(cache->pool, &entry->token, token);
        if (token->valid && token->expires) {
            entry->ends = entry->at + (token->expires - apr_time_now());
        }
    }
    apr_hash_set(cache->entries, apr_pstrdup(cache->pool, key), APR_HASH_KEY_STRING, entry);
    apr_thread_mutex_unlock(cache->mutex);
}
