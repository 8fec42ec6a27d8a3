/* Bodies and documents at the edges of their rules: what a fault of one line would move and no ordinary case shows. */
#include "unit.h"

#include "../../mod_scim/core/resource/resource.h"

static scim_error_t *read_body(fixture_t *f, const scim_profile_t *profile, const char *type, int create, const char *json, scim_input_t **out)
{
    return scim_resource_read(fixture_context(f, profile, type), fixture_json(f->p, json), create, out);
}

#define CERTIFICATE(base64) "{'schemas':['{USER}'],'userName':'m','x509Certificates':[{'value':'" base64 "'}]}"

static void certificates(void **state)
{
    static const struct {
        const char *title, *body;
        int fits;
    } cases[] = {
        { "its three parts", CERTIFICATE("MAcwADAAAwEA"), 1 },
        { "its length in the long form", CERTIFICATE("MIEHMAAwAAMBAA=="), 1 },
        { "an empty sequence", CERTIFICATE("MAA="), 0 },
        { "no sequence", CERTIFICATE("AQcwADAAAwEA"), 0 },
        { "an indefinite length", CERTIFICATE("MIAwADAAAwEA"), 0 },
        { "a length that is cut off", CERTIFICATE("MIQ="), 0 },
        { "more behind it", CERTIFICATE("MAcwADAAAwEABQ=="), 0 },
        { "more inside", CERTIFICATE("MAkwADAAAwEABQA="), 0 },
        { "a part of another kind", CERTIFICATE("MAcwADAABAEA"), 0 },
        { "shorter than it says", CERTIFICATE("MAgwADAAAwEA"), 0 },
        { "one byte", CERTIFICATE("MA=="), 0 },
    };
    fixture_t *f = *state;
    scim_input_t *input;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_error_t *err = read_body(f, f->strict, "User", 1, cases[i].body, &input);
        if (cases[i].fits) {
            unit_no_error(cases[i].title, err);
        }
        else {
            unit_error(cases[i].title, err, "invalidValue");
        }
    }
}

/* A reference may end anywhere. Only one that ends inside of its brackets is none. */
static void references(void **state)
{
    static const char *const whole[] = {
        "http://me@[v1F.fe:d~+]:80/%41?a#b", "//[fe80::1%25eth0%2D]:80/%41", "https://[::]",
    };
    fixture_t *f = *state;
    scim_input_t *input;
    size_t i, len;

    for (i = 0; i < COUNT(whole); i++) {
        for (len = 1; len <= strlen(whole[i]); len++) {
            const char *text = apr_pstrndup(f->p, whole[i], len);
            const char *body = apr_psprintf(f->p, "{'schemas':['{USER}'],'userName':'m','profileUrl':'%s'}", text);
            scim_error_t *err = read_body(f, f->strict, "User", 1, body, &input);
            const char *bracket = strrchr(text, '['), *percent = strrchr(text, '%');
            if ((bracket && !strchr(bracket, ']')) || (percent && strlen(percent) < 3)) {
                unit_error(text, err, "invalidValue");
            }
            else {
                unit_no_error(text, err);
            }
        }
    }
}

static const char *many(apr_pool_t *p, int n)
{
    apr_array_header_t *parts = apr_array_make(p, n, sizeof(const char *));
    int i;

    for (i = 0; i < n; i++) {
        APR_ARRAY_PUSH(parts, const char *) = apr_psprintf(p, "{'value':'v%d'}", i);
    }
    return apr_array_pstrcat(p, parts, ',');
}

static void long_lists(void **state)
{
    fixture_t *f = *state;
    scim_input_t *input;
    const char *head = "{'schemas':['{USER}'],'userName':'m','emails':[";

    unit_no_error("2,000 values", read_body(f, f->strict, "User", 1, apr_pstrcat(f->p, head, many(f->p, 2000), "]}", NULL), &input));
    unit_error("2,001 values", read_body(f, f->strict, "User", 1, apr_pstrcat(f->p, head, many(f->p, 2001), "]}", NULL), &input),
               "invalidValue");
    unit_no_error("members have no such limit",
                  read_body(f, f->strict, "Group", 1,
                            apr_pstrcat(f->p, "{'schemas':['{GROUP}'],'displayName':'G','members':[", many(f->p, 2001), "]}", NULL), &input));
    assert_int_equal(apr_hash_count(input->members->add), 2001);
}

