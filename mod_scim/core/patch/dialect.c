#include "dialect.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"
#include "../query/value_key.h"

/* ---- values ---- */

typedef struct json_object *(*value_fn)(apr_pool_t *p, const scim_attribute_t *attr, struct json_object *value);

static struct json_object *unwrap_array(apr_pool_t *p, const scim_attribute_t *attr, struct json_object *value)
{
    struct json_object *element;

    (void)p;
    if (attr->multi || !json_object_is_type(value, json_type_array) || json_object_array_length(value) != 1) {
        return value;
    }
    element = json_object_array_get_idx(value, 0);
    if (attr->type != SCIM_COMPLEX && json_object_is_type(element, json_type_object)) {
        return scim_json_get(element, "value", NULL);
    }
    return element;
}

static struct json_object *wrap_value(apr_pool_t *p, const scim_attribute_t *attr, struct json_object *value)
{
    struct json_object *object;

    if (attr->multi || attr->type != SCIM_COMPLEX || !json_object_is_type(value, json_type_string) || scim_json_empty(value) ||
        !scim_attribute_value(attr)) {
        return value;
    }
    object = scim_json_own(p, json_object_new_object());
    json_object_object_add(object, "value", json_object_get(value));
    return object;
}

static struct json_object *manager_id(apr_pool_t *p, const scim_attribute_t *attr, struct json_object *value)
{
    struct json_object *id = scim_json_get(value, "managerId", NULL), *copy;

    if (!id || !scim_ieq(attr->name, "manager") || scim_json_get(value, "value", NULL)) {
        return value;
    }
    copy = scim_json_copy(p, value);
    json_object_object_add(copy, "value", json_object_get(id));
    return copy;
}

static struct json_object *string_boolean(apr_pool_t *p, const scim_attribute_t *attr, struct json_object *value)
{
    const char *s;

    if (attr->type != SCIM_BOOLEAN || !json_object_is_type(value, json_type_string)) {
        return value;
    }
    s = json_object_get_string(value);
    if (!scim_ieq(s, "true") && !scim_ieq(s, "false")) {
        return value;
    }
    return scim_json_own(p, json_object_new_boolean(scim_ieq(s, "true")));
}

static const struct {
    scim_rule_e rule;
    value_fn rewrite;
} value_rules[] = {
    { SCIM_RULE_UNWRAP_ARRAY, unwrap_array },
    { SCIM_RULE_WRAP_VALUE, wrap_value },
    { SCIM_RULE_MANAGER_ID, manager_id },
    { SCIM_RULE_STRING_BOOLEAN, string_boolean },
};

struct json_object *scim_dialect_value(scim_context_t *c, const scim_attribute_t *attr, struct json_object *value)
{
    apr_size_t i;

    for (i = 0; i < sizeof(value_rules) / sizeof(value_rules[0]); i++) {
        struct json_object *rewritten;
        if (!scim_rule_on(c->profile, value_rules[i].rule)) {
            continue;
        }
        rewritten = value_rules[i].rewrite(c->p, attr, value);
        if (rewritten != value) {
            scim_context_fire(c, value_rules[i].rule);
            value = rewritten;
        }
    }
    return value;
}

/* ---- bodies ---- */

/* Moves the members of object `from` that are not there yet into `to`. */
static void merge(struct json_object *to, struct json_object *from)
{
    json_object_object_foreach(from, key, value)
    {
        if (!scim_json_get(to, key, NULL)) {
            json_object_object_add(to, key, json_object_get(value));
        }
    }
}

/* Under which name a top-level member is to be read: extensions by their registered URN. NULL: as it is. */
static const char *extension_name(const scim_resource_type_t *type, const char *key)
{
    scim_attrpath_t path;

    if (!strchr(key, ':') || !scim_resolve(type, key, strlen(key), &path) || path.attr || !path.extension) {
        return NULL;
    }
    return path.extension->id;
}

struct json_object *scim_dialect_body(scim_context_t *c, struct json_object *body)
{
    struct json_object *out = body;

    json_object_object_foreach(body, key, value)
    {
        const char *urn = json_object_is_type(value, json_type_object) ? extension_name(c->type, key) : NULL;
        int core = urn && strcmp(urn, c->type->schema->id) == 0;
        scim_rule_e rule = core ? SCIM_RULE_CORE_WRAPPER : SCIM_RULE_LEGACY_URNS;
        if (!urn || (!core && strcmp(urn, key) == 0)) {
            continue;
        }
        if (!scim_rule_on(c->profile, rule)) {
            continue;
        }
        if (out == body) {
            out = scim_json_copy(c->p, body);
        }
        if (core) {
            merge(out, value);
        }
        else if (!scim_json_get(out, urn, NULL)) {
            json_object_object_add(out, urn, json_object_get(value));
        }
        scim_context_fire(c, rule);
    }
    return out;
}

/* ---- PATCH operations ---- */

typedef struct rewrite_t {
    scim_context_t *c;
    scim_patch_op_t *op;
} rewrite_t;

/* The attribute that the operation's value belongs to. */
static const scim_attribute_t *target(const scim_patch_op_t *op)
{
    return op->path->target.sub ? op->path->target.sub : op->path->target.attr;
}

