#include "order.h"

#include <apr_strings.h>
#include <string.h>

#include "where.h"

/* Texts are compared no further than this: their beginnings stand in cursors, and those in URLs. Columns hold less. */
#define LONGEST "500"

/* The primary value, else the first, as jsonpath. */
static const char *multi_valued_key(const scim_sql_t *sql, const scim_attribute_t *attr)
{
    const scim_attribute_t *top = attr->parent ? attr->parent : attr;
    const char *list = scim_jsonpath_accessor(sql->p, sql->type, "$", top), *part = attr->parent ? apr_psprintf(sql->p, ".\"%s\"", attr->name) : "";
    const char *primary = scim_sql_bind(sql, apr_pstrcat(sql->p, list, " ? (@.\"primary\" == true)", part, NULL));
    const char *first = scim_sql_bind(sql, apr_pstrcat(sql->p, apr_pstrmemdup(sql->p, list, strlen(list) - 3), "[0]", part, NULL));

    return apr_psprintf(sql->p, "coalesce(jsonb_path_query_first(r.folded, %s::jsonpath), jsonb_path_query_first(r.folded, %s::jsonpath))", primary,
                        first);
}

/* Strings sort by their keys in code point order, whatever the database's collation (I-13); the rest as JSON values. */
static scim_order_t by_document(const scim_sql_t *sql, const scim_attribute_t *attr)
{
    const scim_attribute_t *top = attr->parent ? attr->parent : attr;
    const char *value;

    if (top->multi || attr->multi) {
        value = multi_valued_key(sql, attr);
    }
    else {
        value = apr_psprintf(sql->p, "jsonb_path_query_first(r.folded, %s::jsonpath)",
                             scim_sql_bind(sql, scim_jsonpath_accessor(sql->p, sql->type, "$", attr)));
    }
    if (attr->type == SCIM_INTEGER || attr->type == SCIM_DECIMAL || attr->type == SCIM_BOOLEAN) {
        return (scim_order_t){ .key = value, .type = "jsonb", .nullable = 1 };
    }
    return (scim_order_t){ .key = apr_psprintf(sql->p, "(left(%s #>> '{}', " LONGEST ") collate \"C\")", value), .type = "text", .nullable = 1 };
}

#define BY_ID { .key = "r.id", .type = "uuid", .bare = 1, .indexed = 1 }

/* Of one type, resourceType is the same everywhere, and location ends in the id. */
static scim_order_t by_meta(const scim_attribute_t *attr)
{
    static const struct {
        const char *name;
        scim_order_t order;
    } rows[] = {
        { "created", { .key = "r.created", .type = "timestamptz", .indexed = 1 } },
        { "lastModified", { .key = "r.modified", .type = "timestamptz" } },
        { "version", { .key = "r.version", .type = "bigint" } },
    };
    apr_size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, attr->name) == 0) {
            return rows[i].order;
        }
    }
    return (scim_order_t)BY_ID;
}

/* What has a column is sorted by it. */
static const scim_order_t columns[] = {
    [SCIM_HOME_ID] = BY_ID,
    [SCIM_HOME_EXTERNAL_ID] = { .key = "r.external_id", .type = "text", .nullable = 1, .indexed = 1 },
    [SCIM_HOME_USER_NAME] = { .key = "r.user_name", .type = "text", .nullable = 1, .indexed = 1 },
    [SCIM_HOME_DISPLAY_NAME] = { .key = "r.display_name", .type = "text", .nullable = 1, .indexed = 1 },
    [SCIM_HOME_ACTIVE] = { .key = "r.active", .type = "boolean", .nullable = 1 },
};

/* The order by what has no part in the document; its key is NULL where there is none. */
static scim_order_t by_column(const scim_attribute_t *sort)
{
    scim_home_e home = sort ? sort->home : SCIM_HOME_ID;

    if (home == SCIM_HOME_META) {
        return by_meta(sort);
    }
    return home < sizeof columns / sizeof *columns ? columns[home] : (scim_order_t){ .key = NULL };
}

scim_order_t scim_order_make(const scim_sql_t *sql, const scim_attribute_t *sort, int descending)
{
    scim_order_t order = by_column(sort);

    if (!order.key) {
        order = by_document(sql, sort);
    }
    order.descending = descending;
    return order;
}

int scim_order_is_indexed(const scim_attribute_t *sort)
{
    return by_column(sort).indexed;
}

/* Keys and ids descend together, as their index does when it is read backwards. */
const char *scim_order_by(apr_pool_t *p, const scim_order_t *order, const char *id)
{
    const char *direction = order->descending ? " desc" : "";

    return order->bare ? apr_pstrcat(p, " order by sort_key", direction, NULL)
                       : apr_pstrcat(p, " order by sort_key", direction, ", ", id, direction, NULL);
}

const char *scim_order_text(apr_pool_t *p, const scim_order_t *order, const char *column)
{
    if (strcmp(order->type, "timestamptz") == 0) {
        return apr_psprintf(p, "to_char(%s at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')", column);
    }
    return apr_pstrcat(p, column, "::text", NULL);
}

const char *scim_order_near(const scim_sql_t *sql, const scim_order_t *order, const char *key, const char *id, const scim_position_t *after)
{
    const char *sign = order->descending ? "<" : ">";

    if (order->bare) {
        return apr_psprintf(sql->p, "%s %s %s::uuid", id, sign, scim_sql_bind(sql, after->id));
    }
    if (!after->key) {
        return apr_psprintf(sql->p, "(%s is null and %s %s %s::uuid)", key, id, sign, scim_sql_bind(sql, after->id));
    }
    return apr_psprintf(sql->p, "(%s, %s) %s (%s::%s, %s::uuid)", key, id, sign, scim_sql_bind(sql, after->key), order->type,
                        scim_sql_bind(sql, after->id));
}

const char *scim_order_far(apr_pool_t *p, const scim_order_t *order, const char *key, const scim_position_t *after)
{
    if (order->bare || !order->nullable || order->descending == (after->key != NULL)) {
        return NULL;
    }
    return apr_pstrcat(p, key, order->descending ? " is not null" : " is null", NULL);
}
