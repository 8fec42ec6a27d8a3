/* Who calls: tokens and tenants. */
#include <apr_strings.h>
#include <string.h>

#include "admin.h"
#include "token_rows.h"

/* Noting each use would make every look-up a write; a server that takes none is not asked to. */
#define NOTE_DUE                                                                                          \
    "(k.last_used is null or k.last_used < now() - interval '1 minute') and current_setting('transaction_read_only') = 'off'"

/* The use of a token is noted where that costs no wait, and not missed where it cannot be. */
static void note_use(scim_db_t *db, apr_pool_t *p, const scim_token_t *token)
{
    static const char sql[] = "update scim.token k set last_used = now() where k.tenant = $1 and k.id = (select u.id from scim.token u "
                              "where u.tenant = $1 and u.id = $2 for no key update skip locked) returning k.id";
    const char *params[] = { apr_psprintf(p, "%" APR_INT64_T_FMT, token->tenant), apr_psprintf(p, "%" APR_INT64_T_FMT, token->id) };
    scim_result_t *rows;

    scim_db_run(db, p, SCIM_DB_NOTE, sql, 2, params, &rows);
}

/* A statement of its own: users may be on another node than tokens, and most tokens are nobody's. */
static scim_error_t *find_person(scim_db_t *db, apr_pool_t *p, scim_token_t *token)
{
    static const char sql[] = "select 1 from scim.resource r where r.tenant = $1 and r.id = $2 and r.type = 'User' and r.active is not false";
    const char *params[] = { apr_psprintf(p, "%" APR_INT64_T_FMT, token->tenant), token->person };
    scim_result_t *rows = NULL;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 2, params, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 1, 0, 1));
    token->person_there = scim_rows(rows) > 0;
    return NULL;
}

scim_error_t *scim_store_token(scim_db_t *db, apr_pool_t *p, const char *sha256, scim_token_t **out)
{
    static const char sql[] = "select " SCIM_TOKEN_COLUMNS ", " NOTE_DUE " from " SCIM_TOKEN_TABLES "where k.sha256 = $1";
    scim_result_t *rows = NULL;

    *out = NULL;
    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 1, &sha256, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, SCIM_TOKEN_COLUMN_COUNT + 1, 0, 1));
    if (scim_rows(rows) > 0) {
        *out = scim_token_row(p, rows, 0);
        if ((*out)->valid && (*out)->person) {
            SCIM_TRY(find_person(db, p, *out));
        }
        if ((*out)->valid && scim_col_bool(rows, 0, SCIM_TOKEN_COLUMN_COUNT)) {
            note_use(db, p, *out);
        }
    }
    return NULL;
}

scim_error_t *scim_store_tenant(scim_db_t *db, apr_pool_t *p, const char *name, scim_token_t **out)
{
    static const char sql[] = "select n.id, n.name, n.state, n.profile from scim.tenant n where n.name = $1";
    scim_result_t *rows = NULL;

    *out = NULL;
    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 1, &name, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 4, 0, 1));
    if (scim_rows(rows) > 0) {
        *out = apr_pcalloc(p, sizeof **out);
        (*out)->tenant = scim_col_int(rows, 0, 0);
        (*out)->tenant_name = scim_col_text(rows, 0, 1);
        (*out)->tenant_state = scim_tenant_state_parse(scim_col_text(rows, 0, 2));
        (*out)->profile = scim_col_text(rows, 0, 3);
        (*out)->valid = 1;
    }
    return NULL;
}

static const char *const states[] = {
    [SCIM_TENANT_ACTIVE] = "active",
    [SCIM_TENANT_PAUSED] = "paused",
    [SCIM_TENANT_DISABLED] = "disabled",
};

const char *scim_tenant_state_name(scim_tenant_state_e state)
{
    return states[state];
}

scim_tenant_state_e scim_tenant_state_parse(const char *name)
{
    if (strcmp(name, states[SCIM_TENANT_ACTIVE]) == 0) {
        return SCIM_TENANT_ACTIVE;
    }
    return strcmp(name, states[SCIM_TENANT_PAUSED]) == 0 ? SCIM_TENANT_PAUSED : SCIM_TENANT_DISABLED;
}

/* Neither endpoints nor networks hold spaces: they are joined by one. */
static apr_array_header_t *split_words(apr_pool_t *p, const char *joined)
{
    apr_array_header_t *out = apr_array_make(p, 2, sizeof(const char *));
    char *copy = apr_pstrdup(p, joined), *state = NULL, *word;

    for (word = apr_strtok(copy, " ", &state); word; word = apr_strtok(NULL, " ", &state)) {
        APR_ARRAY_PUSH(out, const char *) = word;
    }
    return out;
}

/* States are in order: what is paused or disabled at either place lets nobody in. */
static scim_tenant_state_e lesser(scim_tenant_state_e a, scim_tenant_state_e b)
{
    return a > b ? a : b;
}

scim_token_t *scim_token_row(apr_pool_t *p, const scim_result_t *rows, int row)
{
    scim_token_t *token = apr_pcalloc(p, sizeof *token);

    token->id = scim_col_int(rows, row, 0);
    token->tenant = scim_col_int(rows, row, 1);
    token->tenant_name = scim_col_text(rows, row, 2);
    token->tenant_state = scim_tenant_state_parse(scim_col_text(rows, row, 3));
    token->name = scim_col_text(rows, row, 4);
    token->rights = (scim_col_bool(rows, row, 5) ? SCIM_RIGHT_READ : 0) | (scim_col_bool(rows, row, 6) ? SCIM_RIGHT_WRITE : 0);
    token->read_endpoints = scim_is_null(rows, row, 7) ? NULL : split_words(p, scim_col_text(rows, row, 7));
    token->created = scim_col_time(rows, row, 8);
    token->expires = scim_col_time(rows, row, 9);
    token->last_used = scim_col_time(rows, row, 10);
    token->revoked = scim_col_time(rows, row, 11);
    token->profile = scim_col_text(rows, row, 12);
    token->write_endpoints = scim_is_null(rows, row, 13) ? NULL : split_words(p, scim_col_text(rows, row, 13));
    token->integration = scim_col_text(rows, row, 14);
    if (token->integration) {
        token->tenant_state = lesser(token->tenant_state, scim_tenant_state_parse(scim_col_text(rows, row, 15)));
    }
    token->person = scim_col_text(rows, row, 16);
    token->valid = scim_col_bool(rows, row, 18);
    token->sources = scim_is_null(rows, row, 17) ? NULL : split_words(p, scim_col_text(rows, row, 17));
    return token;
}
