#include "work.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>

#include "../core/base/json.h"
#include "../core/base/json_scan.h"
#include "../core/resource/password.h"
#include "../core/resource/record.h"
#include "../core/resource/reference.h"
#include "me.h"

/* A write that keeps losing to other writers of the same resource: each loss means that another one won. */
#define MOST_TRIES 50
#define LONGEST_PAUSE 20000

/* Costly ones may not be tried so often: whoever sends them at the same row would multiply what each may cost. */
#define MOST_STEPS (4 * (apr_int64_t)SCIM_STEPS)

#define TURN_RETRY_SECONDS 5

static apr_status_t give_back(void *data)
{
    scim_service_t *s = data;

    scim_pool_release(s->database, s->scope.db);
    s->scope.db = NULL;
    return APR_SUCCESS;
}

scim_error_t *scim_work_db(scim_service_t *s)
{
    if (s->scope.db) {
        return NULL;
    }
    SCIM_TRY(scim_pool_acquire(s->database, s->c.p, s->scope.tenant, &s->scope.db));
    s->scope.groupless = scim_pool_groupless(s->database, s->scope.tenant);
    s->holding = s->c.p;
    apr_pool_cleanup_register(s->holding, s, give_back, apr_pool_cleanup_null);
    return NULL;
}

void scim_work_release(scim_service_t *s)
{
    if (s->scope.db) {
        apr_pool_cleanup_run(s->holding, s, give_back);
    }
}

scim_party_t scim_work_party(const scim_service_t *s)
{
    return (scim_party_t){ scim_pool_database(s->database), s->scope.tenant };
}

scim_error_t *scim_work_turn(const scim_service_t *s, scim_turns_t *turns)
{
    apr_status_t status = scim_turns_take(turns, s->c.p, scim_work_party(s));
    scim_error_t *err;
    char text[120];

    if (status == APR_SUCCESS) {
        return NULL;
    }
    err = scim_error(s->c.p, SCIM_E_UNAVAILABLE, "Too much costly work of this tenant at the same time; try again");
    err->retry_after = TURN_RETRY_SECONDS;
    return scim_error_cause(s->c.p, err, "no turn for costly work (searches without an index, passwords): %s",
                            apr_strerror(status, text, sizeof(text)));
}

static int is_large(const char *text)
{
    return text && scim_json_is_large(text, strlen(text));
}

scim_error_t *scim_work_large(scim_service_t *s, const scim_stored_t *stored)
{
    if (!s->large || !stored || !(is_large(stored->doc) || is_large(stored->members))) {
        return NULL;
    }
    scim_work_release(s);
    SCIM_TRY(s->large(s->large_data));
    return scim_work_db(s);
}

scim_error_t *scim_work_hash(const scim_service_t *s, const char *prepared, const char **hash)
{
    unsigned char random[SCIM_PASSWORD_RANDOM];
    scim_error_t *err;
    apr_status_t rv;

    *hash = NULL;
    if (!prepared) {
        return NULL;
    }
    rv = apr_generate_random_bytes(random, sizeof(random));
    if (rv != APR_SUCCESS) {
        return scim_error_cause(s->c.p, scim_error(s->c.p, SCIM_E_INTERNAL, "The password could not be stored"), "no random bytes (%d)", rv);
    }
    if (!s->hashes) {
        return scim_password_hash(s->c.p, prepared, random, hash);
    }
    SCIM_TRY(scim_work_turn(s, s->hashes));
    err = scim_password_hash(s->c.p, prepared, random, hash);
    scim_turns_give(s->hashes, scim_work_party(s));
    return err;
}

scim_json_t *scim_work_document(const scim_service_t *s, const scim_call_t *call, const scim_stored_t *stored)
{
    scim_json_t *doc = scim_document(s->c.p, call->type, stored);

    if (call->type->members) {
        scim_json_remove(doc, call->type->members->name);
    }
    return doc;
}

/* Bytes of a document without what a client need not have said. */
static apr_int64_t size_of(const scim_service_t *s, const scim_resource_type_t *type, const char *text)
{
    scim_json_t *doc = scim_json_trusted(s->c.p, text, strlen(text));
    scim_context_t c = s->c;

    c.type = type;
    scim_json_remove(doc, "schemas");
    scim_json_remove(doc, "active");
    scim_reference_forget(&c, doc);
    return (apr_int64_t)strlen(scim_json_text(s->c.p, doc, NULL));
}

