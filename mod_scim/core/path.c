#include "path.h"

#include <apr_strings.h>
#include <string.h>

#include "text.h"

static scim_error_t *bad_path(apr_pool_t *p, const char *text, const char *why)
{
    return scim_error(p, SCIM_E_INVALID_PATH, "The path \"%.200s\" is not valid: %s", text, why);
}

/* An attribute name ends where a bracket begins; what stands in it must look like a name (PA-03). */
static int is_name(const char *s, apr_size_t len)
{
    apr_size_t i;

    if (len == 0 || s[len - 1] == '.' || s[len - 1] == ':') {
        return 0;
    }
    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c <= ' ' || c == 0x7f || strchr("[]()\"'\\,;{}|^`<>", c)) {
            return 0;
        }
    }
    return s[0] != '/' && s[0] != '.' && s[0] != ':';
}

static int takes_filter(const scim_profile_t *profile, const scim_attribute_t *attr)
{
    return attr->multi || scim_rule_on(profile, SCIM_RULE_SINGULAR_FILTER);
}

/* ".sub" behind the bracket. */
static scim_error_t *parse_part(apr_pool_t *p, const char *rest, scim_path_t *path)
{
    const scim_attribute_t *attr = path->target.attr;

    if (*rest != '.' || !is_name(rest + 1, strlen(rest + 1))) {
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

static scim_error_t *parse_bracket(apr_pool_t *p, const scim_profile_t *profile, const scim_resource_type_t *type, const char *open,
                                   const scim_limits_t *limits, scim_path_t *path)
{
    const scim_attribute_t *attr = path->target.attr;
    const char *end;

    if (path->unknown || !attr || path->target.sub) {
        return path->unknown ? skip_bracket(p, open, path) : bad_path(p, path->text, "brackets belong to a multi-valued attribute");
    }
    if (!takes_filter(profile, attr)) {
        return bad_path(p, path->text, apr_psprintf(p, "\"%s\" has a single value, it takes no filter", attr->name));
    }
    if (!strchr(open, ']')) {
        return bad_path(p, path->text, "']' is missing");
    }
    if (strspn(open + 1, "0123456789 ") == strcspn(open + 1, "]")) {
        return bad_path(p, path->text, "elements are chosen by a filter, not by an index");
    }
    SCIM_TRY(scim_filter_parse_value(p, profile, type, attr, open + 1, limits, &path->filter, &end));
    return *end ? parse_part(p, end, path) : NULL;
}

scim_error_t *scim_path_parse(apr_pool_t *p, const scim_profile_t *profile, const scim_resource_type_t *type, const char *text,
                              const scim_limits_t *limits, scim_path_t **out)
{
    scim_path_t *path = apr_pcalloc(p, sizeof(*path));
    apr_size_t len = strcspn(text, "[");

    path->text = text;
    if (!is_name(text, len)) {
        return bad_path(p, text, "it must be an attribute name, like \"name.givenName\" or \"emails[type eq \\\"work\\\"].value\"");
    }
    if (!scim_resolve(type, text, len, &path->target)) {
        path->unknown = 1;
        path->target = (scim_attrpath_t){ NULL, NULL, NULL };
    }
    if (text[len] == '[') {
        SCIM_TRY(parse_bracket(p, profile, type, text + len, limits, path));
    }
    *out = path;
    return NULL;
}
