/* DELETE, as the profile means it. */
#include "../core/base/json.h"
#include "../core/resource/resource.h"
#include "work.h"

/* Sets active to false. Never fails for what else the document holds. */
static scim_error_t *try_disable(scim_service_t *s, const scim_call_t *call, void *state, scim_written_t *written)
{
    scim_json_t *doc, *active;
    scim_record_t *record;
    scim_stored_t *stored;

    (void)state;
    SCIM_TRY(scim_store_find(&s->scope, s->c.p, call->type, call->id, 0, &stored));
    if (!stored) {
        return scim_work_not_found(s, call);
    }
    SCIM_TRY(scim_work_large(s, stored));
    SCIM_TRY(scim_work_preconditions(s, call, stored));
    doc = scim_document(s->c.p, call->type, stored);
    if (scim_json_find(doc, "active", &active) && !scim_json_true(active)) {
        written->outcome = SCIM_WRITE_UNCHANGED;
        return NULL;
    }
    scim_json_set_boolean(doc, "active", 0);
    record = scim_record_make(s->c.p, call->type, doc, NULL);
    return scim_store_modify(&s->scope, s->c.p, call->type, call->id, scim_work_expect(s, stored), record, NULL, SCIM_MEMBERS_SKIP, written);
}

/* If-None-Match on DELETE needs the present version, /Me an active user: rare, and only then the resource is read first. */
static scim_error_t *check_stored(scim_service_t *s, const scim_call_t *call)
{
    scim_stored_t *stored;

    if (!call->if_none_match && !call->me) {
        return NULL;
    }
    SCIM_TRY(scim_store_find(&s->scope, s->c.p, call->type, call->id, 0, &stored));
    return stored ? scim_work_preconditions(s, call, stored) : scim_work_not_found(s, call);
}

static scim_error_t *remove_resource(scim_service_t *s, const scim_call_t *call, scim_written_t *written)
{
    SCIM_TRY(scim_work_db(s));
    SCIM_TRY(check_stored(s, call));
    return scim_store_delete(&s->scope, s->c.p, call->type, call->id, call->if_match, written);
}

static scim_error_t *delete(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    scim_written_t written;

    switch (call->type->on_delete) {
    case SCIM_DELETE_REFUSE:
        return scim_error(s->c.p, SCIM_E_FORBIDDEN, "A %s cannot be deleted here; set active to false instead", call->type->name);
    case SCIM_DELETE_DISABLE:
        SCIM_TRY(scim_work_repeat(s, call, try_disable, NULL, &written));
        break;
    default:
        SCIM_TRY(remove_resource(s, call, &written));
    }
    out->status = SCIM_HTTP_NO_CONTENT;
    return scim_work_outcome(s, call, &written, out);
}

const scim_operation_t scim_delete = { "delete", SCIM_RIGHT_WRITE, delete };
