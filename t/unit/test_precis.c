/* Which characters PRECIS lets into userNames and passwords. */
#include "unit.h"

#include "../../mod_scim/core/base/precis.h"
#include "../../mod_scim/core/base/username.h"

static scim_error_t *check(fixture_t *f, const char *name)
{
    return scim_username_precis_check(f->p, scim_username_precis(f->p, name));
}

static void names(void **state)
{
    static const char *const good[] = {
        "mira.solheim@fjordvik.example", "Mira Solheim", "o'neil+x~!#$%&*=?^`{|}", "\uFF41\uFF4C", "stra\u00DFe", "\u7528\u6237",
        "\u05E9\u05DC\u05D5\u05DD", "\u0645\u064A\u0631\u0627 \u0633", "col\u00B7lega", "\u30A2\u30FB\u30A4", "\u0645\u0665", "\u06F5", "e\u0301",
        "\u0915\u094D\u200D\u0937", "\u0375\u03B1", "\u05D0\u05F3", "\u03C2", "\u05D01",
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(good); i++) {
        unit_no_error(good[i], check(f, good[i]));
    }
}

static void no_names(void **state)
{
    static const char *const bad[] = {
        "", "   ", " a", "a ", "a\u200Bb", "a\u200Db", "ab\x07", "a\x7F", "\uE000", "a\u202Eb", "\u0378", "a\nb", "a\tb", "a\u00A0b", "a\u00ADb",
        "\u2665", "\u20AC", "a\u00D7b", "\u00A9", "\U0001F600", "\u2019", "\uFB01n", "x\u00B2", "\u2163", "a\u00B7b", "\u30FB", "a\u0375",
        "\u05F3", "\u0640", "\u1100", "\u0660\u06F0", "\u05D0a", "a\u05D0", "\u05D0-", "\u05D01\u0661", "\u3164", "\uFDD0", "\u0488", "\u0665",
        "\u30AB \u30FB",
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(bad); i++) {
        unit_error(apr_psprintf(f->p, "I-03, C-34: <%s>", bad[i]), check(f, bad[i]), "invalidValue");
    }
}

static void passwords(void **state)
{
    static const struct {
        const char *given, *prepared;
    } good[] = {
        { "Pa\u00DFe\u0301\u00A0\u3000Z", "Pa\u00DF\u00E9  Z" },
        { "Q7-x ~!@#$%^&*()_+{}|:\"<>?`[]\\;',./", "Q7-x ~!@#$%^&*()_+{}|:\"<>?`[]\\;',./" },
        { " ", " " },
        { "\u1100\u1161", "\uAC00" },                   /* syllables in parts are composed first */
        { "\uFF21\uFB01", "\uFF21\uFB01" },             /* nothing but spaces is mapped */
        { "\u2665\u20AC\u00D7\u2019\u2163\u00BD\u0488\u01C5", "\u2665\u20AC\u00D7\u2019\u2163\u00BD\u0488\u01C5" },
        { "\U0001F600", "\U0001F600" },
        { "\u05D0a\u0661", "\u05D0a\u0661" },            /* no rule for directions */
        { "l\u00B7l", "l\u00B7l" },
        { "\u30AB a \u30FB", "\u30AB a \u30FB" },         /* its company may stand anywhere */
        { "a\u30FB \u30AB", "a\u30FB \u30AB" },
        { "\u0915\u094D\u200D\u0937", "\u0915\u094D\u200D\u0937" },
    };
    static const char *const controls[] = { "a\tb", "a\x7F", "\xC2\x85", "\n", "\u200Ba\x07" };
    static const char *const unseen[] = {
        "a\u200Bb", "a\u00ADb", "\uFEFFa", "a\uE000", "a\u0378", "a\u2028b", "a\u2029b", "\uFDD0", "\U0010FFFD", "\u1100", "a\u200Db", "\u3164",
        "\u0640", "a\u00B7b", "\u0660\u06F0", "a\u202Eb", "\u0600", "\uFFF9", "a\uFE0F", "\U0001F469\u200D\U0001F4BB",
    };
    fixture_t *f = *state;
    const char *prepared;
    size_t i;
    int strict;

    for (strict = 0; strict <= 1; strict++) {
        for (i = 0; i < COUNT(good); i++) {
            unit_no_error(good[i].given, scim_password_prepare(f->p, good[i].given, strict, &prepared));
            unit_text("I-04", prepared, good[i].prepared);
        }
        for (i = 0; i < COUNT(controls); i++) {
            unit_error(apr_psprintf(f->p, "I-04: <%s>", controls[i]), scim_password_prepare(f->p, controls[i], strict, &prepared), "invalidValue");
        }
        unit_error("I-04: nothing", scim_password_prepare(f->p, "", strict, &prepared), "invalidValue");
        unit_error("I-04: no UTF-8", scim_password_prepare(f->p, "a\xC3", strict, &prepared), "invalidValue");
    }
    for (i = 0; i < COUNT(unseen); i++) {
        unit_error(apr_psprintf(f->p, "I-04: <%s>", unseen[i]), scim_password_prepare(f->p, unseen[i], 1, &prepared), "invalidValue");
        unit_no_error(unseen[i], scim_password_prepare(f->p, unseen[i], 0, &prepared));
        unit_text("I-04: as it is", prepared, unseen[i]);
    }
    unit_no_error("I-04", scim_password_prepare(f->p, "e\u0301\u00A0\u200B", 0, &prepared));
    unit_text("I-04: spaces and NFC all the same", prepared, "\u00E9 \u200B");
}

/* No detail of an error, which may be logged, tells a character of a password. */
static void untold(void **state)
{
    fixture_t *f = *state;
    const char *prepared;
    scim_error_t *err = scim_password_prepare(f->p, "x\u200By", 1, &prepared);

    assert_null(strstr(err->detail, "200B"));
    assert_null(strstr(err->detail, "\u200B"));
}

/* What cannot fit is refused before it is looked at. */
static void long_passwords(void **state)
{
    fixture_t *f = *state;
    char *text = apr_pcalloc(f->p, 10000);
    const char *prepared;
    scim_error_t *err;
    size_t i;

    for (i = 0; i < 4 * SCIM_LONGEST_PASSWORD; i += 2) {
        memcpy(text + i, i % 4 ? "\u0316" : "\u0301", 2);
    }
    unit_no_error("I-04", scim_password_prepare(f->p, text, 0, &prepared));
    memcpy(text + i, "\u0316", 2);
    err = scim_password_prepare(f->p, text, 0, &prepared);
    unit_error("I-04", err, "invalidValue");
    assert_non_null(strstr(err->detail, "511"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(names), UNIT(no_names), UNIT(passwords), UNIT(untold), UNIT(long_passwords) };

    return UNIT_RUN(tests);
}
