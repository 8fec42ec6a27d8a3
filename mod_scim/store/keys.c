/* Look-up keys: what the index on scim.resource.keys holds for a resource, and what a filter asks of it. */
#include <apr_strings.h>
#include <stdlib.h>

#include "../core/query/lookup_key.h"
#include "where.h"

static int by_number(const void *a, const void *b)
{
    apr_int64_t x = *(const apr_int64_t *)a, y = *(const apr_int64_t *)b;

    return x < y ? -1 : x > y;
}

/* Sorted, each once: keys that did not change are the same array, and an update that changes no key touches no index. */
const char *scim_keys_literal(apr_pool_t *p, apr_int64_t tenant, const scim_resource_type_t *type, const scim_record_t *record)
{
    int i, n = record->terms->nelts;
    apr_int64_t *keys = scim_lookup_keys(p, tenant, type, (const scim_term_t *)record->terms->elts, n);
    apr_array_header_t *texts = apr_array_make(p, n + 1, sizeof(const char *));

    qsort(keys, (size_t)n, sizeof *keys, by_number);
    for (i = 0; i < n; i++) {
        if (i == 0 || keys[i] != keys[i - 1]) {
            APR_ARRAY_PUSH(texts, const char *) = apr_off_t_toa(p, keys[i]);
        }
    }
    return n > 0 ? apr_pstrcat(p, "{", apr_array_pstrcat(p, texts, ','), "}", NULL) : NULL;
}

/* The condition is said three times: of a parameter the planner assumes that it holds for 0.5 % of the rows, which would make it read all
 * resources of the tenant beside it, and plan anew each time in search of something better. Three times is one row in eight million; the
 * index is read once all the same. */
static const char *has_key(const scim_sql_t *sql, const scim_filter_t *f)
{
    const scim_term_t term = { f->attr, f->value.key };
    const char *key = apr_psprintf(sql->p, "{%" APR_INT64_T_FMT "}", *scim_lookup_keys(sql->p, sql->scope->tenant, sql->type, &term, 1));
    const char *has = apr_pstrcat(sql->p, "r.keys @> ", scim_sql_bind(sql, key), "::bigint[]", NULL);

    return apr_pstrcat(sql->p, "(", has, " and ", has, " and ", has, ")", NULL);
}

/* Does the index answer this filter? */
static int is_served(const scim_filter_t *f)
{
    switch (f->op) {
    case SCIM_F_AND:
        return is_served(f->left) || is_served(f->right);
    case SCIM_F_OR:
        return is_served(f->left) && is_served(f->right);
    case SCIM_F_VALUE_PATH:
        return is_served(f->left);
    case SCIM_F_EQ:
        return scim_lookup_worth(f->attr);
    default:
        return 0;
    }
}

static const char *served(const scim_sql_t *sql, const scim_filter_t *f)
{
    switch (f->op) {
    case SCIM_F_AND:
        if (!is_served(f->left) || !is_served(f->right)) {
            return served(sql, is_served(f->left) ? f->left : f->right);
        }
        return apr_psprintf(sql->p, "(%s and %s)", served(sql, f->left), served(sql, f->right));
    case SCIM_F_OR:
        return apr_psprintf(sql->p, "(%s or %s)", served(sql, f->left), served(sql, f->right));
    case SCIM_F_VALUE_PATH:
        return served(sql, f->left);
    default:
        return has_key(sql, f);
    }
}

const char *scim_sql_keys(const scim_sql_t *sql, const scim_filter_t *filter)
{
    return is_served(filter) ? served(sql, filter) : NULL;
}
