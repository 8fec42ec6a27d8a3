/* Migrations: numbered files, each applied once, in a transaction of its own, never undone. */
#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "../config/file.h"
#include "admin.h"
#include "roles.h"

/* Any number that no other program on this database takes: "scim" in ASCII. */
#define LOCK_KEY "1935894893"

typedef struct migration_t {
    int number;
    const char *path, *file;           /* file: the last segment of path */
} migration_t;

scim_error_t *scim_store_migration(scim_db_t *db, apr_pool_t *p, int *number)
{
    scim_result_t *rows = NULL;

    *number = 0;
    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, "select to_regclass('scim.migration') is not null", 0, NULL, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 1, 1, 1));
    if (!scim_col_bool(rows, 0, 0)) {
        return NULL;
    }
    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, "select coalesce(max(number), 0) from scim.migration", 0, NULL, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 1, 1, 1));
    *number = (int)scim_col_int(rows, 0, 0);
    return NULL;
}

/* NNN-words.sql, of characters that need no quoting in SQL; all are called *.sql. */
static int is_migration(const char *name)
{
    apr_size_t len = strlen(name);
    const char *c;

    for (c = name; apr_isalnum(*c) || *c == '-' || *c == '_' || *c == '.'; c++) {
    }
    return !*c && len > 8 && apr_isdigit(name[0]) && apr_isdigit(name[1]) && apr_isdigit(name[2]) && name[3] == '-';
}

static int by_number(const void *a, const void *b)
{
    return ((const migration_t *)a)->number - ((const migration_t *)b)->number;
}

static scim_error_t *list_migrations(apr_pool_t *p, const char *directory, apr_array_header_t **out)
{
    apr_array_header_t *files = NULL;
    int i;

    SCIM_TRY(scim_folder_list(p, directory, ".sql", &files));
    *out = apr_array_make(p, files->nelts + 1, sizeof(migration_t));
    for (i = 0; i < files->nelts; i++) {
        const char *path = APR_ARRAY_IDX(files, i, const char *), *name = strrchr(path, '/') + 1;
        if (is_migration(name)) {
            migration_t *m = apr_array_push(*out);
            m->number = atoi(name);
            m->path = path;
            m->file = name;
        }
    }
    qsort((*out)->elts, (size_t)(*out)->nelts, sizeof(migration_t), by_number);
    for (i = 1; i < (*out)->nelts; i++) {
        if (APR_ARRAY_IDX(*out, i, migration_t).number == APR_ARRAY_IDX(*out, i - 1, migration_t).number) {
            return scim_error(p, SCIM_E_INTERNAL, "Two migrations have the number of %s", APR_ARRAY_IDX(*out, i, migration_t).file);
        }
    }
    return (*out)->nelts > 0 ? NULL : scim_error(p, SCIM_E_INTERNAL, "There are no migrations in %s", directory);
}

/* The file and the note that it was applied, in one transaction, by the owner when one is named. */
static scim_error_t *apply(scim_db_t *db, apr_pool_t *p, const char *owner, const migration_t *m)
{
    const char *role = owner ? apr_pstrcat(p, "set local role ", scim_sql_name(p, owner), ";\n", NULL) : "";
    const char *text = NULL;
    apr_size_t len = 0;
    scim_error_t *err;

    SCIM_TRY(scim_file_read(p, m->path, &text, &len));
    text = apr_psprintf(p, "%s%s\n;insert into scim.migration (number, name) values (%d, '%s');", role, text, m->number, m->file);
    err = scim_db_script(db, p, text);
    return err ? scim_error(p, err->code, "%s: %s", m->file, scim_error_inside(err)) : NULL;
}

static scim_error_t *apply_newer(scim_db_t *db, apr_pool_t *p, const char *owner, const apr_array_header_t *migrations, int *applied)
{
    int i, number, newest = APR_ARRAY_IDX(migrations, migrations->nelts - 1, migration_t).number;

    SCIM_TRY(scim_store_migration(db, p, &number));
    if (number > newest) {
        return scim_error(p, SCIM_E_CONFLICT, "The database is at migration %d, newer than the %d that are here: use the scimctl that belongs to it",
                          number, newest);
    }
    SCIM_TRY(scim_roles_owner(db, p, owner, &owner));
    for (i = 0; i < migrations->nelts; i++) {
        const migration_t *m = &APR_ARRAY_IDX(migrations, i, migration_t);
        if (m->number > number) {
            SCIM_TRY(apply(db, p, owner, m));
            (*applied)++;
        }
    }
    return *applied ? scim_roles_renew(db, p) : NULL;
}

#define LOCK "select pg_advisory_lock(" LOCK_KEY ")"
#define UNLOCK "select pg_advisory_unlock(" LOCK_KEY ")"

static scim_error_t *statement(scim_db_t *db, apr_pool_t *p, const char *sql)
{
    scim_result_t *rows;

    return scim_db_run(db, p, SCIM_DB_WRITE, sql, 0, NULL, &rows);
}

/* A migration, or waiting for another one, may take longer than requests are allowed to. */
scim_error_t *scim_admin_migrate(scim_db_t *db, apr_pool_t *p, const char *directory, const char *owner, int *applied)
{
    apr_array_header_t *migrations = NULL;
    scim_error_t *err, *unlocked;

    *applied = 0;
    SCIM_TRY(list_migrations(p, directory, &migrations));
    SCIM_TRY(scim_db_own_session(db, p));
    SCIM_TRY(statement(db, p, LOCK));
    err = apply_newer(db, p, owner, migrations, applied);
    unlocked = statement(db, p, UNLOCK);
    return err ? err : unlocked;
}
