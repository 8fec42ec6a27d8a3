#include <apr_general.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../core/base/sha256.h"
#include "../core/base/text.h"
#include "../core/base/token.h"
#include "../core/base/utf8.h"
#include "scimctl.h"

#define DEFAULT_EXPIRY "365d"
#define DEFAULT_NAME "default"
#define MAX_NAME 63

static scim_error_t *make_token(apr_pool_t *p, const char **out)
{
    unsigned char bytes[SCIM_TOKEN_RANDOM];

    if (apr_generate_random_bytes(bytes, sizeof bytes) != APR_SUCCESS) {
        return scim_error(p, SCIM_E_INTERNAL, "The system gives no random numbers");
    }
    *out = scim_token_make(p, bytes);
    return NULL;
}

/* The name appears in access logs. */
static scim_error_t *check_name(apr_pool_t *p, const char *name)
{
    apr_size_t len = strlen(name);
    const char *c;

    for (c = name; *c && !apr_iscntrl(*c); c++) {
    }
    if (len < 1 || len > MAX_NAME || *c || !scim_utf8_valid(name, len)) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "A token's name has 1 to %d bytes of UTF-8 without control characters", MAX_NAME);
    }
    return NULL;
}

static scim_error_t *check_endpoints(apr_pool_t *p, const apr_array_header_t *endpoints)
{
    int i;

    for (i = 0; i < endpoints->nelts; i++) {
        const char *endpoint = APR_ARRAY_IDX(endpoints, i, const char *), *c = endpoint;
        while (*c && (c == endpoint ? *c == '/' : apr_isalnum(*c) || *c == '-' || *c == '_' || *c == '.')) {
            c++;
        }
        if (*c || c < endpoint + 2) {
            return scim_error(p, SCIM_E_INVALID_VALUE, "\"%s\" is no endpoint: say for example /Users", endpoint);
        }
    }
    return NULL;
}

static void tell_created(const ctl_t *ctl, apr_int64_t id, apr_time_t expires, const char *token)
{
    if (ctl->quiet) {
        printf("%s\n", token);
        return;
    }
    printf("Token %" APR_INT64_T_FMT " of tenant \"%s\", %s, %s%s:\n\n%s\n\nIt is shown this once: only its hash is stored.\n", id,
           ctl->args[0], ctl->read_only ? "for reading only" : "for reading and writing", expires ? "valid until " : "valid for ever",
           expires ? ctl_time(ctl->p, expires) : "", token);
}

scim_error_t *ctl_token_create(ctl_t *ctl)
{
    const char *name = ctl->name ? ctl->name : DEFAULT_NAME, *token = NULL, *hash;
    const apr_array_header_t *endpoints = ctl->endpoints->nelts > 0 ? ctl->endpoints : NULL;
    unsigned rights = SCIM_RIGHT_READ | (ctl->read_only ? 0 : SCIM_RIGHT_WRITE);
    apr_time_t expires = 0;
    apr_int64_t id = 0;

    SCIM_TRY(check_name(ctl->p, name));
    SCIM_TRY(check_endpoints(ctl->p, ctl->endpoints));
    SCIM_TRY(ctl_expiry_parse(ctl->p, ctl->expires ? ctl->expires : DEFAULT_EXPIRY, apr_time_now(), &expires));
    SCIM_TRY(make_token(ctl->p, &token));
    hash = scim_sha256_hex(ctl->p, token);
    if (!hash) {
        return scim_error(ctl->p, SCIM_E_INTERNAL, "libcrypto gives no SHA-256");
    }
    SCIM_TRY(scim_admin_token_create(ctl->db, ctl->p, ctl->args[0], name, hash, rights, endpoints, expires, &id));
    tell_created(ctl, id, expires, token);
    return NULL;
}

#define COLUMNS 9

static const char *state_of(const scim_token_t *token, apr_time_t now)
{
    return token->revoked ? "revoked" : token->expires && token->expires <= now ? "expired" : "valid";
}

static const char *rights_of(const scim_token_t *token)
{
    return token->rights & SCIM_RIGHT_WRITE ? "read,write" : "read";
}

static void add_token(apr_pool_t *p, apr_array_header_t *cells, const scim_token_t *token, apr_time_t now)
{
    const char *row[COLUMNS] = {
        apr_psprintf(p, "%" APR_INT64_T_FMT, token->id), token->tenant_name, state_of(token, now), rights_of(token),
        token->endpoints ? apr_array_pstrcat(p, token->endpoints, ',') : "all",
        ctl_time(p, token->created), token->expires ? ctl_time(p, token->expires) : "never", ctl_time(p, token->last_used), token->name,
    };
    int i;

    for (i = 0; i < COLUMNS; i++) {
        APR_ARRAY_PUSH(cells, const char *) = row[i];
    }
}

/* The name comes last: it alone may hold spaces. */
scim_error_t *ctl_token_list(ctl_t *ctl)
{
    static const char *const heading[COLUMNS] = { "ID", "TENANT", "STATE", "RIGHTS", "ENDPOINTS", "CREATED", "EXPIRES", "USED", "NAME" };
    apr_array_header_t *tokens = NULL, *cells = apr_array_make(ctl->p, 64, sizeof(const char *));
    apr_time_t now = apr_time_now();
    int i;

    SCIM_TRY(scim_admin_token_list(ctl->db, ctl->p, ctl->nargs > 0 ? ctl->args[0] : NULL, &tokens));
    for (i = 0; i < COLUMNS; i++) {
        APR_ARRAY_PUSH(cells, const char *) = heading[i];
    }
    for (i = 0; i < tokens->nelts; i++) {
        add_token(ctl->p, cells, &APR_ARRAY_IDX(tokens, i, scim_token_t), now);
    }
    ctl_table_print(cells, COLUMNS);
    return NULL;
}

scim_error_t *ctl_token_revoke(ctl_t *ctl)
{
    char *end;
    apr_int64_t id;

    errno = 0;
    id = apr_strtoi64(ctl->args[0], &end, 10);
    if (errno || *end || end == ctl->args[0]) {
        return scim_error(ctl->p, SCIM_E_INVALID_VALUE, "\"%s\" is no token's id: see scimctl token list", ctl->args[0]);
    }
    SCIM_TRY(scim_admin_token_revoke(ctl->db, ctl->p, id));
    if (!ctl->quiet) {
        printf("Token %" APR_INT64_T_FMT " is revoked; servers know it within their SCIMTokenCache time.\n", id);
    }
    return NULL;
}
