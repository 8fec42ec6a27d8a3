/* Bulk (RFC 7644 section 3.7). Operations are carried out in their order, but for two things that nobody can tell from the outcome: what an
 * operation refers to is made before it, and POSTs that follow one another are made together. */
#include <apr_strings.h>

#include "../core/base/utf8.h"
#include "bulk.h"
#include "create.h"

/* POSTs that are made together: their documents are one statement's parameters. */
#define MOST_TOGETHER 250

/* ---- one operation among the others ---- */

static const char *kept(apr_pool_t *p, const char *text)
{
    return text ? apr_pstrdup(p, text) : NULL;
}

void scim_bulk_fail(scim_bulk_run_t *run, int i, const scim_error_t *error)
{
    apr_pool_t *p = run->s->c.p;
    scim_error_t *copy = apr_pmemdup(p, error, sizeof(*error));

    copy->type = kept(p, error->type);
    copy->detail = kept(p, error->detail);
    copy->cause = kept(p, error->cause);
    run->results[i].state = SCIM_BULK_FAILED;
    run->results[i].error = copy;
    run->errors++;
}

void scim_bulk_succeed(scim_bulk_run_t *run, int i, int status, const char *id, const char *etag)
{
    run->results[i].state = SCIM_BULK_DONE;
    run->results[i].status = status;
    run->results[i].id = kept(run->s->c.p, id);
    run->results[i].etag = kept(run->s->c.p, etag);
}

scim_service_t scim_bulk_service(const scim_bulk_run_t *run, apr_pool_t *p, const scim_resource_type_t *type)
{
    scim_service_t part = *run->s;

    part.c.p = p;
    part.c.type = type;
    part.brief = 1;
    part.scope.db = NULL;
    return part;
}

void scim_bulk_service_end(scim_bulk_run_t *run, scim_service_t *part)
{
    scim_work_release(part);
    scim_context_join(&run->s->c, &part->c);
}

/* ---- references ---- */

typedef struct finding_t {
    scim_bulk_run_t *run;
    int i;
    const char *unknown;               /* the first bulkId that no operation has */
} finding_t;

static int index_of(const scim_bulk_run_t *run, const char *bulk_id)
{
    const scim_bulk_operation_t *made = apr_hash_get(run->bulk->made, bulk_id, APR_HASH_KEY_STRING);

    return made ? (int)(made - scim_bulk_at(run, 0)) : -1;
}

/* The id in the operation's path, or of what the POST makes that stands there by its bulkId; NULL: there is none. */
static const char *id_in_path(const scim_bulk_run_t *run, const scim_bulk_operation_t *op)
{
    int at = op->id_of ? index_of(run, op->id_of) : -1;

    return at < 0 ? op->id : run->results[at].id;
}

static const char *find(void *baton, const char *bulk_id, int as_address)
{
    finding_t *f = baton;
    int at = index_of(f->run, bulk_id);

    (void)as_address;
    if (at < 0) {
        f->unknown = f->unknown ? f->unknown : bulk_id;
    }
    else {
        APR_ARRAY_PUSH(f->run->results[f->i].refers, int) = at;
    }
    return NULL;
}

/* What the operation refers to, found once. What refers to nothing there is cannot be carried out (B-17). */
static void find_references(scim_bulk_run_t *run, int i)
{
    scim_bulk_operation_t *op = &APR_ARRAY_IDX(run->bulk->operations, i, scim_bulk_operation_t);
    scim_context_t c = run->s->c;
    finding_t finding = { run, i, NULL };

    run->results[i].refers = apr_array_make(c.p, 0, sizeof(int));
    if (op->fault) {
        return;
    }
    c.type = op->type;
    if (op->id_of) {
        find(&finding, op->id_of, 0);
    }
    if (op->data) {
        scim_bulk_refer(&c, op->method, op->data, find, &finding);
    }
    if (finding.unknown) {
        op->fault = scim_error(c.p, SCIM_E_INVALID_VALUE, "\"bulkId:%.100s\" is the bulkId of no POST in this request", finding.unknown);
    }
}

static const char *replace(void *baton, const char *bulk_id, int as_address)
{
    const scim_bulk_run_t *run = baton;
    int at = index_of(run, bulk_id);
    const char *id = run->results[at].id;

    return as_address ? scim_location(run->s->c.p, scim_bulk_at(run, at)->type, run->s->scope.base_url, id) : id;
}

scim_json_t *scim_bulk_data(const scim_bulk_run_t *run, apr_pool_t *p, int i)
{
    const scim_bulk_operation_t *op = scim_bulk_at(run, i);
    scim_context_t c = run->s->c;
    scim_json_t *data = op->data;

    if (data && run->results[i].refers->nelts) {
        c.p = p;
        c.type = op->type;
        data = scim_json_copy(p, data);
        scim_bulk_refer(&c, op->method, data, replace, (void *)run);
    }
    return data;
}

