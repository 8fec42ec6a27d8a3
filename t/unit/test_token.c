#include "unit.h"

#include "../../mod_scim/core/base/token.h"

static const char *made(apr_pool_t *p, unsigned char fill)
{
    unsigned char random[SCIM_TOKEN_RANDOM];

    memset(random, fill, sizeof random);
    return scim_token_make(p, random);
}

static void form(void **state)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    fixture_t *f = *state;
    unsigned char random[SCIM_TOKEN_RANDOM] = { 0 };
    const char *token;
    int fill;

    /* CRC-32 as every other program computes it: of "scim_" and 43 zeros, to the base 62. */
    unit_text("all bits 0", made(f->p, 0), "scim_000000000000000000000000000000000000000000030Xdgi");
    unit_text("all bits 1", made(f->p, 255), "scim_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp10Htzbw");
    random[31] = 61;
    unit_text("the last digit", apr_pstrndup(f->p, scim_token_make(f->p, random), 48), "scim_000000000000000000000000000000000000000000z");
    random[31] = 62;
    unit_text("a digit more", apr_pstrndup(f->p, scim_token_make(f->p, random), 48), "scim_0000000000000000000000000000000000000000010");
    for (fill = 0; fill < 256; fill++) {
        token = made(f->p, (unsigned char)fill);
        assert_int_equal(strlen(token), 54);
        assert_int_equal(strspn(token + 5, digits), 49);
        assert_int_equal(scim_token_plausible(token), 1);
    }
}

/* One character changed, two exchanged, one more or less: never taken for a token. */
static void garbage(void **state)
{
    fixture_t *f = *state;
    unsigned char random[SCIM_TOKEN_RANDOM];
    const char *token;
    char *copy;
    size_t i, j;

    for (i = 0; i < sizeof random; i++) {
        random[i] = (unsigned char)(7 * i + 3);
    }
    token = scim_token_make(f->p, random);
    for (i = 5; i < strlen(token); i++) {
        for (j = 0; j < 62; j++) {
            copy = apr_pstrdup(f->p, token);
            copy[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[j];
            assert_int_equal(scim_token_plausible(copy), copy[i] == token[i]);
        }
        assert_int_equal(scim_token_plausible(apr_pstrndup(f->p, token, i)), 0);
    }
    for (i = 5; i + 1 < strlen(token); i++) {
        copy = apr_pstrdup(f->p, token);
        copy[i] = token[i + 1];
        copy[i + 1] = token[i];
        assert_int_equal(scim_token_plausible(copy), token[i] == token[i + 1]);
    }
}

static void other_forms(void **state)
{
    static const struct {
        const char *text;
        int expected;
    } cases[] = {
        { "", -1 },
        { "scim", -1 },
        { "scim_", 0 },
        { "scim_x", 0 },
        { "SCIM_000000000000000000000000000000000000000000030Xdgi", -1 },
        { "scim_000000000000000000000000000000000000000000030Xdgi0", 0 },
        { "scim_000000000000000000000000000000000000000000-30Xdgi", 0 },
        { "scim_0000000000000000000000000000000000000000000\xc3\xa5\xc3\xa5\xc3\xa5", 0 },
        { "scim_000000000000000000000000000000000000000000030Xdgi-", 0 },
        { " scim_000000000000000000000000000000000000000000030Xdgi", -1 },
        { "eyJhbGciOiJSUzI1NiJ9.e30.c2ln", -1 },
        { "0123456789abcdef", -1 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        if (scim_token_plausible(cases[i].text) != cases[i].expected) {
            fail_msg("<%s>: expected %d", cases[i].text, cases[i].expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(form), UNIT(garbage), UNIT(other_forms) };

    return UNIT_RUN(tests);
}
