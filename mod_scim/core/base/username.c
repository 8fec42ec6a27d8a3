#include "username.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "unicode.h"

#define SMALL_SIGMA 0x3C3
#define FINAL_SIGMA 0x3C2
#define CAPITAL_SIGMA 0x3A3
#define CAPITAL_I_DOT 0x130
#define DOT_ABOVE 0x307
#define MARKS_ABOVE 230

/* Most names are printable ASCII with no space but single ones inside: their key in either form is their lower case. */
static int is_plain(const char *s)
{
    const char *at;

    for (at = s; *at; at++) {
        if (!apr_isgraph(*at) && (*at != ' ' || at == s || !at[1] || at[1] == ' ')) {
            return 0;
        }
    }
    return 1;
}

static const char *plain_key(apr_pool_t *p, const char *s)
{
    char *out = apr_pstrdup(p, s), *at;

    for (at = out; *at; at++) {
        *at = (char)apr_tolower(*at);
    }
    return out;
}

/* ---- PRECIS ---- */

/* Full-width and half-width forms become what they are forms of: one code point each. */
static utf8proc_int32_t map_width(utf8proc_int32_t cp)
{
    const utf8proc_property_t *property = utf8proc_get_property(cp);
    utf8proc_int32_t to[18];
    int boundary = 0;

    if (property->decomp_type != UTF8PROC_DECOMP_TYPE_WIDE && property->decomp_type != UTF8PROC_DECOMP_TYPE_NARROW) {
        return cp;
    }
    return utf8proc_decompose_char(cp, to, 18, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE, &boundary) == 1 ? to[0] : cp;
}

static int is_cased(utf8proc_int32_t cp)
{
    return utf8proc_category(cp) == UTF8PROC_CATEGORY_LT || utf8proc_tolower(cp) != cp || utf8proc_toupper(cp) != cp;
}

/* Unicode's Case_Ignorable: what may stand between a letter and the end of its word. */
static int is_case_ignorable(utf8proc_int32_t cp)
{
    static const utf8proc_int32_t inside_words[] = { '\'', '.', ':', 0xB7, 0x387, 0x55F, 0x5F4, 0x2018, 0x2019, 0x2024, 0x2027 };
    size_t i;

    switch (utf8proc_category(cp)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
        return 1;
    default:
        break;
    }
    for (i = 0; i < sizeof(inside_words) / sizeof(inside_words[0]); i++) {
        if (inside_words[i] == cp) {
            return 1;
        }
    }
    return 0;
}

/* Does a word go on at s? */
static int letter_follows(const char *s)
{
    utf8proc_int32_t cp;

    do {
        cp = map_width(scim_unicode_next(&s));
    } while (cp && is_case_ignorable(cp));
    return cp && is_cased(cp);
}

const char *scim_username_precis(apr_pool_t *p, const char *s)
{
    char *out, *to;
    const char *composed;
    utf8proc_int32_t cp;
    int after_letter = 0;

    if (is_plain(s)) {
        return plain_key(p, s);
    }
    /* The longest lower case of a code point is three bytes for two. */
    out = to = apr_palloc(p, strlen(s) * 2 + 1);
    while ((cp = map_width(scim_unicode_next(&s)))) {
        if (cp == CAPITAL_SIGMA) {
            to = scim_unicode_put(to, after_letter && !letter_follows(s) ? FINAL_SIGMA : SMALL_SIGMA);
        }
        else if (cp == CAPITAL_I_DOT) {
            to = scim_unicode_put(scim_unicode_put(to, 'i'), DOT_ABOVE);
        }
        else {
            to = scim_unicode_put(to, utf8proc_tolower(cp));
        }
        after_letter = is_case_ignorable(cp) ? after_letter : is_cased(cp);
    }
    *to = '\0';
    composed = scim_unicode_map(p, out, UTF8PROC_COMPOSE);
    return composed ? composed : out;
}

/* ---- by looks ---- */

/* Interlinear annotation marks are no default ignorables for Unicode, and still nothing is seen of them. */
static int shows_nothing(utf8proc_int32_t cp)
{
    return utf8proc_get_property(cp)->ignorable || utf8proc_category(cp) == UTF8PROC_CATEGORY_CC || (cp >= 0xFFF9 && cp <= 0xFFFB);
}

/* Controls that set text apart, spaces, separators, and the Braille pattern without dots. */
static int is_blank(utf8proc_int32_t cp)
{
    return (cp >= '\t' && cp <= '\r') || cp == 0x85 || cp == 0x2800 || utf8proc_category(cp) == UTF8PROC_CATEGORY_ZS ||
           utf8proc_category(cp) == UTF8PROC_CATEGORY_ZL || utf8proc_category(cp) == UTF8PROC_CATEGORY_ZP;
}

const char *scim_username_looks(apr_pool_t *p, const char *s)
{
    const char *from, *composed;
    char *out, *to;
    utf8proc_int32_t cp, letter = 0;
    int blank = 0;

    if (is_plain(s)) {
        return plain_key(p, s);
    }
    from = scim_unicode_map(p, s, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
    if (!from) {
        return s;
    }
    out = to = apr_palloc(p, strlen(from) * 2 + 1);
    while ((cp = scim_unicode_next(&from))) {
        if (is_blank(cp)) {
            blank = to > out;
            continue;
        }
        if (shows_nothing(cp) || (cp == DOT_ABOVE && (letter == 'i' || letter == 'j'))) {
            continue;
        }
        cp = utf8proc_tolower(cp);
        cp = cp == FINAL_SIGMA ? SMALL_SIGMA : cp;
        if (blank) {
            *to++ = ' ';
            blank = 0;
        }
        to = scim_unicode_put(to, cp);
        if (utf8proc_get_property(cp)->combining_class == 0 || utf8proc_get_property(cp)->combining_class == MARKS_ABOVE) {
            letter = cp;
        }
    }
    *to = '\0';
    composed = scim_unicode_map(p, out, UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
    return composed ? composed : out;
}
