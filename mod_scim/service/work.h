/* Private to the operations: what several of them need. */
#ifndef SCIM_SERVICE_WORK_H
#define SCIM_SERVICE_WORK_H

#include "service.h"

/* A connection for what follows, taken at first use; given back by scim_work_release. Never held while a password is hashed, while a
 * write that lost a race pauses, or when the operation is over. */
scim_error_t *scim_work_db(scim_service_t *s);
void scim_work_release(scim_service_t *s);

/* The tenant whose operation it is, among those of all databases. */
scim_party_t scim_work_party(const scim_service_t *s);

/* A turn for costly work of the tenant, to be given back by scim_turns_give. 503 with Retry-After when none comes free in time. */
scim_error_t *scim_work_turn(const scim_service_t *s, scim_turns_t *turns);

/* Waits until what is stored may be taken apart, where it is large (scim_json_is_large); meanwhile no connection is held. */
scim_error_t *scim_work_large(scim_service_t *s, const scim_stored_t *stored);

/* The hash of a prepared password, NULL of NULL. Slow on purpose, so once for each request and before it takes a connection. */
scim_error_t *scim_work_hash(const scim_service_t *s, const char *prepared, const char **hash);

/* The stored document without members, which are rows. */
scim_json_t *scim_work_document(const scim_service_t *s, const scim_call_t *call, const scim_stored_t *stored);

/* What is written of a document that takes the place of stored (NULL: of none). 413 when it is larger than a body may be, and larger than it was:
 * else a resource could grow by a body's worth with each PATCH. `active` is not counted, so that anybody can be disabled. */
scim_error_t *scim_work_record(scim_service_t *s, const scim_resource_type_t *type, scim_json_t *doc, const char *password_hash,
                               const scim_stored_t *stored, scim_record_t **out);

scim_error_t *scim_work_not_found(const scim_service_t *s, const scim_call_t *call);

/* May the write go on, now that what is stored has been read: If-Match, If-None-Match, and by /Me an active user. */
scim_error_t *scim_work_preconditions(const scim_service_t *s, const scim_call_t *call, const scim_stored_t *stored);

/* The version that was read, as what a write expects. */
const scim_match_t *scim_work_expect(const scim_service_t *s, const scim_stored_t *stored);

/* The error for a write that was not done; NULL when it was. */
scim_error_t *scim_work_outcome(const scim_service_t *s, const scim_call_t *call, const scim_written_t *written, scim_answer_t *out);

/* One attempt of a write that reads first, on a connection that has been taken; written->outcome SCIM_WRITE_STALE: somebody else was faster. */
typedef scim_error_t *scim_attempt_f(scim_service_t *s, const scim_call_t *call, void *state, scim_written_t *written);

/* Attempts until one is not stale, each with the steps (core/schema/context.h) that were left at the beginning; pauses in between without a
 * connection. Each has a pool of its own as that of the service, which goes with it unless it is the last. 503 when there were too many. */
scim_error_t *scim_work_repeat(scim_service_t *s, const scim_call_t *call, scim_attempt_f *attempt, void *state, scim_written_t *written);

/* What the profile does about member ids that are no resources. */
scim_unknown_members_e scim_work_unknown_members(const scim_service_t *s);

/* ---- show.c: one resource, of s->c.type, as the answer ---- */

/* attributes and excludedAttributes of the call. */
scim_error_t *scim_work_projection(scim_service_t *s, const scim_call_t *call, const scim_projection_t **out);

/* Does the answer show members? */
int scim_work_wants_members(const scim_resource_type_t *type, const scim_projection_t *projection);

/* If-Match (NULL: absent) of a read against what is stored. */
scim_error_t *scim_work_version(const scim_service_t *s, const scim_resource_type_t *type, const scim_match_t *if_match,
                                const scim_stored_t *stored);

/* The resource with its ETag and URL; gives the connection back first. stored->members are shown, which is for few of them. */
void scim_work_represent(scim_service_t *s, const scim_projection_t *projection, const scim_stored_t *stored, int status, scim_answer_t *out);

/* Reads the resource of this id and its members, however many, through a spool. out->status stays 0 when there is none. 1 round trip. */
scim_error_t *scim_work_read(scim_service_t *s, const char *id, const scim_match_t *if_match, const scim_projection_t *projection, int status,
                             scim_answer_t *out);

/* After a write that left the resource so: read where members are shown (1 round trip), else from what is known. What has been written is not
 * answered with an error: if it cannot be read, the answer goes without members, or without the resource (204) where no document is known. */
void scim_work_show(scim_service_t *s, const scim_projection_t *projection, const scim_stored_t *stored, int status, scim_answer_t *out);

#endif
