#include "validate.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/json.h"
#include "../base/precis.h"
#include "../query/value_key.h"
#include "counterpart.h"
#include "element.h"
#include "reference.h"
#include "value.h"

typedef struct judging_t {
    scim_context_t *c;
    scim_judge_e judge;
    const scim_attribute_t **at;
} judging_t;

static scim_error_t *judge_parts(const judging_t *j, const scim_attribute_t *attrs, int n, const char *prefix, scim_json_t *before,
                                 scim_json_t *after);

static scim_error_t *required(const judging_t *j, const char *prefix, const char *name)
{
    return scim_error(j->c->p, SCIM_E_INVALID_VALUE, "%s%s is required", prefix, name);
}

static scim_error_t *immutable(const judging_t *j, const char *prefix, const char *name)
{
    return scim_error(j->c->p, SCIM_E_MUTABILITY, "%s%s cannot be changed once it is set", prefix, name);
}

/* What is never in the document cannot be missed there; nobody can give what is readOnly. */
static int can_be_missed(const scim_attribute_t *attr)
{
    return attr->required && attr->mutability != SCIM_READ_ONLY && attr->home != SCIM_HOME_SCHEMAS && attr->home != SCIM_HOME_MEMBERS &&
           attr->home != SCIM_HOME_PASSWORD;
}

/* ---- single values ---- */

static scim_error_t *check_user_name(const judging_t *j, const scim_attribute_t *attr, const char *name, const char *key)
{
    const char *at = strchr(name, '@');

    if (attr->precis) {
        SCIM_TRY(scim_username_precis_check(j->c->p, key));
    }
    if (!*key) {
        return scim_error(j->c->p, SCIM_E_INVALID_VALUE, "userName is empty; give the user a name");
    }
    if (j->c->profile->username == SCIM_USERNAME_EMAIL && (!at || at == name || !at[1])) {
        return scim_error(j->c->p, SCIM_E_INVALID_VALUE, "userName must be an e-mail address here; map it from mail or userPrincipalName");
    }
    if (j->c->profile->username == SCIM_USERNAME_NICKNAME && at) {
        return scim_error(j->c->p, SCIM_E_INVALID_VALUE, "userName must be a name without '@' here; map it from mailNickname");
    }
    return NULL;
}

/* Has the store an index of its own for the attribute's values? */
static int is_indexed(const scim_attribute_t *attr)
{
    return attr->home == SCIM_HOME_USER_NAME || attr->home == SCIM_HOME_EXTERNAL_ID || attr->home == SCIM_HOME_DISPLAY_NAME ||
           attr->uniqueness != SCIM_UNIQUE_NONE;
}

/* Both the text and its key have a limit: the key is what an index holds, the text goes into every answer that shows it, and either may be
 * many times longer than the other. */
static scim_error_t *judge_simple(const judging_t *j, const scim_attribute_t *attr, const char *where, scim_json_t *value)
{
    const char *key = NULL;

    if (!is_indexed(attr)) {
        return NULL;
    }
    if (scim_json_string_length(value) > SCIM_LONGEST_KEY) {
        return scim_error(j->c->p, SCIM_E_INVALID_VALUE, "%s is too long: at most %d bytes of UTF-8", where, SCIM_LONGEST_KEY);
    }
    key = scim_value_key(j->c->p, attr, value);
    if (key && strlen(key) > SCIM_LONGEST_KEY) {
        return scim_error(j->c->p, SCIM_E_INVALID_VALUE, "%s is too long: at most %d bytes of UTF-8 with all ligatures written out", where,
                          SCIM_LONGEST_KEY);
    }
    return key && attr->home == SCIM_HOME_USER_NAME ? check_user_name(j, attr, scim_json_string(value), key) : NULL;
}

/* ---- lists ---- */

/* An element that has been judged. */
typedef struct listed_t {
    scim_json_t *element;
    int as_stored;                     /* no business of this request */
} listed_t;

