#include "rekey.h"

#include <apr_strings.h>
#include <string.h>

#include "../core/base/hash.h"
#include "../core/resource/record.h"
#include "batch.h"
#include "where.h"

typedef struct rekey_t {
    scim_db_t *db;
    apr_pool_t *p;
    const char *tenant;                /* as text */
    apr_int64_t tenant_id;
    const scim_profile_t *profile;
    const scim_resource_type_t *type;  /* at work */
    int dry_run;
    apr_hash_t *owners;                /* "type, attribute, key" -> id of the resource that has it first */
    apr_hash_t *blocked;               /* the same -> "": more than one resource would have it */
    int failed;                        /* resources of this pass whose new key another one has still */
    int last;                          /* no pass comes after this one */
    scim_rekey_t *out;
} rekey_t;

/* A resource as it was read, with the record that its document makes. */
typedef struct item_t {
    const char *id, *version;
    scim_record_t *record;
} item_t;

/* ---- reading ---- */

/* The next resources of the type behind id `after`; an array of item_t in p. */
static scim_error_t *read_batch(const rekey_t *r, apr_pool_t *p, const char *after, apr_array_header_t **out)
{
    apr_array_header_t *items = NULL;
    int i;

    SCIM_TRY(scim_store_batch(r->db, p, r->tenant, r->type->name, after, &items));
    *out = apr_array_make(p, SCIM_BATCH, sizeof(item_t));
    for (i = 0; i < items->nelts; i++) {
        const scim_batch_item_t *item = &APR_ARRAY_IDX(items, i, scim_batch_item_t);
        APR_ARRAY_PUSH(*out, item_t) = (item_t){ item->id, item->version, scim_record_make(p, r->type, item->doc, NULL) };
    }
    return NULL;
}

/* Calls `each` with every batch of every type of the profile, in a pool that lives as long as the batch. */
static scim_error_t *for_batches(rekey_t *r, scim_error_t *(*each)(rekey_t *r, apr_pool_t *p, const apr_array_header_t *items))
{
    apr_pool_t *p;
    int i;

    apr_pool_create(&p, r->p);
    for (i = 0; i < r->profile->ntypes; i++) {
        char after[40] = SCIM_BATCH_START;
        apr_array_header_t *items = NULL;
        r->type = &r->profile->types[i];
        do {
            apr_pool_clear(p);
            SCIM_TRY(read_batch(r, p, after, &items));
            SCIM_TRY(each(r, p, items));
            if (items->nelts > 0) {
                apr_cpystrn(after, APR_ARRAY_IDX(items, items->nelts - 1, item_t).id, sizeof after);
            }
        } while (items->nelts == SCIM_BATCH);
    }
    apr_pool_destroy(p);
    return NULL;
}

/* ---- collisions ---- */

static const char *claim_key(const rekey_t *r, apr_pool_t *p, const char *attribute, const char *key)
{
    return apr_pstrcat(p, r->type->name, "\n", attribute, "\n", key, NULL);
}

static int is_blocked(const rekey_t *r, apr_pool_t *p, const char *attribute, const char *key)
{
    return key && apr_hash_get(r->blocked, claim_key(r, p, attribute, key), APR_HASH_KEY_STRING) != NULL;
}

static void add_collision(rekey_t *r, const char *attribute, const char *id, const char *other)
{
    scim_collision_t *collision = apr_array_push(r->out->collisions);

    collision->type = r->type->name;
    collision->attribute = apr_pstrdup(r->p, attribute);
    collision->id = apr_pstrdup(r->p, id);
    collision->other = other;
}

static void claim(rekey_t *r, const char *id, const char *attribute, const char *key)
{
    const char *name = claim_key(r, r->p, attribute, key), *other = apr_hash_get(r->owners, name, APR_HASH_KEY_STRING);

    if (other) {
        add_collision(r, attribute, id, other);
        apr_hash_set(r->blocked, name, APR_HASH_KEY_STRING, "");
    }
    else {
        apr_hash_set(r->owners, name, APR_HASH_KEY_STRING, apr_pstrdup(r->p, id));
    }
}

/* First pass: who would have which key. */
static scim_error_t *find_collisions(rekey_t *r, apr_pool_t *p, const apr_array_header_t *items)
{
    int i, j;

    (void)p;
    for (i = 0; i < items->nelts; i++) {
        const item_t *item = &APR_ARRAY_IDX(items, i, item_t);
        if (item->record->user_name) {
            claim(r, item->id, "userName", item->record->user_name);
        }
        for (j = 0; j < item->record->unique->nelts; j++) {
            const scim_unique_t *unique = &APR_ARRAY_IDX(item->record->unique, j, scim_unique_t);
            claim(r, item->id, unique->attribute, unique->value);
        }
    }
    r->out->seen += items->nelts;
    return NULL;
}

/* ---- writing ---- */

