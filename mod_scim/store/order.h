/* The order of a page, and what stands behind a place in it. */
#ifndef SCIM_STORE_ORDER_H
#define SCIM_STORE_ORDER_H

#include "sql.h"

/* Resources without a value come last, or first where the order descends (RFC 7644 section 3.4.2.3): as PostgreSQL sorts null. Those of the
 * same value are in the order of their ids, in the same direction. */
typedef struct scim_order_t {
    const char *key;                   /* expression over "scim.resource r" */
    const char *type;                  /* of the key in SQL */
    int bare;                          /* the key is the id, which is all that orders */
    int nullable;
    int fixed;                         /* it is the same for all of these resources */
    const char *value;                 /* this; NULL: none of them has one */
    int indexed;                       /* an index has this order */
    int descending;
} scim_order_t;

/* Has an index the order by this attribute (NULL: that of creation)? */
int scim_order_is_indexed(const scim_attribute_t *sort);

/* The orders of the parts of a query, which can be compared with one another; in sql[0].p. Binds what the keys need. sql: one for each part, all
 * with the same parameters. */
scim_order_t *scim_order_make(const scim_sql_t *sql, const scim_query_t *query);

/* " order by sort_key, id" of rows that have a column sort_key; id: their column of ids. */
const char *scim_order_by(apr_pool_t *p, const scim_order_t *order, const char *id);

/* The key in this column as text, which scim_order_near reads. */
const char *scim_order_text(apr_pool_t *p, const scim_order_t *order, const char *column);

/* Conditions for rows behind the position, key and id being their expressions; NULL: there are none. Near it those that have a value as it has
 * one, or none as it has none: an index leads there. Far from it, in case they come behind those, all of the others. */
const char *scim_order_near(const scim_sql_t *sql, const scim_order_t *order, const char *key, const char *id, const scim_position_t *after);
const char *scim_order_far(apr_pool_t *p, const scim_order_t *order, const char *key, const scim_position_t *after);

#endif
