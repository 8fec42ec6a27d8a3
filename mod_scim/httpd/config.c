/* Directives and how they merge. Every one is described in conf/scim.conf. */
#include "private.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "../core/base/text.h"
#include "../store/db_conninfo.h"
#include "../store/secret.h"

#define SHARED_KEY "mod_scim"

#define DEFAULT_MAX_BODY 10485760
#define DEFAULT_PAGE 100
#define DEFAULT_PAGE_MAX 1000
#define DEFAULT_BULK 1000
#define DEFAULT_CURSOR_TIMEOUT 3600
#define DEFAULT_FILTER_LENGTH 8192
#define DEFAULT_FILTER_DEPTH 20
#define DEFAULT_TOKEN_CACHE 5
#define DEFAULT_POOL_MAX 16
#define DEFAULT_POOL_KEEP 8
#define DEFAULT_POOL_IDLE 300
#define DEFAULT_POOL_WAIT 2

/* Made at first use: <SCIMProfile> is read before any hook runs. It goes with the configuration pool. */
scim_shared_t *scim_shared(apr_pool_t *pconf)
{
    scim_shared_t *shared;
    void *there = NULL;

    apr_pool_userdata_get(&there, SHARED_KEY, pconf);
    if (there) {
        return there;
    }
    shared = apr_pcalloc(pconf, sizeof(*shared));
    shared->schema_paths = apr_array_make(pconf, 4, sizeof(const char *));
    shared->specs = apr_hash_make(pconf);
    shared->uses = apr_array_make(pconf, 4, sizeof(scim_profile_use_t));
    shared->profiles = apr_hash_make(pconf);
    shared->pinned = apr_hash_make(pconf);
    apr_pool_userdata_setn(shared, SHARED_KEY, NULL, pconf);
    return shared;
}

/* ---- creating and merging ---- */

void *scim_create_dir_config(apr_pool_t *p, char *location)
{
    scim_dir_config_t *c = apr_pcalloc(p, sizeof(*c));

    (void)location;
    c->page_methods = c->cursor_timeout = -1;
    c->max_body = c->bulk = c->page_default = c->page_max = c->filter_length = c->filter_depth = c->token_cache = c->log_queries = c->schemes = -1;
    c->require_tls = -1;
    return c;
}

#define INHERIT(member, unset) out->member = a->member != (unset) ? a->member : b->member

void *scim_merge_dir_config(apr_pool_t *p, void *base, void *add)
{
    const scim_dir_config_t *b = base, *a = add;
    scim_dir_config_t *out = apr_pmemdup(p, b, sizeof(*out));

    INHERIT(profile, NULL);
    INHERIT(location, NULL);
    out->profile_only = a->profile ? a->profile_only : b->profile_only;
    INHERIT(root, NULL);
    out->base_path = a->base_url ? a->base_path : b->base_path;
    INHERIT(base_url, NULL);
    INHERIT(origin, NULL);
    INHERIT(tenant, NULL);
    INHERIT(realm, NULL);
    INHERIT(documentation, NULL);
    INHERIT(tokens, NULL);
    INHERIT(max_body, -1);
    INHERIT(page_default, -1);
    INHERIT(page_max, -1);
    INHERIT(bulk, -1);
    INHERIT(page_methods, -1);
    INHERIT(cursor_timeout, -1);
    INHERIT(filter_length, -1);
    INHERIT(filter_depth, -1);
    INHERIT(token_cache, -1);
    INHERIT(log_queries, -1);
    INHERIT(require_tls, -1);
    INHERIT(schemes, -1);
    return out;
}

void scim_dir_defaults(const scim_dir_config_t *c, scim_dir_config_t *out)
{
    *out = *c;
    out->max_body = c->max_body < 0 ? DEFAULT_MAX_BODY : c->max_body;
    out->page_default = c->page_default < 0 ? DEFAULT_PAGE : c->page_default;
    out->bulk = c->bulk < 0 ? DEFAULT_BULK : c->bulk;
    out->page_max = c->page_max < 0 ? DEFAULT_PAGE_MAX : c->page_max;
    out->page_methods = c->page_methods < 0 ? 0 : c->page_methods;
    out->cursor_timeout = c->cursor_timeout < 0 ? DEFAULT_CURSOR_TIMEOUT : c->cursor_timeout;
    out->filter_length = c->filter_length < 0 ? DEFAULT_FILTER_LENGTH : c->filter_length;
    out->filter_depth = c->filter_depth < 0 ? DEFAULT_FILTER_DEPTH : c->filter_depth;
    out->token_cache = c->token_cache < 0 ? DEFAULT_TOKEN_CACHE : c->token_cache;
    out->schemes = c->schemes < 0 ? SCIM_SCHEME_RAW : c->schemes;
}