enum { COL_ID, COL_VERSION, COL_USER_NAME, COL_EXTERNAL_ID, COL_DISPLAY_NAME, COL_DISPLAY, COL_KEYS, COL_FOLDED, COL_COUNT };

/* Resources whose version is still the one that was read, and whose keys are others. "" stands for none, "=" for a user name that would
 * collide and stays as it is. In order of ids, as all locks are taken. */
#define ITEMS                                                                                                              \
    "items as materialized (select v.id, v.version, nullif(v.user_name, '') as user_name, nullif(v.external_id, '') as external_id, " \
    "nullif(v.display_name, '') as display_name, nullif(v.display, '') as display, nullif(v.keys, '')::bigint[] as keys, "  \
    "v.folded::jsonb as folded from unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], "     \
    "$8::text[], $9::text[]) v (id, version, user_name, external_id, display_name, display, keys, folded)), "               \
    "stale as materialized (select v.id, case v.user_name when '=' then t.user_name else v.user_name end as user_name, "    \
    "v.external_id, v.display_name, v.display, v.keys, v.folded "                                                          \
    "from items v join scim.resource t on t.tenant = $1 and t.id = v.id and t.version = v.version "                         \
    "where (case v.user_name when '=' then t.user_name else v.user_name end, v.external_id, v.display_name, v.display, "    \
    "v.keys, v.folded) is distinct from (t.user_name, t.external_id, t.display_name, t.display, t.keys, t.folded) "

static const char count_sql[] = "with " ITEMS ") select count(*) from stale";

static const char write_sql[] =
    "with " ITEMS "order by t.id for no key update of t), "
    "written as (update scim.resource t set user_name = s.user_name, external_id = s.external_id, display_name = s.display_name, "
    "display = s.display, keys = s.keys, folded = s.folded from stale s where t.tenant = $1 and t.id = s.id returning t.id) "
    "select count(id) from written";

/* NULL for none. */
static const char *cell(const rekey_t *r, apr_pool_t *p, const item_t *item, int column)
{
    const scim_record_t *record = item->record;

    switch (column) {
    case COL_ID:
        return item->id;
    case COL_VERSION:
        return item->version;
    case COL_USER_NAME:
        return is_blocked(r, p, "userName", record->user_name) ? "=" : record->user_name;
    case COL_EXTERNAL_ID:
        return record->external_id;
    case COL_DISPLAY_NAME:
        return record->display_name;
    case COL_DISPLAY:
        return record->display;
    case COL_KEYS:
        return scim_keys_literal(p, r->tenant_id, r->type, record);
    default:
        return record->folded;
    }
}

/* Writes, or counts in a dry run, what differs of items[0..n). */
static scim_error_t *write_keys(rekey_t *r, apr_pool_t *p, const item_t *items, int n)
{
    const char *params[1 + COL_COUNT], **cells = apr_palloc(p, sizeof(*cells) * (apr_size_t)n);
    scim_result_t *rows = NULL;
    int column, i;

    params[0] = r->tenant;
    for (column = 0; column < COL_COUNT; column++) {
        for (i = 0; i < n; i++) {
            const char *text = cell(r, p, &items[i], column);
            cells[i] = text ? text : "";
        }
        params[1 + column] = scim_array_literal(p, cells, n);
    }
    SCIM_TRY(scim_db_run(r->db, p, r->dry_run ? SCIM_DB_READ : SCIM_DB_WRITE, r->dry_run ? count_sql : write_sql, 1 + COL_COUNT, params, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 1, 1, 1));
    r->out->changed += scim_col_int(rows, 0, 0);
    return NULL;
}

/* The values that must be unique. "=" is one that would collide: what is stored under its attribute stays. */
#define UNIQUE                                                                                                             \
    "items as materialized (select v.* from unnest($2::uuid[], $3::bigint[]) v (id, version)), "                             \
    "held as materialized (select t.id from items i join scim.resource t on t.tenant = $1 and t.id = i.id and t.version = i.version "

#define WANTED                                                                                                             \
    "wanted as materialized (select w.* from unnest($4::uuid[], $5::text[], $6::text[]) w (id, attribute, value) "           \
    "join held h on h.id = w.id), "

#define GONE                                                                                                               \
    "u.tenant = $1 and u.type = $7 and u.resource_id in (select h.id from held h) "                                          \
    "and not exists (select 1 from wanted w where w.id = u.resource_id and w.attribute = u.attribute)"

static const char count_unique_sql[] =
    "with " UNIQUE "), " WANTED
    "gone as (select u.resource_id from scim.unique_value u where " GONE "), "
    "put as (select w.id from wanted w left join scim.unique_value u on u.tenant = $1 and u.resource_id = w.id and u.attribute = w.attribute "
    "where w.value <> '=' and u.value is distinct from w.value) "
    "select (select count(g.resource_id) from gone g) + (select count(p.id) from put p)";

