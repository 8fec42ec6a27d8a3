#include "schema.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "../base/text.h"

const scim_attribute_t *scim_attribute_find(const scim_attribute_t *attrs, int n, const char *name, apr_size_t len)
{
    int i;

    for (i = 0; i < n; i++) {
        if (scim_ieqn(attrs[i].name, name, len) && !attrs[i].name[len]) {
            return &attrs[i];
        }
    }
    return NULL;
}

const scim_attribute_t *scim_attribute_value(const scim_attribute_t *attr)
{
    return scim_attribute_find(attr->subs, attr->nsubs, "value", 5);
}

int scim_type_fits(const scim_attribute_t *attr, scim_json_t *value)
{
    scim_json_e type = scim_json_type(value);

    switch (attr->type) {
    case SCIM_BOOLEAN:
        return type == SCIM_JSON_BOOLEAN;
    case SCIM_INTEGER:
        return type == SCIM_JSON_INTEGER;
    case SCIM_DECIMAL:
        return type == SCIM_JSON_INTEGER || type == SCIM_JSON_DECIMAL;
    case SCIM_COMPLEX:
        return type == SCIM_JSON_OBJECT;
    default:
        return type == SCIM_JSON_STRING;
    }
}

const scim_schema_t *scim_type_schema_at(const scim_resource_type_t *type, int index)
{
    return index == 0 ? type->schema : index <= type->nextensions ? type->extensions[index - 1].schema : NULL;
}

const scim_schema_t *scim_type_schema(const scim_resource_type_t *type, const char *urn)
{
    const scim_schema_t *schema;
    int i;

    for (i = 0; (schema = scim_type_schema_at(type, i)) && !scim_ieq(schema->id, urn); i++) {
    }
    return schema;
}

int scim_is_extension(const scim_resource_type_t *type, const scim_schema_t *schema)
{
    int i;

    for (i = 0; schema && i < type->nextensions; i++) {
        if (type->extensions[i].schema == schema) {
            return 1;
        }
    }
    return 0;
}

const char *scim_attribute_path(apr_pool_t *p, const scim_resource_type_t *type, const scim_attribute_t *attr)
{
    const char *prefix = scim_is_extension(type, attr->schema) ? apr_pstrcat(p, attr->schema->id, ":", NULL) : "";

    return attr->parent ? apr_pstrcat(p, prefix, attr->parent->name, ".", attr->name, NULL) : apr_pstrcat(p, prefix, attr->name, NULL);
}

/* ---- name resolution ---- */

/* "attr" or "attr.sub" among the attributes of a schema. */
static int resolve_in(const scim_schema_t *schema, const char *name, apr_size_t len, scim_attrpath_t *out)
{
    const char *dot = memchr(name, '.', len);
    apr_size_t first = dot ? (apr_size_t)(dot - name) : len;

    out->attr = scim_attribute_find(schema->attrs, schema->nattrs, name, first);
    if (!out->attr) {
        return 0;
    }
    if (dot) {
        out->sub = scim_attribute_find(out->attr->subs, out->attr->nsubs, dot + 1, len - first - 1);
        return out->sub != NULL;
    }
    return 1;
}

/* Is urn the prefix of name, followed by its end or by a separator and something? Gives what follows. */
static int strip_urn(const scim_resource_type_t *type, const char *urn, const char *name, apr_size_t len, const char **rest, apr_size_t *rest_len)
{
    apr_size_t n = strlen(urn);

    if (len < n || !scim_ieqn(urn, name, n)) {
        return 0;
    }
    if (len > n && name[n] != ':' && !(name[n] == '.' && (type->resolve & SCIM_RESOLVE_DOT))) {
        return 0;
    }
    if (len == n + 1) {
        return 0;
    }
    *rest = len > n ? name + n + 1 : name + n;
    *rest_len = len > n ? len - n - 1 : 0;
    return 1;
}

static int resolve_core(const scim_resource_type_t *type, const char *name, apr_size_t len, scim_attrpath_t *out)
{
    return resolve_in(type->schema, name, len, out) || (!out->attr && resolve_in(type->common, name, len, out));
}

