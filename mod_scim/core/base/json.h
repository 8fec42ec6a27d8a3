/* Strict JSON (RFC 8259, I-JSON). The tree is json-c's, which only json.c knows; what json-c lets through is refused (json_scan.h).
 *
 * Every value that is made or parsed belongs to the pool it was made in: it lives at least as long. Containers hold their values for
 * themselves, so a value may stand in several, and taking it out of one, or the end of its pool, hurts no other. What is looked up is the
 * container's: it lives as long as it stands there. NULL is JSON's null, wherever a value is taken or given. */
#ifndef SCIM_CORE_JSON_H
#define SCIM_CORE_JSON_H

#include <apr_pools.h>

#include "error.h"

typedef struct scim_json_t scim_json_t;

typedef enum {
    SCIM_JSON_NULL, SCIM_JSON_BOOLEAN, SCIM_JSON_INTEGER, SCIM_JSON_DECIMAL, SCIM_JSON_STRING, SCIM_JSON_ARRAY, SCIM_JSON_OBJECT
} scim_json_e;

/* ---- from text and to text ---- */

/* Parses text[0..len) into a tree that lives as long as p. The top level must be an object (H-26). Refused with
 * invalidSyntax: anything outside RFC 8259, invalid UTF-8, U+0000 and lone surrogates, member names that are equal
 * without regard to ASCII case (C-23, H-24), integers beyond 64 bits (H-27), nesting deeper than max_depth. A UTF-8 byte
 * order mark at the start is skipped (H-25). */
scim_error_t *scim_json_parse(apr_pool_t *p, const char *text, apr_size_t len, int max_depth, scim_json_t **out);

/* The same, except that integers beyond 64 bits are taken for the nearest that fits: for numbers of which it only counts that they are large, and
 * which nobody stores. */
scim_error_t *scim_json_parse_clamped(apr_pool_t *p, const char *text, apr_size_t len, int max_depth, scim_json_t **out);

/* Parses text that was written by this program (a stored document); no strict check. NULL when it is not JSON. */
scim_json_t *scim_json_trusted(apr_pool_t *p, const char *text, apr_size_t len);

/* Compact text of o in p; *len may be NULL. */
const char *scim_json_text(apr_pool_t *p, scim_json_t *o, apr_size_t *len);

/* ---- making; values are in p ---- */

scim_json_t *scim_json_new_object(apr_pool_t *p);
scim_json_t *scim_json_new_array(apr_pool_t *p);
scim_json_t *scim_json_new_string(apr_pool_t *p, const char *s);
scim_json_t *scim_json_new_boolean(apr_pool_t *p, int yes);

/* Deep copy in p; NULL of NULL. */
scim_json_t *scim_json_copy(apr_pool_t *p, scim_json_t *o);

/* Sets the member of object o with just this name; the last three make the value in the object. */
void scim_json_set(scim_json_t *o, const char *name, scim_json_t *value);
void scim_json_set_string(scim_json_t *o, const char *name, const char *s);
void scim_json_set_boolean(scim_json_t *o, const char *name, int yes);
void scim_json_set_integer(scim_json_t *o, const char *name, apr_int64_t n);

/* Takes the member with just this name out of object o, if there is one. */
void scim_json_remove(scim_json_t *o, const char *name);

/* Puts a value at the end of an array, or in the place of the one at an index. */
void scim_json_append(scim_json_t *array, scim_json_t *value);
void scim_json_append_string(scim_json_t *array, const char *s);
void scim_json_put(scim_json_t *array, size_t index, scim_json_t *value);

/* ---- looking ---- */

scim_json_e scim_json_type(scim_json_t *v);
int scim_json_is(scim_json_t *v, scim_json_e type);

/* Elements of an array, members of an object; 0 of anything else. */
size_t scim_json_count(scim_json_t *v);

/* The element at an index; NULL beyond the end and of anything but an array. */
scim_json_t *scim_json_at(scim_json_t *array, size_t index);

/* A string's text; a number's or boolean's as JSON has it. Lives as long as the value. NULL of NULL. */
const char *scim_json_string(scim_json_t *v);
apr_size_t scim_json_string_length(scim_json_t *v);

/* Is it the boolean true? */
int scim_json_true(scim_json_t *v);

apr_int64_t scim_json_integer(scim_json_t *v);

/* Has object o a member with just this name? *value, when value is not NULL, is it, else NULL. */
int scim_json_find(scim_json_t *o, const char *name, scim_json_t **value);

/* The value of that member; NULL when there is none, and of anything but an object. */
scim_json_t *scim_json_member(scim_json_t *o, const char *name);

/* Walks the members in their order: for (it = scim_json_iter(o); scim_json_next(&it);). The member at hand may be taken out on the way. */
typedef struct scim_json_iter_t {
    const char *name;
    scim_json_t *value;
    void *rest;                        /* json.c's */
} scim_json_iter_t;

scim_json_iter_t scim_json_iter(scim_json_t *o);
int scim_json_next(scim_json_iter_t *it);

/* The member of object o whose name equals name without regard to ASCII case; NULL when absent or JSON null.
 * *key, when key is not NULL, is the name as the client wrote it. */
scim_json_t *scim_json_get(scim_json_t *o, const char *name, const char **key);

/* String member by name without regard to case; NULL when absent or of another type. */
const char *scim_json_str(scim_json_t *o, const char *name);

/* Is s, without regard to ASCII case, among the strings of the array? */
int scim_json_names(scim_json_t *array, const char *s);

/* Leaves of the array those elements for which keep(baton, index, element) is true, in one pass however many go. */
void scim_json_keep(scim_json_t *array, int (*keep)(void *baton, size_t index, scim_json_t *element), void *baton);

/* Equal as JSON values: member order is without meaning (C-32), numbers compare by their exact decimal
 * value. */
int scim_json_equal(scim_json_t *a, scim_json_t *b);

/* True for NULL, [], {}, and "". What counts as unassigned (RFC 7643 section 2.5, F-22). */
int scim_json_empty(scim_json_t *o);

#endif
