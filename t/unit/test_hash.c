#include "unit.h"

#include "../../mod_scim/core/base/hash.h"

#define BITS 12

/* A text that APR's own hash, times 33, cannot tell from others: bit by bit one of two pairs that it takes for the same. */
static const char *colliding(apr_pool_t *p, unsigned number)
{
    char *text = apr_palloc(p, BITS * 2 + 1);
    int i;

    for (i = 0; i < BITS; i++) {
        memcpy(text + 2 * i, number >> i & 1 ? "0a" : "1@", 2);
    }
    text[BITS * 2] = '\0';
    return text;
}

/* Nobody can send texts that all fall in one place. */
static void spread(void **state)
{
    fixture_t *f = *state;
    apr_hash_t *values = apr_hash_make(f->p);
    apr_ssize_t len;
    unsigned i, first;

    len = APR_HASH_KEY_STRING;
    first = apr_hashfunc_default(colliding(f->p, 0), &len);
    for (i = 0; i < 1u << BITS; i++) {
        unsigned *value = apr_palloc(f->p, sizeof *value);
        len = APR_HASH_KEY_STRING;
        assert_int_equal(apr_hashfunc_default(colliding(f->p, i), &len), first);
        len = APR_HASH_KEY_STRING;
        *value = scim_hash_text(colliding(f->p, i), &len);
        assert_int_equal(len, BITS * 2);
        apr_hash_set(values, value, sizeof *value, "");
    }
    assert_true(apr_hash_count(values) > (1u << BITS) - 16);
}

static void same_text(void **state)
{
    fixture_t *f = *state;
    apr_ssize_t whole = APR_HASH_KEY_STRING, part = 3;

    assert_int_equal(scim_hash_text("abc", &whole), scim_hash_text(apr_pstrdup(f->p, "abcd"), &part));
    assert_int_equal(whole, 3);
    assert_int_equal(part, 3);
}

static void a_table(void **state)
{
    fixture_t *f = *state;
    apr_hash_t *table = scim_hash_make(f->p);
    unsigned i;

    for (i = 0; i < 1u << BITS; i++) {
        apr_hash_set(table, colliding(f->p, i), APR_HASH_KEY_STRING, colliding(f->p, i));
    }
    assert_int_equal(apr_hash_count(table), 1u << BITS);
    for (i = 0; i < 1u << BITS; i++) {
        unit_text("found", apr_hash_get(table, colliding(f->p, i), APR_HASH_KEY_STRING), colliding(f->p, i));
    }
    assert_null(apr_hash_get(table, "x", APR_HASH_KEY_STRING));
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(spread), UNIT(same_text), UNIT(a_table) };

    return UNIT_RUN(tests);
}
