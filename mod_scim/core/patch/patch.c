/* PATCH bodies: envelope, expansion of path-less and complex values into one operation for each attribute, binding. */
#include "patch.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"
#include "../resource/members.h"
#include "../resource/password.h"
#include "../resource/reference.h"
#include "../resource/value.h"

/* Operations in one request: far above what clients send, low enough that no request occupies a thread for long. */
#define MOST_OPERATIONS 10000

/* Reading an operation, or the member of a value that becomes one, costs about as much as looking at so many values. */
#define STEPS_OF_OPERATION 10

typedef struct parsing_t {
    scim_context_t *c;
    scim_patch_t *patch;
} parsing_t;

static scim_error_t *add_operation(const parsing_t *s, scim_patch_op_t *op);
static scim_error_t *check_parts(const parsing_t *s, const scim_patch_op_t *op, const scim_attribute_t *attr, scim_json_t *value);

/* Must be the URN of one of the type's schemas. */
static scim_error_t *check_urn(const parsing_t *s, scim_json_t *urn)
{
    scim_attrpath_t path;

    if (!scim_json_is(urn, SCIM_JSON_STRING) ||
        !scim_context_resolve(s->c, scim_json_string(urn), (apr_size_t)scim_json_string_length(urn), &path) || path.attr) {
        return scim_error(s->c->p, SCIM_E_INVALID_VALUE, "schemas names a schema that %s does not have", s->c->type->name);
    }
    return NULL;
}

/* `schemas` follows from the content, as in POST and PUT (C-21): declared URNs change nothing, others are refused, and the base schema's
 * cannot go (PA-46). */
static scim_error_t *check_schemas_operation(const parsing_t *s, const scim_patch_op_t *op)
{
    scim_json_t *urns = op->value;
    size_t i;

    if (op->kind == SCIM_PATCH_REMOVE || scim_json_empty(op->value)) {
        return scim_error(s->c->p, SCIM_E_MUTABILITY, "schemas follows from the attributes of the resource and cannot be removed");
    }
    if (!scim_json_is(urns, SCIM_JSON_ARRAY)) {
        urns = scim_json_new_array(s->c->p);
        scim_json_append(urns, op->value);
    }
    for (i = 0; i < scim_json_count(urns); i++) {
        SCIM_TRY(check_urn(s, scim_json_at(urns, i)));
    }
    if (op->kind == SCIM_PATCH_REPLACE && !op->path->filter && !scim_json_names(urns, s->c->type->schema->id)) {
        return scim_error(s->c->p, SCIM_E_MUTABILITY, "schemas always names %s", s->c->type->schema->id);
    }
    return NULL;
}

/* `value eq "id"` and disjunctions of it: members that can be removed without looking at them. */
static int names_ids(const scim_filter_t *f)
{
    if (f->op == SCIM_F_OR) {
        return names_ids(f->left) && names_ids(f->right);
    }
    return f->op == SCIM_F_EQ && strcmp(f->attr->name, "value") == 0;
}

/* What the operation needs to be carried out: nothing for plain member changes, else the document, with members if need be, as where
 * some member has to stay. */
static void note_needs(const parsing_t *s, const scim_patch_op_t *op)
{
    const scim_attrpath_t *target = &op->path->target;

    if (!target->attr || target->attr->home != SCIM_HOME_MEMBERS) {
        s->patch->document = 1;
        return;
    }
    if (target->sub || (target->attr->required && op->kind != SCIM_PATCH_ADD) ||
        (op->path->filter && !(op->kind == SCIM_PATCH_REMOVE && names_ids(op->path->filter)))) {
        s->patch->document = s->patch->members = 1;
    }
    s->patch->lookup |= s->patch->adds && (target->sub || op->path->filter);
    s->patch->adds |= op->kind != SCIM_PATCH_REMOVE;
}

/* A password is prepared here, so that it can be hashed before anything is held. It can be replaced but not taken away (PA-49). */
static scim_error_t *read_password(const parsing_t *s, const scim_patch_op_t *op)
{
    if (op->kind == SCIM_PATCH_REMOVE || !op->value) {
        return scim_error(s->c->p, SCIM_E_MUTABILITY, "password can be replaced but not removed");
    }
    return scim_password_read(s->c, op->value, &s->patch->password);
}