static void long_keys(void **state)
{
    fixture_t *f = *state;
    scim_input_t *input;
    char *name = apr_palloc(f->p, 2002);

    memset(name, 'x', 2001);
    name[2001] = '\0';
    unit_error("2,001 bytes", read_body(f, f->strict, "User", 1, apr_pstrcat(f->p, "{'schemas':['{USER}'],'userName':'", name, "'}", NULL),
                                        &input), "invalidValue");
    name[2000] = '\0';
    unit_no_error("2,000 bytes", read_body(f, f->strict, "User", 1, apr_pstrcat(f->p, "{'schemas':['{USER}'],'userName':'", name, "'}", NULL),
                                           &input));
}

static void values(void **state)
{
    static const struct {
        const char *title, *body, *type;
    } bad[] = {
        { "a required part", "{'schemas':['" DEVICE_URN "'],'serial':'S','site':{'floors':['1']}}", "Device" },
        { "null among simple values", "{'schemas':['" DEVICE_URN "'],'serial':'S','tags':['a',null]}", "Device" },
    };
    fixture_t *f = *state;
    scim_input_t *input;
    size_t i;

    for (i = 0; i < COUNT(bad); i++) {
        unit_error(bad[i].title, read_body(f, f->strict, bad[i].type, 1, bad[i].body, &input), "invalidValue");
    }
    unit_no_error("a decimal without a point", read_body(f, f->strict, "Device", 1, "{'schemas':['" DEVICE_URN "'],'serial':'S','weight':3}",
                                                         &input));
    unit_no_error("three primaries", read_body(f, f->tolerant, "User", 1,
                                               "{'userName':'m','active':true,'emails':[{'value':'a','primary':true},"
                                               "{'value':'b','primary':true},{'value':'c','primary':true}]}", &input));
    unit_json(f->p, "the last one stays", input->doc,
              "{'userName':'m','active':true,'emails':[{'value':'a','primary':false},{'value':'b','primary':false},"
              "{'value':'c','primary':true}]}");
    unit_no_error("wrapped and not", read_body(f, f->tolerant, "User", 1,
                                               "{'userName':'m','active':true,'title':'T','{USER}':{'title':'W','nickName':'N'}}", &input));
    unit_json(f->p, "what is not wrapped wins", input->doc, "{'userName':'m','active':true,'title':'T','nickName':'N'}");
    unit_no_error("an extension by two names",
                  read_body(f, f->tolerant, "User", 1,
                            "{'userName':'m','active':true,'urn:scim:schemas:extension:enterprise:1.0':{'employeeNumber':'1'},"
                            "'{ENT}':{'employeeNumber':'2'}}", &input));
    unit_json(f->p, "its own name wins", input->doc, "{'userName':'m','active':true,'{ENT}':{'employeeNumber':'2'}}");
}

static void user_names(void **state)
{
    static const struct {
        int form;
        const char *name;
        int fits;
    } cases[] = {
        { SCIM_USERNAME_EMAIL, "mira@example.com", 1 }, { SCIM_USERNAME_EMAIL, "mira", 0 },    { SCIM_USERNAME_EMAIL, "@example.com", 0 },
        { SCIM_USERNAME_EMAIL, "mira@", 0 },            { SCIM_USERNAME_NICKNAME, "mira", 1 }, { SCIM_USERNAME_NICKNAME, "mira@x", 0 },
    };
    fixture_t *f = *state;
    scim_profile_t *profile;
    scim_input_t *input;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_profile_spec_t *spec = fixture_spec(f->p, "names", 0);
        scim_error_t *err;
        spec->username = cases[i].form;
        unit_no_error(cases[i].name, scim_profile_build(f->p, f->registry, apr_hash_make(f->p), spec, &profile));
        err = read_body(f, profile, "User", 1, apr_pstrcat(f->p, "{'schemas':['{USER}'],'userName':'", cases[i].name, "'}", NULL), &input);
        if (cases[i].fits) {
            unit_no_error(cases[i].name, err);
        }
        else {
            unit_error(cases[i].name, err, "invalidValue");
        }
    }
}

