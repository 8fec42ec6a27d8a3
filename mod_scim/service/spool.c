#include "spool.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <string.h>

#define BLOCK 65536
#define BLOCKS (SCIM_SPOOL_MEMORY / BLOCK)
#define RETRY_SECONDS 10

struct scim_spool_room_t {
    apr_pool_t *pool;
    apr_int64_t most;
    apr_thread_mutex_t *mutex;         /* guards used */
    apr_hash_t *used;                  /* scim_party_t -> apr_int64_t *: bytes in files */
};

struct scim_spool_t {
    apr_pool_t *p;
    scim_spool_room_t *room;
    scim_party_t tenant;
    apr_array_header_t *blocks;        /* of scim_block_t; with a file, the first is its buffer */
    apr_file_t *file;
    apr_off_t in_file;
    scim_error_t *err;                 /* what ended the writing */
};

scim_error_t *scim_spool_room_make(apr_pool_t *p, apr_int64_t most, scim_spool_room_t **out)
{
    scim_spool_room_t *room = apr_pcalloc(p, sizeof(*room));

    room->pool = p;
    room->most = most;
    room->used = apr_hash_make(p);
    if (apr_thread_mutex_create(&room->mutex, APR_THREAD_MUTEX_DEFAULT, p) != APR_SUCCESS) {
        return scim_error(p, SCIM_E_INTERNAL, "The server cannot make a lock");
    }
    *out = room;
    return NULL;
}

/* Takes bytes for the tenant, or gives them back when negative. False: there is no room. */
static int take_room(scim_spool_room_t *room, scim_party_t tenant, apr_int64_t bytes)
{
    scim_party_t key;
    apr_int64_t *used;
    int fits;

    /* What lies between the members counts in a key. */
    memset(&key, 0, sizeof(key));
    key.database = tenant.database;
    key.tenant = tenant.tenant;
    apr_thread_mutex_lock(room->mutex);
    used = apr_hash_get(room->used, &key, sizeof(key));
    if (!used) {
        used = apr_pcalloc(room->pool, sizeof(*used));
        apr_hash_set(room->used, apr_pmemdup(room->pool, &key, sizeof(key)), sizeof(key), used);
    }
    fits = bytes < 0 || *used + bytes <= room->most;
    if (fits) {
        *used += bytes;
    }
    apr_thread_mutex_unlock(room->mutex);
    return fits;
}

static apr_status_t give_back(void *data)
{
    scim_spool_t *spool = data;

    take_room(spool->room, spool->tenant, -spool->in_file);
    return APR_SUCCESS;
}

static void add_block(scim_spool_t *spool)
{
    scim_block_t *block = apr_array_push(spool->blocks);

    block->data = apr_palloc(spool->p, BLOCK);
    block->len = 0;
}

scim_spool_t *scim_spool_make(apr_pool_t *p, scim_spool_room_t *room, scim_party_t tenant)
{
    scim_spool_t *spool = apr_pcalloc(p, sizeof(*spool));

    spool->p = p;
    spool->room = room;
    spool->tenant = tenant;
    spool->blocks = apr_array_make(p, BLOCKS, sizeof(scim_block_t));
    add_block(spool);
    return spool;
}

static void fail(scim_spool_t *spool, const char *detail)
{
    spool->err = scim_error(spool->p, SCIM_E_UNAVAILABLE, "%s", detail);
    spool->err->retry_after = RETRY_SECONDS;
}

static void check(scim_spool_t *spool, apr_status_t rv)
{
    char reason[120];

    if (rv != APR_SUCCESS) {
        fail(spool, "The server cannot keep so large an answer now");
        scim_error_cause(spool->p, spool->err, "temporary file of a reply: %s", apr_strerror(rv, reason, sizeof(reason)));
    }
}

