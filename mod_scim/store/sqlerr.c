#include "sqlerr.h"

#include <string.h>

#define RETRY_SECONDS 2

/* What a SQLSTATE, or a class of them, means to the client. The first row that is a prefix of the code counts. */
typedef struct sqlerr_row_t {
    const char *prefix;
    scim_error_e code;
    int retry_after;
    int private_message;      /* the server's message may quote a value: personal data */
    const char *detail;
} sqlerr_row_t;

static const sqlerr_row_t rows[] = {
    { "23505", SCIM_E_UNIQUENESS, 0, 0, "A value that must be unique is taken by another resource" },
    { "23503", SCIM_E_INVALID_VALUE, 0, 0, "A resource that the request refers to does not exist" },
    { "23514", SCIM_E_INVALID_VALUE, 0, 1, "A value is not allowed" },
    { "54000", SCIM_E_INVALID_VALUE, 0, 1, "userName, externalId or displayName is too long: at most about 2,000 bytes" },
    { "22001", SCIM_E_INVALID_VALUE, 0, 1, "A value is too long" },
    { "22003", SCIM_E_INVALID_VALUE, 0, 1, "A number is out of range" },
    { "22007", SCIM_E_INVALID_VALUE, 0, 1, "A date is malformed" },
    { "22008", SCIM_E_INVALID_VALUE, 0, 1, "A date is out of range" },
    { "22P02", SCIM_E_INVALID_VALUE, 0, 1, "A value is malformed" },
    { "22", SCIM_E_INTERNAL, 0, 1, "The database does not accept a value" },
    { "25006", SCIM_E_UNAVAILABLE, RETRY_SECONDS, 0, "The database accepts no changes now" },
    { "40", SCIM_E_UNAVAILABLE, 1, 0, "Too many changes to the same resource at once; try again" },
    { "55P03", SCIM_E_UNAVAILABLE, 1, 0, "Too many changes to the same resource at once; try again" },
    { "57014", SCIM_E_UNAVAILABLE, RETRY_SECONDS, 0, "The database took too long" },
    { "57P", SCIM_E_UNAVAILABLE, RETRY_SECONDS, 0, "The database is not available now" },
    { "53100", SCIM_E_UNAVAILABLE, 60, 0, "The database has no room left on its disk; nothing was changed" },
    { "53200", SCIM_E_UNAVAILABLE, RETRY_SECONDS, 0, "The database is short of memory" },
    { "53300", SCIM_E_UNAVAILABLE, RETRY_SECONDS, 0, "The database accepts no more connections now" },
    { "53", SCIM_E_UNAVAILABLE, RETRY_SECONDS, 0, "The database is overloaded now" },
    { "58", SCIM_E_UNAVAILABLE, RETRY_SECONDS, 0, "The database has a fault of its own; its log says more" },
    { "08", SCIM_E_UNAVAILABLE, RETRY_SECONDS, 0, "The database is not available now" },
    { "3F000", SCIM_E_INTERNAL, 0, 0, NULL },
    { "42P01", SCIM_E_INTERNAL, 0, 0, NULL },
    { "42703", SCIM_E_INTERNAL, 0, 0, NULL },
    { "42501", SCIM_E_INTERNAL, 0, 0, NULL },
    { "", SCIM_E_INTERNAL, 0, 0, NULL },
};

/* What the administrator should do, for the log. */
typedef struct advice_row_t {
    const char *sqlstate;
    const char *advice;
} advice_row_t;

static const advice_row_t advices[] = {
    { "3F000", ": the schema is missing or old, run \"scimctl migrate\"" },
    { "42P01", ": the schema is missing or old, run \"scimctl migrate\"" },
    { "42703", ": the schema is missing or old, run \"scimctl migrate\"" },
    { "42501", ": the database role lacks a right on the schema \"scim\"" },
    { "25006", ": the server is a standby; see target_session_attrs of libpq" },
    { "53100", ": the disk of PostgreSQL is full" },
    { "53300", ": raise max_connections of PostgreSQL or lower SCIMDatabasePool max" },
};

/* The attribute that a unique constraint protects. */
typedef struct constraint_row_t {
    const char *name;
    const char *detail;
} constraint_row_t;

static const constraint_row_t constraints[] = {
    { "resource_user_name", "The userName is taken by another user" },
    { "unique_value_taken", SCIM_SQLERR_VALUE_TAKEN },
    { "tenant_name", "A tenant of this name exists already" },
    { "token_name", "A token of this name exists already" },
};

static const char *advice_for(const char *sqlstate)
{
    apr_size_t i;

    for (i = 0; i < sizeof advices / sizeof *advices; i++) {
        if (strcmp(advices[i].sqlstate, sqlstate) == 0) {
            return advices[i].advice;
        }
    }
    return "";
}

static const char *detail_for(const sqlerr_row_t *row, const char *constraint)
{
    apr_size_t i;

    for (i = 0; constraint && i < sizeof constraints / sizeof *constraints; i++) {
        if (strcmp(constraints[i].name, constraint) == 0) {
            return constraints[i].detail;
        }
    }
    return row->detail ? row->detail : "An error inside the server; its log says more";
}

scim_error_t *scim_sqlerr(apr_pool_t *p, const char *sqlstate, const char *constraint, const char *message)
{
    const sqlerr_row_t *row = rows;
    const char *code = sqlstate ? sqlstate : "08006";
    scim_error_t *err;

    while (strncmp(row->prefix, code, strlen(row->prefix)) != 0) {
        row++;
    }
    err = scim_error(p, row->code, "%s", detail_for(row, constraint));
    err->retry_after = row->retry_after;
    return scim_error_cause(p, err, "PostgreSQL%s%s%s%s%s%s%s", sqlstate ? " " : "", sqlstate ? sqlstate : "",
                            constraint ? ", constraint " : "", constraint ? constraint : "", message && !row->private_message ? ": " : "",
                            message && !row->private_message ? message : "", advice_for(code));
}