/* Two values that say the same, and two that do not (V-03). */
static void same_values(void **state)
{
    fixture_t *f = *state;
    scim_input_t *input;

    unit_no_error("at home and at work", read_body(f, f->strict, "User", 1,
                                                   "{'schemas':['{USER}'],'userName':'m','active':true,'emails':[{'value':'a','type':'home'},"
                                                   "{'value':'a','type':'work'}]}", &input));
    assert_int_equal(scim_json_count(scim_json_get(input->doc, "emails", NULL)), 2);
    unit_no_error("twice", read_body(f, f->strict, "User", 1,
                                     "{'schemas':['{USER}'],'userName':'m','active':true,'emails':[{'value':'a','type':'home','primary':true},"
                                     "{'value':'A','type':'home','primary':true}]}", &input));
    assert_int_equal(scim_json_count(scim_json_get(input->doc, "emails", NULL)), 1);
}

/* What a PUT leaves as it is. */
static void replaced(void **state)
{
    fixture_t *f = *state;
    scim_context_t *device = fixture_context(f, f->strict, "Device"), *user = fixture_context(f, f->strict, "User");
    static const char stored[] = "{'serial':'S','color':'red','code':'C','site':{'city':'Oslo','plot':'7'}}";
    scim_input_t *input;

    unit_no_error("a PUT sets no defaults", read_body(f, f->strict, "User", 0, "{'schemas':['{USER}'],'userName':'m'}", &input));
    unit_json(f->p, "a PUT sets no defaults", input->doc, "{'userName':'m'}");
    unit_no_error("with active", read_body(f, f->strict, "User", 0, "{'schemas':['{USER}'],'userName':'m','active':false}", &input));
    unit_no_error("without an extension", scim_resource_replace(user, fixture_json(f->p, "{'userName':'m','active':false,"
                                                                                          "'{ENT}':{'employeeNumber':'7'}}"), input));
    unit_json(f->p, "without an extension", input->doc, "{'userName':'m','active':false}");
    unit_no_error("what cannot be seen or changed",
                  read_body(f, f->strict, "Device", 0, "{'schemas':['" DEVICE_URN "'],'serial':'S','site':{'city':'Bergen'}}", &input));
    unit_no_error("what cannot be seen or changed", scim_resource_replace(device, fixture_json(f->p, stored), input));
    unit_json(f->p, "what cannot be seen or changed", input->doc,
              "{'serial':'S','color':'red','code':'C','site':{'city':'Bergen','plot':'7'}}");
    unit_no_error("another part", read_body(f, f->strict, "Device", 0,
                                            "{'schemas':['" DEVICE_URN "'],'serial':'S','site':{'city':'Oslo','plot':'8'}}", &input));
    unit_error("another part", scim_resource_replace(device, fixture_json(f->p, stored), input), "mutability");
    unit_no_error("a part of an element", read_body(f, f->strict, "Device", 0,
                                                    "{'schemas':['" DEVICE_URN "'],'serial':'S','slots':[{'value':'s1','label':'new'}]}",
                                                    &input));
    unit_error("a part of an element", scim_resource_replace(device, fixture_json(f->p, "{'serial':'S','slots':[{'value':'s1','label':'old'}]}"),
                                                             input), "mutability");
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(certificates), UNIT(references), UNIT(long_lists), UNIT(long_keys), UNIT(values), UNIT(user_names),
                                        UNIT(same_values), UNIT(replaced) };

    return UNIT_RUN(tests);
}
