#include "resource.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"
#include "counterpart.h"
#include "element.h"
#include "password.h"
#include "validate.h"
#include "value.h"

/* A body being read. */
typedef struct reading_t {
    scim_context_t *c;
    int create;
    scim_input_t *input;
} reading_t;

static int stands_before(scim_json_t *urns, size_t i)
{
    size_t k;

    for (k = 0; k < i; k++) {
        if (scim_ieq(scim_json_string(scim_json_at(urns, k)), scim_json_string(scim_json_at(urns, i)))) {
            return 1;
        }
    }
    return 0;
}

/* C-17, C-18. The first URN that is wrong ends the walk, so no list is longer than the type has schemas. */
static scim_error_t *check_schemas(const reading_t *r, scim_json_t *body)
{
    scim_json_t *schemas = scim_json_get(body, "schemas", NULL);
    size_t i, n;
    int base = 0;

    if (!scim_json_is(schemas, SCIM_JSON_ARRAY) || scim_json_count(schemas) == 0) {
        return scim_error(r->c->p, SCIM_E_INVALID_VALUE, "schemas must be an array that names \"%s\"", r->c->type->schema->id);
    }
    n = scim_json_count(schemas);
    for (i = 0; i < n; i++) {
        scim_json_t *urn = scim_json_at(schemas, i);
        if (!scim_json_is(urn, SCIM_JSON_STRING) || !scim_type_schema(r->c->type, scim_json_string(urn))) {
            return scim_error(r->c->p, SCIM_E_INVALID_VALUE, "schemas names a schema that %s does not have", r->c->type->name);
        }
        if (stands_before(schemas, i)) {
            return scim_error(r->c->p, SCIM_E_INVALID_VALUE, "schemas names \"%.200s\" twice", scim_json_string(urn));
        }
        base |= scim_ieq(scim_json_string(urn), r->c->type->schema->id);
    }
    if (!base) {
        return scim_error(r->c->p, SCIM_E_INVALID_VALUE, "schemas must name \"%s\"", r->c->type->schema->id);
    }
    return NULL;
}

static scim_error_t *read_members(const reading_t *r, const scim_attribute_t *attr, scim_json_t *value)
{
    scim_members_t *members = r->input->members;
    scim_json_t *list;
    size_t i, n;

    SCIM_TRY(scim_value_read(r->c, attr, value, attr->name, &list));
    scim_members_clear(members);
    n = list ? scim_json_count(list) : 0;
    for (i = 0; i < n; i++) {
        scim_member_t *member;
        SCIM_TRY(scim_member_read(r->c, scim_json_at(list, i), &member));
        scim_members_add(r->c->p, members, member);
    }
    return NULL;
}

static scim_error_t *read_default(const reading_t *r, const scim_attribute_t *attr, scim_json_t *to)
{
    scim_json_t *value;

    if (r->create && attr->default_json) {
        value = scim_json_trusted(r->c->p, attr->default_json, strlen(attr->default_json));
        if (value) {
            scim_json_set(to, attr->name, value);
        }
    }
    return NULL;
}

/* One top-level attribute of the body or of an extension's container. */
static scim_error_t *read_attribute(const reading_t *r, const scim_attribute_t *attr, scim_json_t *from, const char *prefix,
                                    scim_json_t *to)
{
    const char *key = NULL;
    scim_json_t *value;

    if (attr->mutability == SCIM_READ_ONLY || attr->home == SCIM_HOME_SCHEMAS) {
        return NULL;
    }
    value = scim_json_get(from, attr->name, &key);
    if (attr->home == SCIM_HOME_MEMBERS) {
        return key ? read_members(r, attr, value) : NULL;
    }
    if (attr->home == SCIM_HOME_PASSWORD) {
        return value ? scim_password_read(r->c, value, &r->input->password) : NULL;
    }
    if (!key) {
        return read_default(r, attr, to);
    }
    SCIM_TRY(scim_value_read(r->c, attr, value, apr_pstrcat(r->c->p, prefix, attr->name, NULL), &value));
    if (!value) {
        return NULL;
    }
    scim_json_set(to, attr->name, value);
    return NULL;
}

static scim_error_t *read_schema(const reading_t *r, const scim_schema_t *schema, scim_json_t *from, const char *prefix,
                                 scim_json_t *to)
{
    int i;

    for (i = 0; i < schema->nattrs; i++) {
        SCIM_TRY(read_attribute(r, &schema->attrs[i], from, prefix, to));
    }
    return NULL;
}