scim_error_t *scim_work_record(scim_service_t *s, const scim_resource_type_t *type, scim_json_t *doc, const char *password_hash,
                               const scim_stored_t *stored, scim_record_t **out)
{
    scim_record_t *record = scim_record_make(s->c.p, type, doc, password_hash);
    const apr_int64_t most = s->discovery.max_payload;
    apr_int64_t size;

    *out = record;
    if ((apr_int64_t)strlen(record->doc) <= most) {
        return NULL;
    }
    size = size_of(s, type, record->doc);
    if (size <= most || (stored && size <= size_of(s, type, stored->doc))) {
        return NULL;
    }
    return scim_error(s->c.p, SCIM_E_TOO_LARGE,
                      "The %s would take %" APR_INT64_T_FMT " bytes, and may take %" APR_INT64_T_FMT ", as a body may (SCIMMaxBody): take "
                      "values out of it, or have the administrator of this service raise SCIMMaxBody", type->name, size, most);
}

scim_error_t *scim_work_not_found(const scim_service_t *s, const scim_call_t *call)
{
    return scim_error(s->c.p, SCIM_E_NOT_FOUND, "There is no %s with this id", call->type->name);
}

static scim_error_t *stale(const scim_service_t *s, const scim_call_t *call)
{
    return scim_error(s->c.p, SCIM_E_PRECONDITION, "The %s has changed; read it again", call->type->name);
}

scim_error_t *scim_work_preconditions(const scim_service_t *s, const scim_call_t *call, const scim_stored_t *stored)
{
    SCIM_TRY(scim_me_check(s, call, stored));
    if (call->if_match && !scim_match_version(call->if_match, stored->version)) {
        return stale(s, call);
    }
    if (call->if_none_match && scim_match_version(call->if_none_match, stored->version)) {
        return scim_error(s->c.p, SCIM_E_PRECONDITION, "If-None-Match names the present version");
    }
    return NULL;
}

const scim_match_t *scim_work_expect(const scim_service_t *s, const scim_stored_t *stored)
{
    scim_match_t *match = apr_pcalloc(s->c.p, sizeof(*match));

    match->tags = apr_array_make(s->c.p, 1, sizeof(const char *));
    match->versions = apr_array_make(s->c.p, 1, sizeof(apr_int64_t));
    APR_ARRAY_PUSH(match->versions, apr_int64_t) = stored->version;
    return match;
}

scim_error_t *scim_work_outcome(const scim_service_t *s, const scim_call_t *call, const scim_written_t *written, scim_answer_t *out)
{
    switch (written->outcome) {
    case SCIM_WRITE_MISSING:
        return scim_work_not_found(s, call);
    case SCIM_WRITE_STALE:
        return stale(s, call);
    case SCIM_WRITE_BAD_MEMBER:
        return scim_error(s->c.p, SCIM_E_INVALID_VALUE, "members: \"%.100s\" is not the id of a user or group of the type that is said",
                          written->bad_member);
    default:
        out->skipped_members = written->skipped_members;
        return NULL;
    }
}

static scim_error_t *too_many_races(const scim_service_t *s, const scim_call_t *call)
{
    scim_error_t *err = scim_error(s->c.p, SCIM_E_UNAVAILABLE, "Too many changes to this %s at the same time", call->type->name);

    err->retry_after = 1;
    return err;
}

static void pause_after(int tries)
{
    unsigned char random[2];

    if (apr_generate_random_bytes(random, sizeof(random)) == APR_SUCCESS) {
        apr_sleep((random[0] << 8 | random[1]) % LONGEST_PAUSE * tries / MOST_TRIES);
    }
}

scim_error_t *scim_work_repeat(scim_service_t *s, const scim_call_t *call, scim_attempt_f *attempt, void *state, scim_written_t *written)
{
    const apr_int64_t steps = s->c.steps;
    apr_pool_t *p = s->c.p, *own;
    apr_int64_t spent = 0;
    scim_error_t *err;
    int tries;

    for (tries = 1; tries <= MOST_TRIES && spent < MOST_STEPS; tries++) {
        s->c.steps = steps; /* each may cost what one request may: to have lost is not the client's fault */
        *written = (scim_written_t){ .outcome = SCIM_WRITE_UNCHANGED };
        SCIM_TRY(scim_work_db(s));
        apr_pool_create(&own, p);
        s->c.p = own;
        err = attempt(s, call, state, written);
        s->c.p = p;
        if (err || written->outcome != SCIM_WRITE_STALE) {
            return err;
        }
        spent += steps - s->c.steps;
        scim_work_release(s);
        apr_pool_destroy(own);
        pause_after(tries);
    }
    return too_many_races(s, call);
}

scim_unknown_members_e scim_work_unknown_members(const scim_service_t *s)
{
    return s->c.profile->skip_unknown_members ? SCIM_MEMBERS_SKIP : SCIM_MEMBERS_REFUSE;
}
