/* One SCIM operation as a function: a context, a call with parsed JSON and preconditions go in, a result or an error comes out.
 * Nothing here knows httpd: whatever can be asked through HTTP can be asked here as well, by anything else that has a token's rights. */
#ifndef SCIM_SERVICE_SERVICE_H
#define SCIM_SERVICE_SERVICE_H

#include "../core/query/query.h"
#include "../core/schema/context.h"
#include "../core/schema/discovery.h"
#include "../store/pool.h"
#include "../store/store.h"
#include "../store/turns.h"
#include "spool.h"
#include "walks.h"

/* May this be asked of resources of the type (id NULL: of all of them)? Else an error. For operations inside another one, of which nobody but
 * the service knows; the outer one has been judged by who calls. */
typedef scim_error_t *scim_allowed_f(void *data, const char *method, const scim_resource_type_t *type, const char *id);

/* Is asked before a stored resource is taken apart that takes much memory, once or several times in a request: returns when it may be, which it may
 * then be until the request is over, or an error. */
typedef scim_error_t *scim_large_f(void *data);

/* Whose operations these are and by which rules. Made by the caller for one request; everything in it outlives the request. */
typedef struct scim_service_t {
    scim_context_t c;                  /* pool of the request, in which results live; the tenant's profile; limits */
    const scim_token_t *actor;         /* who asks; NULL for what is public */
    scim_page_limits_t pages;
    scim_discovery_t discovery;        /* what /ServiceProviderConfig tells; its base_url is that of all answers */
    scim_pool_t *database;             /* where connections come from; NULL: there is none, which is for operations that need none */
    apr_pool_t *answers;               /* of large answers, which outlive what made them; NULL: the same */
    scim_spool_room_t *spools;         /* where large answers are counted */
    scim_turns_t *hashes;              /* turns to hash a password; NULL: no matter */
    scim_walks_t *walks;               /* where pages have ended; NULL: nothing is remembered */
    const char *database_name;         /* the same wherever it is the same database */
    scim_allowed_f *allowed;           /* NULL: whatever the actor's rights allow */
    void *allowed_data;
    scim_large_f *large;               /* NULL: no matter */
    void *large_data;
    int brief;                         /* answers are status, ETag and URL alone, as results of Bulk are */
    scim_scope_t scope;                /* scope.db: NULL while no connection is held */
    apr_pool_t *holding;               /* pool whose end gives the connection back */
} scim_service_t;

/* What is asked. Members that an operation does not use are NULL or zero. */
typedef struct scim_call_t {
    const scim_resource_type_t *type;
    const char *id;                    /* of a resource; name of a resource type; URN of a schema */
    int me;                            /* by /Me: type is scim_profile_me's, id the actor's person, NULL when the token is nobody's */
    scim_json_t *body;                 /* parsed by scim_json_parse */
    scim_params_t params;              /* of the query string */
    const scim_match_t *if_match, *if_none_match;
} scim_call_t;

/* What is answered, in the service's pool. */
typedef struct scim_answer_t {
    int status;                        /* HTTP status */
    const char *body;                  /* JSON text; NULL: none */
    scim_spool_t *spool;               /* what follows body, or NULL */
    const char *etag;                  /* of the resource in the answer, or NULL */
    const char *location;              /* its URL, or NULL */
    int skipped_members;               /* unknown members that the profile lets pass */
    int failed_operations;             /* of a Bulk */
    const scim_error_t *first_failure; /* why the first of them failed */
    const scim_error_t *untold;        /* why the answer shows less than it should, although all is done; NULL: it does not */
} scim_answer_t;

/* One operation of the protocol. */
typedef struct scim_operation_t {
    const char *name;                  /* for logs: "find", "create", ... */
    unsigned right;                    /* the SCIM_RIGHT_* that it takes, any of them; 0: public, no actor is needed */
    scim_error_t *(*run)(scim_service_t *s, const scim_call_t *call, scim_answer_t *out);
} scim_operation_t;

/* HTTP statuses of answers. */
enum { SCIM_HTTP_OK = 200, SCIM_HTTP_CREATED = 201, SCIM_HTTP_NO_CONTENT = 204, SCIM_HTTP_NOT_MODIFIED = 304 };

/* Begins: fills in what follows from profile, actor and discovery.base_url. */
void scim_service_begin(scim_service_t *s);

/* May the actor do this with what is called for? Looks at type and me. Else 403; 401 without an actor. */
scim_error_t *scim_service_authorize(const scim_service_t *s, const scim_operation_t *operation, const scim_call_t *call);

/* Carries an operation out, after a look at the actor's rights (403). By /Me: 404 when the actor stands for nobody, 401 when the user is
 * deleted or inactive. Leaves no connection behind, whether it succeeds or not. */
scim_error_t *scim_service_run(scim_service_t *s, const scim_operation_t *operation, const scim_call_t *call, scim_answer_t *out);

/* GET of one resource. 304 when If-None-Match names its tag; a filter is refused (G-17). 1 round trip. */
extern const scim_operation_t scim_find;

/* A list by the parameters of the query string; by a SearchRequest in the body. 1 or 2 round trips. */
extern const scim_operation_t scim_search, scim_search_request;

/* The same of all types that may be read (RFC 7644 section 3.4.2.1). */
extern const scim_operation_t scim_search_all, scim_search_all_request;

/* POST. Restores an inactive user of the same userName where the profile says so. 1 round trip, 1 more to show members. */
extern const scim_operation_t scim_create;

/* PUT. 2 round trips, 1 when nothing changes; 1 more to show members. */
extern const scim_operation_t scim_replace;

/* PATCH. 1 round trip for changes of members alone, else 2, or 1 when nothing changes; 1 more when it looks at members that it adds. */
extern const scim_operation_t scim_patch;

/* DELETE as the profile means it: removes, disables or refuses. 1 round trip to remove, 2 to disable. */
extern const scim_operation_t scim_delete;

/* POST /Bulk: operations on resources, each with its own outcome and rights; a broken envelope alone is an error. Creates that follow one
 * another share a round trip by the hundred; the others take what they take by themselves. Holds a connection for no longer than one of
 * these. */
extern const scim_operation_t scim_bulk;

/* /ServiceProviderConfig, /ResourceTypes, /Schemas. No round trip. */
extern const scim_operation_t scim_discover_config, scim_discover_types, scim_discover_type, scim_discover_schemas, scim_discover_schema;

#endif
