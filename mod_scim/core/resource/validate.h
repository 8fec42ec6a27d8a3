/* What a finished document must be, by whatever route it came about: nothing is stored that its own GET and PUT would refuse or change. */
#ifndef SCIM_CORE_VALIDATE_H
#define SCIM_CORE_VALIDATE_H

#include "../schema/context.h"

/* Bytes of the longest comparison key that an index takes: PostgreSQL's entries end at 2,704, and tenant, type and the name of a unique
 * attribute stand beside it. */
#define SCIM_LONGEST_KEY 2000

/* What is judged. */
typedef enum {
    SCIM_JUDGE_ALL,                    /* the whole document, whose values have been read by scim_value_read (POST, PUT) */
    SCIM_JUDGE_CHANGES                 /* what differs from the stored document, values included (PATCH, and whatever disables): a fault that
                                        * was stored before, say because a rule was tightened later, is left where it is */
} scim_judge_e;

/* Judges the document `after`; `before` is the stored one, NULL for a new resource. invalidValue: what is required is missing (P-04), parts
 * of values and required extensions included; a value of the wrong type or form; more than one primary (V-01); a form of userName that the
 * profile does not take; a key longer than SCIM_LONGEST_KEY. mutability: an immutable value is not what it was (U-07, PA-41), whether it
 * was replaced or went with what held it. Values that are the same twice become one (V-03), empty containers go. *at, when at is not NULL:
 * the top-level attribute that is at fault. */
scim_error_t *scim_validate(scim_context_t *c, scim_judge_e judge, scim_json_t *before, scim_json_t *after,
                            const scim_attribute_t **at);

/* What today's rules would refuse or change of a stored document, if its values came in now: sentences (const char *) are pushed to
 * `faults`, one for each attribute at fault. doc is left as it is. What is kept elsewhere (password, members) is not looked at. */
void scim_validate_stored(scim_context_t *c, scim_json_t *doc, apr_array_header_t *faults);

#endif
