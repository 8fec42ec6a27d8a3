/* The validator of finished documents: each judgement by itself, and what a PATCH is not judged for. */
#include "unit.h"

#include "../../mod_scim/core/profile/rules.h"
#include "../../mod_scim/core/resource/validate.h"

static const char schema[] =
    "{'id':'urn:x:Box','name':'Box','attributes':["
    "{'name':'displayName','type':'string','required':true},"
    "{'name':'number','type':'integer','mutability':'immutable'},"
    "{'name':'labels','type':'string','multiValued':true},"
    "{'name':'lid','type':'complex','subAttributes':[{'name':'maker','type':'string','required':true},"
    "{'name':'seal','type':'string','mutability':'immutable','caseExact':true}]},"
    "{'name':'keys','type':'complex','multiValued':true,'subAttributes':[{'name':'value','type':'string','required':true},"
    "{'name':'type','type':'string'},{'name':'primary','type':'boolean'},{'name':'issued','type':'dateTime','mutability':'immutable'},"
    "{'name':'code','type':'string','mutability':'writeOnly'},{'name':'link','type':'reference'}]}]}";

/* A strict or tolerant profile whose only type is the schema's. */
static scim_context_t *context(fixture_t *f, int tolerant)
{
    scim_profile_spec_t *spec = fixture_spec(f->p, "box", tolerant ? scim_rules_all() : 0);
    scim_type_spec_t *type;
    scim_registry_t *registry = scim_registry_make(f->p);
    apr_hash_t *specs = apr_hash_make(f->p);
    const char *text = fixture_text(f->p, schema);
    scim_context_t *c = apr_palloc(f->p, sizeof *c);
    scim_profile_t *profile;

    apr_array_cat(registry->schemas, f->registry->schemas);
    unit_no_error("the schema", scim_schema_load(f->p, registry, text, strlen(text)));
    type = apr_array_push(spec->types);
    *type = (scim_type_spec_t){ "Box", "/Boxes", "urn:x:Box" };
    unit_no_error("the profile", scim_profile_build(f->p, registry, specs, spec, &profile));
    scim_context_init(c, f->p, profile, scim_profile_type(profile, "Box"));
    return c;
}

typedef struct judged_t {
    const char *title, *before, *after; /* before: NULL for a new document */
    const char *outcome;                /* scimType, or the document that is left */
} judged_t;

static void judge(fixture_t *f, scim_context_t *c, scim_judge_e how, const judged_t *cases, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        scim_json_t *before = cases[i].before ? fixture_json(f->p, cases[i].before) : NULL;
        scim_json_t *after = fixture_json(f->p, cases[i].after);
        const char *title = apr_pstrcat(f->p, cases[i].title, ": ", cases[i].after, NULL);
        scim_error_t *err = scim_validate(c, how, before, after, NULL);
        if (*cases[i].outcome != '{') {
            unit_error(title, err, cases[i].outcome);
            continue;
        }
        unit_no_error(title, err);
        unit_json(f->p, title, after, cases[i].outcome);
    }
}

static void new_documents(void **state)
{
    static const judged_t cases[] = {
        { "complete", NULL, "{'displayName':'a'}", "{'displayName':'a'}" },
        { "P-04", NULL, "{}", "invalidValue" },
        { "P-04", NULL, "{'displayName':''}", "invalidValue" },
        { "D-26 a part", NULL, "{'displayName':'a','lid':{'seal':'s'}}", "invalidValue" },
        { "D-26 a part of an element", NULL, "{'displayName':'a','keys':[{'value':'k'},{'type':'t'}]}", "invalidValue" },
    };
    fixture_t *f = *state;

    judge(f, context(f, 0), SCIM_JUDGE_ALL, cases, COUNT(cases));
}

static void replaced_documents(void **state)
{
    static const judged_t cases[] = {
        { "U-07", "{'displayName':'a','number':1}", "{'displayName':'a','number':2}", "mutability" },
        { "U-07 the same", "{'displayName':'a','number':1}", "{'displayName':'a','number':1}", "{'displayName':'a','number':1}" },
        { "U-07 a first value", "{'displayName':'a'}", "{'displayName':'a','number':1}", "{'displayName':'a','number':1}" },
        { "U-07 a part", "{'displayName':'a','lid':{'maker':'m','seal':'s'}}", "{'displayName':'a','lid':{'maker':'m','seal':'S'}}",
          "mutability" },
        { "U-07 of an element", "{'displayName':'a','keys':[{'value':'k','issued':'2024-01-01T00:00:00Z'}]}",
          "{'displayName':'a','keys':[{'value':'K','issued':'2025-01-01T00:00:00Z'}]}", "mutability" },
        { "U-08 of an element", "{'displayName':'a','keys':[{'value':'k','issued':'2024-01-01T00:00:00Z','code':'c'}]}",
          "{'displayName':'a','keys':[{'value':'k','type':'t'}]}",
          "{'displayName':'a','keys':[{'value':'k','type':'t','issued':'2024-01-01T00:00:00Z'}]}" },
        { "U-12", "{'displayName':'a','keys':[{'value':'k','issued':'2024-01-01T00:00:00Z'}]}",
          "{'displayName':'a','keys':[{'value':'n','issued':'2025-01-01T00:00:00Z'}]}",
          "{'displayName':'a','keys':[{'value':'n','issued':'2025-01-01T00:00:00Z'}]}" },
        { "U-09", "{'displayName':'a'}", "{}", "invalidValue" },
    };
    fixture_t *f = *state;

    judge(f, context(f, 0), SCIM_JUDGE_ALL, cases, COUNT(cases));
}

