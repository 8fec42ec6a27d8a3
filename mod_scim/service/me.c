#include "me.h"

#include "../core/base/json.h"

scim_error_t *scim_me_gone(const scim_service_t *s, const char *why)
{
    return scim_error_cause(s->c.p, scim_error(s->c.p, SCIM_E_UNAUTHORIZED, "The token is not valid: it is wrong, expired or revoked"),
                            "a token of a user who is %s", why);
}

scim_error_t *scim_me_check(const scim_service_t *s, const scim_call_t *call, const scim_stored_t *stored)
{
    scim_json_t *active = call->me ? scim_json_member(scim_document(s->c.p, call->type, stored), "active") : NULL;

    return !active || scim_json_true(active) ? NULL : scim_me_gone(s, "inactive");
}

static scim_error_t *refuse(const scim_service_t *s, const scim_attribute_t *attr)
{
    return scim_error(s->c.p, SCIM_E_FORBIDDEN, "%s cannot be changed through " SCIM_ME "; an administrator can",
                      scim_attribute_path(s->c.p, s->c.type, attr));
}

/* Objects that may be NULL: an extension that has no value before, or after. */
static scim_error_t *check_attributes(const scim_service_t *s, const scim_attribute_t *attrs, int n, scim_json_t *before, scim_json_t *after)
{
    int i;

    for (i = 0; i < n; i++) {
        const scim_attribute_t *attr = &attrs[i];
        scim_json_t *old = scim_json_member(before, attr->name), *new = scim_json_member(after, attr->name);
        if (attr->own || scim_json_equal(old, new)) {
            continue;
        }
        if (attr->type != SCIM_COMPLEX || attr->multi) {
            return refuse(s, attr);
        }
        SCIM_TRY(check_attributes(s, attr->subs, attr->nsubs, old, new));
    }
    return NULL;
}

scim_error_t *scim_me_changes(const scim_service_t *s, const scim_call_t *call, const scim_stored_t *stored, scim_json_t *after)
{
    const scim_resource_type_t *type = call->type;
    scim_json_t *before;
    int i;

    if (!call->me) {
        return NULL;
    }
    before = scim_document(s->c.p, type, stored);
    SCIM_TRY(check_attributes(s, type->common->attrs, type->common->nattrs, before, after));
    SCIM_TRY(check_attributes(s, type->schema->attrs, type->schema->nattrs, before, after));
    for (i = 0; i < type->nextensions; i++) {
        const scim_schema_t *schema = type->extensions[i].schema;
        SCIM_TRY(check_attributes(s, schema->attrs, schema->nattrs, scim_json_member(before, schema->id), scim_json_member(after, schema->id)));
    }
    return NULL;
}

scim_error_t *scim_me_password(const scim_service_t *s, const scim_call_t *call, const char *password)
{
    int i;

    for (i = 0; call->me && password && i < call->type->schema->nattrs; i++) {
        const scim_attribute_t *attr = &call->type->schema->attrs[i];
        if (attr->home == SCIM_HOME_PASSWORD && !attr->own) {
            return refuse(s, attr);
        }
    }
    return NULL;
}