/* Puts the value into document form. A multi-valued attribute takes one object as a list of one (PA-19). */
static scim_error_t *read_value(const parsing_t *s, scim_patch_op_t *op)
{
    const scim_attribute_t *attr = op->path->target.sub ? op->path->target.sub : op->path->target.attr;
    int single = op->path->filter && !op->path->target.sub;
    scim_json_t *value = op->value;

    if (single && scim_json_is(value, SCIM_JSON_ARRAY)) {
        /* The element is a single value: an array of it is what it is for singular attributes. */
        scim_attribute_t element = *attr;
        element.multi = 0;
        value = scim_value_rewrite(s->c, &element, value);
    }
    else if (!single && attr->multi && value && !scim_json_is(value, SCIM_JSON_ARRAY) && !scim_json_empty(value)) {
        scim_json_t *list = scim_json_new_array(s->c->p);
        scim_json_append(list, value);
        value = list;
    }
    SCIM_TRY(single ? scim_element_read(s->c, attr, value, op->path->text, &op->value)
                    : scim_value_read(s->c, attr, value, op->path->text, &op->value));
    return check_parts(s, op, attr, value);
}

/* Members are named by their ids alone, whether they are loaded or not. */
static scim_error_t *read_removed_members(const parsing_t *s, scim_patch_op_t *op)
{
    scim_json_t *ids = scim_json_new_array(s->c->p);
    size_t i, n = scim_json_count(op->value);

    SCIM_TRY(scim_context_spend(s->c, (apr_int64_t)n));
    for (i = 0; i < n; i++) {
        scim_json_t *element = scim_json_at(op->value, i), *named;
        scim_member_t *member;
        if (scim_json_is(element, SCIM_JSON_STRING) && scim_json_empty(element) && scim_tolerates(s->c, value, SCIM_VALUE_EMPTY_STRING)) {
            continue;
        }
        if (!scim_json_is(element, SCIM_JSON_OBJECT)) {
            return scim_error(s->c->p, SCIM_E_INVALID_VALUE, "members must be an array of objects");
        }
        SCIM_TRY(scim_member_read(s->c, element, &member));
        named = scim_json_new_object(s->c->p);
        scim_json_set_string(named, "value", member->id);
        scim_json_append(ids, named);
    }
    op->value = ids;
    return NULL;
}

/* A value on remove of a multi-valued attribute says which elements go (MS-03); elsewhere it has no meaning. One that names nothing removes
 * nothing, which the client cannot have meant: a strict profile says so. To a tolerant one null is no value, as Keycloak means it. */
static scim_error_t *read_removed(const parsing_t *s, scim_patch_op_t *op)
{
    const scim_attribute_t *attr = op->path->target.attr;
    scim_json_t *list;

    if (!op->has_value || op->path->filter || op->path->target.sub || !attr->multi) {
        op->value = NULL;
        return NULL;
    }
    if (scim_json_empty(op->value) && !scim_tolerates(s->c, value, SCIM_VALUE_EMPTY_STRING)) {
        return scim_error(s->c->p, SCIM_E_INVALID_VALUE, "the value names nothing to remove; leave it out to remove all of %s", attr->name);
    }
    if (op->value && !scim_json_is(op->value, SCIM_JSON_ARRAY)) {
        list = scim_json_new_array(s->c->p);
        if (!scim_json_empty(op->value)) {
            scim_json_append(list, op->value);
        }
        op->value = list;
    }
    return attr->home == SCIM_HOME_MEMBERS && op->value ? read_removed_members(s, op) : NULL;
}

/* readOnly attributes: an error when named by a path (PA-39); in a value they may be echoes of what was read (PA-40): `id` is compared when
 * applied, the others by scim_patch_echoes. */
