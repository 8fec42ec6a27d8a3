#include "where.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "../core/base/text.h"
#include "../core/query/filter_eval.h"

const char *scim_sql_bind(const scim_sql_t *sql, const char *value)
{
    APR_ARRAY_PUSH(sql->params, const char *) = value;
    return apr_psprintf(sql->p, "$%d", sql->params->nelts);
}

/* The highest character: upper bound of all strings that begin with a prefix. */
#define LAST_CHARACTER "\xF4\x8F\xBF\xBF"

static const char *const order_signs[] = { [SCIM_F_GT] = ">", [SCIM_F_GE] = ">=", [SCIM_F_LT] = "<", [SCIM_F_LE] = "<=" };

/* A comparison with a column of comparison keys (collation C). */
static const char *text_column(const scim_sql_t *sql, const char *column, const scim_filter_t *f, int *selective)
{
    const char *n;

    if (f->op == SCIM_F_PR) {
        return apr_psprintf(sql->p, "%s is not null", column);
    }
    n = scim_sql_bind(sql, f->value.key);
    switch (f->op) {
    case SCIM_F_EQ:
        *selective = 1;
        return apr_psprintf(sql->p, "%s = %s", column, n);
    case SCIM_F_NE:
        return apr_psprintf(sql->p, "%s is distinct from %s", column, n);
    case SCIM_F_CO:
        return apr_psprintf(sql->p, "strpos(%s, %s) > 0", column, n);
    case SCIM_F_EW:
        return apr_psprintf(sql->p, "right(%s, length(%s)) = %s", column, n, n);
    case SCIM_F_SW:
        return apr_psprintf(sql->p, "(%s >= %s and %s <= %s and starts_with(%s, %s))", column, n, column,
                            scim_sql_bind(sql, apr_pstrcat(sql->p, f->value.key, LAST_CHARACTER, NULL)), column, n);
    default:
        return apr_psprintf(sql->p, "%s %s %s", column, order_signs[f->op], n);
    }
}

/* A comparison with a uuid column that is never null. */
static const char *uuid_column(const scim_sql_t *sql, const char *column, const scim_filter_t *f, int *selective)
{
    if (f->op == SCIM_F_PR) {
        return "true";
    }
    if (f->op != SCIM_F_EQ && f->op != SCIM_F_NE) {
        return text_column(sql, apr_psprintf(sql->p, "(%s::text collate \"C\")", column), f, selective);
    }
    if (!scim_is_uuid(f->value.key)) {
        return f->op == SCIM_F_EQ ? "false" : "true";
    }
    *selective |= f->op == SCIM_F_EQ;
    return apr_psprintf(sql->p, "%s %s %s::uuid", column, f->op == SCIM_F_EQ ? "=" : "<>", scim_sql_bind(sql, f->value.key));
}

static const char *boolean_column(const scim_sql_t *sql, const char *column, const scim_filter_t *f)
{
    if (f->op == SCIM_F_PR) {
        return apr_psprintf(sql->p, "%s is not null", column);
    }
    return apr_psprintf(sql->p, "%s is %s%s", column, f->op == SCIM_F_NE ? "not " : "", f->value.boolean ? "true" : "false");
}

static const char *time_column(const scim_sql_t *sql, const char *column, const scim_filter_t *f)
{
    const char *sign = f->op == SCIM_F_EQ ? "=" : f->op == SCIM_F_NE ? "<>" : order_signs[f->op];

    return apr_psprintf(sql->p, "%s %s %s::timestamptz", column, sign, scim_sql_bind(sql, f->value.key));
}

/* meta.version is W/"5" or W/"5-..." for users in groups: eq and ne look at the number only. */
static const char *version_column(const scim_sql_t *sql, const scim_filter_t *f, int *selective)
{
    const char *digits = f->value.key ? strpbrk(f->value.key, "0123456789") : NULL;

    if (f->op != SCIM_F_EQ && f->op != SCIM_F_NE) {
        return text_column(sql, "('W/\"' || r.version || '\"')", f, selective);
    }
    return apr_psprintf(sql->p, "r.version %s %s::bigint", f->op == SCIM_F_EQ ? "=" : "<>",
                        scim_sql_bind(sql, apr_psprintf(sql->p, "%" APR_INT64_T_FMT, digits ? apr_atoi64(digits) : 0)));
}

