#include "bulk.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/text.h"

#define URN SCIM_URN_MESSAGE "BulkRequest"
#define BULK_ID "bulkId:"

const char *const scim_bulk_methods[SCIM_BULK_METHODS] = { "POST", "PUT", "PATCH", "DELETE" };

static scim_bulk_method_e method_of(const char *said)
{
    scim_bulk_method_e i;

    for (i = 0; i < SCIM_BULK_METHODS && !(said && scim_ieq(said, scim_bulk_methods[i])); i++) {
    }
    return i;
}

/* path without the slashes at its end. */
static const char *without_end(apr_pool_t *p, const char *path)
{
    apr_size_t len = strlen(path);

    while (len > 0 && path[len - 1] == '/') {
        len--;
    }
    return apr_pstrmemdup(p, path, len);
}

/* "/Users", "/Users/<id>", "/Users/bulkId:x"; what is absolute, has a query, or names another endpoint leads nowhere (B-05). That is
 * invalidSyntax: invalidPath is for paths of PATCH (RFC 7644 section 3.12). Slashes too many are none, as in a URL. */
static scim_error_t *read_path(scim_context_t *c, const char *path, scim_bulk_operation_t *out)
{
    const char *rest;
    apr_size_t len;
    int refers;

    if (!path || !*path) {
        return scim_error(c->p, SCIM_E_INVALID_SYNTAX, "path is missing; it is an endpoint such as /Users, or a resource such as /Users/<id>");
    }
    if (strstr(path, "://") || strpbrk(path, "?#")) {
        return scim_error(c->p, SCIM_E_INVALID_SYNTAX, "path is relative to the base URL and has no query, such as /Users/<id>");
    }
    path += strspn(path, "/");
    len = strcspn(path, "/");
    rest = path + len + strspn(path + len, "/");
    refers = strncmp(rest, BULK_ID, sizeof BULK_ID - 1) == 0;
    rest = refers ? rest : without_end(c->p, rest);
    out->path = path;
    out->type = scim_profile_endpoint(c->profile, path, len);
    if (!out->type || (strchr(rest, '/') && !refers) || *rest == '.') {
        out->type = NULL;
        return scim_error(c->p, SCIM_E_INVALID_SYNTAX, "path \"%.100s\" leads to no resource type and no resource", path);
    }
    if (refers) {
        out->id_of = rest + sizeof BULK_ID - 1;
    }
    else if (*rest) {
        out->id = rest;
    }
    return NULL;
}

static scim_error_t *check_shape(scim_context_t *c, const scim_bulk_operation_t *op)
{
    int with_id = op->id || op->id_of;

    if (op->method == SCIM_BULK_METHODS) {
        return scim_error(c->p, SCIM_E_INVALID_SYNTAX, "method must be POST, PUT, PATCH or DELETE");
    }
    if (op->method == SCIM_BULK_POST ? with_id : !with_id) {
        return scim_error(c->p, SCIM_E_METHOD, op->method == SCIM_BULK_POST ? "POST needs the path of an endpoint, such as /Users"
                                                                            : "%s needs the path of a resource, such as /Users/<id>",
                          scim_bulk_methods[op->method]);
    }
    if (op->method != SCIM_BULK_DELETE && !op->data) {
        return scim_error(c->p, SCIM_E_INVALID_SYNTAX, "data is missing, or is no object");
    }
    return NULL;
}

/* B-07. The first operation with a bulkId has it. */
static scim_error_t *claim(scim_context_t *c, scim_bulk_t *bulk, scim_bulk_operation_t *op)
{
    if (op->method != SCIM_BULK_POST) {
        return NULL;
    }
    if (!op->bulk_id || !*op->bulk_id) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "bulkId is missing; a POST needs one that no other operation has");
    }
    if (apr_hash_get(bulk->made, op->bulk_id, APR_HASH_KEY_STRING)) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "bulkId \"%.100s\" is that of an earlier operation", op->bulk_id);
    }
    apr_hash_set(bulk->made, op->bulk_id, APR_HASH_KEY_STRING, op);
    return NULL;
}

static scim_error_t *read_operation(scim_context_t *c, scim_bulk_t *bulk, scim_json_t *o, scim_bulk_operation_t *op)
{
    scim_json_t *data = scim_json_get(o, "data", NULL);
    const char *said = scim_json_str(o, "method");
    scim_error_t *fault;

    op->method = method_of(said);
    op->said = op->method == SCIM_BULK_METHODS ? said : scim_bulk_methods[op->method];
    op->bulk_id = scim_json_str(o, "bulkId");
    op->version = scim_json_str(o, "version");
    op->data = op->method != SCIM_BULK_DELETE && scim_json_is(data, SCIM_JSON_OBJECT) ? data : NULL;
    fault = op->method == SCIM_BULK_METHODS ? NULL : read_path(c, scim_json_str(o, "path"), op);
    SCIM_TRY(fault ? fault : check_shape(c, op));
    if (op->method != SCIM_BULK_POST && !op->version && scim_json_get(o, "version", NULL)) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "version must be a string, the entity-tag of the resource");
    }
    return claim(c, bulk, op);
}

static scim_error_t *read_fail_on_errors(scim_context_t *c, scim_json_t *body, int *out)
{
    scim_json_t *value = scim_json_get(body, "failOnErrors", NULL);
    apr_int64_t n = scim_json_is(value, SCIM_JSON_INTEGER) ? scim_json_integer(value) : 0;

    *out = 0;
    if (!value) {
        return NULL;
    }
    if (n < 1) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "failOnErrors must be an integer of at least 1");
    }
    *out = n > APR_INT32_MAX ? APR_INT32_MAX : (int)n;
    return NULL;
}

scim_error_t *scim_bulk_read(scim_context_t *c, scim_json_t *body, int most, scim_bulk_t **out)
{
    scim_json_t *operations = scim_json_get(body, "Operations", NULL);
    scim_bulk_t *bulk = apr_pcalloc(c->p, sizeof *bulk);
    size_t i, n = scim_json_count(operations);

    if (!scim_json_names(scim_json_get(body, "schemas", NULL), URN)) {
        return scim_error(c->p, SCIM_E_INVALID_SYNTAX, "schemas must name %s", URN);
    }
    if (!scim_json_is(operations, SCIM_JSON_ARRAY)) {
        return scim_error(c->p, SCIM_E_INVALID_SYNTAX, "Operations must be an array");
    }
    if (n > (size_t)most) {
        return scim_error(c->p, SCIM_E_TOO_LARGE, "%" APR_SIZE_T_FMT " operations are more than maxOperations, which is %d", (apr_size_t)n, most);
    }
    SCIM_TRY(read_fail_on_errors(c, body, &bulk->fail_on_errors));
    bulk->made = scim_hash_make(c->p);
    bulk->operations = apr_array_make(c->p, (int)n, sizeof(scim_bulk_operation_t));
    for (i = 0; i < n; i++) {
        scim_json_t *o = scim_json_at(operations, i);
        scim_bulk_operation_t *op = apr_array_push(bulk->operations);
        memset(op, 0, sizeof *op);
        op->fault = scim_json_is(o, SCIM_JSON_OBJECT)
                        ? read_operation(c, bulk, o, op)
                        : scim_error(c->p, SCIM_E_INVALID_SYNTAX, "an operation must be an object");
    }
    *out = bulk;
    return NULL;
}
