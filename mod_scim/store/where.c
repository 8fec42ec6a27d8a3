#include "where.h"

#include <apr_strings.h>
#include <string.h>

#include "../core/base/etag.h"
#include "../core/base/json.h"
#include "../core/base/text.h"
#include "../core/query/filter_eval.h"
#include "../core/query/reference.h"
#include "effort.h"

/* The highest character: upper bound of all strings that begin with a prefix. */
#define LAST_CHARACTER "\xF4\x8F\xBF\xBF"

/* The sign of a comparison by order; NULL of other operators. */
static const char *order_sign(scim_filter_op_e op)
{
    static const char *const signs[] = { [SCIM_F_GT] = ">", [SCIM_F_GE] = ">=", [SCIM_F_LT] = "<", [SCIM_F_LE] = "<=" };

    return op < sizeof(signs) / sizeof(signs[0]) ? signs[op] : NULL;
}

/* A comparison by order. What a column cannot be asked is never true: a filter that is not understood must not find everything. */
static const char *ordered(const scim_sql_t *sql, const char *column, scim_filter_op_e op, const char *operand)
{
    const char *sign = order_sign(op);

    return sign ? apr_psprintf(sql->p, "%s %s %s", column, sign, operand) : "false";
}

/* A comparison with a column of comparison keys (collation C). */
static const char *text_column(const scim_sql_t *sql, const char *column, const scim_filter_t *f)
{
    const char *n;

    if (f->op == SCIM_F_PR) {
        return apr_psprintf(sql->p, "%s is not null", column);
    }
    n = scim_sql_bind(sql, f->value.key);
    switch (f->op) {
    case SCIM_F_EQ:
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
        return ordered(sql, column, f->op, n);
    }
}

static int is_equality(const scim_filter_t *f)
{
    return f->op == SCIM_F_EQ || f->op == SCIM_F_NE;
}

/* eq or ne of a condition; NULL: one that is never true. */
static const char *equal(const scim_sql_t *sql, const scim_filter_t *f, const char *condition)
{
    if (!condition) {
        return f->op == SCIM_F_EQ ? "false" : "true";
    }
    return f->op == SCIM_F_EQ ? condition : apr_psprintf(sql->p, "(not (%s))", condition);
}

/* A uuid column has this value. */
static const char *uuid_is(const scim_sql_t *sql, const char *column, const char *id)
{
    return apr_psprintf(sql->p, "%s = %s::uuid", column, scim_sql_bind(sql, id));
}

/* A comparison with a uuid column that is never null. */
static const char *uuid_column(const scim_sql_t *sql, const char *column, const scim_filter_t *f)
{
    if (f->op == SCIM_F_PR) {
        return "true";
    }
    if (!is_equality(f)) {
        return text_column(sql, apr_psprintf(sql->p, "(%s::text collate \"C\")", column), f);
    }
    return equal(sql, f, scim_is_uuid(f->value.key) ? uuid_is(sql, column, f->value.key) : NULL);
}

static const char *boolean_column(const scim_sql_t *sql, const char *column, const scim_filter_t *f)
{
    if (f->op == SCIM_F_PR) {
        return apr_psprintf(sql->p, "%s is not null", column);
    }
    return is_equality(f) ? apr_psprintf(sql->p, "%s is %s%s", column, f->op == SCIM_F_NE ? "not " : "", f->value.boolean ? "true" : "false")
                          : "false";
}

static const char *time_column(const scim_sql_t *sql, const char *column, const scim_filter_t *f)
{
    const char *operand = apr_pstrcat(sql->p, scim_sql_bind(sql, f->value.key), "::timestamptz", NULL);

    return is_equality(f) ? equal(sql, f, apr_psprintf(sql->p, "%s = %s", column, operand)) : ordered(sql, column, f->op, operand);
}

/* ---- references ---- */

static const char *url_of(const scim_sql_t *sql, const char *endpoint, const char *id)
{
    return apr_pstrcat(sql->p, sql->scope->base_url, endpoint, "/", id, NULL);
}

/* The id in a reference to a resource at this endpoint; NULL when it refers to something else. */
static const char *referred(const scim_sql_t *sql, const char *endpoint, const char *reference)
{
    const char *slash = strrchr(reference, '/'), *id = slash ? slash + 1 : "";

    return scim_is_uuid(id) && scim_reference_same(reference, url_of(sql, endpoint, id)) ? id : NULL;
}

