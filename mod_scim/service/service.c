#include "service.h"

#include <string.h>

#include "../core/base/text.h"
#include "me.h"
#include "work.h"

static const char *endpoint_of(const scim_profile_t *profile, const char *name)
{
    const scim_resource_type_t *type = scim_profile_type(profile, name);

    return type ? type->endpoint : "";
}

void scim_service_begin(scim_service_t *s)
{
    s->scope.db = NULL;
    s->scope.tenant = s->actor ? s->actor->tenant : 0;
    s->scope.base_url = s->c.base_url = s->discovery.base_url;
    s->scope.users = endpoint_of(s->c.profile, "User");
    s->scope.groups = endpoint_of(s->c.profile, "Group");
    s->discovery.usual_results = s->pages.default_results;
    s->discovery.max_results = s->pages.max_results;
    s->discovery.by_cursor = !(s->pages.methods & SCIM_PAGE_NO_CURSOR);
    s->discovery.by_index = !(s->pages.methods & SCIM_PAGE_NO_INDEX);
    s->discovery.usually_by_cursor = (s->pages.methods & SCIM_PAGE_BY_CURSOR) != 0;
    s->discovery.cursor_seconds = s->pages.cursor_seconds;
}

static int endpoint_allowed(const apr_array_header_t *endpoints, const char *endpoint)
{
    int i;

    for (i = 0; endpoints && endpoint && i < endpoints->nelts; i++) {
        if (scim_ieq(APR_ARRAY_IDX(endpoints, i, const char *), endpoint)) {
            return 1;
        }
    }
    return !endpoints || !endpoint;
}

/* As tokens name it; NULL: none in particular. */
static const char *endpoint_called(const scim_call_t *call)
{
    return call->me ? SCIM_ME : call->type ? call->type->endpoint : NULL;
}

/* Has what is asked of all types something to look at? */
static int some_endpoint_allowed(const scim_service_t *s, const apr_array_header_t *endpoints)
{
    int i;

    for (i = 0; i < s->c.profile->ntypes; i++) {
        if (endpoint_allowed(endpoints, s->c.profile->types[i].endpoint)) {
            return 1;
        }
    }
    return 0;
}

scim_error_t *scim_service_authorize(const scim_service_t *s, const scim_operation_t *operation, const scim_call_t *call)
{
    const char *endpoint = endpoint_called(call);

    if (!operation->right) {
        return NULL;
    }
    if (!s->actor) {
        return scim_error(s->c.p, SCIM_E_UNAUTHORIZED, "A token is needed");
    }
    if (!endpoint_allowed(operation->right == SCIM_RIGHT_WRITE ? s->actor->write_endpoints : s->actor->read_endpoints, endpoint)) {
        return scim_error(s->c.p, SCIM_E_FORBIDDEN, "The token is not allowed at %s", endpoint);
    }
    if (!(s->actor->rights & operation->right)) {
        return scim_error(s->c.p, SCIM_E_FORBIDDEN, operation->right == SCIM_RIGHT_WRITE ? "The token may only read" : "The token may not read");
    }
    if (operation->right == SCIM_RIGHT_READ && !endpoint && !some_endpoint_allowed(s, s->actor->read_endpoints)) {
        return scim_error(s->c.p, SCIM_E_FORBIDDEN, "The token is not allowed to read any resources");
    }
    return NULL;
}

/* Logs, histories and front ends keep URLs (RFC 7644 section 7.5.2, X-07). A request with a body has its filter there. */
static scim_error_t *check_filter(const scim_service_t *s, const scim_operation_t *operation, const scim_call_t *call)
{
    if (!s->c.profile->no_url_filters || operation->right != SCIM_RIGHT_READ || call->body || !call->params.filter) {
        return NULL;
    }
    return scim_error(s->c.p, SCIM_E_SENSITIVE, "Filters in URLs are not taken here: send a SearchRequest by POST to %s/.search",
                      call->type ? call->type->endpoint : "");
}

scim_error_t *scim_service_run(scim_service_t *s, const scim_operation_t *operation, const scim_call_t *call, scim_answer_t *out)
{
    scim_error_t *err;

    memset(out, 0, sizeof(*out));
    SCIM_TRY(scim_service_authorize(s, operation, call));
    if (call->me && !call->id) {
        return scim_error(s->c.p, SCIM_E_NOT_FOUND, "The token stands for no user");
    }
    SCIM_TRY(check_filter(s, operation, call));
    s->c.type = call->type;
    err = operation->run(s, call, out);
    if (s->walks && (operation->right & SCIM_RIGHT_WRITE)) {
        scim_walks_written(s->walks, s->database_name, s->scope.tenant);
    }
    scim_work_release(s);
    return call->me && err && err->code == SCIM_E_NOT_FOUND ? scim_me_gone(s, "deleted") : err;
}
