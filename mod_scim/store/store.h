/* The store: intents, not "save this document". Every statement names its tenant; every write takes the expected version, so
 * that If-Match stands in the statement itself. The number of round trips is stated for each. */
#ifndef SCIM_STORE_STORE_H
#define SCIM_STORE_STORE_H

#include "../core/base/etag.h"
#include "../core/query/query.h"
#include "../core/resource/represent.h"
#include "../core/resource/members.h"
#include "../core/resource/record.h"
#include "db.h"

/* Whose data, and how references look. */
typedef struct scim_scope_t {
    scim_db_t *db;
    apr_int64_t tenant;                /* scim.tenant.id */
    const char *base_url;              /* for $ref; no trailing slash */
    const char *users;                 /* endpoint of type "User", e.g. "/Users"; "" when the profile has no such type */
    const char *groups;                /* the same of type "Group" */
    volatile apr_uint32_t *groupless;  /* so many users of the tenant in a row were in no group when they were read (rows.h); NULL: not counted */
} scim_scope_t;

/* One resource by id; *out NULL when there is none of this type in the tenant (or id is no UUID). members: load them too (groups
 * of a user always are). 1 round trip. */
scim_error_t *scim_store_find(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *id, int members,
                              scim_stored_t **out);

/* The users and groups among ids (of const char *) as elements of `members`, like scim_stored_t.members: NULL when there are none.
 * 1 round trip. */
scim_error_t *scim_store_members(const scim_scope_t *s, apr_pool_t *p, const apr_array_header_t *ids, const char **elements);

/* Takes what is read, as it comes: each resource once, with the first of its members; then its further members in pieces. What it is
 * given lives until it returns. An error ends the reading. */
typedef struct scim_reader_t {
    scim_error_t *(*resource)(void *to, const scim_stored_t *stored);
    scim_error_t *(*members)(void *to, const char *elements);
    void (*again)(void *to);           /* what came so far was not all: everything comes once more, from the beginning */
    void *to;
} scim_reader_t;

/* One resource by id with its members; nothing is read when there is none. 1 round trip. */
scim_error_t *scim_store_read(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *id,
                              const scim_reader_t *reader);

/* A query of one type or more as SQL, in p; no round trip. scope and query live as long; scope->db may still be without a connection. */
typedef struct scim_search_t scim_search_t;
scim_search_t *scim_store_search_make(const scim_scope_t *scope, apr_pool_t *p, const scim_query_t *query);

/* Is this a dear search: one that no index serves, or that has to look closely at what an index finds (effort.h)? It takes a turn of the
 * tenant, and ends with 400 tooMany after SCIM_DB_SCAN_SECONDS. */
int scim_store_search_dear(const scim_search_t *search);

/* What a page has told. */
typedef struct scim_found_t {
    int count;                         /* resources that the reader got */
    int more;                          /* of a page by cursor: there are others behind them */
    scim_position_t last;              /* where a full page ends; of any other, id is NULL */
    apr_int64_t total;                 /* of all pages; -1: the page does not tell it */
} scim_found_t;

/* Does counting to the page take so long that it is worth knowing first whether the end is nearer? */
int scim_store_search_far(const scim_search_t *search);

/* There are so many in all, as scim_store_count has told: of a far page. */
void scim_store_search_among(scim_search_t *search, apr_int64_t total);

/* One page, whose count is not 0. 1 round trip. Members are read when the projection wants them. */
scim_error_t *scim_store_search(scim_search_t *search, const scim_reader_t *reader, scim_found_t *found);

/* How many resources all pages have. 1 round trip. */
scim_error_t *scim_store_count(scim_search_t *search, apr_int64_t *total);

/* The outcome of a write. */
typedef enum {
    SCIM_WRITE_DONE,
    SCIM_WRITE_UNCHANGED,              /* member change that changed nothing: version as before */
    SCIM_WRITE_MISSING,                /* no such resource */
    SCIM_WRITE_STALE,                  /* exists, but the expected version does not hold */
    SCIM_WRITE_BAD_MEMBER              /* unknown member, or one of another type than claimed, and not to be skipped */
} scim_write_e;

typedef struct scim_written_t {
    scim_write_e outcome;
    scim_stored_t stored;              /* DONE: as after the write (doc only when the caller wrote one); UNCHANGED: version and times */
    const char *bad_member;            /* BAD_MEMBER: the first such id */
    int skipped_members;               /* unknown ids that were skipped */
} scim_written_t;

/* How to treat member ids that are not resources of the tenant. */
typedef enum { SCIM_MEMBERS_REFUSE, SCIM_MEMBERS_SKIP } scim_unknown_members_e;