void *scim_create_server_config(apr_pool_t *p, server_rec *s)
{
    scim_server_config_t *c = apr_pcalloc(p, sizeof(*c));

    (void)s;
    c->pool_min = c->pool_keep = c->pool_max = c->pool_idle = c->pool_wait = c->pool_prepare = -1;
    return c;
}

void *scim_merge_server_config(apr_pool_t *p, void *base, void *add)
{
    const scim_server_config_t *b = base, *a = add;
    scim_server_config_t *out = apr_pmemdup(p, b, sizeof(*out));

    INHERIT(conninfo, NULL);
    INHERIT(pool_min, -1);
    INHERIT(pool_keep, -1);
    INHERIT(pool_max, -1);
    INHERIT(pool_idle, -1);
    INHERIT(pool_wait, -1);
    INHERIT(pool_prepare, -1);
    return out;
}

void scim_pool_defaults(const scim_server_config_t *c, int threads, scim_pool_config_t *out)
{
    out->conninfo = c->conninfo;
    out->max = c->pool_max < 0 ? DEFAULT_POOL_MAX : c->pool_max;
    if (out->max > threads) {
        out->max = threads;
    }
    out->keep = c->pool_keep < 0 ? DEFAULT_POOL_KEEP : c->pool_keep;
    if (out->keep > out->max) {
        out->keep = out->max;
    }
    out->min = c->pool_min < 0 ? 0 : c->pool_min;
    if (out->min > out->keep) {
        out->min = out->keep;
    }
    out->idle = apr_time_from_sec(c->pool_idle < 0 ? DEFAULT_POOL_IDLE : c->pool_idle);
    out->wait = apr_time_from_sec(c->pool_wait < 0 ? DEFAULT_POOL_WAIT : c->pool_wait);
    out->unprepared = c->pool_prepare == 0;
}

/* ---- helpers ---- */

/* What httpd has no file for has no use for <Directory> and <Files>: they would be read and never applied. */
static const char *only_locations(cmd_parms *cmd)
{
    return ap_check_cmd_context(cmd, NOT_IN_DIRECTORY | NOT_IN_FILES);
}

/* A whole number from least to most; NULL when it is one. */
static const char *number(cmd_parms *cmd, const char *text, apr_int64_t least, apr_int64_t most, apr_int64_t *out)
{
    const char *err = only_locations(cmd);
    char *end;

    if (err) {
        return err;
    }
    *out = apr_strtoi64(text, &end, 10);
    if (!*text || *end || *out < least || *out > most) {
        return apr_psprintf(cmd->pool, "%s: \"%s\" is not a whole number from %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT, cmd->cmd->name, text,
                            least, most);
    }
    return NULL;
}

static const char *small_number(cmd_parms *cmd, const char *text, int least, int most, int *out)
{
    apr_int64_t n;
    const char *err = number(cmd, text, least, most, &n);

    if (!err) {
        *out = (int)n;
    }
    return err;
}

static const char *without_slash(apr_pool_t *p, const char *s)
{
    apr_size_t len = strlen(s);

    while (len > 0 && s[len - 1] == '/') {
        len--;
    }
    return apr_pstrmemdup(p, s, len);
}

/* ---- servers ---- */

static scim_server_config_t *server_config(cmd_parms *cmd)
{
    return ap_get_module_config(cmd->server->module_config, &scim_module);
}

static const char *set_database(cmd_parms *cmd, void *dir, const char *arg)
{
    const char *complete;
    scim_error_t *bad = scim_conninfo_complete(cmd->temp_pool, arg, &complete);

    (void)dir;
    if (bad) {
        return apr_pstrcat(cmd->pool, "SCIMDatabase: ", scim_error_inside(bad), NULL);
    }
    server_config(cmd)->conninfo = arg;
    return NULL;
}

typedef struct pool_setting_t {
    const char *name;                  /* with "=" */
    apr_size_t offset;                 /* of an int in scim_server_config_t */
    int least, most;
} pool_setting_t;

