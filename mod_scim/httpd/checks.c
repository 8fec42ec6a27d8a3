/* check_config: schemas and profiles are built, and what sections and directives say together is looked at, so that "apachectl configtest"
 * tells what is wrong. */
#include "private.h"

#include <apr_strings.h>
#include <string.h>

#include "../config/schemas.h"

/* ---- profiles ---- */

static int has_database(const server_rec *s)
{
    const scim_server_config_t *c = ap_get_module_config(s->module_config, &scim_module);

    return c->conninfo != NULL;
}

/* A Location outside all virtual hosts counts in each of them: one database anywhere will do. */
static const char *check_uses(apr_pool_t *p, const scim_shared_t *shared, const server_rec *s)
{
    int i, databases = 0;

    for (i = 0; i < shared->uses->nelts; i++) {
        const scim_profile_use_t *use = &APR_ARRAY_IDX(shared->uses, i, scim_profile_use_t);
        if (!apr_hash_get(shared->profiles, use->profile, APR_HASH_KEY_STRING)) {
            return apr_psprintf(p, "%s line %d: there is no <SCIMProfile %s>; include its file, such as conf/profiles/default.conf", use->file,
                                use->line, use->profile);
        }
        if (use->server->is_virtual && !has_database(use->server)) {
            return apr_psprintf(p, "%s line %d: SCIMProfile is used, but this virtual host has no SCIMDatabase", use->file, use->line);
        }
    }
    for (; s; s = s->next) {
        databases += has_database(s);
    }
    return shared->uses->nelts && !databases ? "SCIMProfile is used, but no SCIMDatabase is configured" : NULL;
}

static const char *read_profiles(apr_pool_t *p, scim_shared_t *shared)
{
    scim_registry_t *registry = scim_registry_make(p);
    scim_error_t *err = scim_schemas_read(p, shared->schema_paths, registry);

    if (err) {
        return apr_pstrcat(p, "SCIMSchemas: ", err->detail, NULL);
    }
    err = scim_profiles_build(p, registry, shared->specs, shared->profiles);
    return err ? err->detail : NULL;
}

/* The tenant that a use of a profile pins: said in the Location, or as a default of its server. */
static const char *pinned_tenant(const scim_profile_use_t *use, const server_rec *s)
{
    const scim_dir_config_t *defaults = ap_get_module_config(s->lookup_defaults, &scim_module);

    return use->dir->tenant ? use->dir->tenant : defaults->tenant;
}

/* A tenant without a profile of its own has that of the Location that pins it, at every Location: it must be one. */
static const char *collect_pins(apr_pool_t *p, scim_shared_t *shared, const server_rec *s)
{
    const scim_server_config_t *c = ap_get_module_config(s->module_config, &scim_module);
    int i;

    for (i = 0; c->conninfo && i < shared->uses->nelts; i++) {
        const scim_profile_use_t *use = &APR_ARRAY_IDX(shared->uses, i, scim_profile_use_t);
        const char *tenant = pinned_tenant(use, s), *key, *other;
        if (!tenant || (use->server->is_virtual && use->server != s)) {
            continue;
        }
        key = scim_pin_key(p, c->conninfo, tenant);
        other = apr_hash_get(shared->pinned, key, APR_HASH_KEY_STRING);
        if (other && strcmp(other, use->profile) != 0) {
            return apr_psprintf(p, "%s line %d: SCIMTenant %s stands beside SCIMProfile %s here and beside SCIMProfile %s elsewhere; a tenant has "
                                   "one profile", use->file, use->line, tenant, use->profile, other);
        }
        apr_hash_set(shared->pinned, key, APR_HASH_KEY_STRING, use->profile);
    }
    return NULL;
}

/* ---- sections ---- */

/* What one section says, or several one after another. */
typedef struct section_t {
    const char *path;
    int is_plain;                      /* no pattern */
    int has_ifs;
    const char *handler;               /* "" where an expression chooses it */
    scim_dir_config_t dir;             /* profile, location, base_url and base_path, tenant */
} section_t;

/* The directive that an expression stands in. */
static const ap_directive_t *find_directive(const ap_directive_t *at, const ap_expr_info_t *expr)
{
    const ap_directive_t *found = NULL;

    for (; at && !found; at = at->next) {
        if (at->line_num == (int)expr->line_number && strcmp(at->filename, expr->filename) == 0 && strcasecmp(at->directive, "SetHandler") == 0) {
            return at;
        }
        found = find_directive(at->first_child, expr);
    }
    return found;
}

/* httpd keeps what SetHandler says as an expression that only a request can evaluate, mostly of one word. */
static const char *handler_of(apr_pool_t *p, const core_dir_config *core)
{
    const ap_directive_t *directive;
    const char *args;

    if (!core->expr_handler) {
        return core->handler;
    }
    directive = find_directive(ap_conftree, core->expr_handler);
    args = directive ? directive->args : "%";
    return strpbrk(args, "%=") ? "" : ap_getword_conf(p, &args);
}

static void read_section(apr_pool_t *p, const ap_conf_vector_t *config, section_t *out)
{
    const core_dir_config *core = ap_get_core_module_config(config);
    const scim_dir_config_t *dir = ap_get_module_config(config, &scim_module);

    memset(out, 0, sizeof(*out));
    out->path = core->d;
    out->is_plain = core->d && !core->r && !core->d_is_fnmatch;
    out->has_ifs = core->sec_if != NULL;
    out->handler = handler_of(p, core);
    if (dir) {
        out->dir = *dir;
    }
}

/* As httpd's own: "/a" is for /a and what is below it, "/a/" for what is below it only. */
static int contains(const section_t *section, const char *path)
{
    apr_size_t len = strlen(section->path);

    return section->is_plain && strncmp(section->path, path, len) == 0 &&
           (len == 0 || section->path[len - 1] == '/' || path[len] == '/' || !path[len]);
}

