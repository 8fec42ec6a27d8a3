#include "validate.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/username.h"
#include "../query/value_key.h"

/* What is never in the document cannot be missed there. */
static int kept_elsewhere(const scim_attribute_t *attr)
{
    return attr->home == SCIM_HOME_SCHEMAS || attr->home == SCIM_HOME_MEMBERS || attr->home == SCIM_HOME_PASSWORD;
}

static scim_error_t *check_required(apr_pool_t *p, const scim_schema_t *schema, const char *prefix, struct json_object *object)
{
    int i, j;

    for (i = 0; i < schema->nattrs; i++) {
        const scim_attribute_t *attr = &schema->attrs[i];
        struct json_object *value = NULL;
        json_object_object_get_ex(object, attr->name, &value);
        if (attr->required && attr->mutability != SCIM_READ_ONLY && !kept_elsewhere(attr) &&
            scim_json_empty(value)) {
            return scim_error(p, SCIM_E_INVALID_VALUE, "%s%s is required", prefix, attr->name);
        }
        for (j = 0; value && attr->type == SCIM_COMPLEX && !attr->multi && j < attr->nsubs; j++) {
            if (attr->subs[j].required && !json_object_object_get_ex(value, attr->subs[j].name, NULL)) {
                return scim_error(p, SCIM_E_INVALID_VALUE, "%s%s.%s is required", prefix, attr->name, attr->subs[j].name);
            }
        }
    }
    return NULL;
}

static scim_error_t *check_user_name(scim_context_t *c, const scim_attribute_t *attr, const char *name, const char *key)
{
    const char *at = strchr(name, '@');

    if (attr->precis) {
        SCIM_TRY(scim_username_precis_check(c->p, key));
    }
    if (!*key) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "userName is empty; give the user a name");
    }
    if (c->profile->username == SCIM_USERNAME_EMAIL && (!at || at == name || !at[1])) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "userName must be an e-mail address here; map it from mail or userPrincipalName");
    }
    if (c->profile->username == SCIM_USERNAME_NICKNAME && at) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "userName must be a name without '@' here; map it from mailNickname");
    }
    return NULL;
}

/* Has the store an index of its own for the attribute's values? */
static int is_indexed(const scim_attribute_t *attr)
{
    return attr->home == SCIM_HOME_USER_NAME || attr->home == SCIM_HOME_EXTERNAL_ID || attr->home == SCIM_HOME_DISPLAY_NAME ||
           attr->uniqueness != SCIM_UNIQUE_NONE;
}

static scim_error_t *check_keys(scim_context_t *c, const scim_attribute_t *attrs, int n, struct json_object *object)
{
    int i;

    for (i = 0; i < n; i++) {
        const scim_attribute_t *attr = &attrs[i];
        struct json_object *value;
        const char *key;
        if (attr->multi || !json_object_object_get_ex(object, attr->name, &value)) {
            continue;
        }
        if (attr->type == SCIM_COMPLEX) {
            SCIM_TRY(check_keys(c, attr->subs, attr->nsubs, value));
            continue;
        }
        key = is_indexed(attr) ? scim_value_key(c->p, attr, value) : NULL;
        if (key && strlen(key) > SCIM_LONGEST_KEY) {
            return scim_error(c->p, SCIM_E_INVALID_VALUE, "%s is too long: at most %d bytes of UTF-8", scim_attribute_path(c->p, c->type, attr),
                              SCIM_LONGEST_KEY);
        }
        if (key && attr->home == SCIM_HOME_USER_NAME) {
            SCIM_TRY(check_user_name(c, attr, json_object_get_string(value), key));
        }
    }
    return NULL;
}

scim_error_t *scim_resource_check(scim_context_t *c, struct json_object *doc)
{
    int i;

    SCIM_TRY(check_required(c->p, c->type->common, "", doc));
    SCIM_TRY(check_required(c->p, c->type->schema, "", doc));
    SCIM_TRY(check_keys(c, c->type->common->attrs, c->type->common->nattrs, doc));
    SCIM_TRY(check_keys(c, c->type->schema->attrs, c->type->schema->nattrs, doc));
    for (i = 0; i < c->type->nextensions; i++) {
        const scim_schema_t *schema = c->type->extensions[i].schema;
        struct json_object *container = NULL;
        json_object_object_get_ex(doc, schema->id, &container);
        if (container && json_object_object_length(container) == 0) {
            json_object_object_del(doc, schema->id);
            container = NULL;
        }
        if (!container && c->type->extensions[i].required) {
            return scim_error(c->p, SCIM_E_INVALID_VALUE, "The extension %s is required", schema->id);
        }
        if (container) {
            SCIM_TRY(check_required(c->p, schema, apr_pstrcat(c->p, schema->id, ":", NULL), container));
            SCIM_TRY(check_keys(c, schema->attrs, schema->nattrs, container));
        }
    }
    return NULL;
}
