/* POSTs of a Bulk request that are made together. */
#include <string.h>

#include "../core/base/json.h"
#include "bulk.h"
#include "create.h"

/* A round that decides nothing is one in which somebody else was faster. */
#define MOST_LOST_ROUNDS 3

typedef struct making_t {
    scim_bulk_run_t *run;
    apr_pool_t *p;
    scim_service_t part;
    const apr_array_header_t *posts;   /* of int */
    scim_new_t **prepared;             /* for each of them: what is written; NULL: not yet known */
} making_t;

static int index_at(const making_t *m, int i)
{
    return APR_ARRAY_IDX(m->posts, i, int);
}

static int waits(const making_t *m, int i)
{
    return m->run->results[index_at(m, i)].state == SCIM_BULK_WAITING;
}

/* Checks the body and makes what is written. */
static scim_error_t *prepare(making_t *m, int i)
{
    int at = index_at(m, i);
    const scim_bulk_operation_t *op = scim_bulk_at(m->run, at);

    SCIM_TRY(scim_bulk_dependency(m->run, m->p, at));
    if (m->prepared[i]) {
        return NULL;
    }
    m->part.c.type = op->type;
    SCIM_TRY(scim_bulk_authorize(m->run, at, NULL));
    return scim_work_new(&m->part, scim_bulk_data(m->run, m->p, at), m->run->results[at].id, &m->prepared[i]);
}

/* Until nobody waits who refers to one that has failed. Gives how many still wait. all: stops at the first fault, without deciding it. */
static int prepare_all(making_t *m, int all)
{
    int i, waiting, failed;

    do {
        for (i = waiting = failed = 0; i < m->posts->nelts; i++) {
            scim_error_t *err = waits(m, i) ? prepare(m, i) : NULL;
            waiting += waits(m, i);
            if (err && all) {
                return 0;
            }
            if (err) {
                scim_bulk_fail(m->run, index_at(m, i), err);
                failed++;
            }
        }
    } while (failed);
    return waiting;
}

/* ---- components: who names one another is made together ---- */

static int root_of(int *roots, int i)
{
    while (roots[i] != i) {
        i = roots[i] = roots[roots[i]];
    }
    return i;
}

/* The component of each operation of the request, told by one of its operations. */
static int *components(const making_t *m, int all)
{
    int i, j, n = m->run->bulk->operations->nelts, *roots = apr_palloc(m->p, (apr_size_t)n * sizeof(*roots));

    for (i = 0; i < n; i++) {
        roots[i] = i;
    }
    for (i = 0; i < m->posts->nelts; i++) {
        const apr_array_header_t *refers = m->run->results[index_at(m, i)].refers;
        for (j = 0; waits(m, i) && j < refers->nelts; j++) {
            roots[root_of(roots, index_at(m, i))] = root_of(roots, APR_ARRAY_IDX(refers, j, int));
        }
        if (all) {
            roots[root_of(roots, index_at(m, i))] = root_of(roots, index_at(m, 0));
        }
    }
    for (i = 0; i < n; i++) {
        roots[i] = root_of(roots, i);
    }
    return roots;
}

/* Has everybody been made to whom it refers, itself apart? */
static int stands_alone(const making_t *m, int i)
{
    const apr_array_header_t *refers = m->run->results[index_at(m, i)].refers;
    int j, missing = 0;

    for (j = 0; j < refers->nelts; j++) {
        int at = APR_ARRAY_IDX(refers, j, int);
        missing += at != index_at(m, i) && m->run->results[at].state != SCIM_BULK_DONE;
    }
    return !missing;
}

static int refers_to(const making_t *m, int i, int operation)
{
    const apr_array_header_t *refers = m->run->results[index_at(m, i)].refers;
    int j, found = 0;

    for (j = 0; j < refers->nelts; j++) {
        found |= APR_ARRAY_IDX(refers, j, int) == operation;
    }
    return found;
}

/* ---- making ---- */

static void succeed(making_t *m, int i, const scim_written_t *written)
{
    const scim_stored_t *stored = &written->stored;

    scim_bulk_succeed(m->run, index_at(m, i), SCIM_HTTP_CREATED, stored->id, scim_etag(m->p, stored->version, stored->groups));
    m->run->skipped_members += written->skipped_members;
}

/* By itself, as any POST is: it says precisely what is wrong, or restores a user who was there. Others may have been prepared for another id. */
static void make_alone(making_t *m, int i)
{
    const scim_bulk_operation_t *op = scim_bulk_at(m->run, index_at(m, i));
    const char *id = m->run->results[index_at(m, i)].id;
    scim_call_t call = { .type = op->type };
    scim_written_t written;
    scim_answer_t answer = { 0 };
    scim_error_t *err;
    int j;

    m->part.c.type = op->type;
    err = scim_work_create(&m->part, &call, m->prepared[i], &written);
    err = err ? err : scim_work_outcome(&m->part, &call, &written, &answer);
    if (err) {
        scim_bulk_fail(m->run, index_at(m, i), err);
        return;
    }
    succeed(m, i, &written);
    for (j = 0; strcmp(id, written.stored.id) != 0 && j < m->posts->nelts; j++) {
        m->prepared[j] = refers_to(m, j, index_at(m, i)) ? NULL : m->prepared[j];
    }
}

