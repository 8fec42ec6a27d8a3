#include "lines.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

scim_error_t *scim_lines_open(apr_pool_t *p, const char *file, scim_lines_t **out)
{
    scim_lines_t *lines = apr_pcalloc(p, sizeof *lines);
    const char *text = NULL;
    apr_size_t len = 0;

    SCIM_TRY(scim_file_read(p, file, &text, &len));
    if (strlen(text) != len) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "%s is no text", file);
    }
    lines->p = p;
    lines->file = file;
    lines->rest = text;
    *out = lines;
    return NULL;
}

scim_error_t *scim_lines_at(const scim_lines_t *lines, scim_error_t *err)
{
    return err ? scim_error_prefix(lines->p, err, apr_psprintf(lines->p, "%s line %d: ", lines->file, lines->number)) : NULL;
}

/* One line of the file, without its end; a backslash at the end joins it with the next one. */
static const char *joined_line(scim_lines_t *lines)
{
    const char *out = "";

    while (*lines->rest) {
        apr_size_t len = strcspn(lines->rest, "\n"), keep = len;
        const char *at = lines->rest;
        int more;

        lines->rest += len + (at[len] == '\n');
        lines->number++;
        keep -= keep > 0 && at[keep - 1] == '\r';
        more = keep > 0 && at[keep - 1] == '\\';
        out = apr_pstrcat(lines->p, out, apr_pstrmemdup(lines->p, at, keep - (apr_size_t)more), NULL);
        if (!more) {
            break;
        }
    }
    return out;
}

static const char *trimmed(apr_pool_t *p, const char *line)
{
    apr_size_t len;

    while (apr_isspace(*line)) {
        line++;
    }
    for (len = strlen(line); len > 0 && apr_isspace(line[len - 1]); len--) {
    }
    return apr_pstrmemdup(p, line, len);
}

/* What httpd's Define says is not known here: a name that the environment does not have is an error. */
static scim_error_t *resolve(apr_pool_t *p, const char *line, const char **out)
{
    const char *open = strstr(line, "${"), *close = open ? strchr(open, '}') : NULL, *name, *value;

    *out = line;
    if (!close) {
        return NULL;
    }
    name = apr_pstrmemdup(p, open + 2, (apr_size_t)(close - open) - 2);
    value = getenv(name);
    if (!value) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "the environment has no variable %s", name);
    }
    SCIM_TRY(resolve(p, close + 1, out));
    *out = apr_pstrcat(p, apr_pstrmemdup(p, line, (apr_size_t)(open - line)), value, *out, NULL);
    return NULL;
}

scim_error_t *scim_lines_next(scim_lines_t *lines, const char **line)
{
    while (*lines->rest) {
        *line = trimmed(lines->p, joined_line(lines));
        if (**line && **line != '#') {
            return scim_lines_at(lines, resolve(lines->p, *line, line));
        }
    }
    *line = NULL;
    return NULL;
}