typedef struct listing_t {
    const judging_t *j;
    const scim_attribute_t *attr;
    const char *where;
    int fresh;                         /* all have just been read: no two are the same, and they are judged where they stand */
    apr_hash_t *stored;                /* text of stored elements -> int *, how many of them are not met yet; NULL: all are judged */
    apr_hash_t *keys;                  /* scim_element_key -> the listed_t that has it */
    scim_json_t *out;
    const listed_t *primary;    /* the last one so far */
} listing_t;

static apr_hash_t *count_texts(apr_pool_t *p, scim_json_t *list)
{
    apr_hash_t *texts = scim_hash_make(p);
    size_t i, n = list ? scim_json_count(list) : 0;

    for (i = 0; i < n; i++) {
        const char *text = scim_json_text(p, scim_json_at(list, i), NULL);
        int *count = apr_hash_get(texts, text, APR_HASH_KEY_STRING);
        if (!count) {
            count = apr_pcalloc(p, sizeof(*count));
            apr_hash_set(texts, text, APR_HASH_KEY_STRING, count);
        }
        ++*count;
    }
    return texts;
}

static int take_stored(const listing_t *l, scim_json_t *element)
{
    int *count = l->stored ? apr_hash_get(l->stored, scim_json_text(l->j->c->p, element, NULL), APR_HASH_KEY_STRING) : NULL;

    return count && *count > 0 ? (*count)-- : 0;
}

/* At most one is primary (P-13, V-01); the last one stays so where the profile is lenient. */
static scim_error_t *judge_primary(listing_t *l, const listed_t *listed)
{
    if (!scim_element_primary(listed->element)) {
        return NULL;
    }
    if (l->primary && l->primary != listed && !(listed->as_stored && l->primary->as_stored)) {
        if (!scim_tolerates(l->j->c, value, SCIM_VALUE_LAST_PRIMARY)) {
            return scim_error(l->j->c->p, SCIM_E_INVALID_VALUE, "%s has more than one primary value; mark one at most", l->where);
        }
        scim_json_set_boolean(l->primary->element, "primary", 0);
    }
    l->primary = listed;
    return NULL;
}

static int is_read_only(const scim_attribute_t *sub)
{
    return sub->mutability == SCIM_READ_ONLY;
}

/* A changed element as if a client had written it, with what only the server gives. */
static scim_error_t *read_changed(const listing_t *l, scim_json_t *element, const char *at, scim_json_t **out)
{
    SCIM_TRY(scim_element_read(l->j->c, l->attr, element, at, out));
    if (*out) {
        scim_element_fill(l->attr, *out, element, is_read_only);
    }
    return NULL;
}

/* The element before that is the same; *same: NULL when there is none. From now on it is known by what makes it the same as others. */
static scim_error_t *find_same(const listing_t *l, listed_t *listed, listed_t **same)
{
    const char *key;

    if (listed->as_stored) {
        key = scim_element_key(l->j->c->p, l->attr, listed->element);
    }
    else {
        SCIM_TRY(scim_element_sent_key(l->j->c, l->attr, listed->element, &key));
    }
    *same = apr_hash_get(l->keys, key, APR_HASH_KEY_STRING);
    if (!*same || (listed->as_stored && (*same)->as_stored)) {
        *same = NULL;
        apr_hash_set(l->keys, key, APR_HASH_KEY_STRING, listed);
    }
    return NULL;
}

static scim_error_t *judge_element(listing_t *l, scim_json_t *element, size_t i)
{
    scim_context_t *c = l->j->c;
    listed_t *listed = apr_palloc(c->p, sizeof(*listed)), *same = NULL;
    const char *at = apr_psprintf(c->p, "%s[%lu]", l->where, (unsigned long)i);

    listed->as_stored = take_stored(l, element) > 0;
    if (!listed->as_stored) {
        if (l->j->judge == SCIM_JUDGE_CHANGES) {
            SCIM_TRY(read_changed(l, element, at, &element));
        }
        if (!element) {
            return NULL;
        }
        SCIM_TRY(judge_parts(l->j, l->attr->subs, l->attr->nsubs, apr_pstrcat(c->p, at, ".", NULL), NULL, element));
    }
    listed->element = element;
    if (l->fresh) {
        /* Not for a key: its text is folded once more when it is stored. */
        SCIM_TRY(scim_element_spend(c, l->attr, element));
        return judge_primary(l, listed);
    }
    SCIM_TRY(find_same(l, listed, &same));
    if (same) {
        scim_element_merge(l->attr, same->element, element);
        same->as_stored = 0;
        return judge_primary(l, same);
    }
    scim_json_append(l->out, element);
    return judge_primary(l, listed);
}

