/* A stand-in for APR's pool allocator in unit tests and fuzzers. An APR pool cuts its blocks out of pages of 8 kB, inside which
 * AddressSanitizer sees nothing. Here every block is one of malloc, so that an overflow, a use after the pool is gone and a
 * forgotten pool are all reported.
 *
 * The functions below take the place of libapr's in the program that links this file. Whether libapr's own calls (from
 * apr_pstrdup, say) come here as well depends on how it was linked; both work, since each block is freed by a cleanup of its
 * pool, and never by an address that the real allocator gave. */
#include <apr_lib.h>
#include <apr_pools.h>
#include <apr_strings.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 256
#define FIRST_TEXT 64

typedef struct blocks_t blocks_t;
struct blocks_t {
    apr_pool_t *pool;
    blocks_t *next;
    void **at;
    size_t count, room;
};

/* Blocks by pool. Tests run in one thread. */
static blocks_t *table[BUCKETS];

static blocks_t **bucket(apr_pool_t *pool)
{
    return &table[((apr_uintptr_t)pool >> 4) % BUCKETS];
}

/* Runs last among the cleanups of its pool, because it is registered before the first block is given out. */
static apr_status_t free_blocks(void *data)
{
    blocks_t *blocks = data, **at = bucket(blocks->pool);
    size_t i;

    while (*at != blocks) {
        at = &(*at)->next;
    }
    *at = blocks->next;
    for (i = 0; i < blocks->count; i++) {
        free(blocks->at[i]);
    }
    free(blocks->at);
    free(blocks);
    return APR_SUCCESS;
}

static void *must(void *memory)
{
    if (!memory) {
        abort();
    }
    return memory;
}

static blocks_t *blocks_of(apr_pool_t *pool)
{
    blocks_t **head = bucket(pool), *blocks;

    for (blocks = *head; blocks; blocks = blocks->next) {
        if (blocks->pool == pool) {
            return blocks;
        }
    }
    blocks = must(calloc(1, sizeof *blocks));
    blocks->pool = pool;
    blocks->next = *head;
    *head = blocks;
    /* This may come back to apr_palloc, which now finds the pool in the table. */
    apr_pool_cleanup_register(pool, blocks, free_blocks, apr_pool_cleanup_null);
    return blocks;
}

void *apr_palloc(apr_pool_t *pool, apr_size_t size)
{
    blocks_t *blocks = blocks_of(pool);
    void *block = must(malloc(size ? size : 1));

    if (blocks->count == blocks->room) {
        blocks->room = blocks->room ? blocks->room * 2 : 16;
        blocks->at = must(realloc(blocks->at, blocks->room * sizeof *blocks->at));
    }
    blocks->at[blocks->count++] = block;
    return block;
}

/* libapr formats straight into a page of the pool, around apr_palloc. */
char *apr_pvsprintf(apr_pool_t *pool, const char *format, va_list args)
{
    size_t room = FIRST_TEXT;
    char *text = NULL, *block;
    int len;

    do {
        va_list again;
        room *= 2;
        text = must(realloc(text, room));
        va_copy(again, args);
        len = apr_vsnprintf(text, room, format, again);
        va_end(again);
    } while ((size_t)len >= room - 1);
    block = apr_palloc(pool, (apr_size_t)len + 1);
    memcpy(block, text, (size_t)len + 1);
    free(text);
    return block;
}

char *apr_psprintf(apr_pool_t *pool, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = apr_pvsprintf(pool, format, args);
    va_end(args);
    return text;
}
