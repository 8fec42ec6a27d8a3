/* PATCH. Changes of members alone go to the store as one statement, without reading the group. */
#include <apr_strings.h>
#include <string.h>

#include "../core/base/json.h"
#include "private.h"

typedef struct patching_t {
    const scim_projection_t *projection;
    const scim_patch_t *patch;
    int answer;                        /* the reply has a body */
    int members;                       /* ... which shows members */
    scim_stored_t *stored;             /* as read; NULL when it was not */
    scim_written_t written;
} patching_t;

/* Users are answered with the resource; groups with 204 unless the client asks for attributes or the profile for the group
 * (PA-09, clients: group PATCH answer). */
static int answers(const scim_request_t *q, const scim_projection_t *projection)
{
    return !q->route.type->members || projection || q->profile->group_patch_body;
}

/* Members only: nothing has to be read first. */
static scim_error_t *patch_members(scim_request_t *q, patching_t *x)
{
    scim_patched_t patched;

    SCIM_TRY(scim_patch_apply(&q->context, x->patch, q->route.id, NULL, &patched));
    SCIM_TRY(scim_request_db(q));
    return scim_store_modify(&q->scope, q->p, q->route.type, q->route.id, q->if_match, NULL, patched.members, scim_request_unknown_members(q), 0,
                             &x->written);
}

/* Reads, applies, writes what has changed. */
static scim_error_t *patch_document(scim_request_t *q, patching_t *x)
{
    const scim_resource_type_t *type = q->route.type;
    scim_record_t *record = NULL;
    scim_patched_t patched;
    struct json_object *doc;

    SCIM_TRY(scim_request_db(q));
    SCIM_TRY(scim_store_find(&q->scope, q->p, type, q->route.id, x->patch->members || x->members, &x->stored));
    if (!x->stored) {
        return scim_not_found(q);
    }
    SCIM_TRY(scim_request_preconditions(q, x->stored));
    doc = scim_document(q->p, type, x->stored);
    if (type->members && !x->patch->members) {
        json_object_object_del(doc, type->members->name);
    }
    SCIM_TRY(scim_patch_apply(&q->context, x->patch, q->route.id, doc, &patched));
    if (!patched.changed && !patched.password && !patched.members->touched) {
        x->written.outcome = SCIM_WRITE_UNCHANGED;
        x->written.stored = *x->stored;
        return NULL;
    }
    if (patched.changed || patched.password) {
        SCIM_TRY(scim_record_make(q->p, type, doc, patched.password, &record));
    }
    return scim_store_modify(&q->scope, q->p, type, q->route.id, scim_request_expect(q, x->stored), record,
                             patched.members->touched ? patched.members : NULL, scim_request_unknown_members(q), 0, &x->written);
}

/* If-None-Match on a write needs the present version: such a PATCH reads first. */
static int needs_document(const scim_request_t *q, const patching_t *x)
{
    return x->patch->document || x->patch->members || q->if_none_match;
}

static scim_error_t *apply(scim_request_t *q, patching_t *x)
{
    int tries = 0;

    for (;;) {
        memset(&x->written, 0, sizeof(x->written));
        SCIM_TRY(needs_document(q, x) ? patch_document(q, x) : patch_members(q, x));
        if (x->written.outcome != SCIM_WRITE_STALE || (q->if_match && !needs_document(q, x))) {
            return scim_request_outcome(q, &x->written);
        }
        SCIM_TRY(scim_request_again(q, &tries));
    }
}

static void show_sent(scim_request_t *q, patching_t *x)
{
    int i;

    for (i = 0; i < x->patch->ops->nelts; i++) {
        const scim_attrpath_t *target = &APR_ARRAY_IDX(x->patch->ops, i, const scim_patch_op_t *)->path->target;
        if (target->attr) {
            x->projection = scim_projection_sent(q->p, x->projection, target->attr);
        }
        if (target->sub) {
            x->projection = scim_projection_sent(q->p, x->projection, target->sub);
        }
    }
}

scim_error_t *scim_handle_patch(scim_request_t *q)
{
    patching_t x;
    struct json_object *body;
    scim_patch_t *patch;
    scim_stored_t *now;

    memset(&x, 0, sizeof(x));
    SCIM_TRY(scim_request_projection(q, &x.projection));
    SCIM_TRY(scim_body_read(q, &body));
    SCIM_TRY(scim_patch_parse(&q->context, body, &patch));
    x.patch = patch;
    x.answer = answers(q, x.projection);
    x.members = x.answer && q->route.type->members && scim_projection_wants(x.projection, q->route.type->members);
    show_sent(q, &x);
    SCIM_TRY(apply(q, &x));
    if (!x.answer) {
        scim_request_release(q);
        q->reply.status = HTTP_NO_CONTENT;
        q->reply.etag = scim_etag(q->p, x.written.stored.version, NULL);
        return NULL;
    }
    now = &x.written.stored;
    if (!now->doc || x.members) {
        /* A group whose body is asked for: rare, and only here a third round trip. */
        SCIM_TRY(scim_store_find(&q->scope, q->p, q->route.type, q->route.id, x.members, &now));
        if (!now) {
            return scim_not_found(q);
        }
    }
    scim_request_release(q);
    scim_request_represent(q, x.projection, now, HTTP_OK);
    return NULL;
}
