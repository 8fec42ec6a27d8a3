/* References to resources: what a $ref says, beside a value that says it as well. */
#ifndef SCIM_CORE_REFERENCE_H
#define SCIM_CORE_REFERENCE_H

#include "../query/reference.h"

/* What a $ref says. Only its last two segments count, so that URLs of another API version, relative ones and absolute ones mean
 * the same resource (C-31). */
typedef struct scim_reference_t {
    const char *id;                    /* NULL: it names nothing */
    const char *type;                  /* name of the resource type served there, or NULL */
    apr_size_t before;                 /* so much of it stands before the two segments */
} scim_reference_t;

/* Strings are in c->p. */
scim_reference_t scim_reference_read(scim_context_t *c, const char *url);

/* Does url, of which ref was read, lead to a resource of this service: below its base URL, or relative? */
int scim_reference_is_here(const scim_context_t *c, const char *url, const scim_reference_t *ref);

/* Gives object, a value of attr, the $ref of the resource whose id is its value, relative to the base URL (RFC 7643 sections 2.3.7 and 4.3: services
 * have many names). Nothing happens where there is a $ref, where the value is no id of this service, or where it may be that of several types. */
void scim_reference_complete(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *object);

/* Takes each $ref out of the document that scim_reference_complete would put there again. */
void scim_reference_forget(scim_context_t *c, scim_json_t *doc);

/* The $ref of object, a value of attr, when no value stands beside it that says who is meant (RFC 7643 section 4.3: clients may send either);
 * NULL: there is nothing to be found out, also where it may lead out of this service. Of members, scim_member_read does so. */
scim_json_t *scim_reference_alone(const scim_context_t *c, const scim_attribute_t *attr, scim_json_t *object);

/* The id that url, as found by scim_reference_alone, leads to: below the base URL of this service, or relative, to a resource of a type that attr's
 * $ref may refer to. invalidValue when it leads elsewhere. where: attr's path for the detail. */
scim_error_t *scim_reference_id(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *url, const char *where, scim_json_t **id);

#endif
