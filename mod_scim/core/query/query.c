#include "query.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"
#include "../base/utf8.h"
#include "filter_lex.h"
#include "filter_parse.h"

#define SEARCH_REQUEST_URN SCIM_URN_MESSAGE "SearchRequest"

/* Start indexes beyond this are read as this: what JSON numbers carry exactly (RFC 7493), and far from overflow. */
#define MAX_INDEX APR_INT64_C(9007199254740991)

typedef enum { FORM_STRING, FORM_INTEGER, FORM_NAMES } form_e;

typedef struct param_row_t {
    const char *name;
    apr_size_t offset;
    form_e form;         /* in a SearchRequest */
    scim_error_e fault;  /* what is raised when its text is unusable */
    int blank_is_absent; /* an empty filter is a fault (F-05), an empty cursor the first page (K-01), the others are then as if not sent (G-14) */
} param_row_t;

static const param_row_t rows[] = {
    { "filter", offsetof(scim_params_t, filter), FORM_STRING, SCIM_E_INVALID_FILTER, 0 },
    { "sortBy", offsetof(scim_params_t, sort_by), FORM_STRING, SCIM_E_INVALID_VALUE, 1 },
    { "sortOrder", offsetof(scim_params_t, sort_order), FORM_STRING, SCIM_E_INVALID_VALUE, 1 },
    { "startIndex", offsetof(scim_params_t, start_index), FORM_INTEGER, SCIM_E_INVALID_VALUE, 1 },
    { "count", offsetof(scim_params_t, count), FORM_INTEGER, SCIM_E_INVALID_VALUE, 1 },
    { "cursor", offsetof(scim_params_t, cursor), FORM_STRING, SCIM_E_INVALID_CURSOR, 0 },
    { "attributes", offsetof(scim_params_t, attributes), FORM_NAMES, SCIM_E_INVALID_VALUE, 1 },
    { "excludedAttributes", offsetof(scim_params_t, excluded_attributes), FORM_NAMES, SCIM_E_INVALID_VALUE, 1 },
};

#define ROWS (sizeof rows / sizeof *rows)

static const char **slot(scim_params_t *params, const param_row_t *row)
{
    return (const char **)((char *)params + row->offset);
}

/* Names are compared without case: a misspelt Filter that is ignored would answer with everybody. */
static const param_row_t *find_row(const char *name)
{
    apr_size_t i;

    for (i = 0; i < ROWS; i++) {
        if (scim_ieq(rows[i].name, name)) {
            return &rows[i];
        }
    }
    return NULL;
}

static const char *trim(apr_pool_t *p, const char *s)
{
    apr_size_t len;

    s += strspn(s, " \t");
    len = strlen(s);
    while (len && (s[len - 1] == ' ' || s[len - 1] == '\t')) {
        len--;
    }
    return apr_pstrmemdup(p, s, len);
}

/* Form decoding of s[0..len). NULL: a bad escape, U+0000, or no valid UTF-8. */
static const char *decode(apr_pool_t *p, const char *s, apr_size_t len)
{
    char *out = apr_palloc(p, len + 1), *to = out;
    const char *end = s + len;

    while (s < end) {
        if (*s != '%') {
            *to++ = *s == '+' ? ' ' : *s;
            s++;
            continue;
        }
        if (end - s < 3 || scim_hex_digit(s[1]) < 0 || scim_hex_digit(s[2]) < 0) {
            return NULL;
        }
        *to = (char)(scim_hex_digit(s[1]) << 4 | scim_hex_digit(s[2]));
        if (!*to++) {
            return NULL;
        }
        s += 3;
    }
    *to = '\0';
    return scim_utf8_valid(out, (apr_size_t)(to - out)) ? out : NULL;
}

static scim_error_t *take_param(apr_pool_t *p, const char *pair, apr_size_t len, scim_params_t *out)
{
    const char *equals = memchr(pair, '=', len);
    apr_size_t name_len = equals ? (apr_size_t)(equals - pair) : len;
    const char *name = decode(p, pair, name_len), *value;
    const param_row_t *row = name ? find_row(name) : NULL;

    if (!row) {
        return NULL;
    }
    if (*slot(out, row)) {
        return scim_error(p, row->fault, "%s is given more than once", row->name);
    }
    value = equals ? decode(p, equals + 1, len - name_len - 1) : "";
    if (!value) {
        return scim_error(p, row->fault, "%s is not percent-encoded UTF-8", row->name);
    }
    *slot(out, row) = trim(p, value);
    return NULL;
}

