#include "text.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

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

/* utf8proc_map into the pool; NULL when s is not valid UTF-8. */
static char *map(apr_pool_t *p, const char *s, utf8proc_option_t options)
{
    utf8proc_uint8_t *mapped = NULL;
    char *out = NULL;

    if (utf8proc_map((const utf8proc_uint8_t *)s, 0, &mapped, UTF8PROC_NULLTERM | UTF8PROC_STABLE | options) >= 0) {
        out = apr_pstrdup(p, (char *)mapped);
    }
    free(mapped);
    return out;
}

const char *scim_fold(apr_pool_t *p, const char *s)
{
    char *folded;

    if (is_ascii(s)) {
        return ascii_lower(p, s);
    }
    folded = map(p, s, UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    return folded ? folded : s;
}

/* Width mapping and lower case of one code point into at[0..room); returns how many code points. */
static utf8proc_ssize_t username_map(utf8proc_int32_t cp, utf8proc_int32_t *at, utf8proc_ssize_t room)
{
    const utf8proc_property_t *property = utf8proc_get_property(cp);
    utf8proc_ssize_t n = 1, i;

    if (property->decomp_type == UTF8PROC_DECOMP_TYPE_WIDE || property->decomp_type == UTF8PROC_DECOMP_TYPE_NARROW) {
        int boundary = 0;
        n = utf8proc_decompose_char(cp, at, room, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE, &boundary);
        if (n < 0 || n > room) {
            return -1;
        }
    }
    else {
        at[0] = cp;
    }
    for (i = 0; i < n; i++) {
        at[i] = utf8proc_tolower(at[i]);
    }
    return n;
}

/* Code points that RFC 8264's IdentifierClass keeps out of names and that make two names look alike. */
static int username_forbidden(utf8proc_int32_t cp)
{
    switch (utf8proc_category(cp)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return 1;
    default:
        return 0;
    }
}

static scim_error_t *username_check(apr_pool_t *p, const char *s)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)s;

    while (*at) {
        utf8proc_int32_t cp;
        utf8proc_ssize_t n = utf8proc_iterate(at, -1, &cp);
        if (n <= 0) {
            return scim_error(p, SCIM_E_INVALID_VALUE, "userName is not valid UTF-8");
        }
        if (username_forbidden(cp)) {
            return scim_error(p, SCIM_E_INVALID_VALUE, "userName holds the character U+%04X, which names may not contain", (unsigned)cp);
        }
        at += n;
    }
    return NULL;
}

scim_error_t *scim_username_key(apr_pool_t *p, const char *s, int strict, const char **key)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)s;
    utf8proc_int32_t mapped[18];
    utf8proc_uint8_t encoded[4];
    char *out;
    apr_size_t used = 0;

    if (strict) {
        if (!s[strspn(s, " \t\r\n")]) {
            return scim_error(p, SCIM_E_INVALID_VALUE, "userName is empty; give the user a name");
        }
        SCIM_TRY(username_check(p, s));
    }
    if (is_ascii(s)) {
        *key = ascii_lower(p, s);
        return NULL;
    }
    /* A width mapping yields at most two code points of at most four bytes each from three bytes. */
    out = apr_palloc(p, strlen(s) * 4 + 1);
    while (*at) {
        utf8proc_int32_t cp;
        utf8proc_ssize_t n = utf8proc_iterate(at, -1, &cp), count, i;
        if (n <= 0 || (count = username_map(cp, mapped, 18)) < 0) {
            break;
        }
        for (i = 0; i < count; i++) {
            utf8proc_ssize_t bytes = utf8proc_encode_char(mapped[i], encoded);
            memcpy(out + used, encoded, (size_t)bytes);
            used += (apr_size_t)bytes;
        }
        at += n;
    }
    out[used] = '\0';
    *key = map(p, out, UTF8PROC_COMPOSE);
    if (!*key) {
        *key = out;
    }
    return NULL;
}

scim_error_t *scim_password_prepare(apr_pool_t *p, const char *s, const char **prepared)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)s;
    char *spaced = apr_palloc(p, strlen(s) + 1);
    char *to = spaced;

    if (!*s) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "password is empty");
    }
    while (*at) {
        utf8proc_int32_t cp;
        utf8proc_ssize_t n = utf8proc_iterate(at, -1, &cp);
        if (n <= 0) {
            return scim_error(p, SCIM_E_INVALID_VALUE, "password is not valid UTF-8");
        }
        if (utf8proc_category(cp) == UTF8PROC_CATEGORY_CC) {
            return scim_error(p, SCIM_E_INVALID_VALUE, "password holds a control character");
        }
        if (utf8proc_category(cp) == UTF8PROC_CATEGORY_ZS) {
            *to++ = ' ';
        }
        else {
            memcpy(to, at, (size_t)n);
            to += n;
        }
        at += n;
    }
    *to = '\0';
    *prepared = map(p, spaced, UTF8PROC_COMPOSE);
    return NULL;
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
    int i;

    for (i = 0; i < 36; i++) {
        int dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s[i] != '-' : !strchr("0123456789abcdef", s[i]) || !s[i]) {
            return 0;
        }
    }
    return !s[36];
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
