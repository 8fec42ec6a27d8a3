#include "fixture.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATCHOP_URN SCIM_URN_MESSAGE "PatchOp"

static const char *const schema_files[] = { "user.json", "group.json", "enterprise-user.json", "service-provider-config.json",
                                            "resource-type.json", "schema.json" };

static const char device_schema[] =
    "{'schemas':['" SCIM_URN_SCHEMA "'],'id':'" DEVICE_URN "','name':'Device','description':'A device','attributes':["
    "{'name':'serial','type':'string','required':true,'caseExact':true,'mutability':'immutable','uniqueness':'server'},"
    "{'name':'displayName','type':'string'},"
    "{'name':'height','type':'integer'},{'name':'weight','type':'decimal'},{'name':'bought','type':'dateTime'},"
    "{'name':'key','type':'binary','caseExact':true},{'name':'manual','type':'reference','caseExact':true,'referenceTypes':['external']},"
    "{'name':'lent','type':'boolean'},"
    "{'name':'tags','type':'string','multiValued':true},"
    "{'name':'notes','type':'string','returned':'request'},"
    "{'name':'pin','type':'string','returned':'never','mutability':'writeOnly'},"
    "{'name':'owner','type':'complex','subAttributes':["
    "{'name':'value','type':'string','caseExact':true},{'name':'since','type':'dateTime'},"
    "{'name':'remark','type':'string','returned':'request'},{'name':'rank','type':'integer','returned':'always'}]},"
    "{'name':'code','type':'string','mutability':'writeOnly'},"
    "{'name':'site','type':'complex','returned':'always','subAttributes':["
    "{'name':'city','type':'string','required':true},{'name':'floors','type':'string','multiValued':true},"
    "{'name':'plot','type':'string','mutability':'immutable'}]},"
    "{'name':'slots','type':'complex','multiValued':true,'subAttributes':[{'name':'value','type':'string'},"
    "{'name':'ports','type':'string','multiValued':true},{'name':'label','type':'string','mutability':'immutable'}]},"
    "{'name':'vault','type':'complex','mutability':'writeOnly','subAttributes':[{'name':'value','type':'string'}]},"
    "{'name':'color','type':'string','mutability':'immutable'},"
    "{'name':'history','type':'complex','returned':'request','subAttributes':[{'name':'note','type':'string'}]},"
    "{'name':'maker','type':'string','returned':'always'}]}";

static void die(const char *what, const char *why)
{
    fprintf(stderr, "fixture: %s: %s\n", what, why);
    exit(99);
}

static void must(const char *what, const scim_error_t *err)
{
    if (err) {
        die(what, err->detail);
    }
}

char *fixture_file(apr_pool_t *p, const char *path, apr_size_t *len)
{
    apr_file_t *file;
    apr_finfo_t info;
    char *text;

    if (apr_file_open(&file, path, APR_FOPEN_READ, 0, p) != APR_SUCCESS) {
        return NULL;
    }
    if (apr_file_info_get(&info, APR_FINFO_SIZE | APR_FINFO_TYPE, file) != APR_SUCCESS || info.filetype != APR_REG) {
        apr_file_close(file);
        return NULL;
    }
    *len = (apr_size_t)info.size;
    text = apr_palloc(p, *len + 1);
    if (*len && apr_file_read_full(file, text, *len, NULL) != APR_SUCCESS) {
        text = NULL;
    }
    else {
        text[*len] = '\0';
    }
    apr_file_close(file);
    return text;
}

typedef struct macro_t {
    const char *name, *text;
} macro_t;

static const macro_t macros[] = {
    { "{USER}", SCIM_URN_USER }, { "{GROUP}", SCIM_URN_GROUP }, { "{ENT}", SCIM_URN_ENTERPRISE }, { "{PATCHOP}", PATCHOP_URN },
};

static const macro_t *macro_at(const char *s)
{
    size_t i;

    for (i = 0; i < sizeof macros / sizeof *macros; i++) {
        if (strncmp(s, macros[i].name, strlen(macros[i].name)) == 0) {
            return &macros[i];
        }
    }
    return NULL;
}