static scim_error_t *check_mutability(const parsing_t *s, scim_patch_op_t *op)
{
    const scim_attrpath_t *target = &op->path->target;
    int read_only = target->attr->mutability == SCIM_READ_ONLY || (target->sub && target->sub->mutability == SCIM_READ_ONLY);

    if (!read_only) {
        return NULL;
    }
    if (!(op->flags & SCIM_OP_PATHLESS)) {
        return scim_error(s->c->p, SCIM_E_MUTABILITY, "\"%s\" is read-only", op->path->text);
    }
    if (target->attr->home != SCIM_HOME_ID) {
        op->flags |= SCIM_OP_NOTHING;
        s->patch->document = 1;
        APR_ARRAY_PUSH(s->patch->echoes, scim_patch_op_t *) = op;
    }
    return NULL;
}

/* A strict operation on one attribute. */
static scim_error_t *finish_operation(const parsing_t *s, scim_patch_op_t *op)
{
    SCIM_TRY(check_mutability(s, op));
    if (op->flags & SCIM_OP_NOTHING) {
        return NULL;
    }
    if (op->path->target.attr->home == SCIM_HOME_SCHEMAS) {
        return check_schemas_operation(s, op);
    }
    if (op->path->target.attr->home == SCIM_HOME_PASSWORD) {
        SCIM_TRY(read_password(s, op));
    }
    else if (op->path->target.attr->home != SCIM_HOME_ID) {
        SCIM_TRY(op->kind == SCIM_PATCH_REMOVE ? read_removed(s, op) : read_value(s, op));
    }
    note_needs(s, op);
    APR_ARRAY_PUSH(s->patch->ops, scim_patch_op_t *) = op;
    return NULL;
}

static scim_patch_op_t *derive(const parsing_t *s, const scim_patch_op_t *op, scim_path_t *path, scim_json_t *value)
{
    scim_patch_op_t *derived = apr_pmemdup(s->c->p, op, sizeof(*op));

    derived->path = path;
    derived->value = value;
    derived->has_value = 1;
    return derived;
}

/* The operation for one member of its value; sub: the part of that name, NULL when there is none. */
static scim_error_t *add_part(const parsing_t *s, const scim_patch_op_t *op, const char *name, const scim_attribute_t *sub,
                              scim_json_t *value)
{
    scim_path_t *path = apr_pmemdup(s->c->p, op->path, sizeof(*path));
    scim_patch_op_t *derived = derive(s, op, path, value);

    /* Each part has the path's text again, which may be long. */
    SCIM_TRY(scim_context_spend(s->c, SCIM_STEPS_FOR(strlen(op->path->text))));
    path->text = apr_pstrcat(s->c->p, op->path->text, ".", sub ? sub->name : name, NULL);
    path->target.sub = sub;
    path->unknown = !sub;
    derived->flags &= ~(unsigned)SCIM_OP_PARTS;
    derived->flags |= SCIM_OP_OF_PARTS;
    derived->flags |= sub && sub->mutability == SCIM_READ_ONLY ? SCIM_OP_PATHLESS : 0;
    return add_operation(s, derived);
}

/* add/replace of a singular complex attribute sets the parts that are given and leaves the others (PA-17, PA-27). */
static scim_error_t *expand_complex(const parsing_t *s, const scim_patch_op_t *op)
{
    scim_json_iter_t it;
    const scim_attribute_t *attr = op->path->target.attr;

    for (it = scim_json_iter(op->value); scim_json_next(&it);) {
        SCIM_TRY(add_part(s, op, it.name, scim_attribute_find(attr->subs, attr->nsubs, it.name, strlen(it.name)), it.value));
    }
    return NULL;
}

/* A singular value that is given as its $ref alone is given as the value that this leads to, too: else who was there before would stay. */
static scim_error_t *complete_reference(const parsing_t *s, scim_patch_op_t *op)
{
    const scim_attribute_t *attr = op->path->target.attr;
    scim_json_t *url = scim_reference_alone(s->c, attr, op->value), *id, *whole;

    if (!url) {
        return NULL;
    }
    SCIM_TRY(scim_reference_id(s->c, attr, url, op->path->text, &id));
    whole = scim_json_copy(s->c->p, op->value);
    scim_json_set(whole, scim_attribute_value(attr)->name, id);
    op->value = whole;
    return NULL;
}

