#include "project.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"
#include "../schema/containers.h"

struct scim_projection_t {
    int exclude;               /* the names are taken away from the default set; otherwise they replace it */
    apr_array_header_t *names; /* of scim_attrpath_t, each once */
    apr_array_header_t *sent;  /* of const scim_attribute_t *: shown although returned on request; NULL unless made for a write */
};

/* What the projection says of one attribute. */
#define NAMED 1            /* by its own name */
#define NAMED_CONTAINER 2  /* by the URN of its schema (G-11) */
#define NAMED_PART 4       /* one of its parts is named */

static unsigned named(const scim_projection_t *projection, const scim_attribute_t *attr)
{
    unsigned how = 0;
    int i;

    for (i = 0; projection && i < projection->names->nelts; i++) {
        const scim_attrpath_t *name = &APR_ARRAY_IDX(projection->names, i, scim_attrpath_t);
        if (!name->attr) {
            how |= name->extension == attr->schema && !attr->parent ? NAMED_CONTAINER : 0;
        }
        else if (name->sub) {
            how |= name->sub == attr ? NAMED : name->attr == attr ? NAMED_PART : 0;
        }
        else {
            how |= name->attr == attr ? NAMED : 0;
        }
    }
    return how;
}

/* `schemas` and `id` are in every representation (G-05, G-15), whatever a schema file says. */
static int always(const scim_attribute_t *attr)
{
    return attr->returned == SCIM_RETURNED_ALWAYS || attr->home == SCIM_HOME_ID || attr->home == SCIM_HOME_SCHEMAS;
}

static int was_sent(const scim_projection_t *projection, const scim_attribute_t *attr)
{
    int i;

    for (i = 0; projection->sent && i < projection->sent->nelts; i++) {
        if (APR_ARRAY_IDX(projection->sent, i, const scim_attribute_t *) == attr) {
            return 1;
        }
    }
    return 0;
}

/* Is the attribute shown? parent_whole: its parent is shown as such, not only for the sake of some parts. */
static int shown(const scim_projection_t *projection, const scim_attribute_t *attr, int parent_whole)
{
    unsigned how;

    if (scim_attribute_secret(attr)) {
        return 0;
    }
    if (always(attr)) {
        return 1;
    }
    how = named(projection, attr);
    if (projection && projection->exclude) {
        return (attr->returned != SCIM_RETURNED_REQUEST || was_sent(projection, attr)) && !(how & (NAMED | NAMED_CONTAINER));
    }
    if (attr->returned == SCIM_RETURNED_REQUEST) {
        return (how & (NAMED | NAMED_PART)) != 0;
    }
    return !projection || how || parent_whole;
}

/* Does the attribute show all its returnable parts, or only those that are named? */
static int whole(const scim_projection_t *projection, const scim_attribute_t *attr)
{
    if (!projection || projection->exclude || always(attr)) {
        return 1;
    }
    return (named(projection, attr) & (NAMED | NAMED_CONTAINER)) != 0;
}

const scim_projection_t *scim_projection_sent(apr_pool_t *p, const scim_projection_t *projection, const scim_attribute_t *attr)
{
    scim_projection_t *out;

    if (attr->returned != SCIM_RETURNED_REQUEST || (projection && (!projection->exclude || was_sent(projection, attr)))) {
        return projection;
    }
    out = apr_pcalloc(p, sizeof(*out));
    out->exclude = 1;
    out->names = projection ? projection->names : apr_array_make(p, 1, sizeof(scim_attrpath_t));
    out->sent = projection && projection->sent ? apr_array_copy(p, projection->sent) : apr_array_make(p, 2, sizeof(const scim_attribute_t *));
    APR_ARRAY_PUSH(out->sent, const scim_attribute_t *) = attr;
    return out;
}

static const scim_projection_t *sent_parts(apr_pool_t *p, const scim_projection_t *projection, const scim_attribute_t *attrs, int n,
                                           scim_json_t *object)
{
    int i;

    for (i = 0; i < n; i++) {
        scim_json_t *value;
        if (scim_json_find(object, attrs[i].name, &value)) {
            projection = scim_projection_sent(p, projection, &attrs[i]);
            projection = scim_projection_sent_in(p, projection, &attrs[i], value);
        }
    }
    return projection;
}

