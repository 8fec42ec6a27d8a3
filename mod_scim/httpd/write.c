/* POST, PUT and DELETE. */
#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>

#include "../core/base/json.h"
#include "../core/base/text.h"
#include "private.h"

static scim_error_t *new_id(scim_request_t *q, const char **id)
{
    unsigned char random[8];
    apr_status_t rv = apr_generate_random_bytes(random, sizeof(random));

    if (rv != APR_SUCCESS) {
        return scim_error_cause(q->p, scim_error(q->p, SCIM_E_INTERNAL, "No id could be made"), "no random bytes (%d)", rv);
    }
    *id = scim_uuid7(q->p, apr_time_now(), random);
    return NULL;
}

/* Reads what the reply has to show again: a write with members tells them only when asked to. */
static int wants_members(const scim_request_t *q, const scim_projection_t *projection)
{
    return q->route.type->members && scim_projection_wants(projection, q->route.type->members);
}

static scim_error_t *reply_written(scim_request_t *q, const scim_projection_t *projection, const scim_stored_t *stored, int status)
{
    scim_request_release(q);
    scim_request_represent(q, projection, stored, status);
    return NULL;
}

/* POST of a user who is there but inactive: restores that user with what the body says (client rule 23). *done: it was so. */
static scim_error_t *restore(scim_request_t *q, const scim_projection_t *projection, const scim_record_t *record, int *done)
{
    scim_stored_t *stored;
    scim_written_t written;

    *done = 0;
    if (!record->user_name) {
        return NULL;
    }
    SCIM_TRY(scim_store_find_inactive(&q->scope, q->p, q->route.type, record->user_name, &stored));
    if (!stored) {
        return NULL;
    }
    SCIM_TRY(scim_store_modify(&q->scope, q->p, q->route.type, stored->id, scim_request_expect(q, stored), record, NULL, SCIM_MEMBERS_SKIP, 0,
                               &written));
    if (written.outcome != SCIM_WRITE_DONE) {
        return NULL;
    }
    *done = 1;
    return reply_written(q, projection, &written.stored, HTTP_CREATED);
}

scim_error_t *scim_handle_create(scim_request_t *q)
{
    const scim_projection_t *projection;
    struct json_object *body;
    scim_input_t *input;
    scim_record_t *record;
    scim_written_t written;
    const char *id = NULL;
    scim_error_t *err;
    int done;

    SCIM_TRY(scim_request_projection(q, &projection));
    SCIM_TRY(scim_body_read(q, &body));
    SCIM_TRY(scim_resource_read(&q->context, body, 1, &input));
    projection = scim_projection_sent_all(q->p, q->route.type, projection, input->doc);
    SCIM_TRY(scim_record_make(q->p, q->route.type, input->doc, input->password, &record));
    SCIM_TRY(new_id(q, &id));
    SCIM_TRY(scim_request_db(q));
    err = scim_store_create(&q->scope, q->p, q->route.type, id, record, input->members, scim_request_unknown_members(q), &written);
    if (err && err->code == SCIM_E_UNIQUENESS && q->profile->restore_inactive) {
        SCIM_TRY(restore(q, projection, record, &done));
        if (done) {
            return NULL;
        }
    }
    SCIM_TRY(err);
    SCIM_TRY(scim_request_outcome(q, &written));
    return reply_written(q, projection, &written.stored, HTTP_CREATED);
}

/* ---- PUT ---- */

typedef struct replacing_t {
    const scim_projection_t *projection;
    struct json_object *body;
    scim_stored_t *stored;
    int members;                       /* the reply shows members */
} replacing_t;

/* The body against what is stored, as a record; NULL when the document stays as it is (U-14). */
static scim_error_t *make_replacement(scim_request_t *q, replacing_t *r, scim_input_t **input, scim_record_t **record)
{
    struct json_object *stored = scim_document(q->p, q->route.type, r->stored);

    if (q->route.type->members) {
        json_object_object_del(stored, q->route.type->members->name);
    }
    SCIM_TRY(scim_resource_read(&q->context, r->body, 0, input));
    r->projection = scim_projection_sent_all(q->p, q->route.type, r->projection, (*input)->doc);
    SCIM_TRY(scim_resource_replace(&q->context, stored, *input));
    SCIM_TRY(scim_resource_check(&q->context, (*input)->doc));
    if (q->route.type->members && !(*input)->members->touched && !q->profile->keep_absent_members) {
        scim_members_clear((*input)->members);
    }
    if (!(*input)->password && scim_json_equal(stored, (*input)->doc)) {
        *record = NULL;
        return NULL;
    }
    return scim_record_make(q->p, q->route.type, (*input)->doc, (*input)->password, record);
}

