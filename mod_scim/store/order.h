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
    int indexed;                       /* an index has this order */
    int descending;
} scim_order_t;

/* Binds what the key needs. */
scim_order_t scim_order_make(const scim_sql_t *sql, const scim_attribute_t *sort, int descending);

/* Has an index the order by this attribute (NULL: that of creation)? */
int scim_order_is_indexed(const scim_attribute_t *sort);

/* " order by sort_key, id" of rows that have a column sort_key; id: their column of ids. */
const char *scim_order_by(apr_pool_t *p, const scim_order_t *order, const char *id);

/* The key in this column as text, which scim_order_near reads. */
const char *scim_order_text(apr_pool_t *p, const scim_order_t *order, const char *column);

/* Conditions for rows behind the position, key and id being their expressions. Those that have a value as it has one, or none as it has none:
 * an index leads there. The others, all of them, in case they come behind those; NULL: none do. */
const char *scim_order_near(const scim_sql_t *sql, const scim_order_t *order, const char *key, const char *id, const scim_position_t *after);
const char *scim_order_far(apr_pool_t *p, const scim_order_t *order, const char *key, const scim_position_t *after);

#endif
