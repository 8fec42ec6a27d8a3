/* The grammar, by recursive descent. */
#include "filter_parse.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/utf8.h"
#include "filter_bind.h"
#include "filter_eval.h"
#include "filter_lex.h"

/* A term costs about as much as looking at so many values. */
#define STEPS_OF_TERM 5

static const struct {
    const char *word;
    scim_filter_op_e op;
} operators[] = {
    { "eq", SCIM_F_EQ }, { "ne", SCIM_F_NE }, { "co", SCIM_F_CO }, { "sw", SCIM_F_SW }, { "ew", SCIM_F_EW },
    { "gt", SCIM_F_GT }, { "ge", SCIM_F_GE }, { "lt", SCIM_F_LT }, { "le", SCIM_F_LE }, { "pr", SCIM_F_PR },
};

static scim_error_t *parse_or(scim_parse_t *s, const scim_filter_t **out);

/* An operand of and/or/not in parentheses; s->at is on '('. */
static scim_error_t *parse_group(scim_parse_t *s, const scim_filter_t **out)
{
    if (++s->depth > s->c->limits.filter_depth) {
        return scim_filter_fault(s, "it is nested more than %d deep", s->c->limits.filter_depth);
    }
    s->at++;
    SCIM_TRY(parse_or(s, out));
    scim_filter_space(s);
    if (*s->at != ')') {
        return scim_filter_fault(s, "')' is missing");
    }
    s->at++;
    s->depth--;
    return NULL;
}

static scim_error_t *parse_operator(scim_parse_t *s, scim_filter_op_e *op)
{
    apr_size_t len, i;

    scim_filter_space(s);
    len = scim_filter_word(s);
    for (i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (scim_filter_word_is(s, len, operators[i].word)) {
            s->at += len;
            *op = operators[i].op;
            return NULL;
        }
    }
    if (len == 0) {
        return scim_filter_fault(s, "an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) is missing");
    }
    return scim_filter_fault(s, "\"%s\" is no operator; use eq, ne, co, sw, ew, gt, ge, lt, le or pr",
                             apr_pstrmemdup(s->c->p, s->at, len > 20 ? 20 : len));
}

/* The grammar has a space in front of a value, and a space or a bracket after it. */
static scim_error_t *want_space(const scim_parse_t *s, const char *allowed)
{
    if (!*s->at || strchr(allowed, *s->at) || scim_tolerates(s->c, filter, SCIM_FILTER_TIGHT)) {
        return NULL;
    }
    return scim_filter_fault(s, "a space is missing");
}

/* Of several types, one is known: what is compared with its name is true of all its resources or of none. */
static void settle_type(const scim_parse_t *s, scim_filter_t *node)
{
    if (s->any && node->attr && node->attr->home == SCIM_HOME_META && strcmp(node->attr->name, "resourceType") == 0) {
        scim_json_t *name = scim_json_new_string(s->c->p, s->c->type->name);
        node->op = scim_filter_match_element(s->c->p, node, name, NULL) ? SCIM_F_ALL : SCIM_F_NONE;
    }
}

static scim_error_t *bind_literal(const scim_parse_t *s, const char *raw, apr_size_t len, scim_filter_t *node)
{
    return scim_filter_is_missing(node) ? scim_filter_bind_missing(s, raw, len, node) : scim_filter_bind_literal(s, raw, len, node);
}

/* Operator and literal after an attribute name[0..len). */
static scim_error_t *parse_comparison(scim_parse_t *s, const char *name, apr_size_t len, scim_filter_t **out)
{
    scim_filter_op_e op;
    scim_filter_t *node;
    const char *raw;
    apr_size_t raw_len;

    SCIM_TRY(parse_operator(s, &op));
    node = scim_filter_node(s->c->p, op);
    SCIM_TRY(scim_filter_bind_name(s, name, len, op == SCIM_F_PR, node));
    if (op != SCIM_F_PR) {
        SCIM_TRY(want_space(s, " \t"));
        SCIM_TRY(scim_filter_literal(s, &raw, &raw_len));
        SCIM_TRY(bind_literal(s, raw, raw_len, node));
        s->at = raw + raw_len;
        SCIM_TRY(want_space(s, " \t)]"));
    }
    else if (scim_filter_is_missing(node)) {
        SCIM_TRY(scim_filter_bind_missing(s, NULL, 0, node));
    }
    settle_type(s, node);
    *out = node;
    return NULL;
}

/* What may follow attr[inner]: ".sub op value" (F-29), "op value" where the profile reads it as the value part, or nothing. */
static scim_error_t *parse_after_bracket(scim_parse_t *s, const scim_attribute_t *attr, const scim_filter_t **inner)
{
    const scim_attribute_t *outer = s->container;
    const char *name = "value";
    apr_size_t len = 5;
    scim_filter_t *extra;

    if (*s->at == '.') {
        name = s->at + 1;
        len = strcspn(name, " \t()[]\"'");
        s->at = name + len;
    }
    else {
        scim_parse_t ahead = *s;
        scim_filter_op_e op;
        scim_filter_space(&ahead);
        if (parse_operator(&ahead, &op) || !scim_tolerates(s->c, filter, SCIM_FILTER_VALUE_PATH_EQ)) {
            return NULL;
        }
    }
    s->container = attr;
    SCIM_TRY(parse_comparison(s, name, len, &extra));
    s->container = outer;
    *inner = scim_filter_combine(s->c->p, SCIM_F_AND, *inner, extra);
    return NULL;
}