static scim_error_t *read_extension(const reading_t *r, const scim_schema_t *schema, scim_json_t *body)
{
    scim_json_t *from = scim_json_get(body, schema->id, NULL);
    scim_json_t *to = scim_json_new_object(r->c->p);

    if (from && !scim_json_is(from, SCIM_JSON_OBJECT)) {
        return scim_error(r->c->p, SCIM_E_INVALID_VALUE, "%s must be an object", schema->id);
    }
    if (!from && !r->create) {
        return NULL;
    }
    SCIM_TRY(read_schema(r, schema, from, apr_pstrcat(r->c->p, schema->id, ":", NULL), to));
    if (scim_json_count(to)) {
        scim_json_set(r->input->doc, schema->id, to);
    }
    return NULL;
}

static scim_json_t *rewrite_body(scim_context_t *c, scim_json_t *body)
{
    int i;

    for (i = 0; i < c->profile->bodies->nelts; i++) {
        const scim_rewrite_t *rewrite = &APR_ARRAY_IDX(c->profile->bodies, i, scim_rewrite_t);
        scim_json_t *rewritten = rewrite->body(c, body);
        if (rewritten != body) {
            c->fired |= APR_UINT64_C(1) << rewrite->rule;
            body = rewritten;
        }
    }
    return body;
}

/* What is required and not kept in the document: a new resource needs it, and no list of members may become empty. */
static scim_error_t *check_elsewhere(const reading_t *r)
{
    const scim_input_t *input = r->input;
    const scim_schema_t *schema = r->c->type->schema;
    int i;

    for (i = 0; i < schema->nattrs; i++) {
        int missing = schema->attrs[i].home == SCIM_HOME_PASSWORD  ? r->create && !input->password
                      : schema->attrs[i].home == SCIM_HOME_MEMBERS ? (r->create || input->members->clear) && !apr_hash_count(input->members->add)
                                                                   : 0;
        if (missing && schema->attrs[i].required) {
            return scim_error(r->c->p, SCIM_E_INVALID_VALUE, "%s is required", schema->attrs[i].name);
        }
    }
    return NULL;
}

scim_error_t *scim_resource_read(scim_context_t *c, scim_json_t *body, int create, scim_input_t **out)
{
    scim_input_t *input = apr_pcalloc(c->p, sizeof(*input));
    reading_t r = { c, create, input };
    scim_error_t *err;
    int i;

    input->doc = scim_json_new_object(c->p);
    input->members = scim_members_make(c->p);
    input->said = body = rewrite_body(c, body);
    err = check_schemas(&r, body);
    if (err && !scim_tolerates(c, body, SCIM_BODY_ANY_SCHEMAS)) {
        return err;
    }
    SCIM_TRY(read_schema(&r, c->type->common, body, "", input->doc));
    SCIM_TRY(read_schema(&r, c->type->schema, body, "", input->doc));
    for (i = 0; i < c->type->nextensions; i++) {
        SCIM_TRY(read_extension(&r, c->type->extensions[i].schema, body));
    }
    if (!create && c->type->members && !input->members->touched && !c->profile->keep_absent_members) {
        scim_members_clear(input->members);
    }
    SCIM_TRY(check_elsewhere(&r));
    *out = input;
    return create ? scim_validate(c, SCIM_JUDGE_ALL, NULL, input->doc, NULL) : NULL;
}

/* ---- replace ---- */

static scim_error_t *keep_attributes(scim_context_t *c, const scim_attribute_t *attrs, int n, scim_json_t *stored, scim_json_t *given,
                                     scim_json_t *said);

/* What stays is not to be refused for what went: it brings what is required beside it. */
static void keep_required(const scim_attribute_t *attrs, int n, scim_json_t *stored, scim_json_t *kept)
{
    int i;

    for (i = 0; i < n; i++) {
        scim_json_t *old = attrs[i].required ? scim_json_member(stored, attrs[i].name) : NULL;
        if (old && !scim_json_member(kept, attrs[i].name)) {
            scim_json_set(kept, attrs[i].name, old);
        }
    }
}

/* A complex value that a client has seen and left out goes, and what it has not seen of it; unless a part may not change. */
static void keep_fixed(const scim_context_t *c, const scim_attribute_t *attr, scim_json_t *old, scim_json_t *given)
{
    scim_json_t *rest = scim_json_new_object(c->p);
    int i, fixed = 0;

    for (i = 0; i < attr->nsubs; i++) {
        scim_json_t *part = scim_attribute_kept(&attr->subs[i]) ? scim_json_member(old, attr->subs[i].name) : NULL;
        if (part) {
            scim_json_set(rest, attr->subs[i].name, part);
            fixed |= attr->subs[i].mutability == SCIM_IMMUTABLE;
        }
    }
    if (fixed) {
        keep_required(attr->subs, attr->nsubs, old, rest);
        scim_json_set(given, attr->name, rest);
    }
}

