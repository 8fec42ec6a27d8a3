/* GET of one resource, lists, .search, discovery. */
#include <apr_strings.h>
#include <string.h>

#include "../core/schema/discovery.h"
#include "private.h"

/* A query on one resource's URL is not offered: a filter there must not pass for a match (G-17). */
static scim_error_t *refuse_filter(scim_request_t *q)
{
    scim_params_t params;

    SCIM_TRY(scim_params_parse(q->p, q->r->args, &params));
    if (params.filter) {
        return scim_error(q->p, SCIM_E_INVALID_FILTER, "A filter works on %s, not on a single resource", q->route.type->endpoint);
    }
    return NULL;
}

scim_error_t *scim_handle_get(scim_request_t *q)
{
    const scim_resource_type_t *type = q->route.type;
    const scim_projection_t *projection;
    scim_stored_t *stored;

    SCIM_TRY(refuse_filter(q));
    SCIM_TRY(scim_request_projection(q, &projection));
    SCIM_TRY(scim_request_db(q));
    SCIM_TRY(scim_store_find(&q->scope, q->p, type, q->route.id, type->members && scim_projection_wants(projection, type->members), &stored));
    if (!stored) {
        return scim_not_found(q);
    }
    if (q->if_match && !scim_match_version(q->if_match, stored->version)) {
        return scim_error(q->p, SCIM_E_PRECONDITION, "The %s has another version", type->name);
    }
    scim_request_release(q);
    scim_request_represent(q, projection, stored, HTTP_OK);
    if (scim_match_tag(q->if_none_match, q->reply.etag)) {
        q->reply.status = HTTP_NOT_MODIFIED;
        q->reply.body = NULL;
    }
    return NULL;
}

static scim_error_t *run_query(scim_request_t *q, const scim_params_t *params)
{
    apr_array_header_t *resources;
    scim_query_t query;
    scim_page_t page;
    int i;

    SCIM_TRY(scim_query_bind(&q->context, params, &q->pages, &query));
    SCIM_TRY(scim_request_db(q));
    SCIM_TRY(scim_store_search(&q->scope, q->p, q->route.type, &query, &page));
    scim_request_release(q);
    resources = apr_array_make(q->p, page.resources->nelts + 1, sizeof(const char *));
    for (i = 0; i < page.resources->nelts; i++) {
        const scim_stored_t *stored = APR_ARRAY_IDX(page.resources, i, const scim_stored_t *);
        APR_ARRAY_PUSH(resources, const char *) = scim_represent(q->p, q->route.type, query.projection, q->base_url, stored, NULL);
    }
    q->reply.status = HTTP_OK;
    q->reply.body = scim_list_response(q->p, page.total, query.start_index, resources);
    return NULL;
}

scim_error_t *scim_handle_list(scim_request_t *q)
{
    scim_params_t params;

    SCIM_TRY(scim_params_parse(q->p, q->r->args, &params));
    return run_query(q, &params);
}

scim_error_t *scim_handle_search(scim_request_t *q)
{
    struct json_object *body;
    scim_params_t params;

    SCIM_TRY(scim_body_read(q, &body));
    SCIM_TRY(scim_params_from_search(q->p, body, &params));
    return run_query(q, &params);
}

scim_error_t *scim_handle_discovery(scim_request_t *q)
{
    scim_discovery_t d = { q->base_url, q->pages.max_results, q->dir->max_body, q->dir->documentation, q->profile->basic };
    scim_params_t params;

    SCIM_TRY(scim_params_parse(q->p, q->r->args, &params));
    if (params.filter && q->route.endpoint != SCIM_AT_CONFIG) {
        return scim_error(q->p, SCIM_E_FORBIDDEN, "Filters are not possible here; the whole list is returned without one");
    }
    switch (q->route.endpoint) {
    case SCIM_AT_CONFIG:
        q->reply.body = scim_discovery_config(q->p, q->profile, &d);
        break;
    case SCIM_AT_TYPES:
        q->reply.body = scim_discovery_types(q->p, q->profile, &d);
        break;
    case SCIM_AT_TYPE:
        q->reply.body = scim_discovery_type(q->p, q->profile, &d, q->route.id);
        break;
    case SCIM_AT_SCHEMAS:
        q->reply.body = scim_discovery_schemas(q->p, q->profile, &d);
        break;
    default:
        q->reply.body = scim_discovery_schema(q->p, q->profile, &d, q->route.id);
        break;
    }
    if (!q->reply.body) {
        return scim_error(q->p, SCIM_E_NOT_FOUND, "There is no \"%.200s\"", q->route.id);
    }
    q->reply.status = HTTP_OK;
    return NULL;
}
