/* What the service provider tells of itself; made from the profile, without the database. */
#include "service.h"

static scim_error_t *answer(const scim_service_t *s, const scim_call_t *call, const char *body, scim_answer_t *out)
{
    if (!body) {
        return scim_error(s->c.p, SCIM_E_NOT_FOUND, "There is no \"%.200s\"", call->id);
    }
    out->status = SCIM_HTTP_OK;
    out->body = body;
    return NULL;
}

static scim_error_t *config(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    SCIM_TRY(scim_discovery_filter(&s->c, call->params.filter, 1));
    return answer(s, call, scim_discovery_config(s->c.p, s->c.profile, &s->discovery), out);
}

static scim_error_t *types(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    SCIM_TRY(scim_discovery_filter(&s->c, call->params.filter, 0));
    return answer(s, call, scim_discovery_types(s->c.p, s->c.profile, &s->discovery), out);
}

static scim_error_t *type(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    SCIM_TRY(scim_discovery_filter(&s->c, call->params.filter, 0));
    return answer(s, call, scim_discovery_type(s->c.p, s->c.profile, &s->discovery, call->id), out);
}

static scim_error_t *schemas(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    SCIM_TRY(scim_discovery_filter(&s->c, call->params.filter, 0));
    return answer(s, call, scim_discovery_schemas(s->c.p, s->c.profile, &s->discovery), out);
}

static scim_error_t *schema(scim_service_t *s, const scim_call_t *call, scim_answer_t *out)
{
    SCIM_TRY(scim_discovery_filter(&s->c, call->params.filter, 0));
    return answer(s, call, scim_discovery_schema(s->c.p, s->c.profile, &s->discovery, call->id), out);
}

const scim_operation_t scim_discover_config = { "discover", 0, config };
const scim_operation_t scim_discover_types = { "discover", 0, types };
const scim_operation_t scim_discover_type = { "discover", 0, type };
const scim_operation_t scim_discover_schemas = { "discover", 0, schemas };
const scim_operation_t scim_discover_schema = { "discover", 0, schema };
