/* Schema files: one Schema resource of RFC 7643 section 7 each. */
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "schema.h"
#include "../base/text.h"

#define DEEPEST 12

typedef struct loading_t {
    apr_pool_t *p;
    scim_schema_t *schema;
} loading_t;

const char *const scim_type_words[] = { "string", "boolean", "decimal", "integer", "dateTime", "reference", "binary", "complex", NULL };
const char *const scim_mutability_words[] = { "readWrite", "readOnly", "immutable", "writeOnly", NULL };
const char *const scim_returned_words[] = { "default", "always", "never", "request", NULL };
const char *const scim_uniqueness_words[] = { "none", "server", "global", NULL };
const char *const scim_format_words[] = { "any", "country", "language", "certificate", "uri", NULL };

scim_registry_t *scim_registry_make(apr_pool_t *p)
{
    scim_registry_t *registry = apr_palloc(p, sizeof(*registry));

    registry->schemas = apr_array_make(p, 8, sizeof(scim_schema_t *));
    return registry;
}

const scim_schema_t *scim_schema_find(const scim_registry_t *registry, const char *urn)
{
    int i;

    for (i = 0; i < registry->schemas->nelts; i++) {
        const scim_schema_t *schema = APR_ARRAY_IDX(registry->schemas, i, const scim_schema_t *);
        if (scim_ieq(schema->id, urn)) {
            return schema;
        }
    }
    return NULL;
}

static scim_error_t *fault(const loading_t *l, const char *where, const char *what)
{
    return scim_error(l->p, SCIM_E_INVALID_VALUE, "Schema %s, attribute \"%s\": %s", l->schema->id, where, what);
}

/* A keyword of one of the lists above; absent: the first, RFC 7643 section 2.2. */
static scim_error_t *read_keyword(const loading_t *l, const char *where, scim_json_t *from, const char *member,
                                  const char *const *words, int *out)
{
    const char *key = NULL, *word;
    scim_json_t *value = scim_json_get(from, member, &key);

    *out = 0;
    if (!key) {
        return NULL;
    }
    word = scim_json_is(value, SCIM_JSON_STRING) ? scim_json_string(value) : "";
    for (; words[*out]; (*out)++) {
        if (strcmp(words[*out], word) == 0) {
            return NULL;
        }
    }
    return fault(l, where, apr_pstrcat(l->p, member, " \"", word, "\" is not known", NULL));
}

static scim_error_t *read_flag(const loading_t *l, const char *where, scim_json_t *from, const char *member, int *out)
{
    scim_json_t *value = scim_json_get(from, member, NULL);

    *out = 0;
    if (value && !scim_json_is(value, SCIM_JSON_BOOLEAN)) {
        return fault(l, where, apr_pstrcat(l->p, member, " must be true or false", NULL));
    }
    *out = scim_json_true(value);
    return NULL;
}

static scim_error_t *read_words(const loading_t *l, const char *where, scim_json_t *from, const char *member,
                                const apr_array_header_t **out)
{
    scim_json_t *value = scim_json_get(from, member, NULL);
    apr_array_header_t *words;
    size_t i, n;

    *out = NULL;
    if (!value) {
        return NULL;
    }
    if (!scim_json_is(value, SCIM_JSON_ARRAY)) {
        return fault(l, where, apr_pstrcat(l->p, member, " must be an array of strings", NULL));
    }
    n = scim_json_count(value);
    words = apr_array_make(l->p, (int)n, sizeof(const char *));
    for (i = 0; i < n; i++) {
        scim_json_t *word = scim_json_at(value, i);
        if (!scim_json_is(word, SCIM_JSON_STRING)) {
            return fault(l, where, apr_pstrcat(l->p, member, " must be an array of strings", NULL));
        }
        APR_ARRAY_PUSH(words, const char *) = apr_pstrdup(l->p, scim_json_string(word));
    }
    *out = n ? words : NULL;
    return NULL;
}

/* D-24; "$ref" is the accepted exception. */
static int is_name(const char *s)
{
    if (strcmp(s, "$ref") == 0) {
        return 1;
    }
    return apr_isalpha(s[0]) && s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789$-_")] == '\0';
}

static const char *text_of(const loading_t *l, scim_json_t *from, const char *member)
{
    const char *s = scim_json_str(from, member);

    return s ? apr_pstrdup(l->p, s) : "";
}