/* ---- meta and schemas ---- */

/* The version in the tag counts; what follows it in a user's tag tells of the groups. */
static const char *version_column(const scim_sql_t *sql, const scim_filter_t *f)
{
    apr_int64_t version;

    if (!is_equality(f)) {
        return "false";
    }
    if (!scim_etag_read(f->value.key, &version)) {
        return equal(sql, f, NULL);
    }
    return equal(sql, f, apr_psprintf(sql->p, "r.version = %s::bigint", scim_sql_bind(sql, apr_psprintf(sql->p, "%" APR_INT64_T_FMT, version))));
}

static const char *location_column(const scim_sql_t *sql, const scim_filter_t *f)
{
    const char *id, *endpoint = sql->type->endpoint;

    if (is_equality(f)) {
        id = referred(sql, endpoint, f->value.key);
        return equal(sql, f, id ? uuid_is(sql, "r.id", id) : NULL);
    }
    return text_column(sql, apr_psprintf(sql->p, "((%s::text || r.id) collate \"C\")", scim_sql_bind(sql, url_of(sql, endpoint, ""))), f);
}

static const char *meta(const scim_sql_t *sql, const scim_filter_t *f)
{
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
        return text_column(sql, "r.type", f);
    }
    return strcmp(f->attr->name, "version") == 0 ? version_column(sql, f) : location_column(sql, f);
}

