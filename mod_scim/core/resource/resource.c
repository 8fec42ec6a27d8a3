#include "resource.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"
#include "validate.h"
#include "value.h"

/* A body being read. */
typedef struct reading_t {
    scim_context_t *c;
    int create;
    scim_input_t *input;
} reading_t;

static int declared(const scim_resource_type_t *type, const char *urn)
{
    int i;

    for (i = 0; i < type->nextensions; i++) {
        if (scim_ieq(type->extensions[i].schema->id, urn)) {
            return 1;
        }
    }
    return scim_ieq(type->schema->id, urn);
}

/* C-17, C-18. */
static scim_error_t *check_schemas(const reading_t *r, struct json_object *body)
{
    struct json_object *schemas = scim_json_get(body, "schemas", NULL);
    size_t i, n;
    int base = 0;

    if (!json_object_is_type(schemas, json_type_array) || json_object_array_length(schemas) == 0) {
        return scim_error(r->c->p, SCIM_E_INVALID_VALUE, "schemas must be an array that names \"%s\"", r->c->type->schema->id);
    }
    n = json_object_array_length(schemas);
    for (i = 0; i < n; i++) {
        struct json_object *urn = json_object_array_get_idx(schemas, i);
        if (!json_object_is_type(urn, json_type_string) || !declared(r->c->type, json_object_get_string(urn))) {
            return scim_error(r->c->p, SCIM_E_INVALID_VALUE, "schemas names a schema that %s does not have", r->c->type->name);
        }
        base |= scim_ieq(json_object_get_string(urn), r->c->type->schema->id);
    }
    if (!base) {
        return scim_error(r->c->p, SCIM_E_INVALID_VALUE, "schemas must name \"%s\"", r->c->type->schema->id);
    }
    return NULL;
}

static scim_error_t *read_members(const reading_t *r, const scim_attribute_t *attr, struct json_object *value)
{
    scim_members_t *members = r->input->members;
    struct json_object *list;
    size_t i, n;

    SCIM_TRY(scim_value_read(r->c, attr, value, attr->name, &list));
    scim_members_clear(members);
    n = list ? json_object_array_length(list) : 0;
    for (i = 0; i < n; i++) {
        scim_member_t *member;
        SCIM_TRY(scim_member_read(r->c, json_object_array_get_idx(list, i), &member));
        scim_members_add(r->c->p, members, member);
    }
    return NULL;
}

static scim_error_t *read_password(const reading_t *r, struct json_object *value)
{
    if (!json_object_is_type(value, json_type_string)) {
        return scim_error(r->c->p, SCIM_E_INVALID_VALUE, "password must be a string");
    }
    return scim_password_prepare(r->c->p, json_object_get_string(value), &r->input->password);
}

static scim_error_t *read_default(const reading_t *r, const scim_attribute_t *attr, struct json_object *to)
{
    struct json_object *value;

    if (r->create && attr->default_json) {
        value = json_tokener_parse(attr->default_json);
        if (value) {
            json_object_object_add(to, attr->name, value);
        }
    }
    return NULL;
}

/* One top-level attribute of the body or of an extension's container. */
static scim_error_t *read_attribute(const reading_t *r, const scim_attribute_t *attr, struct json_object *from, const char *prefix,
                                    struct json_object *to)
{
    const char *key = NULL;
    struct json_object *value;

    if (attr->mutability == SCIM_READ_ONLY || attr->home == SCIM_HOME_SCHEMAS) {
        return NULL;
    }
    value = scim_json_get(from, attr->name, &key);
    if (attr->home == SCIM_HOME_MEMBERS) {
        return key ? read_members(r, attr, value) : NULL;
    }
    if (attr->home == SCIM_HOME_PASSWORD) {
        return value ? read_password(r, value) : NULL;
    }
    if (!key) {
        return read_default(r, attr, to);
    }
    SCIM_TRY(scim_value_read(r->c, attr, value, apr_pstrcat(r->c->p, prefix, attr->name, NULL), &value));
    if (!value) {
        return NULL;
    }
    r->input->has_active |= attr->home == SCIM_HOME_ACTIVE;
    json_object_object_add(to, attr->name, json_object_get(value));
    return NULL;
}

static scim_error_t *read_schema(const reading_t *r, const scim_schema_t *schema, struct json_object *from, const char *prefix,
                                 struct json_object *to)
{
    int i;

    for (i = 0; i < schema->nattrs; i++) {
        SCIM_TRY(read_attribute(r, &schema->attrs[i], from, prefix, to));
    }
    return NULL;
}