static const char write_unique_sql[] =
    "with " UNIQUE "order by t.id for no key update of t), " WANTED
    "gone as (delete from scim.unique_value u where " GONE " returning u.resource_id), "
    "put as (insert into scim.unique_value (tenant, resource_id, type, attribute, value) "
    "select $1, w.id, $7, w.attribute, w.value from wanted w where w.value <> '=' order by w.id, w.attribute "
    "on conflict (tenant, resource_id, attribute) do update set value = excluded.value where unique_value.value <> excluded.value "
    "returning resource_id) "
    "select (select count(g.resource_id) from gone g) + (select count(p.resource_id) from put p)";

static void push(apr_array_header_t *list, const char *text)
{
    APR_ARRAY_PUSH(list, const char *) = text;
}

static const char *literal(apr_pool_t *p, const apr_array_header_t *list)
{
    return scim_array_literal(p, (const char *const *)list->elts, list->nelts);
}

static scim_error_t *write_unique(rekey_t *r, apr_pool_t *p, const item_t *items, int n)
{
    apr_array_header_t *lists[5];      /* ids, versions; ids, attributes, values */
    const char *params[7];
    scim_result_t *rows = NULL;
    int i, j;

    for (i = 0; i < 5; i++) {
        lists[i] = apr_array_make(p, SCIM_BATCH, sizeof(const char *));
    }
    for (i = 0; i < n; i++) {
        push(lists[0], items[i].id);
        push(lists[1], items[i].version);
        for (j = 0; j < items[i].record->unique->nelts; j++) {
            const scim_unique_t *unique = &APR_ARRAY_IDX(items[i].record->unique, j, scim_unique_t);
            push(lists[2], items[i].id);
            push(lists[3], unique->attribute);
            push(lists[4], is_blocked(r, p, unique->attribute, unique->value) ? "=" : unique->value);
        }
    }
    params[0] = r->tenant;
    for (i = 0; i < 5; i++) {
        params[1 + i] = literal(p, lists[i]);
    }
    params[6] = r->type->name;
    SCIM_TRY(scim_db_run(r->db, p, r->dry_run ? SCIM_DB_READ : SCIM_DB_WRITE, r->dry_run ? count_unique_sql : write_unique_sql, 7, params,
                         &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 1, 1, 1));
    r->out->changed += scim_col_int(rows, 0, 0);
    return NULL;
}

/* A clash here means that somebody holds the key who has not got his own new one yet, or who came meanwhile: left to the next pass. */
static scim_error_t *one_by_one(rekey_t *r, apr_pool_t *p, const apr_array_header_t *items, const char *attribute,
                                scim_error_t *(*write)(rekey_t *r, apr_pool_t *p, const item_t *items, int n))
{
    scim_error_t *err = write(r, p, (const item_t *)items->elts, items->nelts);
    int i;

    if (!err || err->code != SCIM_E_UNIQUENESS) {
        return err;
    }
    for (i = 0; i < items->nelts; i++) {
        const item_t *item = &APR_ARRAY_IDX(items, i, item_t);
        err = write(r, p, item, 1);
        if (err && err->code != SCIM_E_UNIQUENESS) {
            return err;
        }
        if (err) {
            r->failed++;
        }
        if (err && r->last) {
            add_collision(r, attribute, item->id, NULL);
        }
    }
    return NULL;
}

static scim_error_t *write_batch(rekey_t *r, apr_pool_t *p, const apr_array_header_t *items)
{
    if (items->nelts == 0) {
        return NULL;
    }
    SCIM_TRY(one_by_one(r, p, items, "userName", write_keys));
    return one_by_one(r, p, items, "a unique attribute", write_unique);
}

#define PASSES 5

/* Keys may move around in a circle of resources: passes go on while they get further. */
static scim_error_t *write_all(rekey_t *r)
{
    int pass;

    for (pass = 1; pass <= PASSES; pass++) {
        apr_int64_t before = r->out->changed;
        r->failed = 0;
        SCIM_TRY(for_batches(r, write_batch));
        if (r->failed == 0 || r->last) {
            break;
        }
        r->last = r->out->changed == before || pass == PASSES - 1;
    }
    return NULL;
}

scim_error_t *scim_store_rekey(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const scim_profile_t *profile, int dry_run,
                               scim_rekey_t *out)
{
    rekey_t r = {
        .db = db, .p = p, .tenant = apr_psprintf(p, "%" APR_INT64_T_FMT, tenant), .tenant_id = tenant, .profile = profile, .dry_run = dry_run,
        .owners = scim_hash_make(p), .blocked = scim_hash_make(p), .out = out,
    };

    memset(out, 0, sizeof *out);
    out->collisions = apr_array_make(p, 8, sizeof(scim_collision_t));
    SCIM_TRY(for_batches(&r, find_collisions));
    return write_all(&r);
}
