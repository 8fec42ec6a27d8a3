#include "record.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "../base/json.h"
#include "../base/utf8.h"
#include "../query/lookup_key.h"
#include "../query/value_key.h"

/* The search document in the making, and on the way the values that resources are looked up by. */
typedef struct folding_t {
    apr_pool_t *p;
    apr_array_header_t *terms;         /* of scim_term_t */
} folding_t;

static struct json_object *fold_value(const folding_t *f, const scim_attribute_t *attr, struct json_object *value);

static struct json_object *fold_list(const folding_t *f, const scim_attribute_t *attr, struct json_object *value)
{
    size_t i, n = json_object_array_length(value);
    struct json_object *list = json_object_new_array_ext((int)n);

    for (i = 0; i < n; i++) {
        struct json_object *element = fold_value(f, attr, json_object_array_get_idx(value, i));
        if (element) {
            json_object_array_add(list, element);
        }
    }
    return list;
}

static struct json_object *fold_parts(const folding_t *f, const scim_attribute_t *attr, struct json_object *value)
{
    struct json_object *object = json_object_new_object();

    json_object_object_foreach(value, name, part)
    {
        const scim_attribute_t *sub = scim_attribute_find(attr->subs, attr->nsubs, name, strlen(name));
        struct json_object *folded = sub && !scim_attribute_secret(sub) ? fold_value(f, sub, part) : NULL;
        if (folded) {
            json_object_object_add(object, sub->name, folded);
        }
    }
    return object;
}

/* A value with everything folded that compares without case; what cannot be searched is left out. */
static struct json_object *fold_value(const folding_t *f, const scim_attribute_t *attr, struct json_object *value)
{
    const char *key;

    if (json_object_is_type(value, json_type_array)) {
        return fold_list(f, attr, value);
    }
    if (attr->type == SCIM_COMPLEX) {
        return fold_parts(f, attr, value);
    }
    key = scim_value_key(f->p, attr, value);
    if (key && scim_lookup_worth(attr)) {
        scim_term_t *term = apr_array_push(f->terms);
        term->attr = attr;
        term->value = key;
    }
    if (attr->type == SCIM_BOOLEAN || attr->type == SCIM_INTEGER || attr->type == SCIM_DECIMAL) {
        return json_object_get(value);
    }
    return key ? json_object_new_string(key) : NULL;
}

/* What has a column is searched there. */
static int has_column(const scim_attribute_t *attr)
{
    return attr->home != SCIM_HOME_DOCUMENT;
}

static void fold_schema(const folding_t *f, const scim_schema_t *schema, struct json_object *from, struct json_object *to)
{
    int i;

    for (i = 0; i < schema->nattrs; i++) {
        const scim_attribute_t *attr = &schema->attrs[i];
        struct json_object *value, *folded;
        if (has_column(attr) || scim_attribute_secret(attr) || !json_object_object_get_ex(from, attr->name, &value)) {
            continue;
        }
        folded = fold_value(f, attr, value);
        if (folded) {
            json_object_object_add(to, attr->name, folded);
        }
    }
}

static const char *fold_document(const folding_t *f, const scim_resource_type_t *type, struct json_object *doc)
{
    struct json_object *folded = json_object_new_object();
    const char *text;
    int i;

    fold_schema(f, type->schema, doc, folded);
    for (i = 0; i < type->nextensions; i++) {
        const scim_schema_t *schema = type->extensions[i].schema;
        struct json_object *container, *to;
        if (json_object_object_get_ex(doc, schema->id, &container)) {
            to = json_object_new_object();
            fold_schema(f, schema, container, to);
            json_object_object_add(folded, schema->id, to);
        }
    }
    text = scim_json_text(f->p, folded, NULL);
    json_object_put(folded);
    return text;
}

