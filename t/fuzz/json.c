/* Any bytes as a request body: the strict reader, and what it accepts through validation under both profiles. */
#include "fuzz.h"

#include "../../mod_scim/core/resource/resource.h"
#include "../../mod_scim/core/resource/validate.h"

#define DEPTH 16

/* What was accepted writes and reads back as the same value. */
static void check_round_trip(fixture_t *f, scim_json_t *o)
{
    apr_size_t len;
    const char *text = scim_json_text(f->p, o, &len);
    scim_json_t *again = NULL;

    FUZZ_CHECK(!scim_json_parse(f->p, text, len, DEPTH, &again));
    FUZZ_CHECK(scim_json_equal(o, again));
}

static void read_as(fixture_t *f, const scim_profile_t *profile, const char *type_name, scim_json_t *body)
{
    scim_context_t *c = fixture_context(f, profile, type_name);
    scim_input_t *input;

    if (!scim_resource_read(c, body, 1, &input)) {
        FUZZ_CHECK(!scim_validate(c, SCIM_JUDGE_ALL, NULL, input->doc, NULL));
        check_round_trip(f, input->doc);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = { "User", "Group", "Device" };
    fixture_t *f = fuzz_begin();
    scim_json_t *o = NULL;
    size_t i;

    if (!scim_json_parse(f->p, (const char *)data, size, DEPTH, &o)) {
        FUZZ_CHECK(scim_json_is(o, SCIM_JSON_OBJECT));
        check_round_trip(f, o);
        FUZZ_CHECK(scim_json_equal(o, scim_json_copy(f->p, o)));
        for (i = 0; i < sizeof types / sizeof *types; i++) {
            read_as(f, f->tolerant, types[i], o);
            read_as(f, f->strict, types[i], o);
        }
    }
    fuzz_end(f);
    return 0;
}