/* What a client may not change or has not seen, and gives no value: stays, but for what the body takes away by saying null. */
static scim_error_t *keep_unseen(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *old, scim_json_t *given, scim_json_t *said)
{
    const char *named = NULL;
    scim_json_t *value = scim_json_get(said, attr->name, &named), *rest = old;

    if (named && !scim_attribute_firm(attr)) {
        rest = scim_json_new_object(c->p);
        /* Null for some of its parts alone. */
        SCIM_TRY(!scim_json_empty(value) ? keep_attributes(c, attr->subs, attr->nsubs, old, rest, value) : NULL);
    }
    if (!scim_json_empty(rest)) {
        scim_json_set(given, attr->name, rest);
    }
    return NULL;
}

/* One attribute that is stored. said: the part of the body where it would stand. */
static scim_error_t *keep_attribute(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *old, scim_json_t *given, scim_json_t *said)
{
    scim_json_t *new = scim_json_member(given, attr->name);

    if (new && attr->multi) {
        SCIM_TRY(scim_elements_complete(c, c->p, attr, old, new, 1, &new));
        scim_json_set(given, attr->name, new);
        return NULL;
    }
    if (new) {
        return keep_attributes(c, attr->subs, attr->nsubs, old, new, scim_json_get(said, attr->name, NULL));
    }
    if (scim_attribute_kept(attr) || !scim_value_shows(attr, old)) {
        return keep_unseen(c, attr, old, given, said);
    }
    if (!attr->multi) {
        keep_fixed(c, attr, old, given);
    }
    return NULL;
}

static scim_error_t *keep_attributes(scim_context_t *c, const scim_attribute_t *attrs, int n, scim_json_t *stored, scim_json_t *given,
                                     scim_json_t *said)
{
    int i;

    for (i = 0; i < n; i++) {
        scim_json_t *old = scim_json_member(stored, attrs[i].name);
        if (old) {
            SCIM_TRY(keep_attribute(c, &attrs[i], old, given, said));
        }
    }
    return NULL;
}

/* As if the body said null for each attribute of the extension. */
static scim_json_t *all_null(apr_pool_t *p, const scim_schema_t *schema)
{
    scim_json_t *said = scim_json_new_object(p);
    int i;

    for (i = 0; i < schema->nattrs; i++) {
        scim_json_set(said, schema->attrs[i].name, NULL);
    }
    return said;
}

/* An extension that the body leaves out goes, but for what is kept. */
static scim_error_t *keep_extension(scim_context_t *c, const scim_schema_t *schema, scim_json_t *stored, const scim_input_t *input)
{
    const char *named = NULL;
    scim_json_t *said = scim_json_get(input->said, schema->id, &named), *given = scim_json_member(input->doc, schema->id);
    int gone = scim_json_empty(said);

    if (!given) {
        given = scim_json_new_object(c->p);
        scim_json_set(input->doc, schema->id, given);
    }
    SCIM_TRY(keep_attributes(c, schema->attrs, schema->nattrs, stored, given, gone && named ? all_null(c->p, schema) : said));
    if (gone && scim_json_count(given)) {
        keep_required(schema->attrs, schema->nattrs, stored, given);
    }
    return NULL;
}

/* Does the change take `active` away from a user? Whatever else is wrong must not stand in its way. */
static scim_judge_e judge_of(const scim_context_t *c, scim_json_t *stored, scim_json_t *doc)
{
    int i;

    for (i = 0; i < c->type->schema->nattrs; i++) {
        const scim_attribute_t *attr = &c->type->schema->attrs[i];
        scim_json_t *before = NULL, *after = NULL;
        if (attr->home != SCIM_HOME_ACTIVE) {
            continue;
        }
        scim_json_find(stored, attr->name, &before);
        scim_json_find(doc, attr->name, &after);
        if (after && !scim_json_true(after) && !(before && !scim_json_true(before))) {
            return SCIM_JUDGE_CHANGES;
        }
    }
    return SCIM_JUDGE_ALL;
}

scim_error_t *scim_resource_replace(scim_context_t *c, scim_json_t *stored, scim_input_t *input)
{
    int i;

    SCIM_TRY(keep_attributes(c, c->type->schema->attrs, c->type->schema->nattrs, stored, input->doc, input->said));
    for (i = 0; i < c->type->nextensions; i++) {
        const scim_schema_t *schema = c->type->extensions[i].schema;
        scim_json_t *old = scim_json_member(stored, schema->id);
        SCIM_TRY(old ? keep_extension(c, schema, old, input) : NULL);
    }
    /* What is written back is not judged: rules may have come since. */
    return scim_json_equal(stored, input->doc) ? NULL : scim_validate(c, judge_of(c, stored, input->doc), stored, input->doc, NULL);
}
