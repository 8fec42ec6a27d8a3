/* POST. */
#include <apr_general.h>

#include "../core/base/json.h"
#include "../core/base/text.h"
#include "create.h"

scim_error_t *scim_work_new_id(const scim_service_t *s, const char **id)
{
    unsigned char random[8];
    apr_status_t rv = apr_generate_random_bytes(random, sizeof(random));

    if (rv != APR_SUCCESS) {
        return scim_error_cause(s->c.p, scim_error(s->c.p, SCIM_E_INTERNAL, "No id could be made"), "no random bytes (%d)", rv);
    }
    *id = scim_uuid7(s->c.p, apr_time_now(), random);
    return NULL;
}

/* The body laid over the inactive user, as a PUT would be, except that the user becomes active unless the body says otherwise. */
static scim_error_t *make_restored(scim_service_t *s, const scim_call_t *call, const scim_new_t *made, const scim_stored_t *stored,
                                   scim_record_t **record)
{
    scim_input_t input = *made->input;
    scim_error_t *err;

    input.doc = scim_json_copy(s->c.p, made->input->doc);
    err = scim_resource_replace(&s->c, scim_document(s->c.p, call->type, stored), &input);
    if (err) {
        return scim_error_prefix(s->c.p, err, "A user of this name exists, disabled, and cannot be restored so: ");
    }
    if (!scim_json_find(made->input->doc, "active", NULL)) {
        scim_json_remove(input.doc, "active");
    }
    return scim_work_record(s, call->type, input.doc, made->record->password, stored, record);
}

/* Written over the version that was read. MISSING: there is nobody to restore. */
static scim_error_t *try_restore(scim_service_t *s, const scim_call_t *call, void *state, scim_written_t *written)
{
    const scim_new_t *made = state;
    scim_stored_t *stored;
    scim_record_t *record = NULL;

    SCIM_TRY(scim_store_find_inactive(&s->scope, s->c.p, call->type, made->record->user_name, &stored));
    if (!stored) {
        written->outcome = SCIM_WRITE_MISSING;
        return NULL;
    }
    SCIM_TRY(scim_work_large(s, stored));
    SCIM_TRY(make_restored(s, call, made, stored, &record));
    SCIM_TRY(scim_store_modify(&s->scope, s->c.p, call->type, stored->id, scim_work_expect(s, stored), record, NULL, SCIM_MEMBERS_SKIP, written));
    written->stored.groups = stored->groups;
    return NULL;
}

/* What was wrong with the create, unless an inactive user could be restored instead (client rule 23). */
static scim_error_t *restore(scim_service_t *s, const scim_call_t *call, scim_error_t *taken, const scim_new_t *made, scim_written_t *written)
{
    scim_new_t state = *made;

    if (taken->code != SCIM_E_UNIQUENESS || !s->c.profile->restore_inactive || !made->record->user_name) {
        return taken;
    }
    SCIM_TRY(scim_work_repeat(s, call, try_restore, &state, written));
    return written->outcome == SCIM_WRITE_DONE ? NULL : taken;
}

scim_error_t *scim_work_new(scim_service_t *s, scim_json_t *body, const char *id, scim_new_t **out)
{
    scim_new_t *made = apr_palloc(s->c.p, sizeof(*made));
    scim_input_t *input;
    const char *hash;

    SCIM_TRY(scim_resource_read(&s->c, body, 1, &input));
    SCIM_TRY(scim_work_hash(s, input->password, &hash));
    made->input = input;
    SCIM_TRY(scim_work_record(s, s->c.type, input->doc, hash, NULL, &made->record));
    made->id = id;
    if (!id) {
        SCIM_TRY(scim_work_new_id(s, &made->id));
    }
    *out = made;
    return NULL;
}

scim_error_t *scim_work_create(scim_service_t *s, const scim_call_t *call, const scim_new_t *made, scim_written_t *written)
{
    scim_error_t *err;

    SCIM_TRY(scim_work_db(s));
    err = scim_store_create(&s->scope, s->c.p, call->type, made->id, made->record, made->input->members, scim_work_unknown_members(s), written);
    return err ? restore(s, call, err, made, written) : NULL;
}

static scim_error_t *create(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    const scim_projection_t *projection;
    scim_written_t written;
    scim_new_t *made;

    SCIM_TRY(scim_work_projection(s, call, &projection));
    SCIM_TRY(scim_work_new(s, call->body, NULL, &made));
    projection = scim_projection_sent_all(s->c.p, call->type, projection, made->input->doc);
    SCIM_TRY(scim_work_create(s, call, made, &written));
    SCIM_TRY(scim_work_outcome(s, call, &written, out));
    if (!apr_hash_count(made->input->members->add)) {
        scim_work_represent(s, projection, &written.stored, SCIM_HTTP_CREATED, out);
    }
    else {
        scim_work_show(s, projection, &written.stored, SCIM_HTTP_CREATED, out);
    }
    return NULL;
}

const scim_operation_t scim_create = { "create", SCIM_RIGHT_WRITE, create };
