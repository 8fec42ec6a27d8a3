#include "unit.h"

static void resolved(void **state)
{
    static const struct {
        const char *title, *name, *attr, *sub;
        int extension; /* of the enterprise schema */
    } cases[] = {
        { "short", "userName", "userName", NULL, 0 },
        { "C-22", "USERNAME", "userName", NULL, 0 },
        { "dotted", "name.givenName", "name", "givenName", 0 },
        { "C-22", "NAME.GIVENNAME", "name", "givenName", 0 },
        { "F-31", "{USER}:userName", "userName", NULL, 0 },
        { "F-31", "{USER}:name.familyName", "name", "familyName", 0 },
        { "F-32", "URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:NAME.FAMILYNAME", "name", "familyName", 0 },
        { "extension", "{ENT}:employeeNumber", "employeeNumber", NULL, 1 },
        { "extension", "{ENT}:manager.value", "manager", "value", 1 },
        { "extension", "{ENT}:manager.$ref", "manager", "$ref", 1 },
        { "common", "id", "id", NULL, 0 },
        { "common", "externalId", "externalId", NULL, 0 },
        { "common", "meta.lastModified", "meta", "lastModified", 0 },
        { "common", "schemas", "schemas", NULL, 0 },
        { "common", "{USER}:id", "id", NULL, 0 },
        { "F-20", "groups.$ref", "groups", "$ref", 0 },
    };
    fixture_t *f = *state;
    const scim_resource_type_t *user = fixture_type(f->strict, "User");
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        const char *name = fixture_text(f->p, cases[i].name);
        scim_attrpath_t path;
        if (!scim_resolve(user, name, strlen(name), &path) || !path.attr) {
            fail_msg("%s %s is not resolved", cases[i].title, name);
        }
        unit_text(name, path.attr->name, cases[i].attr);
        assert_int_equal(path.sub != NULL, cases[i].sub != NULL);
        if (cases[i].sub) {
            unit_text(name, path.sub->name, cases[i].sub);
            assert_ptr_equal(path.sub->parent, path.attr);
        }
        assert_int_equal(path.extension != NULL && scim_is_extension(user, path.extension), cases[i].extension);
    }
}

static void unresolved(void **state)
{
    static const char *const names[] = {
        "",           "nope",        "name.nope",  "name.",          ".name",          "name.givenName.x",     "userName.value",
        "{ENT}:nope", "{USER}:nope", "{GROUP}:id", "employeeNumber", "{ENT}.department", "urn:example:x:title",
        "urn:ietf:params:scim:schemas:core:2.0:UserX:userName",      "urn:scim:schemas:core:1.0:userName",
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(names); i++) {
        const char *name = fixture_text(f->p, names[i]);
        scim_attrpath_t path;
        if (scim_resolve(fixture_type(f->strict, "User"), name, strlen(name), &path)) {
            fail_msg("%s must not resolve", name);
        }
    }
}

static void containers(void **state)
{
    fixture_t *f = *state;
    const scim_resource_type_t *user = fixture_type(f->strict, "User");
    scim_attrpath_t path;

    assert_true(scim_resolve(user, SCIM_URN_ENTERPRISE, strlen(SCIM_URN_ENTERPRISE), &path));
    assert_true(!path.attr && scim_is_extension(user, path.extension));
    assert_true(scim_resolve(user, SCIM_URN_USER, strlen(SCIM_URN_USER), &path));
    assert_true(!path.attr && path.extension == user->schema);
    assert_false(scim_is_extension(user, user->schema));
    assert_true(scim_resolve(user, "userName eq", 8, &path));
    unit_text("only len bytes", path.attr->name, "userName");
}

