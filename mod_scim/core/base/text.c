#include "text.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "unicode.h"

static int is_ascii(const char *s)
{
    for (; *s; s++) {
        if ((unsigned char)*s >= 0x80) {
            return 0;
        }
    }
    return 1;
}

static char *ascii_lower(apr_pool_t *p, const char *s)
{
    char *out = apr_pstrdup(p, s);
    char *c;

    for (c = out; *c; c++) {
        *c = (char)apr_tolower(*c);
    }
    return out;
}

const char *scim_fold(apr_pool_t *p, const char *s)
{
    char *folded;

    if (is_ascii(s)) {
        return ascii_lower(p, s);
    }
    folded = scim_unicode_map(p, s, UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    return folded ? folded : s;
}

const char *scim_skip_blanks(const char *s)
{
    return s + strspn(s, " \t");
}

int scim_ieqn(const char *a, const char *b, apr_size_t len)
{
    apr_size_t i;

    for (i = 0; i < len; i++) {
        unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];
        if (x != y && apr_tolower(x) != apr_tolower(y)) {
            return 0;
        }
        if (!x) {
            return 1;
        }
    }
    return 1;
}

int scim_ieq(const char *a, const char *b)
{
    return scim_ieqn(a, b, strlen(a) + 1);
}

int scim_is_uuid(const char *s)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    int i;

    for (i = 0; shape[i]; i++) {
        int digit = (s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f');
        if (shape[i] == 'x' ? !digit : s[i] != '-') {
            return 0;
        }
    }
    return !s[i];
}

const char *scim_uuid7(apr_pool_t *p, apr_int64_t micros, const unsigned char random[8])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char bytes[16];
    apr_uint64_t millis = (apr_uint64_t)(micros / 1000);
    unsigned fraction = (unsigned)(micros % 1000) * 4096 / 1000;
    char *out = apr_palloc(p, 37), *to = out;
    int i;

    for (i = 0; i < 6; i++) {
        bytes[i] = (unsigned char)(millis >> (40 - 8 * i));
    }
    bytes[6] = (unsigned char)(0x70 | fraction >> 8);
    bytes[7] = (unsigned char)fraction;
    memcpy(bytes + 8, random, 8);
    bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3f));
    for (i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *to++ = '-';
        }
        *to++ = hex[bytes[i] >> 4];
        *to++ = hex[bytes[i] & 15];
    }
    *to = '\0';
    return out;
}