static const char *location_column(const scim_sql_t *sql, const scim_filter_t *f, int *selective)
{
    scim_filter_t by_id = *f;
    const char *slash = f->value.key ? strrchr(f->value.key, '/') : NULL;

    if (f->op == SCIM_F_EQ || f->op == SCIM_F_NE) {
        by_id.value.key = slash ? slash + 1 : "";
        return uuid_column(sql, "r.id", &by_id, selective);
    }
    return text_column(
        sql, apr_psprintf(sql->p, "(%s || r.id::text)", scim_sql_bind(sql, apr_pstrcat(sql->p, sql->base_url, sql->type->endpoint, "/", NULL))), f,
        selective);
}

static const char *meta(const scim_sql_t *sql, const scim_filter_t *f, int *selective)
{
    int ignored = 0;

    if (f->op == SCIM_F_PR) {
        return "true";
    }
    if (strcmp(f->attr->name, "created") == 0) {
        return time_column(sql, "r.created", f);
    }
    if (strcmp(f->attr->name, "lastModified") == 0) {
        return time_column(sql, "r.modified", f);
    }
    if (strcmp(f->attr->name, "resourceType") == 0) {
        return text_column(sql, "r.type", f, &ignored);
    }
    return strcmp(f->attr->name, "version") == 0 ? version_column(sql, f, selective) : location_column(sql, f, selective);
}

/* Does a URN satisfy the comparison? */
static int urn_fits(const scim_sql_t *sql, const scim_filter_t *f, const char *urn)
{
    return scim_filter_test(f, f->attr->case_exact ? urn : scim_fold(sql->p, urn));
}

/* `schemas` is the base schema, always, and the extensions that have values. */
static const char *schemas(const scim_sql_t *sql, const scim_filter_t *f)
{
    const char *condition = "false";
    const scim_schema_t *schema;
    int i;

    if (f->op == SCIM_F_PR || urn_fits(sql, f, sql->type->schema->id)) {
        return "true";
    }
    for (i = 1; (schema = scim_type_schema_at(sql->type, i)); i++) {
        if (urn_fits(sql, f, schema->id)) {
            condition = apr_psprintf(sql->p, "%s or r.folded ? %s", condition, scim_sql_bind(sql, schema->id));
        }
    }
    return apr_psprintf(sql->p, "(%s)", condition);
}

/* ---- members and groups: rows ---- */

/* Relations in which an element of members or groups is a row "e" (id, type or kind, shown name's key). */
#define MEMBERS_OF                                                                                                                       \
    "(select m.member_id as id, m.member_type as kind, coalesce(d.display_name, d.user_name) as display from scim.membership m"          \
    " join scim.resource d on d.tenant = $1 and d.id = m.member_id where m.tenant = $1 and m.group_id = r.id) e"
#define GROUPS_OF                                                                                                                        \
    "(with recursive up(id, direct) as (select m.group_id, true from scim.membership m where m.tenant = $1 and m.member_id = r.id" \
    " union select m.group_id, false from up join scim.membership m on m.tenant = $1 and m.member_id = up.id)"                     \
    " select g.id, case when bool_or(up.direct) then 'direct' else 'indirect' end as kind, max(g.display_name) as display"               \
    " from up join scim.resource g on g.tenant = $1 and g.id = up.id group by g.id) e"

static const char *element_term(const scim_sql_t *sql, const scim_filter_t *f)
{
    const char *name = f->attr->name;
    scim_filter_t folded = *f;
    int ignored = 0;

    if (strcmp(name, "value") == 0 || f->attr->type == SCIM_REFERENCE || f->attr->type == SCIM_COMPLEX) {
        return uuid_column(sql, "e.id", f, &ignored);
    }
    if (strcmp(name, "type") == 0) {
        folded.value.key = f->value.key ? scim_fold(sql->p, f->value.key) : NULL;
        return text_column(sql, "(lower(e.kind) collate \"C\")", &folded, &ignored);
    }
    return text_column(sql, "e.display", f, &ignored);
}

static const char *element_condition(const scim_sql_t *sql, const scim_filter_t *f)
{
    switch (f->op) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        return apr_psprintf(sql->p, "(%s %s %s)", element_condition(sql, f->left), f->op == SCIM_F_AND ? "and" : "or",
                            element_condition(sql, f->right));
    case SCIM_F_NOT:
        return apr_psprintf(sql->p, "(%s is not true)", element_condition(sql, f->left));
    default:
        return element_term(sql, f);
    }
}

/* All below a group. Only groups are gone into, each by the index ("offset 0": the planner takes them for many). */
#define MEMBERS_BELOW                                                                                                           \
    "with recursive down(id, type) as (select m.member_id, m.member_type from scim.membership m where m.tenant = $1"            \
    " and m.group_id = %s::uuid union select m.id, m.type from down cross join lateral (select m.member_id as id, m.member_type" \
    " as type from scim.membership m where m.tenant = $1 and m.group_id = down.id offset 0) m where down.type = 'Group')"

