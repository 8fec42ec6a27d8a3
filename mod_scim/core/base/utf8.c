#include "utf8.h"

#include <apr_lib.h>
#include <string.h>
#include <utf8proc.h>

int scim_utf8_valid(const char *s, apr_size_t len)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)s;
    const utf8proc_uint8_t *end = at + len;

    while (at < end) {
        utf8proc_int32_t cp;
        utf8proc_ssize_t n;
        if (*at < 0x80) {
            at++;
            continue;
        }
        n = utf8proc_iterate(at, end - at, &cp);
        if (n <= 0) {
            return 0;
        }
        at += n;
    }
    return 1;
}

int scim_hex_digit(char c)
{
    if (apr_isdigit(c)) {
        return c - '0';
    }
    return apr_isxdigit(c) ? apr_tolower(c) - 'a' + 10 : -1;
}

const char *scim_json_quote(apr_pool_t *p, const char *s)
{
    static const char hex[] = "0123456789abcdef";
    char *out = apr_palloc(p, strlen(s) * 6 + 3), *to = out;

    *to++ = '"';
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            *to++ = '\\';
            *to++ = (char)c;
        }
        else if (c < 0x20) {
            memcpy(to, "\\u00", 4);
            to[4] = hex[c >> 4];
            to[5] = hex[c & 15];
            to += 6;
        }
        else {
            *to++ = (char)c;
        }
    }
    *to++ = '"';
    *to = '\0';
    return out;
}
