/* scimctl: the administrator's command. */
#ifndef SCIM_SCIMCTL_H
#define SCIM_SCIMCTL_H

#include <apr_hash.h>
#include <apr_pools.h>
#include <apr_tables.h>

#include "../core/schema/profile.h"
#include "../store/admin.h"

#ifndef SCIM_CONFIG
#define SCIM_CONFIG "scimctl.conf"
#endif

/* What the command line, the environment and scimctl.conf say, in this order. */
typedef struct ctl_t {
    apr_pool_t *p;
    scim_db_t *db;
    const char *config;                /* path of scimctl.conf; NULL: the one that was installed, if there is one */
    const char *database;
    const char *sql;                   /* folder of migrations */
    apr_array_header_t *schemas;       /* of const char *: files, folders, patterns */
    apr_array_header_t *profiles;      /* the same */
    apr_array_header_t *urls;          /* of ctl_url_t */
    const char *public_url;            /* of --public-url */
    const char *name;
    const char *expires;
    const char *profile;
    const char *state;
    const char *owner, *service, *reader; /* roles of the database */
    int no_profile, read_only, quiet, json, yes, force, all, dry_run, help, version;
    const char *integration;
    const char *user;                  /* userName or id */
    apr_array_header_t *endpoints;     /* of const char *: to be read and written */
    apr_array_header_t *read_endpoints; /* to be read only */
    apr_array_header_t *sources;       /* of const char *: networks */
    const char *const *args;           /* after the command's own words */
    int nargs;
} ctl_t;

/* PublicURL of scimctl.conf. */
typedef struct ctl_url_t {
    const char *url;
    const char *profile;               /* for tenants of this profile only; NULL: for all others */
} ctl_url_t;

/* The commands. An error's detail is the one sentence the administrator reads. */
scim_error_t *ctl_check(ctl_t *ctl);
scim_error_t *ctl_database_init(ctl_t *ctl);
scim_error_t *ctl_database_rotate_key(ctl_t *ctl);
scim_error_t *ctl_migrate(ctl_t *ctl);
scim_error_t *ctl_profile_departures(ctl_t *ctl);
scim_error_t *ctl_reader_add(ctl_t *ctl);
scim_error_t *ctl_reader_list(ctl_t *ctl);
scim_error_t *ctl_reader_remove(ctl_t *ctl);
scim_error_t *ctl_tenant_add(ctl_t *ctl);
scim_error_t *ctl_tenant_set(ctl_t *ctl);
scim_error_t *ctl_tenant_rekey(ctl_t *ctl);
scim_error_t *ctl_tenant_rename(ctl_t *ctl);
scim_error_t *ctl_tenant_remove(ctl_t *ctl);
scim_error_t *ctl_tenant_list(ctl_t *ctl);
scim_error_t *ctl_tenant_pause(ctl_t *ctl);
scim_error_t *ctl_tenant_resume(ctl_t *ctl);
scim_error_t *ctl_tenant_disable(ctl_t *ctl);
scim_error_t *ctl_integration_add(ctl_t *ctl);
scim_error_t *ctl_integration_list(ctl_t *ctl);
scim_error_t *ctl_integration_set(ctl_t *ctl);
scim_error_t *ctl_integration_remove(ctl_t *ctl);
scim_error_t *ctl_token_create(ctl_t *ctl);
scim_error_t *ctl_token_list(ctl_t *ctl);
scim_error_t *ctl_token_revoke(ctl_t *ctl);

/* rekey.c: gives a tenant another profile, which is loaded here, with the search keys that it makes. Refused where two resources would get the
 * same key. */
scim_error_t *ctl_change_profile(ctl_t *ctl, const scim_tenant_t *tenant, const scim_tenant_change_t *change);

/* check.c: what commands have in common. "what" in sentences: "A token". Names appear in logs. */
scim_error_t *ctl_name_check(apr_pool_t *p, const char *what, const char *name);

/* Of "set": something is said, the state is one, the profile is there. */
scim_error_t *ctl_change_check(ctl_t *ctl);

/* The name typed once more, unless --yes was said. what: "tenant \"x\" with all it has". */
scim_error_t *ctl_confirm(const ctl_t *ctl, const char *name, const char *what);

/* settings.c: fills in from scimctl.conf what neither the command line nor the environment says. Errors name file and line. */
scim_error_t *ctl_settings_read(ctl_t *ctl);

/* The Tenant URL to be pasted into an identity provider, for a tenant of this profile (NULL: of the Location's); NULL when no PublicURL
 * is configured. */
const char *ctl_tenant_url(const ctl_t *ctl, const char *tenant, const char *profile);

/* profiles.c: reads schemas and profiles as httpd does. *out: const char *name -> scim_profile_t *. */
scim_error_t *ctl_profiles(ctl_t *ctl, apr_hash_t **out);

/* An error unless the profile is there, or none is named, or --force was said: a profile that is not there would answer every request of
 * the tenant with 503. */
scim_error_t *ctl_profile_check(ctl_t *ctl, const char *name);

/* --profile of an integration or token beside the tenant's (NULL: not known): it may be narrower, but must not make other search keys. */
scim_error_t *ctl_narrow_check(ctl_t *ctl, const char *wide);

/* The profile of this name; an error when there is none. */
scim_error_t *ctl_profile_find(ctl_t *ctl, const char *name, const scim_profile_t **out);

/* That of --profile, else the tenant's own; an error when neither is said. */
scim_error_t *ctl_tenant_profile(ctl_t *ctl, const scim_tenant_t *tenant, const scim_profile_t **out);

/* Checks the endpoints (const char *, "/Users") of a tenant of this profile, NULL standing for any profile, and puts them into the profile's
 * spelling. */
scim_error_t *ctl_endpoints_check(ctl_t *ctl, const char *profile, apr_array_header_t *endpoints);

/* expiry.c: when a token ends: "90d" (also h, w, y), "2027-01-31" (at its first moment, UTC), a full date and time, or "never" (0). */
scim_error_t *ctl_expiry_parse(apr_pool_t *p, const char *text, apr_time_t now, apr_time_t *out);

/* "2027-01-31T00:00:00Z"; NULL for 0. */
const char *ctl_time(apr_pool_t *p, apr_time_t t);

/* output.c: rows for people, in aligned columns, or with --json for programs. */
typedef enum { CTL_TEXT, CTL_NUMBER, CTL_LIST } ctl_kind_e;

typedef struct ctl_column_t {
    const char *heading;
    const char *key;                   /* in JSON */
    ctl_kind_e kind;                   /* CTL_LIST: words joined by commas, an array in JSON */
    const char *none;                  /* what people read in place of NULL */
} ctl_column_t;

/* cells: const char *, row after row; NULL is null in JSON. */
void ctl_print_rows(const ctl_t *ctl, const ctl_column_t *columns, int ncolumns, const apr_array_header_t *cells);

/* One row as a JSON object. */
void ctl_print_object(const ctl_t *ctl, const ctl_column_t *columns, int ncolumns, const char *const *cells);

const char *ctl_number(apr_pool_t *p, apr_int64_t n);

#endif
