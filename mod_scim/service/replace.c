/* PUT: the body is checked once, before a connection is taken, and laid over what is stored in each attempt. */
#include "../core/base/json.h"
#include "../core/resource/resource.h"
#include "me.h"
#include "work.h"

typedef struct replacing_t {
    const scim_projection_t *projection;
    const scim_input_t *input;         /* what the body says */
    const char *hash;                  /* of its password, or NULL */
    scim_stored_t *stored;             /* as read by the last attempt */
} replacing_t;

/* The body over what is stored, as a record; NULL when the document stays as it is (U-14). */
static scim_error_t *make_record(scim_service_t *s, const scim_call_t *call, const replacing_t *r, scim_record_t **record)
{
    scim_json_t *stored = scim_work_document(s, call, r->stored);
    scim_input_t input = *r->input;

    input.doc = scim_json_copy(s->c.p, r->input->doc);
    SCIM_TRY(scim_resource_replace(&s->c, stored, &input));
    SCIM_TRY(scim_me_changes(s, call, r->stored, input.doc));
    *record = NULL;
    if (r->hash || !scim_json_equal(stored, input.doc)) {
        SCIM_TRY(scim_work_record(s, call->type, input.doc, r->hash, r->stored, record));
        scim_record_replaces(*record, scim_record_display(stored));
    }
    return NULL;
}

static scim_error_t *try_replace(scim_service_t *s, const scim_call_t *call, void *state, scim_written_t *written)
{
    replacing_t *r = state;
    scim_record_t *record;

    SCIM_TRY(scim_store_find(&s->scope, s->c.p, call->type, call->id, 0, &r->stored));
    if (!r->stored) {
        return scim_work_not_found(s, call);
    }
    SCIM_TRY(scim_work_large(s, r->stored));
    SCIM_TRY(scim_work_preconditions(s, call, r->stored));
    SCIM_TRY(make_record(s, call, r, &record));
    if (!record && !r->input->members->touched) {
        written->outcome = SCIM_WRITE_UNCHANGED;
        return NULL;
    }
    return scim_store_modify(&s->scope, s->c.p, call->type, call->id, scim_work_expect(s, r->stored), record,
                             r->input->members->touched ? r->input->members : NULL, scim_work_unknown_members(s), written);
}

static scim_error_t *replace(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    replacing_t r = { NULL, NULL, NULL, NULL };
    scim_input_t *input;
    scim_written_t written;

    SCIM_TRY(scim_work_projection(s, call, &r.projection));
    SCIM_TRY(scim_resource_read(&s->c, call->body, 0, &input));
    SCIM_TRY(scim_me_password(s, call, input->password));
    r.input = input;
    SCIM_TRY(scim_work_hash(s, input->password, &r.hash));
    r.projection = scim_projection_sent_all(s->c.p, call->type, r.projection, input->doc);
    SCIM_TRY(scim_work_repeat(s, call, try_replace, &r, &written));
    SCIM_TRY(scim_work_outcome(s, call, &written, out));
    if (written.outcome == SCIM_WRITE_UNCHANGED && !written.stored.id) {
        written.stored = *r.stored;
    }
    if (!written.stored.doc) {
        written.stored.doc = r.stored->doc;
    }
    written.stored.groups = r.stored->groups;
    scim_work_show(s, r.projection, &written.stored, SCIM_HTTP_OK, out);
    return NULL;
}

const scim_operation_t scim_replace = { "replace", SCIM_RIGHT_WRITE, replace };