static void tolerated_names(void **state)
{
    static const struct {
        const char *title, *name, *attr;
    } cases[] = {
        { "P24", "employeeNumber", "employeeNumber" },
        { "P24", "manager.value", "manager" },
        { "P19", "{ENT}.department", "department" },
        { "P19", "{USER}.title", "title" },
        { "P19", "urn:scim:schemas:extension:enterprise:1.0.manager", "manager" },
        { "P19", "urn:scim:schemas:extension:enterprise:1.0:department", "department" },
        { "SCIM 1", "urn:scim:schemas:core:1.0:userName", "userName" },
        { "SCIM 1", "urn:scim:schemas:extension:enterprise:2.0:User:department", "department" },
        { "own attributes first", "displayName", "displayName" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        const char *name = fixture_text(f->p, cases[i].name);
        scim_attrpath_t path;
        if (!scim_resolve(fixture_type(f->tolerant, "User"), name, strlen(name), &path) || !path.attr) {
            fail_msg("%s %s is not resolved", cases[i].title, name);
        }
        unit_text(name, path.attr->name, cases[i].attr);
    }
}

/* "type mutability returned uniqueness home", then multi, required and exact where they hold. */
static const char *describe(apr_pool_t *p, const scim_attribute_t *attr)
{
    static const char *const types[] = { "string", "boolean", "decimal", "integer", "dateTime", "reference", "binary", "complex" };
    static const char *const mutabilities[] = { "readWrite", "readOnly", "immutable", "writeOnly" };
    static const char *const returns[] = { "default", "always", "never", "request" };
    static const char *const uniqueness[] = { "none", "server", "global" };
    static const char *const homes[] = { "document", "schemas",  "id",   "externalId", "userName", "displayName",
                                         "active",   "password", "meta", "members",    "groups" };

    return apr_pstrcat(p, types[attr->type], " ", mutabilities[attr->mutability], " ", returns[attr->returned], " ",
                       uniqueness[attr->uniqueness], " ", homes[attr->home], attr->multi ? " multi" : "", attr->required ? " required" : "",
                       attr->case_exact ? " exact" : "", NULL);
}

static void characteristics(void **state)
{
    static const struct {
        const char *type, *name, *expected;
    } cases[] = {
        { "User", "externalId", "string readWrite default none externalId exact" },
        { "User", "meta.resourceType", "string readOnly default none meta exact" },
        { "User", "userName", "string readWrite default server userName required" },
        { "User", "active", "boolean readWrite default none active" },
        { "User", "password", "string writeOnly never none password" },
        { "User", "displayName", "string readWrite default none displayName" },
        { "User", "emails", "complex readWrite default none document multi" },
        { "User", "emails.value", "string readWrite default none document" },
        { "User", "photos.value", "reference readWrite default none document exact" },
        { "User", "x509Certificates.value", "binary readWrite default none document exact" },
        { "User", "addresses.primary", "boolean readWrite default none document" },
        { "User", "groups", "complex readOnly default none groups multi" },
        { "User", "groups.value", "string readOnly default none groups exact" },
        { "User", "groups.$ref", "reference readOnly default none groups exact" },
        { "User", "{ENT}:manager.value", "string readWrite default none document exact" },
        { "User", "{ENT}:manager.displayName", "string readOnly default none document" },
        { "Group", "displayName", "string readWrite default none displayName required" },
        { "Group", "members", "complex readWrite default none members multi" },
        { "Group", "members.$ref", "reference immutable default none members exact" },
        { "Group", "members.display", "string readOnly default none members" },
        { "Device", "serial", "string immutable default server document required exact" },
        { "Device", "displayName", "string readWrite default none displayName" },
        { "Device", "tags", "string readWrite default none document multi" },
        { "Device", "notes", "string readWrite request none document" },
    };
    fixture_t *f = *state;
    const scim_attribute_t *id;
    scim_attrpath_t path;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        const char *name = fixture_text(f->p, cases[i].name);
        assert_true(scim_resolve(fixture_type(f->strict, cases[i].type), name, strlen(name), &path));
        unit_text(apr_pstrcat(f->p, "tables S-0 to S-3: ", name, NULL), describe(f->p, path.sub ? path.sub : path.attr), cases[i].expected);
    }
    assert_true(scim_resolve(fixture_type(f->strict, "User"), "id", 2, &path));
    id = path.attr;
    assert_true(id->mutability == SCIM_READ_ONLY && id->returned == SCIM_RETURNED_ALWAYS && id->home == SCIM_HOME_ID && id->case_exact);
}

static void paths(void **state)
{
    static const char *const names[] = { "userName", "name.givenName", "{ENT}:employeeNumber", "{ENT}:manager.value", "meta.created" };
    fixture_t *f = *state;
    const scim_resource_type_t *user = fixture_type(f->strict, "User");
    size_t i;

    for (i = 0; i < COUNT(names); i++) {
        const char *name = fixture_text(f->p, names[i]);
        scim_attrpath_t path;
        assert_true(scim_resolve(user, name, strlen(name), &path));
        unit_text("the path resolves to itself", scim_attribute_path(f->p, user, path.sub ? path.sub : path.attr), name);
    }
}

