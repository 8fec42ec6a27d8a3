/* Strict JSON (RFC 8259, I-JSON) on json-c: the tree is json-c's, what json-c lets through is refused here. */
#ifndef SCIM_CORE_JSON_H
#define SCIM_CORE_JSON_H

#include <apr_pools.h>
#include <json-c/json.h>

#include "error.h"

/* Parses text[0..len) into a tree that lives as long as p. The top level must be an object (H-26). Refused with
 * invalidSyntax: anything outside RFC 8259, invalid UTF-8, U+0000 and lone surrogates, member names that are equal
 * without regard to ASCII case (C-23, H-24), integers beyond 64 bits (H-27), nesting deeper than max_depth. A UTF-8 byte
 * order mark at the start is skipped (H-25). */
scim_error_t *scim_json_parse(apr_pool_t *p, const char *text, apr_size_t len, int max_depth, struct json_object **out);

/* Parses text that was written by this program (a stored document); no strict check. NULL when it is not JSON. */
struct json_object *scim_json_trusted(apr_pool_t *p, const char *text, apr_size_t len);

/* Gives the caller's reference on o to pool p. Returns o. */
struct json_object *scim_json_own(apr_pool_t *p, struct json_object *o);

/* Compact text of o in p; *len may be NULL. */
const char *scim_json_text(apr_pool_t *p, struct json_object *o, apr_size_t *len);

/* The member of object o whose name equals name without regard to ASCII case; NULL when absent or JSON null.
 * *key, when key is not NULL, is the name as the client wrote it. */
struct json_object *scim_json_get(struct json_object *o, const char *name, const char **key);

/* String member by name without regard to case; NULL when absent or of another type. */
const char *scim_json_str(struct json_object *o, const char *name);

/* Leaves of the array those elements for which keep(baton, index, element) is true, in one pass however many go. */
void scim_json_keep(struct json_object *array, int (*keep)(void *baton, size_t index, struct json_object *element), void *baton);

/* Deep copy that lives as long as p. */
struct json_object *scim_json_copy(apr_pool_t *p, struct json_object *o);

/* Equal as JSON values: member order is without meaning (C-32), numbers compare by their exact decimal
 * value. */
int scim_json_equal(struct json_object *a, struct json_object *b);

/* True for NULL, [], {}, and "". What counts as unassigned (RFC 7643 section 2.5, F-22). */
int scim_json_empty(struct json_object *o);

#endif
