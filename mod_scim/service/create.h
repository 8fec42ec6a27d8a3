/* Private to POST and Bulk: a resource that is to be made. */
#ifndef SCIM_SERVICE_CREATE_H
#define SCIM_SERVICE_CREATE_H

#include "../core/resource/record.h"
#include "../core/resource/resource.h"
#include "work.h"

typedef struct scim_new_t {
    const scim_input_t *input;
    scim_record_t *record;
    const char *id;
} scim_new_t;

/* An id for a resource, in the service's pool. */
scim_error_t *scim_work_new_id(const scim_service_t *s, const char **id);

/* Checks a body for s->c.type and makes all that can be made without the database, its password's hash included: in the service's pool. id:
 * NULL for a new one. */
scim_error_t *scim_work_new(scim_service_t *s, scim_json_t *body, const char *id, scim_new_t **out);

/* Writes it, or restores the inactive user who is in its way, where the profile says so: written->stored.id tells. 1 round trip; 2 more to
 * restore. */
scim_error_t *scim_work_create(scim_service_t *s, const scim_call_t *call, const scim_new_t *made, scim_written_t *written);

#endif
