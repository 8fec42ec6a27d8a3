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

/* The complete representation. The stored text goes in as it is, without its outer braces. */
static const char *splice(apr_pool_t *p, const scim_resource_type_t *type, const char *base_url, const scim_stored_t *stored,
                          const char *etag, apr_size_t *len)
{
    pieces_t pieces = { .count = 0 };

    add_text(&pieces, "{\"id\":\"");
    add_text(&pieces, stored->id);
    add_text(&pieces, "\",");
    pieces.at[pieces.count++] = piece_of(stored->doc + 1, strlen(stored->doc) - 2);
    if (type->members) {
        add_array(&pieces, type->members->name, stored->members);
    }
    if (type->groups) {
        add_array(&pieces, type->groups->name, stored->groups);
    }
    add_text(&pieces, ",\"meta\":{\"resourceType\":\"");
    add_text(&pieces, type->name);
    add_text(&pieces, "\",\"created\":\"");
    add_text(&pieces, scim_datetime_text(p, stored->created));
    add_text(&pieces, "\",\"lastModified\":\"");
    add_text(&pieces, scim_datetime_text(p, stored->modified));
    add_text(&pieces, "\",\"location\":");
    add_text(&pieces, scim_json_quote(p, scim_location(p, type, base_url, stored->id)));
    add_version(&pieces, etag);
    return apr_pstrcatv(p, pieces.at, pieces.count, len);
}

const char *scim_represent(apr_pool_t *p, const scim_resource_type_t *type, const scim_projection_t *projection, const char *base_url,
                           const scim_stored_t *stored, const char **etag)
{
    const char *tag = scim_etag(p, stored->version, stored->groups);
    apr_size_t len;
    const char *text = splice(p, type, base_url, stored, tag, &len);
    struct json_object *resource;

    if (etag) {
        *etag = tag;
    }
    if (!projection && !type->always_project) {
        return text;
    }
    resource = scim_json_trusted(p, text, len);
    scim_project(type, projection, resource);
    return scim_json_text(p, resource, NULL);
}

struct json_object *scim_document(apr_pool_t *p, const scim_resource_type_t *type, const scim_stored_t *stored)
{
    struct json_object *doc = scim_json_trusted(p, stored->doc, strlen(stored->doc));

    if (!json_object_is_type(doc, json_type_object)) {
        return NULL;
    }
    json_object_object_del(doc, "schemas");
    if (type->members && stored->members && *stored->members) {
        const char *text = apr_pstrcat(p, "[", stored->members, "]", NULL);
        struct json_object *members = scim_json_trusted(p, text, strlen(text));
        json_object_object_add(doc, type->members->name, json_object_get(members));
    }
    return doc;
}

const char *scim_list_response(apr_pool_t *p, apr_int64_t total, apr_int64_t start_index, const apr_array_header_t *resources)
{
    struct iovec *at = apr_palloc(p, sizeof *at * ((apr_size_t)resources->nelts * 2 + 2)), *to = at;
    char *head = apr_psprintf(p,
                              "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":%" APR_INT64_T_FMT
                              ",\"startIndex\":%" APR_INT64_T_FMT ",\"itemsPerPage\":%d,\"Resources\":[",
                              total, start_index, resources->nelts);
    int i;

    *to++ = piece(head);
    for (i = 0; i < resources->nelts; i++) {
        if (i) {
            *to++ = piece(",");
        }
        *to++ = piece(APR_ARRAY_IDX(resources, i, const char *));
    }
    *to++ = piece("]}");
    return apr_pstrcatv(p, at, (apr_size_t)(to - at), NULL);
}