/* All that holds at a path, as far as it can be known without a request. */
static void effective(apr_pool_t *p, const server_rec *s, const char *path, section_t *out)
{
    const core_server_config *core = ap_get_core_module_config(s->module_config);
    section_t section;
    int i;

    read_section(p, s->lookup_defaults, out);
    for (i = 0; i < core->sec_url->nelts; i++) {
        read_section(p, APR_ARRAY_IDX(core->sec_url, i, ap_conf_vector_t *), &section);
        if (!contains(&section, path)) {
            continue;
        }
        out->handler = section.handler ? section.handler : out->handler;
        out->has_ifs |= section.has_ifs;
        if (section.dir.profile) {
            out->dir.profile = section.dir.profile;
            out->dir.location = section.dir.location;
        }
    }
}

static int is_ours(const char *handler)
{
    return handler && strcmp(handler, SCIM_HANDLER) == 0;
}

/* Could the handler come from a pattern, an expression or an <If>? */
static int handler_may_come_later(apr_pool_t *p, const server_rec *s, const section_t *all)
{
    const core_server_config *core = ap_get_core_module_config(s->module_config);
    section_t section;
    int i, found = all->has_ifs || (all->handler && !*all->handler);

    for (i = 0; !found && i < core->sec_url->nelts; i++) {
        read_section(p, APR_ARRAY_IDX(core->sec_url, i, ap_conf_vector_t *), &section);
        found = !section.is_plain && section.handler && (!*section.handler || is_ours(section.handler));
    }
    return found;
}

/* A section below a Location of ours is compared with canonical paths; in another spelling it would never apply. */
static const char *check_spelling(apr_pool_t *p, const scim_shared_t *shared, const section_t *all, const char *path)
{
    apr_size_t len = strlen(path);
    const char *plain = len > 1 && path[len - 1] == '/' ? apr_pstrmemdup(p, path, len - 1) : path;
    /* The Location's own path may be spelled as it likes, but a request has to be able to have it. */
    int possible = scim_canonical_path(p, shared->spellings, "", all->dir.location) != NULL;
    const char *canonical = possible ? scim_canonical_path(p, shared->spellings, all->dir.location, plain) : NULL;

    if (canonical && (strcmp(canonical, plain) == 0 || !*canonical)) {
        return NULL;
    }
    return canonical ? apr_psprintf(p, "<Location %s> would never apply: paths are compared in the form %s", path, canonical)
                     : apr_psprintf(p, "<Location %s> would never apply: no path has dot segments, two slashes in a row or ';'", path);
}

static const char *check_location(apr_pool_t *p, const scim_shared_t *shared, const server_rec *s, const section_t *section)
{
    section_t all;

    if (!section->is_plain) {
        return NULL;
    }
    effective(p, s, section->path, &all);
    if (section->dir.profile && !is_ours(all.handler) && !handler_may_come_later(p, s, &all)) {
        return apr_psprintf(p, "<Location %s>: SCIMProfile needs \"SetHandler scim\" beside it", section->path);
    }
    if (!all.dir.profile && is_ours(section->handler)) {
        return apr_psprintf(p, "<Location %s>: SetHandler scim needs SCIMProfile beside it", section->path);
    }
    if (!all.dir.profile && section->dir.tenant) {
        return apr_psprintf(p, "<Location %s>: SCIMTenant has no effect without SCIMProfile", section->path);
    }
    if (section->dir.base_url && (!all.dir.profile || strcmp(section->dir.base_path, all.dir.location) != 0)) {
        return apr_psprintf(p, "<Location %s>: SCIMBaseURL belongs into the <Location> with SCIMProfile", section->path);
    }
    return all.dir.profile && (!section->handler || is_ours(section->handler)) ? check_spelling(p, shared, &all, section->path) : NULL;
}

static const char *check_sections(apr_pool_t *p, const scim_shared_t *shared, const server_rec *s)
{
    const core_server_config *core = ap_get_core_module_config(s->module_config);
    const char *err = NULL;
    section_t section;
    int i;

    read_section(p, s->lookup_defaults, &section);
    if (is_ours(section.handler)) {
        return "SetHandler scim belongs into the <Location> with SCIMProfile, not into a server";
    }
    for (i = 0; !err && i < core->sec_dir->nelts; i++) {
        read_section(p, APR_ARRAY_IDX(core->sec_dir, i, ap_conf_vector_t *), &section);
        if (is_ours(section.handler)) {
            err = apr_psprintf(p, "SetHandler scim belongs into the <Location> with SCIMProfile, not into <Directory %s>", section.path);
        }
    }
    for (i = 0; !err && i < core->sec_url->nelts; i++) {
        read_section(p, APR_ARRAY_IDX(core->sec_url, i, ap_conf_vector_t *), &section);
        err = check_location(p, shared, s, &section);
    }
    return err;
}

int scim_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    scim_shared_t *shared = scim_shared(pconf);
    const char *err = read_profiles(pconf, shared);
    server_rec *at;

    (void)plog;
    (void)ptemp;
    if (!err) {
        err = scim_spellings_make(pconf, shared->profiles, &shared->spellings);
    }
    if (!err) {
        err = check_uses(pconf, shared, s);
    }
    for (at = s; !err && at; at = at->next) {
        err = collect_pins(pconf, shared, at);
        err = err ? err : check_sections(pconf, shared, at);
    }
    if (err) {
        ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_EMERG, 0, NULL, SCIM_LOGNO(1) "%s", err);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    for (at = s; at; at = at->next) {
        scim_server_config_t *c = ap_get_module_config(at->module_config, &scim_module);
        c->shared = shared;
    }
    return OK;
}

