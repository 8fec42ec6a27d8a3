#include <apr_general.h>
#include <apr_strings.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../core/base/network.h"
#include "../core/base/sha256.h"
#include "../core/base/token.h"
#include "scimctl.h"

#define DEFAULT_EXPIRY "365d"
#define DEFAULT_NAME "default"
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

static const char *joined(apr_pool_t *p, const apr_array_header_t *list)
{
    return list ? apr_array_pstrcat(p, list, ',') : NULL;
}

static void tell_json(const ctl_t *ctl, const scim_token_spec_t *spec, apr_int64_t id, const char *token, const char *url)
{
    static const ctl_column_t columns[] = {
        { NULL, "id", CTL_NUMBER, NULL },             { NULL, "tenant", CTL_TEXT, NULL },  { NULL, "integration", CTL_TEXT, NULL },
        { NULL, "name", CTL_TEXT, NULL },             { NULL, "rights", CTL_LIST, NULL },  { NULL, "readEndpoints", CTL_LIST, NULL },
        { NULL, "writeEndpoints", CTL_LIST, NULL },   { NULL, "sources", CTL_LIST, NULL }, { NULL, "profile", CTL_TEXT, NULL },
        { NULL, "user", CTL_TEXT, NULL },             { NULL, "expires", CTL_TEXT, NULL }, { NULL, "tenantUrl", CTL_TEXT, NULL },
        { NULL, "token", CTL_TEXT, NULL },
    };
    const char *row[] = {
        ctl_number(ctl->p, id), spec->tenant, spec->integration, spec->name, spec->rights & SCIM_RIGHT_WRITE ? "read,write" : "read",
        joined(ctl->p, spec->read_endpoints), joined(ctl->p, spec->write_endpoints), joined(ctl->p, spec->sources), spec->profile,
        spec->person, ctl_time(ctl->p, spec->expires), url, token,
    };

    ctl_print_object(ctl, columns, (int)(sizeof columns / sizeof *columns), row);
}

static void tell_created(const ctl_t *ctl, const scim_token_spec_t *spec, apr_int64_t id, const char *token, const char *url)
{
    if (ctl->json) {
        tell_json(ctl, spec, id, token, url);
        return;
    }
    if (ctl->quiet) {
        printf("%s\n", token);
        return;
    }
    printf("Token %" APR_INT64_T_FMT " \"%s\" of tenant \"%s\", %s, %s%s.\n\n", id, spec->name, spec->tenant,
           spec->rights & SCIM_RIGHT_WRITE ? "for reading and writing" : "for reading only", spec->expires ? "valid until " : "valid for ever",
           spec->expires ? ctl_time(ctl->p, spec->expires) : "");
    if (url) {
        printf("Tenant URL: %s\n", url);
    }
    printf("Secret Token: %s\n\nThe token is shown this once: only its hash is stored.\n", token);
}

/* The name that was said; else the first of default, default-2, ... that no other token of the tenant has. */
static scim_error_t *store(const ctl_t *ctl, scim_token_spec_t *spec, apr_int64_t *id)
{
    scim_error_t *err = NULL;
    int n;

    for (n = 1; n == 1 || (err && err->code == SCIM_E_CONFLICT && !ctl->name && n <= MOST_NAMES); n++) {
        spec->name = ctl->name ? ctl->name : n == 1 ? DEFAULT_NAME : apr_psprintf(ctl->p, DEFAULT_NAME "-%d", n);
        err = scim_admin_token_create(ctl->db, ctl->p, spec, id);
    }
    return err;
}

/* "192.0.2.0/24", "2001:db8::1". */
static scim_error_t *check_sources(apr_pool_t *p, const apr_array_header_t *sources)
{
    int i;

    for (i = 0; i < sources->nelts; i++) {
        const char *source = APR_ARRAY_IDX(sources, i, const char *);
        if (!scim_network_valid(source)) {
            return scim_error(p, SCIM_E_INVALID_VALUE, "\"%s\" is no network: say for example 192.0.2.0/24 or 2001:db8::1", source);
        }
    }
    return NULL;
}

/* A user's token is for /Me, unless more is said. /Me without a user would be nobody. */
static scim_error_t *check_user(ctl_t *ctl, apr_int64_t tenant, scim_token_spec_t *spec)
{
    const apr_array_header_t *lists[] = { ctl->endpoints, ctl->read_endpoints };
    int i, j;

    for (i = 0; i < 2 && !ctl->user; i++) {
        for (j = 0; j < lists[i]->nelts; j++) {
            if (strcmp(APR_ARRAY_IDX(lists[i], j, const char *), SCIM_ME) == 0) {
                return scim_error(ctl->p, SCIM_E_INVALID_VALUE, "A token for " SCIM_ME " stands for a user: say --user");
            }
        }
    }
    return ctl->user ? scim_admin_user_find(ctl->db, ctl->p, tenant, ctl->user, &spec->person) : NULL;
}

