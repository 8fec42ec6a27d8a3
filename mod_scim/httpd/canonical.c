/* One spelling for each path. Clients may write /groups, //Groups/ or /%67roups (client rule 1), but httpd's <Location>, <If>, Require
 * and RewriteRule compare literally: what they judge must be what is served. */
#include "private.h"

#include <apr_strings.h>
#include <http_request.h>
#include <string.h>

#include "../core/base/text.h"

/* ---- the spellings ---- */

/* name below a segment (NULL: at the root) is spelled so; an error text when a profile before spells it otherwise. */
static const char *add_spelling(apr_pool_t *p, apr_hash_t *spellings, const char *above, const char *name, const char *profile)
{
    char *key = apr_pstrcat(p, above ? above : "", above ? "/" : "", name, NULL);
    const char *there;

    ap_str_tolower(key);
    there = apr_hash_get(spellings, key, APR_HASH_KEY_STRING);
    if (there && strcmp(there, name) != 0) {
        return apr_psprintf(p, "<SCIMProfile %s>: \"%s\" is spelled \"%s\" by another profile; paths must be spelled alike in all profiles",
                            profile, name, there);
    }
    apr_hash_set(spellings, key, APR_HASH_KEY_STRING, name);
    return NULL;
}

static const char *add_profile(apr_pool_t *p, apr_hash_t *spellings, const scim_profile_t *profile)
{
    const char *err = NULL;
    int i;

    for (i = 0; !err && i < profile->ntypes; i++) {
        const scim_resource_type_t *type = &profile->types[i];
        const char *endpoint = type->endpoint + 1;
        err = add_spelling(p, spellings, NULL, endpoint, profile->name);
        err = err ? err : add_spelling(p, spellings, "ResourceTypes", type->name, profile->name);
        err = err ? err : add_spelling(p, spellings, endpoint, SCIM_SEARCH, profile->name);
    }
    for (i = 0; !err && i < profile->schemas->nelts; i++) {
        err = add_spelling(p, spellings, "Schemas", APR_ARRAY_IDX(profile->schemas, i, const scim_schema_t *)->id, profile->name);
    }
    return err;
}

const char *scim_spellings_make(apr_pool_t *p, apr_hash_t *profiles, apr_hash_t **out)
{
    const char *err = NULL, *name;
    apr_hash_index_t *hi;
    int i;

    *out = apr_hash_make(p);
    for (i = 0; (name = scim_route_name(i)) != NULL; i++) {
        add_spelling(p, *out, NULL, name, "");
    }
    for (hi = apr_hash_first(p, profiles); hi && !err; hi = apr_hash_next(hi)) {
        err = add_profile(p, *out, apr_hash_this_val(hi));
    }
    return err;
}

/* ---- the canonical form ---- */

static const char *spelling_of(apr_pool_t *p, apr_hash_t *spellings, const char *above, const char *segment)
{
    char *key = apr_pstrcat(p, above ? above : "", above ? "/" : "", segment, NULL);
    const char *name;

    ap_str_tolower(key);
    name = apr_hash_get(spellings, key, APR_HASH_KEY_STRING);
    return name ? name : segment;
}

/* Has a segment that is nothing but "." or "..", or a path parameter? */
static int has_no_canonical_form(const char *segment)
{
    return strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0 || strchr(segment, ';');
}

const char *scim_canonical_path(apr_pool_t *p, apr_hash_t *spellings, const char *location, const char *path)
{
    char *merged = apr_pstrdup(p, path), *segment, *last;
    const char *above = NULL, *out = location;
    apr_size_t len = strlen(location);
    int n = 0;

    ap_no2slash(merged);
    if (strncmp(merged, location, len) != 0 || (merged[len] && merged[len] != '/')) {
        return NULL;
    }
    for (segment = apr_strtok(merged + len, "/", &last); segment; segment = apr_strtok(NULL, "/", &last), n++) {
        const char *name = n < 2 ? spelling_of(p, spellings, above, segment) : segment;
        if (has_no_canonical_form(segment)) {
            return NULL;
        }
        out = apr_pstrcat(p, out, "/", name, NULL);
        above = name;
    }
    return out;
}

/* ---- requests ---- */

/* Does the path of a request target, as it came, hold what front ends and httpd may read differently: dot segments, encoded slashes, path
 * parameters? httpd has resolved some of them by the time it looks for a Location. */
static int is_ambiguous(const char *target)
{
    int length = 0, dots = 0;

    /* Hardly any path has one of these. */
    if (strcspn(target, ".;%") >= strcspn(target, "?#")) {
        return 0;
    }
    for (;; target++) {
        if (*target == '/' || *target == '?' || *target == '#' || !*target) {
            if (dots == length && (dots == 1 || dots == 2)) {
                return 1;
            }
            if (*target != '/') {
                return 0;
            }
            length = dots = 0;
            continue;
        }
        if (*target == ';' || scim_ieqn(target, "%3b", 3) || scim_ieqn(target, "%2f", 3)) {
            return 1;
        }
        if (*target == '.' || scim_ieqn(target, "%2e", 3)) {
            dots++;
            target += *target == '%' ? 2 : 0;
        }
        length++;
    }
}

/* Forgets what httpd has found: with MergeSlashes Off it would take paths that differ in slashes only for the same, and not ask the
 * patterns of LocationMatch again. */
static void forget(request_rec *r, apr_size_t walk)
{
    void **found = ap_get_request_note(r, walk);

    if (found) {
        *found = NULL;
    }
}

/* httpd's own walk, from the beginning. */
static int walk(request_rec *r)
{
    int status;

    forget(r, AP_NOTE_LOCATION_WALK);
    forget(r, AP_NOTE_IF_WALK);
    r->per_dir_config = r->server->lookup_defaults;
    status = ap_location_walk(r);
    return status == OK ? ap_if_walk(r) : status;
}

/* Rewrites r->uri where it is ours, and lets httpd look for its Locations again. */
static int canonicalize(request_rec *r)
{
    const scim_server_config_t *server = ap_get_module_config(r->server->module_config, &scim_module);
    const scim_dir_config_t *dir = scim_is_ours(r);
    const char *path;

    if (!dir) {
        return OK;
    }
    scim_log_hide_query(r, dir);
    path = is_ambiguous(r->unparsed_uri) ? NULL : scim_canonical_path(r->pool, server->shared->spellings, dir->location, r->uri);
    if (!path) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, SCIM_LOGNO(108) "404 the path has dot segments, path parameters or encoded slashes");
        return HTTP_NOT_FOUND;
    }
    if (strcmp(path, dir->location) == 0) {
        path = dir->root;
    }
    if (strcmp(path, r->uri) == 0) {
        return OK;
    }
    r->uri = r->parsed_uri.path = apr_pstrdup(r->pool, path);
    return walk(r);
}

int scim_canonical_name(request_rec *r)
{
    int status = canonicalize(r);

    scim_seen(r)->uri = apr_pstrdup(r->pool, r->uri);
    return status == OK ? DECLINED : status;
}

int scim_canonical_again(request_rec *r)
{
    const char *seen = scim_seen(r)->uri;
    int status;

    if (strcmp(seen, r->uri) == 0) {
        return OK;
    }
    status = walk(r);
    return status == OK ? canonicalize(r) : status;
}