static void bad_schemas(void **state)
{
#define SCHEMA(attributes) "{'schemas':['" SCIM_URN_SCHEMA "'],'id':'urn:example:x','name':'X','attributes':[" attributes "]}"
    static const struct {
        const char *title, *json;
    } cases[] = {
        { "D-24", SCHEMA("{'name':'1abc','type':'string'}") },
        { "D-24", SCHEMA("{'name':'a.b','type':'string'}") },
        { "D-24", SCHEMA("{'name':'','type':'string'}") },
        { "D-24", SCHEMA("{'type':'string'}") },
        { "D-22", SCHEMA("{'name':'a','type':'text'}") },
        { "D-22", SCHEMA("{'name':'a','mutability':'sometimes'}") },
        { "D-22", SCHEMA("{'name':'a','returned':'maybe'}") },
        { "D-22", SCHEMA("{'name':'a','uniqueness':'galaxy'}") },
        { "D-23", SCHEMA("{'name':'a','type':'complex','subAttributes':[{'name':'b','type':'complex','subAttributes':[{'name':'c'}]}]}") },
        { "D-23", SCHEMA("{'name':'a','type':'string','subAttributes':[{'name':'b'}]}") },
        { "C-23", SCHEMA("{'name':'a'},{'name':'A'}") },
        { "uniqueness", SCHEMA("{'name':'a','multiValued':true,'uniqueness':'server'}") },
        { "wrong type", SCHEMA("{'name':'a','multiValued':'yes'}") },
        { "no id", "{'name':'X','attributes':[{'name':'a'}]}" },
        { "no attributes", "{'id':'urn:example:x','name':'X'}" },
        { "no object", "[]" },
        { "no JSON", "{" },
        { "loaded twice", "{'id':'URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER','name':'X','attributes':[{'name':'a'}]}" },
    };
    fixture_t *f = *state;
    const char *user = "{'id':'" SCIM_URN_USER "','name':'User','attributes':[{'name':'a'}]}";
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_registry_t *registry = scim_registry_make(f->p);
        const char *json = fixture_text(f->p, user);
        scim_error_t *err;
        unit_no_error("defaults", scim_schema_load(f->p, registry, json, strlen(json)));
        json = fixture_text(f->p, cases[i].json);
        err = scim_schema_load(f->p, registry, json, strlen(json));
        if (!err || !*err->detail) {
            fail_msg("%s: %s must be refused", cases[i].title, json);
        }
    }
}

static void defaults(void **state)
{
    fixture_t *f = *state;
    scim_registry_t *registry = scim_registry_make(f->p);
    const char *json = fixture_text(f->p, SCHEMA("{'name':'a'},{'name':'r','type':'reference'}"));
    const scim_schema_t *schema;
    const scim_attribute_t *a;

    unit_no_error("RFC 7643 2.2", scim_schema_load(f->p, registry, json, strlen(json)));
    schema = scim_schema_find(registry, "URN:EXAMPLE:X");
    assert_non_null(schema);
    a = scim_attribute_find(schema->attrs, schema->nattrs, "A", 1);
    assert_non_null(a);
    assert_true(a->type == SCIM_STRING && !a->multi && !a->required && !a->case_exact && a->mutability == SCIM_READ_WRITE &&
                a->returned == SCIM_RETURNED_DEFAULT && a->uniqueness == SCIM_UNIQUE_NONE && a->filterable && !a->hidden);
    assert_null(scim_attribute_find(schema->attrs, schema->nattrs, "ab", 2));
    assert_null(scim_schema_find(registry, "urn:example:y"));
}

static void clones(void **state)
{
    fixture_t *f = *state;
    const scim_schema_t *schema = scim_schema_find(f->registry, SCIM_URN_USER);
    scim_schema_t *clone = scim_schema_clone(f->p, schema);
    int i, j;

    assert_int_equal(clone->nattrs, schema->nattrs);
    for (i = 0; i < clone->nattrs; i++) {
        assert_ptr_equal(clone->attrs[i].schema, clone);
        for (j = 0; j < clone->attrs[i].nsubs; j++) {
            assert_ptr_equal(clone->attrs[i].subs[j].parent, &clone->attrs[i]);
            assert_ptr_equal(clone->attrs[i].subs[j].schema, clone);
        }
    }
    clone->attrs[0].hidden = 1;
    assert_false(schema->attrs[0].hidden);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(resolved),        UNIT(unresolved), UNIT(containers),  UNIT(tolerated_names),
                                        UNIT(characteristics), UNIT(paths),      UNIT(bad_schemas), UNIT(defaults), UNIT(clones) };

    return UNIT_RUN(tests);
}
