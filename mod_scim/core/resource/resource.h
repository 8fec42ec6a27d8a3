/* A resource in document form: a JSON object with what the client may read back, attribute names in the schema's spelling,
 * extensions under their URN, nothing unassigned. Not in it: schemas, id, meta, groups (derived on read); password (hashed);
 * members (rows), except while an operation needs them loaded. */
#ifndef SCIM_CORE_RESOURCE_H
#define SCIM_CORE_RESOURCE_H

#include "../schema/context.h"
#include "members.h"

/* Tolerances, in scim_options_t.body. */
#define SCIM_BODY_ANY_SCHEMAS 1        /* `schemas` may be missing or name other schemas */

/* What a request body says, after validation. */
typedef struct scim_input_t {
    scim_json_t *doc;           /* document form, members taken out */
    scim_members_t *members;           /* what the body said of members; touched = 0 when it said nothing */
    const char *password;              /* prepared clear text, or NULL */
    scim_json_t *said;                 /* the body, which says null where doc says nothing */
} scim_input_t;

/* Checks the body of a POST or PUT against the schema (dialect coercions of the profile first) and gives it in document form.
 * Unknown and readOnly attributes are ignored (P-02, P-12, U-02). invalidValue: wrong types (P-05), more than one primary
 * (P-13), wrong schemas (C-17, C-18). create: defaults are given to what is omitted (P-06), and the outcome is judged by scim_validate; the
 * body of a PUT is judged when it has been laid over what is stored. The body is not changed. */
scim_error_t *scim_resource_read(scim_context_t *c, scim_json_t *body, int create, scim_input_t **out);

/* PUT semantics: lays the body over the stored document and judges the outcome by scim_validate. What the body leaves out goes, but for what
 * may not change (U-08), what a GET does not show (U-06) and `active` (U-17); what is not shown goes when the body says null. Changes
 * input->doc. */
scim_error_t *scim_resource_replace(scim_context_t *c, scim_json_t *stored, scim_input_t *input);

#endif