static void changed_documents(void **state)
{
    static const judged_t cases[] = {
        { "a fault that was there", "{}", "{'labels':['x']}", "{'labels':['x']}" },
        { "what was there goes", "{'displayName':'a'}", "{}", "invalidValue" },
        { "PA-41 goes", "{'number':1}", "{}", "mutability" },
        { "PA-41 goes with the whole", "{'lid':{'maker':'m','seal':'s'}}", "{}", "mutability" },
        { "the whole without it may go", "{'lid':{'maker':'m'}}", "{}", "{}" },
        { "the type", "{}", "{'labels':'x'}", "invalidValue" },
        { "the type of an element", "{}", "{'labels':[5]}", "invalidValue" },
        { "the type of a part", "{'keys':[{'value':'k'}]}", "{'keys':[{'value':'k','primary':'x'}]}", "invalidValue" },
        { "the form of a part", "{}", "{'keys':[{'value':'k','link':'no uri'}]}", "invalidValue" },
        { "an element as it was", "{'keys':[{'type':'no value'},{'value':'k'}]}", "{'keys':[{'type':'no value'},{'value':'n'}]}",
          "{'keys':[{'type':'no value'},{'value':'n'}]}" },
        { "its twin is new", "{'keys':[{'type':'no value'}]}", "{'keys':[{'type':'no value'},{'type':'no value'}]}", "invalidValue" },
        { "V-03", "{'keys':[{'value':'k'}]}", "{'keys':[{'value':'k'},{'value':'K','primary':true}]}", "{'keys':[{'value':'K','primary':true}]}" },
        { "V-03 another type", "{}", "{'keys':[{'value':'k','type':'a'},{'value':'k','type':'b'}]}",
          "{'keys':[{'value':'k','type':'a'},{'value':'k','type':'b'}]}" },
        { "V-03 stored twice", "{'labels':['x','x']}", "{'labels':['x','x','y']}", "{'labels':['x','x','y']}" },
        { "V-03 simple", "{'labels':['x']}", "{'labels':['x','X','y','Y']}", "{'labels':['x','y']}" },
        { "V-01", "{}", "{'keys':[{'value':'a','primary':true},{'value':'b','primary':true}]}", "invalidValue" },
        { "V-01 stored twice", "{'keys':[{'value':'a','primary':true},{'value':'b','primary':true}]}",
          "{'keys':[{'value':'a','primary':true},{'value':'b','primary':true},{'value':'c'}]}",
          "{'keys':[{'value':'a','primary':true},{'value':'b','primary':true},{'value':'c'}]}" },
        { "V-01 a third", "{'keys':[{'value':'a','primary':true}]}", "{'keys':[{'value':'a','primary':true},{'value':'b','primary':true}]}",
          "invalidValue" },
        { "nothing left", "{}", "{'labels':[''],'lid':{}}", "{}" },
        { "a new whole needs its part", "{}", "{'lid':{'seal':'s'}}", "invalidValue" },
        { "an old one without it may change", "{'lid':{'seal':'s'}}", "{'lid':{'seal':'s','colour':'red'}}", "{'lid':{'seal':'s','colour':'red'}}" },
    };
    fixture_t *f = *state;

    judge(f, context(f, 0), SCIM_JUDGE_CHANGES, cases, COUNT(cases));
}

static void tolerated(void **state)
{
    static const judged_t cases[] = {
        { "V-01", "{}", "{'keys':[{'value':'a','primary':true},{'value':'b','primary':true}]}",
          "{'keys':[{'value':'a','primary':false},{'value':'b','primary':true}]}" },
        { "C-30", "{}", "{'keys':[{'value':'a','link':'no uri'}]}", "{'keys':[{'value':'a','link':'no uri'}]}" },
    };
    fixture_t *f = *state;

    judge(f, context(f, 1), SCIM_JUDGE_CHANGES, cases, COUNT(cases));
}

/* The keys of what has an index of its own. */
static void long_keys(void **state)
{
    static const char *const names[] = { "userName", "externalId", "displayName" };
    fixture_t *f = *state;
    char *text = apr_palloc(f->p, SCIM_LONGEST_KEY + 2);
    size_t i;

    memset(text, 'x', SCIM_LONGEST_KEY + 1);
    text[SCIM_LONGEST_KEY + 1] = '\0';
    for (i = 0; i < COUNT(names); i++) {
        scim_json_t *doc = fixture_json(f->p, "{'userName':'u'}");
        const scim_attribute_t *at = NULL;
        scim_error_t *err;

        scim_json_set_string(doc, names[i], text);
        err = scim_validate(fixture_context(f, f->strict, "User"), SCIM_JUDGE_ALL, NULL, doc, &at);
        unit_error(names[i], err, "invalidValue");
        assert_non_null(strstr(err->detail, "2000"));
        unit_text("the attribute at fault", at->name, names[i]);
        scim_json_set_string(doc, names[i], text + 1);
        unit_no_error(names[i], scim_validate(fixture_context(f, f->strict, "User"), SCIM_JUDGE_ALL, NULL, doc, NULL));
    }
}

