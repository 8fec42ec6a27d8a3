/* From rows of scim.resource to scim_stored_t: the one select list that reads, searches and writes share. */
#ifndef SCIM_STORE_ROWS_H
#define SCIM_STORE_ROWS_H

#include "store.h"

/* Which groups of a user are read: none; whether there are any; the direct ones, of which those that are in a group themselves are marked; or
 * all. */
typedef enum { SCIM_GROUPS_NONE, SCIM_GROUPS_ANY, SCIM_GROUPS_DIRECT, SCIM_GROUPS_ALL } scim_groups_e;

/* Select list over "scim.resource r", in p, always these seven columns:
 * 0 id, 1 version, 2 created, 3 modified, 4 doc, 5 groups, 6 members.
 * groups and members are lines "<letter><uuid><display as JSON, or nothing>" joined by newlines, NULL or empty when there are none or they
 * are not wanted. Letters: D direct, N direct and in a group itself, I indirect group; U user, G group member. One letter A alone: there
 * are groups. */
#define SCIM_ROWS_COLUMNS 7
#define SCIM_ROWS_MEMBERS 6
const char *scim_rows_select(apr_pool_t *p, const scim_resource_type_t *type, scim_groups_e which, int members);

/* The column groups as an expression over "scim.resource r". */
const char *scim_rows_groups_column(const scim_resource_type_t *type, scim_groups_e which);

/* One line of members, from a member's id, type and display. */
#define SCIM_ROWS_MEMBER_LINE(id, type, display) "left(" type ", 1) || " id " || coalesce(to_json(" display ")::text, '')"

/* The resource in a row with that select list, as JSON fragments with $ref made from the scope. */
scim_stored_t *scim_rows_stored(const scim_scope_t *s, apr_pool_t *p, const scim_result_t *r, int row);

/* Which groups are asked for first, of one user alone. To make subqueries ready costs a look-up a tenth of its time, and many customers have
 * no groups at all: where the last users of the tenant were in none, it is asked only whether there are any. */
scim_groups_e scim_rows_guess(const scim_scope_t *s);

/* For the next guess: was that user in groups? */
void scim_rows_learn(const scim_scope_t *s, const scim_result_t *r, int row);

/* Does the row, read with SCIM_GROUPS_ANY or SCIM_GROUPS_DIRECT, miss groups? */
int scim_rows_incomplete(const scim_result_t *r, int row);

/* As scim_rows_stored, and what groups the row misses are read as well: 1 round trip where it misses some, else none. */
scim_error_t *scim_rows_complete(const scim_scope_t *s, apr_pool_t *p, const scim_result_t *r, int row, scim_stored_t **out);

/* "u", the member of a membership "m". One by one by the primary key ("offset 0"): the planner takes each group for one of average size,
 * and where groups are large it would read all resources of the tenant for the members of a small one. */
#define SCIM_ROWS_OF_MEMBER "cross join lateral (select u.display from scim.resource u where u.tenant = $1 and u.id = m.member_id offset 0) u "

/* Select lists, all of these columns, for lines of members: "scim.membership m" of member "u"; and the columns that a resource's own row
 * has. */
#define SCIM_ROWS_RESOURCE "r.id, r.version, r.created, r.modified, r.doc"
#define SCIM_ROWS_LINE "null::uuid, null::bigint, null::timestamptz, null::timestamptz, null::json, null::text, " \
    SCIM_ROWS_MEMBER_LINE("m.member_id", "m.member_type", "u.display")

/* Lines of groups or members as elements of a JSON array, without the brackets; without $ref where what it would refer to is not served. */
const char *scim_rows_lines(const scim_scope_t *s, apr_pool_t *p, const char *lines, apr_size_t len);

/* The same of a column: elements of a JSON array, without the brackets; NULL for NULL. */
const char *scim_rows_references(const scim_scope_t *s, apr_pool_t *p, const scim_result_t *r, int row, int col);

#endif