/* `schemas` is the base schema, always, and the extensions that have values: whichever of them satisfies the filter. */
static const char *schemas(const scim_sql_t *sql, const scim_filter_t *f)
{
    const scim_filter_t *inner = f->op == SCIM_F_VALUE_PATH ? f->left : f;
    const char *condition = "false";
    const scim_schema_t *schema;
    int i;

    for (i = 0; (schema = scim_type_schema_at(sql->type, i)); i++) {
        if (!scim_filter_match_element(sql->p, inner, scim_json_new_string(sql->p, schema->id), NULL)) {
            continue;
        }
        if (i == 0) {
            return "true";
        }
        condition = apr_psprintf(sql->p, "%s or r.folded ? %s", condition, scim_sql_bind(sql, schema->id));
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

/* What a $ref refers to, as far as elements of the attribute go: kind is NULL where it need not be asked for. id is NULL when it refers to
 * none of them. */
typedef struct target_t {
    const char *id, *kind;
} target_t;

static target_t target_of(const scim_sql_t *sql, const scim_filter_t *f)
{
    const char *user = f->attr->home == SCIM_HOME_MEMBERS ? referred(sql, sql->scope->users, f->value.key) : NULL;
    const char *kind = user ? "User" : f->attr->home == SCIM_HOME_MEMBERS ? "Group" : NULL;

    return (target_t){ user ? user : referred(sql, sql->scope->groups, f->value.key), kind };
}

/* The $ref of "e", as clients see it. */
static const char *element_url(const scim_sql_t *sql, const scim_attribute_t *attr)
{
    const char *groups = scim_sql_bind(sql, url_of(sql, sql->scope->groups, ""));

    if (attr->home == SCIM_HOME_GROUPS) {
        return apr_psprintf(sql->p, "((%s::text || e.id) collate \"C\")", groups);
    }
    return apr_psprintf(sql->p, "((case e.kind when 'User' then %s::text else %s::text end || e.id) collate \"C\")",
                        scim_sql_bind(sql, url_of(sql, sql->scope->users, "")), groups);
}

static const char *element_reference(const scim_sql_t *sql, const scim_filter_t *f)
{
    target_t target;
    const char *is;

    if (f->op == SCIM_F_PR) {
        return "true";
    }
    if (!is_equality(f)) {
        return text_column(sql, element_url(sql, f->attr), f);
    }
    target = target_of(sql, f);
    if (!target.id) {
        return equal(sql, f, NULL);
    }
    is = uuid_is(sql, "e.id", target.id);
    return equal(sql, f, target.kind ? apr_psprintf(sql->p, "(%s and e.kind = '%s')", is, target.kind) : is);
}

static const char *element_term(const scim_sql_t *sql, const scim_filter_t *f)
{
    const char *name = f->attr->name;
    scim_filter_t folded = *f;

    if (f->attr->type == SCIM_REFERENCE) {
        return element_reference(sql, f);
    }
    if (strcmp(name, "value") == 0 || f->attr->type == SCIM_COMPLEX) {
        return uuid_column(sql, "e.id", f);
    }
    if (strcmp(name, "type") == 0) {
        folded.value.key = f->value.key ? scim_fold(sql->p, f->value.key) : NULL;
        return text_column(sql, "(lower(e.kind) collate \"C\")", &folded);
    }
    return text_column(sql, "e.display", f);
}

static const char *element_condition(const scim_sql_t *sql, const scim_filter_t *f)
{
    switch (f->op) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        return apr_psprintf(sql->p, "(%s %s %s)", element_condition(sql, f->left), f->op == SCIM_F_AND ? "and" : "or",
                            element_condition(sql, f->right));
    case SCIM_F_NOT:
        return apr_psprintf(sql->p, "((%s) is not true)", element_condition(sql, f->left));
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
    const target_t target = f->attr->type == SCIM_REFERENCE ? target_of(sql, f) : (target_t){ f->value.key, NULL };
    const char *n;

    if (!target.id || !scim_is_uuid(target.id)) {
        return "false";
    }
    n = scim_sql_bind(sql, target.id);
    if (f->attr->home == SCIM_HOME_MEMBERS) {
        return apr_psprintf(sql->p, "r.id in (select m.group_id from scim.membership m where m.tenant = $1 and m.member_id = %s::uuid%s)", n,
                            target.kind ? apr_psprintf(sql->p, " and m.member_type = '%s'", target.kind) : "");
    }
    return apr_psprintf(sql->p, "r.id in (" MEMBERS_BELOW " select down.id from down)", n);
}

static const char *membership(const scim_sql_t *sql, const scim_filter_t *f)
{
    const scim_filter_t *inner = f->op == SCIM_F_VALUE_PATH ? f->left : f;
    const char *relation = f->attr->home == SCIM_HOME_MEMBERS ? MEMBERS_OF : GROUPS_OF;

    if (scim_effort_is_lookup(f)) {
        return membership_lookup(sql, inner);
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

static const char *document(const scim_sql_t *sql, const scim_filter_t *f)
{
    const char *path = scim_sql_bind(sql, scim_jsonpath(sql->p, sql->type, f)), *keys = scim_sql_keys(sql, f);
    const char *matches = apr_psprintf(sql->p, "jsonb_path_exists(r.folded, %s::jsonpath, '{}', true)", path);

    return keys ? apr_psprintf(sql->p, "(%s and %s)", keys, matches) : matches;
}

static const char *column(const scim_sql_t *sql, const scim_filter_t *f)
{
    switch (f->attr->home) {
    case SCIM_HOME_ID:
        return uuid_column(sql, "r.id", f);
    case SCIM_HOME_EXTERNAL_ID:
        return text_column(sql, "r.external_id", f);
    case SCIM_HOME_USER_NAME:
        return text_column(sql, "r.user_name", f);
    case SCIM_HOME_DISPLAY_NAME:
        return text_column(sql, "r.display_name", f);
    case SCIM_HOME_ACTIVE:
        return boolean_column(sql, "r.active", f);
    case SCIM_HOME_META:
        /* One value that is always there: what stands in the brackets is about the resource. */
        return f->op == SCIM_F_VALUE_PATH ? scim_sql_where(sql, f->left) : meta(sql, f);
    case SCIM_HOME_SCHEMAS:
        return schemas(sql, f);
    case SCIM_HOME_MEMBERS:
    case SCIM_HOME_GROUPS:
        return membership(sql, f);
    default:
        return "false"; /* password: the parser has refused it */
    }
}

const char *scim_sql_where(const scim_sql_t *sql, const scim_filter_t *f)
{
    if (about_document(f)) {
        return document(sql, f);
    }
    switch (f->op) {
    case SCIM_F_AND:
    case SCIM_F_OR:
        return apr_psprintf(sql->p, "(%s %s %s)", scim_sql_where(sql, f->left), f->op == SCIM_F_AND ? "and" : "or", scim_sql_where(sql, f->right));
    case SCIM_F_NOT:
        return apr_psprintf(sql->p, "((%s) is not true)", scim_sql_where(sql, f->left));
    default:
        return column(sql, f);
    }
}