/* The same where a path leads to the $ref: an operation on the value stands before it. */
static scim_error_t *add_referred(const parsing_t *s, const scim_patch_op_t *op)
{
    const scim_attribute_t *attr = op->path->target.attr, *sub = op->path->target.sub;
    scim_json_t *alone, *url, *id;
    scim_path_t *path;

    if (!sub || attr->multi || op->kind == SCIM_PATCH_REMOVE || op->path->filter || (op->flags & SCIM_OP_OF_PARTS)) {
        return NULL;
    }
    alone = scim_json_new_object(s->c->p);
    scim_json_set(alone, sub->name, op->value);
    url = scim_reference_alone(s->c, attr, alone);
    if (!url) {
        return NULL;
    }
    SCIM_TRY(scim_reference_id(s->c, attr, url, scim_attribute_path(s->c->p, s->c->type, attr), &id));
    path = apr_pmemdup(s->c->p, op->path, sizeof(*path));
    path->target.sub = scim_attribute_value(attr);
    return add_operation(s, derive(s, op, path, id));
}

/* Is the part none that a client can set there? Of members display is read-only, but clients send it (GM-17). */
static int is_no_part(const scim_attribute_t *attr, const scim_attribute_t *sub)
{
    return !sub || (sub->mutability == SCIM_READ_ONLY && attr->home != SCIM_HOME_MEMBERS);
}

/* Parts in the elements of a value that the schema does not have (PA-47), or that are read-only (PA-40). */
static scim_error_t *check_parts(const parsing_t *s, const scim_patch_op_t *op, const scim_attribute_t *attr, scim_json_t *value)
{
    scim_json_iter_t it;
    size_t i, n = scim_json_is(value, SCIM_JSON_ARRAY) ? scim_json_count(value) : 0;

    for (i = 0; i < n; i++) {
        SCIM_TRY(check_parts(s, op, attr, scim_json_at(value, i)));
    }
    if (attr->type != SCIM_COMPLEX || !scim_json_is(value, SCIM_JSON_OBJECT)) {
        return NULL;
    }
    for (it = scim_json_iter(value); scim_json_next(&it);) {
        const scim_attribute_t *sub = scim_attribute_find(attr->subs, attr->nsubs, it.name, strlen(it.name));
        if (is_no_part(attr, sub)) {
            SCIM_TRY(add_part(s, op, it.name, sub, it.value));
        }
    }
    return NULL;
}

/* A member name of a path-less value, or of an extension's (urn, else NULL): an attribute or an extension URN; any path where the profile says
 * so (P7). */
static scim_error_t *bind_key(const parsing_t *s, const char *urn, const char *key, scim_path_t **path)
{
    SCIM_TRY(scim_path_parse(s->c, urn ? apr_pstrcat(s->c->p, urn, ":", key, NULL) : key, path));
    if ((*path)->target.attr && ((*path)->target.sub || strpbrk(key, ".[:"))) {
        if (!scim_tolerates(s->c, patch, SCIM_PATCH_KEY_PATHS)) {
            return scim_error(s->c->p, SCIM_E_INVALID_PATH, "\"%.200s\" is a path where the name of an attribute is expected", key);
        }
    }
    return NULL;
}

/* The members of an extension's object, each as an operation of its own (PA-45, P50). */
static scim_error_t *expand_extension(const parsing_t *s, const scim_patch_op_t *op)
{
    scim_json_iter_t it;
    const char *urn = op->path->target.extension->id;

    if (scim_json_empty(op->value) && op->kind == SCIM_PATCH_ADD) {
        return NULL;
    }
    if (!scim_json_is(op->value, SCIM_JSON_OBJECT)) {
        return scim_error(s->c->p, SCIM_E_INVALID_VALUE, "%s takes an object", urn);
    }
    for (it = scim_json_iter(op->value); scim_json_next(&it);) {
        scim_path_t *path;
        SCIM_TRY(bind_key(s, urn, it.name, &path));
        SCIM_TRY(add_operation(s, derive(s, op, path, it.value)));
    }
    return NULL;
}

/* An object under the base schema's URN stands for its members (scim-for-keycloak, scim.dev). */
static int is_core_wrapper(const parsing_t *s, const scim_patch_op_t *op)
{
    const scim_attrpath_t *target = &op->path->target;

    return !target->attr && target->extension == s->c->type->schema && scim_tolerates(s->c, patch, SCIM_PATCH_CORE_WRAPPER);
}