static scim_error_t *judge_list(const judging_t *j, const scim_attribute_t *attr, const char *where, scim_json_t *before,
                                scim_json_t *after, scim_json_t **out)
{
    apr_pool_t *p = j->c->p;
    size_t i, n = scim_json_count(after);
    int fresh = j->judge == SCIM_JUDGE_ALL && !before;
    listing_t l = { j, attr, where, fresh, NULL, fresh ? NULL : scim_hash_make(p), fresh ? after : scim_json_new_array(p), NULL };
    const scim_attribute_t *changed;

    changed = scim_elements_settle(p, attr, before, after);
    if (changed) {
        return immutable(j, apr_pstrcat(p, where, ".", NULL), changed->name);
    }
    l.stored = j->judge == SCIM_JUDGE_CHANGES ? count_texts(p, before) : NULL;
    for (i = 0; i < n; i++) {
        SCIM_TRY(judge_element(&l, scim_json_at(after, i), i));
    }
    *out = scim_json_count(l.out) ? l.out : NULL;
    return NULL;
}

/* ---- references ---- */

/* Do both name one resource? What is percent-encoded may. */
static int agrees(scim_context_t *c, const scim_attribute_t *value_part, scim_json_t *value, scim_json_t *url)
{
    const char *id = scim_reference_read(c, scim_json_string(url)).id, *key = scim_value_key(c->p, value_part, value);

    return !key || (id && (strchr(id, '%') || strcmp(key, scim_value_key(c->p, value_part, scim_json_new_string(c->p, id))) == 0));
}

/* `value` of a singular complex attribute (manager) says which resource is meant, and $ref follows it (table S-3). A $ref that names another one
 * gives way to that of the value; it is an error when it was not there before, unless the profile has SCIM_VALUE_ANY_MEMBER_TYPE. */
static scim_error_t *judge_reference(const judging_t *j, const scim_attribute_t *attr, const char *where, scim_json_t *before, scim_json_t *after)
{
    const scim_attribute_t *value_part = scim_attribute_value(attr), *ref = scim_reference_part(j->c, attr);
    scim_json_t *value, *url;
    int was_url;

    if (!ref) {
        return NULL;
    }
    value = scim_json_member(after, value_part->name);
    url = scim_json_member(after, ref->name);
    was_url = scim_json_equal(url, scim_json_member(before, ref->name));
    if (!value && was_url && scim_json_member(before, value_part->name)) {
        scim_json_remove(after, ref->name);
        return NULL;
    }
    if (!scim_json_is(value, SCIM_JSON_STRING) || !scim_json_is(url, SCIM_JSON_STRING) || agrees(j->c, value_part, value, url)) {
        return NULL;
    }
    if (!was_url && !scim_tolerates(j->c, value, SCIM_VALUE_ANY_MEMBER_TYPE)) {
        return scim_error(j->c->p, SCIM_E_INVALID_VALUE, "%s.$ref does not name the resource in value \"%.100s\"; leave it out", where,
                          scim_json_string(value));
    }
    scim_json_remove(after, ref->name);
    scim_reference_complete(j->c, attr, after);
    return NULL;
}

/* ---- attributes ---- */

/* The immutable values that went with what held them. whole: so has all that required it. */
static scim_error_t *judge_gone(const judging_t *j, const scim_attribute_t *attr, const char *prefix, scim_json_t *before, int whole)
{
    int i;

    if (attr->mutability == SCIM_IMMUTABLE) {
        return immutable(j, prefix, attr->name);
    }
    for (i = 0; attr->type == SCIM_COMPLEX && !attr->multi && i < attr->nsubs; i++) {
        if (attr->subs[i].mutability == SCIM_IMMUTABLE && scim_json_member(before, attr->subs[i].name)) {
            return immutable(j, apr_pstrcat(j->c->p, prefix, attr->name, ".", NULL), attr->subs[i].name);
        }
    }
    return !whole && can_be_missed(attr) ? required(j, prefix, attr->name) : NULL;
}

