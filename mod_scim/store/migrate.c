/* Migrations: numbered files, each applied once, in a transaction of its own, never undone. */
#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "admin.h"

/* Any number that no other program on this database takes: "scim" in ASCII. */
#define LOCK_KEY "1935894893"

#define MAX_SIZE (4 * 1024 * 1024)

typedef struct migration_t {
    int number;
    const char *file;
} migration_t;

scim_error_t *scim_store_migration(scim_db_t *db, apr_pool_t *p, int *number)
{
    scim_result_t *rows = NULL;

    *number = 0;
    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, "select to_regclass('scim.migration') is not null", 0, NULL, &rows));
    if (!scim_col_bool(rows, 0, 0)) {
        return NULL;
    }
    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, "select coalesce(max(number), 0) from scim.migration", 0, NULL, &rows));
    *number = (int)scim_col_int(rows, 0, 0);
    return NULL;
}

static scim_error_t *cannot_read(apr_pool_t *p, const char *path, apr_status_t status)
{
    char text[120];

    return scim_error(p, SCIM_E_INTERNAL, "Cannot read %s: %s", path, apr_strerror(status, text, sizeof text));
}

/* NNN-words.sql, of characters that need no quoting in SQL. */
static int is_migration(const char *name)
{
    apr_size_t len = strlen(name);
    const char *c;

    for (c = name; apr_isalnum(*c) || *c == '-' || *c == '_' || *c == '.'; c++) {
    }
    return !*c && len > 8 && apr_isdigit(name[0]) && apr_isdigit(name[1]) && apr_isdigit(name[2]) && name[3] == '-' &&
           strcmp(name + len - 4, ".sql") == 0;
}

static int by_number(const void *a, const void *b)
{
    return ((const migration_t *)a)->number - ((const migration_t *)b)->number;
}

static scim_error_t *list_migrations(apr_pool_t *p, const char *directory, apr_array_header_t **out)
{
    apr_dir_t *dir;
    apr_finfo_t entry;
    apr_status_t status = apr_dir_open(&dir, directory, p);
    int i;

    if (status != APR_SUCCESS) {
        return cannot_read(p, directory, status);
    }
    *out = apr_array_make(p, 8, sizeof(migration_t));
    while (apr_dir_read(&entry, APR_FINFO_NAME, dir) == APR_SUCCESS) {
        if (is_migration(entry.name)) {
            migration_t *m = apr_array_push(*out);
            m->number = atoi(entry.name);
            m->file = apr_pstrdup(p, entry.name);
        }
    }
    apr_dir_close(dir);
    qsort((*out)->elts, (size_t)(*out)->nelts, sizeof(migration_t), by_number);
    for (i = 1; i < (*out)->nelts; i++) {
        if (APR_ARRAY_IDX(*out, i, migration_t).number == APR_ARRAY_IDX(*out, i - 1, migration_t).number) {
            return scim_error(p, SCIM_E_INTERNAL, "Two migrations have the number of %s", APR_ARRAY_IDX(*out, i, migration_t).file);
        }
    }
    return (*out)->nelts > 0 ? NULL : scim_error(p, SCIM_E_INTERNAL, "There are no migrations in %s", directory);
}

static scim_error_t *read_file(apr_pool_t *p, const char *path, const char **out)
{
    apr_file_t *file;
    apr_finfo_t info;
    apr_status_t status = apr_file_open(&file, path, APR_FOPEN_READ, APR_OS_DEFAULT, p);
    char *text;

    if (status != APR_SUCCESS) {
        return cannot_read(p, path, status);
    }
    status = apr_file_info_get(&info, APR_FINFO_SIZE, file);
    if (status == APR_SUCCESS && info.size > MAX_SIZE) {
        status = APR_ENOSPC;
    }
    if (status == APR_SUCCESS) {
        text = apr_pcalloc(p, (apr_size_t)info.size + 1);
        status = info.size > 0 ? apr_file_read_full(file, text, (apr_size_t)info.size, NULL) : APR_SUCCESS;
        *out = text;
    }
    apr_file_close(file);
    return status == APR_SUCCESS ? NULL : cannot_read(p, path, status);
}

/* The file and the note that it was applied, in one transaction. */
static scim_error_t *apply(scim_db_t *db, apr_pool_t *p, const char *directory, const migration_t *m)
{
    const char *text = NULL;
    scim_error_t *err;

    SCIM_TRY(read_file(p, apr_pstrcat(p, directory, "/", m->file, NULL), &text));
    text = apr_psprintf(p, "%s\n;insert into scim.migration (number, name) values (%d, '%s');", text, m->number, m->file);
    err = scim_db_script(db, p, text);
    return err ? scim_error(p, err->code, "%s: %s", m->file, err->cause ? err->cause : err->detail) : NULL;
}

static scim_error_t *apply_newer(scim_db_t *db, apr_pool_t *p, const char *directory, const apr_array_header_t *migrations, int *applied)
{
    int i, number;

    SCIM_TRY(scim_store_migration(db, p, &number));
    for (i = 0; i < migrations->nelts; i++) {
        const migration_t *m = &APR_ARRAY_IDX(migrations, i, migration_t);
        if (m->number > number) {
            SCIM_TRY(apply(db, p, directory, m));
            (*applied)++;
        }
    }
    return NULL;
}

#define BEGIN "select set_config('statement_timeout', '0', false)"
#define LOCK "select pg_advisory_lock(" LOCK_KEY ")"
#define UNLOCK "select pg_advisory_unlock(" LOCK_KEY ")"
#define END "reset statement_timeout"

static scim_error_t *statement(scim_db_t *db, apr_pool_t *p, const char *sql)
{
    scim_result_t *rows;

    return scim_db_run(db, p, SCIM_DB_WRITE, sql, 0, NULL, &rows);
}

/* A migration, or waiting for another one, may take longer than requests are allowed to. */
scim_error_t *scim_admin_migrate(scim_db_t *db, apr_pool_t *p, const char *directory, int *applied)
{
    apr_array_header_t *migrations = NULL;
    scim_error_t *err, *unlocked;

    *applied = 0;
    SCIM_TRY(list_migrations(p, directory, &migrations));
    SCIM_TRY(statement(db, p, BEGIN));
    SCIM_TRY(statement(db, p, LOCK));
    err = apply_newer(db, p, directory, migrations, applied);
    unlocked = statement(db, p, UNLOCK);
    if (err || unlocked) {
        return err ? err : unlocked;
    }
    return statement(db, p, END);
}