/* What stands behind the URN of schema. */
static int resolve_qualified(const scim_resource_type_t *type, const scim_schema_t *schema, const char *rest, apr_size_t len, scim_attrpath_t *out)
{
    if (len == 0) {
        out->extension = schema;
        return 1;
    }
    out->used = rest[-1] == '.' ? SCIM_RESOLVE_DOT : 0;
    if (schema == type->schema) {
        return resolve_core(type, rest, len, out);
    }
    out->extension = schema;
    return resolve_in(schema, rest, len, out);
}

static int resolve_alias(const scim_resource_type_t *type, const char *name, apr_size_t len, scim_attrpath_t *out)
{
    const scim_alias_t *at;
    const char *rest;
    apr_size_t rest_len;

    for (at = type->aliases; at && at->alias; at++) {
        if (strip_urn(type, at->alias, name, len, &rest, &rest_len)) {
            const scim_schema_t *schema = at->urn ? scim_type_schema(type, at->urn) : type->schema;
            return schema && resolve_qualified(type, schema, rest, rest_len, out);
        }
    }
    return 0;
}

/* The registered URN that is the longest prefix of the name (F-31). */
static int resolve_urn(const scim_resource_type_t *type, const char *name, apr_size_t len, scim_attrpath_t *out)
{
    const scim_schema_t *best = NULL, *schema;
    const char *rest = NULL, *best_rest = NULL;
    apr_size_t rest_len = 0, best_len = 0;
    int i;

    for (i = 0; (schema = scim_type_schema_at(type, i)); i++) {
        if (strip_urn(type, schema->id, name, len, &rest, &rest_len) && (!best || rest_len < best_len)) {
            best = schema;
            best_rest = rest;
            best_len = rest_len;
        }
    }
    return best && resolve_qualified(type, best, best_rest, best_len, out);
}

static int resolve_bare_extension(const scim_resource_type_t *type, const char *name, apr_size_t len, scim_attrpath_t *out)
{
    int i;

    for (i = 0; i < type->nextensions; i++) {
        if (resolve_in(type->extensions[i].schema, name, len, out)) {
            out->extension = type->extensions[i].schema;
            return 1;
        }
    }
    return 0;
}

/* The ways to resolve a name, in this order; each with the tolerance that it needs. */
static const struct {
    int qualified;                     /* for names with a ':' */
    unsigned needs;
    int (*resolve)(const scim_resource_type_t *type, const char *name, apr_size_t len, scim_attrpath_t *out);
} ways[] = {
    { 0, 0, resolve_core },
    { 0, SCIM_RESOLVE_BARE, resolve_bare_extension },
    { 1, 0, resolve_urn },
    { 1, SCIM_RESOLVE_ALIAS, resolve_alias },
};

int scim_resolve(const scim_resource_type_t *type, const char *name, apr_size_t len, scim_attrpath_t *out)
{
    int qualified = memchr(name, ':', len) != NULL;
    apr_size_t i;

    for (i = 0; len && i < sizeof(ways) / sizeof(ways[0]); i++) {
        memset(out, 0, sizeof(*out));
        if (ways[i].qualified != qualified || (ways[i].needs & ~type->resolve)) {
            continue;
        }
        if (ways[i].resolve(type, name, len, out)) {
            out->used |= ways[i].needs;
            return 1;
        }
        if (out->attr && !qualified) {
            break;
        }
    }
    memset(out, 0, sizeof(*out));
    return 0;
}

/* ---- copies and homes ---- */

static void clone_attributes(apr_pool_t *p, const scim_schema_t *schema, const scim_attribute_t *parent, scim_attribute_t *attrs, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        attrs[i].schema = schema;
        attrs[i].parent = parent;
        if (attrs[i].nsubs) {
            attrs[i].subs = apr_pmemdup(p, attrs[i].subs, sizeof(scim_attribute_t) * (apr_size_t)attrs[i].nsubs);
            clone_attributes(p, schema, &attrs[i], attrs[i].subs, attrs[i].nsubs);
        }
    }
}

