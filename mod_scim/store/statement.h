/* Private to write.c, statement.c and resource.c: writing statements, composed of common table expressions.
 *
 * All expressions of one statement see one snapshot, taken before any lock was waited for. What has to be of this very moment is read
 * from the row that `target` has locked: its version. Parameters: $1 tenant, $2 resource type, $3 id, $4 id of the write, then as
 * bound.
 *
 * Arrays are written "(select $n::uuid[])": thus the planner does not see how many elements there are, finds a general plan as good as
 * one for this array, and keeps it. Planning anew each time costs five times as much as running. */
#ifndef SCIM_STORE_STATEMENT_H
#define SCIM_STORE_STATEMENT_H

#include "store.h"
#include "where.h"

typedef struct scim_statement_t {
    const scim_scope_t *scope;
    apr_pool_t *p;
    const scim_resource_type_t *type;
    const char *id;
    const char *write_id;              /* new with each statement; the row, or the tombstone, keeps that of its last write */
    scim_sql_t sql;
    apr_array_header_t *text;          /* of const char *: constants and parameter numbers */
    int deletes;                       /* its trace is a tombstone, not a row */
    const char *plain;                 /* SQL of the same parameters that is tried first, no row where it does not fit; or NULL */
    int plain_alone;                   /* nobody may add the resource to a group meanwhile: its row is locked ahead of that */
    const char *before;                /* SQL of the first parameters that goes ahead of the statement, with a snapshot of its own; or NULL */
    int nbefore;                       /* how many parameters */
    const char *ids, *types;           /* parameters: members to add and their claimed types; NULL when there are none */
    int adds_below, adds_self, adds_above; /* is there a member to add whose id comes before, is, comes behind that of the resource? */
    const char *bad_member;            /* id that is no UUID and must be refused */
    int skipped_members;               /* ids that are no UUIDs and were skipped */
} scim_statement_t;

/* The id of a write, unique, in p. */
scim_error_t *scim_statement_write_id(apr_pool_t *p, const char **out);

/* A statement that begins with these parameters. */
scim_error_t *scim_statement_make(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *id,
                                  scim_statement_t **out);

/* Appends texts up to NULL. */
void scim_statement_add(scim_statement_t *st, ...) __attribute__((sentinel));

/* Binds a value and gives its number: "$7". */
const char *scim_statement_bind(scim_statement_t *st, const char *value);

/* " and t.version = any($n)" for what is expected, "" when anything is; the same text serves ok and the outcome. */
const char *scim_statement_expected(scim_statement_t *st, const scim_match_t *expected);

/* One lock order for everything: resources by id, then memberships; and no lock is taken that has to be made stronger later, since somebody
 * else may by then stand in line for the row and wait for this very statement. A change of members locks new members FOR KEY SHARE, the
 * group between them where its id belongs; a delete and a rename lock the resource and the groups that hold it. */

/* Binds members to add; first thing after the parameters that every statement has. */
void scim_statement_bind_wanted(scim_statement_t *st, const scim_members_t *members, scim_unknown_members_e unknown);

/* Expression of this name (id, type): locks members to add. condition: ends with " and ", or "". */
void scim_statement_share(scim_statement_t *st, const char *name, const char *condition);

/* Locks the resource, the groups that hold it and the members to add, so that each can be changed, ahead of the statement. Who adds the
 * resource to a group waits for its row then; and the statement, which looks after that, sees all the groups that hold it: none is left out
 * whose version has to change. n: parameters that are bound, all of them here or in the condition. */
void scim_statement_lock_before(scim_statement_t *st, const char *condition, int n);

/* Expression locked (id, type, version, created, modified): these, and groups that the resource has come into before its row was locked. Their
 * turn in the order of ids may have gone by: one that somebody else is changing is left to that change, which gives it another version. */
void scim_statement_lock(scim_statement_t *st, const char *condition);

/* Expression renewed: what the groups of `locked` show of the resource has changed, and so has their version. The count keeps the server
 * from looking for groups when none was locked. */
#define SCIM_RENEW_HOLDERS                                                                                                   \
    "renewed as (update scim.resource g set version = g.version + 1, write_id = $4::uuid, "                                 \
    "modified = greatest(g.modified, now()) "                                                                                \
    "from ok cross join locked l where g.tenant = $1 and g.id = l.id and exists (select 1 from scim.membership m "           \
    "where m.tenant = $1 and m.group_id = g.id and m.member_id = $3) and g.id <> $3 and (select count(*) from locked) > 1), "

/* Expressions wanted (members to add: id, claimed, type; type NULL: unknown) and bad (the first to refuse). from: where they are found, a
 * query of id and type over the expressions that lock them. */
void scim_statement_wanted(scim_statement_t *st, const char *from, scim_unknown_members_e unknown);

/* The ids of a hash of members as an array literal; those that are no UUIDs are left out. */
const char *scim_statement_ids(scim_statement_t *st, apr_hash_t *ids);

/* May the type's resources have rows in scim.unique_value? */
int scim_statement_has_unique(const scim_resource_type_t *type, const scim_record_t *record);

/* Expressions that store the record's unique values, given that expression `gate` has a row. forget_old: remove those it has no more. */
void scim_statement_unique(scim_statement_t *st, const scim_record_t *record, const char *gate, int forget_old);

/* statement_run.c: runs it. The row: outcome, version, created, modified, bad member, skipped members. When the outcome is
 * "raced" (the resource was changed while the statement waited for it, and nothing was written), it is run again with the lock taken
 * beforehand. When the connection was lost on the way, what became of it is found out by its write_id, and it is run again if it has to
 * be; 503 only when the database stays away. */
scim_error_t *scim_statement_run(scim_statement_t *st, scim_written_t *out);

/* One attempt to find out what became of a write, or to carry it out; *lost: that is still unknown. */
typedef scim_error_t *scim_settle_f(void *data, int *lost);

/* Attempts until one is not lost, or too much time has gone by: its outcome. */
scim_error_t *scim_statement_settle(scim_settle_f *attempt, void *data);

/* Is it still unknown after a second run that ended so (NULL: without an error)? */
int scim_statement_unsettled(const scim_scope_t *scope, const scim_error_t *err);

#endif
