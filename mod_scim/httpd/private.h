/* Shared by the files of the module that see httpd; the entry file mod_scim.c does not include it (one APLOG_USE_MODULE a file). */
#ifndef SCIM_HTTPD_PRIVATE_H
#define SCIM_HTTPD_PRIVATE_H

#include <httpd.h>

#include <apr_atomic.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>

#include "../core/base/sha256.h"
#include "../core/profile/profile_build.h"
#include "../service/service.h"
#include "hooks.h"

extern module AP_MODULE_DECLARE_DATA scim_module;
APLOG_USE_MODULE(scim);

/* Message numbers of our own: AHnnnnn belongs to httpd. */
#define SCIM_LOGNO(n) "SCIM" #n ": "

#define SCIM_HANDLER "scim"

/* Nesting that a request body may have: a resource has four levels, a PATCH of one six. */
#define SCIM_BODY_DEPTH 32

/* Bytes that the large replies of one tenant take in temporary files, in each process, until they are sent. */
#define SCIM_SPOOL_MOST APR_INT64_C(268435456)

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
    int profile_only;                  /* tenants of another profile are refused; set together with profile */
    const char *root;                  /* the same as it is written */
    const char *base_url;              /* of the Location base_path, and of no other */
    const char *base_path;
    const char *origin;                /* of all Locations of a server */
    const char *tenant;
    const char *realm;
    const char *documentation;
    apr_array_header_t *tokens;        /* of scim_static_token_t, or NULL */
    apr_int64_t max_body;
    int page_default, page_max;
    int page_methods;                  /* SCIM_PAGE_* */
    int cursor_timeout;                /* seconds */
    int bulk;                          /* operations of a Bulk at most; 0: no Bulk */
    int filter_length, filter_depth;
    int token_cache;                   /* seconds */
    int log_queries;                   /* query strings stay in the request line */
    int require_tls;                   /* requests in clear text are refused */
    int schemes;                       /* SCIM_SCHEME_*: forms of the Authorization header besides Bearer */
} scim_dir_config_t;

#define SCIM_SCHEME_RAW 1              /* the bare token (Okta) */
#define SCIM_SCHEME_BASIC 2            /* HTTP Basic, the password is the token */

/* Per server. */
typedef struct scim_server_config_t {
    const char *conninfo;
    int pool_min, pool_keep, pool_max, pool_idle, pool_wait, pool_prepare;
    struct scim_shared_t *shared;
    scim_pool_t *pool;                 /* of this process; made by child_init */
} scim_server_config_t;

typedef struct scim_token_cache_t scim_token_cache_t;
typedef struct scim_brake_t scim_brake_t;

#define SCIM_STATUSES 500              /* from 100 on */
#define SCIM_MOST_PROCESSES 512

/* Database connections of one process, as of its last request; they are counted by its pools. */
typedef struct scim_process_counters_t {
    apr_uint32_t pid;                  /* 0: nobody's */
    apr_uint32_t open, in_use;
    apr_uint64_t acquired, waited_out, failed;
} scim_process_counters_t;

/* What all processes count together, in shared memory: by apr_atomic only. */
typedef struct scim_counters_t {
    apr_uint64_t statuses[SCIM_STATUSES]; /* answers by status */
    apr_uint64_t rules[SCIM_MOST_RULES];  /* requests that a dialect rule had to help */
    scim_process_counters_t ended;        /* of processes that are gone */
    scim_process_counters_t processes[SCIM_MOST_PROCESSES];
    apr_uint64_t last_tenant;             /* who came last, and the second in which it was not the one before: see share.c */
    apr_uint64_t mixed;
} scim_counters_t;

/* A place that selects a profile, to be checked when all profiles are known. */
typedef struct scim_profile_use_t {
    const char *profile, *location, *file;
    int line;
    const server_rec *server;
    const scim_dir_config_t *dir;      /* of the Location itself, not merged */
} scim_profile_use_t;

/* Requests that take much memory, or much time: fewer of them are in work at once. */
typedef enum { SCIM_LARGE_BODY, SCIM_LONG_BULK, SCIM_LONG_WORKS } scim_long_work_e;