/* Where the token may read and write: nowhere else than what is said, everywhere when nothing is. */
static void set_endpoints(const ctl_t *ctl, scim_token_spec_t *spec)
{
    if (ctl->endpoints->nelts + ctl->read_endpoints->nelts > 0) {
        spec->read_endpoints = apr_array_append(ctl->p, ctl->endpoints, ctl->read_endpoints);
        spec->write_endpoints = ctl->endpoints;
    }
    if (ctl->read_only || (ctl->endpoints->nelts == 0 && ctl->read_endpoints->nelts > 0)) {
        spec->rights = SCIM_RIGHT_READ;
    }
}

/* The profile that the token will have, whether it, its integration or its tenant says so. */
static scim_error_t *profile_of(ctl_t *ctl, const scim_tenant_t *tenant, const char **out)
{
    apr_array_header_t *integrations = NULL;
    int i;

    *out = ctl->profile ? ctl->profile : tenant->profile;
    if (ctl->integration && !ctl->profile) {
        SCIM_TRY(scim_admin_integration_list(ctl->db, ctl->p, tenant->id, &integrations));
        for (i = 0; i < integrations->nelts; i++) {
            const scim_integration_t *n = &APR_ARRAY_IDX(integrations, i, scim_integration_t);
            *out = n->profile && strcmp(n->name, ctl->integration) == 0 ? n->profile : *out;
        }
    }
    return NULL;
}

scim_error_t *ctl_token_create(ctl_t *ctl)
{
    scim_token_spec_t spec = { .tenant = ctl->args[0], .integration = ctl->integration, .profile = ctl->profile };
    const char *token = NULL, *profile = NULL;
    scim_tenant_t tenant;
    apr_int64_t id = 0;

    if (ctl->name) {
        SCIM_TRY(ctl_name_check(ctl->p, "A token", ctl->name));
    }
    SCIM_TRY(ctl_expiry_parse(ctl->p, ctl->expires ? ctl->expires : DEFAULT_EXPIRY, apr_time_now(), &spec.expires));
    SCIM_TRY(check_sources(ctl->p, ctl->sources));
    SCIM_TRY(scim_admin_tenant_find(ctl->db, ctl->p, spec.tenant, &tenant));
    SCIM_TRY(ctl_narrow_check(ctl, tenant.profile));
    SCIM_TRY(profile_of(ctl, &tenant, &profile));
    if (ctl->user && ctl->endpoints->nelts + ctl->read_endpoints->nelts == 0) {
        APR_ARRAY_PUSH(ctl->endpoints, const char *) = SCIM_ME;
    }
    SCIM_TRY(ctl_endpoints_check(ctl, profile, ctl->endpoints));
    SCIM_TRY(ctl_endpoints_check(ctl, profile, ctl->read_endpoints));
    SCIM_TRY(check_user(ctl, tenant.id, &spec));
    SCIM_TRY(make_token(ctl->p, &token));
    spec.sha256 = scim_sha256_hex(ctl->p, NULL, token);
    if (!spec.sha256) {
        return scim_error(ctl->p, SCIM_E_INTERNAL, "libcrypto gives no SHA-256");
    }
    spec.rights = SCIM_RIGHT_READ | SCIM_RIGHT_WRITE;
    spec.sources = ctl->sources->nelts > 0 ? ctl->sources : NULL;
    set_endpoints(ctl, &spec);
    SCIM_TRY(store(ctl, &spec, &id));
    tell_created(ctl, &spec, id, token, ctl_tenant_url(ctl, tenant.name, profile));
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
    { "ID", "id", CTL_NUMBER, "" },             { "TENANT", "tenant", CTL_TEXT, "" },
    { "STATE", "state", CTL_TEXT, "" },         { "RIGHTS", "rights", CTL_LIST, "" },
    { "READS", "readEndpoints", CTL_LIST, "all" }, { "WRITES", "writeEndpoints", CTL_LIST, "all" },
    { "SOURCES", "sources", CTL_LIST, "all" },  { "PROFILE", "profile", CTL_TEXT, "-" },
    { "CREATED", "created", CTL_TEXT, "" },     { "EXPIRES", "expires", CTL_TEXT, "never" },
    { "USED", "lastUsed", CTL_TEXT, "-" },      { "USER", "user", CTL_TEXT, "-" },
    { "INTEGRATION", "integration", CTL_TEXT, "-" }, { "NAME", "name", CTL_TEXT, "" },
};

#define NCOLUMNS ((int)(sizeof columns / sizeof *columns))

static void add_token(apr_pool_t *p, apr_array_header_t *cells, const scim_token_t *token, apr_time_t now)
{
    const char *row[] = {
        ctl_number(p, token->id), token->tenant_name, state_of(token, now), rights_of(token), joined(p, token->read_endpoints),
        joined(p, token->write_endpoints), joined(p, token->sources), token->profile, ctl_time(p, token->created), ctl_time(p, token->expires),
        ctl_time(p, token->last_used), token->person, token->integration, token->name,
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
