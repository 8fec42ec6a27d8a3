#include "profile_build.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"
#include "../resource/validate.h"
#include "../resource/value.h"

#define DEEPEST_INHERITANCE 16
#define DEEPEST_DEFAULT 8

typedef struct building_t {
    apr_pool_t *p;
    const scim_registry_t *registry;
    apr_hash_t *specs;
    scim_profile_t *profile;
    apr_array_header_t *chain; /* of const scim_profile_spec_t *, the base first */
    const char *arguments[SCIM_MOST_RULES]; /* of rules, as the last level says */
    apr_hash_t *restricted;    /* type name -> the scim_profile_spec_t whose SCIMFilterable closed its filters */
    apr_hash_t *owned;         /* type name -> the scim_profile_spec_t whose SCIMSelf holds */
} building_t;

scim_profile_spec_t *scim_profile_spec_make(apr_pool_t *p, const char *name)
{
    scim_profile_spec_t *spec = apr_pcalloc(p, sizeof(*spec));

    spec->name = apr_pstrdup(p, name);
    spec->types = apr_array_make(p, 2, sizeof(scim_type_spec_t));
    spec->changes = apr_array_make(p, 8, sizeof(scim_change_spec_t));
    spec->username = spec->media = spec->restore_inactive = spec->skip_unknown_members = spec->keep_absent_members = -1;
    spec->group_patch_body = spec->me = spec->no_url_filters = -1;
    return spec;
}

static scim_error_t *collect_chain(const building_t *b, const scim_profile_spec_t *spec, int depth)
{
    if (depth > DEEPEST_INHERITANCE) {
        return scim_error(b->p, SCIM_E_INVALID_VALUE, "SCIMInherit: profile %s inherits from itself", spec->name);
    }
    if (spec->base) {
        const scim_profile_spec_t *base = apr_hash_get(b->specs, spec->base, APR_HASH_KEY_STRING);
        if (!base) {
            return scim_error(b->p, SCIM_E_INVALID_VALUE, "SCIMInherit: there is no profile \"%s\"; include its file", spec->base);
        }
        SCIM_TRY(collect_chain(b, base, depth + 1));
    }
    APR_ARRAY_PUSH(b->chain, const scim_profile_spec_t *) = spec;
    return NULL;
}

/* What one level says overrides what its base said. */
static void apply_settings(building_t *b, const scim_profile_spec_t *spec)
{
    scim_profile_t *profile = b->profile;
    int i;

    for (i = 0; i < scim_rule_count; i++) {
        if (spec->rules_set >> i & 1) {
            b->arguments[i] = spec->arguments[i];
        }
    }
    scim_rules_set(b->p, profile, (profile->rules & ~spec->rules_set) | (spec->rules & spec->rules_set), b->arguments);
    if (spec->username >= 0) {
        profile->username = (scim_username_e)spec->username;
    }
    if (spec->media >= 0) {
        profile->media = (scim_media_e)spec->media;
    }
#define FLAG(member)                               \
    if (spec->member >= 0) {                       \
        profile->member = spec->member != 0;       \
    }
    FLAG(restore_inactive)
    FLAG(skip_unknown_members)
    FLAG(keep_absent_members)
    FLAG(group_patch_body)
    FLAG(me)
    FLAG(no_url_filters)
#undef FLAG
}

/* ---- resource types ---- */

static scim_error_t *find_schema(const building_t *b, const char *directive, const char *urn, const scim_schema_t **out)
{
    *out = scim_schema_find(b->registry, urn);
    if (!*out) {
        return scim_error(b->p, SCIM_E_INVALID_VALUE, "%s: no schema %s is loaded; name its file in SCIMSchemas", directive, urn);
    }
    return NULL;
}

/* A copy of a base schema without what it lists of the common attributes: their own definition wins (D-25), else clients
 * could write id and meta. */
static scim_schema_t *clone_base(apr_pool_t *p, const scim_schema_t *schema, const scim_schema_t *common)
{
    scim_schema_t own = *schema;
    int i;

    own.attrs = apr_palloc(p, sizeof(*own.attrs) * (apr_size_t)(schema->nattrs + 1));
    own.nattrs = 0;
    for (i = 0; i < schema->nattrs; i++) {
        const char *name = schema->attrs[i].name;
        if (!scim_attribute_find(common->attrs, common->nattrs, name, strlen(name))) {
            own.attrs[own.nattrs++] = schema->attrs[i];
        }
    }
    return scim_schema_clone(p, &own);
}

