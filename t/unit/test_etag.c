#include "unit.h"

#include "../../mod_scim/core/base/etag.h"

static void form(void **state)
{
    fixture_t *f = *state;
    const char *plain = scim_etag(f->p, 7, NULL), *grouped = scim_etag(f->p, 7, "{\"value\":\"g1\"}");

    unit_text("E-02", plain, "W/\"7\"");
    unit_text("no groups are the same as none loaded", scim_etag(f->p, 7, ""), plain);
    assert_int_equal(strlen(grouped), strlen("W/\"7-0123456789abcdef\""));
    assert_int_equal(strncmp(grouped, "W/\"7-", 5), 0);
    unit_text("E-10 the same groups give the same tag", scim_etag(f->p, 7, "{\"value\":\"g1\"}"), grouped);
    if (strcmp(grouped, scim_etag(f->p, 7, "{\"value\":\"g2\"}")) == 0) {
        fail_msg("E-11 other groups give another tag");
    }
}

static void versions(void **state)
{
    static const struct {
        const char *header;
        int matches; /* version 7 */
    } cases[] = {
        { "W/\"7\"", 1 },
        { "\"7\"", 1 },
        { "W/\"7-0123456789abcdef\"", 1 },
        { "*", 1 },
        { " * ", 1 },
        { "\"a\", W/\"7\"", 1 },
        { "W/\"6\" , W/\"8\",W/\"7\" ", 1 },
        { "\"a,b\", \"7\"", 1 },
        { "W/\"6\"", 0 },
        { "W/\"77\"", 0 },
        { "W/\"70\"", 0 },
        { "W/\"7x\"", 0 },
        { "W/\"x7\"", 0 },
        { "W/\"-7\"", 0 },
        { "W/\"99999999999999999999999999\"", 0 },
        { "W/\"+7\"", 0 },
        { "W/\"7- x\"", 0 },
        { "7", 0 },
        { "abc", 0 },
        { "W/7", 0 },
        { "w/\"7\"", 0 },
        { "W/\"7", 0 },
        { "\"7\" x", 0 },
        { "\"7", 0 },
        { "\"", 0 },
        { "", 0 },
        { " , ,", 0 },
        { "*, \"7\"x", 0 },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        if (scim_match_version(scim_match_parse(f->p, cases[i].header), 7) != cases[i].matches) {
            fail_msg("E-05 to E-07, E-14: If-Match: %s must %smatch", cases[i].header, cases[i].matches ? "" : "not ");
        }
    }
    assert_int_equal(scim_match_version(scim_match_parse(f->p, "W/\"9999999999999999999\""), APR_INT64_MAX), 0);
    assert_null(scim_match_parse(f->p, NULL));
    assert_int_equal(scim_match_version(NULL, 7), 1);
}

static void whole_tags(void **state)
{
    fixture_t *f = *state;
    const char *tag = scim_etag(f->p, 7, "x"), *list = apr_pstrcat(f->p, "\"x\", ", tag, NULL);

    assert_int_equal(scim_match_tag(NULL, tag), 0);
    assert_int_equal(scim_match_tag(scim_match_parse(f->p, "*"), tag), 1);
    assert_int_equal(scim_match_tag(scim_match_parse(f->p, tag), tag), 1);
    assert_int_equal(scim_match_tag(scim_match_parse(f->p, tag + 2), tag), 1);
    assert_int_equal(scim_match_tag(scim_match_parse(f->p, list), tag), 1);
    assert_int_equal(scim_match_tag(scim_match_parse(f->p, "W/\"7\""), tag), 0);
    assert_int_equal(scim_match_tag(scim_match_parse(f->p, "W/\"7-\""), tag), 0);
    assert_int_equal(scim_match_tag(scim_match_parse(f->p, "garbage"), tag), 0);
    assert_int_equal(scim_match_tag(scim_match_parse(f->p, "W/\"7-gzip\", \"8;gzip\""), "W/\"7\""), 1);
    assert_int_equal(scim_match_tag(scim_match_parse(f->p, "W/\"7--gzip\""), "W/\"7\""), 1);
    assert_int_equal(scim_match_tag(scim_match_parse(f->p, "W/\"7-zip\""), "W/\"7\""), 0);
    assert_int_equal(scim_match_tag(scim_match_parse(f->p, "W/\"-gzip\""), "W/\"\""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(form), UNIT(versions), UNIT(whole_tags) };

    return UNIT_RUN(tests);
}