/* Text and key may differ in length by far, either way. One that was stored before stays. */
static void long_texts(void **state)
{
    static const struct {
        const char *name, *start, *unit;
        size_t most;                   /* units that are accepted */
    } cases[] = {
        { "userName", "zw", "\u200B", 666 },
        { "userName", "", "\uFDFA", 60 },     /* three bytes that are 33 in the key */
        { "displayName", "x", "e\u0301", 666 },
        { "displayName", "x", "\u0344", 499 },   /* two bytes that become four */
        { "externalId", "x", "\u200B", 666 },
    };
    fixture_t *f = *state;
    size_t i, k;

    for (i = 0; i < COUNT(cases); i++) {
        apr_array_header_t *units = apr_array_make(f->p, 1000, sizeof(const char *));
        scim_json_t *doc = fixture_json(f->p, "{'userName':'u'}"), *before;
        scim_error_t *err;

        APR_ARRAY_PUSH(units, const char *) = cases[i].start;
        for (k = 0; k < cases[i].most; k++) {
            APR_ARRAY_PUSH(units, const char *) = cases[i].unit;
        }
        scim_json_set_string(doc, cases[i].name, apr_array_pstrcat(f->p, units, 0));
        unit_no_error(cases[i].name, scim_validate(fixture_context(f, f->tolerant, "User"), SCIM_JUDGE_ALL, NULL, doc, NULL));
        APR_ARRAY_PUSH(units, const char *) = cases[i].unit;
        scim_json_set_string(doc, cases[i].name, apr_array_pstrcat(f->p, units, 0));
        before = scim_json_copy(f->p, doc);
        err = scim_validate(fixture_context(f, f->tolerant, "User"), SCIM_JUDGE_ALL, NULL, doc, NULL);
        unit_error(cases[i].name, err, "invalidValue");
        assert_non_null(strstr(err->detail, "at most 2000 bytes"));
        unit_no_error("stored", scim_validate(fixture_context(f, f->tolerant, "User"), SCIM_JUDGE_CHANGES, before, doc, NULL));
    }
}

static void extensions(void **state)
{
    fixture_t *f = *state;
    scim_json_t *doc = fixture_json(f->p, "{'userName':'u','{ENT}':{}}");

    unit_no_error("C-21", scim_validate(fixture_context(f, f->strict, "User"), SCIM_JUDGE_ALL, NULL, doc, NULL));
    unit_json(f->p, "C-21: an empty container goes", doc, "{'userName':'u'}");
    doc = fixture_json(f->p, "{'userName':'u','{ENT}':{'manager':5}}");
    unit_error("PA-14: in an extension", scim_validate(fixture_context(f, f->strict, "User"), SCIM_JUDGE_CHANGES,
                                                       fixture_json(f->p, "{'userName':'u'}"), doc, NULL),
               "invalidValue");
}

/* Everything that is wrong with a document, not only the first. */
static void stored(void **state)
{
    static const struct {
        const char *doc, *faults; /* the words that tell each fault, in order */
    } cases[] = {
        { "{'userName':'u','active':true,'{ENT}':{'department':'D'}}", "" },
        { "{}", "userName" },
        { "{'userName':'u','locale':'a b','addresses':[{'country':'Norway'}],'gone':1}", "locale addresses[0].country gone" },
        { "{'userName':'u','emails':[{'value':'a'},{'value':'A'}]}", "emails" },
        { "{'userName':'u','active':'yes','{ENT}':{'manager':{'value':5}}}", "active {ENT}:manager.value" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        apr_array_header_t *faults = apr_array_make(f->p, 4, sizeof(const char *));
        scim_json_t *doc = fixture_json(f->p, cases[i].doc);
        char *words = apr_pstrdup(f->p, fixture_text(f->p, cases[i].faults)), *last, *word = apr_strtok(words, " ", &last);
        int n;

        scim_validate_stored(fixture_context(f, f->strict, "User"), doc, faults);
        for (n = 0; word; n++, word = apr_strtok(NULL, " ", &last)) {
            if (n >= faults->nelts || !strstr(APR_ARRAY_IDX(faults, n, const char *), word)) {
                fail_msg("%s: %s is not told", cases[i].doc, word);
            }
        }
        if (n != faults->nelts) {
            fail_msg("%s: %d faults, expected %d", cases[i].doc, faults->nelts, n);
        }
        unit_json(f->p, "the document is left as it is", doc, cases[i].doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(new_documents), UNIT(replaced_documents), UNIT(changed_documents), UNIT(tolerated),
                                        UNIT(long_keys),     UNIT(long_texts),        UNIT(extensions),        UNIT(stored) };

    return UNIT_RUN(tests);
}
