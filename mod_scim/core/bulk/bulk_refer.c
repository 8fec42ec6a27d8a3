/* The bulkIds in the data of an operation. */
#include <apr_strings.h>
#include <string.h>

#include "../base/text.h"
#include "../resource/reference.h"
#include "bulk.h"

#define BULK_ID "bulkId:"
#define BULK_ID_LENGTH (sizeof BULK_ID - 1)

typedef struct walk_t {
    scim_context_t *c;
    scim_bulk_refer_f *refer;
    void *baton;
} walk_t;

/* What stands for "bulkId:x", or for it at the end of an address; NULL: the text stays. By itself it may have slashes. as_address: where an
 * address is expected. */
static const char *replaced(const walk_t *w, const char *text, int as_address)
{
    const char *slash = strrchr(text, '/'), *last = slash && strncmp(text, BULK_ID, BULK_ID_LENGTH) != 0 ? slash + 1 : text, *by;

    if (strncmp(last, BULK_ID, BULK_ID_LENGTH) != 0) {
        return NULL;
    }
    by = w->refer(w->baton, last + BULK_ID_LENGTH, as_address && last == text);
    return by ? apr_pstrcat(w->c->p, apr_pstrmemdup(w->c->p, text, (apr_size_t)(last - text)), by, NULL) : NULL;
}

static int has_ref(const walk_t *w, const scim_attribute_t *attr)
{
    const scim_attribute_t *ref = scim_attribute_find(attr->subs, attr->nsubs, "$ref", 4);

    return ref && scim_reference_to_resources(w->c, ref);
}

/* Are its strings ids or URLs of resources? Clients write the id alone for the whole of a complex attribute, too. */
static int is_reference(const walk_t *w, const scim_attribute_t *attr)
{
    if (attr->type == SCIM_COMPLEX) {
        return has_ref(w, attr);
    }
    return scim_reference_to_resources(w->c, attr) || (attr->parent && scim_ieq(attr->name, "value") && has_ref(w, attr->parent));
}

static scim_json_t *replaced_string(const walk_t *w, const scim_attribute_t *attr, scim_json_t *value)
{
    const char *by = scim_json_is(value, SCIM_JSON_STRING) ? replaced(w, scim_json_string(value), attr->type == SCIM_REFERENCE) : NULL;

    return by ? scim_json_new_string(w->c->p, by) : NULL;
}

static scim_json_t *walk_value(const walk_t *w, const scim_attribute_t *attr, scim_json_t *value);

static void walk_parts(const walk_t *w, const scim_attribute_t *attrs, int n, scim_json_t *object)
{
    scim_json_iter_t it;

    for (it = scim_json_iter(object); scim_json_next(&it);) {
        const scim_attribute_t *attr = scim_attribute_find(attrs, n, it.name, strlen(it.name));
        scim_json_t *by = attr ? walk_value(w, attr, it.value) : NULL;
        if (by) {
            scim_json_set(object, it.name, by);
        }
    }
}

/* What comes in the place of the value; NULL: it stays, itself or with something else inside. */
static scim_json_t *walk_value(const walk_t *w, const scim_attribute_t *attr, scim_json_t *value)
{
    size_t i, n = scim_json_count(value);

    if (scim_json_is(value, SCIM_JSON_ARRAY)) {
        for (i = 0; i < n; i++) {
            scim_json_t *by = walk_value(w, attr, scim_json_at(value, i));
            if (by) {
                scim_json_put(value, i, by);
            }
        }
        return NULL;
    }
    if (scim_json_is(value, SCIM_JSON_OBJECT)) {
        walk_parts(w, attr->subs, attr->nsubs, value);
        return NULL;
    }
    return is_reference(w, attr) ? replaced_string(w, attr, value) : NULL;
}

/* The attribute that a name, or a path up to its value filter, leads to; the part behind the filter included. */
static const scim_attribute_t *attribute_at(const walk_t *w, const char *path, const scim_schema_t **extension)
{
    scim_attrpath_t at;
    const char *part = strchr(path, ']');

    *extension = NULL;
    if (!scim_resolve(w->c->type, path, strcspn(path, "["), &at)) {
        return NULL;
    }
    if (!at.attr) {
        *extension = at.extension;
        return NULL;
    }
    if (part && part[1] == '.') {
        return scim_attribute_find(at.attr->subs, at.attr->nsubs, part + 2, strlen(part + 2));
    }
    return at.sub ? at.sub : at.attr;
}