const scim_projection_t *scim_projection_sent_in(apr_pool_t *p, const scim_projection_t *projection, const scim_attribute_t *attr,
                                                 scim_json_t *value)
{
    size_t i, n = scim_json_is(value, SCIM_JSON_ARRAY) ? scim_json_count(value) : 0;

    for (i = 0; attr->nsubs && i < n; i++) {
        projection = sent_parts(p, projection, attr->subs, attr->nsubs, scim_json_at(value, i));
    }
    return scim_json_is(value, SCIM_JSON_OBJECT) ? sent_parts(p, projection, attr->subs, attr->nsubs, value) : projection;
}

const scim_projection_t *scim_projection_sent_all(apr_pool_t *p, const scim_resource_type_t *type, const scim_projection_t *projection,
                                                  scim_json_t *doc)
{
    scim_containers_t at;

    if (!type->always_project) {
        return projection;
    }
    for (at = scim_containers(type, doc); scim_containers_next(&at);) {
        projection = sent_parts(p, projection, at.schema->attrs, at.schema->nattrs, at.object);
    }
    return projection;
}

/* Has it parts that are shown even where it is not itself? `always` is said of each attribute, parts as well: regardless of the request
 * (RFC 7643 section 7). */
static int has_always(const scim_attribute_t *attr)
{
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        if (always(&attr->subs[i]) && !scim_attribute_secret(&attr->subs[i])) {
            return 1;
        }
    }
    return 0;
}

int scim_projection_wants(const scim_projection_t *projection, const scim_attribute_t *attr)
{
    return shown(projection, attr, 0) || has_always(attr);
}

int scim_projection_wants_part(const scim_projection_t *projection, const scim_attribute_t *attr, const scim_attribute_t *sub)
{
    return shown(projection, attr, 0) && shown(projection, sub, whole(projection, attr));
}

/* The end of the name in s[0..len): a comma that stands neither in brackets nor in quotes. */
static apr_size_t name_end(const char *s)
{
    int brackets = 0, quoted = 0;
    apr_size_t i;

    for (i = 0; s[i] && (s[i] != ',' || brackets || quoted); i++) {
        if (s[i] == '"') {
            quoted = !quoted;
        }
        else if (quoted) {
            i += s[i] == '\\' && s[i + 1];
        }
        else {
            brackets += s[i] == '[' ? 1 : s[i] == ']' && brackets ? -1 : 0;
        }
    }
    return i;
}

/* emails[type eq "work"].value is asked for by some clients: a projection knows no filters, it means emails.value. */
static const char *without_filter(apr_pool_t *p, const char *s, apr_size_t *len)
{
    const char *open = memchr(s, '[', *len), *close;
    char *name;

    if (!open) {
        return s;
    }
    for (close = s + *len; close > open && close[-1] != ']'; close--) {
    }
    if (close == open) { /* never closed: the name is all there is */
        close = s + *len;
    }
    name = apr_palloc(p, *len + 1);
    memcpy(name, s, (apr_size_t)(open - s));
    *len -= (apr_size_t)(close - s);
    memcpy(name + (open - s), close, *len);
    *len += (apr_size_t)(open - s);
    return name;
}

static int same_path(const scim_attrpath_t *a, const scim_attrpath_t *b)
{
    return a->extension == b->extension && a->attr == b->attr && a->sub == b->sub;
}

/* Each path once: what a long parameter costs is bounded by the schema. */
static void push_once(apr_array_header_t *names, const scim_attrpath_t *path)
{
    int i;

    for (i = 0; i < names->nelts; i++) {
        if (same_path(&APR_ARRAY_IDX(names, i, scim_attrpath_t), path)) {
            return;
        }
    }
    APR_ARRAY_PUSH(names, scim_attrpath_t) = *path;
}

/* The names of a comma list, NULL when it names nothing at all (blank: as if absent). */
static apr_array_header_t *parse_names(apr_pool_t *p, const scim_resource_type_t *type, const char *list)
{
    apr_array_header_t *names = NULL;

    while (list && *list) {
        apr_size_t len = name_end(list), step = len + (list[len] == ',');
        const char *name = list;
        scim_attrpath_t path;

        for (; len && (*name == ' ' || *name == '\t'); name++, len--) {
        }
        for (; len && (name[len - 1] == ' ' || name[len - 1] == '\t'); len--) {
        }
        if (len) {
            if (!names) {
                names = apr_array_make(p, 4, sizeof(scim_attrpath_t));
            }
            name = without_filter(p, name, &len);
            if (scim_resolve(type, name, len, &path)) {
                push_once(names, &path);
            }
        }
        list += step;
    }
    return names;
}

