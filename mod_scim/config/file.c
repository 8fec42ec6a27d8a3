#include "file.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_fnmatch.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

static scim_error_t *cannot_read(apr_pool_t *p, const char *what, const char *path, apr_status_t status)
{
    char reason[120];

    return scim_error(p, SCIM_E_INTERNAL, "cannot read %s%s: %s", what, path, apr_strerror(status, reason, sizeof reason));
}

scim_error_t *scim_file_read(apr_pool_t *p, const char *path, const char **text, apr_size_t *len)
{
    apr_file_t *file;
    apr_finfo_t info;
    char *content = NULL;
    apr_status_t status = apr_file_open(&file, path, APR_FOPEN_READ, APR_OS_DEFAULT, p);

    if (status != APR_SUCCESS) {
        return cannot_read(p, "", path, status);
    }
    status = apr_file_info_get(&info, APR_FINFO_SIZE, file);
    if (status == APR_SUCCESS && info.size > SCIM_FILE_MOST) {
        status = APR_ENOSPC;
    }
    if (status == APR_SUCCESS) {
        *len = (apr_size_t)info.size;
        content = apr_pcalloc(p, *len + 1);
        status = *len ? apr_file_read_full(file, content, *len, NULL) : APR_SUCCESS;
        *text = content;
    }
    apr_file_close(file);
    return status == APR_SUCCESS ? NULL : cannot_read(p, "", path, status);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int ends_in(const char *name, const char *suffix)
{
    apr_size_t len = strlen(name), tail = strlen(suffix);

    return len > tail && strcmp(name + len - tail, suffix) == 0;
}

/* Adds the files of a folder whose names fit the pattern, or else the suffix. */
static scim_error_t *list_folder(apr_pool_t *p, const char *folder, const char *pattern, const char *suffix, apr_array_header_t *out)
{
    apr_finfo_t info;
    apr_dir_t *dir;
    apr_status_t status = apr_dir_open(&dir, folder, p);

    if (status != APR_SUCCESS) {
        return cannot_read(p, "the folder ", folder, status);
    }
    while (apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS) {
        if (pattern ? apr_fnmatch(pattern, info.name, APR_FNM_PERIOD) == APR_SUCCESS : ends_in(info.name, suffix)) {
            APR_ARRAY_PUSH(out, const char *) = apr_pstrcat(p, folder, "/", info.name, NULL);
        }
    }
    apr_dir_close(dir);
    qsort(out->elts, (size_t)out->nelts, sizeof(const char *), by_name);
    return NULL;
}

scim_error_t *scim_folder_list(apr_pool_t *p, const char *folder, const char *suffix, apr_array_header_t **out)
{
    *out = apr_array_make(p, 8, sizeof(const char *));
    return list_folder(p, folder, NULL, suffix, *out);
}

static scim_error_t *list_pattern(apr_pool_t *p, const char *path, apr_array_header_t *out)
{
    const char *slash = strrchr(path, '/');
    const char *folder = !slash ? "." : slash == path ? "/" : apr_pstrmemdup(p, path, (apr_size_t)(slash - path));

    SCIM_TRY(list_folder(p, folder, slash ? slash + 1 : path, NULL, out));
    return out->nelts > 0 ? NULL : scim_error(p, SCIM_E_INTERNAL, "cannot read %s: no file matches", path);
}

scim_error_t *scim_file_list(apr_pool_t *p, const char *path, const char *suffix, apr_array_header_t **out)
{
    apr_finfo_t info;

    if (apr_stat(&info, path, APR_FINFO_TYPE, p) == APR_SUCCESS && info.filetype == APR_DIR) {
        return scim_folder_list(p, path, suffix, out);
    }
    *out = apr_array_make(p, 8, sizeof(const char *));
    if (apr_fnmatch_test(strrchr(path, '/') ? strrchr(path, '/') : path)) {
        return list_pattern(p, path, *out);
    }
    APR_ARRAY_PUSH(*out, const char *) = path;
    return NULL;
}
