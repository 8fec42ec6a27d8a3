/* Who asks: the token names the tenant, what it may do and where. Fails closed; says nothing about why a token is refused. */
#include <apr_base64.h>
#include <apr_strings.h>
#include <string.h>

#include "../core/base/network.h"
#include "../core/base/sha256.h"
#include "../core/base/text.h"
#include "../core/base/token.h"
#include "private.h"

/* RFC 6750 section 3: the challenge, with an error code when a credential was given. */
static void challenge(scim_request_t *q, const char *error)
{
    const char *realm = q->dir->realm ? q->dir->realm : "SCIM";
    const char *value = apr_psprintf(q->p, "Bearer realm=\"%s\"%s", ap_escape_quotes(q->p, realm), error ? error : "");

    apr_table_set(q->r->err_headers_out, "WWW-Authenticate", value);
    if (q->dir->schemes & SCIM_SCHEME_BASIC) {
        apr_table_add(q->r->err_headers_out, "WWW-Authenticate", apr_psprintf(q->p, "Basic realm=\"%s\"", ap_escape_quotes(q->p, realm)));
    }
}

static scim_error_t *no_credentials(scim_request_t *q)
{
    challenge(q, NULL);
    return scim_error(q->p, SCIM_E_UNAUTHORIZED, "A bearer token is needed in the Authorization header");
}

/* The client learns nothing; reason is for the log. */
static scim_error_t *bad_credentials(scim_request_t *q, const char *reason)
{
    scim_challenge_token(q);
    return scim_error_cause(q->p, scim_error(q->p, SCIM_E_UNAUTHORIZED, "The token is not valid: it is wrong, expired or revoked"), "%s", reason);
}

static const char *after_scheme(const char *header, const char *scheme)
{
    apr_size_t len = strlen(scheme);

    if (!scim_ieqn(header, scheme, len) || (header[len] != ' ' && header[len] != '\t' && header[len])) {
        return NULL;
    }
    header += len;
    return header + strspn(header, " \t");
}

/* The password of Basic credentials. */
static const char *basic_password(apr_pool_t *p, const char *encoded)
{
    char *decoded = apr_palloc(p, (apr_size_t)apr_base64_decode_len(encoded) + 1);
    int len = apr_base64_decode(decoded, encoded);
    char *colon;

    decoded[len < 0 ? 0 : len] = '\0';
    colon = strchr(decoded, ':');
    return colon ? colon + 1 : NULL;
}

/* One word and nothing behind it. */
static const char *single_word(apr_pool_t *p, const char *s)
{
    apr_size_t len = strcspn(s, " \t\r\n");

    return s[len + strspn(s + len, " \t\r\n")] ? NULL : apr_pstrmemdup(p, s, len);
}

/* The secret in the header, by the schemes that the Location accepts, of which q keeps the one; NULL when there is none. "apikey:" may stand
 * in front of it. */
static const char *secret_of(scim_request_t *q, const char *header)
{
    const char *secret = after_scheme(header, "Bearer");

    if (!secret && (q->dir->schemes & SCIM_SCHEME_BASIC)) {
        secret = after_scheme(header, "Basic");
        secret = secret ? basic_password(q->p, secret) : NULL;
        q->scheme = SCIM_SCHEME_BASIC;
    }
    if (!secret && (q->dir->schemes & SCIM_SCHEME_RAW)) {
        secret = header;
        q->scheme = SCIM_SCHEME_RAW;
    }
    if (!secret) {
        return NULL;
    }
    secret = single_word(q->p, secret);
    if (!secret) {
        return NULL;
    }
    if (scim_ieqn(secret, "apikey:", 7)) {
        secret += 7;
    }
    return *secret ? secret : NULL;
}

/* Equal hashes, in a time that does not tell where they differ. */
static int same_hash(const char *a, const char *b)
{
    unsigned char difference = 0;
    int i;

    for (i = 0; i < 64; i++) {
        difference |= (unsigned char)(a[i] ^ b[i]);
    }
    return difference == 0;
}