static void drop_blanks(scim_params_t *params)
{
    apr_size_t i;

    for (i = 0; i < ROWS; i++) {
        const char **at = slot(params, &rows[i]);
        if (*at && !**at && rows[i].blank_is_absent) {
            *at = NULL;
        }
    }
}

scim_error_t *scim_params_parse(apr_pool_t *p, const char *args, scim_params_t *out)
{
    memset(out, 0, sizeof *out);
    while (args && *args) {
        apr_size_t len = strcspn(args, "&");
        SCIM_TRY(take_param(p, args, len, out));
        args += len + (args[len] == '&');
    }
    drop_blanks(out);
    return NULL;
}

/* The names of an array as a comma list; NULL when something else than strings is in it. */
static const char *join_names(apr_pool_t *p, scim_json_t *value)
{
    apr_array_header_t *names = apr_array_make(p, 8, sizeof(const char *));
    size_t i;

    for (i = 0; i < scim_json_count(value); i++) {
        scim_json_t *name = scim_json_at(value, i);
        if (!scim_json_is(name, SCIM_JSON_STRING)) {
            return NULL;
        }
        APR_ARRAY_PUSH(names, const char *) = scim_json_string(name);
    }
    return apr_array_pstrcat(p, names, ',');
}

/* A whole number as text; 1.0 is one too, and beyond the limits any. NULL: it is none. */
static const char *number_text(apr_pool_t *p, scim_json_t *value)
{
    double number;

    if (scim_json_is(value, SCIM_JSON_INTEGER)) {
        return apr_pstrdup(p, scim_json_string(value));
    }
    number = scim_json_is(value, SCIM_JSON_DECIMAL) ? strtod(scim_json_string(value), NULL) : 0.5;
    number = number < -MAX_INDEX ? -MAX_INDEX : number > MAX_INDEX ? MAX_INDEX : number;
    return number == (double)(apr_int64_t)number ? apr_psprintf(p, "%" APR_INT64_T_FMT, (apr_int64_t)number) : NULL;
}

/* The text that the same parameter would have in a URL; NULL when value has the wrong type. */
static const char *member_text(scim_context_t *c, form_e form, scim_json_t *value)
{
    scim_json_e type = scim_json_type(value);

    if (form == FORM_NAMES && type == SCIM_JSON_ARRAY) {
        return join_names(c->p, value);
    }
    if (form == FORM_INTEGER && type != SCIM_JSON_STRING) {
        return number_text(c->p, value);
    }
    if (type != SCIM_JSON_STRING || (form == FORM_INTEGER && !scim_tolerates(c, filter, SCIM_FILTER_STRING_NUMBER))) {
        return NULL;
    }
    return trim(c->p, scim_json_string(value));
}

/* RFC 9865 has a keyword of its own for a bad count (K-08). */
static scim_error_e fault_of(const param_row_t *row, int by_cursor)
{
    return by_cursor && row->offset == offsetof(scim_params_t, count) ? SCIM_E_INVALID_COUNT : row->fault;
}

scim_error_t *scim_params_from_search(scim_context_t *c, scim_json_t *body, scim_params_t *out)
{
    apr_size_t i;

    memset(out, 0, sizeof *out);
    if (!scim_json_names(scim_json_get(body, "schemas", NULL), SEARCH_REQUEST_URN)) {
        return scim_error(c->p, SCIM_E_INVALID_SYNTAX, "schemas must hold " SEARCH_REQUEST_URN);
    }
    for (i = 0; i < ROWS; i++) {
        scim_json_t *value = scim_json_get(body, rows[i].name, NULL);
        if (value) {
            *slot(out, &rows[i]) = member_text(c, rows[i].form, value);
            if (!*slot(out, &rows[i])) {
                return scim_error(c->p, fault_of(&rows[i], scim_json_get(body, "cursor", NULL) != NULL), "%s has the wrong type", rows[i].name);
            }
        }
    }
    drop_blanks(out);
    return NULL;
}

