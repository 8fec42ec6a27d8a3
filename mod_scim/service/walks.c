#include "walks.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <string.h>

#include "../core/base/clock.h"
#include "../core/base/hash.h"

/* 1 MB: pages of a list lie in one bucket, the lists of a tenant in so many of them. */
#define BUCKETS 256
#define BUCKETS_OF_TENANT 16
#define PAGES 8
#define PAGES_OF_LIST 4

/* Tenants whose changes are counted together: what the others write makes a total be counted once more. */
#define COUNTERS 1024

/* Longer sort keys are not remembered; what was there before is gone then. */
#define LONGEST_KEY 400
#define ID_LENGTH 36

#define REMEMBERED (300 * APR_USEC_PER_SEC)

#define TOTAL_HOLDS (5 * APR_USEC_PER_SEC)
#define TOTAL_MOMENT (APR_USEC_PER_SEC / 20)
#define TOTAL_TIMES 20
#define TOTAL_LONGEST (60 * APR_USEC_PER_SEC)

/* Who holds a bucket for so long is gone: it takes a microsecond. */
#define GONE_SECONDS 2

/* So often it is tried: longer than anybody holds it who has not lost his processor over it. */
#define TRIES 1000

typedef struct page_t {
    apr_uint64_t list;
    apr_int64_t start_index;           /* 0: nothing is here */
    apr_time_t noted;
    scim_walk_total_t total;
    apr_int32_t key_length;            /* -1: no sort key */
    char id[ID_LENGTH];
    char key[LONGEST_KEY];
    apr_uint64_t check;                /* of all before it: a process may have ended in the middle of writing */
} page_t;

typedef struct bucket_t {
    volatile apr_uint32_t holder;      /* 0: free; else the second in which it was taken */
    page_t pages[PAGES];
} bucket_t;

struct scim_walks_t {
    volatile apr_uint32_t writes[COUNTERS];
    bucket_t buckets[BUCKETS];
};

apr_size_t scim_walks_size(void)
{
    return sizeof(scim_walks_t);
}

/* ---- hashes ---- */

static apr_uint32_t tenant_hash(const char *database, apr_int64_t tenant)
{
    return (apr_uint32_t)(scim_hash_bytes(database, strlen(database)) + scim_hash_bytes(&tenant, sizeof tenant));
}

scim_walk_list_t scim_walk_list(apr_pool_t *p, const char *database, apr_int64_t tenant, apr_int64_t token, const char *about)
{
    const char *text = apr_psprintf(p, "%s\n%" APR_INT64_T_FMT "\n%s", database, token, about);

    return (scim_walk_list_t){ scim_hash_bytes(text, strlen(text)), tenant_hash(database, tenant) };
}

static apr_uint64_t check_of(const page_t *page)
{
    return scim_hash_bytes(page, APR_OFFSETOF(page_t, check));
}

/* ---- buckets ---- */

/* The list's own, in this thread's hands; NULL: somebody else's. */
static bucket_t *take(scim_walks_t *walks, const scim_walk_list_t *list)
{
    bucket_t *bucket = &walks->buckets[(list->tenant + list->hash % BUCKETS_OF_TENANT) % BUCKETS];
    const apr_uint32_t now = (apr_uint32_t)apr_time_sec(scim_clock()) + 1; /* never 0 */
    int i;

    for (i = 0; i < TRIES; i++) {
        apr_uint32_t holder = apr_atomic_read32(&bucket->holder);
        if ((!holder || (apr_int32_t)(now - holder) > GONE_SECONDS) && apr_atomic_cas32(&bucket->holder, now, holder) == holder) {
            return bucket;
        }
    }
    return NULL;
}

static void give(bucket_t *bucket)
{
    apr_atomic_xchg32(&bucket->holder, 0);
}

static int is_used(const page_t *page, apr_time_t now)
{
    return page->start_index && now - page->noted < REMEMBERED && page->check == check_of(page);
}

static int is_of(const page_t *page, const scim_walk_list_t *list)
{
    return page->list == list->hash;
}

