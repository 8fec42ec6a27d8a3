#include "order.h"

#include <apr_strings.h>
#include <string.h>

#include "where.h"

/* Texts are compared no further than this: their beginnings stand in cursors, and those in URLs. Columns hold less. */
#define LONGEST "500"

static const char *first_of(const scim_sql_t *sql, const char *value, const char *path)
{
    return apr_psprintf(sql->p, "jsonb_path_query_first(%s, %s::jsonpath)", value, scim_sql_bind(sql, path));
}

/* Of several values the primary one, else the first. Of that one's parts the first, where it has several: none, where it has none. */
static const char *multi_valued_key(const scim_sql_t *sql, const scim_attribute_t *attr)
{
    const scim_attribute_t *top = attr->parent ? attr->parent : attr;
    const char *value, *list = scim_jsonpath_accessor(sql->p, sql->type, "$", top);

    if (top->multi) {
        value = first_of(sql, "r.folded", apr_pstrcat(sql->p, list, " ? (@.\"primary\" == true)", NULL));
        value = apr_psprintf(sql->p, "coalesce(%s, %s)", value, first_of(sql, "r.folded", list));
    }
    else {
        value = first_of(sql, "r.folded", list);
    }
    return attr->parent ? first_of(sql, value, apr_psprintf(sql->p, "$.\"%s\"%s", attr->name, attr->multi ? "[*]" : "")) : value;
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
        value = first_of(sql, "r.folded", scim_jsonpath_accessor(sql->p, sql->type, "$", attr));
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

static scim_order_t of_attribute(const scim_sql_t *sql, const scim_attribute_t *sort)
{
    scim_order_t order = by_column(sort);

    return order.key ? order : by_document(sql, sort);
}

/* ---- several types ---- */

/* Of several types these tell more than the id. */
static int is_named(const scim_attribute_t *sort)
{
    return sort && sort->home == SCIM_HOME_META && by_meta(sort).bare;
}

/* All resources of the type have the same beginning of their location, or have not the attribute: value NULL. */
static scim_order_t by_type(const scim_sql_t *sql, const char *value)
{
    const char *key = value ? apr_pstrcat(sql->p, "(", scim_sql_bind(sql, value), "::text collate \"C\")", NULL) : NULL;

    return (scim_order_t){ .key = key, .type = "text", .nullable = !value, .fixed = 1, .value = value, .indexed = 1 };
}

static scim_order_t of_part(const scim_sql_t *sql, const scim_query_t *query, const scim_attribute_t *sort)
{
    if (query->sorted && !sort) {
        return by_type(sql, NULL);
    }
    if (query->nparts > 1 && is_named(sort)) {
        return by_type(sql, strcmp(sort->name, "location") == 0 ? sql->type->endpoint : sql->type->name);
    }
    return of_attribute(sql, sort);
}

static const char *as_text(apr_pool_t *p, const scim_order_t *order)
{
    return apr_psprintf(p, strcmp(order->type, "jsonb") == 0 ? "((%s #>> '{}') collate \"C\")" : "((%s)::text collate \"C\")", order->key);
}

/* A common type for the keys: that of all, or else text. */
static void agree(apr_pool_t *p, scim_order_t *orders, int n)
{
    const char *type = NULL;
    int i, differ = 0;

    for (i = 0; i < n; i++) {
        if (orders[i].key) {
            differ |= type && strcmp(type, orders[i].type) != 0;
            type = orders[i].type;
        }
    }
    for (i = 0; i < n; i++) {
        if (!orders[i].key) {
            orders[i].type = differ || !type ? "text" : type;
            orders[i].key = apr_pstrcat(p, "null::", orders[i].type, NULL);
        }
        else if (differ) {
            orders[i].key = as_text(p, &orders[i]);
            orders[i].type = "text";
            orders[i].indexed = orders[i].fixed;
        }
    }
}

scim_order_t *scim_order_make(const scim_sql_t *sql, const scim_query_t *query)
{
    scim_order_t *orders = apr_pcalloc(sql->p, (apr_size_t)query->nparts * sizeof *orders);
    int i;

    for (i = 0; i < query->nparts; i++) {
        orders[i] = of_part(&sql[i], query, query->parts[i].sort);
        orders[i].descending = query->descending;
    }
    agree(sql->p, orders, query->nparts);
    return orders;
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

/* Does the key (NULL: none) come behind that of the position? */
static int is_behind(const scim_order_t *order, const char *key, const char *position)
{
    if (!key || !position) {
        return order->descending ? key && !position : !key && position;
    }
    return order->descending ? strcmp(key, position) < 0 : strcmp(key, position) > 0;
}

static int is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const char *scim_order_near(const scim_sql_t *sql, const scim_order_t *order, const char *key, const char *id, const scim_position_t *after)
{
    const char *sign = order->descending ? "<" : ">", *last;

    if (order->fixed ? !is_same(order->value, after->key) : !order->bare && !order->nullable && !after->key) {
        return NULL;
    }
    last = apr_pstrcat(sql->p, scim_sql_bind(sql, after->id), "::uuid", NULL);
    if (order->bare || order->fixed) {
        return apr_psprintf(sql->p, "%s %s %s", id, sign, last);
    }
    if (!after->key) {
        return apr_psprintf(sql->p, "(%s is null and %s %s %s)", key, id, sign, last);
    }
    return apr_psprintf(sql->p, "(%s, %s) %s (%s::%s, %s)", key, id, sign, scim_sql_bind(sql, after->key), order->type, last);
}

const char *scim_order_far(apr_pool_t *p, const scim_order_t *order, const char *key, const scim_position_t *after)
{
    if (order->fixed) {
        return is_behind(order, order->value, after->key) ? "true" : NULL;
    }
    if (order->bare || order->descending == (after->key != NULL)) {
        return NULL;
    }
    if (!order->nullable) {
        return order->descending ? "true" : NULL;
    }
    return apr_pstrcat(p, key, order->descending ? " is not null" : " is null", NULL);
}