/* One for the whole configuration. */
typedef struct scim_shared_t {
    apr_array_header_t *schema_paths;  /* of const char * */
    apr_hash_t *specs;                 /* name -> scim_profile_spec_t * */
    apr_array_header_t *uses;          /* of scim_profile_use_t */
    apr_hash_t *profiles;              /* name -> scim_profile_t * */
    apr_hash_t *pinned;                /* scim_pin_key -> name of the profile that a tenant has from the Location that pins it */
    apr_hash_t *spellings;             /* of path segments; see canonical.c */
    volatile apr_uint32_t *looked;     /* shared by all processes: one of them has looked at the databases */
    scim_token_cache_t *tokens;        /* of this process */
    const scim_sha256_t *sha256;       /* the same */
    scim_counters_t *counters;
    scim_process_counters_t *process;  /* of this process; NULL when there are too many */
    scim_spool_room_t *spools;         /* of this process */
    scim_walks_t *walks;               /* shared by all processes */
    scim_turns_t *hashes;              /* of this process, as the next: requests in work */
    scim_turns_t *requests;
    scim_turns_t *works[SCIM_LONG_WORKS];
    scim_brake_t *brake;
    apr_array_header_t *pools;         /* of scim_pool_t *, of this process */
} scim_shared_t;

/* The one scim_shared_t of the configuration pool. */
scim_shared_t *scim_shared(apr_pool_t *pconf);

/* The directory configuration with the defaults for what is not said. */
void scim_dir_defaults(const scim_dir_config_t *c, scim_dir_config_t *out);

/* Pool settings with their defaults; threads: of one process, more connections than that are never needed. */
void scim_pool_defaults(const scim_server_config_t *c, int threads, scim_pool_config_t *out);

/* databases.c */
/* Threads of one process. */
int scim_threads(void);
/* Makes the pools of this process, of its lifetime; look: and has a look at the databases. */
void scim_databases_init(apr_pool_t *p, server_rec *s, int look);

/* config_profile.c: directives inside <SCIMProfile>. */
const char *scim_profile_section(cmd_parms *cmd, void *dir, const char *args);

/* ---- one request ---- */

typedef enum {
    SCIM_AT_ROOT, SCIM_AT_ROOT_SEARCH,
    SCIM_AT_COLLECTION, SCIM_AT_RESOURCE, SCIM_AT_SEARCH, SCIM_AT_BULK, SCIM_AT_CONFIG, SCIM_AT_TYPES, SCIM_AT_TYPE, SCIM_AT_SCHEMAS, SCIM_AT_SCHEMA,
    SCIM_AT_ME, SCIM_AT_UNSUPPORTED, SCIM_AT_NOWHERE
} scim_endpoint_e;

/* One kind of request: a row of the routing table. */
typedef enum { SCIM_BODY_NONE, SCIM_BODY_JSON, SCIM_BODY_SEARCH } scim_body_e;

typedef struct scim_method_t {
    scim_endpoint_e endpoint;
    const char *method;                /* HEAD is GET */
    const scim_operation_t *operation; /* says which right it takes, and whether it is public; NULL: 501 */
    scim_body_e body;                  /* what is read before the operation */
} scim_method_t;

typedef struct scim_route_t {
    scim_endpoint_e endpoint;
    const scim_resource_type_t *type;
    const char *id;                    /* of a resource, resource type or schema */
} scim_route_t;

typedef struct scim_request_t {
    request_rec *r;
    apr_pool_t *p;                     /* of the answer: lives until that has been sent */
    apr_pool_t *work;                  /* of all that comes before: the body, what is made of it; NULL: it is over. service.c.p is this one */
    int turns[SCIM_LONG_WORKS];        /* which of these turns it has */
    int keeps_memory;                  /* what is freed behind it would stay with its thread, and is worth giving back to the system */
    const scim_server_config_t *server;
    const scim_dir_config_t *dir;      /* with defaults filled in */
    scim_dir_config_t settings;
    scim_route_t route;
    scim_service_t service;
    scim_call_t call;
    scim_answer_t answer;
    const scim_static_token_t *fixed;  /* the configured token that it brought; NULL: another one */
    int scheme;                        /* SCIM_SCHEME_* by which the token came; 0: Bearer */
    apr_hash_t *allowed;               /* what scim_allowed has found out: "METHOD path" -> "yes" or "no"; NULL: nothing yet */
    const char *permanent;             /* URL of what /Me stands for, once the client may know it */
    int answered;                      /* httpd has sent an answer of its own: nothing may be written */
} scim_request_t;

