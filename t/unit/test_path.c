#include "unit.h"

#include "../../mod_scim/core/query/path.h"

static scim_error_t *parse(fixture_t *f, const scim_profile_t *profile, const char *text, scim_path_t **path)
{
    return scim_path_parse(fixture_context(f, profile, "User"), fixture_text(f->p, text), path);
}

static void known(void **state)
{
    static const struct {
        const char *path, *attr, *sub;
        int extension, filter;
    } cases[] = {
        { "userName", "userName", NULL, 0, 0 },
        { "USERNAME", "userName", NULL, 0, 0 },
        { "name.givenName", "name", "givenName", 0, 0 },
        { "emails", "emails", NULL, 0, 0 },
        { "emails.type", "emails", "type", 0, 0 },
        { "emails[type eq 'work']", "emails", NULL, 0, 1 },
        { "emails[type eq 'work'].value", "emails", "value", 0, 1 },
        { "EMAILS[TYPE EQ 'work'].VALUE", "emails", "value", 0, 1 },
        { "emails[type eq 'a]b'].value", "emails", "value", 0, 1 },
        { "emails[type eq 'a\\'].x'].value", "emails", "value", 0, 1 },
        { "{USER}:title", "title", NULL, 0, 0 },
        { "{USER}:emails[type eq 'work'].value", "emails", "value", 0, 1 },
        { "{ENT}:employeeNumber", "employeeNumber", NULL, 1, 0 },
        { "{ENT}:manager.value", "manager", "value", 1, 0 },
        { "{ENT}", NULL, NULL, 1, 0 },
        { "groups.$ref", "groups", "$ref", 0, 0 },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_path_t *path;
        unit_no_error(cases[i].path, parse(f, f->strict, cases[i].path, &path));
        assert_false(path->unknown);
        assert_int_equal(path->target.attr != NULL, cases[i].attr != NULL);
        assert_int_equal(path->target.sub != NULL, cases[i].sub != NULL);
        assert_int_equal(path->target.extension != NULL && strcmp(path->target.extension->id, SCIM_URN_ENTERPRISE) == 0,
            cases[i].extension);
        assert_int_equal(path->filter != NULL, cases[i].filter);
        if (cases[i].attr) {
            unit_text(cases[i].path, path->target.attr->name, cases[i].attr);
        }
        if (cases[i].sub) {
            unit_text(cases[i].path, path->target.sub->name, cases[i].sub);
        }
    }
}

static void malformed(void **state)
{
    static const struct {
        const char *title, *path, *type;
    } cases[] = {
        { "PA-03", "", "invalidPath" },
        { "PA-03", "/name/givenName", "invalidPath" },
        { "PA-03", "emails[0]", "invalidPath" },
        { "PA-03", "emails[", "invalidPath" },
        { "PA-03", "name.", "invalidPath" },
        { "PA-03", ".name", "invalidPath" },
        { "PA-03", "na me", "invalidPath" },
        { "PA-03", "emails[type eq 'work']value", "invalidPath" },
        { "PA-03", "emails[type eq 'work'].", "invalidPath" },
        { "PA-03", "emails[type eq 'work'].value.x[", "invalidPath" },
        { "PA-03", "emails[type eq 'work'] ", "invalidPath" },
        { "PA-03", "[type eq 'work']", "invalidPath" },
        { "PA-03", "name.givenName.x", "invalidPath" },
        { "PA-03", "urn:example:x:", "invalidPath" },
        { "PA-03", "emails.value[type eq 'work']", "invalidPath" },
        { "PA-05", "emails[type xx 'work']", "invalidFilter" },
        { "PA-05", "emails[nope eq 'work']", "invalidFilter" },
        { "PA-05", "emails[]", "invalidPath" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_path_t *path;
        scim_error_t *err = parse(f, f->strict, cases[i].path, &path);
        const char *title = apr_pstrcat(f->p, cases[i].title, " ", cases[i].path, NULL);
        if (strcmp(cases[i].path, "emails[]") == 0 && err && strcmp(err->type, "invalidFilter") == 0) {
            continue; /* an empty filter may be called either */
        }
        unit_error(title, err, cases[i].type);
    }
}

static void unknown(void **state)
{
    static const char *const cases[] = { "shoeSize",         "name.nope",           "emails[type eq 'work'].nope", "{ENT}:nope",
                                         "{USER}:role",      "urn:example:x:User:a", "mailboxes[type eq 'x'].value" };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_path_t *path;
        unit_no_error(cases[i], parse(f, f->strict, cases[i], &path));
        if (!path->unknown) {
            fail_msg("PA-04 %s is unknown", cases[i]);
        }
    }
}

static void tolerances(void **state)
{
    fixture_t *f = *state;
    scim_path_t *path;

    unit_error("PA-48", parse(f, f->strict, "name[familyName eq 'x'].givenName", &path), "invalidPath");
    unit_no_error("P42", parse(f, f->tolerant, "name[familyName eq 'x'].givenName", &path));
    unit_text("P42", path->target.sub->name, "givenName");
    unit_no_error("P42", parse(f, f->tolerant, "active[value eq true]", &path));
    unit_no_error("P19", parse(f, f->tolerant, "{ENT}.department", &path));
    unit_text("P19", path->target.attr->name, "department");
    unit_no_error("P19", parse(f, f->tolerant, "urn:scim:schemas:extension:enterprise:1.0.manager", &path));
    unit_text("P19", path->target.attr->name, "manager");
    unit_no_error("P24", parse(f, f->tolerant, "manager", &path));
    unit_text("P24", path->target.attr->name, "manager");
    unit_no_error("P15", parse(f, f->tolerant, "roles[primary eq 'True'].value", &path));
    unit_error("P15", parse(f, f->strict, "roles[primary eq 'True'].value", &path), "invalidFilter");
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(known), UNIT(malformed), UNIT(unknown), UNIT(tolerances) };

    return UNIT_RUN(tests);
}