static scim_resource_type_t *find_type(const building_t *b, const char *name)
{
    return (scim_resource_type_t *)scim_profile_type(b->profile, name);
}

static scim_error_t *add_type(const building_t *b, const scim_type_spec_t *spec)
{
    static const char in_endpoint[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    scim_resource_type_t *type = find_type(b, spec->name);
    const scim_schema_t *schema;

    SCIM_TRY(find_schema(b, "SCIMResourceType", spec->schema, &schema));
    if (spec->endpoint[0] != '/' || !spec->endpoint[1] || spec->endpoint[1 + strspn(spec->endpoint + 1, in_endpoint)]) {
        return scim_error(b->p, SCIM_E_INVALID_VALUE,
                          "SCIMResourceType: the endpoint \"%s\" must be '/' and one path segment of letters, digits, '-' and '_'",
                          spec->endpoint);
    }
    if (!type) {
        type = &b->profile->types[b->profile->ntypes++];
    }
    memset(type, 0, sizeof(*type));
    type->name = spec->name;
    type->endpoint = spec->endpoint;
    type->description = schema->description;
    type->common = scim_schema_common(b->p);
    type->schema = clone_base(b->p, schema, type->common);
    apr_hash_set(b->restricted, type->name, APR_HASH_KEY_STRING, NULL);
    /* Changes ask where an attribute is kept. */
    scim_resource_type_finish(type);
    return NULL;
}

/* Said of the finished profile, because a type may take over the endpoint of one that a later level moves. */
static scim_error_t *check_endpoints(const building_t *b)
{
    static const char *const taken[] = { "/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/Me", "/Bulk" };
    const scim_resource_type_t *types = b->profile->types;
    apr_size_t k;
    int i, j;

    for (i = 0; i < b->profile->ntypes; i++) {
        for (k = 0; k < sizeof(taken) / sizeof(taken[0]); k++) {
            if (scim_ieq(types[i].endpoint, taken[k])) {
                return scim_error(b->p, SCIM_E_INVALID_VALUE, "SCIMResourceType: the endpoint %s of %s belongs to the protocol",
                                  types[i].endpoint, types[i].name);
            }
        }
        for (j = 0; j < i; j++) {
            if (scim_ieq(types[i].endpoint, types[j].endpoint)) {
                return scim_error(b->p, SCIM_E_INVALID_VALUE, "SCIMResourceType: %s and %s have the same endpoint %s", types[j].name,
                                  types[i].name, types[i].endpoint);
            }
        }
    }
    return NULL;
}

/* Where the characters of userName are checked by the standard, they are compared by it (I-01). */
static void set_precis(const scim_resource_type_t *type, int on)
{
    int i;

    for (i = 0; i < type->schema->nattrs; i++) {
        /* The type owns its schema: the profile has cloned it. */
        scim_attribute_t *attr = &type->schema->attrs[i];
        attr->precis = attr->home == SCIM_HOME_USER_NAME && on;
    }
}

/* Some resource type has the attributes that rules are told to be for. */
static scim_error_t *check_argument(const building_t *b, int rule, const char *name)
{
    scim_attrpath_t path;
    int i, j;

    for (i = 0; i < b->profile->ntypes; i++) {
        const scim_resource_type_t *type = &b->profile->types[i];
        if (scim_resolve(type, name, strlen(name), &path)) {
            return NULL;
        }
        for (j = 0; j < type->nextensions; j++) {
            if (scim_attribute_find(type->extensions[j].schema->attrs, type->extensions[j].schema->nattrs, name, strlen(name))) {
                return NULL;
            }
        }
    }
    return scim_error(b->p, SCIM_E_INVALID_VALUE, "SCIMDialect: %s=%s: no resource type has such an attribute", scim_rules[rule].name, name);
}

static scim_error_t *check_arguments(const building_t *b, const apr_array_header_t *rewrites)
{
    int i, j;

    for (i = 0; i < rewrites->nelts; i++) {
        const scim_rewrite_t *rewrite = &APR_ARRAY_IDX(rewrites, i, scim_rewrite_t);
        for (j = 0; b->arguments[rewrite->rule] && j < rewrite->names->nelts; j++) {
            SCIM_TRY(check_argument(b, rewrite->rule, APR_ARRAY_IDX(rewrite->names, j, const char *)));
        }
    }
    return NULL;
}

/* ---- changes ---- */

static const char *const directives[] = {
    [SCIM_CHANGE_EXTENSION] = "SCIMExtension", [SCIM_CHANGE_REQUIRE] = "SCIMRequire",       [SCIM_CHANGE_OPTIONAL] = "SCIMOptional",
    [SCIM_CHANGE_DEFAULT] = "SCIMDefault",     [SCIM_CHANGE_UNIQUE] = "SCIMUnique",         [SCIM_CHANGE_FILTERABLE] = "SCIMFilterable",
    [SCIM_CHANGE_HIDE] = "SCIMHide",           [SCIM_CHANGE_OWN] = "SCIMSelf",             [SCIM_CHANGE_DELETE] = "SCIMDelete",
};

static scim_error_t *fault(const building_t *b, const scim_change_spec_t *change, const char *what)
{
    return scim_error(b->p, SCIM_E_INVALID_VALUE, "%s: %s", directives[change->what], what);
}

static void set_filterable(scim_attribute_t *attrs, int n, int on)
{
    int i;

    for (i = 0; i < n; i++) {
        attrs[i].filterable = on != 0;
        set_filterable(attrs[i].subs, attrs[i].nsubs, on);
    }
}

static void set_own(scim_attribute_t *attrs, int n, int on)
{
    int i;

    for (i = 0; i < n; i++) {
        attrs[i].own = on != 0;
        set_own(attrs[i].subs, attrs[i].nsubs, on);
    }
}

/* For all attributes of the type. It owns its schemas: the profile has cloned them. */
static void set_all(const scim_resource_type_t *type, void (*set)(scim_attribute_t *attrs, int n, int on), int on)
{
    const scim_schema_t *schema;
    int i;

    set(type->common->attrs, type->common->nattrs, on);
    for (i = 0; (schema = scim_type_schema_at(type, i)); i++) {
        set(schema->attrs, schema->nattrs, on);
    }
}

static scim_error_t *add_extension(const building_t *b, scim_resource_type_t *type, const scim_change_spec_t *change)
{
    scim_extension_t *extensions = apr_pcalloc(b->p, sizeof(*extensions) * (apr_size_t)(type->nextensions + 1));
    int required = change->value && scim_ieq(change->value, "required"), i;
    const scim_schema_t *found;
    scim_schema_t *schema;

    if (scim_ieq(type->schema->id, change->arg)) {
        return fault(b, change, apr_psprintf(b->p, "%s is the base schema of %s already", change->arg, type->name));
    }
    for (i = 0; i < type->nextensions; i++) {
        if (scim_ieq(type->extensions[i].schema->id, change->arg)) {
            type->extensions[i].required = required;
            return NULL;
        }
        extensions[i] = type->extensions[i];
    }
    SCIM_TRY(find_schema(b, directives[change->what], change->arg, &found));
    schema = scim_schema_clone(b->p, found);
    if (apr_hash_get(b->restricted, type->name, APR_HASH_KEY_STRING)) {
        set_filterable(schema->attrs, schema->nattrs, 0);
    }
    extensions[i].schema = schema;
    extensions[i].required = required;
    type->extensions = extensions;
    type->nextensions++;
    return NULL;
}

/* Written by clients and kept in the document: what defaults and uniqueness work on. */
static int is_written(const scim_attribute_t *attr)
{
    return attr->mutability != SCIM_READ_ONLY && attr->mutability != SCIM_WRITE_ONLY &&
           (attr->home == SCIM_HOME_DOCUMENT || attr->home == SCIM_HOME_USER_NAME || attr->home == SCIM_HOME_DISPLAY_NAME ||
            attr->home == SCIM_HOME_ACTIVE);
}

/* One JSON value; wrapped, because only objects are parsed strictly. NULL when text is something else. */
static scim_json_t *parse_value(apr_pool_t *p, const char *text)
{
    const char *wrapped = apr_pstrcat(p, "{\"value\":", text, "}", NULL);
    scim_json_t *o = NULL, *value = NULL;

    if (!scim_json_parse(p, wrapped, strlen(wrapped), DEEPEST_DEFAULT, &o) && scim_json_count(o) == 1) {
        scim_json_find(o, "value", &value);
    }
    return value;
}

/* The value passes the checks that a client's would pass, without any tolerance but that of formats. */
static scim_error_t *set_default(const building_t *b, scim_attribute_t *attr, const scim_change_spec_t *change)
{
    scim_profile_t strict = { .name = NULL };
    scim_context_t c;
    scim_json_t *value = parse_value(b->p, change->value);
    scim_error_t *err = NULL;

    if (attr->parent || !is_written(attr)) {
        return fault(b, change, apr_psprintf(b->p, "the attribute \"%s\" takes no default", change->arg));
    }
    scim_rules_set(b->p, &strict, 0, b->arguments);
    strict.options.value = b->profile->options.value & SCIM_VALUE_ANY_FORMAT;
    scim_context_init(&c, b->p, &strict, NULL);
    if (value) {
        err = scim_value_read(&c, attr, value, change->arg, &value);
    }
    if (err || !value) {
        return fault(b, change, apr_psprintf(b->p, "%s is no JSON value that fits the attribute \"%s\"%s%s", change->value, change->arg,
                                             err ? ": " : "", err ? err->detail : ""));
    }
    attr->default_json = scim_json_text(b->p, value, NULL);
    return NULL;
}

static scim_error_t *set_unique(const building_t *b, scim_attribute_t *attr, const scim_change_spec_t *change)
{
    if (attr->multi || attr->type == SCIM_COMPLEX || (attr->parent && attr->parent->multi)) {
        return fault(b, change, apr_psprintf(b->p, "\"%s\" is not a singular attribute", change->arg));
    }
    if (!is_written(attr)) {
        return fault(b, change, apr_psprintf(b->p, "the attribute \"%s\" cannot be made unique", change->arg));
    }
    attr->uniqueness = SCIM_UNIQUE_SERVER;
    return NULL;
}

/* The first SCIMFilterable of a level closes everything but id; each opens what it names. */
static void restrict_filters(scim_resource_type_t *type)
{
    int i;

    set_all(type, set_filterable, 0);
    for (i = 0; i < type->common->nattrs; i++) {
        if (strcmp(type->common->attrs[i].name, "id") == 0) {
            type->common->attrs[i].filterable = 1;
        }
    }
}

static scim_error_t *let_own(const building_t *b, const scim_resource_type_t *type, scim_attribute_t *attr, const scim_change_spec_t *change)
{
    if (!scim_ieq(type->name, "User")) {
        return fault(b, change, "only what is a User can be reached through " SCIM_ME);
    }
    if (attr->mutability == SCIM_READ_ONLY || attr->home == SCIM_HOME_SCHEMAS || (attr->parent && attr->parent->mutability == SCIM_READ_ONLY)) {
        return fault(b, change, apr_psprintf(b->p, "the attribute \"%s\" is read-only: no client can change it", change->arg));
    }
    if (attr->parent && attr->parent->multi) {
        return fault(b, change, apr_psprintf(b->p, "\"%s\" is a part of many values; name %s as a whole", change->arg, attr->parent->name));
    }
    attr->own = 1;
    set_own(attr->subs, attr->nsubs, 1);
    return NULL;
}

static scim_error_t *change_attribute(const building_t *b, scim_resource_type_t *type, const scim_change_spec_t *change)
{
    scim_attrpath_t path;
    scim_attribute_t *attr;

    if (!scim_resolve(type, change->arg, strlen(change->arg), &path) || !path.attr) {
        return fault(b, change, apr_psprintf(b->p, "resource type %s has no attribute \"%s\"", type->name, change->arg));
    }
    attr = (scim_attribute_t *)(path.sub ? path.sub : path.attr);
    switch (change->what) {
    case SCIM_CHANGE_REQUIRE:
        if (attr->mutability == SCIM_READ_ONLY || (attr->parent && attr->parent->mutability == SCIM_READ_ONLY)) {
            return fault(b, change, apr_psprintf(b->p, "the attribute \"%s\" is read-only: no client can give it", change->arg));
        }
        attr->required = 1;
        return NULL;
    case SCIM_CHANGE_OPTIONAL:
        attr->required = 0;
        return NULL;
    case SCIM_CHANGE_DEFAULT:
        return set_default(b, attr, change);
    case SCIM_CHANGE_UNIQUE:
        return set_unique(b, attr, change);
    case SCIM_CHANGE_FILTERABLE:
        attr->filterable = 1;
        set_filterable(attr->subs, attr->nsubs, 1);
        return NULL;
    case SCIM_CHANGE_OWN:
        return let_own(b, type, attr, change);
    default:
        attr->hidden = 1;
        return NULL;
    }
}

static scim_error_t *set_delete(const building_t *b, scim_resource_type_t *type, const scim_change_spec_t *change)
{
    static const char *const words[] = { [SCIM_DELETE_REMOVE] = "remove", [SCIM_DELETE_DISABLE] = "disable", [SCIM_DELETE_REFUSE] = "refuse" };
    scim_attrpath_t path;
    int i;

    for (i = 0; i < 3; i++) {
        if (scim_ieq(words[i], change->arg)) {
            type->on_delete = (scim_delete_e)i;
            if (i == SCIM_DELETE_DISABLE && !scim_resolve(type, "active", 6, &path)) {
                return fault(b, change, apr_psprintf(b->p, "%s has no attribute \"active\" to disable it by", type->name));
            }
            return NULL;
        }
    }
    return fault(b, change, apr_psprintf(b->p, "\"%s\" is not remove, disable or refuse", change->arg));
}

static scim_error_t *apply_changes(const building_t *b, const scim_profile_spec_t *spec)
{
    int i;

    for (i = 0; i < spec->changes->nelts; i++) {
        const scim_change_spec_t *change = &APR_ARRAY_IDX(spec->changes, i, scim_change_spec_t);
        scim_resource_type_t *type = find_type(b, change->type);
        if (!type) {
            return fault(b, change, apr_psprintf(b->p, "profile %s has no resource type \"%s\"", spec->name, change->type));
        }
        if (change->what == SCIM_CHANGE_FILTERABLE && apr_hash_get(b->restricted, type->name, APR_HASH_KEY_STRING) != spec) {
            apr_hash_set(b->restricted, type->name, APR_HASH_KEY_STRING, spec);
            restrict_filters(type);
        }
        if (change->what == SCIM_CHANGE_OWN && apr_hash_get(b->owned, type->name, APR_HASH_KEY_STRING) != spec) {
            apr_hash_set(b->owned, type->name, APR_HASH_KEY_STRING, spec);
            set_all(type, set_own, 0);
        }
        SCIM_TRY(change->what == SCIM_CHANGE_EXTENSION ? add_extension(b, type, change)
                 : change->what == SCIM_CHANGE_DELETE  ? set_delete(b, type, change)
                                                       : change_attribute(b, type, change));
    }
    return NULL;
}

/* ---- all together ---- */

static void serve(const building_t *b, const scim_schema_t *schema)
{
    int i;

    for (i = 0; schema && i < b->profile->schemas->nelts; i++) {
        if (scim_ieq(APR_ARRAY_IDX(b->profile->schemas, i, const scim_schema_t *)->id, schema->id)) {
            return;
        }
    }
    if (schema) {
        APR_ARRAY_PUSH(b->profile->schemas, const scim_schema_t *) = schema;
    }
}

static void collect_schemas(const building_t *b)
{
    static const char *const meta_schemas[] = { SCIM_URN_SPC, SCIM_URN_RESOURCE_TYPE, SCIM_URN_SCHEMA };
    int i, j;

    b->profile->schemas = apr_array_make(b->p, 8, sizeof(const scim_schema_t *));
    for (i = 0; i < b->profile->ntypes; i++) {
        serve(b, b->profile->types[i].schema);
        for (j = 0; j < b->profile->types[i].nextensions; j++) {
            serve(b, b->profile->types[i].extensions[j].schema);
        }
    }
    for (i = 0; i < 3; i++) {
        serve(b, scim_schema_find(b->registry, meta_schemas[i]));
    }
}

/* A default that the validator refuses would refuse every new resource that relies on it. Asked of the finished profile: what is required
 * may be said after the default. */
static scim_error_t *check_default(const building_t *b, const scim_resource_type_t *type, const scim_attribute_t *attr)
{
    scim_json_t *value = attr->default_json ? parse_value(b->p, attr->default_json) : NULL;
    scim_json_t *doc = scim_json_new_object(b->p), *before = scim_json_new_object(b->p);
    scim_json_t *holder = doc;
    scim_context_t c;
    scim_error_t *err;

    if (!value) {
        return NULL;
    }
    if (scim_is_extension(type, attr->schema)) {
        holder = scim_json_new_object(b->p);
        scim_json_set(doc, attr->schema->id, holder);
        scim_json_set(before, attr->schema->id, scim_json_new_object(b->p));
    }
    scim_json_set(holder, attr->name, value);
    scim_context_init(&c, b->p, b->profile, type);
    err = scim_validate(&c, SCIM_JUDGE_CHANGES, before, doc, NULL);
    return err ? scim_error(b->p, SCIM_E_INVALID_VALUE, "SCIMDefault: the default of %s would be refused: %s", attr->name, err->detail) : NULL;
}

static scim_error_t *check_defaults(const building_t *b, const scim_resource_type_t *type)
{
    int i, j;

    for (i = 0; i < type->schema->nattrs; i++) {
        SCIM_TRY(check_default(b, type, &type->schema->attrs[i]));
    }
    for (i = 0; i < type->nextensions; i++) {
        const scim_schema_t *schema = type->extensions[i].schema;
        for (j = 0; j < schema->nattrs; j++) {
            SCIM_TRY(check_default(b, type, &schema->attrs[j]));
        }
    }
    return NULL;
}

scim_error_t *scim_profile_build(apr_pool_t *p, const scim_registry_t *registry, apr_hash_t *specs, const scim_profile_spec_t *spec,
                                 scim_profile_t **out)
{
    scim_profile_t *profile = apr_pcalloc(p, sizeof(*profile));
    building_t b = { p, registry, specs, profile, apr_array_make(p, 4, sizeof(const scim_profile_spec_t *)), { NULL },
                     apr_hash_make(p), apr_hash_make(p) };
    int i, j, most = 0;

    SCIM_TRY(collect_chain(&b, spec, 0));
    profile->name = spec->name;
    for (i = 0; i < b.chain->nelts; i++) {
        most += APR_ARRAY_IDX(b.chain, i, const scim_profile_spec_t *)->types->nelts;
    }
    profile->types = apr_pcalloc(p, sizeof(scim_resource_type_t) * (apr_size_t)(most ? most : 1));
    for (i = 0; i < b.chain->nelts; i++) {
        const scim_profile_spec_t *level = APR_ARRAY_IDX(b.chain, i, const scim_profile_spec_t *);
        apply_settings(&b, level);
        for (j = 0; j < level->types->nelts; j++) {
            SCIM_TRY(add_type(&b, &APR_ARRAY_IDX(level->types, j, scim_type_spec_t)));
        }
        SCIM_TRY(apply_changes(&b, level));
    }
    if (profile->ntypes == 0) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "Profile %s has no SCIMResourceType", spec->name);
    }
    SCIM_TRY(check_endpoints(&b));
    SCIM_TRY(check_arguments(&b, b.profile->values));
    SCIM_TRY(check_arguments(&b, b.profile->operations));
    for (i = 0; i < profile->ntypes; i++) {
        profile->types[i].resolve = profile->options.resolve;
        profile->types[i].aliases = profile->aliases;
        scim_resource_type_finish(&profile->types[i]);
        set_precis(&profile->types[i], !(profile->options.value & SCIM_VALUE_ANY_FORMAT));
        SCIM_TRY(check_defaults(&b, &profile->types[i]));
    }
    collect_schemas(&b);
    *out = profile;
    return NULL;
}

scim_error_t *scim_profiles_build(apr_pool_t *p, const scim_registry_t *registry, apr_hash_t *specs, apr_hash_t *profiles)
{
    apr_hash_index_t *hi;

    for (hi = apr_hash_first(p, specs); hi; hi = apr_hash_next(hi)) {
        scim_profile_t *profile = NULL;
        scim_error_t *err = scim_profile_build(p, registry, specs, apr_hash_this_val(hi), &profile);
        if (err) {
            return scim_error_prefix(p, err, apr_psprintf(p, "<SCIMProfile %s>: ", (const char *)apr_hash_this_key(hi)));
        }
        apr_hash_set(profiles, profile->name, APR_HASH_KEY_STRING, profile);
    }
    return NULL;
}
