#include "members.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/json.h"
#include "../base/text.h"
#include "reference.h"
#include "value.h"

scim_members_t *scim_members_make(apr_pool_t *p)
{
    scim_members_t *m = apr_pcalloc(p, sizeof *m);

    m->add = scim_hash_make(p);
    m->remove = scim_hash_make(p);
    return m;
}

void scim_members_add(apr_pool_t *p, scim_members_t *m, const scim_member_t *member)
{
    scim_member_t *copy = apr_pcalloc(p, sizeof *copy);

    copy->id = apr_pstrdup(p, member->id);
    copy->type = member->type ? apr_pstrdup(p, member->type) : NULL;
    m->touched = 1;
    apr_hash_set(m->remove, copy->id, APR_HASH_KEY_STRING, NULL);
    apr_hash_set(m->add, copy->id, APR_HASH_KEY_STRING, copy);
}

void scim_members_remove(apr_pool_t *p, scim_members_t *m, const char *id)
{
    scim_member_t *member;

    m->touched = 1;
    apr_hash_set(m->add, id, APR_HASH_KEY_STRING, NULL);
    if (!m->clear) { /* after clear everything outside add goes anyway */
        member = apr_pcalloc(p, sizeof *member);
        member->id = apr_pstrdup(p, id);
        apr_hash_set(m->remove, member->id, APR_HASH_KEY_STRING, member);
    }
}

void scim_members_clear(scim_members_t *m)
{
    m->touched = 1;
    m->clear = 1;
    apr_hash_clear(m->add);
    apr_hash_clear(m->remove);
}

/* A string part that says something: absent, null and "" are the same. */
static const char *text_part(scim_json_t *element, const char *name)
{
    const char *s = scim_json_str(element, name);

    return s && *s ? s : NULL;
}

/* The type that $ref and type name, which must agree with the value and with one another (GM-05). */
static scim_error_t *claimed_type(scim_context_t *c, const char *id, const char *claim, const scim_reference_t *ref, const char **out)
{
    const scim_resource_type_t *type;

    if (ref->id && strcmp(ref->id, id) != 0) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "members.$ref does not name the resource in members.value \"%s\"", id);
    }
    *out = ref->type;
    if (!claim) {
        return NULL;
    }
    type = scim_profile_type(c->profile, claim);
    if (!type) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "members.type \"%s\" is not a resource type of this service", claim);
    }
    if (ref->type && strcmp(ref->type, type->name) != 0) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "members.$ref names a %s, but members.type says %s", ref->type, type->name);
    }
    *out = type->name;
    return NULL;
}

scim_error_t *scim_member_read(scim_context_t *c, scim_json_t *element, scim_member_t **out)
{
    const char *value = text_part(element, "value"), *url = text_part(element, "$ref");
    scim_reference_t ref = { NULL, NULL, 0 };
    scim_member_t *member = apr_pcalloc(c->p, sizeof *member);
    scim_error_t *err;

    if (url) {
        ref = scim_reference_read(c, url);
    }
    member->id = value ? apr_pstrdup(c->p, value) : ref.id;
    if (!member->id) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "A member needs a value: the id of a user or group");
    }
    if (!value && !scim_reference_is_here(c, url, &ref)) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "members.$ref \"%.200s\" leads to no resource of this service; give its id as value", url);
    }
    err = claimed_type(c, member->id, text_part(element, "type"), &ref, &member->type);
    if (err && !scim_tolerates(c, value, SCIM_VALUE_ANY_MEMBER_TYPE)) {
        return err;
    }
    /* Then a wrong claim must not reach the store either, which compares it with the member's real type. */
    if (c->profile->options.value & SCIM_VALUE_ANY_MEMBER_TYPE) {
        member->type = NULL;
    }
    *out = member;
    return NULL;
}
