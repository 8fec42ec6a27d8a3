/* Filters about the document as jsonpath predicates over `folded`, whose strings are folded like the operands' keys. */
#include <apr_strings.h>
#include <string.h>

#include "../core/base/json.h"
#include "../core/base/utf8.h"
#include "where.h"

static const char *step(apr_pool_t *p, const char *name)
{
    return apr_pstrcat(p, ".", scim_json_quote(p, name), NULL);
}

const char *scim_jsonpath_accessor(apr_pool_t *p, const scim_resource_type_t *type, const char *root, const scim_attribute_t *attr)
{
    const scim_attribute_t *top = attr->parent ? attr->parent : attr;
    const char *path = root;

    if (scim_is_extension(type, top->schema)) {
        path = apr_pstrcat(p, path, step(p, top->schema->id), NULL);
    }
    path = apr_pstrcat(p, path, step(p, top->name), top->multi ? "[*]" : "", NULL);
    return attr->parent ? apr_pstrcat(p, path, step(p, attr->name), attr->multi ? "[*]" : "", NULL) : path;
}

/* The operand as a regular expression that matches at the end of a string. */
static const char *ends_with_pattern(apr_pool_t *p, const char *s)
{
    char *out = apr_palloc(p, strlen(s) * 2 + 2), *to = out;

    for (; *s; s++) {
        if (strchr("\\^$.|?*+()[]{}", *s)) {
            *to++ = '\\';
        }
        *to++ = *s;
    }
    *to++ = '$';
    *to = '\0';
    return out;
}

static const char *literal(apr_pool_t *p, const scim_filter_t *f)
{
    switch (f->attr->type) {
    case SCIM_BOOLEAN:
    case SCIM_INTEGER:
    case SCIM_DECIMAL:
        return f->value.key;
    default:
        return scim_json_quote(p, f->value.key);
    }
}

static const char *comparison(apr_pool_t *p, const char *at, const scim_filter_t *f)
{
    switch (f->op) {
    case SCIM_F_PR:
        return apr_psprintf(p, "exists(%s)", at);
    case SCIM_F_EQ:
        return apr_psprintf(p, "(%s == %s)", at, literal(p, f));
    case SCIM_F_NE:
        return apr_psprintf(p, "(%s != %s || !exists(%s))", at, literal(p, f), at);
    case SCIM_F_CO:
        return apr_psprintf(p, "(%s like_regex %s flag \"q\")", at, literal(p, f));
    case SCIM_F_SW:
        return apr_psprintf(p, "(%s starts with %s)", at, literal(p, f));
    case SCIM_F_EW:
        return apr_psprintf(p, "(%s like_regex %s)", at, scim_json_quote(p, ends_with_pattern(p, f->value.key)));
    case SCIM_F_GT:
        return apr_psprintf(p, "(%s > %s)", at, literal(p, f));
    case SCIM_F_GE:
        return apr_psprintf(p, "(%s >= %s)", at, literal(p, f));
    case SCIM_F_LT:
        return apr_psprintf(p, "(%s < %s)", at, literal(p, f));
    case SCIM_F_LE:
        return apr_psprintf(p, "(%s <= %s)", at, literal(p, f));
    default:
        return "(1 == 0)"; /* nothing that a value can be asked */
    }
}

/* eq or ne with `primary`. An element that does not say it is not primary; ne is also true of a list without elements. */
static const char *primary(apr_pool_t *p, const scim_resource_type_t *type, const scim_filter_t *f, const scim_attribute_t *container)
{
    int sought = (strcmp(f->value.key, "true") == 0) == (f->op == SCIM_F_EQ);
    const char *test = apr_psprintf(p, sought ? "(@%s == true)" : "!(@%s == true)", step(p, f->attr->name)), *list;

    if (container) {
        return test;
    }
    list = scim_jsonpath_accessor(p, type, "@", f->attr->parent);
    test = apr_psprintf(p, "exists(%s ? (%s))", list, test);
    return f->op == SCIM_F_EQ ? test : apr_psprintf(p, "(%s || !exists(%s))", test, list);
}

/* container: the bracketed attribute inside attr[...], else NULL. */
static const char *predicate(apr_pool_t *p, const scim_resource_type_t *type, const scim_filter_t *f, const scim_attribute_t *container)
{
    const char *at;

    switch (f->op) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        return apr_psprintf(p, "(%s %s %s)", predicate(p, type, f->left, container), f->op == SCIM_F_AND ? "&&" : "||",
                            predicate(p, type, f->right, container));
    case SCIM_F_NOT:
        return apr_psprintf(p, "!(%s)", predicate(p, type, f->left, container));
    case SCIM_F_VALUE_PATH:
        return apr_psprintf(p, "exists(%s ? (%s))", scim_jsonpath_accessor(p, type, "@", f->attr), predicate(p, type, f->left, f->attr));
    default:
        break;
    }
    if (!f->attr) {
        return apr_psprintf(p, "exists(@%s)", step(p, f->extension->id));
    }
    if (scim_filter_asks_primary(f)) {
        return primary(p, type, f, container);
    }
    if (container) {
        at = f->attr == container ? "@" : apr_pstrcat(p, "@", step(p, f->attr->name), f->attr->multi ? "[*]" : "", NULL);
    }
    else {
        at = scim_jsonpath_accessor(p, type, "@", f->attr);
    }
    return comparison(p, at, f);
}

const char *scim_jsonpath(apr_pool_t *p, const scim_resource_type_t *type, const scim_filter_t *filter)
{
    return apr_pstrcat(p, "$ ? (", predicate(p, type, filter, NULL), ")", NULL);
}