/* request.c: what this module keeps of a request, in its pool. */
typedef struct scim_seen_t {
    const char *uri;                   /* as the first hook has left it */
    int body_ended;                    /* all of the body has been read */
    scim_request_t *request;           /* once somebody has asked for it */
} scim_seen_t;
scim_seen_t *scim_seen(request_rec *r);
/* The request for the service, made at first use. dir: of its Location. */
scim_request_t *scim_request_of(request_rec *r, const scim_dir_config_t *dir);

/* The Location's configuration where this module serves the request, else NULL. */
const scim_dir_config_t *scim_is_ours(request_rec *r);

/* The work is over, before the answer goes out: clients may take their time for that. What the service has made is gone then. */
void scim_request_end(scim_request_t *q);
/* In a process that begins: little of what is freed is kept, for as long as it lives. */
void scim_memory_init(void);

#define SCIM_SEARCH ".search"

/* base_url.c: the public URL of the Location, in r->pool. dir: with its defaults. */
const char *scim_base_url(request_rec *r, const scim_dir_config_t *dir);

/* log.c */
/* Takes the query out of the request line, for logs (%r) and mod_status, unless SCIMLogQueries is on. */
void scim_log_hide_query(request_rec *r, const scim_dir_config_t *dir);
/* Notes whose token it is; then, that it is good: r->user and r->ap_auth_type. */
void scim_log_token(scim_request_t *q, const scim_token_t *token);
void scim_log_actor(scim_request_t *q, const scim_token_t *token);
/* When the answer is known: notes the resource that the request is about, and tells at debug which dialect rules had to help. */
void scim_log_request(scim_request_t *q);
/* Notes and logs why a request was refused. */
void scim_log_error(scim_request_t *q, const scim_error_t *err);

/* counters.c */
/* The counters of this httpd, in the pool that lasts as long as its first process; zero when it starts. */
apr_status_t scim_counters_make(apr_pool_t *process, scim_counters_t **out);
/* An entry for this process, until p is cleared; NULL when all are taken. */
scim_process_counters_t *scim_counters_join(scim_counters_t *counters, apr_pool_t *p);
/* Is it the entry of a process that runs? One that was killed leaves its entry behind. */
int scim_counters_runs(scim_process_counters_t *process);
/* A request that was answered with this status. */
void scim_count(const scim_request_t *q, int status);

/* canonical.c */
/* The one spelling of each path segment, of all profiles (name -> scim_profile_t *) and the protocol, in p: lower-case path below a Location
 * -> spelling of its last segment. Returns NULL, or what is wrong: two profiles that differ in letter case. */
const char *scim_spellings_make(apr_pool_t *p, apr_hash_t *profiles, apr_hash_t **out);
/* The one form of a decoded path below the Location: letter case of what is not an id, single slashes, none at the end. In p; NULL when it
 * has none: dot segments, path parameters. */
const char *scim_canonical_path(apr_pool_t *p, apr_hash_t *spellings, const char *location, const char *path);
/* After scim_canonical_name. OK, with r->uri in its canonical form again, although other modules have changed it since; else a status. */
int scim_canonical_again(request_rec *r);

/* route.c: what a path means in a profile. It is whole and canonical; in any other form it leads nowhere, so that what no hook has seen is
 * not served. */
void scim_route(apr_pool_t *p, const scim_profile_t *profile, const char *location, const char *path, scim_route_t *out);
/* Path segments of the protocol's own endpoints, by number; NULL after the last. */
const char *scim_route_name(int i);
/* Can the endpoint be asked without a token? */
int scim_route_public(const scim_route_t *route);
/* The row for a method, NULL when the endpoint does not have it. */
const scim_method_t *scim_route_method(const scim_route_t *route, const char *method);
/* Value of the Allow header, in r->pool: without what another module does not let through (AllowMethods). */
const char *scim_route_allow(request_rec *r, const scim_route_t *route);

