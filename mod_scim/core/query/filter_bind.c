#include "filter_bind.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"
#include "reference.h"
#include "value_key.h"

#define BIT(op) (1u << (op))
#define EQUALITY (BIT(SCIM_F_EQ) | BIT(SCIM_F_NE))
#define ORDER (BIT(SCIM_F_GT) | BIT(SCIM_F_GE) | BIT(SCIM_F_LT) | BIT(SCIM_F_LE))
#define PARTIAL (BIT(SCIM_F_CO) | BIT(SCIM_F_SW) | BIT(SCIM_F_EW))

/* Operators by attribute type (RFC 7644 section 3.4.2.2; F-15, F-18). */
static const struct {
    unsigned operators;
    const char *name;
} types[] = {
    [SCIM_STRING] = { EQUALITY | ORDER | PARTIAL, "string" }, [SCIM_BOOLEAN] = { EQUALITY, "boolean" },
    [SCIM_DECIMAL] = { EQUALITY | ORDER, "decimal" },         [SCIM_INTEGER] = { EQUALITY | ORDER, "integer" },
    [SCIM_DATETIME] = { EQUALITY | ORDER, "dateTime" },       [SCIM_REFERENCE] = { EQUALITY | ORDER | PARTIAL, "reference" },
    [SCIM_BINARY] = { EQUALITY, "binary" },                   [SCIM_COMPLEX] = { 0, "complex" },
};

static int any_filterable(const scim_attribute_t *attrs, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        if (attrs[i].filterable || any_filterable(attrs[i].subs, attrs[i].nsubs)) {
            return 1;
        }
    }
    return 0;
}

/* What SCIMFilterable leaves: an attribute by itself or through its parent; a complex one also for the sake of a part, whose sisters then
 * choose the element inside the brackets (emails[type eq "work"].value). */
static int filterable(const scim_parse_t *s, const scim_filter_t *node)
{
    const scim_attribute_t *attr = node->attr;

    if (!attr) {
        return any_filterable(node->extension->attrs, node->extension->nattrs);
    }
    return attr->filterable || (attr->parent && attr->parent->filterable) || any_filterable(attr->subs, attr->nsubs) ||
           (s->container && any_filterable(s->container->subs, s->container->nsubs));
}

/* The part of the bracketed attribute, or the attribute itself where its elements are simple (V-10). */
static const scim_attribute_t *inner_attribute(const scim_attribute_t *container, const char *name, apr_size_t len)
{
    if (container->type != SCIM_COMPLEX) {
        return len == 5 && scim_ieqn(name, "value", 5) ? container : NULL;
    }
    return scim_attribute_find(container->subs, container->nsubs, name, len);
}

scim_error_t *scim_filter_bind_name(const scim_parse_t *s, const char *name, apr_size_t len, int pr, scim_filter_t *node)
{
    const char *shown = apr_pstrmemdup(s->c->p, name, len > 100 ? 100 : len);
    scim_attrpath_t path = { NULL, NULL, NULL, 0 };

    if (s->container) {
        node->attr = inner_attribute(s->container, name, len);
    }
    else if (scim_context_resolve(s->c, name, len, &path)) {
        node->attr = path.sub ? path.sub : path.attr;
        if (!node->attr && pr && scim_is_extension(s->c->type, path.extension)) {
            node->extension = path.extension;
        }
    }
    if (scim_filter_is_missing(node)) {
        if (s->any) {
            return NULL;
        }
        return scim_filter_fault(s, "%s has no attribute \"%s\"", s->container ? s->container->name : s->c->type->name, shown);
    }
    if (node->attr && scim_attribute_secret(node->attr)) {
        return scim_filter_fault(s, "\"%s\" cannot be used in filters", shown);
    }
    if (!pr && node->attr->type == SCIM_COMPLEX) {
        node->attr = scim_attribute_value(node->attr);
        if (!node->attr) {
            return scim_filter_fault(s, "\"%s\" is complex; compare one of its parts", shown);
        }
    }
    if (!s->chooses && !filterable(s, node)) {
        return scim_filter_fault(s, "\"%s\" is not available for filtering here", shown);
    }
    return NULL;
}

/* Parses text as the only member of an object; NULL when it is no JSON value. */
static scim_json_t *parse_alone(apr_pool_t *p, const char *text)
{
    const char *wrapped = apr_pstrcat(p, "{\"v\":", text, "}", NULL);
    scim_json_t *o = NULL;

    return scim_json_parse(p, wrapped, strlen(wrapped), 2, &o) || scim_json_count(o) != 1 ? NULL : o;
}

/* The JSON value of a literal; NULL with *null set for null, NULL without for something that is no literal. Whole numbers beyond 64 bits are
 * none for the parser; with an exponent they are, and exact. */
static scim_json_t *literal_value(apr_pool_t *p, const char *raw, apr_size_t len, int *null)
{
    const char *text = apr_pstrmemdup(p, raw, len);
    scim_json_t *o = parse_alone(p, text), *v;

    if (!o && text[strspn(text, "-0123456789")] == '\0') {
        o = parse_alone(p, apr_pstrcat(p, text, "e0", NULL));
    }
    v = scim_json_member(o, "v");
    *null = o && !v;
    return v;
}