/* Nobody else can open it, and it is gone when the process is. */
static apr_status_t open_file(scim_spool_t *spool)
{
    const char *folder;
    char *name;
    apr_status_t rv = apr_temp_dir_get(&folder, spool->p);

    if (rv == APR_SUCCESS) {
        name = apr_pstrcat(spool->p, folder, "/mod_scim.XXXXXX", NULL);
        rv = apr_file_mktemp(&spool->file, name, APR_FOPEN_CREATE | APR_FOPEN_READ | APR_FOPEN_WRITE | APR_FOPEN_EXCL | APR_FOPEN_BINARY,
                             spool->p);
        if (rv == APR_SUCCESS) {
            rv = apr_file_remove(name, spool->p);
        }
    }
    return rv;
}

static void write_block(scim_spool_t *spool, scim_block_t *block)
{
    if (!take_room(spool->room, spool->tenant, (apr_int64_t)block->len)) {
        fail(spool, "Too many large answers of this tenant are on their way; ask for smaller pages, or exclude members");
        return;
    }
    spool->in_file += (apr_off_t)block->len;
    check(spool, apr_file_write_full(spool->file, block->data, block->len, NULL));
    block->len = 0;
}

/* From now on the first block is the buffer of the file. */
static void move_to_file(scim_spool_t *spool)
{
    int i;

    check(spool, open_file(spool));
    apr_pool_cleanup_register(spool->p, spool, give_back, apr_pool_cleanup_null);
    for (i = 0; i < spool->blocks->nelts && !spool->err; i++) {
        write_block(spool, &APR_ARRAY_IDX(spool->blocks, i, scim_block_t));
    }
    spool->blocks->nelts = 1;
}

/* The last block is full. */
static void make_space(scim_spool_t *spool)
{
    if (spool->file) {
        write_block(spool, &APR_ARRAY_IDX(spool->blocks, 0, scim_block_t));
    }
    else if (spool->blocks->nelts == BLOCKS) {
        move_to_file(spool);
    }
    else {
        add_block(spool);
    }
}

void scim_spool_add(scim_spool_t *spool, const char *data, apr_size_t len)
{
    while (len > 0 && !spool->err) {
        scim_block_t *block = &APR_ARRAY_IDX(spool->blocks, spool->blocks->nelts - 1, scim_block_t);
        apr_size_t n = BLOCK - block->len < len ? BLOCK - block->len : len;
        memcpy(block->data + block->len, data, n);
        block->len += n;
        data += n;
        len -= n;
        if (block->len == BLOCK) {
            make_space(spool);
        }
    }
}

void scim_spool_text(scim_spool_t *spool, const char *text)
{
    scim_spool_add(spool, text, strlen(text));
}

scim_error_t *scim_spool_error(const scim_spool_t *spool)
{
    return spool->err;
}

void scim_spool_rewind(scim_spool_t *spool)
{
    if (spool->file) {
        check(spool, apr_file_trunc(spool->file, 0));
        take_room(spool->room, spool->tenant, -(apr_int64_t)spool->in_file);
        spool->in_file = 0;
    }
    spool->blocks->nelts = 1;
    APR_ARRAY_IDX(spool->blocks, 0, scim_block_t).len = 0;
}

scim_error_t *scim_spool_end(scim_spool_t *spool)
{
    if (spool->file && !spool->err) {
        write_block(spool, &APR_ARRAY_IDX(spool->blocks, 0, scim_block_t));
    }
    return spool->err;
}

apr_off_t scim_spool_length(const scim_spool_t *spool)
{
    apr_off_t length = spool->in_file;
    int i;

    for (i = 0; i < spool->blocks->nelts; i++) {
        length += (apr_off_t)APR_ARRAY_IDX(spool->blocks, i, scim_block_t).len;
    }
    return length;
}

apr_file_t *scim_spool_file(const scim_spool_t *spool)
{
    return spool->file;
}

const apr_array_header_t *scim_spool_blocks(const scim_spool_t *spool)
{
    return spool->blocks;
}