/* A whole number, read as the nearest limit when it is beyond the limits. */
static scim_error_t *bind_integer(apr_pool_t *p, const char *name, const char *text, apr_int64_t least, apr_int64_t most,
                                  apr_int64_t *out)
{
    const char *at = text + (*text == '-' || *text == '+');
    apr_int64_t value = 0;

    if (!*at) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "%s must be a whole number", name);
    }
    for (; *at; at++) {
        if (!apr_isdigit(*at)) {
            return scim_error(p, SCIM_E_INVALID_VALUE, "%s must be a whole number", name);
        }
        value = value > MAX_INDEX / 10 ? MAX_INDEX : value * 10 + (*at - '0');
    }
    if (*text == '-') {
        value = -value;
    }
    *out = value < least ? least : value > most ? most : value;
    return NULL;
}

/* Not what may not be read, since the order of results would tell it, and not what other rows say. */
static int sortable(const scim_attribute_t *attr)
{
    return !scim_attribute_secret(attr) && attr->home != SCIM_HOME_PASSWORD &&
           attr->home != SCIM_HOME_SCHEMAS && attr->home != SCIM_HOME_MEMBERS && attr->home != SCIM_HOME_GROUPS;
}

/* What results are sorted by; *out stays NULL where the type has no such attribute. */
static scim_error_t *find_sort(apr_pool_t *p, const scim_resource_type_t *type, const char *name, const scim_attribute_t **out)
{
    scim_attrpath_t path;
    const scim_attribute_t *attr;

    if (!scim_resolve(type, name, strlen(name), &path) || !path.attr) {
        return NULL;
    }
    attr = path.sub ? path.sub : path.attr;
    if (attr->type == SCIM_COMPLEX) {
        attr = scim_attribute_value(attr);
    }
    if (!attr) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "sortBy %s needs the name of one of its parts", path.attr->name);
    }
    if (!sortable(path.attr) || !sortable(attr)) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "Results cannot be sorted by %s", path.attr->name);
    }
    *out = attr;
    return NULL;
}

/* One type at least has to have it. */
static scim_error_t *bind_sort(apr_pool_t *p, const scim_params_t *params, scim_query_part_t *parts, int nparts, scim_query_t *out)
{
    int i, found = 0;

    if (params->sort_order && !scim_ieq(params->sort_order, "ascending") && !scim_ieq(params->sort_order, "descending")) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "sortOrder must be ascending or descending");
    }
    if (!params->sort_by) {
        return NULL;
    }
    for (i = 0; i < nparts; i++) {
        SCIM_TRY(find_sort(p, parts[i].type, params->sort_by, &parts[i].sort));
        found |= parts[i].sort != NULL;
    }
    if (!found) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "sortBy names no attribute of %s: \"%.100s\"", nparts == 1 ? parts->type->name : "any type",
                          params->sort_by);
    }
    out->sorted = 1;
    out->descending = params->sort_order && scim_ieq(params->sort_order, "descending");
    return NULL;
}

/* ---- paging ---- */

/* What is usual where nothing is said; else what the client says, if it is offered. A cursor that is not offered is no parameter to be ignored:
 * the client would take each page for the next. */
static scim_error_t *bind_method(apr_pool_t *p, const scim_params_t *params, unsigned methods, scim_query_t *out)
{
    if (params->cursor && (methods & SCIM_PAGE_NO_CURSOR)) {
        return scim_error(p, SCIM_E_INVALID_CURSOR, "Paging by cursor is not offered here; use startIndex and count");
    }
    if (params->cursor && params->start_index) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "Send either cursor or startIndex, not both");
    }
    out->cursor = params->cursor ? params->cursor : (methods & SCIM_PAGE_BY_CURSOR) && !params->start_index ? "" : NULL;
    return NULL;
}

/* Without an index the first page is all that has one. */
static scim_error_t *bind_start(apr_pool_t *p, const scim_params_t *params, unsigned methods, scim_query_t *out)
{
    out->start_index = 1;
    if (!params->start_index) {
        return NULL;
    }
    SCIM_TRY(bind_integer(p, "startIndex", params->start_index, 1, MAX_INDEX, &out->start_index));
    if (!(methods & SCIM_PAGE_NO_INDEX)) {
        return NULL;
    }
    if (out->start_index > 1) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "Paging by startIndex is not offered here; use cursor and count");
    }
    out->cursor = "";
    return NULL;
}