/* A value for what the path leads to. */
static scim_json_t *walk_at(const walk_t *w, const char *path, scim_json_t *value)
{
    const scim_schema_t *extension;
    const scim_attribute_t *attr = attribute_at(w, path, &extension);

    if (extension) {
        walk_parts(w, extension->attrs, extension->nattrs, value);
    }
    return attr ? walk_value(w, attr, value) : NULL;
}

/* A resource, or the value of a path-less operation, whose names may be paths. */
static void walk_resource(const walk_t *w, scim_json_t *object)
{
    scim_json_iter_t it;

    for (it = scim_json_iter(object); scim_json_next(&it);) {
        scim_json_t *by = walk_at(w, it.name, it.value);
        if (by) {
            scim_json_set(object, it.name, by);
        }
    }
}

/* The end of the word that begins at s, and where the next one begins. */
static const char *word_end(const char *s)
{
    return s + strcspn(s, " \t()[]\"");
}

/* What comes in the place of a string in a value filter, which is compared with this part of attr; NULL: it stays. */
static const char *replaced_operand(const walk_t *w, const scim_attribute_t *attr, const char *part, apr_size_t len, const char *text)
{
    const scim_attribute_t *sub = attr->nsubs ? scim_attribute_find(attr->subs, attr->nsubs, part, len) : attr;

    return sub && is_reference(w, sub) ? replaced(w, text, sub->type == SCIM_REFERENCE) : NULL;
}

/* members[value eq "bulkId:x" or value eq "bulkId:y"]: of each string, the word before the operator tells what it is compared with. */
static const char *walk_filter(const walk_t *w, const scim_attribute_t *attr, const char *path, const char *filter)
{
    apr_array_header_t *pieces = apr_array_make(w->c->p, 4, sizeof(const char *));
    const char *from = path, *s = filter, *end, *part = "", *word = "", *by;

    for (; *s; s = end) {
        if (*s != '"') {
            end = word_end(s);
            part = end > s ? word : part;
            word = end > s ? s : word;
            end += end == s;
            continue;
        }
        for (end = s + 1; *end && *end != '"'; end += *end == '\\' && end[1] ? 2 : 1) {
        }
        by = replaced_operand(w, attr, part, (apr_size_t)(word_end(part) - part), apr_pstrmemdup(w->c->p, s + 1, (apr_size_t)(end - s - 1)));
        if (by) {
            APR_ARRAY_PUSH(pieces, const char *) = apr_pstrmemdup(w->c->p, from, (apr_size_t)(s + 1 - from));
            APR_ARRAY_PUSH(pieces, const char *) = by;
            from = end;
        }
        end += *end == '"';
    }
    APR_ARRAY_PUSH(pieces, const char *) = from;
    return from > path ? apr_array_pstrcat(w->c->p, pieces, 0) : NULL;
}

/* The path with what its value filter refers to; NULL: it stays. */
static const char *walk_path(const walk_t *w, const char *path)
{
    const char *filter = strchr(path, '[');
    const scim_schema_t *extension;
    const scim_attribute_t *attr = filter ? attribute_at(w, apr_pstrmemdup(w->c->p, path, (apr_size_t)(filter - path)), &extension) : NULL;

    return attr && is_reference(w, attr) && strstr(filter, BULK_ID) ? walk_filter(w, attr, path, filter) : NULL;
}

static void walk_operation(const walk_t *w, scim_json_t *operation)
{
    const char *path_key, *value_key;
    scim_json_t *value = scim_json_get(operation, "value", &value_key), *by;
    const char *path = scim_json_str(operation, "path"), *other;

    if (!path || !*path) {
        walk_resource(w, value);
        return;
    }
    by = walk_at(w, path, value);
    if (by) {
        scim_json_set(operation, value_key, by);
    }
    other = walk_path(w, path);
    if (other && scim_json_get(operation, "path", &path_key)) {
        scim_json_set_string(operation, path_key, other);
    }
}

void scim_bulk_refer(scim_context_t *c, scim_bulk_method_e method, scim_json_t *data, scim_bulk_refer_f *refer, void *baton)
{
    const walk_t w = { c, refer, baton };
    scim_json_t *operations;
    size_t i;

    if (method != SCIM_BULK_PATCH) {
        walk_resource(&w, data);
        return;
    }
    operations = scim_json_get(data, "Operations", NULL);
    for (i = 0; i < scim_json_count(operations); i++) {
        walk_operation(&w, scim_json_at(operations, i));
    }
}
