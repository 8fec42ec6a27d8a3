#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "../core/base/utf8.h"
#include "scimctl.h"

const char *ctl_number(apr_pool_t *p, apr_int64_t n)
{
    return apr_psprintf(p, "%" APR_INT64_T_FMT, n);
}

/* ---- for people ---- */

/* Characters, not bytes. */
static int width_of(const char *text)
{
    int width = 0;

    for (; *text; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

static const char *cell(const ctl_column_t *columns, int ncolumns, const apr_array_header_t *cells, int i)
{
    const char *text = APR_ARRAY_IDX(cells, i, const char *);

    return text ? text : columns[i % ncolumns].none;
}

static int column_width(const ctl_column_t *columns, int ncolumns, const apr_array_header_t *cells, int column)
{
    int i, widest = width_of(columns[column].heading);

    for (i = column; i < cells->nelts; i += ncolumns) {
        int width = width_of(cell(columns, ncolumns, cells, i));
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void print_cell(const char *text, int width, int last)
{
    if (last) {
        printf("%s\n", text);
    }
    else {
        printf("%s%*s", text, width - width_of(text) + 2, "");
    }
}

static void print_table(apr_pool_t *p, const ctl_column_t *columns, int ncolumns, const apr_array_header_t *cells)
{
    int *widths = apr_palloc(p, sizeof(int) * (apr_size_t)ncolumns), i;

    for (i = 0; i < ncolumns; i++) {
        widths[i] = column_width(columns, ncolumns, cells, i);
        print_cell(columns[i].heading, widths[i], i == ncolumns - 1);
    }
    for (i = 0; i < cells->nelts; i++) {
        print_cell(cell(columns, ncolumns, cells, i), widths[i % ncolumns], i % ncolumns == ncolumns - 1);
    }
}

/* ---- for programs ---- */

static const char *list_json(apr_pool_t *p, const char *joined)
{
    char *copy = apr_pstrdup(p, joined), *state = NULL, *word;
    const char *out = "";

    for (word = apr_strtok(copy, ",", &state); word; word = apr_strtok(NULL, ",", &state)) {
        out = apr_pstrcat(p, out, *out ? "," : "", scim_json_quote(p, word), NULL);
    }
    return apr_pstrcat(p, "[", out, "]", NULL);
}

static const char *value_json(apr_pool_t *p, ctl_kind_e kind, const char *text)
{
    if (!text) {
        return "null";
    }
    return kind == CTL_NUMBER ? text : kind == CTL_LIST ? list_json(p, text) : scim_json_quote(p, text);
}

static const char *object_json(apr_pool_t *p, const ctl_column_t *columns, int ncolumns, const char *const *cells)
{
    const char *out = "{";
    int i;

    for (i = 0; i < ncolumns; i++) {
        out = apr_pstrcat(p, out, i ? "," : "", scim_json_quote(p, columns[i].key), ":", value_json(p, columns[i].kind, cells[i]), NULL);
    }
    return apr_pstrcat(p, out, "}", NULL);
}

void ctl_print_object(const ctl_t *ctl, const ctl_column_t *columns, int ncolumns, const char *const *cells)
{
    printf("%s\n", object_json(ctl->p, columns, ncolumns, cells));
}

void ctl_print_rows(const ctl_t *ctl, const ctl_column_t *columns, int ncolumns, const apr_array_header_t *cells)
{
    const char *const *row = (const char *const *)cells->elts;
    int i;

    if (!ctl->json) {
        print_table(ctl->p, columns, ncolumns, cells);
        return;
    }
    fputs("[", stdout);
    for (i = 0; i < cells->nelts; i += ncolumns) {
        printf("%s%s", i ? ",\n " : "", object_json(ctl->p, columns, ncolumns, row + i));
    }
    fputs("]\n", stdout);
}
