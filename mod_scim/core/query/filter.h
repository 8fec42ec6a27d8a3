/* Filters of RFC 7644 section 3.4.2.2: the AST, bound to schema attributes. filter_parse.h makes it. */
#ifndef SCIM_CORE_FILTER_H
#define SCIM_CORE_FILTER_H

#include "../schema/schema.h"

typedef enum {
    SCIM_F_ALL, SCIM_F_NONE,           /* every resource; none: what is left where a type has not the attributes (scim_filter_parse_any) */
    SCIM_F_AND, SCIM_F_OR, SCIM_F_NOT,
    SCIM_F_VALUE_PATH,                 /* attr[inner] */
    SCIM_F_PR, SCIM_F_EQ, SCIM_F_NE, SCIM_F_CO, SCIM_F_SW, SCIM_F_EW, SCIM_F_GT, SCIM_F_GE, SCIM_F_LT, SCIM_F_LE
} scim_filter_op_e;

typedef enum { SCIM_LIT_NULL, SCIM_LIT_STRING, SCIM_LIT_BOOLEAN, SCIM_LIT_NUMBER } scim_literal_e;

typedef struct scim_literal_t {
    scim_literal_e kind;
    const char *text;                  /* string: as the client wrote it, escapes decoded; number: its JSON text */
    const char *key;                   /* comparison key for the attribute it is compared with (scim_value_filter_key) */
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

/* A new node in p. */
scim_filter_t *scim_filter_node(apr_pool_t *p, scim_filter_op_e op);

/* AND or OR of two, or NOT of the left one; attr[inner]. SCIM_F_ALL and SCIM_F_NONE never stand inside another node: what they make of it is
 * worked out. */
const scim_filter_t *scim_filter_combine(apr_pool_t *p, scim_filter_op_e op, const scim_filter_t *left, const scim_filter_t *right);
const scim_filter_t *scim_filter_value_path(apr_pool_t *p, const scim_attribute_t *attr, const scim_filter_t *inner);

/* The (attribute, value) pairs of a pure conjunction of eq on simple parts; 0 when the filter is something else (PA-23).
 * pairs: apr array of const scim_filter_t * (EQ nodes). */
int scim_filter_pairs(const scim_filter_t *inner, apr_array_header_t *pairs);

/* Is this eq or ne with `primary` of elements? Where an element does not say it, it is false (RFC 7643 section 2.4). */
int scim_filter_asks_primary(const scim_filter_t *f);

#endif
