#include "represent.h"

#include <apr_strings.h>
#include <string.h>
#include <sys/uio.h>

#include "../base/datetime.h"
#include "../base/etag.h"
#include "../base/json.h"
#include "../base/utf8.h"

/* Pieces that are joined in one allocation. */
#define MAX_PIECES 24

typedef struct pieces_t {
    struct iovec at[MAX_PIECES];
    apr_size_t count;
} pieces_t;

/* An iovec's base is not const, but here it is only read from. */
static struct iovec piece_of(const char *s, apr_size_t len)
{
    struct iovec v = { (void *)(apr_uintptr_t)s, len };

    return v;
}

static struct iovec piece(const char *s)
{
    return piece_of(s, strlen(s));
}

static void add_text(pieces_t *pieces, const char *s)
{
    pieces->at[pieces->count++] = piece(s);
}

const char *scim_location(apr_pool_t *p, const scim_resource_type_t *type, const char *base_url, const char *id)
{
    return apr_pstrcat(p, base_url, type->endpoint, "/", id, NULL);
}

/* The tag inside a JSON string: its two quotes are all there is to escape. */
static void add_version(pieces_t *pieces, const char *etag)
{
    const char *opaque = strchr(etag, '"') + 1;

    add_text(pieces, ",\"version\":\"W/\\\"");
    pieces->at[pieces->count++] = piece_of(opaque, strlen(opaque) - 1);
    add_text(pieces, "\\\"\"}}");
}

static void add_array(pieces_t *pieces, const char *name, const char *elements)
{
    if (elements && *elements) {
        add_text(pieces, ",\"");
        add_text(pieces, name);
        add_text(pieces, "\":[");
        add_text(pieces, elements);
        add_text(pieces, "]");
    }
}

/* What stands in front of members: the stored text goes in as it is, without its outer braces. */
static void add_head(pieces_t *pieces, const scim_stored_t *stored)
{
    add_text(pieces, "{\"id\":\"");
    add_text(pieces, stored->id);
    add_text(pieces, "\",");
    pieces->at[pieces->count++] = piece_of(stored->doc + 1, strlen(stored->doc) - 2);
}

static void add_tail(pieces_t *pieces, apr_pool_t *p, const scim_resource_type_t *type, const char *base_url, const scim_stored_t *stored,
                     const char *etag)
{
    if (type->groups) {
        add_array(pieces, type->groups->name, stored->groups);
    }
    add_text(pieces, ",\"meta\":{\"resourceType\":\"");
    add_text(pieces, type->name);
    add_text(pieces, "\",\"created\":\"");
    add_text(pieces, scim_datetime_text(p, stored->created));
    add_text(pieces, "\",\"lastModified\":\"");
    add_text(pieces, scim_datetime_text(p, stored->modified));
    add_text(pieces, "\",\"location\":");
    add_text(pieces, scim_json_quote(p, scim_location(p, type, base_url, stored->id)));
    add_version(pieces, etag);
}

static const char *joined(apr_pool_t *p, const pieces_t *pieces)
{
    return apr_pstrcatv(p, pieces->at, pieces->count, NULL);
}

/* The complete representation. */
static const char *splice(apr_pool_t *p, const scim_resource_type_t *type, const char *base_url, const scim_stored_t *stored,
                          const char *members, const char *etag)
{
    pieces_t pieces = { .count = 0 };

    add_head(&pieces, stored);
    if (type->members) {
        add_array(&pieces, type->members->name, members);
    }
    add_tail(&pieces, p, type, base_url, stored, etag);
    return joined(p, &pieces);
}

static const char *projected(apr_pool_t *p, const scim_resource_type_t *type, const scim_projection_t *projection, const char *text)
{
    scim_json_t *resource;

    if (!projection && !type->always_project) {
        return text;
    }
    resource = scim_json_trusted(p, text, strlen(text));
    scim_project(type, projection, resource);
    return scim_json_text(p, resource, NULL);
}

const char *scim_represent(apr_pool_t *p, const scim_resource_type_t *type, const scim_projection_t *projection, const char *base_url,
                           const scim_stored_t *stored, const char **etag)
{
    const char *tag = scim_etag(p, stored->version, stored->groups);

    if (etag) {
        *etag = tag;
    }
    return projected(p, type, projection, splice(p, type, base_url, stored, stored->members, tag));
}

void scim_represent_parts(apr_pool_t *p, const scim_resource_type_t *type, const scim_projection_t *projection, const char *base_url,
                          const scim_stored_t *stored, scim_representation_t *out)
{
    pieces_t head = { .count = 0 }, tail = { .count = 0 };
    const char *text;

    out->etag = scim_etag(p, stored->version, stored->groups);
    out->members = type->members && scim_projection_wants(projection, type->members) ? type->members : NULL;
    if (!projection && !type->always_project) {
        add_head(&head, stored);
        add_tail(&tail, p, type, base_url, stored, out->etag);
        out->head = joined(p, &head);
        out->tail = joined(p, &tail);
        return;
    }
    text = projected(p, type, projection, splice(p, type, base_url, stored, NULL, out->etag));
    out->head = apr_pstrmemdup(p, text, strlen(text) - 1);
    out->tail = "}";
}

const char *scim_represent_elements(apr_pool_t *p, const scim_resource_type_t *type, const scim_projection_t *projection, const char *elements)
{
    const char *before = apr_pstrcat(p, "{\"", type->members->name, "\":[", NULL), *text;
    apr_size_t len;

    if (!projection && !type->always_project) {
        return elements;
    }
    text = projected(p, type, projection, apr_pstrcat(p, before, elements, "]}", NULL));
    len = strlen(before);
    return strlen(text) < len + 2 ? "" : apr_pstrmemdup(p, text + len, strlen(text) - len - 2);
}

scim_json_t *scim_document(apr_pool_t *p, const scim_resource_type_t *type, const scim_stored_t *stored)
{
    scim_json_t *doc = scim_json_trusted(p, stored->doc, strlen(stored->doc));

    if (!scim_json_is(doc, SCIM_JSON_OBJECT)) {
        return NULL;
    }
    scim_json_remove(doc, "schemas");
    if (type->members && stored->members && *stored->members) {
        const char *text = apr_pstrcat(p, "[", stored->members, "]", NULL);
        scim_json_t *members = scim_json_trusted(p, text, strlen(text));
        scim_json_set(doc, type->members->name, members);
    }
    return doc;
}

static const char *list_head(apr_pool_t *p, apr_int64_t total, int items, const char *place)
{
    return apr_psprintf(p,
                        "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":%" APR_INT64_T_FMT
                        "%s,\"itemsPerPage\":%d,\"Resources\":[",
                        total, place, items);
}

const char *scim_list_head(apr_pool_t *p, apr_int64_t total, apr_int64_t start_index, int items)
{
    return list_head(p, total, items, apr_psprintf(p, ",\"startIndex\":%" APR_INT64_T_FMT, start_index));
}

const char *scim_list_head_cursor(apr_pool_t *p, apr_int64_t total, const char *next, int items)
{
    return list_head(p, total, items, next ? apr_pstrcat(p, ",\"nextCursor\":\"", next, "\"", NULL) : "");
}
