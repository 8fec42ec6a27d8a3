/* PATCH. Changes of members alone go to the store as one statement, without reading the group. */
#include <apr_strings.h>
#include <string.h>

#include "../core/base/etag.h"
#include "../core/base/json.h"
#include "../core/patch/patch.h"
#include "me.h"
#include "work.h"

typedef struct patching_t {
    const scim_projection_t *projection;
    scim_patch_t *patch;
    const char *hash;                  /* of the password that it sets, or NULL */
    int answers;                       /* the answer has a body */
    scim_stored_t *stored;             /* as read by the last attempt */
} patching_t;

/* Users are answered with the resource; groups with 204 unless the client asks for attributes or the profile for the group
 * (PA-09, clients: group PATCH answer). */
static int answers(const scim_service_t *s, const scim_call_t *call, const scim_projection_t *projection)
{
    return !call->type->members || projection || s->c.profile->group_patch_body;
}

/* Members only: nothing has to be read first. */
static scim_error_t *try_members(scim_service_t *s, const scim_call_t *call, void *state, scim_written_t *written)
{
    const patching_t *x = state;
    scim_patched_t patched;

    SCIM_TRY(scim_patch_apply(&s->c, x->patch, call->id, NULL, &patched));
    SCIM_TRY(scim_work_db(s));
    return scim_store_modify(&s->scope, s->c.p, call->type, call->id, call->if_match, NULL, patched.members, scim_work_unknown_members(s),
                             written);
}

/* readOnly values are compared with what the client can have read (PA-40). */
static scim_error_t *check_echoes(scim_service_t *s, const scim_call_t *call, const patching_t *x)
{
    const char *text;

    if (!x->patch->echoes->nelts) {
        return NULL;
    }
    text = scim_represent(s->c.p, call->type, NULL, s->scope.base_url, x->stored, NULL);
    return scim_patch_echoes(&s->c, x->patch, scim_json_trusted(s->c.p, text, strlen(text)));
}

/* Who the members are that the PATCH adds and then looks at: rare, a round trip more. */
static scim_error_t *look_up(scim_service_t *s, const patching_t *x)
{
    apr_array_header_t *ids;
    const char *elements;

    if (!x->patch->lookup) {
        return NULL;
    }
    SCIM_TRY(scim_patch_added(&s->c, x->patch, &ids));
    SCIM_TRY(scim_store_members(&s->scope, s->c.p, ids, &elements));
    elements = elements ? apr_pstrcat(s->c.p, "[", elements, "]", NULL) : "[]";
    scim_patch_know(s->c.p, x->patch, scim_json_trusted(s->c.p, elements, strlen(elements)));
    return NULL;
}

/* Reads, applies, writes what has changed. */
static scim_error_t *try_document(scim_service_t *s, const scim_call_t *call, void *state, scim_written_t *written)
{
    patching_t *x = state;
    scim_record_t *record = NULL;
    scim_patched_t patched;
    const char *display;
    scim_json_t *doc;

    SCIM_TRY(scim_store_find(&s->scope, s->c.p, call->type, call->id, x->patch->members, &x->stored));
    if (!x->stored) {
        return scim_work_not_found(s, call);
    }
    SCIM_TRY(scim_work_large(s, x->stored));
    SCIM_TRY(scim_work_preconditions(s, call, x->stored));
    SCIM_TRY(check_echoes(s, call, x));
    SCIM_TRY(look_up(s, x));
    doc = x->patch->members ? scim_document(s->c.p, call->type, x->stored) : scim_work_document(s, call, x->stored);
    display = apr_pstrdup(s->c.p, scim_record_display(doc));
    SCIM_TRY(scim_patch_apply(&s->c, x->patch, call->id, doc, &patched));
    SCIM_TRY(scim_me_changes(s, call, x->stored, doc));
    if (!patched.changed && !x->hash && !patched.members->touched) {
        written->outcome = SCIM_WRITE_UNCHANGED;
        written->stored = *x->stored;
        return NULL;
    }
    if (patched.changed || x->hash) {
        SCIM_TRY(scim_work_record(s, call->type, doc, x->hash, x->stored, &record));
        scim_record_replaces(record, display);
    }
    SCIM_TRY(scim_store_modify(&s->scope, s->c.p, call->type, call->id, scim_work_expect(s, x->stored), record,
                               patched.members->touched ? patched.members : NULL, scim_work_unknown_members(s), written));
    written->stored.groups = x->stored->groups;
    return NULL;
}

/* If-None-Match on a write needs the present version: such a PATCH reads first. */
static int needs_document(const scim_call_t *call, const patching_t *x)
{
    return x->patch->document || x->patch->members || call->if_none_match;
}

static scim_error_t *apply(scim_service_t *s, const scim_call_t *call, patching_t *x, scim_written_t *written)
{
    if (needs_document(call, x)) {
        return scim_work_repeat(s, call, try_document, x, written);
    }
    /* STALE says that If-Match does not hold: another attempt would not change that. */
    return try_members(s, call, x, written);
}

/* Attributes returned on request come back when the client sent them (P-09). */
static void show_sent(scim_service_t *s, const scim_call_t *call, patching_t *x)
{
    int i;

    for (i = 0; call->type->always_project && i < x->patch->ops->nelts; i++) {
        const scim_patch_op_t *op = APR_ARRAY_IDX(x->patch->ops, i, const scim_patch_op_t *);
        const scim_attrpath_t *target = &op->path->target;
        if (target->attr) {
            x->projection = scim_projection_sent(s->c.p, x->projection, target->attr);
            x->projection = scim_projection_sent_in(s->c.p, x->projection, target->attr, target->sub ? NULL : op->value);
        }
        if (target->sub) {
            x->projection = scim_projection_sent(s->c.p, x->projection, target->sub);
        }
    }
}

/* Of a change of members alone no document is known: a group whose body is asked for is read. */
static void read_document(scim_service_t *s, const scim_call_t *call, scim_stored_t *now, scim_answer_t *out)
{
    scim_stored_t *stored;

    out->untold = scim_store_find(&s->scope, s->c.p, call->type, call->id, 0, &stored);
    if (!out->untold && stored) {
        *now = *stored;
    }
}

static void answer(scim_service_t *s, const scim_call_t *call, const patching_t *x, scim_stored_t *now, scim_answer_t *out)
{
    if (!x->answers) {
        out->status = SCIM_HTTP_NO_CONTENT;
        out->etag = scim_etag(s->c.p, now->version, NULL);
        return;
    }
    if (!now->doc && !scim_work_wants_members(call->type, x->projection)) {
        read_document(s, call, now, out);
    }
    scim_work_show(s, x->projection, now, SCIM_HTTP_OK, out);
}

static scim_error_t *patch(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    patching_t x = { NULL, NULL, NULL, 0, NULL };
    scim_written_t written = { .outcome = SCIM_WRITE_UNCHANGED };
    scim_patch_t *parsed;

    SCIM_TRY(scim_work_projection(s, call, &x.projection));
    SCIM_TRY(scim_patch_parse(&s->c, call->body, &parsed));
    SCIM_TRY(scim_me_password(s, call, parsed->password));
    x.patch = parsed;
    x.answers = answers(s, call, x.projection);
    show_sent(s, call, &x);
    SCIM_TRY(scim_work_hash(s, parsed->password, &x.hash));
    SCIM_TRY(apply(s, call, &x, &written));
    SCIM_TRY(scim_work_outcome(s, call, &written, out));
    answer(s, call, &x, &written.stored, out);
    return NULL;
}

const scim_operation_t scim_patch = { "patch", SCIM_RIGHT_WRITE, patch };