static void rewrite(scim_context_t *c, scim_patch_op_t *op)
{
    int i;

    for (i = 0; i < c->profile->operations->nelts && !(op->flags & SCIM_OP_NOTHING); i++) {
        const scim_rewrite_t *rule = &APR_ARRAY_IDX(c->profile->operations, i, scim_rewrite_t);
        if (rule->operation(c, rule, op)) {
            c->fired |= APR_UINT64_C(1) << rule->rule;
        }
    }
}

/* One bound operation: pre-pass, then expansion or the strict checks. */
static scim_error_t *add_operation(const parsing_t *s, scim_patch_op_t *op)
{
    const scim_attrpath_t *target = &op->path->target;

    SCIM_TRY(scim_context_spend(s->c, STEPS_OF_OPERATION));
    rewrite(s->c, op);
    if (op->flags & SCIM_OP_NOTHING) {
        return NULL;
    }
    if (op->path->unknown || (!target->attr && !is_core_wrapper(s, op) && !scim_is_extension(s->c->type, target->extension))) {
        return scim_error(s->c->p, SCIM_E_INVALID_PATH, "%s has no attribute \"%.200s\"", s->c->type->name, op->path->text);
    }
    if (op->kind != SCIM_PATCH_REMOVE && !op->has_value) {
        return scim_error(s->c->p, SCIM_E_INVALID_VALUE, "%s needs a value", op->kind == SCIM_PATCH_ADD ? "add" : "replace");
    }
    if (!target->attr) {
        if (op->kind == SCIM_PATCH_REMOVE || (op->kind == SCIM_PATCH_REPLACE && !op->value)) {
            op->kind = SCIM_PATCH_REMOVE;
            s->patch->document = 1;
            APR_ARRAY_PUSH(s->patch->ops, scim_patch_op_t *) = op;
            return NULL;
        }
        return expand_extension(s, op);
    }
    if (op->flags & SCIM_OP_PARTS) {
        return expand_complex(s, op);
    }
    if (op->kind != SCIM_PATCH_REMOVE && !op->path->filter && !target->sub) {
        op->value = scim_value_rewrite(s->c, target->attr, op->value);
        if (target->attr->type == SCIM_COMPLEX && !target->attr->multi && target->attr->mutability != SCIM_READ_ONLY &&
            scim_json_is(op->value, SCIM_JSON_OBJECT)) {
            SCIM_TRY(complete_reference(s, op));
            /* What is immutable comes as a whole: with its first part alone it would be set, and could not get the second. */
            if (target->attr->mutability != SCIM_IMMUTABLE) {
                return expand_complex(s, op);
            }
        }
    }
    SCIM_TRY(add_referred(s, op));
    return finish_operation(s, op);
}

static scim_error_t *expand_pathless(const parsing_t *s, scim_patch_op_t *op)
{
    scim_json_iter_t it;

    if (op->kind == SCIM_PATCH_REMOVE) {
        return scim_error(s->c->p, SCIM_E_NO_TARGET, "remove needs a path");
    }
    if (!scim_json_is(op->value, SCIM_JSON_OBJECT)) {
        return scim_error(s->c->p, SCIM_E_INVALID_VALUE, "%s without a path needs an object as value",
                          op->kind == SCIM_PATCH_ADD ? "add" : "replace");
    }
    op->flags |= SCIM_OP_PATHLESS;
    for (it = scim_json_iter(op->value); scim_json_next(&it);) {
        scim_path_t *path;
        scim_patch_op_t *derived;
        SCIM_TRY(bind_key(s, NULL, it.name, &path));
        derived = derive(s, op, path, it.value);
        SCIM_TRY(is_core_wrapper(s, derived) ? expand_pathless(s, derived) : add_operation(s, derived));
    }
    return NULL;
}

static scim_error_t *parse_kind(const parsing_t *s, scim_json_t *raw, scim_patch_e *kind)
{
    static const char *const kinds[] = { [SCIM_PATCH_ADD] = "add", [SCIM_PATCH_REPLACE] = "replace", [SCIM_PATCH_REMOVE] = "remove" };
    const char *op = scim_json_str(raw, "op");
    int i;

    for (i = 0; op && i < 3; i++) {
        if (scim_ieq(op, kinds[i])) {
            *kind = (scim_patch_e)i;
            return NULL;
        }
    }
    return scim_error(s->c->p, SCIM_E_INVALID_SYNTAX, "op must be \"add\", \"replace\" or \"remove\"");
}

