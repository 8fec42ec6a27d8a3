#include "precis.h"

#include <string.h>

#include "unicode.h"

#define ZERO_WIDTH_JOINER 0x200D
#define VIRAMA_CLASS 9

/* Where a character may stand that is allowed in some company only (CONTEXTO and CONTEXTJ of RFC 5892 appendix A). */
typedef struct place_t {
    const char *text, *end;            /* the whole: one part of a name, or a password */
    utf8proc_int32_t before, after;    /* neighbours, 0 at the ends */
} place_t;

typedef int (*context_f)(const place_t *place);

static int in(utf8proc_int32_t cp, utf8proc_int32_t from, utf8proc_int32_t to)
{
    return cp >= from && cp <= to;
}

static int never(const place_t *place)
{
    (void)place;
    return 0;
}

static int always(const place_t *place)
{
    (void)place;
    return 1;
}

static int between_l(const place_t *place)
{
    return place->before == 'l' && place->after == 'l';
}

static int before_greek(const place_t *place)
{
    return in(place->after, 0x370, 0x3FF) || in(place->after, 0x1F00, 0x1FFF);
}

static int after_hebrew(const place_t *place)
{
    return in(place->before, 0x591, 0x5F4) || in(place->before, 0xFB1D, 0xFB4F);
}

static int after_virama(const place_t *place)
{
    return place->before && utf8proc_get_property(place->before)->combining_class == VIRAMA_CLASS;
}

static int text_has(const place_t *place, int (*test)(utf8proc_int32_t cp))
{
    const char *at = place->text;

    while (at < place->end) {
        if (test(scim_unicode_next(&at))) {
            return 1;
        }
    }
    return 0;
}

static int is_japanese(utf8proc_int32_t cp)
{
    return in(cp, 0x3041, 0x309F) || in(cp, 0x30A1, 0x30FA) || in(cp, 0x30FC, 0x30FF) || in(cp, 0x3005, 0x3007) || in(cp, 0x3400, 0x9FFF) ||
           in(cp, 0x20000, 0x3FFFF);
}

static int is_arabic_digit(utf8proc_int32_t cp)
{
    return in(cp, 0x660, 0x669);
}

static int is_persian_digit(utf8proc_int32_t cp)
{
    return in(cp, 0x6F0, 0x6F9);
}

static int beside_japanese(const place_t *place)
{
    return text_has(place, is_japanese);
}

static int without_persian_digits(const place_t *place)
{
    return !text_has(place, is_persian_digit);
}

static int without_arabic_digits(const place_t *place)
{
    return !text_has(place, is_arabic_digit);
}

/* What is not decided by a character's properties: RFC 8264 section 9.6, 9.8 and 9.9. */
static const struct {
    utf8proc_int32_t from, to;
    context_f allowed;
} exceptions[] = {
    { 0xB7, 0xB7, between_l },          { 0xDF, 0xDF, always },           { 0x375, 0x375, before_greek },
    { 0x3C2, 0x3C2, always },           { 0x5F3, 0x5F4, after_hebrew },   { 0x640, 0x640, never },
    { 0x660, 0x669, without_persian_digits }, { 0x6F0, 0x6F9, without_arabic_digits }, { 0x6FD, 0x6FE, always },
    { 0x7FA, 0x7FA, never },            { 0xF0B, 0xF0B, always },         { 0x1100, 0x11FF, never },
    { 0x200C, ZERO_WIDTH_JOINER, after_virama }, { 0x3007, 0x3007, always }, { 0x302E, 0x302F, never },
    { 0x3031, 0x3035, never },          { 0x303B, 0x303B, never },        { 0x30FB, 0x30FB, beside_japanese },
    { 0xA960, 0xA97C, never },          { 0xD7B0, 0xD7FB, never },
};

static int is_letter_or_digit(utf8proc_int32_t cp)
{
    switch (utf8proc_category(cp)) {
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
        return 1;
    default:
        return 0;
    }
}

/* IdentifierClass (RFC 8264 section 4.2): letters and digits that are no compatibility forms of others. */
static int is_identifier(utf8proc_int32_t cp)
{
    return is_letter_or_digit(cp) && utf8proc_get_property(cp)->decomp_type == 0;
}

/* FreeformClass (section 4.3): whatever is seen. Not so controls, separators of lines, private use and what is not assigned. */
static int is_freeform(utf8proc_int32_t cp)
{
    switch (utf8proc_category(cp)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return 0;
    default:
        return 1;
    }
}

