#include "unit.h"

#include "../../mod_scim/core/query/cursor.h"

static const scim_seal_key_t one = { 0x01020304, "0123456789abcdef0123456789abcde" }, other = { 0x01020305, "0123456789abcdef0123456789abcdf" };
static const unsigned char random_bytes[SCIM_SEAL_RANDOM] = "random bytes";

static const char *sealed(apr_pool_t *p, const char *about, const char *data)
{
    return scim_seal(p, &one, random_bytes, about, data, strlen(data));
}

static const char *opened(apr_pool_t *p, const scim_seal_key_t *key, const char *about, const char *text)
{
    apr_size_t len = 99;
    const char *data = (const char *)scim_unseal(p, key, about, text, &len);

    if (data) {
        assert_int_equal(strlen(data), len);
    }
    return data;
}

static void sealing(void **state)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    fixture_t *f = *state;
    char data[200] = "";
    apr_size_t i;

    for (i = 0; i < sizeof data - 1; i++) {
        const char *text = sealed(f->p, "about", data);
        assert_int_equal(strspn(text, unreserved), strlen(text));
        assert_int_equal(scim_seal_key_id(f->p, text), 0x01020304);
        unit_text("K-04: what was sealed", opened(f->p, &one, "about", text), data);
        assert_null(opened(f->p, &other, "about", text));
        assert_null(opened(f->p, &one, "abouT", text));
        assert_null(opened(f->p, &one, "", text));
        data[i] = (char)('a' + i % 26);
    }
    assert_null(strstr(sealed(f->p, "", "bjensen@example.com"), "bjensen"));
}

/* Every other text is refused: one character changed, in any place to any other; one more or less. */
static void tampering(void **state)
{
    fixture_t *f = *state;
    apr_size_t n, i, j;

    for (n = 1; n <= 3; n++) {
        const char *text = sealed(f->p, "about", apr_pstrndup(f->p, "abc", n));
        for (i = 0; i < strlen(text); i++) {
            for (j = 0; j < 64; j++) {
                char *changed = apr_pstrdup(f->p, text);
                changed[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[j];
                if (changed[i] != text[i]) {
                    assert_null(opened(f->p, &one, "about", changed));
                }
            }
            assert_null(opened(f->p, &one, "about", apr_pstrndup(f->p, text, i)));
        }
        assert_null(opened(f->p, &one, "about", apr_pstrcat(f->p, text, "A", NULL)));
        assert_null(opened(f->p, &one, "about", apr_pstrcat(f->p, text, "=", NULL)));
        assert_null(opened(f->p, &one, "about", apr_pstrcat(f->p, text, "==", NULL)));
    }
}

static void no_seals(void **state)
{
    static const char *const texts[] = { "", "A", "AA", "AAAA", "+AAA", "/AAA", "A A", "....", "\xc3\xa9",
                                         "AQIDBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
    fixture_t *f = *state;
    char *long_text = apr_palloc(f->p, 20001);
    apr_size_t i;

    for (i = 0; i < COUNT(texts); i++) {
        assert_int_equal(scim_seal_key_id(f->p, texts[i]), 0);
        assert_null(opened(f->p, &one, "", texts[i]));
    }
    memset(long_text, 'B', 20000);
    long_text[20000] = '\0';
    assert_int_equal(scim_seal_key_id(f->p, long_text), 0);
    assert_null(opened(f->p, &one, "", long_text));
}

static void cursors(void **state)
{
    static const scim_cursor_t cursors_of[] = {
        { 1700000000, 0, 1, { "01900000-0000-7000-8000-000000000007", NULL } },
        { 0, APR_INT64_C(9007199254740991), 100000, { "01900000-0000-7000-8000-000000000007", "" } },
        { APR_INT64_C(253402300799), 200000, 1000, { "ffffffff-ffff-ffff-ffff-ffffffffffff", "bj\xc3\xb8rn@example.com" } },
    };
    fixture_t *f = *state;
    scim_cursor_t read;
    apr_size_t i;

    for (i = 0; i < COUNT(cursors_of); i++) {
        const scim_cursor_t *cursor = &cursors_of[i];
        const char *text = scim_cursor_write(f->p, &one, random_bytes, "T", cursor);
        assert_true(scim_cursor_read(f->p, &one, "T", text, &read));
        assert_true(read.issued == cursor->issued && read.total == cursor->total && read.count == cursor->count);
        unit_text("id", read.after.id, cursor->after.id);
        if (cursor->after.key) {
            unit_text("sort key", read.after.key, cursor->after.key);
        }
        else {
            assert_null(read.after.key);
        }
        assert_false(scim_cursor_read(f->p, &one, "t", text, &read));
        assert_false(scim_cursor_read(f->p, &other, "T", text, &read));
    }
    assert_false(scim_cursor_read(f->p, &one, "T", sealed(f->p, "T", "short"), &read));
    assert_false(scim_cursor_read(f->p, &one, "T", sealed(f->p, "T", "another form, of fifty-seven bytes or of some more of them"), &read));
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(sealing), UNIT(tampering), UNIT(no_seals), UNIT(cursors) };

    return UNIT_RUN(tests);
}