static const pool_setting_t pool_settings[] = {
    { "min=", APR_OFFSETOF(scim_server_config_t, pool_min), 0, 1000 },
    { "keep=", APR_OFFSETOF(scim_server_config_t, pool_keep), 0, 1000 },
    { "max=", APR_OFFSETOF(scim_server_config_t, pool_max), 1, 1000 },
    { "idle=", APR_OFFSETOF(scim_server_config_t, pool_idle), 1, 86400 },
    { "wait=", APR_OFFSETOF(scim_server_config_t, pool_wait), 1, 60 },
};

static const char *set_pool_value(cmd_parms *cmd, const char *arg)
{
    scim_server_config_t *c = server_config(cmd);
    apr_size_t i;

    if (scim_ieq(arg, "prepare=on") || scim_ieq(arg, "prepare=off")) {
        c->pool_prepare = scim_ieq(arg, "prepare=on");
        return NULL;
    }
    for (i = 0; i < sizeof(pool_settings) / sizeof(*pool_settings); i++) {
        const pool_setting_t *s = &pool_settings[i];
        apr_size_t len = strlen(s->name);
        if (strncmp(arg, s->name, len) == 0) {
            return small_number(cmd, arg + len, s->least, s->most, (int *)(void *)((char *)c + s->offset));
        }
    }
    return apr_psprintf(cmd->pool, "SCIMDatabasePool: \"%s\" is not min=, keep=, max=, idle=, wait=, prepare=on or prepare=off", arg);
}

static const char *set_pool(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    const char *err = NULL;
    int i;

    (void)dir;
    for (i = 0; !err && i < argc; i++) {
        err = set_pool_value(cmd, argv[i]);
    }
    return err;
}

static const char *add_schemas(cmd_parms *cmd, void *dir, const char *path)
{
    const char *err = ap_check_cmd_context(cmd, GLOBAL_ONLY), *full;

    (void)dir;
    if (err) {
        return err;
    }
    full = ap_server_root_relative(cmd->pool, path);
    if (!full) {
        return apr_pstrcat(cmd->pool, "SCIMSchemas: bad path ", path, NULL);
    }
    APR_ARRAY_PUSH(scim_shared(cmd->pool)->schema_paths, const char *) = full;
    return NULL;
}

/* ---- Locations ---- */

static const char *set_text(cmd_parms *cmd, void *dir, const char *arg)
{
    const char *err = only_locations(cmd);

    return err ? err : ap_set_string_slot(cmd, dir, arg);
}

static int is_plain_location(const cmd_parms *cmd)
{
    const ap_directive_t *section = cmd->directive->parent;

    return strcasecmp(section->directive, "<Location") == 0 && !strpbrk(section->args, "~*?[");
}

static const char *set_profile(cmd_parms *cmd, void *dir, const char *name, const char *only)
{
    scim_dir_config_t *c = dir;
    scim_profile_use_t *use;

    if (!is_plain_location(cmd)) {
        return "SCIMProfile belongs into a <Location> with a plain path";
    }
    if (only && !scim_ieq(only, "only")) {
        return "SCIMProfile: the second argument is \"only\", or there is none";
    }
    c->profile = name;
    c->profile_only = only != NULL;
    c->location = without_slash(cmd->pool, cmd->path);
    c->root = cmd->path;
    use = apr_array_push(scim_shared(cmd->pool)->uses);
    use->profile = name;
    use->location = c->location;
    use->server = cmd->server;
    use->file = cmd->directive->filename;
    use->line = cmd->directive->line_num;
    use->dir = c;
    return NULL;
}

/* In a Location its whole URL; in a server the origin, to which each Location adds its path: else all of them would have one URL. */
static const char *set_base_url(cmd_parms *cmd, void *dir, const char *url)
{
    scim_dir_config_t *c = dir;
    const char *host;

    if (cmd->path && !is_plain_location(cmd)) {
        return "SCIMBaseURL belongs into the <Location> with SCIMProfile, or into a server";
    }
    if (scim_ieq(url, "request")) {
        url = "request";
    }
    else if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) {
        return "SCIMBaseURL must be an http or https URL, or \"request\"";
    }
    else {
        host = strstr(url, "://") + 3;
        if (url[strcspn(url, " \"\\?#<>")] || strchr("/:", *host)) {
            return "SCIMBaseURL must be a plain URL with a host and without a query";
        }
        url = without_slash(cmd->pool, url);
        if (!cmd->path && strchr(host, '/') && strchr(host, '/')[1]) {
            return "SCIMBaseURL in a server is an origin without a path, such as https://scim.example.com; each Location adds its own path";
        }
    }
    if (cmd->path) {
        c->base_url = url;
        c->base_path = without_slash(cmd->pool, cmd->path);
    }
    else {
        c->origin = url;
    }
    return NULL;
}