static const scim_static_token_t *find_static(const scim_dir_config_t *dir, const char *hash)
{
    const scim_static_token_t *found = NULL;
    int i;

    for (i = 0; dir->tokens && i < dir->tokens->nelts; i++) {
        const scim_static_token_t *token = &APR_ARRAY_IDX(dir->tokens, i, scim_static_token_t);
        if (same_hash(token->sha256, hash)) {
            found = token;
        }
    }
    return found;
}

int scim_token_suits(const scim_request_t *q, const scim_dir_config_t *dir, unsigned right)
{
    const scim_token_t *token = q->service.actor;
    const scim_static_token_t *there = q->fixed ? find_static(dir, q->fixed->sha256) : NULL;
    int schemes = dir->schemes < 0 ? SCIM_SCHEME_RAW : dir->schemes;

    if ((q->scheme & ~schemes) || !token || (dir->tenant && strcmp(dir->tenant, token->tenant_name) != 0)) {
        return 0;
    }
    if (dir->profile_only && strcmp(dir->profile, q->service.c.profile->name) != 0) {
        return 0;
    }
    return !q->fixed || (there && strcmp(there->tenant, q->fixed->tenant) == 0 && (there->rights & right));
}

/* One look-up; its connection is given back before anything else is read or waited for. */
static scim_error_t *ask_database(scim_request_t *q, const scim_static_token_t *fixed, const char *hash, scim_token_t **out)
{
    scim_db_t *db;
    scim_error_t *err;

    SCIM_TRY(scim_pool_acquire(q->server->pool, q->p, 0, &db));
    err = fixed ? scim_store_tenant(db, q->p, fixed->tenant, out) : scim_store_token(db, q->p, hash, out);
    scim_pool_release(q->server->pool, db);
    return err;
}

/* The same as a request of those who are not known yet, who all wait for one connection. */
static scim_error_t *ask_in_turn(scim_request_t *q, const scim_static_token_t *fixed, const char *hash, scim_token_t **out)
{
    scim_error_t *err;

    SCIM_TRY(scim_share_take(q, 0));
    err = ask_database(q, fixed, hash, out);
    scim_share_give(q, 0);
    return err;
}

/* From the cache, else from the database (1 round trip) when the token may be there. *out NULL: no such token. */
static scim_error_t *look_up(scim_request_t *q, const char *hash, int may_exist, const scim_token_t **out)
{
    const scim_static_token_t *fixed = find_static(q->dir, hash);
    /* Virtual hosts may have databases of their own: what one says holds for no other. */
    const char *key = apr_psprintf(q->p, "%pp %s%s", (void *)q->server->pool, fixed ? "tenant " : "token ", fixed ? fixed->tenant : hash);
    scim_token_t *token = NULL;

    if (!scim_token_cache_get(q->server->shared->tokens, q->p, key, q->dir->token_cache, out) && (fixed || may_exist)) {
        SCIM_TRY(ask_in_turn(q, fixed, hash, &token));
        scim_token_cache_put(q->server->shared->tokens, key, token);
        *out = token;
    }
    q->fixed = fixed;
    if (*out && fixed) {
        token = apr_pmemdup(q->p, *out, sizeof(*token));
        token->rights = fixed->rights;
        token->name = "configured";
        *out = token;
    }
    return NULL;
}

/* Where does the request come from? mod_remoteip may have said so. */
static int from_source(const scim_request_t *q, const scim_token_t *token)
{
    int i;

    for (i = 0; token->sources && i < token->sources->nelts; i++) {
        if (scim_network_has(APR_ARRAY_IDX(token->sources, i, const char *), q->r->useragent_ip)) {
            return 1;
        }
    }
    return !token->sources;
}

static scim_error_t *check_tenant(scim_request_t *q, const scim_token_t *token)
{
    scim_error_t *err;

    switch (token->tenant_state) {
    case SCIM_TENANT_PAUSED:
        err = scim_error(q->p, SCIM_E_UNAVAILABLE, "The tenant is paused; try again later");
        err->retry_after = 300;
        return err;
    case SCIM_TENANT_DISABLED:
        return scim_error(q->p, SCIM_E_FORBIDDEN, "The tenant is disabled");
    default:
        return NULL;
    }
}

