#include "record.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "../base/json.h"
#include "../base/utf8.h"
#include "../query/value_key.h"
#include "../schema/containers.h"

/* The search document in the making, and on the way the values that resources are looked up by. */
typedef struct folding_t {
    apr_pool_t *p;
    apr_array_header_t *terms;         /* of scim_term_t */
} folding_t;

/* Where a folded value goes: to the end of an array, or under a name into an object. */
typedef struct place_t {
    scim_json_t *container;
    const char *name; /* NULL: an array */
} place_t;

static void put(const place_t *to, scim_json_t *value)
{
    if (to->name) {
        scim_json_set(to->container, to->name, value);
    }
    else {
        scim_json_append(to->container, value);
    }
}

static void put_string(const place_t *to, const char *s)
{
    if (to->name) {
        scim_json_set_string(to->container, to->name, s);
    }
    else {
        scim_json_append_string(to->container, s);
    }
}

static void fold_value(const folding_t *f, const scim_attribute_t *attr, scim_json_t *value, const place_t *to);

static scim_json_t *fold_list(const folding_t *f, const scim_attribute_t *attr, scim_json_t *value)
{
    size_t i, n = scim_json_count(value);
    place_t list = { scim_json_new_array(f->p), NULL };

    for (i = 0; i < n; i++) {
        fold_value(f, attr, scim_json_at(value, i), &list);
    }
    return list.container;
}

static scim_json_t *fold_parts(const folding_t *f, const scim_attribute_t *attr, scim_json_t *value)
{
    scim_json_t *object = scim_json_new_object(f->p);
    scim_json_iter_t it;

    for (it = scim_json_iter(value); scim_json_next(&it);) {
        const scim_attribute_t *sub = scim_attribute_find(attr->subs, attr->nsubs, it.name, strlen(it.name));
        if (sub && !scim_attribute_secret(sub)) {
            place_t part = { object, sub->name };
            fold_value(f, sub, it.value, &part);
        }
    }
    return object;
}

/* Puts a value with everything folded that compares without case; what cannot be searched is left out. */
static void fold_value(const folding_t *f, const scim_attribute_t *attr, scim_json_t *value, const place_t *to)
{
    const char *key;

    if (scim_json_is(value, SCIM_JSON_ARRAY)) {
        put(to, fold_list(f, attr, value));
        return;
    }
    if (attr->type == SCIM_COMPLEX) {
        put(to, fold_parts(f, attr, value));
        return;
    }
    key = scim_value_key(f->p, attr, value);
    if (key && scim_lookup_worth(attr)) {
        scim_term_t *term = apr_array_push(f->terms);
        term->attr = attr;
        term->value = key;
    }
    if (attr->type == SCIM_BOOLEAN || attr->type == SCIM_INTEGER || attr->type == SCIM_DECIMAL) {
        put(to, value);
    }
    else if (key) {
        put_string(to, key);
    }
}

/* What has a column is searched there. */
static int has_column(const scim_attribute_t *attr)
{
    return attr->home != SCIM_HOME_DOCUMENT;
}

static void fold_schema(const folding_t *f, const scim_schema_t *schema, scim_json_t *from, scim_json_t *to)
{
    int i;

    for (i = 0; i < schema->nattrs; i++) {
        const scim_attribute_t *attr = &schema->attrs[i];
        place_t place = { to, attr->name };
        scim_json_t *value;
        if (has_column(attr) || scim_attribute_secret(attr) || !scim_json_find(from, attr->name, &value)) {
            continue;
        }
        fold_value(f, attr, value, &place);
    }
}

static const char *fold_document(const folding_t *f, const scim_resource_type_t *type, scim_json_t *doc)
{
    scim_json_t *folded = scim_json_new_object(f->p);
    scim_containers_t at;

    for (at = scim_containers(type, doc); scim_containers_next(&at);) {
        scim_json_t *to = at.schema == type->schema ? folded : scim_json_new_object(f->p);
        fold_schema(f, at.schema, at.object, to);
        if (to != folded) {
            scim_json_set(folded, at.schema->id, to);
        }
    }
    return scim_json_text(f->p, folded, NULL);
}

/* The document's text with `schemas` in front: the base schema and the extensions that have values (C-21). */
static const char *document_text(apr_pool_t *p, const scim_resource_type_t *type, scim_json_t *doc)
{
    const char *text = scim_json_text(p, doc, NULL), *schemas = "{\"schemas\":[";
    scim_containers_t at;

    for (at = scim_containers(type, doc); scim_containers_next(&at);) {
        schemas = apr_pstrcat(p, schemas, at.schema == type->schema ? "" : ",", scim_json_quote(p, at.schema->id), NULL);
    }
    return apr_pstrcat(p, schemas, text[1] == '}' ? "]" : "],", text + 1, NULL);
}

/* Values of attributes that the schema declares unique, userName apart: it has a column. */
static void collect_unique(apr_pool_t *p, const scim_resource_type_t *type, const scim_attribute_t *attrs, int n, scim_json_t *object,
                           apr_array_header_t *out)
{
    int i;

    for (i = 0; i < n; i++) {
        const scim_attribute_t *attr = &attrs[i];
        scim_json_t *value;
        if (!scim_json_find(object, attr->name, &value) || attr->multi || attr->home == SCIM_HOME_USER_NAME) {
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

static const char *text_of(scim_json_t *doc, const char *name)
{
    scim_json_t *value = scim_json_member(doc, name);

    return scim_json_is(value, SCIM_JSON_STRING) ? scim_json_string(value) : NULL;
}

const char *scim_record_display(scim_json_t *doc)
{
    const char *name = text_of(doc, "displayName");

    return name ? name : text_of(doc, "userName");
}

static void fill_columns(apr_pool_t *p, const scim_schema_t *schema, scim_json_t *doc, scim_record_t *record)
{
    int i;

    for (i = 0; i < schema->nattrs; i++) {
        const scim_attribute_t *attr = &schema->attrs[i];
        scim_json_t *value;
        if (!has_column(attr) || !scim_json_find(doc, attr->name, &value)) {
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
            record->active = scim_json_true(value);
            break;
        default:
            break;
        }
    }
}

scim_record_t *scim_record_make(apr_pool_t *p, const scim_resource_type_t *type, scim_json_t *doc, const char *password)
{
    scim_record_t *record = apr_pcalloc(p, sizeof(*record));
    scim_containers_t at;

    record->active = -1;
    record->password = password;
    record->doc = document_text(p, type, doc);
    record->terms = apr_array_make(p, 16, sizeof(scim_term_t));
    record->folded = fold_document(&(folding_t){ p, record->terms }, type, doc);
    record->unique = apr_array_make(p, 2, sizeof(scim_unique_t));
    fill_columns(p, type->common, doc, record);
    fill_columns(p, type->schema, doc, record);
    record->display = scim_record_display(doc);
    for (at = scim_containers(type, doc); scim_containers_next(&at);) {
        collect_unique(p, type, at.schema->attrs, at.schema->nattrs, at.object, record->unique);
    }
    return record;
}

void scim_record_replaces(scim_record_t *record, const char *display)
{
    record->shown_alike = display && record->display && strcmp(display, record->display) == 0;
}