const char *fixture_text(apr_pool_t *p, const char *s)
{
    apr_array_header_t *out = apr_array_make(p, (int)strlen(s) + 1, 1);

    while (*s) {
        const macro_t *macro = *s == '{' ? macro_at(s) : NULL;
        const char *c;
        for (c = macro ? macro->text : ""; *c; c++) {
            APR_ARRAY_PUSH(out, char) = *c;
        }
        if (macro) {
            s += strlen(macro->name);
        }
        else {
            APR_ARRAY_PUSH(out, char) = (char)(*s == '\'' ? '"' : *s);
            s++;
        }
    }
    APR_ARRAY_PUSH(out, char) = '\0';
    return out->elts;
}

/* Inside an array, because a number that stands alone could go on. */
scim_json_t *fixture_json(apr_pool_t *p, const char *s)
{
    const char *text = apr_pstrcat(p, "[", fixture_text(p, s), "]", NULL);
    scim_json_t *list = scim_json_trusted(p, text, strlen(text));

    if (!scim_json_is(list, SCIM_JSON_ARRAY) || scim_json_count(list) != 1) {
        die("test data is not one JSON value", text);
    }
    return scim_json_at(list, 0);
}

static scim_registry_t *load_schemas(apr_pool_t *p)
{
    const char *folder = getenv("SCIM_SRCDIR");
    scim_registry_t *registry = scim_registry_make(p);
    const char *device = fixture_text(p, device_schema);
    size_t i;

    for (i = 0; i < sizeof schema_files / sizeof *schema_files; i++) {
        const char *path = apr_pstrcat(p, folder && *folder ? folder : ".", "/conf/schemas/", schema_files[i], NULL);
        apr_size_t len;
        const char *text = fixture_file(p, path, &len);
        if (!text) {
            die(path, "cannot be read; set SCIM_SRCDIR to the source folder");
        }
        must(path, scim_schema_load(p, registry, text, len));
    }
    must("device schema", scim_schema_load(p, registry, device, strlen(device)));
    return registry;
}

static void add_type(scim_profile_spec_t *spec, const char *name, const char *endpoint, const char *schema)
{
    scim_type_spec_t *type = apr_array_push(spec->types);

    type->name = name;
    type->endpoint = endpoint;
    type->schema = schema;
}

static void add_change(scim_profile_spec_t *spec, scim_change_e what, const char *type, const char *arg, const char *value)
{
    scim_change_spec_t *change = apr_array_push(spec->changes);

    change->what = what;
    change->type = type;
    change->arg = arg;
    change->value = value;
}

apr_uint64_t fixture_rule(const char *name)
{
    int rule = scim_rule_find(name);

    if (rule < 0) {
        die("no such dialect rule", name);
    }
    return APR_UINT64_C(1) << rule;
}

scim_profile_spec_t *fixture_spec(apr_pool_t *pool, const char *name, apr_uint64_t rules)
{
    scim_profile_spec_t *spec = scim_profile_spec_make(pool, name);

    spec->rules_set = scim_rules_all();
    spec->rules = rules;
    add_type(spec, "User", "/Users", SCIM_URN_USER);
    add_type(spec, "Group", "/Groups", SCIM_URN_GROUP);
    add_type(spec, "Device", "/Devices", DEVICE_URN);
    add_change(spec, SCIM_CHANGE_EXTENSION, "User", SCIM_URN_ENTERPRISE, NULL);
    add_change(spec, SCIM_CHANGE_DEFAULT, "User", "active", "true");
    return spec;
}

static const scim_profile_t *build(apr_pool_t *pool, const scim_registry_t *registry, const char *name, apr_uint64_t rules)
{
    scim_profile_t *profile;

    must(name, scim_profile_build(pool, registry, apr_hash_make(pool), fixture_spec(pool, name, rules), &profile));
    return profile;
}

fixture_t *fixture_make(apr_pool_t *pool)
{
    fixture_t *f = apr_pcalloc(pool, sizeof *f);

    f->pool = f->p = pool;
    f->registry = load_schemas(pool);
    f->tolerant = build(pool, f->registry, "default", scim_rules_usual());
    f->strict = build(pool, f->registry, "rfc", 0);
    return f;
}

scim_context_t *fixture_context(fixture_t *f, const scim_profile_t *profile, const char *type)
{
    scim_context_t *c = apr_palloc(f->p, sizeof *c);

    scim_context_init(c, f->p, profile, fixture_type(profile, type));
    return c;
}

const scim_resource_type_t *fixture_type(const scim_profile_t *profile, const char *name)
{
    const scim_resource_type_t *type = scim_profile_type(profile, name);

    if (!type) {
        die("no such resource type", name);
    }
    return type;
}
