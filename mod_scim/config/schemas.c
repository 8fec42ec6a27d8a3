#include "schemas.h"

#include <apr_strings.h>

#include "file.h"

static scim_error_t *read_schema(apr_pool_t *p, scim_registry_t *registry, const char *file)
{
    const char *text = NULL;
    apr_size_t len = 0;
    scim_error_t *err;

    SCIM_TRY(scim_file_read(p, file, &text, &len));
    err = scim_schema_load(p, registry, text, len);
    return err ? scim_error_prefix(p, err, apr_pstrcat(p, file, ": ", NULL)) : NULL;
}

scim_error_t *scim_schemas_read(apr_pool_t *p, const apr_array_header_t *paths, scim_registry_t *registry)
{
    apr_array_header_t *files = NULL;
    int i, j;

    for (i = 0; i < paths->nelts; i++) {
        SCIM_TRY(scim_file_list(p, APR_ARRAY_IDX(paths, i, const char *), ".json", &files));
        for (j = 0; j < files->nelts; j++) {
            SCIM_TRY(read_schema(p, registry, APR_ARRAY_IDX(files, j, const char *)));
        }
    }
    return NULL;
}