/* One attribute that has a value; *out: what stays of it, NULL for nothing. */
static scim_error_t *judge_value(const judging_t *j, const scim_attribute_t *attr, const char *where, scim_json_t *before,
                                 scim_json_t *after, scim_json_t **out)
{
    *out = after;
    if (attr->multi) {
        if (!scim_json_is(after, SCIM_JSON_ARRAY)) {
            return scim_error(j->c->p, SCIM_E_INVALID_VALUE, "%s must be an array", where);
        }
        return judge_list(j, attr, where, before, after, out);
    }
    if (attr->type == SCIM_COMPLEX && scim_json_is(after, SCIM_JSON_OBJECT)) {
        SCIM_TRY(judge_parts(j, attr->subs, attr->nsubs, apr_pstrcat(j->c->p, where, ".", NULL), before, after));
        SCIM_TRY(judge_reference(j, attr, where, before, after));
        *out = scim_json_count(after) ? after : NULL;
        return NULL;
    }
    if (j->judge == SCIM_JUDGE_CHANGES) {
        SCIM_TRY(scim_element_read(j->c, attr, after, where, out));
    }
    return *out ? judge_simple(j, attr, where, *out) : NULL;
}

static scim_error_t *judge_attribute(const judging_t *j, const scim_attribute_t *attr, const char *prefix, scim_json_t *before,
                                     scim_json_t *object)
{
    scim_json_t *after = NULL, *out = NULL;
    int stands = scim_json_find(object, attr->name, &after);

    if (!scim_json_empty(after)) {
        if (!attr->multi) {
            scim_reference_complete(j->c, attr, after);
        }
        if (attr->mutability == SCIM_IMMUTABLE && before && !scim_json_equal(before, after)) {
            return immutable(j, prefix, attr->name);
        }
        SCIM_TRY(judge_value(j, attr, apr_pstrcat(j->c->p, prefix, attr->name, NULL), before, after, &out));
    }
    if (!out) {
        if (stands) {
            scim_json_remove(object, attr->name);
        }
        return before ? judge_gone(j, attr, prefix, before, 0) : can_be_missed(attr) ? required(j, prefix, attr->name) : NULL;
    }
    if (out != after) {
        scim_json_set(object, attr->name, out);
    }
    return NULL;
}

static scim_error_t *judge_parts(const judging_t *j, const scim_attribute_t *attrs, int n, const char *prefix, scim_json_t *before,
                                 scim_json_t *after)
{
    int i;

    for (i = 0; i < n; i++) {
        scim_json_t *old = scim_json_member(before, attrs[i].name);
        if (j->judge == SCIM_JUDGE_CHANGES && before && scim_json_equal(old, scim_json_member(after, attrs[i].name))) {
            continue;
        }
        if (j->at && !attrs[i].parent) {
            *j->at = &attrs[i];
        }
        SCIM_TRY(judge_attribute(j, &attrs[i], prefix, old, after));
    }
    return NULL;
}

/* An extension may go as a whole, whatever it requires of those that have it. */
static scim_error_t *judge_extension_gone(const judging_t *j, const scim_schema_t *schema, scim_json_t *before)
{
    const char *prefix = apr_pstrcat(j->c->p, schema->id, ":", NULL);
    int i;

    for (i = 0; i < schema->nattrs; i++) {
        scim_json_t *old = scim_json_member(before, schema->attrs[i].name);
        if (j->at) {
            *j->at = &schema->attrs[i];
        }
        SCIM_TRY(old ? judge_gone(j, &schema->attrs[i], prefix, old, 1) : NULL);
    }
    return NULL;
}