static scim_error_t *read_characteristics(const loading_t *l, const char *where, scim_json_t *from, scim_attribute_t *attr)
{
    int type, mutability, returned, uniqueness, format, multi, required, case_exact;

    SCIM_TRY(read_keyword(l, where, from, "type", scim_type_words, &type));
    SCIM_TRY(read_keyword(l, where, from, "mutability", scim_mutability_words, &mutability));
    SCIM_TRY(read_keyword(l, where, from, "returned", scim_returned_words, &returned));
    SCIM_TRY(read_keyword(l, where, from, "uniqueness", scim_uniqueness_words, &uniqueness));
    SCIM_TRY(read_keyword(l, where, from, "x-format", scim_format_words, &format));
    SCIM_TRY(read_flag(l, where, from, "multiValued", &multi));
    SCIM_TRY(read_flag(l, where, from, "required", &required));
    SCIM_TRY(read_flag(l, where, from, "caseExact", &case_exact));
    SCIM_TRY(read_words(l, where, from, "canonicalValues", &attr->canonical_values));
    SCIM_TRY(read_words(l, where, from, "referenceTypes", &attr->reference_types));
    attr->type = (scim_type_e)type;
    attr->mutability = (scim_mutability_e)mutability;
    attr->returned = (scim_returned_e)returned;
    attr->uniqueness = (scim_uniqueness_e)uniqueness;
    attr->format = attr->type == SCIM_REFERENCE && format == SCIM_FORMAT_ANY ? SCIM_FORMAT_URI : (scim_format_e)format;
    attr->multi = multi != 0;
    attr->required = required != 0;
    attr->case_exact = case_exact || attr->type == SCIM_BINARY;
    attr->filterable = 1;
    if (attr->mutability == SCIM_WRITE_ONLY) {
        /* RFC 7643 section 7: never returned, whatever is said or left out. */
        if (attr->returned == SCIM_RETURNED_ALWAYS || attr->returned == SCIM_RETURNED_REQUEST) {
            return fault(l, where, "what is writeOnly is never returned");
        }
        attr->returned = SCIM_RETURNED_NEVER;
    }
    if (attr->uniqueness != SCIM_UNIQUE_NONE && (attr->multi || attr->type == SCIM_COMPLEX || (attr->parent && attr->parent->multi))) {
        return fault(l, where, "uniqueness works for singular attributes only");
    }
    if (attr->reference_types && attr->type != SCIM_REFERENCE) {
        return fault(l, where, "referenceTypes belong to attributes of type reference");
    }
    return NULL;
}

static scim_error_t *read_attributes(const loading_t *l, scim_json_t *list, const scim_attribute_t *parent, const char *prefix,
                                     int *count, scim_attribute_t **out);

static scim_error_t *read_attribute(const loading_t *l, scim_json_t *from, const scim_attribute_t *parent, const char *prefix,
                                    scim_attribute_t *attr)
{
    const char *where;
    scim_json_t *subs = scim_json_get(from, "subAttributes", NULL);

    attr->name = text_of(l, from, "name");
    attr->description = text_of(l, from, "description");
    attr->schema = l->schema;
    attr->parent = parent;
    where = apr_pstrcat(l->p, prefix, attr->name, NULL);
    if (!is_name(attr->name)) {
        return fault(l, where, "a name begins with a letter and has letters, digits, '$', '-' and '_'");
    }
    SCIM_TRY(read_characteristics(l, where, from, attr));
    if (attr->type != SCIM_COMPLEX) {
        return subs ? fault(l, where, "subAttributes belong to attributes of type complex") : NULL;
    }
    /* The schema of schemas itself is the one place where complex stands inside complex (D-23). */
    if (parent && !scim_ieq(l->schema->id, SCIM_URN_SCHEMA)) {
        return fault(l, where, "a complex attribute cannot be part of a complex attribute");
    }
    if (!scim_json_is(subs, SCIM_JSON_ARRAY) || scim_json_count(subs) == 0) {
        return fault(l, where, "a complex attribute needs subAttributes");
    }
    return read_attributes(l, subs, attr, apr_pstrcat(l->p, where, ".", NULL), &attr->nsubs, &attr->subs);
}

static scim_error_t *read_attributes(const loading_t *l, scim_json_t *list, const scim_attribute_t *parent, const char *prefix,
                                     int *count, scim_attribute_t **out)
{
    int i, n = (int)scim_json_count(list);
    scim_attribute_t *attrs = apr_pcalloc(l->p, sizeof(*attrs) * (apr_size_t)(n ? n : 1));

    for (i = 0; i < n; i++) {
        SCIM_TRY(read_attribute(l, scim_json_at(list, (size_t)i), parent, prefix, &attrs[i]));
        if (scim_attribute_find(attrs, i, attrs[i].name, strlen(attrs[i].name))) {
            return fault(l, apr_pstrcat(l->p, prefix, attrs[i].name, NULL), "the name stands twice");
        }
    }
    *count = n;
    *out = attrs;
    return NULL;
}

scim_error_t *scim_schema_load(apr_pool_t *p, scim_registry_t *registry, const char *json, apr_size_t len)
{
    scim_schema_t *schema = apr_pcalloc(p, sizeof(*schema));
    loading_t l = { p, schema };
    scim_json_t *file, *list;

    SCIM_TRY(scim_json_parse(p, json, len, DEEPEST, &file));
    schema->id = text_of(&l, file, "id");
    schema->name = text_of(&l, file, "name");
    schema->description = text_of(&l, file, "description");
    if (!*schema->id) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "The schema has no id");
    }
    if (schema->id[strcspn(schema->id, " \t\r\n\"[]()")] || !strchr(schema->id, ':')) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "The schema's id \"%s\" is no URN", schema->id);
    }
    if (scim_schema_find(registry, schema->id)) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "The schema %s is loaded twice", schema->id);
    }
    list = scim_json_get(file, "attributes", NULL);
    if (!scim_json_is(list, SCIM_JSON_ARRAY)) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "The schema %s has no attributes", schema->id);
    }
    SCIM_TRY(read_attributes(&l, list, NULL, "", &schema->nattrs, &schema->attrs));
    APR_ARRAY_PUSH(registry->schemas, scim_schema_t *) = schema;
    return NULL;
}
