#include "counterpart.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/json.h"
#include "element.h"

/* ---- who stands for whom ---- */

/* A name that an element is known by; "" when it has none of this kind. */
typedef const char *naming_f(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element);

/* Stored elements of one name that are not taken yet, the first first. */
typedef struct queue_t {
    apr_array_header_t *indexes;       /* of int */
    int next;
} queue_t;

typedef struct matching_t {
    apr_pool_t *p;
    const scim_attribute_t *attr;
    scim_json_t *stored, *given;
    int *to;                           /* by index in given: the index in stored, or -1 */
    char *taken;                       /* by index in stored */
} matching_t;

static apr_hash_t *queues_of(const matching_t *m, naming_f *naming)
{
    apr_hash_t *queues = scim_hash_make(m->p);
    int i, n = (int)scim_json_count(m->stored);

    for (i = 0; i < n; i++) {
        const char *name = m->taken[i] ? "" : naming(m->p, m->attr, scim_json_at(m->stored, (size_t)i));
        queue_t *queue = apr_hash_get(queues, name, APR_HASH_KEY_STRING);
        if (!*name) {
            continue;
        }
        if (!queue) {
            queue = apr_pcalloc(m->p, sizeof(*queue));
            queue->indexes = apr_array_make(m->p, 1, sizeof(int));
            apr_hash_set(queues, name, APR_HASH_KEY_STRING, queue);
        }
        APR_ARRAY_PUSH(queue->indexes, int) = i;
    }
    return queues;
}

/* Who can be known by a better name is matched first, so that nobody else takes the place. */
static matching_t match(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *stored, scim_json_t *given, naming_f *const *namings)
{
    size_t i, n = scim_json_count(given), left = n;
    matching_t m = { p, attr, stored, given, apr_palloc(p, (n + 1) * sizeof(int)), apr_pcalloc(p, scim_json_count(stored) + 1) };

    for (i = 0; i < n; i++) {
        m.to[i] = -1;
    }
    for (; *namings && left; namings++) {
        apr_hash_t *queues = queues_of(&m, *namings);
        for (i = 0; i < n; i++) {
            queue_t *queue = m.to[i] < 0 ? apr_hash_get(queues, (*namings)(p, attr, scim_json_at(given, i)), APR_HASH_KEY_STRING) : NULL;
            if (queue && queue->next < queue->indexes->nelts) {
                m.to[i] = APR_ARRAY_IDX(queue->indexes, queue->next++, int);
                m.taken[m.to[i]] = 1;
                left--;
            }
        }
    }
    return m;
}

/* ---- what is taken over ---- */

/* Which parts. */
typedef int parts_f(const scim_attribute_t *sub);

static int is_immutable(const scim_attribute_t *sub)
{
    return sub->mutability == SCIM_IMMUTABLE;
}

/* Have elements such parts? Members are rows: they come and go. */
static int has_parts(const scim_attribute_t *attr, parts_f *such)
{
    int i, found = 0;

    for (i = 0; attr->home != SCIM_HOME_MEMBERS && i < attr->nsubs; i++) {
        found |= such(&attr->subs[i]);
    }
    return found;
}

/* Gives each element such parts of the one that it stands for as it lacks. */
static void complete(const matching_t *m, parts_f *such)
{
    size_t i, n = scim_json_count(m->given);

    for (i = 0; i < n; i++) {
        if (m->to[i] >= 0) {
            scim_element_fill(m->attr, scim_json_at(m->given, i), scim_json_at(m->stored, (size_t)m->to[i]), such);
        }
    }
}

/* Does a client write of elements that a GET does not show? It knows them, then. */
static int names_unseen(const scim_attribute_t *attr, scim_json_t *given)
{
    size_t i, n = scim_json_count(given);
    int found = scim_attribute_unseen(attr);

    for (i = 0; i < n && !found; i++) {
        found = !scim_value_shows(attr, scim_json_at(given, i));
    }
    return found;
}

/* The list with the stored elements that nobody can see, at the places where they stood. */
static scim_json_t *with_unseen(scim_context_t *c, const matching_t *m)
{
    scim_json_t *out = scim_json_new_array(c->p);
    size_t i, k = 0, n = scim_json_count(m->given);

    for (i = 0; i < scim_json_count(m->stored); i++) {
        scim_json_t *element = scim_json_at(m->stored, i);
        if (m->taken[i] || scim_value_shows(m->attr, element)) {
            continue;
        }
        for (; k < n && scim_json_count(out) < i; k++) {
            scim_json_append(out, scim_json_at(m->given, k));
        }
        scim_json_append(out, element);
    }
    for (; k < n; k++) {
        scim_json_append(out, scim_json_at(m->given, k));
    }
    return out;
}

scim_error_t *scim_elements_complete(scim_context_t *c, apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *stored, scim_json_t *given,
                                     int all, scim_json_t **out)
{
    static naming_f *const namings[] = { scim_element_seen, scim_element_key, scim_element_value_key, NULL };
    matching_t m;

    *out = given;
    if (!stored || !has_parts(attr, scim_attribute_kept)) {
        return NULL;
    }
    SCIM_TRY(scim_context_spend(c, SCIM_STEPS_FOR(strlen(scim_json_text(p, stored, NULL)) + strlen(scim_json_text(p, given, NULL)))));
    m = match(p, attr, stored, given, namings);
    complete(&m, scim_attribute_kept);
    if (all && !names_unseen(attr, given)) {
        *out = with_unseen(c, &m);
    }
    return NULL;
}

/* ---- immutable parts ---- */

/* The value and the immutable parts of an element as one key. */
static const char *fixed_key(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element)
{
    const char *key = scim_element_value_key(p, attr, element);
    int i;

    for (i = 0; *key && i < attr->nsubs; i++) {
        scim_json_t *part = is_immutable(&attr->subs[i]) ? scim_json_member(element, attr->subs[i].name) : NULL;
        if (part) {
            key = apr_pstrcat(p, key, "\n", attr->subs[i].name, "\n", scim_json_text(p, part, NULL), NULL);
        }
    }
    return key;
}

static const char *fixed_key_and_type(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *element)
{
    const char *key = fixed_key(p, attr, element);

    return *key ? apr_pstrcat(p, key, "\n", scim_element_key(p, attr, element), NULL) : key;
}

static const scim_attribute_t *changed_part(const scim_attribute_t *attr, scim_json_t *before, scim_json_t *after)
{
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        scim_json_t *part = is_immutable(&attr->subs[i]) ? scim_json_member(before, attr->subs[i].name) : NULL;
        if (part && !scim_json_equal(part, scim_json_member(after, attr->subs[i].name))) {
            return &attr->subs[i];
        }
    }
    return NULL;
}

const scim_attribute_t *scim_elements_settle(apr_pool_t *p, const scim_attribute_t *attr, scim_json_t *stored, scim_json_t *given)
{
    static naming_f *const namings[] = { fixed_key_and_type, fixed_key, scim_element_key, scim_element_value_key, NULL };
    const scim_attribute_t *changed = NULL;
    matching_t m;
    size_t i, n;

    if (!stored || !given || !scim_attribute_value(attr) || !has_parts(attr, is_immutable)) {
        return NULL;
    }
    m = match(p, attr, stored, given, namings);
    complete(&m, is_immutable);
    for (i = 0, n = scim_json_count(given); i < n && !changed; i++) {
        changed = m.to[i] < 0 ? NULL : changed_part(attr, scim_json_at(stored, (size_t)m.to[i]), scim_json_at(given, i));
    }
    return changed;
}