/* Creates. id is made by the caller (scim_uuid7). members may be NULL. A clash on a unique value is the error 409 uniqueness.
 * 1 round trip. */
scim_error_t *scim_store_create(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *id,
                                const scim_record_t *record, const scim_members_t *members, scim_unknown_members_e unknown,
                                scim_written_t *out);

/* What became of one of many resources to create. */
typedef enum {
    SCIM_CREATION_DONE,
    SCIM_CREATION_TAKEN,               /* a value that has to be unique belongs to another resource, or to one before it */
    SCIM_CREATION_BAD_MEMBER,          /* as SCIM_WRITE_BAD_MEMBER */
    SCIM_CREATION_HELD                 /* not written, since another one of its component was not */
} scim_creation_e;

typedef struct scim_creation_t {
    const scim_resource_type_t *type;
    const char *id;
    const scim_record_t *record;
    const scim_members_t *members;     /* or NULL; resources that are created with it included */
    int component;                     /* those of one component are written all or none */
    scim_creation_e outcome;           /* this and the rest: filled in */
    scim_written_t written;            /* as scim_store_create tells it */
} scim_creation_t;

/* Creates many (of scim_creation_t): all that it writes in one statement and transaction. On an error none of them is there. Who
 * loses a race for a unique value may be that error (409): then another call says whose it was. 1 round trip. */
scim_error_t *scim_store_create_many(const scim_scope_t *s, apr_pool_t *p, apr_array_header_t *creations, scim_unknown_members_e unknown);

/* Writes a changed document and/or a member change. expected: the versions one of which must hold (NULL: any). record NULL: the
 * document stays, only members change. The members are not told. 1 round trip; 1 more when groups show the change (another name). */
scim_error_t *scim_store_modify(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *id,
                                const scim_match_t *expected, const scim_record_t *record, const scim_members_t *members,
                                scim_unknown_members_e unknown, scim_written_t *out);

/* Deletes; memberships go with it and the groups that held it get a new version (DE-06). 1 round trip. */
scim_error_t *scim_store_delete(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *id,
                                const scim_match_t *expected, scim_written_t *out);

/* The resource whose userName key this is, if it is inactive; else *out NULL. 1 round trip. */
scim_error_t *scim_store_find_inactive(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *user_name,
                                       scim_stored_t **out);

/* Tenants and tokens. */
typedef enum { SCIM_TENANT_ACTIVE, SCIM_TENANT_PAUSED, SCIM_TENANT_DISABLED } scim_tenant_state_e;

#define SCIM_RIGHT_READ 1
#define SCIM_RIGHT_WRITE 2

typedef struct scim_token_t {
    apr_int64_t id;
    apr_int64_t tenant;
    const char *tenant_name;
    const char *profile;               /* the token's own, else its integration's, else the tenant's, or NULL */
    scim_tenant_state_e tenant_state;  /* of the tenant, or of the token's integration when that is less */
    const char *integration;           /* name, or NULL */
    const char *person;                /* id of the user whom the token stands for, or NULL */
    int person_there;                  /* that user exists and is not inactive; told by scim_store_token alone */
    apr_array_header_t *sources;       /* of const char *: networks (CIDR) that it may be used from, or NULL: any */
    const char *name;
    unsigned rights;                   /* SCIM_RIGHT_* */
    apr_array_header_t *read_endpoints;  /* of const char *: resource type endpoints that may be read, or NULL: all */
    apr_array_header_t *write_endpoints; /* likewise, written */
    int valid;                         /* neither revoked nor expired, by the database's clock */
    apr_time_t created, expires, last_used, revoked; /* 0: never / not */
} scim_token_t;

/* The token with this SHA-256 (64 lower-case hexadecimal digits), valid or not; *out NULL when there is none. Notes the use of a valid
 * one (at most once a minute). 1 round trip, 1 for a use that is noted, and 1 for a valid one that stands for a user. */
scim_error_t *scim_store_token(scim_db_t *db, apr_pool_t *p, const char *sha256, scim_token_t **out);

/* The tenant of this name, as a token without rights; *out NULL when there is none. For tokens that stand in the configuration. */
scim_error_t *scim_store_tenant(scim_db_t *db, apr_pool_t *p, const char *name, scim_token_t **out);

/* The number of the newest migration applied; 0 when the schema is not there. */
scim_error_t *scim_store_migration(scim_db_t *db, apr_pool_t *p, int *number);

/* The newest migration this program was written for. */
#define SCIM_STORE_MIGRATION 1

#endif