scim_error_t *scim_bulk_dependency(const scim_bulk_run_t *run, apr_pool_t *p, int i)
{
    const apr_array_header_t *refers = run->results[i].refers;
    int j;

    for (j = 0; j < refers->nelts; j++) {
        int at = APR_ARRAY_IDX(refers, j, int);
        if (run->results[at].state == SCIM_BULK_FAILED) {
            return scim_error(p, SCIM_E_CONFLICT, "\"bulkId:%.100s\", to which it refers, could not be created", scim_bulk_at(run, at)->bulk_id);
        }
    }
    return NULL;
}

/* ---- in order ---- */

/* Adds what the operations in the list refer to and what still waits; what cannot be made at all is decided. */
static void add_referred(scim_bulk_run_t *run, apr_array_header_t *list, char *listed)
{
    int i, j;

    for (i = 0; i < list->nelts; i++) {
        const apr_array_header_t *refers = run->results[APR_ARRAY_IDX(list, i, int)].refers;
        for (j = 0; j < refers->nelts; j++) {
            int at = APR_ARRAY_IDX(refers, j, int);
            if (run->results[at].state != SCIM_BULK_WAITING || listed[at]) {
                continue;
            }
            if (scim_bulk_at(run, at)->fault) {
                scim_bulk_fail(run, at, scim_bulk_at(run, at)->fault);
                continue;
            }
            listed[at] = 1;
            APR_ARRAY_PUSH(list, int) = at;
        }
    }
}

/* The POST at i and, when there may be many, those that follow it up to an operation of another kind. */
static apr_array_header_t *posts_from(scim_bulk_run_t *run, apr_pool_t *p, int i, int most)
{
    apr_array_header_t *list = apr_array_make(p, most, sizeof(int));
    char *listed = apr_pcalloc(p, (apr_size_t)run->bulk->operations->nelts);

    for (; i < run->bulk->operations->nelts && list->nelts < most; i++) {
        const scim_bulk_operation_t *op = scim_bulk_at(run, i);
        if (op->fault ? run->bulk->fail_on_errors > 0 : op->method != SCIM_BULK_POST) {
            break;
        }
        if (!op->fault && run->results[i].state == SCIM_BULK_WAITING) {
            listed[i] = 1;
            APR_ARRAY_PUSH(list, int) = i;
        }
    }
    add_referred(run, list, listed);
    return list;
}

/* With failOnErrors nothing behind the last error may be done: POSTs are made together only when all can be, and that is tried once. */
static void post(scim_bulk_run_t *run, apr_pool_t *p, int i)
{
    if (!run->one_by_one) {
        scim_bulk_create(run, posts_from(run, p, i, MOST_TOGETHER), run->bulk->fail_on_errors > 0);
    }
    if (run->results[i].state == SCIM_BULK_WAITING) {
        run->one_by_one = 1;
        scim_bulk_create(run, posts_from(run, p, i, 1), 0);
    }
}

/* What a change refers to is there before it. */
static void make_referred(scim_bulk_run_t *run, apr_pool_t *p, int i)
{
    apr_array_header_t *list = apr_array_make(p, 1, sizeof(int)), *posts = apr_array_make(p, 1, sizeof(int));
    int j;

    APR_ARRAY_PUSH(list, int) = i;
    add_referred(run, list, apr_pcalloc(p, (apr_size_t)run->bulk->operations->nelts));
    for (j = 1; j < list->nelts; j++) {
        APR_ARRAY_PUSH(posts, int) = APR_ARRAY_IDX(list, j, int);
    }
    if (posts->nelts) {
        scim_bulk_create(run, posts, 0);
    }
}

static const scim_operation_t *operation_of(const scim_bulk_operation_t *op)
{
    static const scim_operation_t *const operations[SCIM_BULK_METHODS] = { &scim_create, &scim_replace, &scim_patch, &scim_delete };

    return operations[op->method];
}

scim_error_t *scim_bulk_authorize(const scim_bulk_run_t *run, int i, const char *id)
{
    const scim_bulk_operation_t *op = scim_bulk_at(run, i);
    const scim_call_t call = { .type = op->type };

    SCIM_TRY(scim_service_authorize(run->s, operation_of(op), &call));
    return run->s->allowed ? run->s->allowed(run->s->allowed_data, scim_bulk_methods[op->method], op->type, id) : NULL;
}

static void change(scim_bulk_run_t *run, apr_pool_t *p, int i)
{
    const scim_bulk_operation_t *op = scim_bulk_at(run, i);
    scim_service_t part = scim_bulk_service(run, p, op->type);
    scim_call_t call = { .type = op->type, .id = id_in_path(run, op) };
    scim_answer_t answer = { 0 };
    scim_error_t *err = scim_bulk_dependency(run, p, i);

    run->results[i].id = kept(run->s->c.p, call.id);
    err = err ? err : scim_bulk_authorize(run, i, call.id);
    if (!err) {
        call.body = scim_bulk_data(run, p, i);
        call.if_match = scim_match_parse(p, op->version);
        err = scim_service_run(&part, operation_of(op), &call, &answer);
    }
    if (err) {
        scim_bulk_fail(run, i, err);
    }
    else {
        scim_bulk_succeed(run, i, answer.status, call.id, answer.etag);
        run->skipped_members += answer.skipped_members;
    }
    scim_bulk_service_end(run, &part);
}

