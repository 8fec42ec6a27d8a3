#include "unit.h"

#include <apr_hash.h>

#include "../../mod_scim/core/base/words.h"
#include "../../mod_scim/core/profile/profile_read.h"

static void words(void **state)
{
    static const struct {
        const char *line, *joined;     /* the words, each in <> */
    } cases[] = {
        { "", "" },
        { " \t ", "" },
        { "one", "<one>" },
        { "  one\ttwo   three ", "<one><two><three>" },
        { "a \"b c\" d", "<a><b c><d>" },
        { "a 'b \"c\"'", "<a><b \"c\">" },
        { "\"\\\"Dr.\\\"\"", "<\"Dr.\">" },
        { "\"a\\\\b\" 'it\\'s'", "<a\\b><it's>" },
        { "\"\" x", "<><x>" },
        { "\"never closed", "<never closed>" },
        { "a\\b c\\\\d e\\", "<a\\b><c\\d><e\\>" },
        { "a\"b c\"", "<a\"b><c\">" },
        { "\"a\"b", "<a><b>" },
        { "\"ends in \\", "<ends in \\>" },
        { "\"ends in \\\\\" x", "<ends in \\><x>" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        apr_array_header_t *found = scim_words(f->p, cases[i].line);
        const char *joined = "";
        int k;
        for (k = 0; k < found->nelts; k++) {
            joined = apr_pstrcat(f->p, joined, "<", APR_ARRAY_IDX(found, k, const char *), ">", NULL);
        }
        unit_text(cases[i].line, joined, cases[i].joined);
    }
}

static void opening(void **state)
{
    static const struct {
        const char *args, *error;
    } cases[] = {
        { " own>", NULL },
        { " \"own\" >", NULL },
        { " own", "<SCIMProfile is not closed by '>'" },
        { ">", "<SCIMProfile> needs a name, and one only" },
        { " \"\">", "<SCIMProfile> needs a name, and one only" },
        { " own other>", "<SCIMProfile> needs a name, and one only" },
        { " there>", "<SCIMProfile there> is there twice" },
    };
    fixture_t *f = *state;
    apr_hash_t *specs = apr_hash_make(f->p);
    size_t i;

    apr_hash_set(specs, "there", APR_HASH_KEY_STRING, f);
    for (i = 0; i < COUNT(cases); i++) {
        scim_profile_spec_t *spec = NULL;
        scim_error_t *err = scim_profile_open(f->p, specs, cases[i].args, &spec);
        unit_text(cases[i].args, err ? err->detail : spec->name, cases[i].error ? cases[i].error : "own");
    }
}

static void lines(void **state)
{
    static const char *const good[] = {
        "",
        "# SCIMNonsense",
        "SCIMInherit default",
        "  scimresourcetype Device /Devices urn:x:y  ",
        "SCIMRequire User externalId name.familyName",
        "SCIMDefault User title \"\\\"Dr.\\\"\"",
        "SCIMUserName EMAIL",
        "SCIMDialect none +upsert string-boolean -upsert",
    };
    static const struct {
        const char *line, *error;
    } bad[] = {
        { "SCIMNonsense x", "SCIMNonsense is no directive of <SCIMProfile>" },
        { "SCIMInherit", "SCIMInherit: wrong number of arguments" },
        { "SCIMInherit a b", "SCIMInherit: wrong number of arguments" },
        { "SCIMExtension User urn:x:y maybe", "SCIMExtension: the third argument is required or optional" },
        { "SCIMUserName mail", "SCIMUserName: \"mail\" is not one of any, email, nickname" },
        { "SCIMDialect -upsertt", "SCIMDialect: there is no dialect rule \"-upsertt\"" },
        { "SCIMDialect upsert=manager", "SCIMDialect: upsert=manager: this takes no argument" },
        { "SCIMDialect wrap-value=", "SCIMDialect: wrap-value=: the names of attributes are missing" },
        { "SCIMDialect -wrap-value=manager", "SCIMDialect: -wrap-value=manager: this takes no argument" },
    };
    fixture_t *f = *state;
    scim_profile_spec_t *spec = scim_profile_spec_make(f->p, "own");
    size_t i;
    int ended = 0;

    for (i = 0; i < COUNT(good); i++) {
        unit_no_error(good[i], scim_profile_line(f->p, spec, good[i], &ended));
        assert_false(ended);
    }
    unit_text("base", spec->base, "default");
    assert_int_equal(spec->types->nelts, 1);
    unit_text("schema", APR_ARRAY_IDX(spec->types, 0, scim_type_spec_t).schema, "urn:x:y");
    assert_int_equal(spec->changes->nelts, 3);
    unit_text("default", APR_ARRAY_IDX(spec->changes, 2, scim_change_spec_t).value, "\"Dr.\"");
    assert_int_equal(spec->username, SCIM_USERNAME_EMAIL);
    assert_int_equal(spec->media, -1);
    assert_int_equal(spec->rules, fixture_rule("string-boolean"));
    for (i = 0; i < COUNT(bad); i++) {
        scim_error_t *err = scim_profile_line(f->p, spec, bad[i].line, &ended);
        unit_text(bad[i].line, err ? err->detail : NULL, bad[i].error);
    }
    unit_no_error("end", scim_profile_line(f->p, spec, "</scimprofile>", &ended));
    assert_true(ended);
    unit_text("no end", scim_profile_not_ended(f->p, spec)->detail, "<SCIMProfile own> has no </SCIMProfile>");
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(words), UNIT(opening), UNIT(lines) };

    return UNIT_RUN(tests);
}