/* One attempt; written->outcome STALE: somebody else was faster. */
static scim_error_t *try_replace(scim_request_t *q, replacing_t *r, scim_written_t *written)
{
    scim_input_t *input;
    scim_record_t *record;

    SCIM_TRY(scim_request_db(q));
    SCIM_TRY(scim_store_find(&q->scope, q->p, q->route.type, q->route.id, r->members, &r->stored));
    if (!r->stored) {
        return scim_not_found(q);
    }
    SCIM_TRY(scim_request_preconditions(q, r->stored));
    SCIM_TRY(make_replacement(q, r, &input, &record));
    if (!record && !input->members->touched) {
        written->outcome = SCIM_WRITE_UNCHANGED;
        return NULL;
    }
    return scim_store_modify(&q->scope, q->p, q->route.type, q->route.id, scim_request_expect(q, r->stored), record,
                             input->members->touched ? input->members : NULL, scim_request_unknown_members(q), r->members, written);
}

scim_error_t *scim_handle_replace(scim_request_t *q)
{
    replacing_t r = { NULL, NULL, NULL, 0 };
    scim_written_t written;
    int tries = 0;

    SCIM_TRY(scim_request_projection(q, &r.projection));
    SCIM_TRY(scim_body_read(q, &r.body));
    r.members = wants_members(q, r.projection);
    for (;;) {
        SCIM_TRY(try_replace(q, &r, &written));
        if (written.outcome != SCIM_WRITE_STALE) {
            break;
        }
        SCIM_TRY(scim_request_again(q, &tries));
    }
    if (written.outcome == SCIM_WRITE_UNCHANGED) {
        return reply_written(q, r.projection, r.stored, HTTP_OK);
    }
    SCIM_TRY(scim_request_outcome(q, &written));
    if (!written.stored.doc) {
        written.stored.doc = r.stored->doc;
        written.stored.groups = r.stored->groups;
    }
    return reply_written(q, r.projection, &written.stored, HTTP_OK);
}

/* ---- DELETE ---- */

/* One attempt to set active to false. */
static scim_error_t *try_disable(scim_request_t *q, scim_written_t *written)
{
    struct json_object *doc, *active;
    scim_record_t *record;
    scim_stored_t *stored;

    memset(written, 0, sizeof(*written));
    SCIM_TRY(scim_store_find(&q->scope, q->p, q->route.type, q->route.id, 0, &stored));
    if (!stored) {
        return scim_not_found(q);
    }
    SCIM_TRY(scim_request_preconditions(q, stored));
    doc = scim_document(q->p, q->route.type, stored);
    if (json_object_object_get_ex(doc, "active", &active) && !json_object_get_boolean(active)) {
        written->outcome = SCIM_WRITE_UNCHANGED;
        return NULL;
    }
    json_object_object_add(doc, "active", json_object_new_boolean(0));
    SCIM_TRY(scim_record_make(q->p, q->route.type, doc, NULL, &record));
    return scim_store_modify(&q->scope, q->p, q->route.type, q->route.id, scim_request_expect(q, stored), record, NULL, SCIM_MEMBERS_SKIP, 0,
                             written);
}

/* DELETE as the profile means it: the resource stays and is disabled. */
static scim_error_t *disable(scim_request_t *q)
{
    scim_written_t written;
    int tries = 0;

    for (;;) {
        SCIM_TRY(try_disable(q, &written));
        if (written.outcome != SCIM_WRITE_STALE) {
            break;
        }
        SCIM_TRY(scim_request_again(q, &tries));
    }
    q->reply.status = HTTP_NO_CONTENT;
    return scim_request_outcome(q, &written);
}

/* If-None-Match on DELETE needs the present version: rare, and only then the resource is read first. */
static scim_error_t *check_none_match(scim_request_t *q)
{
    scim_stored_t *stored;

    if (!q->if_none_match) {
        return NULL;
    }
    SCIM_TRY(scim_store_find(&q->scope, q->p, q->route.type, q->route.id, 0, &stored));
    return stored ? scim_request_preconditions(q, stored) : scim_not_found(q);
}

scim_error_t *scim_handle_delete(scim_request_t *q)
{
    scim_written_t written;

    if (q->route.type->on_delete == SCIM_DELETE_REFUSE) {
        return scim_error(q->p, SCIM_E_FORBIDDEN, "A %s cannot be deleted here; set active to false instead", q->route.type->name);
    }
    SCIM_TRY(scim_request_db(q));
    if (q->route.type->on_delete == SCIM_DELETE_DISABLE) {
        return disable(q);
    }
    SCIM_TRY(check_none_match(q));
    SCIM_TRY(scim_store_delete(&q->scope, q->p, q->route.type, q->route.id, q->if_match, &written));
    SCIM_TRY(scim_request_outcome(q, &written));
    q->reply.status = HTTP_NO_CONTENT;
    return NULL;
}
