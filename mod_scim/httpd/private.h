/* Shared by the files of the module that see httpd; the entry file mod_scim.c does not include it (one APLOG_USE_MODULE a file). */
#ifndef SCIM_HTTPD_PRIVATE_H
#define SCIM_HTTPD_PRIVATE_H

#include <httpd.h>

#include <apr_atomic.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>

#include "../core/patch/patch.h"
#include "../store/pool.h"
#include "../store/store.h"
#include "hooks.h"

extern module AP_MODULE_DECLARE_DATA scim_module;
APLOG_USE_MODULE(scim);

/* Message numbers of our own: AHnnnnn belongs to httpd. */
#define SCIM_LOGNO(n) "SCIM" #n ": "

#define SCIM_HANDLER "scim"

/* Nesting that a request body may have: a resource has four levels, a PATCH of one six. */
#define SCIM_BODY_DEPTH 32

/* A token that stands in the configuration, as a hash. */
typedef struct scim_static_token_t {
    const char *tenant;
    const char *sha256;                /* 64 lower-case hexadecimal digits */
    unsigned rights;
} scim_static_token_t;

/* Per <Location>. -1 and NULL: not said; read through the getters of config.h's defaults when merged. */
typedef struct scim_dir_config_t {
    const char *profile;
    const char *location;              /* path of the <Location> with SCIMProfile, without trailing slash; set together with it */
    const char *base_url;
    const char *tenant;
    const char *realm;
    const char *documentation;
    apr_array_header_t *tokens;        /* of scim_static_token_t, or NULL */
    apr_int64_t max_body;
    int page_default, page_max;
    int filter_length, filter_depth;
    int token_cache;                   /* seconds */
} scim_dir_config_t;

/* Per server. */
typedef struct scim_server_config_t {
    const char *conninfo;
    int pool_min, pool_keep, pool_max, pool_idle, pool_wait;
    struct scim_shared_t *shared;
    scim_pool_t *pool;                 /* of this process; made by child_init */
} scim_server_config_t;

typedef struct scim_token_cache_t scim_token_cache_t;

/* What a process counts. */
typedef struct scim_counters_t {
    apr_uint32_t requests, client_errors, server_errors;
    apr_uint32_t rules[SCIM_RULE_COUNT];
} scim_counters_t;

/* A place that selects a profile, to be checked when all profiles are known. */
typedef struct scim_profile_use_t {
    const char *profile, *location, *file;
    int line;
    const server_rec *server;
} scim_profile_use_t;

/* One for the whole configuration. */
typedef struct scim_shared_t {
    apr_array_header_t *schema_paths;  /* of const char * */
    apr_hash_t *specs;                 /* name -> scim_profile_spec_t * */
    apr_array_header_t *uses;          /* of scim_profile_use_t */
    apr_hash_t *profiles;              /* name -> scim_profile_t * */
    volatile apr_uint32_t *looked;     /* shared by all processes: one of them has looked at the databases */
    scim_token_cache_t *tokens;        /* of this process */
    scim_counters_t *counters;         /* of this process */
    apr_array_header_t *pools;         /* of scim_pool_t *, of this process */
} scim_shared_t;

/* The one scim_shared_t of the configuration pool. */
scim_shared_t *scim_shared(apr_pool_t *pconf);

/* The directory configuration with the defaults for what is not said. */
void scim_dir_defaults(const scim_dir_config_t *c, scim_dir_config_t *out);

/* Pool settings with their defaults; threads: of one process, more connections than that are never needed. */
void scim_pool_defaults(const scim_server_config_t *c, int threads, scim_pool_config_t *out);

/* config_profile.c: directives inside <SCIMProfile>. */
const char *scim_profile_section(cmd_parms *cmd, void *dir, const char *args);

/* ---- one request ---- */

typedef enum {
    SCIM_AT_COLLECTION, SCIM_AT_RESOURCE, SCIM_AT_SEARCH, SCIM_AT_CONFIG, SCIM_AT_TYPES, SCIM_AT_TYPE, SCIM_AT_SCHEMAS, SCIM_AT_SCHEMA,
    SCIM_AT_UNSUPPORTED, SCIM_AT_NOWHERE
} scim_endpoint_e;

