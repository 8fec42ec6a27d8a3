#include "path.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "../base/text.h"
#include "filter_parse.h"

static scim_error_t *bad_path(apr_pool_t *p, const char *text, const char *why)
{
    return scim_error(p, SCIM_E_INVALID_PATH, "The path \"%.200s\" is not valid: %s", text, why);
}

/* The length of an attribute name at s: ALPHA or '$', then letters, digits, '-', '_' and '$' (RFC 7643 section 2.1); 0: none. */
static apr_size_t name_length(const char *s)
{
    apr_size_t first = *s == '$';

    if (!apr_isalpha(s[first])) {
        return 0;
    }
    return first + strspn(s + first, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_$");
}

/* "attr" or "attr.sub", or something behind a URN, whose form is not known (PA-03). */
static int is_name(const char *s, apr_size_t len)
{
    apr_size_t n;

    if (memchr(s, ':', len)) {
        return apr_isalpha(s[0]) && strcspn(s, " \t\r\n()\"'\\,;{}|^`<>") >= len && !strchr(".:/", s[len - 1]);
    }
    n = name_length(s);
    if (n && n < len && s[n] == '.') {
        apr_size_t part = name_length(s + n + 1);
        return part && n + 1 + part == len;
    }
    return n && n == len;
}

/* ".sub" behind the bracket. */
static scim_error_t *parse_part(apr_pool_t *p, const char *rest, scim_path_t *path)
{
    const scim_attribute_t *attr = path->target.attr;

    if (*rest != '.' || name_length(rest + 1) == 0 || name_length(rest + 1) != strlen(rest + 1)) {
        return bad_path(p, path->text, "after ']' only \".\" and the name of a part can follow");
    }
    path->target.sub = scim_attribute_find(attr->subs, attr->nsubs, rest + 1, strlen(rest + 1));
    path->unknown = !path->target.sub;
    return NULL;
}

/* The bracket is only skipped when the attribute is unknown: its inside cannot be bound. */
static scim_error_t *skip_bracket(apr_pool_t *p, const char *open, scim_path_t *path)
{
    if (!strchr(open, ']')) {
        return bad_path(p, path->text, "']' is missing");
    }
    path->unknown = 1;
    return NULL;
}

static scim_error_t *parse_bracket(scim_context_t *c, const char *open, scim_path_t *path)
{
    const scim_attribute_t *attr = path->target.attr;
    const char *end;

    if (path->unknown || !attr || path->target.sub) {
        return path->unknown ? skip_bracket(c->p, open, path) : bad_path(c->p, path->text, "brackets belong to a multi-valued attribute");
    }
    if (!attr->multi && !scim_tolerates(c, path, SCIM_PATH_SINGULAR_FILTER)) {
        return bad_path(c->p, path->text, apr_psprintf(c->p, "\"%s\" has a single value, it takes no filter", attr->name));
    }
    if (!strchr(open, ']')) {
        return bad_path(c->p, path->text, "']' is missing");
    }
    if (strspn(open + 1, "0123456789 ") == strcspn(open + 1, "]")) {
        return bad_path(c->p, path->text, "elements are chosen by a filter, not by an index");
    }
    SCIM_TRY(scim_filter_parse_value(c, attr, open + 1, &path->filter, &end));
    return *end ? parse_part(c->p, end, path) : NULL;
}

scim_error_t *scim_path_parse(scim_context_t *c, const char *text, scim_path_t **out)
{
    scim_path_t *path = apr_pcalloc(c->p, sizeof(*path));
    apr_size_t len = strcspn(text, "[");

    path->text = text;
    if (!is_name(text, len)) {
        return bad_path(c->p, text, "it must be an attribute name, like \"name.givenName\" or \"emails[type eq \\\"work\\\"].value\"");
    }
    if (!scim_context_resolve(c, text, len, &path->target)) {
        path->unknown = 1;
        path->target = (scim_attrpath_t){ NULL, NULL, NULL, 0 };
    }
    if (path->target.attr && scim_attribute_secret(path->target.attr)) {
        /* What stands in the brackets may be the secret: it goes into no message (SE-12). */
        path->text = apr_pstrmemdup(c->p, text, len);
    }
    if (text[len] == '[') {
        SCIM_TRY(parse_bracket(c, text + len, path));
    }
    *out = path;
    return NULL;
}