static const char *add_token(cmd_parms *cmd, void *dir, const char *tenant, const char *hash, const char *rights)
{
    scim_dir_config_t *c = dir;
    const char *err = only_locations(cmd);
    scim_static_token_t *token;
    char *at, *lower;

    if (err) {
        return err;
    }
    if (strncmp(hash, "sha256:", 7) != 0 || strlen(hash) != 71 || strspn(hash + 7, "0123456789abcdefABCDEF") != 64) {
        return "SCIMToken: the token is given as sha256: and 64 hexadecimal digits (printf %s TOKEN | sha256sum)";
    }
    if (rights && !scim_ieq(rights, "read") && !scim_ieq(rights, "write")) {
        return "SCIMToken: rights are read or write";
    }
    lower = apr_pstrdup(cmd->pool, hash + 7);
    for (at = lower; *at; at++) {
        *at = (char)apr_tolower(*at);
    }
    if (!c->tokens) {
        c->tokens = apr_array_make(cmd->pool, 2, sizeof(scim_static_token_t));
    }
    token = apr_array_push(c->tokens);
    token->tenant = tenant;
    token->sha256 = lower;
    token->rights = SCIM_RIGHT_READ | (rights && scim_ieq(rights, "read") ? 0 : SCIM_RIGHT_WRITE);
    return NULL;
}

static const char *set_max_body(cmd_parms *cmd, void *dir, const char *arg)
{
    return number(cmd, arg, 1024, 1073741824, &((scim_dir_config_t *)dir)->max_body);
}

static const char *set_page_size(cmd_parms *cmd, void *dir, const char *usual, const char *most)
{
    scim_dir_config_t *c = dir;
    const char *err = small_number(cmd, most, 1, 100000, &c->page_max);

    return err ? err : small_number(cmd, usual, 1, c->page_max, &c->page_default);
}

static const char *set_bulk(cmd_parms *cmd, void *dir, const char *most)
{
    scim_dir_config_t *c = dir;

    if (scim_ieq(most, "off")) {
        c->bulk = 0;
        return only_locations(cmd);
    }
    return small_number(cmd, most, 1, 100000, &c->bulk);
}

/* The usual method comes first; one that is not said is not offered. */
static const char *set_paging(cmd_parms *cmd, void *dir, const char *usual, const char *other)
{
    const char *err = only_locations(cmd), *cursor = "cursor", *index = "index";
    int by_cursor = scim_ieq(usual, cursor);

    if (err) {
        return err;
    }
    if ((!by_cursor && !scim_ieq(usual, index)) || (other && !scim_ieq(other, by_cursor ? index : cursor))) {
        return "SCIMPaging: say index, cursor, or both, the usual one first";
    }
    ((scim_dir_config_t *)dir)->page_methods = (by_cursor ? SCIM_PAGE_BY_CURSOR : 0) |
                                               (other ? 0 : by_cursor ? SCIM_PAGE_NO_INDEX : SCIM_PAGE_NO_CURSOR);
    return NULL;
}

static const char *set_cursor_timeout(cmd_parms *cmd, void *dir, const char *arg)
{
    return small_number(cmd, arg, 1, SCIM_SECRET_LONGEST, &((scim_dir_config_t *)dir)->cursor_timeout);
}

static const char *set_filter_limits(cmd_parms *cmd, void *dir, const char *length, const char *depth)
{
    scim_dir_config_t *c = dir;
    const char *err = small_number(cmd, length, 64, 1048576, &c->filter_length);

    return err ? err : small_number(cmd, depth, 1, 100, &c->filter_depth);
}

static const char *set_schemes(cmd_parms *cmd, void *dir, int argc, char *const argv[])
{
    static const struct {
        const char *name;
        int bit;
    } schemes[] = { { "bearer", 0 }, { "raw", SCIM_SCHEME_RAW }, { "basic", SCIM_SCHEME_BASIC } };
    const char *err = only_locations(cmd);
    scim_dir_config_t *c = dir;
    int i, j;

    if (err) {
        return err;
    }
    c->schemes = 0;
    for (i = 0; i < argc; i++) {
        for (j = 0; j < 3 && !scim_ieq(schemes[j].name, argv[i]); j++) {
        }
        if (j == 3) {
            return apr_psprintf(cmd->pool, "SCIMAuthScheme: \"%s\" is not one of bearer, raw, basic", argv[i]);
        }
        c->schemes |= schemes[j].bit;
    }
    return argc ? NULL : "SCIMAuthScheme: say bearer, raw or basic";
}

