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
#define MOST_NAMES 1000

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

/* A new token, told this once. */
typedef struct made_t {
    apr_int64_t id;
    apr_time_t expires;
    const char *name, *token, *url;
} made_t;

static void tell_json(const ctl_t *ctl, const made_t *made)
{
    static const ctl_column_t columns[] = {
        { NULL, "id", CTL_NUMBER, NULL },     { NULL, "tenant", CTL_TEXT, NULL },    { NULL, "name", CTL_TEXT, NULL },
        { NULL, "rights", CTL_LIST, NULL },   { NULL, "endpoints", CTL_LIST, NULL }, { NULL, "expires", CTL_TEXT, NULL },
        { NULL, "tenantUrl", CTL_TEXT, NULL }, { NULL, "token", CTL_TEXT, NULL },
    };
    const char *row[] = {
        ctl_number(ctl->p, made->id), ctl->args[0], made->name, ctl->read_only ? "read" : "read,write",
        ctl->endpoints->nelts > 0 ? apr_array_pstrcat(ctl->p, ctl->endpoints, ',') : NULL, ctl_time(ctl->p, made->expires), made->url,
        made->token,
    };

    ctl_print_object(ctl, columns, (int)(sizeof columns / sizeof *columns), row);
}

static void tell_created(const ctl_t *ctl, const made_t *made)
{
    if (ctl->json) {
        tell_json(ctl, made);
        return;
    }
    if (ctl->quiet) {
        printf("%s\n", made->token);
        return;
    }
    printf("Token %" APR_INT64_T_FMT " \"%s\" of tenant \"%s\", %s, %s%s.\n\n", made->id, made->name, ctl->args[0],
           ctl->read_only ? "for reading only" : "for reading and writing", made->expires ? "valid until " : "valid for ever",
           made->expires ? ctl_time(ctl->p, made->expires) : "");
    if (made->url) {
        printf("Tenant URL: %s\n", made->url);
    }
    printf("Secret Token: %s\n\nThe token is shown this once: only its hash is stored.\n", made->token);
}

/* The name that was said; else the first of default, default-2, ... that no other token of the tenant has. */
static scim_error_t *store(const ctl_t *ctl, made_t *made)
{
    const apr_array_header_t *endpoints = ctl->endpoints->nelts > 0 ? ctl->endpoints : NULL;
    unsigned rights = SCIM_RIGHT_READ | (ctl->read_only ? 0 : SCIM_RIGHT_WRITE);
    const char *hash = scim_sha256_hex(ctl->p, made->token);
    scim_error_t *err = NULL;
    int n;

    if (!hash) {
        return scim_error(ctl->p, SCIM_E_INTERNAL, "libcrypto gives no SHA-256");
    }
    for (n = 1; n == 1 || (err && err->code == SCIM_E_CONFLICT && !ctl->name && n <= MOST_NAMES); n++) {
        made->name = ctl->name ? ctl->name : n == 1 ? DEFAULT_NAME : apr_psprintf(ctl->p, DEFAULT_NAME "-%d", n);
        err = scim_admin_token_create(ctl->db, ctl->p, ctl->args[0], made->name, hash, rights, endpoints, made->expires, &made->id);
    }
    return err;
}

scim_error_t *ctl_token_create(ctl_t *ctl)
{
    scim_tenant_t tenant;
    made_t made = { 0, 0, NULL, NULL, NULL };

    if (ctl->name) {
        SCIM_TRY(check_name(ctl->p, ctl->name));
    }
    SCIM_TRY(ctl_expiry_parse(ctl->p, ctl->expires ? ctl->expires : DEFAULT_EXPIRY, apr_time_now(), &made.expires));
    SCIM_TRY(scim_admin_tenant_find(ctl->db, ctl->p, ctl->args[0], &tenant));
    SCIM_TRY(ctl_endpoints_check(ctl, tenant.profile, ctl->endpoints));
    SCIM_TRY(make_token(ctl->p, &made.token));
    SCIM_TRY(store(ctl, &made));
    made.url = ctl_tenant_url(ctl, tenant.name, tenant.profile);
    tell_created(ctl, &made);
    return NULL;
}

static const char *state_of(const scim_token_t *token, apr_time_t now)
{
    return token->revoked ? "revoked" : token->expires && token->expires <= now ? "expired" : "valid";
}

static const char *rights_of(const scim_token_t *token)
{
    return token->rights & SCIM_RIGHT_WRITE ? "read,write" : "read";
}

/* The name comes last: it alone may hold spaces. */
static const ctl_column_t columns[] = {
    { "ID", "id", CTL_NUMBER, "" },           { "TENANT", "tenant", CTL_TEXT, "" },     { "STATE", "state", CTL_TEXT, "" },
    { "RIGHTS", "rights", CTL_LIST, "" },     { "ENDPOINTS", "endpoints", CTL_LIST, "all" }, { "CREATED", "created", CTL_TEXT, "" },
    { "EXPIRES", "expires", CTL_TEXT, "never" }, { "USED", "lastUsed", CTL_TEXT, "-" },  { "NAME", "name", CTL_TEXT, "" },
};

#define NCOLUMNS ((int)(sizeof columns / sizeof *columns))

static void add_token(apr_pool_t *p, apr_array_header_t *cells, const scim_token_t *token, apr_time_t now)
{
    const char *row[] = {
        ctl_number(p, token->id), token->tenant_name, state_of(token, now), rights_of(token),
        token->read_endpoints ? apr_array_pstrcat(p, token->read_endpoints, ',') : NULL, ctl_time(p, token->created), ctl_time(p, token->expires),
        ctl_time(p, token->last_used), token->name,
    };
    int i;

    for (i = 0; i < NCOLUMNS; i++) {
        APR_ARRAY_PUSH(cells, const char *) = row[i];
    }
}

scim_error_t *ctl_token_list(ctl_t *ctl)
{
    apr_array_header_t *tokens = NULL, *cells = apr_array_make(ctl->p, 64, sizeof(const char *));
    apr_time_t now = apr_time_now();
    int i;

    SCIM_TRY(scim_admin_token_list(ctl->db, ctl->p, ctl->nargs > 0 ? ctl->args[0] : NULL, &tokens));
    for (i = 0; i < tokens->nelts; i++) {
        add_token(ctl->p, cells, &APR_ARRAY_IDX(tokens, i, scim_token_t), now);
    }
    ctl_print_rows(ctl, columns, NCOLUMNS, cells);
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