scim_error_t *scim_projection_parse(apr_pool_t *p, const scim_resource_type_t *type, const char *attributes, const char *excluded,
                                    const scim_projection_t **out)
{
    apr_array_header_t *include = parse_names(p, type, attributes), *exclude = parse_names(p, type, excluded);
    scim_projection_t *projection;

    *out = NULL;
    if (include && exclude) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "Send either attributes or excludedAttributes, not both");
    }
    if (!include && (!exclude || !exclude->nelts)) {
        return NULL;
    }
    projection = apr_pcalloc(p, sizeof *projection);
    projection->exclude = !include;
    projection->names = include ? include : exclude;
    *out = projection;
    return NULL;
}

static void project_parts(const scim_projection_t *projection, const scim_attribute_t *attr, scim_json_t *value)
{
    scim_json_iter_t it;
    int all = whole(projection, attr), hidden = !shown(projection, attr, 0);

    for (it = scim_json_iter(value); scim_json_next(&it);) {
        const scim_attribute_t *sub = scim_attribute_find(attr->subs, attr->nsubs, it.name, strlen(it.name));
        if (sub && (!shown(projection, sub, all) || (hidden && !always(sub)))) {
            scim_json_remove(value, it.name);
        }
    }
}

static int is_empty_object(scim_json_t *value)
{
    return scim_json_is(value, SCIM_JSON_OBJECT) && scim_json_count(value) == 0;
}

static int holds_something(void *baton, size_t index, scim_json_t *element)
{
    (void)baton;
    (void)index;
    return !is_empty_object(element);
}

/* Leaves of value what is to be shown; returns 0 when that is nothing. */
static int project_value(const scim_projection_t *projection, const scim_attribute_t *attr, scim_json_t *value)
{
    size_t i;

    if (!attr->nsubs) {
        return 1;
    }
    if (scim_json_is(value, SCIM_JSON_OBJECT)) {
        project_parts(projection, attr, value);
        return !is_empty_object(value);
    }
    if (!scim_json_is(value, SCIM_JSON_ARRAY)) {
        return shown(projection, attr, 0);
    }
    for (i = 0; i < scim_json_count(value); i++) {
        scim_json_t *element = scim_json_at(value, i);
        if (scim_json_is(element, SCIM_JSON_OBJECT)) {
            project_parts(projection, attr, element);
        }
    }
    scim_json_keep(value, holds_something, NULL);
    return scim_json_count(value) > 0;
}

static const scim_attribute_t *find_attribute(const scim_resource_type_t *type, const scim_schema_t *extension, const char *name)
{
    const scim_attribute_t *attr;

    if (extension) {
        return scim_attribute_find(extension->attrs, extension->nattrs, name, strlen(name));
    }
    attr = scim_attribute_find(type->schema->attrs, type->schema->nattrs, name, strlen(name));
    return attr ? attr : scim_attribute_find(type->common->attrs, type->common->nattrs, name, strlen(name));
}

static const scim_schema_t *find_extension(const scim_resource_type_t *type, const char *name)
{
    const scim_schema_t *schema = scim_type_schema(type, name);

    return schema == type->schema ? NULL : schema;
}

/* One level: the resource itself (extension NULL), or the container of an extension. */
static void project_container(const scim_resource_type_t *type, const scim_projection_t *projection, const scim_schema_t *extension,
                              scim_json_t *container)
{
    scim_json_iter_t it;

    for (it = scim_json_iter(container); scim_json_next(&it);) {
        const scim_schema_t *inner = extension ? NULL : find_extension(type, it.name);
        const scim_attribute_t *attr = inner ? NULL : find_attribute(type, extension, it.name);
        int keep;

        if (inner && scim_json_is(it.value, SCIM_JSON_OBJECT)) {
            project_container(type, projection, inner, it.value);
            keep = !is_empty_object(it.value);
        }
        else if (attr) {
            keep = scim_projection_wants(projection, attr) && project_value(projection, attr, it.value);
        }
        else { /* stored under a schema that is no longer configured */
            keep = !projection || projection->exclude;
        }
        if (!keep) {
            scim_json_remove(container, it.name);
        }
    }
}

void scim_project(const scim_resource_type_t *type, const scim_projection_t *projection, scim_json_t *resource)
{
    if (scim_json_is(resource, SCIM_JSON_OBJECT)) {
        project_container(type, projection, NULL, resource);
    }
}