/* transport.c: 403 for a request in clear text where that is ruled out. To be asked before its token is looked at. */
scim_error_t *scim_transport_check(scim_request_t *q);
/* Would it be taken where this configuration holds? */
int scim_transport_suits(request_rec *r, const scim_dir_config_t *dir);

/* auth.c: token -> tenant, its rights and its profile, into q->service. The connection for the look-up is given back at once. On failure
 * WWW-Authenticate is set. */
scim_error_t *scim_authenticate(scim_request_t *q);
/* Would the token, which is known by now, be taken as it came and with this right where another configuration holds, that of a Location inside
 * its own? */
int scim_token_suits(const scim_request_t *q, const scim_dir_config_t *dir, unsigned right);
/* Adds the challenge for a token that is valid but not enough (RFC 6750 section 3.1). */
void scim_challenge_scope(scim_request_t *q);
/* Adds the challenge for a request without a token; for a token that is not valid after all. */
void scim_challenge(scim_request_t *q);
void scim_challenge_token(scim_request_t *q);

/* Key of scim_shared_t.pinned: tenants are those of one database. */
const char *scim_pin_key(apr_pool_t *p, const char *conninfo, const char *tenant);

/* share.c: no tenant may have all threads of a process at work for it, or waiting. */
/* A request of the tenant begins that may take time; 0: of one who is not known yet. 503 with Retry-After when the tenant has all but
 * a quarter of the threads. */
scim_error_t *scim_share_take(scim_request_t *q, apr_int64_t tenant);
void scim_share_give(scim_request_t *q, apr_int64_t tenant);
/* Such a request waits until its tenant may have one more in work. 503 with Retry-After when that takes too long. */
scim_error_t *scim_share_take_work(scim_request_t *q, scim_long_work_e what);
/* The same of one that handles large resources, as scim_service_t wants it; data: scim_request_t. */
scim_error_t *scim_share_large(void *data);
/* Gives back what the request has of that. */
void scim_share_give_works(scim_request_t *q);

/* brake.c: slows refusals (401) of this process when there are many; valid requests never come here. */
/* In p, for the life of the process; an eighth of its threads may wait. */
scim_brake_t *scim_brake_make(apr_pool_t *p, int threads);
/* A request is about to be refused: returns at once, or later, or has ended the connection with the answer. */
void scim_brake(scim_brake_t *brake, conn_rec *c);

/* allowed.c: a scim_service_t.allowed for this request (scim_request_t *data): does httpd's configuration allow it, that of this module in nested
 * Locations included (SCIMTenant, SCIMToken, SCIMAuthScheme, SCIMRequireTLS)? */
scim_error_t *scim_allowed(void *data, const char *method, const scim_resource_type_t *type, const char *id);

/* token_cache.c: what the database said of a token in the last seconds, that it knows none included. Time is counted by a clock that
 * nobody can set back. */
scim_error_t *scim_token_cache_make(apr_pool_t *p, scim_token_cache_t **out);
/* True when key is cached and not older than so many seconds; *out is then a copy in p, or NULL for "there is no such token". */
int scim_token_cache_get(scim_token_cache_t *cache, apr_pool_t *p, const char *key, int seconds, const scim_token_t **out);
/* token NULL: there is none. */
void scim_token_cache_put(scim_token_cache_t *cache, const char *key, const scim_token_t *token);

/* body.c: reads and parses the request body (limits, media type, strict JSON). No database connection is held meanwhile. A large one takes one of
 * its tenant's turns, which it has until scim_request_end. */
scim_error_t *scim_body_read(scim_request_t *q, scim_body_e kind, scim_json_t **out);
/* Before an answer: a body that nobody has read and that has not come already ends the connection. httpd would wait for all of it, with the
 * thread and with the answer. */
void scim_body_leave(request_rec *r);

/* reply.c */
int scim_reply_send(scim_request_t *q);
int scim_reply_error(scim_request_t *q, const scim_error_t *err);

#endif