scim_schema_t *scim_schema_clone(apr_pool_t *p, const scim_schema_t *schema)
{
    scim_schema_t *clone = apr_pmemdup(p, schema, sizeof(*schema));

    if (schema->nattrs) {
        clone->attrs = apr_pmemdup(p, schema->attrs, sizeof(scim_attribute_t) * (apr_size_t)schema->nattrs);
        clone_attributes(p, clone, NULL, clone->attrs, clone->nattrs);
    }
    return clone;
}

static const struct {
    const char *schema, *name;
    scim_home_e home;
} homes[] = {
    { SCIM_URN_USER, "userName", SCIM_HOME_USER_NAME },   { SCIM_URN_USER, "displayName", SCIM_HOME_DISPLAY_NAME },
    { SCIM_URN_USER, "active", SCIM_HOME_ACTIVE },        { SCIM_URN_USER, "password", SCIM_HOME_PASSWORD },
    { SCIM_URN_USER, "groups", SCIM_HOME_GROUPS },        { SCIM_URN_GROUP, "displayName", SCIM_HOME_DISPLAY_NAME },
    { SCIM_URN_GROUP, "members", SCIM_HOME_MEMBERS },     { NULL, "displayName", SCIM_HOME_DISPLAY_NAME },
};

/* The rows without schema are for resource types other than User and Group. */
static scim_home_e home_of(const scim_schema_t *schema, const scim_attribute_t *attr)
{
    int own = scim_ieq(schema->id, SCIM_URN_USER) || scim_ieq(schema->id, SCIM_URN_GROUP);
    apr_size_t i;

    for (i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
        int fits = homes[i].schema ? scim_ieq(schema->id, homes[i].schema) : !own && attr->type == SCIM_STRING && !attr->multi;
        if (fits && scim_ieq(attr->name, homes[i].name)) {
            return homes[i].home;
        }
    }
    return SCIM_HOME_DOCUMENT;
}

static void settle_home(scim_attribute_t *attr, scim_home_e home)
{
    int i;

    attr->home = home;
    for (i = 0; i < attr->nsubs; i++) {
        attr->subs[i].home = home;
    }
}

int scim_attribute_secret(const scim_attribute_t *attr)
{
    return attr->returned == SCIM_RETURNED_NEVER || attr->mutability == SCIM_WRITE_ONLY || (attr->parent && scim_attribute_secret(attr->parent));
}

int scim_attribute_unseen(const scim_attribute_t *attr)
{
    int asked_for = attr->returned == SCIM_RETURNED_REQUEST ||
                    (attr->returned != SCIM_RETURNED_ALWAYS && attr->parent && attr->parent->returned == SCIM_RETURNED_REQUEST);

    return asked_for || scim_attribute_secret(attr);
}

int scim_attribute_firm(const scim_attribute_t *attr)
{
    return attr->mutability == SCIM_IMMUTABLE || attr->mutability == SCIM_READ_ONLY || attr->home == SCIM_HOME_ACTIVE;
}

int scim_attribute_kept(const scim_attribute_t *attr)
{
    return scim_attribute_firm(attr) || scim_attribute_unseen(attr);
}

/* Kept in the document, but not shown to everybody: such resources cannot be answered verbatim. */
static int needs_projection(const scim_attribute_t *attrs, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        if (attrs[i].home != SCIM_HOME_PASSWORD &&
            (scim_attribute_unseen(&attrs[i]) || needs_projection(attrs[i].subs, attrs[i].nsubs))) {
            return 1;
        }
    }
    return 0;
}

void scim_resource_type_finish(scim_resource_type_t *type)
{
    /* The type owns its schemas: the profile has cloned them for it. */
    scim_attribute_t *attrs = type->schema->attrs;
    int i;

    type->members = type->groups = NULL;
    for (i = 0; i < type->schema->nattrs; i++) {
        settle_home(&attrs[i], home_of(type->schema, &attrs[i]));
        if (attrs[i].home == SCIM_HOME_MEMBERS) {
            type->members = &attrs[i];
        }
        if (attrs[i].home == SCIM_HOME_GROUPS) {
            type->groups = &attrs[i];
        }
    }
    type->always_project = needs_projection(type->schema->attrs, type->schema->nattrs);
    for (i = 0; i < type->nextensions; i++) {
        type->always_project |= needs_projection(type->extensions[i].schema->attrs, type->extensions[i].schema->nattrs);
    }
}