/* Tolerances: "True" for a boolean, an unquoted word or number for a string, a time or a reference. */
static scim_json_t *tolerated(const scim_parse_t *s, const scim_attribute_t *attr, const char *raw, apr_size_t len, scim_json_t *v)
{
    if (attr->type == SCIM_BOOLEAN && !scim_json_is(v, SCIM_JSON_BOOLEAN)) {
        const char *word = scim_json_is(v, SCIM_JSON_STRING) ? scim_json_string(v) : apr_pstrmemdup(s->c->p, raw, len);
        if ((scim_ieq(word, "true") || scim_ieq(word, "false")) && scim_tolerates(s->c, filter, SCIM_FILTER_STRING_BOOLEAN)) {
            return scim_json_new_boolean(s->c->p, scim_ieq(word, "true"));
        }
    }
    if ((attr->type == SCIM_STRING || attr->type == SCIM_DATETIME || attr->type == SCIM_REFERENCE) && *raw != '"' &&
        !scim_json_is(v, SCIM_JSON_BOOLEAN) &&
        scim_tolerates(s->c, filter, SCIM_FILTER_BARE_WORD)) {
        return scim_json_new_string(s->c->p, apr_pstrmemdup(s->c->p, raw, len));
    }
    return v;
}

static scim_error_t *not_a_literal(const scim_parse_t *s)
{
    return scim_filter_fault(s, "the value is no JSON string, number, true, false or null");
}

static scim_error_t *null_with_order(const scim_parse_t *s)
{
    return scim_filter_fault(s, "null can only be compared with eq and ne");
}

/* eq null is "not pr", ne null is pr (F-23). */
static void bind_null(const scim_parse_t *s, scim_filter_t *node)
{
    scim_filter_t *present = scim_filter_node(s->c->p, SCIM_F_PR);

    present->attr = node->attr;
    if (node->op == SCIM_F_NE) {
        node->op = SCIM_F_PR;
        return;
    }
    node->op = SCIM_F_NOT;
    node->left = present;
    node->attr = NULL;
}

int scim_filter_is_missing(const scim_filter_t *node)
{
    return !node->attr && !node->extension;
}

scim_error_t *scim_filter_bind_missing(const scim_parse_t *s, const char *raw, apr_size_t len, scim_filter_t *node)
{
    int null = 0;

    if (raw && !literal_value(s->c->p, raw, len, &null) && !null && !scim_tolerates(s->c, filter, SCIM_FILTER_BARE_WORD)) {
        return not_a_literal(s);
    }
    if (null && !(BIT(node->op) & EQUALITY)) {
        return null_with_order(s);
    }
    node->op = null ? node->op == SCIM_F_EQ ? SCIM_F_ALL : SCIM_F_NONE : node->op == SCIM_F_NE ? SCIM_F_ALL : SCIM_F_NONE;
    return NULL;
}

/* The operators that an attribute takes. */
static unsigned operators_of(const scim_attribute_t *attr)
{
    return scim_value_is_tag(attr) ? EQUALITY : types[attr->type].operators;
}

static scim_literal_e literal_kind(scim_json_t *v)
{
    switch (scim_json_type(v)) {
    case SCIM_JSON_STRING:
        return SCIM_LIT_STRING;
    case SCIM_JSON_BOOLEAN:
        return SCIM_LIT_BOOLEAN;
    default:
        return SCIM_LIT_NUMBER;
    }
}

/* Every value contains "" (F-13), and only that: a text of which the comparison leaves nothing would be found everywhere too. */
static scim_error_t *bind_part(const scim_parse_t *s, scim_filter_t *node)
{
    if (*node->value.text && !*node->value.key) {
        return scim_filter_fault(s, "nothing in the value counts in a comparison with \"%s\"", node->attr->name);
    }
    if (!*node->value.text) {
        node->op = SCIM_F_PR;
    }
    return NULL;
}

/* Who a $ref leads to is asked of the value beside it: the text that is stored may be another for the same resource (RFC 7643 section 2.4). */
static scim_json_t *bind_reference(const scim_parse_t *s, scim_filter_t *node, scim_json_t *v)
{
    const scim_attribute_t *value = node->attr->parent ? scim_attribute_value(node->attr->parent) : NULL;
    const char *id = value && scim_json_is(v, SCIM_JSON_STRING) && (BIT(node->op) & EQUALITY) && !scim_attribute_secret(value)
                         ? scim_reference_named(s->c, node->attr, scim_json_string(v))
                         : NULL;

    if (!id) {
        return v;
    }
    node->attr = value;
    return scim_json_new_string(s->c->p, id);
}

scim_error_t *scim_filter_bind_literal(const scim_parse_t *s, const char *raw, apr_size_t len, scim_filter_t *node)
{
    int null;
    scim_json_t *v = literal_value(s->c->p, raw, len, &null);

    if (null) {
        if (!(BIT(node->op) & EQUALITY)) {
            return null_with_order(s);
        }
        bind_null(s, node);
        return NULL;
    }
    v = tolerated(s, node->attr, raw, len, v);
    if (!v) {
        return not_a_literal(s);
    }
    if (!(operators_of(node->attr) & BIT(node->op))) {
        return scim_filter_fault(s, "this operator does not work on \"%s\", which is %s%s", node->attr->name,
                                 scim_value_is_tag(node->attr) ? "an entity tag" : "of type ",
                                 scim_value_is_tag(node->attr) ? "" : types[node->attr->type].name);
    }
    v = bind_reference(s, node, v);
    node->value.kind = literal_kind(v);
    node->value.text = scim_json_string(v);
    node->value.boolean = scim_json_true(v);
    node->value.key = scim_value_filter_key(s->c->p, node->attr, v);
    if (!node->value.key) {
        return scim_filter_fault(s, "the value does not fit \"%s\", which is of type %s", node->attr->name, types[node->attr->type].name);
    }
    if (BIT(node->op) & PARTIAL) {
        return bind_part(s, node);
    }
    return NULL;
}
