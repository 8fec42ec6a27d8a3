/* Members of groups: references as clients write them, and the net change of a request. */
#ifndef SCIM_CORE_MEMBERS_H
#define SCIM_CORE_MEMBERS_H

#include "../schema/context.h"

/* One member reference as a client gave it. */
typedef struct scim_member_t {
    const char *id;                    /* from value, or from the last segment of $ref */
    const char *type;                  /* claimed by type or $ref: "User" or "Group"; NULL when not said */
} scim_member_t;

/* The net change to a group's members; add and remove share no id. Cost follows the change, never the group. */
typedef struct scim_members_t {
    int touched;                       /* anything said about members at all */
    int clear;                         /* every member outside add goes (replace, remove all) */
    apr_hash_t *add;                   /* id -> scim_member_t * */
    apr_hash_t *remove;                /* id -> scim_member_t * */
} scim_members_t;

scim_members_t *scim_members_make(apr_pool_t *p);
void scim_members_add(apr_pool_t *p, scim_members_t *m, const scim_member_t *member);
void scim_members_remove(apr_pool_t *p, scim_members_t *m, const char *id);
void scim_members_clear(scim_members_t *m);

/* Member references from the document form of `members` (array of objects). invalidValue when $ref contradicts value (GM-05)
 * unless the profile has SCIM_VALUE_ANY_MEMBER_TYPE, or neither is there. */
scim_error_t *scim_member_read(scim_context_t *c, scim_json_t *element, scim_member_t **out);

#endif
