/* A recogniser for strict JSON: what json-c would let through is refused before it sees the text. */
#include "json_scan.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include <utf8proc.h>

#include "hash.h"
#include "utf8.h"

typedef struct scan_t {
    apr_pool_t *p;
    const char *start, *at, *end;
    int depth, max_depth;
    long values; /* weighed as SCIM_JSON_MOST_VALUES says */
    int too_many;
    int any_integer;                   /* of any number of digits */
    const char *fault;
    int is_json;                       /* the fault: JSON that is not accepted here */
} scan_t;

static int scan_value(scan_t *s);

static int fail(scan_t *s, const char *fault)
{
    if (!s->fault) {
        s->fault = fault;
    }
    return 0;
}

/* What is JSON by RFC 8259, but beyond I-JSON or this program's limits. */
static int refuse(scan_t *s, const char *fault)
{
    s->is_json = !s->fault;
    return fail(s, fault);
}

static int too_many(scan_t *s, const char *fault)
{
    s->too_many = 1;
    return fail(s, fault);
}

static void skip_space(scan_t *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r')) {
        s->at++;
    }
}

static int peek(const scan_t *s)
{
    return s->at < s->end ? (unsigned char)*s->at : -1;
}

/* Four digits that are there. */
static unsigned hex_value(const char *s)
{
    return (unsigned)(scim_hex_digit(s[0]) << 12 | scim_hex_digit(s[1]) << 8 | scim_hex_digit(s[2]) << 4 | scim_hex_digit(s[3]));
}

static int hex4(scan_t *s, unsigned *out)
{
    int i;

    if (s->end - s->at < 4) {
        return fail(s, "a \\u escape is cut short");
    }
    for (i = 0; i < 4; i++) {
        if (scim_hex_digit(s->at[i]) < 0) {
            return fail(s, "a \\u escape has no four hexadecimal digits");
        }
    }
    *out = hex_value(s->at);
    s->at += 4;
    return 1;
}

static int scan_unicode_escape(scan_t *s)
{
    unsigned unit, low;

    if (!hex4(s, &unit)) {
        return 0;
    }
    if (unit == 0) {
        return refuse(s, "a string holds U+0000");
    }
    if (unit >= 0xDC00 && unit <= 0xDFFF) {
        return refuse(s, "a string holds a lone surrogate");
    }
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        if (s->end - s->at < 2 || s->at[0] != '\\' || s->at[1] != 'u') {
            return refuse(s, "a string holds a lone surrogate");
        }
        s->at += 2;
        if (!hex4(s, &low)) {
            return 0;
        }
        if (low < 0xDC00 || low > 0xDFFF) {
            return refuse(s, "a string holds a lone surrogate");
        }
    }
    return 1;
}

/* At the opening quote; leaves at behind the closing one. */
static int scan_string(scan_t *s)
{
    s->at++;
    for (;;) {
        int c = peek(s);
        if (c < 0) {
            return fail(s, "a string is not closed");
        }
        if (c < 0x20) {
            return fail(s, "a string holds a raw control character");
        }
        s->at++;
        if (c == '"') {
            return 1;
        }
        if (c == '\\') {
            c = peek(s);
            if (c < 0 || !strchr("\"\\/bfnrtu", c)) {
                return fail(s, "a string holds an unknown escape");
            }
            s->at++;
            if (c == 'u' && !scan_unicode_escape(s)) {
                return 0;
            }
        }
    }
}

static int scan_digits(scan_t *s)
{
    const char *from = s->at;

    while (s->at < s->end && apr_isdigit(*s->at)) {
        s->at++;
    }
    return s->at > from;
}

/* Integers must fit 64 bits: json-c would clamp them silently, which is for who asks for it. */
static int integer_fits(const char *from, const char *to)
{
    const char *limit = *from == '-' ? "9223372036854775808" : "9223372036854775807";
    apr_size_t len;

    if (*from == '-') {
        from++;
    }
    len = (apr_size_t)(to - from);
    return len < 19 || (len == 19 && memcmp(from, limit, 19) <= 0);
}