typedef struct scim_route_t {
    scim_endpoint_e endpoint;
    const scim_resource_type_t *type;
    const char *id;                    /* of a resource, resource type or schema */
} scim_route_t;

/* The answer to be sent. */
typedef struct scim_reply_t {
    int status;
    const char *body;                  /* NULL: none */
    const char *etag;
    const char *location;
} scim_reply_t;

typedef struct scim_request_t {
    request_rec *r;
    apr_pool_t *p;
    const scim_server_config_t *server;
    const scim_dir_config_t *dir;      /* with defaults filled in */
    scim_dir_config_t settings;
    const scim_profile_t *profile;
    scim_route_t route;
    scim_context_t context;            /* what the core is given; has pool, profile and type too */
    const char *base_url;
    const scim_token_t *token;
    scim_scope_t scope;                /* scope.db: NULL while no connection is held */
    scim_page_limits_t pages;
    const scim_match_t *if_match, *if_none_match;
    scim_reply_t reply;
    int answered;                      /* httpd has sent an answer of its own: nothing may be written */
} scim_request_t;

/* route.c */
void scim_route(apr_pool_t *p, const scim_profile_t *profile, const char *path, scim_route_t *out);
/* Is the method one of the endpoint's? Sets *allow to the value of the Allow header. */
int scim_route_allows(const scim_route_t *route, const char *method, const char **allow);

/* auth.c: token -> tenant and rights. On failure WWW-Authenticate is set. */
scim_error_t *scim_authenticate(scim_request_t *q);
scim_error_t *scim_authorize(scim_request_t *q, int write);

/* token_cache.c */
scim_token_cache_t *scim_token_cache_make(apr_pool_t *p);
/* A copy of what is cached under key and not older than so many seconds, in p; NULL when there is none. */
const scim_token_t *scim_token_cache_get(scim_token_cache_t *cache, apr_pool_t *p, const char *key, int seconds);
void scim_token_cache_put(scim_token_cache_t *cache, const char *key, const scim_token_t *token);

/* body.c: reads and parses the request body (limits, media type, strict JSON). */
scim_error_t *scim_body_read(scim_request_t *q, struct json_object **out);

/* reply.c */
int scim_reply_send(scim_request_t *q);
int scim_reply_error(scim_request_t *q, const scim_error_t *err);

/* request.c: a connection for the rest of the request, taken at first use. */
scim_error_t *scim_request_db(scim_request_t *q);
void scim_request_release(scim_request_t *q);
/* Representation of a resource as the reply, with its ETag. */
scim_error_t *scim_request_projection(scim_request_t *q, const scim_projection_t **out);
void scim_request_represent(scim_request_t *q, const scim_projection_t *projection, const scim_stored_t *stored, int status);
scim_error_t *scim_not_found(scim_request_t *q);
/* The error for a write that was not done; NULL when it was. */
scim_error_t *scim_request_outcome(scim_request_t *q, const scim_written_t *written);
/* If-Match and If-None-Match of a write against what is stored. */
scim_error_t *scim_request_preconditions(scim_request_t *q, const scim_stored_t *stored);
/* Before another try of a write that lost a race: waits a little; an error when there were too many. */
scim_error_t *scim_request_again(scim_request_t *q, int *tries);
/* What the profile does about member ids that are no resources. */
scim_unknown_members_e scim_request_unknown_members(const scim_request_t *q);
/* The version that was read, as what a write expects. */
const scim_match_t *scim_request_expect(scim_request_t *q, const scim_stored_t *stored);

/* One function for each kind of request. */
scim_error_t *scim_handle_get(scim_request_t *q);
scim_error_t *scim_handle_list(scim_request_t *q);
scim_error_t *scim_handle_search(scim_request_t *q);
scim_error_t *scim_handle_create(scim_request_t *q);
scim_error_t *scim_handle_replace(scim_request_t *q);
scim_error_t *scim_handle_patch(scim_request_t *q);
scim_error_t *scim_handle_delete(scim_request_t *q);
scim_error_t *scim_handle_discovery(scim_request_t *q);

#endif