static int is_allowed(utf8proc_int32_t cp, const place_t *place, int (*is_of_class)(utf8proc_int32_t cp))
{
    size_t i;

    if (in(cp, 0x21, 0x7E)) {
        return 1;
    }
    for (i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        if (in(cp, exceptions[i].from, exceptions[i].to)) {
            return exceptions[i].allowed(place);
        }
    }
    return is_of_class(cp) && !utf8proc_get_property(cp)->ignorable;
}

/* The first character of text[0..len) that may not be where it stands; 0: there is none. */
static utf8proc_int32_t find_forbidden(const char *text, apr_size_t len, int (*is_of_class)(utf8proc_int32_t cp))
{
    place_t place = { text, text + len, 0, 0 };
    const char *at = text;
    utf8proc_int32_t cp = len ? scim_unicode_next(&at) : 0;

    while (cp) {
        place.after = at < place.end ? scim_unicode_next(&at) : 0;
        if (!is_allowed(cp, &place, is_of_class)) {
            return cp;
        }
        place.before = cp;
        cp = place.after;
    }
    return 0;
}

/* ---- right to left: RFC 5893 section 2 ---- */

#define DIRECTION(class) (1u << UTF8PROC_BIDI_CLASS_##class)
#define RIGHT (DIRECTION(R) | DIRECTION(AL))
#define NEUTRAL (DIRECTION(EN) | DIRECTION(ES) | DIRECTION(CS) | DIRECTION(ET) | DIRECTION(ON) | DIRECTION(BN) | DIRECTION(NSM))

static int fits_bidi(const char *part)
{
    unsigned first = 0, last = 0, all = 0;
    utf8proc_int32_t cp;

    while ((cp = scim_unicode_next(&part)) && cp != ' ') {
        unsigned direction = 1u << utf8proc_get_property(cp)->bidi_class;
        first = first ? first : direction;
        last = direction & DIRECTION(NSM) ? last : direction;
        all |= direction;
    }
    if (!(all & (RIGHT | DIRECTION(AN)))) {
        return 1;
    }
    if (first & DIRECTION(L)) {
        return !(all & ~(DIRECTION(L) | NEUTRAL));
    }
    return first & RIGHT && !(all & ~(RIGHT | DIRECTION(AN) | NEUTRAL)) && last & (RIGHT | DIRECTION(EN) | DIRECTION(AN)) &&
           !(all & DIRECTION(EN) && all & DIRECTION(AN));
}

/* ---- names ---- */

scim_error_t *scim_username_precis_check(apr_pool_t *p, const char *key)
{
    utf8proc_int32_t forbidden;

    if (!key[strspn(key, " ")]) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "userName is empty; give the user a name");
    }
    if (*key == ' ' || key[strlen(key) - 1] == ' ') {
        return scim_error(p, SCIM_E_INVALID_VALUE, "userName begins or ends with a space");
    }
    for (; *key; key += strspn(key, " ")) {
        forbidden = find_forbidden(key, strcspn(key, " "), is_identifier);
        if (forbidden) {
            return scim_error(p, SCIM_E_INVALID_VALUE, "userName holds the character U+%04X where names may not have it", (unsigned)forbidden);
        }
        if (!fits_bidi(key)) {
            return scim_error(p, SCIM_E_INVALID_VALUE, "userName mixes characters written from right to left with others");
        }
        key += strcspn(key, " ");
    }
    return NULL;
}

/* ---- passwords ---- */

/* Bytes that composition makes one of, at most. */
#define MOST_TO_ONE 4

scim_error_t *scim_password_prepare(apr_pool_t *p, const char *s, int strict, const char **prepared)
{
    char *spaced = apr_palloc(p, SCIM_LONGEST_PASSWORD * MOST_TO_ONE + 1), *to = spaced;
    utf8proc_int32_t cp;

    if (!*s) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "password is empty");
    }
    if (strlen(s) > SCIM_LONGEST_PASSWORD * MOST_TO_ONE) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "password is longer than %d bytes", SCIM_LONGEST_PASSWORD);
    }
    while ((cp = scim_unicode_next(&s))) {
        if (utf8proc_category(cp) == UTF8PROC_CATEGORY_CC) {
            return scim_error(p, SCIM_E_INVALID_VALUE, "password holds a control character");
        }
        to = scim_unicode_put(to, utf8proc_category(cp) == UTF8PROC_CATEGORY_ZS ? ' ' : cp);
    }
    *to = '\0';
    *prepared = *s ? NULL : scim_unicode_map(p, spaced, UTF8PROC_COMPOSE);
    if (!*prepared) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "password is not valid UTF-8");
    }
    if (strict && find_forbidden(*prepared, strlen(*prepared), is_freeform)) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "password holds a character that passwords may not have, such as an invisible one; "
                                                   "letters, digits, spaces, punctuation and symbols are fine");
    }
    return NULL;
}