/* The document's text with `schemas` in front: the base schema and the extensions that have values (C-21). */
static const char *document_text(apr_pool_t *p, const scim_resource_type_t *type, struct json_object *doc)
{
    const char *text = scim_json_text(p, doc, NULL), *schemas = apr_pstrcat(p, "{\"schemas\":[", scim_json_quote(p, type->schema->id), NULL);
    int i;

    for (i = 0; i < type->nextensions; i++) {
        const char *urn = type->extensions[i].schema->id;
        if (json_object_object_get_ex(doc, urn, NULL)) {
            schemas = apr_pstrcat(p, schemas, ",", scim_json_quote(p, urn), NULL);
        }
    }
    return apr_pstrcat(p, schemas, text[1] == '}' ? "]" : "],", text + 1, NULL);
}

/* Values of attributes that the schema declares unique, userName apart: it has a column. */
static void collect_unique(apr_pool_t *p, const scim_resource_type_t *type, const scim_attribute_t *attrs, int n, struct json_object *object,
                           apr_array_header_t *out)
{
    int i;

    for (i = 0; i < n; i++) {
        const scim_attribute_t *attr = &attrs[i];
        struct json_object *value;
        if (!json_object_object_get_ex(object, attr->name, &value) || attr->multi || attr->home == SCIM_HOME_USER_NAME) {
            continue;
        }
        if (attr->type == SCIM_COMPLEX) {
            collect_unique(p, type, attr->subs, attr->nsubs, value, out);
        }
        else if (attr->uniqueness != SCIM_UNIQUE_NONE) {
            scim_unique_t *unique = apr_array_push(out);
            unique->attribute = scim_attribute_path(p, type, attr);
            unique->value = scim_value_key(p, attr, value);
        }
    }
}

static const char *text_of(struct json_object *doc, const char *name)
{
    struct json_object *value;

    return json_object_object_get_ex(doc, name, &value) && json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static void fill_columns(apr_pool_t *p, const scim_schema_t *schema, struct json_object *doc, scim_record_t *record)
{
    int i;

    for (i = 0; i < schema->nattrs; i++) {
        const scim_attribute_t *attr = &schema->attrs[i];
        struct json_object *value;
        if (!has_column(attr) || !json_object_object_get_ex(doc, attr->name, &value)) {
            continue;
        }
        switch (attr->home) {
        case SCIM_HOME_USER_NAME:
            record->user_name = scim_value_key(p, attr, value);
            break;
        case SCIM_HOME_EXTERNAL_ID:
            record->external_id = scim_value_key(p, attr, value);
            break;
        case SCIM_HOME_DISPLAY_NAME:
            record->display_name = scim_value_key(p, attr, value);
            break;
        case SCIM_HOME_ACTIVE:
            record->active = json_object_get_boolean(value);
            break;
        default:
            break;
        }
    }
}

scim_record_t *scim_record_make(apr_pool_t *p, const scim_resource_type_t *type, struct json_object *doc, const char *password)
{
    scim_record_t *record = apr_pcalloc(p, sizeof(*record));
    int i;

    record->active = -1;
    record->password = password;
    record->doc = document_text(p, type, doc);
    record->terms = apr_array_make(p, 16, sizeof(scim_term_t));
    record->folded = fold_document(&(folding_t){ p, record->terms }, type, doc);
    record->unique = apr_array_make(p, 2, sizeof(scim_unique_t));
    fill_columns(p, type->common, doc, record);
    fill_columns(p, type->schema, doc, record);
    record->display = text_of(doc, "displayName");
    if (!record->display) {
        record->display = text_of(doc, "userName");
    }
    collect_unique(p, type, type->schema->attrs, type->schema->nattrs, doc, record->unique);
    for (i = 0; i < type->nextensions; i++) {
        struct json_object *container;
        if (json_object_object_get_ex(doc, type->extensions[i].schema->id, &container)) {
            collect_unique(p, type, type->extensions[i].schema->attrs, type->extensions[i].schema->nattrs, container, record->unique);
        }
    }
    return record;
}
