#include "unit.h"

#include "../../mod_scim/core/base/decimal.h"

static void ordered(void **state)
{
    /* Each below the next. */
    static const char *const rising[] = { "-1e401", "-1e400", "-9007199254740993", "-9007199254740992.0", "-10", "-1.5", "-1", "-0.001",
                                          "0", "1e-1000", "0.1", "0.10000000000000000555", "0.11", "1", "1.00000000000000000001", "2e0",
                                          "9.99", "10", "9007199254740992.0", "9007199254740993", "9223372036854775807", "1e400", "1e401",
                                          "1e99999999999999999999" };
    size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(rising); i++) {
        for (j = 0; j < COUNT(rising); j++) {
            int sign = scim_decimal_compare(rising[i], rising[j]);
            if ((sign > 0) - (sign < 0) != (i > j) - (i < j)) {
                fail_msg("C-27 %s against %s: %d", rising[i], rising[j], sign);
            }
        }
    }
}

static void equal(void **state)
{
    static const struct {
        const char *a, *b, *key;
    } cases[] = {
        { "3.10", "3.1", "31e-1" },      { "0", "-0.000e5", "0" },      { "100", "1e2", "1e2" },        { "0.001E+3", "1", "1" },
        { "-12.50", "-125e-1", "-125e-1" }, { "1E400", "10e399", "1e400" }, { "00.5", "5e-1", "5e-1" }, { "123", "1.23e2", "123" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        if (scim_decimal_compare(cases[i].a, cases[i].b) != 0) {
            fail_msg("C-27 %s is not %s", cases[i].a, cases[i].b);
        }
        unit_text(cases[i].a, scim_decimal_key(f->p, cases[i].a), cases[i].key);
        unit_text(cases[i].b, scim_decimal_key(f->p, cases[i].b), cases[i].key);
    }
}

static void limits(void **state)
{
    fixture_t *f = *state;
    char *digits = apr_palloc(f->p, SCIM_DECIMAL_MOST + 2);

    memset(digits, '7', SCIM_DECIMAL_MOST + 1);
    digits[SCIM_DECIMAL_MOST + 1] = '\0';
    assert_null(scim_decimal_key(f->p, digits));
    digits[SCIM_DECIMAL_MOST] = '0';
    assert_non_null(scim_decimal_key(f->p, digits));
    digits[SCIM_DECIMAL_MOST] = '\0';
    unit_text("as many digits as there may be", scim_decimal_key(f->p, digits), digits);
    unit_text("the largest power", scim_decimal_key(f->p, "1e1000"), "1e1000");
    unit_text("the smallest power", scim_decimal_key(f->p, "1e-1000"), "1e-1000");
    assert_null(scim_decimal_key(f->p, "1e1001"));
    assert_null(scim_decimal_key(f->p, "-1e-1001"));
    assert_null(scim_decimal_key(f->p, "1e99999999999999999999"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(ordered), UNIT(equal), UNIT(limits) };

    return UNIT_RUN(tests);
}
