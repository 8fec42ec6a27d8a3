/* What a statement returned. Results are in PostgreSQL's binary format. */
#include <apr_strings.h>
#include <string.h>

#include "db_private.h"

#define OID_UUID 2950
#define UUID_BYTES 16

/* PostgreSQL counts from 2000-01-01. */
#define EPOCH_SHIFT APR_INT64_C(946684800000000)

int scim_rows(const scim_result_t *r)
{
    return PQntuples(r->res);
}

scim_error_t *scim_rows_expect(const scim_result_t *r, apr_pool_t *p, int columns, int least, int most)
{
    int rows = PQntuples(r->res);

    if (PQnfields(r->res) == columns && rows >= least && (most < 0 || rows <= most)) {
        return NULL;
    }
    return scim_error_cause(p, scim_error(p, SCIM_E_INTERNAL, "An error inside the server; its log says more"),
                            "a statement returned %d rows of %d columns instead of %d to %d of %d: is something between httpd and PostgreSQL that "
                            "mixes up connections?",
                            rows, PQnfields(r->res), least, most, columns);
}

int scim_is_null(const scim_result_t *r, int row, int col)
{
    return PQgetisnull(r->res, row, col);
}

/* 16 bytes as 8-4-4-4-12 digits. */
static const char *uuid_text(apr_pool_t *p, const unsigned char *bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *text = apr_palloc(p, 37), *t = text;
    int i;

    for (i = 0; i < UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *t++ = '-';
        }
        *t++ = digits[bytes[i] >> 4];
        *t++ = digits[bytes[i] & 15];
    }
    *t = '\0';
    return text;
}

const char *scim_col_text(const scim_result_t *r, int row, int col)
{
    const char *value = PQgetvalue(r->res, row, col);

    if (PQgetisnull(r->res, row, col)) {
        return NULL;
    }
    return PQftype(r->res, col) == OID_UUID ? uuid_text(r->pool, (const unsigned char *)value) : value;
}

apr_size_t scim_col_length(const scim_result_t *r, int row, int col)
{
    return (apr_size_t)PQgetlength(r->res, row, col);
}

/* Big-endian two's complement of 2, 4 or 8 bytes. */
apr_int64_t scim_col_int(const scim_result_t *r, int row, int col)
{
    const unsigned char *bytes = (const unsigned char *)PQgetvalue(r->res, row, col);
    int i, len = PQgetlength(r->res, row, col);
    apr_uint64_t n = len > 0 && bytes[0] >= 0x80 ? ~APR_UINT64_C(0) : 0;

    for (i = 0; i < len; i++) {
        n = n << 8 | bytes[i];
    }
    return (apr_int64_t)n;
}

int scim_col_bool(const scim_result_t *r, int row, int col)
{
    return *PQgetvalue(r->res, row, col) == 1; /* "" for NULL */
}

apr_time_t scim_col_time(const scim_result_t *r, int row, int col)
{
    return PQgetisnull(r->res, row, col) ? 0 : scim_col_int(r, row, col) + EPOCH_SHIFT;
}

const char *scim_array_literal(apr_pool_t *p, const char *const *texts, int n)
{
    apr_size_t size = 3;
    char *literal, *o;
    int i;

    for (i = 0; i < n; i++) {
        size += texts[i] ? 2 * strlen(texts[i]) + 3 : sizeof "NULL,";
    }
    literal = o = apr_palloc(p, size);
    *o++ = '{';
    for (i = 0; i < n; i++) {
        const char *t;
        if (i > 0) {
            *o++ = ',';
        }
        if (!texts[i]) {
            memcpy(o, "NULL", 4);
            o += 4;
            continue;
        }
        *o++ = '"';
        for (t = texts[i]; *t; t++) {
            if (*t == '"' || *t == '\\') {
                *o++ = '\\';
            }
            *o++ = *t;
        }
        *o++ = '"';
    }
    *o++ = '}';
    *o = '\0';
    return literal;
}