static int ignore_unknown(const rewrite_t *r)
{
    if (!r->op->path->unknown) {
        return 0;
    }
    r->op->flags |= SCIM_PATCH_NOTHING;
    return 1;
}

static int ignore_read_only(const rewrite_t *r)
{
    const scim_attrpath_t *path = &r->op->path->target;

    if (!(path->attr && path->attr->mutability == SCIM_READ_ONLY) && !(path->sub && path->sub->mutability == SCIM_READ_ONLY)) {
        return 0;
    }
    r->op->flags |= SCIM_PATCH_NOTHING;
    return 1;
}

static int any_schemas(const rewrite_t *r)
{
    if (!r->op->path->target.attr || r->op->path->target.attr->home != SCIM_HOME_SCHEMAS) {
        return 0;
    }
    r->op->flags |= SCIM_PATCH_NOTHING;
    return 1;
}

static int members_object(const rewrite_t *r)
{
    struct json_object *members = scim_json_get(r->op->value, "members", NULL);

    if (!members || !r->op->path->target.attr || r->op->path->target.attr->home != SCIM_HOME_MEMBERS) {
        return 0;
    }
    r->op->value = members;
    return 1;
}

/* Null, "", [], {} and objects of nothing else. */
static int says_nothing(struct json_object *value)
{
    if (scim_json_empty(value)) {
        return 1;
    }
    if (!json_object_is_type(value, json_type_object)) {
        return 0;
    }
    json_object_object_foreach(value, key, part)
    {
        (void)key;
        if (!scim_json_empty(part)) {
            return 0;
        }
    }
    return 1;
}

/* {"value":""} is empty whatever the attribute's type, {} is an empty complex value and nothing else. */
static int clears(const scim_attribute_t *attr, struct json_object *value)
{
    const char *key = NULL;

    if (attr->type != SCIM_COMPLEX && json_object_is_type(value, json_type_object)) {
        scim_json_get(value, "value", &key);
        return key && says_nothing(value);
    }
    return says_nothing(value);
}

static int empty_clears(const rewrite_t *r)
{
    scim_patch_op_t *op = r->op;
    const scim_attribute_t *attr = target(op);

    if (op->kind == SCIM_PATCH_REMOVE || !op->has_value || !attr || attr->required || !clears(attr, op->value)) {
        return 0;
    }
    if (op->kind == SCIM_PATCH_ADD) {
        op->flags |= SCIM_PATCH_NOTHING;
        return 1;
    }
    op->kind = SCIM_PATCH_REMOVE;
    op->value = NULL;
    op->has_value = 0;
    return 1;
}

static int upsert(const rewrite_t *r)
{
    if (r->op->kind != SCIM_PATCH_REPLACE || !r->op->path->filter) {
        return 0;
    }
    r->op->flags |= SCIM_PATCH_CREATE;
    return 1;
}

/* attr[f].sub with value v becomes attr[f and sub eq v].sub. */
static int remove_if_equal(const rewrite_t *r)
{
    scim_patch_op_t *op = r->op;
    const scim_attribute_t *sub = op->path->target.sub;
    scim_filter_t *both, *equal;

    if (op->kind != SCIM_PATCH_REMOVE || !op->path->filter || !sub || scim_json_empty(op->value)) {
        return 0;
    }
    equal = apr_pcalloc(r->c->p, sizeof(*equal));
    equal->op = SCIM_F_EQ;
    equal->attr = sub;
    equal->value.key = scim_value_key(r->c->p, sub, scim_dialect_value(r->c, sub, op->value));
    if (!equal->value.key) {
        return 0;
    }
    both = apr_pcalloc(r->c->p, sizeof(*both));
    both->op = SCIM_F_AND;
    both->left = op->path->filter;
    both->right = equal;
    op->path->filter = both;
    return 1;
}

static int drop_bare(const rewrite_t *r)
{
    if (r->op->kind != SCIM_PATCH_REMOVE || !r->op->path->filter || !r->op->path->target.sub) {
        return 0;
    }
    r->op->flags |= SCIM_PATCH_DROP_BARE;
    return 1;
}

/* In this order; each returns whether it changed the operation. */
static const struct {
    scim_rule_e rule;
    int (*rewrite)(const rewrite_t *r);
} operation_rules[] = {
    { SCIM_RULE_IGNORE_UNKNOWN, ignore_unknown },   { SCIM_RULE_IGNORE_READ_ONLY, ignore_read_only },
    { SCIM_RULE_ANY_SCHEMAS, any_schemas },         { SCIM_RULE_MEMBERS_OBJECT, members_object },
    { SCIM_RULE_EMPTY_CLEARS, empty_clears },       { SCIM_RULE_UPSERT, upsert },
    { SCIM_RULE_REMOVE_IF_EQUAL, remove_if_equal }, { SCIM_RULE_DROP_BARE, drop_bare },
};

void scim_dialect_operation(scim_context_t *c, scim_patch_op_t *op)
{
    rewrite_t r = { c, op };
    apr_size_t i;

    for (i = 0; i < sizeof(operation_rules) / sizeof(operation_rules[0]); i++) {
        if (scim_rule_on(c->profile, operation_rules[i].rule) && operation_rules[i].rewrite(&r)) {
            scim_context_fire(c, operation_rules[i].rule);
        }
        if (op->flags & SCIM_PATCH_NOTHING) {
            return;
        }
    }
}
