#include "unit.h"

#include "../../mod_scim/core/base/datetime.h"

static void equal_instants(void **state)
{
    static const char *const same[] = {
        "2024-01-01T00:00:00Z",      "2024-01-01T00:00:00",           "2024-01-01T00:00:00.000Z", "2024-01-01T02:00:00+02:00",
        "2023-12-31T19:30:00-04:30", "2024-01-01T14:00:00+14:00",     "2023-12-31T24:00:00Z",     "2024-01-01T00:00:00.0000009Z",
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(same); i++) {
        apr_time_t t;
        if (!scim_datetime_parse(same[i], &t) || t != apr_time_from_sec(1704067200)) {
            fail_msg("C-28 %s", same[i]);
        }
    }
}

static void refused(void **state)
{
    static const char *const bad[] = {
        "",
        "yesterday",
        "2024-01-01",
        "2024-01-01T",
        "2024-01-01T00:00Z",
        "2024-01-01 00:00:00Z",
        "2024-1-1T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "2024-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2024-01-01T24:00:01Z",
        "2024-01-01T24:00:00.5Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:60Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00+15:00",
        "2024-01-01T00:00:00+14:01",
        "2024-01-01T00:00:00+02",
        "2024-01-01T00:00:00z",
        "2024-01-01T00:00:00Zx",
        "2024-01-01T00:00:00.1x",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T24:00:00Z",
        "0001-01-01T00:00:00+14:00",
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bad); i++) {
        apr_time_t t;
        if (scim_datetime_parse(bad[i], &t)) {
            fail_msg("C-28 %s is no dateTime", bad[i]);
        }
    }
}

static void texts(void **state)
{
    static const struct {
        const char *in, *text, *key;
    } cases[] = {
        { "2026-01-05T08:00:00.123456Z", "2026-01-05T08:00:00.123456Z", "2026-01-05T08:00:00.123456Z" },
        { "2026-01-05T08:00:00Z", "2026-01-05T08:00:00Z", "2026-01-05T08:00:00.000000Z" },
        { "2026-01-05T08:00:00.5Z", "2026-01-05T08:00:00.500000Z", "2026-01-05T08:00:00.500000Z" },
        { "2024-02-29T23:59:59.999999999Z", "2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999Z" },
        { "2000-02-29T12:00:00+02:00", "2000-02-29T10:00:00Z", "2000-02-29T10:00:00.000000Z" },
        { "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z" },
        { "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z" },
        { "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000Z" },
        { "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z" },
        { "2023-12-31T23:00:00-02:00", "2024-01-01T01:00:00Z", "2024-01-01T01:00:00.000000Z" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        apr_time_t t;
        if (!scim_datetime_parse(cases[i].in, &t)) {
            fail_msg("%s is a dateTime", cases[i].in);
        }
        unit_text(cases[i].in, scim_datetime_text(f->p, t), cases[i].text);
        unit_text(cases[i].in, scim_datetime_key(f->p, t), cases[i].key);
    }
}

static void keys_sort_as_instants(void **state)
{
    fixture_t *f = *state;
    apr_time_t day = apr_time_from_sec(86400), t;
    const char *before = NULL;

    for (t = -200 * 366 * day; t < 300 * 366 * day; t += 37 * day + 12345678) {
        const char *key = scim_datetime_key(f->p, t);
        apr_time_t back;
        assert_true(scim_datetime_parse(key, &back));
        assert_true(back == t);
        assert_true(!before || strcmp(before, key) < 0);
        before = key;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(equal_instants), UNIT(refused), UNIT(texts), UNIT(keys_sort_as_instants) };

    return UNIT_RUN(tests);
}