static const char *set_token_cache(cmd_parms *cmd, void *dir, const char *arg)
{
    return small_number(cmd, arg, 0, 300, &((scim_dir_config_t *)dir)->token_cache);
}

static const char *set_log_queries(cmd_parms *cmd, void *dir, int on)
{
    ((scim_dir_config_t *)dir)->log_queries = on;
    return only_locations(cmd);
}

static const char *set_require_tls(cmd_parms *cmd, void *dir, int on)
{
    ((scim_dir_config_t *)dir)->require_tls = on;
    return only_locations(cmd);
}

#define MEMBER(name) (void *)APR_OFFSETOF(scim_dir_config_t, name)

const command_rec scim_directives[] = {
    AP_INIT_TAKE1("SCIMDatabase", set_database, NULL, RSRC_CONF, "libpq connection string of the database"),
    AP_INIT_TAKE_ARGV("SCIMDatabasePool", set_pool, NULL, RSRC_CONF, "min= keep= max= connections, idle= wait= seconds, prepare=on|off"),
    AP_INIT_ITERATE("SCIMSchemas", add_schemas, NULL, RSRC_CONF, "files and folders of schemas"),
    AP_INIT_RAW_ARGS("<SCIMProfile", scim_profile_section, NULL, RSRC_CONF | EXEC_ON_READ, "name of a profile; the block describes it"),
    AP_INIT_TAKE12("SCIMProfile", set_profile, NULL, ACCESS_CONF, "name of the profile that is served; only: no other is"),
    AP_INIT_TAKE1("SCIMBaseURL", set_base_url, NULL, RSRC_CONF | ACCESS_CONF, "public URL of the Location, or \"request\""),
    AP_INIT_TAKE1("SCIMTenant", set_text, MEMBER(tenant), RSRC_CONF | ACCESS_CONF, "only tokens of this tenant are accepted"),
    AP_INIT_TAKE1("SCIMRealm", set_text, MEMBER(realm), RSRC_CONF | ACCESS_CONF, "realm in WWW-Authenticate"),
    AP_INIT_TAKE_ARGV("SCIMAuthScheme", set_schemes, NULL, RSRC_CONF | ACCESS_CONF, "forms of the token besides bearer: raw, basic"),
    AP_INIT_TAKE23("SCIMToken", add_token, NULL, RSRC_CONF | ACCESS_CONF, "tenant, sha256:hash, and read or write"),
    AP_INIT_TAKE1("SCIMMaxBody", set_max_body, NULL, RSRC_CONF | ACCESS_CONF, "largest request body in bytes"),
    AP_INIT_TAKE1("SCIMBulk", set_bulk, NULL, RSRC_CONF | ACCESS_CONF, "operations of a Bulk request at most, or off"),
    AP_INIT_TAKE2("SCIMPageSize", set_page_size, NULL, RSRC_CONF | ACCESS_CONF, "resources in a page: usual, at most"),
    AP_INIT_TAKE12("SCIMPaging", set_paging, NULL, RSRC_CONF | ACCESS_CONF, "index, cursor or both, the usual one first"),
    AP_INIT_TAKE1("SCIMCursorTimeout", set_cursor_timeout, NULL, RSRC_CONF | ACCESS_CONF, "seconds that a cursor of a list is valid"),
    AP_INIT_TAKE2("SCIMFilterLimits", set_filter_limits, NULL, RSRC_CONF | ACCESS_CONF, "filters: bytes, depth"),
    AP_INIT_TAKE1("SCIMTokenCache", set_token_cache, NULL, RSRC_CONF | ACCESS_CONF, "seconds a token is remembered"),
    AP_INIT_FLAG("SCIMLogQueries", set_log_queries, NULL, RSRC_CONF | ACCESS_CONF, "leave query strings in the request line of logs"),
    AP_INIT_FLAG("SCIMRequireTLS", set_require_tls, NULL, RSRC_CONF | ACCESS_CONF, "refuse requests in clear text"),
    AP_INIT_TAKE1("SCIMDocumentation", set_text, MEMBER(documentation), RSRC_CONF | ACCESS_CONF, "URL of documentation for people"),
    { NULL }
};
