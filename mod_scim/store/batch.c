#include "batch.h"

#include <apr_strings.h>
#include <string.h>

#include "../core/base/json.h"

#define TEXT(macro) TEXT_OF(macro)
#define TEXT_OF(text) #text

scim_error_t *scim_store_batch(scim_db_t *db, apr_pool_t *p, const char *tenant, const char *type, const char *after, apr_array_header_t **out)
{
    static const char sql[] = "select r.id, r.version::text, r.doc from scim.resource r where r.tenant = $1 and r.type = $2 "
                              "and r.id > $3::uuid order by r.id limit " TEXT(SCIM_BATCH);
    const char *params[] = { tenant, type, after };
    scim_result_t *rows = NULL;
    int i;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 3, params, &rows));
    *out = apr_array_make(p, SCIM_BATCH, sizeof(scim_batch_item_t));
    for (i = 0; i < scim_rows(rows); i++) {
        scim_batch_item_t *item = apr_array_push(*out);
        const char *doc = scim_col_text(rows, i, 2);
        item->id = scim_col_text(rows, i, 0);
        item->version = scim_col_text(rows, i, 1);
        item->doc = scim_json_trusted(p, doc, strlen(doc));
        if (!item->doc) {
            return scim_error(p, SCIM_E_INTERNAL, "The document of resource %s cannot be read", item->id);
        }
    }
    return NULL;
}
