/* From rows of scim.resource to scim_stored_t: the one select list that reads, searches and writes share. */
#ifndef SCIM_STORE_ROWS_H
#define SCIM_STORE_ROWS_H

#include "store.h"

/* Select list over "scim.resource r", constant text, always these seven columns:
 * 0 id, 1 version, 2 created, 3 modified, 4 doc, 5 groups, 6 members.
 * groups and members are lines "<letter><uuid><display as JSON, or nothing>" joined by newlines, NULL when there are none or they
 * are not wanted. Letters: D direct, I indirect group; U user, G group member. */
#define SCIM_ROWS_COLUMNS 7
const char *scim_rows_select(const scim_resource_type_t *type, int members);

/* The column groups as an expression over "scim.resource r". */
const char *scim_rows_groups_column(const scim_resource_type_t *type);

/* One line of members, from a member's id, type and display. */
#define SCIM_ROWS_MEMBER_LINE(id, type, display) "left(" type ", 1) || " id " || coalesce(to_json(" display ")::text, '')"

/* The resource in a row with that select list, as JSON fragments with $ref made from the scope. */
scim_stored_t *scim_rows_stored(const scim_scope_t *s, apr_pool_t *p, const scim_result_t *r, int row);

/* Rows of a statement, read one by one, on their way to a reader. A resource is a row with that select list; a row with nothing but the
 * last column holds one line of members of the resource before it. */
typedef struct scim_row_reader_t {
    const scim_scope_t *scope;
    const scim_reader_t *reader;
    apr_pool_t *scratch;               /* of one resource, or of one piece of its members */
    apr_array_header_t *lines;         /* of char: members that were not given to the reader yet */
    int count;                         /* resources so far */
} scim_row_reader_t;

scim_error_t *scim_row_reader_init(scim_row_reader_t *r, apr_pool_t *p, const scim_scope_t *scope, const scim_reader_t *reader);

/* For scim_db_each, with a scim_row_reader_t. */
scim_error_t *scim_row_reader_row(void *to, const scim_result_t *row);

/* After the last row. */
scim_error_t *scim_row_reader_end(scim_row_reader_t *r);

/* "u", the member of a membership "m". One by one by the primary key ("offset 0"): the planner takes each group for one of average size,
 * and where groups are large it would read all resources of the tenant for the members of a small one. */
#define SCIM_ROWS_OF_MEMBER "cross join lateral (select u.display from scim.resource u where u.tenant = $1 and u.id = m.member_id offset 0) u "

/* Select lists, all of these columns, for lines of members: "scim.membership m" of member "u"; and the columns that a resource's own row
 * has. */
#define SCIM_ROWS_RESOURCE "r.id, r.version, r.created, r.modified, r.doc"
#define SCIM_ROWS_LINE "null::uuid, null::bigint, null::timestamptz, null::timestamptz, null::json, null::text, " \
    SCIM_ROWS_MEMBER_LINE("m.member_id", "m.member_type", "u.display")

/* The lines of groups or members in a column as elements of a JSON array, without the brackets; NULL for NULL. */
const char *scim_rows_references(const scim_scope_t *s, apr_pool_t *p, const scim_result_t *r, int row, int col);

#endif
