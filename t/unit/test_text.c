#include "unit.h"

#include "../../mod_scim/core/base/text.h"
#include "../../mod_scim/core/base/utf8.h"

static void folding(void **state)
{
    static const struct {
        const char *title, *a, *b;
        int equal;
    } cases[] = {
        { "F-09", "JENSEN", "jensen", 1 },
        { "I-05", "\u00C9MILE", "\u00E9mile", 1 },
        { "I-05 no Turkish i", "TITLE", "title", 1 },
        { "I-05 composed and not", "\u00E9", "e\u0301", 1 },
        { "I-05 full folding", "stra\u00DFe", "STRASSE", 1 },
        { "I-05 final sigma", "\u03A3\u03AF\u03C3\u03C5\u03C6\u03BF\u03C2", "\u03C3\u03AF\u03C3\u03C5\u03C6\u03BF\u03C3", 1 },
        { "I-06", "Jose", "Jos\u00E9", 0 },
        { "spaces count", "a b", "ab", 0 },
        { "empty", "", "", 1 },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        if ((strcmp(scim_fold(f->p, cases[i].a), scim_fold(f->p, cases[i].b)) == 0) != cases[i].equal) {
            fail_msg("%s: %s and %s", cases[i].title, cases[i].a, cases[i].b);
        }
    }
}

static void folding_is_stable(void **state)
{
    static const char *const samples[] = { "\u00C9MILE", "stra\u00DFe", "\u1E9E", "\uFB01", "\u0130", "\u0345", "\uFF21", "a\u0327\u0301" };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(samples); i++) {
        const char *once = scim_fold(f->p, samples[i]);
        unit_text("folding twice changes nothing more", scim_fold(f->p, once), once);
    }
}

static void utf8(void **state)
{
    (void)state;
    assert_true(scim_utf8_valid("", 0));
    assert_true(scim_utf8_valid("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 10));
    assert_true(scim_utf8_valid("\xF4\x8F\xBF\xBF", 4));
    assert_false(scim_utf8_valid("\x80", 1));
    assert_false(scim_utf8_valid("\xC3", 1));
    assert_false(scim_utf8_valid("\xC1\xBF", 2));
    assert_false(scim_utf8_valid("\xE0\x80\x80", 3));
    assert_false(scim_utf8_valid("\xED\xBF\xBF", 3));
    assert_false(scim_utf8_valid("\xF4\x90\x80\x80", 4));
    assert_false(scim_utf8_valid("\xF8\x88\x80\x80\x80", 5));
    assert_false(scim_utf8_valid("\xE2\x82\xAC", 2));
}

static void ascii_comparison(void **state)
{
    fixture_t *f = *state;

    assert_true(scim_ieqn(apr_pstrdup(f->p, "ends"), apr_pstrdup(f->p, "ENDS"), 100));
    assert_true(scim_ieq("userName", "USERNAME"));
    assert_false(scim_ieq("userName", "userNam"));
    assert_false(scim_ieq("userNam", "userName"));
    assert_false(scim_ieq("\xC3\xA9", "\xC3\x89"));
    assert_true(scim_ieq("", ""));
    assert_true(scim_ieqn("emails.value", "EMAILS[", 6));
    assert_false(scim_ieqn("emails.value", "EMAILS[", 7));
}

static void uuids(void **state)
{
    static const unsigned char random[8] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    static const unsigned char zeros[8] = { 0 };
    fixture_t *f = *state;

    unit_text("RFC 9562", scim_uuid7(f->p, APR_INT64_C(0x0190abcdef12) * 1000 + 999, random), "0190abcd-ef12-7ffb-bfff-ffffffffffff");
    unit_text("RFC 9562", scim_uuid7(f->p, 0, zeros), "00000000-0000-7000-8000-000000000000");
    assert_true(scim_is_uuid("0190abcd-ef12-7fff-bfff-ffffffffffff"));
    assert_false(scim_is_uuid("0190ABCD-EF12-7FFF-BFFF-FFFFFFFFFFFF"));
    assert_false(scim_is_uuid(""));
    assert_false(scim_is_uuid("0190abcd-ef12-7fff-bfff-fffffffffff"));
    assert_false(scim_is_uuid("0190abcd-ef12-7fff-bfff-fffffffffffff"));
    assert_false(scim_is_uuid("0190abcdxef12-7fff-bfff-ffffffffffff"));
    assert_false(scim_is_uuid("0190abcg-ef12-7fff-bfff-ffffffffffff"));
    assert_false(scim_is_uuid("{190abcd-ef12-7fff-bfff-ffffffffffff"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(folding), UNIT(folding_is_stable), UNIT(utf8), UNIT(ascii_comparison),
                                        UNIT(uuids) };

    return UNIT_RUN(tests);
}