/* The oldest page that counts: of the list alone, or of all. */
static page_t *oldest(bucket_t *bucket, const scim_walk_list_t *list)
{
    page_t *found = NULL;
    int i;

    for (i = 0; i < PAGES; i++) {
        page_t *page = &bucket->pages[i];
        if ((!list || is_of(page, list)) && (!found || page->noted < found->noted)) {
            found = page;
        }
    }
    return found;
}

/* Where the page goes: to its own place, a free one, or that of the oldest. */
static page_t *place_for(bucket_t *bucket, const scim_walk_list_t *list, apr_int64_t start_index, apr_time_t now)
{
    page_t *unused = NULL;
    int i, own = 0;

    for (i = 0; i < PAGES; i++) {
        page_t *page = &bucket->pages[i];
        if (!is_used(page, now)) {
            page->start_index = 0;
            unused = page;
            continue;
        }
        if (is_of(page, list) && page->start_index == start_index) {
            return page;
        }
        own += is_of(page, list);
    }
    return own >= PAGES_OF_LIST ? oldest(bucket, list) : unused ? unused : oldest(bucket, NULL);
}

int scim_walks_recall(scim_walks_t *walks, apr_pool_t *p, const scim_walk_list_t *list, apr_int64_t start_index, scim_walk_t *out)
{
    bucket_t *bucket = take(walks, list);
    apr_time_t now = scim_clock();
    int i, found = 0;

    for (i = 0; bucket && !found && i < PAGES; i++) {
        const page_t *page = &bucket->pages[i];
        found = page->start_index == start_index && is_of(page, list) && is_used(page, now);
        if (found) {
            out->after.id = apr_pstrmemdup(p, page->id, ID_LENGTH);
            out->after.key = page->key_length < 0 ? NULL : apr_pstrmemdup(p, page->key, (apr_size_t)page->key_length);
            out->total = page->total;
        }
    }
    if (bucket) {
        give(bucket);
    }
    return found;
}

void scim_walks_forget(scim_walks_t *walks, const scim_walk_list_t *list)
{
    bucket_t *bucket = take(walks, list);
    int i;

    for (i = 0; bucket && i < PAGES; i++) {
        if (is_of(&bucket->pages[i], list)) {
            bucket->pages[i].start_index = 0;
        }
    }
    if (bucket) {
        give(bucket);
    }
}

void scim_walks_note(scim_walks_t *walks, const scim_walk_list_t *list, apr_int64_t start_index, const scim_walk_t *walk)
{
    const apr_size_t len = walk->after.key ? strlen(walk->after.key) : 0;
    bucket_t *bucket = take(walks, list);
    page_t *page;

    if (!bucket) {
        return;
    }
    page = place_for(bucket, list, start_index, scim_clock());
    memset(page, 0, sizeof *page);
    if (len > LONGEST_KEY) {
        give(bucket);
        return;
    }
    page->list = list->hash;
    page->start_index = start_index;
    page->noted = scim_clock();
    page->total = walk->total;
    page->key_length = walk->after.key ? (apr_int32_t)len : -1;
    memcpy(page->id, walk->after.id, ID_LENGTH);
    memcpy(page->key, walk->after.key ? walk->after.key : "", len);
    page->check = check_of(page);
    give(bucket);
}

/* ---- totals ---- */

apr_uint32_t scim_walks_writes(scim_walks_t *walks, apr_uint32_t tenant)
{
    return apr_atomic_read32(&walks->writes[tenant % COUNTERS]);
}

void scim_walks_written(scim_walks_t *walks, const char *database, apr_int64_t tenant)
{
    apr_atomic_inc32(&walks->writes[tenant_hash(database, tenant) % COUNTERS]);
}

int scim_walk_total_holds(scim_walks_t *walks, const scim_walk_list_t *list, const scim_walk_total_t *total)
{
    const apr_time_t age = scim_clock() - total->counted;

    if (total->took > TOTAL_MOMENT && age < TOTAL_TIMES * total->took && age < TOTAL_LONGEST) {
        return 1;
    }
    return age < TOTAL_HOLDS && scim_walks_writes(walks, list->tenant) == total->writes;
}