static void carry_out(scim_bulk_run_t *run, int i)
{
    const scim_bulk_operation_t *op = scim_bulk_at(run, i);
    apr_pool_t *p;

    if (op->fault) {
        scim_bulk_fail(run, i, op->fault);
        return;
    }
    apr_pool_create(&p, run->s->c.p);
    if (op->method == SCIM_BULK_POST) {
        post(run, p, i);
    }
    else {
        make_referred(run, p, i);
        change(run, p, i);
    }
    apr_pool_destroy(p);
}

/* ---- the answer ---- */

static const char *member(apr_pool_t *p, const char *name, const char *value)
{
    return value ? apr_pstrcat(p, "\"", name, "\":", scim_json_quote(p, value), ",", NULL) : "";
}

/* What a client made up, as a part of an address: what no URI has is escaped. */
static const char *in_address(apr_pool_t *p, const char *text)
{
    char *out = apr_palloc(p, strlen(text) * 3 + 1), *to = out;

    for (; *text; text++) {
        if (*text > ' ' && *text < 0x7f && !strchr("\"<>\\^`{|}", *text)) {
            *to++ = *text;
        }
        else {
            to += apr_snprintf(to, 4, "%%%02X", (unsigned char)*text);
        }
    }
    *to = '\0';
    return out;
}

/* That of the resource, or of what its path would be; NULL: a POST that failed, and no address. */
static const char *location_of(const scim_bulk_run_t *run, int i)
{
    const scim_bulk_operation_t *op = scim_bulk_at(run, i);
    const char *id = run->results[i].id ? run->results[i].id : id_in_path(run, op), *base = run->s->scope.base_url;
    apr_pool_t *p = run->s->c.p;

    if (op->method == SCIM_BULK_POST && run->results[i].state == SCIM_BULK_FAILED) {
        return NULL;
    }
    if (op->type && id) {
        return scim_location(p, op->type, base, in_address(p, id));
    }
    return op->path && !op->id_of ? apr_pstrcat(p, base, "/", in_address(p, op->path), NULL) : NULL;
}

static const char *result_text(const scim_bulk_run_t *run, int i)
{
    const scim_bulk_operation_t *op = scim_bulk_at(run, i);
    const scim_bulk_result_t *result = &run->results[i];
    apr_pool_t *p = run->s->c.p;
    int failed = result->state == SCIM_BULK_FAILED;

    return apr_pstrcat(p, "{", member(p, "method", op->said), member(p, "bulkId", op->bulk_id), member(p, "version", result->etag),
                       member(p, "location", location_of(run, i)),
                       failed ? apr_pstrcat(p, "\"response\":", scim_error_json(p, result->error), ",", NULL) : "", "\"status\":\"",
                       apr_itoa(p, failed ? result->error->status : result->status), "\"}", NULL);
}

static void tell(const scim_bulk_run_t *run, scim_answer_t *out)
{
    apr_array_header_t *texts = apr_array_make(run->s->c.p, run->bulk->operations->nelts + 1, sizeof(const char *));
    const scim_error_t *first = NULL;
    int i;

    for (i = 0; i < run->bulk->operations->nelts; i++) {
        if (run->results[i].state != SCIM_BULK_WAITING) {
            APR_ARRAY_PUSH(texts, const char *) = result_text(run, i);
            first = first ? first : run->results[i].error;
        }
    }
    out->status = SCIM_HTTP_OK;
    out->body = apr_pstrcat(run->s->c.p, "{\"schemas\":[\"" SCIM_URN_MESSAGE "BulkResponse\"],\"Operations\":[",
                            apr_array_pstrcat(run->s->c.p, texts, ','), "]}", NULL);
    out->skipped_members = run->skipped_members;
    out->failed_operations = run->errors;
    out->first_failure = first;
}

static scim_error_t *bulk(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    scim_bulk_run_t run = { .s = s };
    scim_bulk_t *request;
    int i, n;

    SCIM_TRY(scim_bulk_read(&s->c, call->body, s->discovery.max_operations, &request));
    run.bulk = request;
    n = request->operations->nelts;
    run.results = apr_pcalloc(s->c.p, ((apr_size_t)n + 1) * sizeof(*run.results));
    for (i = 0; i < n; i++) {
        find_references(&run, i);
        if (scim_bulk_at(&run, i)->method == SCIM_BULK_POST) {
            SCIM_TRY(scim_work_new_id(s, &run.results[i].id));
        }
    }
    for (i = 0; i < n && (!request->fail_on_errors || run.errors < request->fail_on_errors); i++) {
        if (run.results[i].state == SCIM_BULK_WAITING) {
            carry_out(&run, i);
        }
    }
    tell(&run, out);
    return NULL;
}

const scim_operation_t scim_bulk = { "bulk", SCIM_RIGHT_READ | SCIM_RIGHT_WRITE, bulk };
