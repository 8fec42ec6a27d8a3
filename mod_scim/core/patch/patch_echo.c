/* readOnly values that a PATCH repeats: an echo of what is there changes nothing, anything else is an error (PA-40). */
#include <string.h>

#include "../base/json.h"
#include "../query/value_key.h"
#include "patch.h"

static int is_echo(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *given, scim_json_t *present);

/* What the client says of each part; parts that it leaves out say nothing. */
static int parts_echo(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *given, scim_json_t *present)
{
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        const char *key = NULL;
        scim_json_t *part = scim_json_get(given, attr->subs[i].name, &key);
        if (key && !is_echo(c, &attr->subs[i], part, scim_json_member(present, attr->subs[i].name))) {
            return 0;
        }
    }
    return 1;
}

static int element_echo(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *given, scim_json_t *present)
{
    const char *a, *b;

    if (attr->type == SCIM_COMPLEX) {
        return scim_json_is(given, SCIM_JSON_OBJECT) && scim_json_is(present, SCIM_JSON_OBJECT) &&
               parts_echo(c, attr, given, present);
    }
    a = scim_value_key(c->p, attr, given);
    b = scim_value_key(c->p, attr, present);
    c->steps -= SCIM_STEPS_FOR((a ? strlen(a) : 0) + (b ? strlen(b) : 0));
    return a && b && strcmp(a, b) == 0;
}

/* Lists are compared in the order in which they are read. */
static int is_echo(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *given, scim_json_t *present)
{
    size_t i, n;

    if (scim_json_empty(given) || scim_json_empty(present)) {
        return scim_json_empty(given) && scim_json_empty(present);
    }
    if (!attr->multi) {
        return element_echo(c, attr, given, present);
    }
    n = scim_json_is(given, SCIM_JSON_ARRAY) ? scim_json_count(given) : 0;
    if (!n || n != scim_json_count(present)) {
        return 0;
    }
    for (i = 0; i < n; i++) {
        if (!element_echo(c, attr, scim_json_at(given, i), scim_json_at(present, i))) {
            return 0;
        }
    }
    return 1;
}

/* The part of a value; of elements that of any, since the client need not say which it has read. */
static int part_echoes(scim_context_t *c, const scim_attribute_t *sub, scim_json_t *given, scim_json_t *value)
{
    size_t i, n = scim_json_is(value, SCIM_JSON_ARRAY) ? scim_json_count(value) : 0;

    for (i = 0; i < n && c->steps >= 0; i++) {
        c->steps--;
        if (is_echo(c, sub, given, scim_json_member(scim_json_at(value, i), sub->name))) {
            return 1;
        }
    }
    return is_echo(c, sub, given, scim_json_member(value, sub->name));
}

scim_error_t *scim_patch_echoes(scim_context_t *c, const scim_patch_t *patch, scim_json_t *resource)
{
    int i;

    for (i = 0; i < patch->echoes->nelts; i++) {
        const scim_patch_op_t *op = APR_ARRAY_IDX(patch->echoes, i, const scim_patch_op_t *);
        const scim_attrpath_t *target = &op->path->target;
        scim_json_t *present = scim_is_extension(c->type, target->attr->schema) ? scim_json_member(resource, target->attr->schema->id) : resource;
        int echoes;

        present = scim_json_member(present, target->attr->name);
        echoes = target->sub ? part_echoes(c, target->sub, op->value, present) : is_echo(c, target->attr, op->value, present);
        /* Each operation may look at all of a list: what that takes has been counted. */
        SCIM_TRY(scim_context_spend(c, 1));
        if (!echoes) {
            return scim_error(c->p, SCIM_E_MUTABILITY, "Operations[%d]: \"%.200s\" is read-only and has another value", op->index, op->path->text);
        }
    }
    return NULL;
}
