#include "db_prepared.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

#include "../core/base/sha256.h"

/* Texts of the program's own, and of searches with one comparison: what clients ask is far fewer, but they could make up as many. */
#define MOST_FIXED 256

/* Generated texts: so many are prepared, out of so many that are remembered to have come once. */
#define MOST_GENERATED 128
#define REMEMBERED 64

/* Longer generated texts are not: the server keeps text and plan of what is prepared, and the plan is many times as large. */
#define LONGEST_GENERATED 4096

/* Of so many runs by name, so many may miss: behind a pooler a statement misses once on each server process. */
#define WINDOW 256
#define MOST_MISSES 64

#define HASH_DIGITS 32

typedef struct text_t {
    const char *name;
    int there;
} text_t;

struct scim_prepared_t {
    apr_pool_t *pool;                  /* of what follows, cleared by forget */
    apr_hash_t *texts;                 /* statement -> text_t * */
    int fixed, generated;              /* how many of each are in there */
    char seen[REMEMBERED][HASH_DIGITS + 1];
    int next;                          /* the place of the oldest in `seen` */
    unsigned generation;
    int runs, misses;                  /* in this window */
    int off;
    int worn;
};

/* Texts are long, and looked for with each statement: eight bytes at a time. All keys are APR_HASH_KEY_STRING. */
static unsigned hash_text(const char *text, apr_ssize_t *len)
{
    apr_size_t left = strlen(text);
    apr_uint64_t hash = left, word;

    *len = (apr_ssize_t)left;
    for (; left >= sizeof word; left -= sizeof word, text += sizeof word) {
        memcpy(&word, text, sizeof word);
        hash = (hash ^ word) * APR_UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    for (; left > 0; left--) {
        hash = (hash ^ (unsigned char)*text++) * APR_UINT64_C(0x9e3779b97f4a7c15);
    }
    return (unsigned)(hash >> 32);
}

scim_prepared_t *scim_prepared_make(apr_pool_t *p)
{
    scim_prepared_t *prepared = apr_pcalloc(p, sizeof *prepared);

    apr_pool_create(&prepared->pool, p);
    prepared->texts = apr_hash_make_custom(prepared->pool, hash_text);
    return prepared;
}

void scim_prepared_off(scim_prepared_t *prepared)
{
    prepared->off = 1;
}

static void clear(scim_prepared_t *prepared)
{
    apr_pool_clear(prepared->pool);
    prepared->texts = apr_hash_make_custom(prepared->pool, hash_text);
    prepared->fixed = prepared->generated = 0;
}

void scim_prepared_forget(scim_prepared_t *prepared)
{
    clear(prepared);
    prepared->generation = 0;
    prepared->worn = 0;
}

void scim_prepared_changed(scim_prepared_t *prepared)
{
    clear(prepared);
    prepared->generation++;
}

/* Has this text come before, lately? If not, it is remembered in the place of the oldest. */
static int came_before(scim_prepared_t *prepared, const char *hash)
{
    int i;

    for (i = 0; i < REMEMBERED; i++) {
        if (strcmp(prepared->seen[i], hash) == 0) {
            return 1;
        }
    }
    memcpy(prepared->seen[prepared->next], hash, HASH_DIGITS + 1);
    prepared->next = (prepared->next + 1) % REMEMBERED;
    return 0;
}

/* May another text be prepared? */
static int has_room(scim_prepared_t *prepared, const char *hash, int generated)
{
    if (generated && !came_before(prepared, hash)) {
        return 0;
    }
    if (generated ? prepared->generated >= MOST_GENERATED : prepared->fixed >= MOST_FIXED) {
        prepared->worn = 1;
        return 0;
    }
    return 1;
}

static text_t *add(scim_prepared_t *prepared, const char *sql, const char *hash, int generated)
{
    text_t *text = apr_pcalloc(prepared->pool, sizeof *text);

    text->name = prepared->generation ? apr_psprintf(prepared->pool, "scim_%s_%u", hash, prepared->generation)
                                      : apr_pstrcat(prepared->pool, "scim_", hash, NULL);
    apr_hash_set(prepared->texts, apr_pstrdup(prepared->pool, sql), APR_HASH_KEY_STRING, text);
    generated ? prepared->generated++ : prepared->fixed++;
    return text;
}

/* The first half of the text's SHA-256. */
static int hash_of(apr_pool_t *p, const char *sql, char *hash)
{
    const char *full = scim_sha256_hex(p, NULL, sql);

    if (full) {
        apr_cpystrn(hash, full, HASH_DIGITS + 1);
    }
    return full != NULL;
}

static void count_run(scim_prepared_t *prepared)
{
    if (++prepared->runs >= WINDOW) {
        prepared->runs = prepared->misses = 0;
    }
}

scim_manner_e scim_prepared_manner(scim_prepared_t *prepared, apr_pool_t *p, const char *sql, int generated, const char **name)
{
    char hash[HASH_DIGITS + 1];
    text_t *text;

    *name = NULL;
    if (prepared->off) {
        return SCIM_RUN_UNNAMED;
    }
    text = apr_hash_get(prepared->texts, sql, APR_HASH_KEY_STRING);
    if (!text) {
        if (generated && strlen(sql) > LONGEST_GENERATED) {
            return SCIM_RUN_UNNAMED;
        }
        if (!hash_of(p, sql, hash) || !has_room(prepared, hash, generated)) {
            return SCIM_RUN_UNNAMED;
        }
        text = add(prepared, sql, hash, generated);
    }
    count_run(prepared);
    *name = text->name;
    return text->there ? SCIM_RUN_NAMED : SCIM_RUN_PREPARE;
}

void scim_prepared_there(scim_prepared_t *prepared, const char *sql)
{
    text_t *text = apr_hash_get(prepared->texts, sql, APR_HASH_KEY_STRING);

    if (text) {
        text->there = 1;
    }
}

void scim_prepared_missed(scim_prepared_t *prepared)
{
    if (++prepared->misses > MOST_MISSES) {
        prepared->off = 1;
    }
}

int scim_prepared_worn(const scim_prepared_t *prepared)
{
    return prepared->worn;
}