static int scan_number(scan_t *s)
{
    const char *from = s->at;
    int integer = 1;

    if (peek(s) == '-') {
        s->at++;
    }
    if (peek(s) == '0') {
        s->at++;
        if (apr_isdigit(peek(s) < 0 ? 0 : peek(s))) {
            return fail(s, "a number has a leading zero");
        }
    }
    else if (!scan_digits(s)) {
        return fail(s, "a value is expected");
    }
    if (peek(s) == '.') {
        integer = 0;
        s->at++;
        if (!scan_digits(s)) {
            return fail(s, "a number has no digits after its point");
        }
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        integer = 0;
        s->at++;
        if (peek(s) == '+' || peek(s) == '-') {
            s->at++;
        }
        if (!scan_digits(s)) {
            return fail(s, "a number has no digits in its exponent");
        }
    }
    if (integer && !s->any_integer && !integer_fits(from, s->at)) {
        return refuse(s, "an integer does not fit 64 bits");
    }
    return 1;
}

static int scan_word(scan_t *s, const char *word)
{
    apr_size_t len = strlen(word);

    if ((apr_size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0) {
        return fail(s, "a value is expected");
    }
    s->at += len;
    return 1;
}

static int scan_array(scan_t *s)
{
    s->at++;
    skip_space(s);
    if (peek(s) == ']') {
        s->at++;
        return 1;
    }
    for (;;) {
        if (!scan_value(s)) {
            return 0;
        }
        skip_space(s);
        if (peek(s) == ']') {
            s->at++;
            return 1;
        }
        if (peek(s) != ',') {
            return fail(s, "',' or ']' is expected");
        }
        s->at++;
    }
}

/* Names seen in one object: few are compared one by one, many through a hash. */
#define FEW 16
typedef struct names_t {
    const char *few[FEW];
    int n;
    apr_hash_t *many;
} names_t;

/* One escape of a name that scan_string has checked; *from stands behind the backslash. */
static char *decode_escape(const char **from, char *to)
{
    static const char letters[] = "bfnrt", values[] = "\b\f\n\r\t";
    char c = *(*from)++;
    const char *letter = strchr(letters, c);
    unsigned cp;

    if (c != 'u') {
        *to++ = letter ? values[letter - letters] : c;
        return to;
    }
    cp = hex_value(*from);
    *from += 4;
    if (cp >= 0xD800 && cp <= 0xDBFF) {
        cp = 0x10000 + ((cp - 0xD800) << 10) + (hex_value(*from + 2) - 0xDC00);
        *from += 6;
    }
    return to + utf8proc_encode_char((utf8proc_int32_t)cp, (utf8proc_uint8_t *)to);
}

/* The name decoded and in ASCII lower case. */
static const char *decode_name(apr_pool_t *p, const char *from, const char *end)
{
    char *name = apr_palloc(p, (apr_size_t)(end - from) + 1), *to = name;

    while (from < end) {
        if (*from == '\\') {
            char *at = to;
            from++;
            to = decode_escape(&from, to);
            *at = (char)apr_tolower(*at);
        }
        else {
            *to++ = (char)apr_tolower(*from);
            from++;
        }
    }
    *to = '\0';
    return name;
}

/* Remembers the name; 0 when it was there already. */
static int note_name(apr_pool_t *p, names_t *names, const char *name)
{
    int i;

    if (!names->many) {
        for (i = 0; i < names->n; i++) {
            if (strcmp(names->few[i], name) == 0) {
                return 0;
            }
        }
        if (names->n < FEW) {
            names->few[names->n++] = name;
            return 1;
        }
        names->many = scim_hash_make(p);
        for (i = 0; i < FEW; i++) {
            apr_hash_set(names->many, names->few[i], APR_HASH_KEY_STRING, "");
        }
    }
    if (apr_hash_get(names->many, name, APR_HASH_KEY_STRING)) {
        return 0;
    }
    apr_hash_set(names->many, name, APR_HASH_KEY_STRING, "");
    return 1;
}

static int scan_member(scan_t *s, names_t *names)
{
    const char *from;

    skip_space(s);
    if (peek(s) != '"') {
        return fail(s, "a member name in double quotes is expected");
    }
    from = s->at + 1;
    if (!scan_string(s)) {
        return 0;
    }
    if (!note_name(s->p, names, decode_name(s->p, from, s->at - 1))) {
        return refuse(s, "an object has two members whose names differ at most by case");
    }
    skip_space(s);
    if (peek(s) != ':') {
        return fail(s, "':' is expected");
    }
    s->at++;
    return scan_value(s);
}

static int scan_object(scan_t *s)
{
    names_t names = { { NULL }, 0, NULL };
    int n = 0;

    s->at++;
    skip_space(s);
    if (peek(s) == '}') {
        s->at++;
        return 1;
    }
    for (;;) {
        if (++n > SCIM_JSON_MOST_MEMBERS) {
            return too_many(s, "an object has more than " APR_STRINGIFY(SCIM_JSON_MOST_MEMBERS) " members");
        }
        if (!scan_member(s, &names)) {
            return 0;
        }
        skip_space(s);
        if (peek(s) == '}') {
            s->at++;
            return 1;
        }
        if (peek(s) != ',') {
            return fail(s, "',' or '}' is expected");
        }
        s->at++;
    }
}

static int scan_value(scan_t *s)
{
    int ok;

    skip_space(s);
    s->values += peek(s) == '[' ? 4 : peek(s) == '{' ? 2 : 1;
    if (s->values > SCIM_JSON_MOST_VALUES) {
        return too_many(s, "it holds more than " APR_STRINGIFY(SCIM_JSON_MOST_VALUES) " values; send them in several requests");
    }
    switch (peek(s)) {
    case '{':
    case '[':
        if (++s->depth > s->max_depth) {
            return refuse(s, "it is nested too deeply");
        }
        ok = peek(s) == '{' ? scan_object(s) : scan_array(s);
        s->depth--;
        return ok;
    case '"':
        return scan_string(s);
    case 't':
        return scan_word(s, "true");
    case 'f':
        return scan_word(s, "false");
    case 'n':
        return scan_word(s, "null");
    default:
        return scan_number(s);
    }
}

static scim_error_t *scan_error(apr_pool_t *p, const scan_t *s)
{
    if (s->too_many) {
        return scim_error(p, SCIM_E_TOO_LARGE, "The body is too large: %s (at byte %ld)", s->fault, (long)(s->at - s->start) + 1);
    }
    return scim_error(p, SCIM_E_INVALID_SYNTAX, "The body is not %s: %s (at byte %ld)", s->is_json ? "accepted" : "valid JSON", s->fault,
                      (long)(s->at - s->start) + 1);
}

scim_error_t *scim_json_scan(apr_pool_t *p, const char *text, apr_size_t len, int max_depth, int any_integer)
{
    scan_t s = { .p = p, .start = text, .at = text, .end = text + len, .max_depth = max_depth, .any_integer = any_integer };

    if (!scim_utf8_valid(text, len)) {
        return scim_error(p, SCIM_E_INVALID_SYNTAX, "The body is not valid UTF-8");
    }
    skip_space(&s);
    if (peek(&s) < 0) {
        return scim_error(p, SCIM_E_INVALID_SYNTAX, "The body is empty; a JSON object is expected");
    }
    if (peek(&s) != '{') {
        return scim_error(p, SCIM_E_INVALID_SYNTAX, "The body must be a JSON object");
    }
    if (!scan_value(&s)) {
        return scan_error(p, &s);
    }
    skip_space(&s);
    if (s.at < s.end) {
        fail(&s, "there is text after the object");
        return scan_error(p, &s);
    }
    return NULL;
}

int scim_json_is_large(const char *text, apr_size_t len)
{
    apr_size_t i, values = 1;

    if (len > SCIM_JSON_LARGE) {
        return 1;
    }
    /* No character stands for more than four: nearly all texts are too short. */
    if (len < SCIM_JSON_MANY_VALUES / 4) {
        return 0;
    }
    for (i = 0; i < len; i++) {
        values += text[i] == ',' ? 1 : text[i] == '[' ? 4 : text[i] == '{' ? 2 : 0;
    }
    return values > SCIM_JSON_MANY_VALUES;
}