/* attr[inner]; s->at is on '['. */
static scim_error_t *parse_value_path(scim_parse_t *s, const char *name, apr_size_t len, const scim_filter_t **out)
{
    /* What the type does not have has no parts either. */
    static const scim_attribute_t nothing = { .name = "", .type = SCIM_COMPLEX };
    scim_filter_t named = { .op = SCIM_F_VALUE_PATH };
    const scim_attribute_t *attr;
    const scim_filter_t *inner;

    if (s->container) {
        return scim_filter_fault(s, "brackets cannot be nested");
    }
    SCIM_TRY(scim_filter_bind_name(s, name, len, 1, &named));
    attr = scim_filter_is_missing(&named) ? &nothing : named.attr;
    if (!attr || attr->parent || (attr->type != SCIM_COMPLEX && !attr->multi)) {
        return scim_filter_fault(s, "\"%s\" has no parts to filter in brackets", apr_pstrmemdup(s->c->p, name, len));
    }
    if (++s->depth > s->c->limits.filter_depth) {
        return scim_filter_fault(s, "it is nested more than %d deep", s->c->limits.filter_depth);
    }
    s->at++;
    s->container = attr;
    SCIM_TRY(parse_or(s, &inner));
    scim_filter_space(s);
    if (*s->at != ']') {
        return scim_filter_fault(s, "']' is missing");
    }
    s->at++;
    s->container = NULL;
    s->depth--;
    SCIM_TRY(parse_after_bracket(s, attr, &inner));
    *out = attr == &nothing ? scim_filter_node(s->c->p, SCIM_F_NONE) : scim_filter_value_path(s->c->p, attr, inner);
    return NULL;
}

static scim_error_t *parse_term(scim_parse_t *s, const scim_filter_t **out)
{
    apr_size_t len;
    const char *name;
    scim_filter_t *comparison;

    if (++s->terms > s->c->limits.filter_depth * 10) {
        return scim_filter_fault(s, "it has more than %d terms", s->c->limits.filter_depth * 10);
    }
    SCIM_TRY(scim_context_spend(s->c, STEPS_OF_TERM));
    scim_filter_space(s);
    if (*s->at == '(') {
        return parse_group(s, out);
    }
    len = scim_filter_word(s);
    if (len == 0) {
        return scim_filter_fault(s, "an attribute name is expected");
    }
    if (scim_filter_word_is(s, len, "not")) {
        const scim_filter_t *operand;
        s->at += len;
        scim_filter_space(s);
        if (*s->at != '(') {
            return scim_filter_fault(s, "\"not\" needs parentheses");
        }
        SCIM_TRY(parse_group(s, &operand));
        *out = scim_filter_combine(s->c->p, SCIM_F_NOT, operand, NULL);
        return NULL;
    }
    name = s->at;
    s->at += len;
    if (*s->at == '[') {
        return parse_value_path(s, name, len, out);
    }
    SCIM_TRY(parse_comparison(s, name, len, &comparison));
    *out = comparison;
    return NULL;
}

static scim_error_t *parse_and(scim_parse_t *s, const scim_filter_t **out)
{
    const scim_filter_t *right;

    SCIM_TRY(parse_term(s, out));
    while (scim_filter_take(s, "and")) {
        SCIM_TRY(parse_term(s, &right));
        *out = scim_filter_combine(s->c->p, SCIM_F_AND, *out, right);
    }
    return NULL;
}

static scim_error_t *parse_or(scim_parse_t *s, const scim_filter_t **out)
{
    const scim_filter_t *right;

    SCIM_TRY(parse_and(s, out));
    while (scim_filter_take(s, "or")) {
        SCIM_TRY(parse_and(s, &right));
        *out = scim_filter_combine(s->c->p, SCIM_F_OR, *out, right);
    }
    return NULL;
}

static scim_error_t *parse(scim_context_t *c, const char *text, int any, const scim_filter_t **out)
{
    scim_parse_t s = { .c = c, .start = text, .at = text, .any = any };
    apr_size_t len = strlen(text);

    if (len > (apr_size_t)c->limits.filter_length) {
        return scim_error(c->p, SCIM_E_INVALID_FILTER, "The filter is longer than %d bytes", c->limits.filter_length);
    }
    if (!scim_utf8_valid(text, len)) {
        return scim_error(c->p, SCIM_E_INVALID_FILTER, "The filter is not valid UTF-8");
    }
    scim_filter_space(&s);
    if (!*s.at) {
        return scim_error(c->p, SCIM_E_INVALID_FILTER, "The filter is empty");
    }
    SCIM_TRY(parse_or(&s, out));
    scim_filter_space(&s);
    if (*s.at) {
        return scim_filter_fault(&s, "\"and\", \"or\" or the end is expected");
    }
    return NULL;
}

scim_error_t *scim_filter_parse(scim_context_t *c, const char *text, const scim_filter_t **out)
{
    return parse(c, text, 0, out);
}

scim_error_t *scim_filter_parse_any(scim_context_t *c, const char *text, const scim_filter_t **out)
{
    return parse(c, text, 1, out);
}

scim_error_t *scim_filter_parse_value(scim_context_t *c, const scim_attribute_t *attr, const char *text, const scim_filter_t **out,
                                      const char **end)
{
    scim_parse_t s = { .c = c, .container = attr, .start = text, .at = text, .depth = 1, .chooses = 1 };

    if (strlen(text) > (apr_size_t)c->limits.filter_length) {
        return scim_error(c->p, SCIM_E_INVALID_FILTER, "The filter is longer than %d bytes", c->limits.filter_length);
    }
    SCIM_TRY(parse_or(&s, out));
    scim_filter_space(&s);
    if (*s.at != ']') {
        return scim_filter_fault(&s, "']' is missing");
    }
    *end = s.at + 1;
    return NULL;
}