/* What kept it from being written, when that cannot be tried by itself. */
static void refuse(making_t *m, int i, const scim_creation_t *creation)
{
    scim_written_t written = creation->written;
    scim_answer_t answer = { 0 };
    scim_call_t call = { .type = creation->type };

    written.outcome = SCIM_WRITE_BAD_MEMBER;
    scim_bulk_fail(m->run, index_at(m, i),
                   creation->outcome == SCIM_CREATION_TAKEN
                       ? scim_error(m->p, SCIM_E_UNIQUENESS, "A value that has to be unique is taken by another %s", creation->type->name)
                       : scim_work_outcome(&m->part, &call, &written, &answer));
}

static apr_array_header_t *creations(making_t *m, const int *roots)
{
    apr_array_header_t *list = apr_array_make(m->p, m->posts->nelts, sizeof(scim_creation_t));
    int i;

    for (i = 0; i < m->posts->nelts; i++) {
        if (waits(m, i)) {
            scim_creation_t *creation = apr_array_push(list);
            *creation = (scim_creation_t){ .type = scim_bulk_at(m->run, index_at(m, i))->type,
                                           .id = m->prepared[i]->id,
                                           .record = m->prepared[i]->record,
                                           .members = m->prepared[i]->input->members,
                                           .component = roots[index_at(m, i)] };
        }
    }
    return list;
}

/* Decides what the statement has decided. Gives how many. */
static int take_outcomes(making_t *m, const apr_array_header_t *list, int all)
{
    int i, next = 0, decided = 0;
    const scim_creation_t **mine = apr_pcalloc(m->p, ((apr_size_t)m->posts->nelts + 1) * sizeof(*mine));

    for (i = 0; i < m->posts->nelts; i++) {
        mine[i] = waits(m, i) ? &APR_ARRAY_IDX(list, next++, const scim_creation_t) : NULL;
    }
    for (i = 0; i < m->posts->nelts; i++) {
        if (mine[i] && mine[i]->outcome == SCIM_CREATION_DONE) {
            succeed(m, i, &mine[i]->written);
            decided++;
        }
    }
    for (i = 0; !all && i < m->posts->nelts; i++) {
        if (!mine[i] || !waits(m, i) || mine[i]->outcome == SCIM_CREATION_HELD) {
            continue;
        }
        decided++;
        if (stands_alone(m, i)) {
            make_alone(m, i);
        }
        else {
            refuse(m, i, mine[i]);
        }
    }
    return decided;
}

/* One statement for all who wait. Gives how many it has decided. */
static int make_together(making_t *m, int all, scim_error_t **err)
{
    apr_array_header_t *list = creations(m, components(m, all));

    *err = scim_work_db(&m->part);
    *err = *err ? *err : scim_store_create_many(&m->part.scope, m->p, list, scim_work_unknown_members(&m->part));
    scim_work_release(&m->part);
    return *err ? 0 : take_outcomes(m, list, all);
}

/* Nobody can be made together with others: those who can, alone; the others not. */
static void give_up(making_t *m, const scim_error_t *err)
{
    int i;

    for (i = 0; i < m->posts->nelts; i++) {
        if (waits(m, i) && m->prepared[i] && stands_alone(m, i)) {
            make_alone(m, i);
        }
        else if (waits(m, i)) {
            scim_bulk_fail(m->run, index_at(m, i), err);
        }
    }
}

void scim_bulk_create(scim_bulk_run_t *run, const apr_array_header_t *posts, int all)
{
    making_t m = { .run = run, .posts = posts };
    scim_error_t *err = NULL;
    int lost = 0;

    apr_pool_create(&m.p, run->s->c.p);
    m.part = scim_bulk_service(run, m.p, NULL);
    m.prepared = apr_pcalloc(m.p, ((apr_size_t)posts->nelts + 1) * sizeof(*m.prepared));
    while (prepare_all(&m, all) && lost < MOST_LOST_ROUNDS) {
        lost += make_together(&m, all, &err) == 0;
        if (all && !err) {
            break;
        }
    }
    if (!all && lost == MOST_LOST_ROUNDS) {
        give_up(&m, err ? err : scim_error(m.p, SCIM_E_CONFLICT, "Operations that refer to one another could not be carried out together"));
    }
    scim_bulk_service_end(run, &m.part);
    apr_pool_destroy(m.p);
}
