#include "unit.h"

#include "../../mod_scim/core/query/lookup_key.h"
#include "../../mod_scim/core/resource/record.h"

static const scim_attribute_t *attribute(const scim_resource_type_t *type, const char *name)
{
    scim_attrpath_t path;

    if (!scim_resolve(type, name, strlen(name), &path)) {
        fail_msg("%s: no such attribute", name);
    }
    return path.sub ? path.sub : path.attr;
}

static apr_int64_t key_of(fixture_t *f, apr_int64_t tenant, const scim_resource_type_t *type, const scim_attribute_t *attr, const char *value)
{
    return *scim_lookup_keys(f->p, tenant, type, &(scim_term_t){ attr, value }, 1);
}

/* Stored with every resource: the same in all versions, and as t/bench/load.sql makes them. */
static void value(void **state)
{
    fixture_t *f = *state;
    const scim_resource_type_t *user = fixture_type(f->strict, "User");
    const scim_attribute_t *email = attribute(user, "emails.value"), *number = attribute(user, fixture_text(f->p, "{ENT}:employeeNumber"));
    apr_int64_t key = key_of(f, 7, user, email, "x@example.com");

    assert_true((apr_uint64_t)key == 0x13312757769bc5b8ULL);
    assert_true((apr_uint64_t)key_of(f, 7, user, number, "1") == 0xcede053a3047ef3dULL);
    assert_true(key != key_of(f, 8, user, email, "x@example.com"));
    assert_true(key != key_of(f, 7, fixture_type(f->strict, "Group"), email, "x@example.com"));
    assert_true(key != key_of(f, 7, user, attribute(user, "ims.value"), "x@example.com"));
    assert_true(key != key_of(f, 7, user, email, "y@example.com"));
}

static void worth(void **state)
{
    static const struct {
        const char *name;
        int expected;
    } cases[] = {
        { "title", 1 }, { "name.familyName", 1 }, { "emails.value", 1 }, { "phoneNumbers.value", 1 }, { "roles.value", 1 },
        { "{ENT}:employeeNumber", 1 }, { "{ENT}:manager.value", 1 }, { "profileUrl", 1 },
        /* columns */
        { "userName", 0 }, { "externalId", 0 }, { "displayName", 0 }, { "active", 0 }, { "id", 0 }, { "meta.created", 0 }, { "groups.value", 0 },
        /* not worth it */
        { "emails.type", 0 }, { "emails.primary", 0 }, { "emails.display", 0 }, { "emails", 0 }, { "addresses.locality", 0 }, { "photos.value", 0 },
        { "locale", 0 }, { "x509Certificates.value", 0 }, { "{ENT}:manager.$ref", 0 },
    };
    fixture_t *f = *state;
    const scim_resource_type_t *user = fixture_type(f->strict, "User");
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        if (scim_lookup_worth(attribute(user, fixture_text(f->p, cases[i].name))) != cases[i].expected) {
            fail_msg("%s: expected %d", cases[i].name, cases[i].expected);
        }
    }
}

/* What a record is looked up by: comparison keys of all elements, whatever they stand in. */
static void terms(void **state)
{
    fixture_t *f = *state;
    const scim_resource_type_t *user = fixture_type(f->strict, "User");
    scim_json_t *doc = fixture_json(f->p, "{'userName':'U','title':'Boss','active':true,'emails':[{'type':'work','value':'A@X.example',"
                                           "'primary':true},{'value':'b@x.example'}],'{ENT}':{'employeeNumber':'Nr 1'}}");
    const scim_record_t *record = scim_record_make(f->p, user, doc, NULL);
    const char *text = "";
    int i;

    for (i = 0; i < record->terms->nelts; i++) {
        const scim_term_t *term = &APR_ARRAY_IDX(record->terms, i, scim_term_t);
        text = apr_pstrcat(f->p, text, scim_attribute_path(f->p, user, term->attr), "=", term->value, ";", NULL);
    }
    unit_text("terms", text, fixture_text(f->p, "title=boss;emails.value=a@x.example;emails.value=b@x.example;{ENT}:employeeNumber=nr 1;"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(value), UNIT(worth), UNIT(terms) };

    return UNIT_RUN(tests);
}