static scim_error_t *judge_extension(const judging_t *j, const scim_extension_t *extension, scim_json_t *before, scim_json_t *doc)
{
    const scim_schema_t *schema = extension->schema;
    scim_json_t *old = scim_json_member(before, schema->id), *container = scim_json_member(doc, schema->id);

    if (container && scim_json_count(container) == 0) {
        scim_json_remove(doc, schema->id);
        container = NULL;
    }
    if (!container && extension->required && (old || j->judge == SCIM_JUDGE_ALL)) {
        return scim_error(j->c->p, SCIM_E_INVALID_VALUE, "The extension %s is required", schema->id);
    }
    if (!container) {
        return old ? judge_extension_gone(j, schema, old) : NULL;
    }
    SCIM_TRY(judge_parts(j, schema->attrs, schema->nattrs, apr_pstrcat(j->c->p, schema->id, ":", NULL), old, container));
    if (scim_json_count(container) == 0) {
        scim_json_remove(doc, schema->id);
    }
    return NULL;
}

scim_error_t *scim_validate(scim_context_t *c, scim_judge_e judge, scim_json_t *before, scim_json_t *after,
                            const scim_attribute_t **at)
{
    const judging_t j = { c, judge, at };
    int i;

    SCIM_TRY(judge_parts(&j, c->type->common->attrs, c->type->common->nattrs, "", before, after));
    SCIM_TRY(judge_parts(&j, c->type->schema->attrs, c->type->schema->nattrs, "", before, after));
    for (i = 0; i < c->type->nextensions; i++) {
        SCIM_TRY(judge_extension(&j, &c->type->extensions[i], before, after));
    }
    return NULL;
}

/* ---- what is stored ---- */

static void inspect_attribute(const judging_t *j, const scim_attribute_t *attr, const char *prefix, scim_json_t *object,
                              apr_array_header_t *faults)
{
    scim_json_t *value = scim_json_member(object, attr->name), *alone = scim_json_new_object(j->c->p);
    scim_error_t *err;

    if (value) {
        scim_json_set(alone, attr->name, scim_json_copy(j->c->p, value));
    }
    err = judge_attribute(j, attr, prefix, NULL, alone);
    if (err) {
        APR_ARRAY_PUSH(faults, const char *) = err->detail;
    }
    else if (!scim_json_equal(value, scim_json_member(alone, attr->name))) {
        APR_ARRAY_PUSH(faults, const char *) = apr_psprintf(j->c->p, "%s%s would be stored in another form", prefix, attr->name);
    }
}

static void inspect_schema(const judging_t *j, const scim_schema_t *schema, const char *prefix, scim_json_t *object,
                           apr_array_header_t *faults)
{
    int i;

    for (i = 0; i < schema->nattrs; i++) {
        inspect_attribute(j, &schema->attrs[i], prefix, object, faults);
    }
}

static int is_known(const scim_resource_type_t *type, const char *name)
{
    apr_size_t len = strlen(name);

    return scim_type_schema(type, name) || scim_attribute_find(type->schema->attrs, type->schema->nattrs, name, len) ||
           scim_attribute_find(type->common->attrs, type->common->nattrs, name, len);
}

void scim_validate_stored(scim_context_t *c, scim_json_t *doc, apr_array_header_t *faults)
{
    const judging_t j = { c, SCIM_JUDGE_CHANGES, NULL };
    scim_json_iter_t it;
    int i;

    inspect_schema(&j, c->type->common, "", doc, faults);
    inspect_schema(&j, c->type->schema, "", doc, faults);
    for (i = 0; i < c->type->nextensions; i++) {
        const scim_schema_t *schema = c->type->extensions[i].schema;
        scim_json_t *container = scim_json_member(doc, schema->id);
        if (container) {
            inspect_schema(&j, schema, apr_pstrcat(c->p, schema->id, ":", NULL), container, faults);
        }
        else if (c->type->extensions[i].required) {
            APR_ARRAY_PUSH(faults, const char *) = apr_psprintf(c->p, "The extension %s is required", schema->id);
        }
    }
    for (it = scim_json_iter(doc); scim_json_next(&it);) {
        if (!is_known(c->type, it.name)) {
            APR_ARRAY_PUSH(faults, const char *) = apr_psprintf(c->p, "%s belongs to no schema of %s", it.name, c->type->name);
        }
    }
}
