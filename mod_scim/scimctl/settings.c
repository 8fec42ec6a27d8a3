/* scimctl.conf: "Name value..." lines as in httpd's configuration. */
#include <apr_file_info.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "../config/lines.h"
#include "../core/base/text.h"
#include "../core/base/words.h"
#include "scimctl.h"

#ifndef SCIM_SCHEMADIR
#define SCIM_SCHEMADIR "schemas"
#endif
#ifndef SCIM_PROFILEDIR
#define SCIM_PROFILEDIR "profiles"
#endif

/* What the file said. */
typedef struct settings_t {
    apr_pool_t *p;
    const char *folder;                /* of the file: paths are relative to it */
    const char *database;
    apr_array_header_t *schemas, *profiles, *urls;
} settings_t;

static const char *word(const apr_array_header_t *words, int i)
{
    return i < words->nelts ? APR_ARRAY_IDX(words, i, const char *) : NULL;
}

static scim_error_t *set_database(settings_t *s, const apr_array_header_t *words)
{
    s->database = word(words, 1);
    return NULL;
}

static scim_error_t *add_paths(const settings_t *s, const apr_array_header_t *words, apr_array_header_t *paths)
{
    int i;

    for (i = 1; i < words->nelts; i++) {
        char *full = NULL;
        if (apr_filepath_merge(&full, s->folder, word(words, i), 0, s->p) != APR_SUCCESS) {
            return scim_error(s->p, SCIM_E_INVALID_VALUE, "%s: bad path %s", word(words, 0), word(words, i));
        }
        APR_ARRAY_PUSH(paths, const char *) = full;
    }
    return NULL;
}

static scim_error_t *add_schemas(settings_t *s, const apr_array_header_t *words)
{
    return add_paths(s, words, s->schemas);
}

static scim_error_t *add_profiles(settings_t *s, const apr_array_header_t *words)
{
    return add_paths(s, words, s->profiles);
}

/* The same demands as SCIMBaseURL has. */
static scim_error_t *check_url(apr_pool_t *p, const char *url)
{
    const char *host = scim_ieqn(url, "https://", 8) ? url + 8 : scim_ieqn(url, "http://", 7) ? url + 7 : NULL;

    if (!host || !*host || *host == '/' || *host == ':' || url[strcspn(url, " \"\\?#<>")]) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "PublicURL must be an http or https URL with a host and without a query");
    }
    return NULL;
}

static scim_error_t *add_url(settings_t *s, const apr_array_header_t *words)
{
    ctl_url_t *url;

    SCIM_TRY(check_url(s->p, word(words, 1)));
    url = apr_array_push(s->urls);
    url->url = word(words, 1);
    url->profile = word(words, 2);
    return NULL;
}

static const struct {
    const char *name;
    int least, most;                   /* arguments */
    scim_error_t *(*read)(settings_t *s, const apr_array_header_t *words);
} directives[] = {
    { "Database", 1, 1, set_database },
    { "Schemas", 1, 100, add_schemas },
    { "Profiles", 1, 100, add_profiles },
    { "PublicURL", 1, 2, add_url },
};

static scim_error_t *read_directive(settings_t *s, const apr_array_header_t *words)
{
    apr_size_t i;

    for (i = 0; i < sizeof directives / sizeof *directives; i++) {
        if (!scim_ieq(directives[i].name, word(words, 0))) {
            continue;
        }
        if (words->nelts - 1 < directives[i].least || words->nelts - 1 > directives[i].most) {
            return scim_error(s->p, SCIM_E_INVALID_VALUE, "%s: wrong number of arguments", word(words, 0));
        }
        return directives[i].read(s, words);
    }
    return scim_error(s->p, SCIM_E_INVALID_VALUE, "%s is no directive of scimctl.conf", word(words, 0));
}

static scim_error_t *read_lines(settings_t *s, const char *file)
{
    scim_lines_t *lines = NULL;
    const char *line = NULL;

    SCIM_TRY(scim_lines_open(s->p, file, &lines));
    for (;;) {
        SCIM_TRY(scim_lines_next(lines, &line));
        if (!line) {
            return NULL;
        }
        SCIM_TRY(scim_lines_at(lines, read_directive(s, scim_words(s->p, line))));
    }
}

/* The file that counts, or NULL: that of the command line or the environment must be there, the installed one may be missing. */
static const char *file_of(const ctl_t *ctl)
{
    const char *named = ctl->config ? ctl->config : getenv("SCIM_CONFIG");
    apr_finfo_t info;

    if (named && *named) {
        return named;
    }
    return apr_stat(&info, SCIM_CONFIG, APR_FINFO_TYPE, ctl->p) == APR_SUCCESS ? SCIM_CONFIG : NULL;
}

static apr_array_header_t *one_of(apr_pool_t *p, apr_array_header_t *said, apr_array_header_t *configured, const char *installed)
{
    if (said->nelts == 0 && configured->nelts == 0) {
        APR_ARRAY_PUSH(configured, const char *) = apr_pstrdup(p, installed);
    }
    return said->nelts > 0 ? said : configured;
}

scim_error_t *ctl_settings_read(ctl_t *ctl)
{
    apr_pool_t *p = ctl->p;
    settings_t s = { .p = p, .schemas = apr_array_make(p, 2, sizeof(const char *)), .profiles = apr_array_make(p, 2, sizeof(const char *)) };
    const char *file = file_of(ctl), *slash = file ? strrchr(file, '/') : NULL;

    s.urls = apr_array_make(p, 2, sizeof(ctl_url_t));
    if (file) {
        s.folder = slash ? apr_pstrmemdup(p, file, (apr_size_t)(slash - file) + 1) : ".";
        SCIM_TRY(read_lines(&s, file));
    }
    if (!ctl->database) {
        ctl->database = getenv("SCIM_DATABASE");
    }
    if (!ctl->database) {
        ctl->database = s.database ? s.database : "";
    }
    if (ctl->public_url) {
        SCIM_TRY(check_url(p, ctl->public_url));
    }
    ctl->schemas = one_of(p, ctl->schemas, s.schemas, SCIM_SCHEMADIR);
    ctl->profiles = one_of(p, ctl->profiles, s.profiles, SCIM_PROFILEDIR);
    ctl->urls = s.urls;
    return NULL;
}

/* The tenant's name in place of each {tenant}. */
static const char *fill_in(apr_pool_t *p, const char *url, const char *tenant)
{
    const char *at = strstr(url, "{tenant}");

    return at ? apr_pstrcat(p, apr_pstrmemdup(p, url, (apr_size_t)(at - url)), tenant, fill_in(p, at + 8, tenant), NULL) : url;
}

const char *ctl_tenant_url(const ctl_t *ctl, const char *tenant, const char *profile)
{
    const char *url = ctl->public_url;
    int i;

    for (i = 0; !url && i < ctl->urls->nelts; i++) {
        const ctl_url_t *u = &APR_ARRAY_IDX(ctl->urls, i, ctl_url_t);
        if (u->profile && profile && strcmp(u->profile, profile) == 0) {
            url = u->url;
        }
    }
    for (i = 0; !url && i < ctl->urls->nelts; i++) {
        const ctl_url_t *u = &APR_ARRAY_IDX(ctl->urls, i, ctl_url_t);
        url = u->profile ? NULL : u->url;
    }
    return url ? fill_in(ctl->p, url, tenant) : NULL;
}