static scim_error_t *read_extension(const reading_t *r, const scim_schema_t *schema, struct json_object *body)
{
    struct json_object *from = scim_json_get(body, schema->id, NULL);
    struct json_object *to = scim_json_own(r->c->p, json_object_new_object());

    if (from && !json_object_is_type(from, json_type_object)) {
        return scim_error(r->c->p, SCIM_E_INVALID_VALUE, "%s must be an object", schema->id);
    }
    if (!from && !r->create) {
        return NULL;
    }
    SCIM_TRY(read_schema(r, schema, from, apr_pstrcat(r->c->p, schema->id, ":", NULL), to));
    if (json_object_object_length(to)) {
        json_object_object_add(r->input->doc, schema->id, json_object_get(to));
    }
    return NULL;
}

static struct json_object *rewrite_body(scim_context_t *c, struct json_object *body)
{
    int i;

    for (i = 0; i < c->profile->bodies->nelts; i++) {
        const scim_rewrite_t *rewrite = &APR_ARRAY_IDX(c->profile->bodies, i, scim_rewrite_t);
        struct json_object *rewritten = rewrite->body(c, body);
        if (rewritten != body) {
            c->fired |= APR_UINT64_C(1) << rewrite->rule;
            body = rewritten;
        }
    }
    return body;
}

scim_error_t *scim_resource_read(scim_context_t *c, struct json_object *body, int create, scim_input_t **out)
{
    scim_input_t *input = apr_pcalloc(c->p, sizeof(*input));
    reading_t r = { c, create, input };
    scim_error_t *err;
    int i;

    input->doc = scim_json_own(c->p, json_object_new_object());
    input->members = scim_members_make(c->p);
    body = rewrite_body(c, body);
    err = check_schemas(&r, body);
    if (err && !scim_tolerates(c, body, SCIM_BODY_ANY_SCHEMAS)) {
        return err;
    }
    SCIM_TRY(read_schema(&r, c->type->common, body, "", input->doc));
    SCIM_TRY(read_schema(&r, c->type->schema, body, "", input->doc));
    for (i = 0; i < c->type->nextensions; i++) {
        SCIM_TRY(read_extension(&r, c->type->extensions[i].schema, body));
    }
    SCIM_TRY(scim_resource_check(c, input->doc));
    *out = input;
    return NULL;
}

/* ---- replace ---- */

static scim_error_t *keep_attribute(apr_pool_t *p, const scim_attribute_t *attr, struct json_object *stored, struct json_object *given)
{
    struct json_object *old = NULL, *new = NULL;
    int i;

    if (!json_object_object_get_ex(stored, attr->name, &old)) {
        return NULL;
    }
    json_object_object_get_ex(given, attr->name, &new);
    if (!new && (attr->mutability == SCIM_IMMUTABLE || attr->mutability == SCIM_WRITE_ONLY || attr->mutability == SCIM_READ_ONLY ||
                 attr->home == SCIM_HOME_ACTIVE)) {
        json_object_object_add(given, attr->name, json_object_get(old));
        return NULL;
    }
    if (new && attr->mutability == SCIM_IMMUTABLE && !scim_json_equal(old, new)) {
        return scim_error(p, SCIM_E_MUTABILITY, "%s cannot be changed once it is set", attr->name);
    }
    if (new && attr->type == SCIM_COMPLEX && !attr->multi) {
        for (i = 0; i < attr->nsubs; i++) {
            SCIM_TRY(keep_attribute(p, &attr->subs[i], old, new));
        }
    }
    return NULL;
}

static scim_error_t *keep_schema(apr_pool_t *p, const scim_schema_t *schema, struct json_object *stored, struct json_object *given)
{
    int i;

    for (i = 0; i < schema->nattrs; i++) {
        SCIM_TRY(keep_attribute(p, &schema->attrs[i], stored, given));
    }
    return NULL;
}

scim_error_t *scim_resource_replace(scim_context_t *c, struct json_object *stored, scim_input_t *input)
{
    int i;

    SCIM_TRY(keep_schema(c->p, c->type->schema, stored, input->doc));
    for (i = 0; i < c->type->nextensions; i++) {
        const scim_schema_t *schema = c->type->extensions[i].schema;
        struct json_object *old = NULL, *given = NULL;
        if (!json_object_object_get_ex(stored, schema->id, &old)) {
            continue;
        }
        if (!json_object_object_get_ex(input->doc, schema->id, &given)) {
            given = json_object_new_object();
            json_object_object_add(input->doc, schema->id, given);
        }
        SCIM_TRY(keep_schema(c->p, schema, old, given));
        if (json_object_object_length(given) == 0) {
            json_object_object_del(input->doc, schema->id);
        }
    }
    return NULL;
}
