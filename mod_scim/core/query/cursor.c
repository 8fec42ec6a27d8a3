#include "cursor.h"

#include <apr_strings.h>
#include <string.h>

/* What is sealed: numbers, the highest byte first, the id as text, and the sort key where there is one. */
#define FORM 1
#define FORM_BARE 2                    /* without a sort key */
#define ID_LENGTH 36
#define HEAD (1 + 8 + 8 + 4)
#define LEAST (HEAD + ID_LENGTH)

static unsigned char *put(unsigned char *to, apr_int64_t number, int bytes)
{
    while (bytes-- > 0) {
        *to++ = (unsigned char)((apr_uint64_t)number >> 8 * bytes);
    }
    return to;
}

static const unsigned char *take(const unsigned char *from, int bytes, apr_int64_t *number)
{
    apr_uint64_t n = 0;

    while (bytes-- > 0) {
        n = n << 8 | *from++;
    }
    *number = (apr_int64_t)n;
    return from;
}

const char *scim_cursor_write(apr_pool_t *p, const scim_seal_key_t *key, const unsigned char random[SCIM_SEAL_RANDOM], const char *about,
                              const scim_cursor_t *cursor)
{
    apr_size_t len = cursor->after.key ? strlen(cursor->after.key) : 0;
    unsigned char *data = apr_palloc(p, LEAST + len), *to = data;

    to = put(to, cursor->after.key ? FORM : FORM_BARE, 1);
    to = put(to, cursor->issued, 8);
    to = put(to, cursor->total, 8);
    to = put(to, cursor->count, 4);
    memcpy(to, cursor->after.id, ID_LENGTH);
    if (len) {
        memcpy(to + ID_LENGTH, cursor->after.key, len);
    }
    return scim_seal(p, key, random, about, data, LEAST + len);
}

int scim_cursor_read(apr_pool_t *p, const scim_seal_key_t *key, const char *about, const char *text, scim_cursor_t *out)
{
    apr_size_t len = 0;
    const unsigned char *data = scim_unseal(p, key, about, text, &len);
    apr_int64_t form = 0, count = 0;

    if (!data || len < LEAST) {
        return 0;
    }
    data = take(data, 1, &form);
    data = take(data, 8, &out->issued);
    data = take(data, 8, &out->total);
    data = take(data, 4, &count);
    out->count = (int)count;
    out->after.id = apr_pstrmemdup(p, (const char *)data, ID_LENGTH);
    out->after.key = form == FORM ? (const char *)data + ID_LENGTH : NULL;
    return form == FORM || form == FORM_BARE;
}
