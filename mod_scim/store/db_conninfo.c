#include "db_conninfo.h"

#include <apr_strings.h>
#include <libpq-fe.h>
#include <string.h>

typedef struct setting_t {
    const char *keyword;
    const char *value;
} setting_t;

/* Given to connections that do not say otherwise; no "options", which a pooler would refuse. Without time limits a lost network would hold
 * threads for ever. */
static const setting_t settings[] = {
    { "fallback_application_name", "mod_scim" },
    { "connect_timeout", "3" },
    { "client_encoding", "UTF8" },
    { "keepalives_idle", "30" },
    { "keepalives_interval", "10" },
    { "keepalives_count", "3" },
    { "tcp_user_timeout", "45000" },
};

/* 'value' of a conninfo string, quoted. */
static const char *conninfo_quote(apr_pool_t *p, const char *value)
{
    char *out = apr_palloc(p, 2 * strlen(value) + 3), *o = out;

    *o++ = '\'';
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\') {
            *o++ = '\\';
        }
        *o++ = *value;
    }
    *o++ = '\'';
    *o = '\0';
    return out;
}

static const char *conninfo_add(apr_pool_t *p, const char *conninfo, const char *keyword, const char *value)
{
    return apr_pstrcat(p, conninfo, *conninfo ? " " : "", keyword, "=", conninfo_quote(p, value), NULL);
}

/* Of the keywords above: libpq knows them all. */
static int is_given(const PQconninfoOption *options, const char *keyword)
{
    while (strcmp(options->keyword, keyword) != 0) {
        options++;
    }
    return options->val != NULL;
}

scim_error_t *scim_conninfo_complete(apr_pool_t *p, const char *conninfo, const char **out)
{
    char *message = NULL;
    PQconninfoOption *given = PQconninfoParse(conninfo, &message), *o;
    const char *full = "";
    apr_size_t i;

    if (!given) {
        scim_error_t *err = scim_error(p, SCIM_E_INTERNAL, "The server cannot reach its database");
        scim_error_cause(p, err, "bad connection string: %s", message ? apr_pstrndup(p, message, strcspn(message, "\n")) : "out of memory");
        PQfreemem(message);
        return err;
    }
    for (o = given; o->keyword; o++) {
        if (o->val) {
            full = conninfo_add(p, full, o->keyword, o->val);
        }
    }
    for (i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (!is_given(given, settings[i].keyword)) {
            full = conninfo_add(p, full, settings[i].keyword, settings[i].value);
        }
    }
    PQconninfoFree(given);
    *out = full;
    return NULL;
}
