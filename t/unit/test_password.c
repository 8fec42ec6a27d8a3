#include "unit.h"

#include "../../mod_scim/core/resource/password.h"

static const unsigned char salt[SCIM_PASSWORD_RANDOM] = "abcdefghijklmno";

static void hashed(void **state)
{
    static const unsigned char other_salt[SCIM_PASSWORD_RANDOM] = "bbcdefghijklmno";
    fixture_t *f = *state;
    const char *hash, *again;

    unit_no_error("SE-13", scim_password_hash(f->p, "Q7-x", salt, &hash));
    assert_memory_equal(hash, "$y$", 3);
    assert_null(strstr(hash, "Q7-x"));
    unit_no_error("SE-13", scim_password_hash(f->p, "Q7-x", salt, &again));
    unit_text("the salt decides", again, hash);
    unit_no_error("SE-13", scim_password_hash(f->p, "Q7-x", other_salt, &again));
    assert_string_not_equal(again, hash);
    assert_true(scim_password_verify(f->p, "Q7-x", hash));
    assert_true(scim_password_verify(f->p, "Q7-x", again));
    assert_false(scim_password_verify(f->p, "Q7-X", hash));
    assert_false(scim_password_verify(f->p, "", hash));
}

/* bcrypt looked at 72 bytes only. */
static void long_passwords(void **state)
{
    fixture_t *f = *state;
    char *password = apr_palloc(f->p, SCIM_LONGEST_PASSWORD + 2);
    const char *hash;

    memset(password, 'x', SCIM_LONGEST_PASSWORD + 1);
    password[SCIM_LONGEST_PASSWORD + 1] = '\0';
    unit_error("too long", scim_password_hash(f->p, password, salt, &hash), "invalidValue");
    password[SCIM_LONGEST_PASSWORD] = '\0';
    unit_no_error("as long as may be", scim_password_hash(f->p, password, salt, &hash));
    assert_true(scim_password_verify(f->p, password, hash));
    password[SCIM_LONGEST_PASSWORD - 1] = 'y';
    assert_false(scim_password_verify(f->p, password, hash));
}

/* Hashes of rows that were written before, and of directories that are imported. */
static void other_methods(void **state)
{
    static const char *const hashes[] = {
        "$2y$10$abcdefghijklmnopqrstuu5dqBL2lLarLJWHlVN7BWPuR9eQodIgy",
        "$2b$04$abcdefghijklmnopqrstuu39EgS.Mi9sKmg3QTgy8iOpYbLWnclmK",
        "$6$rounds=1000$abcdefgh$7QMJk1Lg70U0JdvQfdLWqFe.sYRegVsTwWHBQguObSehN1PG/DQZaTgLhWoTi33f42BWQ.cAIBoS/v1afwc0Y.",
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(hashes); i++) {
        if (!scim_password_verify(f->p, "Q7-x", hashes[i])) {
            fail_msg("%s is not verified", hashes[i]);
        }
        assert_false(scim_password_verify(f->p, "Q7-y", hashes[i]));
    }
    assert_false(scim_password_verify(f->p, "Q7-x", ""));
    assert_false(scim_password_verify(f->p, "Q7-x", "*0"));
    assert_false(scim_password_verify(f->p, "Q7-x", "Q7-x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(hashed), UNIT(long_passwords), UNIT(other_methods) };

    return UNIT_RUN(tests);
}