static scim_error_t *parse_operation(const parsing_t *s, scim_json_t *raw, int index)
{
    scim_patch_op_t *op = apr_pcalloc(s->c->p, sizeof(*op));
    const char *has_value = NULL;
    scim_json_t *path;

    if (!scim_json_is(raw, SCIM_JSON_OBJECT)) {
        return scim_error(s->c->p, SCIM_E_INVALID_SYNTAX, "an operation must be an object");
    }
    SCIM_TRY(parse_kind(s, raw, &op->kind));
    op->index = index;
    op->value = scim_json_get(raw, "value", &has_value);
    op->has_value = has_value != NULL;
    op->flags = op->kind == SCIM_PATCH_ADD ? SCIM_OP_CREATE : 0;
    path = scim_json_get(raw, "path", NULL);
    if (!path) {
        if (op->kind != SCIM_PATCH_REMOVE && !op->has_value) {
            return scim_error(s->c->p, SCIM_E_INVALID_VALUE, "the operation has neither path nor value");
        }
        return expand_pathless(s, op);
    }
    if (!scim_json_is(path, SCIM_JSON_STRING)) {
        return scim_error(s->c->p, SCIM_E_INVALID_PATH, "path must be a string");
    }
    SCIM_TRY(scim_path_parse(s->c, scim_json_string(path), &op->path));
    if (is_core_wrapper(s, op)) {
        return expand_pathless(s, op);
    }
    return add_operation(s, op);
}

/* PA-01. */
static scim_error_t *check_envelope(const parsing_t *s, scim_json_t *body, scim_json_t **operations)
{
    int found = scim_json_names(scim_json_get(body, "schemas", NULL), SCIM_URN_MESSAGE "PatchOp");

    if (!found && !scim_tolerates(s->c, patch, SCIM_PATCH_ANY_SCHEMAS)) {
        return scim_error(s->c->p, SCIM_E_INVALID_SYNTAX, "schemas must name \"" SCIM_URN_MESSAGE "PatchOp\"");
    }
    *operations = scim_json_get(body, "Operations", NULL);
    if (!scim_json_is(*operations, SCIM_JSON_ARRAY)) {
        return scim_error(s->c->p, SCIM_E_INVALID_SYNTAX, "Operations must be an array of operations");
    }
    if (scim_json_count(*operations) == 0 && !scim_tolerates(s->c, patch, SCIM_PATCH_NO_OPERATIONS)) {
        return scim_error(s->c->p, SCIM_E_INVALID_SYNTAX, "Operations is empty");
    }
    if (scim_json_count(*operations) > MOST_OPERATIONS) {
        return scim_error(s->c->p, SCIM_E_TOO_LARGE, "Operations has more than %d entries; send them in several requests", MOST_OPERATIONS);
    }
    return NULL;
}

scim_error_t *scim_patch_parse(scim_context_t *c, scim_json_t *body, scim_patch_t **out)
{
    scim_patch_t *patch = apr_pcalloc(c->p, sizeof(*patch));
    parsing_t s = { c, patch };
    scim_json_t *operations = NULL;
    size_t i, n;

    SCIM_TRY(check_envelope(&s, body, &operations));
    n = scim_json_count(operations);
    patch->echoes = apr_array_make(c->p, 1, sizeof(scim_patch_op_t *));
    patch->ops = apr_array_make(c->p, (int)n, sizeof(scim_patch_op_t *));
    patch->known = apr_hash_make(c->p);
    for (i = 0; i < n; i++) {
        scim_error_t *err = parse_operation(&s, scim_json_at(operations, i), (int)i);
        if (err) {
            return scim_error_prefix(c->p, err, apr_psprintf(c->p, "Operations[%lu]: ", (unsigned long)i));
        }
    }
    if (patch->ops->nelts == 0) {
        patch->document = 1;
    }
    patch->lookup &= patch->members;
    *out = patch;
    return NULL;
}