/* RFC 9865 has a keyword of its own for a bad count (K-08). */
static scim_error_t *bind_count(apr_pool_t *p, const scim_params_t *params, const scim_page_limits_t *pages, scim_query_t *out)
{
    apr_int64_t count = pages->default_results < pages->max_results ? pages->default_results : pages->max_results;
    scim_error_t *err = params->count ? bind_integer(p, "count", params->count, 0, pages->max_results, &count) : NULL;

    out->count = (int)count;
    out->said_count = params->count != NULL;
    return err && out->cursor ? scim_error(p, SCIM_E_INVALID_COUNT, "%s", err->detail) : err;
}

/* ---- all together ---- */

/* Of each type its name and what it is sorted by; the filter stands last, since it may hold anything. */
static const char *shape_of(const scim_context_t *c, const scim_params_t *params, const scim_query_part_t *parts, int nparts, int any, int descending)
{
    const char *shape = apr_pstrcat(c->p, c->profile->name, any ? "\n*" : "\n", descending ? "-" : "+", NULL);
    int i;

    for (i = 0; i < nparts; i++) {
        const scim_attribute_t *sort = parts[i].sort;
        shape = apr_pstrcat(c->p, shape, parts[i].type->name, NULL);
        if (sort) {
            shape = apr_psprintf(c->p, "%s %s %d %d", shape, scim_attribute_path(c->p, parts[i].type, sort), sort->type, sort->case_exact);
        }
        shape = apr_pstrcat(c->p, shape, "\n", NULL);
    }
    return apr_pstrcat(c->p, shape, "\n", params->filter ? params->filter : "", NULL);
}

static scim_error_t *bind_part(scim_context_t *c, const scim_params_t *params, int any, scim_query_part_t *part)
{
    c->type = part->type;
    SCIM_TRY(scim_projection_parse(c->p, part->type, params->attributes, params->excluded_attributes, &part->projection));
    if (!params->filter) {
        return NULL;
    }
    return any ? scim_filter_parse_any(c, params->filter, &part->filter) : scim_filter_parse(c, params->filter, &part->filter);
}

/* Leaves those in which something can be found. */
static int worth(scim_query_part_t *parts, int nparts)
{
    int i, n = 0;

    for (i = 0; i < nparts; i++) {
        scim_query_part_t part = parts[i];
        if (part.filter && part.filter->op == SCIM_F_NONE) {
            continue;
        }
        if (part.filter && part.filter->op == SCIM_F_ALL) {
            part.filter = NULL;
        }
        parts[n++] = part;
    }
    return n;
}

static scim_error_t *bind_parts(scim_context_t *c, scim_query_part_t *parts, int nparts, int any, const scim_params_t *params,
                                const scim_page_limits_t *pages, scim_query_t *out)
{
    int i;

    memset(out, 0, sizeof *out);
    SCIM_TRY(bind_method(c->p, params, pages->methods, out));
    SCIM_TRY(bind_start(c->p, params, pages->methods, out));
    SCIM_TRY(bind_count(c->p, params, pages, out));
    SCIM_TRY(bind_sort(c->p, params, parts, nparts, out));
    for (i = 0; i < nparts; i++) {
        SCIM_TRY(bind_part(c, params, any, &parts[i]));
    }
    out->shape = shape_of(c, params, parts, nparts, any, out->descending);
    out->nparts = worth(parts, nparts);
    out->parts = parts;
    return NULL;
}

scim_error_t *scim_query_bind(scim_context_t *c, const scim_params_t *params, const scim_page_limits_t *pages, scim_query_t *out)
{
    scim_query_part_t *part = apr_pcalloc(c->p, sizeof *part);

    part->type = c->type;
    return bind_parts(c, part, 1, 0, params, pages, out);
}

scim_error_t *scim_query_bind_any(scim_context_t *c, const apr_array_header_t *types, const scim_params_t *params, const scim_page_limits_t *pages,
                                  scim_query_t *out)
{
    scim_query_part_t *parts = apr_pcalloc(c->p, ((apr_size_t)types->nelts + 1) * sizeof *parts);
    int i;

    for (i = 0; i < types->nelts; i++) {
        parts[i].type = APR_ARRAY_IDX(types, i, const scim_resource_type_t *);
    }
    return bind_parts(c, parts, types->nelts, 1, params, pages, out);
}