const char *scim_pin_key(apr_pool_t *p, const char *conninfo, const char *tenant)
{
    return apr_pstrcat(p, tenant, "\n", conninfo, NULL);
}

/* The tenant's own profile, at every Location; else that of the Location that pins the tenant; else that of this Location. */
static scim_error_t *choose_profile(scim_request_t *q, const scim_token_t *token)
{
    const scim_shared_t *shared = q->server->shared;
    const char *name = token->profile;
    scim_error_t *err;

    if (!name) {
        name = apr_hash_get(shared->pinned, scim_pin_key(q->p, q->server->conninfo, token->tenant_name), APR_HASH_KEY_STRING);
    }
    if (!name) {
        name = q->dir->profile;
    }
    if (q->dir->profile_only && strcmp(name, q->dir->profile) != 0) {
        return scim_error(q->p, SCIM_E_FORBIDDEN, "The tenant belongs to another service; its own URL has to be used");
    }
    q->service.c.profile = apr_hash_get(shared->profiles, name, APR_HASH_KEY_STRING);
    if (!q->service.c.profile) {
        /* Neither 401 nor 403: identity providers stop a customer's provisioning for these. */
        err = scim_error(q->p, SCIM_E_UNAVAILABLE, "The tenant cannot be served now; the server's log says why");
        err->retry_after = 300;
        return scim_error_cause(q->p, err, "tenant %s has the profile %s, which no file that is included here defines", token->tenant_name, name);
    }
    return NULL;
}

static scim_error_t *authenticate(scim_request_t *q)
{
    const char *header = apr_table_get(q->r->headers_in, "Authorization");
    const char *secret, *hash;
    const scim_token_t *token;

    if (!header || !*header) {
        return no_credentials(q);
    }
    secret = secret_of(q, header);
    if (!secret) {
        return bad_credentials(q, "the header has no form that is accepted here");
    }
    hash = scim_sha256_hex(q->p, q->server->shared->sha256, secret);
    if (!hash) {
        return scim_error_cause(q->p, scim_error(q->p, SCIM_E_INTERNAL, "The token could not be checked"), "libcrypto has no SHA-256");
    }
    /* Tokens of a foreign form (imported ones, JWTs) may be there: they are looked up, one at a time in each process (scim_pool_acquire). */
    SCIM_TRY(look_up(q, hash, scim_token_plausible(secret) != 0, &token));
    if (!token) {
        return bad_credentials(q, scim_token_plausible(secret) ? "unknown token" : "unknown token: its checksum is wrong");
    }
    scim_log_token(q, token);
    if (q->dir->tenant && strcmp(q->dir->tenant, token->tenant_name) != 0) {
        return bad_credentials(q, apr_psprintf(q->p, "a token of another tenant than %s, whose Location this is", q->dir->tenant));
    }
    if (!token->valid) {
        return bad_credentials(q, token->revoked ? "a revoked token" : "an expired token");
    }
    if (token->person && !token->person_there) {
        return bad_credentials(q, "a token of a user who is deleted or inactive");
    }
    if (!from_source(q, token)) {
        return bad_credentials(q, apr_psprintf(q->p, "from %s, which is none of the token's sources", q->r->useragent_ip));
    }
    scim_log_actor(q, token);
    SCIM_TRY(check_tenant(q, token));
    SCIM_TRY(choose_profile(q, token));
    q->service.actor = token;
    return NULL;
}

scim_error_t *scim_authenticate(scim_request_t *q)
{
    scim_error_t *err = authenticate(q);

    if (err && err->status == HTTP_UNAUTHORIZED) {
        scim_brake(q->server->shared->brake, q->r->connection);
    }
    return err;
}

void scim_challenge(scim_request_t *q)
{
    challenge(q, NULL);
}

void scim_challenge_token(scim_request_t *q)
{
    challenge(q, ", error=\"invalid_token\"");
}

void scim_challenge_scope(scim_request_t *q)
{
    challenge(q, ", error=\"insufficient_scope\"");
}