/* The common look-ups go straight through the membership index: groups by member, users by group (nested groups included). */
static const char *membership_lookup(const scim_sql_t *sql, const scim_filter_t *f)
{
    const char *n;

    if (f->op != SCIM_F_EQ || (strcmp(f->attr->name, "value") != 0 && f->attr->type != SCIM_REFERENCE)) {
        return NULL;
    }
    if (!scim_is_uuid(f->value.key)) {
        return "false";
    }
    n = scim_sql_bind(sql, f->value.key);
    if (f->attr->home == SCIM_HOME_MEMBERS) {
        return apr_psprintf(sql->p, "r.id in (select m.group_id from scim.membership m where m.tenant = $1 and m.member_id = %s::uuid)", n);
    }
    return apr_psprintf(sql->p, "r.id in (" MEMBERS_BELOW " select down.id from down)", n);
}

static const char *membership(const scim_sql_t *sql, const scim_filter_t *f, int *selective)
{
    const scim_filter_t *inner = f->op == SCIM_F_VALUE_PATH ? f->left : f;
    const char *lookup = membership_lookup(sql, inner), *relation = f->attr->home == SCIM_HOME_MEMBERS ? MEMBERS_OF : GROUPS_OF;

    if (lookup) {
        *selective = 1;
        return lookup;
    }
    if (f->op == SCIM_F_NE) {
        return apr_psprintf(sql->p, "(exists (select 1 from %s where %s) or not exists (select 1 from %s))", relation, element_term(sql, f),
                            relation);
    }
    return apr_psprintf(sql->p, "exists (select 1 from %s where %s)", relation, element_condition(sql, inner));
}

/* ---- all together ---- */

/* Is the whole subtree about the document? */
static int about_document(const scim_filter_t *f)
{
    switch (f->op) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        return about_document(f->left) && about_document(f->right);
    case SCIM_F_NOT:
        return about_document(f->left);
    default:
        return !f->attr || f->attr->home == SCIM_HOME_DOCUMENT;
    }
}

static const char *document(const scim_sql_t *sql, const scim_filter_t *f, int *selective)
{
    const char *path = scim_sql_bind(sql, scim_jsonpath(sql->p, sql->type, f)), *keys = scim_sql_keys(sql, f);
    const char *matches = apr_psprintf(sql->p, "jsonb_path_exists(r.folded, %s::jsonpath, '{}', true)", path);

    if (keys) {
        *selective = 1;
        return apr_psprintf(sql->p, "(%s and %s)", keys, matches);
    }
    return matches;
}

static const char *column(const scim_sql_t *sql, const scim_filter_t *f, int *selective)
{
    switch (f->attr->home) {
    case SCIM_HOME_ID:
        return uuid_column(sql, "r.id", f, selective);
    case SCIM_HOME_EXTERNAL_ID:
        return text_column(sql, "r.external_id", f, selective);
    case SCIM_HOME_USER_NAME:
        return text_column(sql, "r.user_name", f, selective);
    case SCIM_HOME_DISPLAY_NAME:
        return text_column(sql, "r.display_name", f, selective);
    case SCIM_HOME_ACTIVE:
        return boolean_column(sql, "r.active", f);
    case SCIM_HOME_META:
        return meta(sql, f, selective);
    case SCIM_HOME_SCHEMAS:
        return schemas(sql, f);
    case SCIM_HOME_MEMBERS:
    case SCIM_HOME_GROUPS:
        return membership(sql, f, selective);
    default:
        return "false"; /* password: the parser has refused it */
    }
}

const char *scim_sql_where(const scim_sql_t *sql, const scim_filter_t *f, int *selective)
{
    int left = 0, right = 0;
    const char *a, *b;

    if (about_document(f)) {
        return document(sql, f, selective);
    }
    switch (f->op) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        a = scim_sql_where(sql, f->left, &left);
        b = scim_sql_where(sql, f->right, &right);
        *selective |= f->op == SCIM_F_AND ? left || right : left && right;
        return apr_psprintf(sql->p, "(%s %s %s)", a, f->op == SCIM_F_AND ? "and" : "or", b);
    case SCIM_F_NOT:
        return apr_psprintf(sql->p, "((%s) is not true)", scim_sql_where(sql, f->left, &left));
    default:
        return column(sql, f, selective);
    }
}
