#include "unit.h"

#include "../../mod_scim/core/base/json_scan.h"

static void bodies(void **state)
{
    fixture_t *f = *state;
    scim_error_t *err = scim_error(f->p, SCIM_E_UNIQUENESS, "userName \"%s\" is in use", "m\u00f8ller");

    err = scim_error_prefix(f->p, err, "Operations[2]: ");
    err = scim_error_cause(f->p, err, "SQLSTATE %d", 23505);
    unit_text("the cause is for the log", err->cause, "SQLSTATE 23505");
    unit_text("H-06, H-07, PA-53", scim_error_json(f->p, err),
              "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],\"status\":\"409\",\"scimType\":\"uniqueness\","
              "\"detail\":\"Operations[2]: userName \\\"m\u00f8ller\\\" is in use\"}");
    unit_text("H-08", scim_error_json_status(f->p, 404, NULL),
              "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],\"status\":\"404\","
              "\"detail\":\"There is no such resource\"}");
}

static void always_json(void **state)
{
    static const int statuses[] = { 400, 418, 451, 500, 502, 599 };
    fixture_t *f = *state;
    scim_error_t *err = scim_error(f->p, SCIM_E_INVALID_PATH, "%.1s \n\x01 \xff", "\u00f8");
    const char *text = scim_error_json(f->p, err);
    size_t i;

    unit_no_error("a detail that is cut inside a character", scim_json_scan(f->p, text, strlen(text), 8, 0));
    for (i = 0; i < COUNT(statuses); i++) {
        text = scim_error_json_status(f->p, statuses[i], NULL);
        unit_no_error("any status", scim_json_scan(f->p, text, strlen(text), 8, 0));
    }
}

static void statuses_and_keywords(void **state)
{
    static const struct {
        scim_error_e code;
        int status;
        const char *type;
    } cases[] = {
        { SCIM_E_INVALID_FILTER, 400, "invalidFilter" }, { SCIM_E_TOO_MANY, 400, "tooMany" },
        { SCIM_E_UNIQUENESS, 409, "uniqueness" },        { SCIM_E_MUTABILITY, 400, "mutability" },
        { SCIM_E_INVALID_SYNTAX, 400, "invalidSyntax" }, { SCIM_E_INVALID_PATH, 400, "invalidPath" },
        { SCIM_E_NO_TARGET, 400, "noTarget" },           { SCIM_E_INVALID_VALUE, 400, "invalidValue" },
        { SCIM_E_INVALID_CURSOR, 400, "invalidCursor" }, { SCIM_E_EXPIRED_CURSOR, 400, "expiredCursor" },
        { SCIM_E_INVALID_COUNT, 400, "invalidCount" },
        { SCIM_E_INVALID_VERS, 400, "invalidVers" },     { SCIM_E_SENSITIVE, 403, "sensitive" },
        { SCIM_E_CONFLICT, 409, NULL },                  { SCIM_E_PRECONDITION, 412, NULL },
        { SCIM_E_UNAVAILABLE, 503, NULL },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_error_t *err = scim_error(f->p, cases[i].code, "x");
        assert_int_equal(err->status, cases[i].status);
        if (cases[i].type) {
            unit_text("table H-T", err->type, cases[i].type);
        }
        else {
            assert_null(err->type);
        }
    }
}

/* What a log says holds nothing of what a client sent. */
static void reasons(void **state)
{
    static const struct {
        const char *detail, *reason;
    } cases[] = {
        { "The body is empty", "The body is empty" },
        { "members: \"m@x.org\" is not an id", "members: ... is not an id" },
        { "\"m@x.org\"", "..." },
        { "\"a\"b\" or \"c\" it is", "... it is" },
        { "Operations[2]: emails[value eq m@x.org].type must be a string", "Operations[2]: emails....type must be a string" },
        { "Operations[12]: a[b eq \"]\"].c \"d\"; e", "Operations[12]: a...; e" },
        { "an open \"quote", "an open ..." },
        { "", "" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_error_t *err = scim_error(f->p, SCIM_E_INVALID_VALUE, "%s", cases[i].detail);
        unit_text("reason", scim_error_reason(f->p, err), cases[i].reason);
    }
    unit_text("with a cause", scim_error_reason(f->p, scim_error_cause(f->p, scim_error(f->p, SCIM_E_CONFLICT, "\"x\" is"), "because")),
              "... is: because");
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(bodies), UNIT(always_json), UNIT(statuses_and_keywords), UNIT(reasons) };

    return UNIT_RUN(tests);
}
