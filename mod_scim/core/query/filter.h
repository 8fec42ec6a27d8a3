/* Filters of RFC 7644 section 3.4.2.2: lexer, recursive descent, an AST bound to schema attributes. */
#ifndef SCIM_CORE_FILTER_H
#define SCIM_CORE_FILTER_H

#include "../schema/context.h"

typedef enum {
    SCIM_F_AND, SCIM_F_OR, SCIM_F_NOT,
    SCIM_F_VALUE_PATH,                 /* attr[inner] */
    SCIM_F_PR, SCIM_F_EQ, SCIM_F_NE, SCIM_F_CO, SCIM_F_SW, SCIM_F_EW, SCIM_F_GT, SCIM_F_GE, SCIM_F_LT, SCIM_F_LE
} scim_filter_op_e;

typedef enum { SCIM_LIT_NULL, SCIM_LIT_STRING, SCIM_LIT_BOOLEAN, SCIM_LIT_NUMBER } scim_literal_e;

typedef struct scim_literal_t {
    scim_literal_e kind;
    const char *text;                  /* string: as the client wrote it, escapes decoded; number: its JSON text */
    const char *key;                   /* comparison key for the attribute it is compared with (scim_value_key) */
    int boolean;
} scim_literal_t;

typedef struct scim_filter_t scim_filter_t;
struct scim_filter_t {
    scim_filter_op_e op;
    const scim_filter_t *left;         /* AND, OR; NOT: its operand; VALUE_PATH: the inner filter */
    const scim_filter_t *right;        /* AND, OR */
    const scim_attribute_t *attr;      /* comparisons, PR, VALUE_PATH: the deepest attribute named. A part when attr->parent is
                                        * set. In the inner filter of a multi-valued simple attribute, `value` is the
                                        * attribute itself. */
    const scim_schema_t *extension;    /* PR of a whole extension: attr is NULL */
    scim_literal_t value;
};

/* Parses and binds a filter for a resource type. A multi-valued complex attribute without part means its `value` (F-30);
 * attr[inner].sub op x is read as attr[inner and sub op x] (F-29). Every fault is invalidFilter with its position (F-04 ff.).
 * The profile gives the tolerances (BARE_WORD, VALUE_PATH_EQ, STRING_BOOLEAN). The AST lives in the context's pool. */
scim_error_t *scim_filter_parse(scim_context_t *c, const char *text, const scim_filter_t **out);

/* Parses the inside of attr[...] starting at text, up to the closing bracket; *end is set to the character after it. */
scim_error_t *scim_filter_parse_value(scim_context_t *c, const scim_attribute_t *attr, const char *text, const scim_filter_t **out,
                                      const char **end);

/* Does resource (document form: see resource.h, with whatever members or meta the caller put in) match? */
int scim_filter_match(apr_pool_t *p, const scim_resource_type_t *type, const scim_filter_t *filter, struct json_object *resource);

/* Does one element (or the singular value) of the bracketed attribute match the inner filter? */
int scim_filter_match_element(apr_pool_t *p, const scim_filter_t *inner, struct json_object *element);

/* The (attribute, value) pairs of a pure conjunction of eq on simple parts; 0 when the filter is something else (PA-23).
 * pairs: apr array of const scim_filter_t * (EQ nodes). */
int scim_filter_pairs(const scim_filter_t *inner, apr_array_header_t *pairs);

/* Comparison key of a JSON value of attr, as text: folded string (userName: its own preparation), case-exact string,
 * sortable dateTime, canonical base64, number (scim_decimal_key), "true"/"false". NULL when value does not fit the attribute's
 * type. */
const char *scim_value_key(apr_pool_t *p, const scim_attribute_t *attr, struct json_object *value);

#endif
