/* Running one PATCH in a unit test: an array of operations against a document. */
#ifndef SCIM_UNIT_PATCHING_H
#define SCIM_UNIT_PATCHING_H

#include "unit.h"

#include "../../mod_scim/core/patch/patch.h"

#define PATCHING_ID "0190abcd-ef12-7fff-bfff-000000000001"

typedef struct patching_t {
    scim_patch_t *patch;
    scim_patched_t result;
    scim_json_t *before, *doc;
    apr_uint64_t fired;                /* rules */
} patching_t;

/* doc: document form, with members for a group that has them. operations: what stands in the array. */
static inline scim_error_t *patching_run(fixture_t *f, const scim_profile_t *profile, const char *type_name, const char *doc,
                                         const char *operations, patching_t *out)
{
    scim_context_t *c = fixture_context(f, profile, type_name);
    scim_json_t *body = fixture_json(f->p, apr_pstrcat(f->p, "{'schemas':['{PATCHOP}'],'Operations':[", operations, "]}", NULL));
    scim_error_t *err;

    memset(out, 0, sizeof *out);
    out->before = fixture_json(f->p, doc);
    out->doc = fixture_json(f->p, doc);
    err = scim_patch_parse(c, body, &out->patch);
    out->fired = scim_rules_fired(c);
    SCIM_TRY(err);
    if (c->type->members && !out->patch->members) {
        scim_json_remove(out->doc, "members");
        scim_json_remove(out->before, "members");
    }
    SCIM_TRY(scim_patch_apply(c, out->patch, PATCHING_ID, out->doc, &out->result));
    return NULL;
}

/* A case changes one top-level attribute (named) of a document to `expected` (JSON; null: absent) and nothing else, or, with
 * attribute NULL, fails with the scimType `expected`, or with "same" succeeds and changes nothing. */
typedef struct patching_case_t {
    const char *title, *operations, *attribute, *expected;
} patching_case_t;

static inline void patching_check_others(fixture_t *f, const char *title, const patching_t *run, const char *attribute)
{
    scim_json_t *before = scim_json_copy(f->p, run->before), *after = scim_json_copy(f->p, run->doc);

    scim_json_remove(before, attribute);
    scim_json_remove(after, attribute);
    if (!scim_json_equal(before, after)) {
        fail_msg("%s: something else changed: %s", title, scim_json_text(f->p, run->doc, NULL));
    }
}

static inline void patching_case(fixture_t *f, const scim_profile_t *profile, const char *type_name, const char *doc,
                                 const patching_case_t *c)
{
    const char *title = apr_pstrcat(f->p, c->title, " ", fixture_text(f->p, c->operations), NULL);
    const char *attribute = c->attribute ? fixture_text(f->p, c->attribute) : NULL;
    scim_error_t *err;
    patching_t run;

    err = patching_run(f, profile, type_name, doc, c->operations, &run);
    if (!attribute && strcmp(c->expected, "same") != 0) {
        unit_error(title, err, c->expected);
        return;
    }
    unit_no_error(title, err);
    if (attribute) {
        scim_json_t *value = NULL;
        scim_json_find(run.doc, attribute, &value);
        unit_json(f->p, title, value, c->expected);
    }
    patching_check_others(f, title, &run, attribute ? attribute : "");
    if (run.result.changed == scim_json_equal(run.before, run.doc)) {
        fail_msg("%s: PA-51 reported %s", title, run.result.changed ? "as a change" : "as no change");
    }
}

static inline void patching_cases(fixture_t *f, const scim_profile_t *profile, const char *type_name, const char *doc,
                                  const patching_case_t *cases, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        patching_case(f, profile, type_name, doc, &cases[i]);
    }
}

static inline int patching_has(apr_hash_t *set, const char *id)
{
    return apr_hash_get(set, id, APR_HASH_KEY_STRING) != NULL;
}

#endif
