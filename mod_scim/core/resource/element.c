#include "element.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/json.h"
#include "../query/value_key.h"

static const char *part_key(apr_pool_t *p, const scim_attribute_t *attr, const char *name, scim_json_t *element)
{
    const scim_attribute_t *sub = scim_attribute_find(attr->subs, attr->nsubs, name, strlen(name));
    scim_json_t *part = sub ? scim_json_member(element, sub->name) : NULL;
    const char *key = part ? scim_value_key(p, sub, part) : NULL;

    return key ? key : "";
}

const char *scim_element_seen(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element)
{
    scim_json_t *seen = scim_json_new_object(p);
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        const scim_attribute_t *sub = &attr->subs[i];
        scim_json_t *part = scim_attribute_unseen(sub) || sub->mutability == SCIM_READ_ONLY ? NULL : scim_json_member(element, sub->name);
        const char *number = part && (sub->type == SCIM_INTEGER || sub->type == SCIM_DECIMAL) ? scim_value_key(p, sub, part) : NULL;
        if (number) {
            scim_json_set_string(seen, sub->name, number);
        }
        else if (part) {
            scim_json_set(seen, sub->name, part);
        }
    }
    return scim_json_count(seen) ? scim_json_text(p, seen, NULL) : "";
}

/* Elements that look the same are one. Where a GET does not show the values they may have two of them: each is one of its own. */
static const char *key_without_value(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element)
{
    const scim_attribute_t *value = scim_attribute_value(attr);
    const char *text;

    if (value && scim_attribute_unseen(value)) {
        return apr_psprintf(p, "%pp", (void *)element);
    }
    text = scim_element_seen(p, attr, element);
    return *text ? text : scim_json_text(p, element, NULL);
}

const char *scim_element_value_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element)
{
    return part_key(p, attr, "value", element);
}

/* Types that nobody sees keep no values apart, then: who writes them back could not say which is which. */
static const char *type_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element)
{
    const scim_attribute_t *type = scim_attribute_find(attr->subs, attr->nsubs, "type", strlen("type"));

    return type && !scim_attribute_unseen(type) ? part_key(p, attr, "type", element) : "";
}

const char *scim_element_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element)
{
    const char *value;

    if (attr->type != SCIM_COMPLEX) {
        const char *key = scim_value_key(p, attr, element);
        return key ? key : scim_json_text(p, element, NULL);
    }
    value = scim_attribute_value(attr) ? part_key(p, attr, "value", element) : "";
    if (!*value) {
        return key_without_value(p, attr, element);
    }
    return attr->home == SCIM_HOME_MEMBERS ? value : apr_pstrcat(p, value, "\n", type_key(p, attr, element), NULL);
}

/* ASCII folds as fast as it is read. */
static apr_size_t beyond_ascii(scim_json_t *value)
{
    const char *s = scim_json_is(value, SCIM_JSON_STRING) ? scim_json_string(value) : "";
    apr_size_t n = 0;

    for (; *s; s++) {
        n += (unsigned char)*s >= 0x80;
    }
    return n;
}

scim_error_t *scim_element_spend(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *element)
{
    apr_size_t bytes = attr->type == SCIM_COMPLEX
                           ? beyond_ascii(scim_json_member(element, "value")) + beyond_ascii(scim_json_member(element, "type"))
                           : beyond_ascii(element);

    return scim_context_spend(c, SCIM_STEPS_TO_FOLD(bytes));
}

scim_error_t *scim_element_sent_key(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *element, const char **key)
{
    SCIM_TRY(scim_element_spend(c, attr, element));
    *key = scim_element_key(c->p, attr, element);
    return NULL;
}

void scim_element_merge(const scim_attribute_t *attr, scim_json_t *to, scim_json_t *from)
{
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        scim_json_t *part = scim_json_member(from, attr->subs[i].name);
        if (part) {
            scim_json_set(to, attr->subs[i].name, part);
        }
    }
}

void scim_element_fill(const scim_attribute_t *attr, scim_json_t *to, scim_json_t *from, int (*such)(const scim_attribute_t *sub))
{
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        const scim_attribute_t *sub = &attr->subs[i];
        scim_json_t *part = such(sub) ? scim_json_member(from, sub->name) : NULL;
        if (part && !scim_json_member(to, sub->name)) {
            scim_json_set(to, sub->name, part);
        }
    }
}

int scim_element_primary(scim_json_t *element)
{
    return scim_json_is(element, SCIM_JSON_OBJECT) && scim_json_true(scim_json_member(element, "primary"));
}

/* ---- what a GET shows ---- */

int scim_value_shows(const scim_attribute_t *attr, scim_json_t *value)
{
    int i, shows = !attr->nsubs;
    size_t k, n = scim_json_is(value, SCIM_JSON_ARRAY) ? scim_json_count(value) : 0;

    for (k = 0; k < n; k++) {
        shows |= scim_value_shows(attr, scim_json_at(value, k));
    }
    for (i = 0; n == 0 && !shows && i < attr->nsubs; i++) {
        shows = !scim_attribute_unseen(&attr->subs[i]) && scim_json_member(value, attr->subs[i].name);
    }
    return shows;
}
