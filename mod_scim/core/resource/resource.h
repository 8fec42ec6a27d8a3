/* A resource in document form: a JSON object with what the client may read back, attribute names in the schema's spelling,
 * extensions under their URN, nothing unassigned. Not in it: schemas, id, meta, groups (derived on read); password (hashed);
 * members (rows), except while an operation needs them loaded. */
#ifndef SCIM_CORE_RESOURCE_H
#define SCIM_CORE_RESOURCE_H

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

/* Values of one multi-valued attribute, members apart: they are kept in the document, which is read and written as a whole. */
#define SCIM_MOST_ELEMENTS 2000

/* What a request body says, after validation. */
typedef struct scim_input_t {
    struct json_object *doc;           /* document form, members taken out */
    scim_members_t *members;           /* what the body said of members; touched = 0 when it said nothing */
    const char *password;              /* prepared clear text, or NULL */
    int has_active;                    /* the body said active */
} scim_input_t;

/* Checks the body of a POST or PUT against the schema (dialect coercions of the profile first) and gives it in document form.
 * Unknown and readOnly attributes are ignored (P-02, P-12, U-02). invalidValue: wrong types (P-05), more than one primary
 * (P-13), missing required attributes (P-04), wrong schemas (C-17, C-18). create: defaults are given to what is
 * omitted (P-06). The body is not changed. */
scim_error_t *scim_resource_read(scim_context_t *c, struct json_object *body, int create, scim_input_t **out);

/* PUT semantics against the stored document: immutable values (U-07, U-08), omitted `active` kept (U-17). Changes input->doc. */
scim_error_t *scim_resource_replace(scim_context_t *c, struct json_object *stored, scim_input_t *input);

/* One value of attr in document form: types checked, names canonical, nulls and empties dropped (*out NULL when nothing is
 * left), readOnly parts dropped, at most one primary. where: the attribute's path for details. */
scim_error_t *scim_value_read(scim_context_t *c, const scim_attribute_t *attr, struct json_object *value, const char *where,
                              struct json_object **out);

/* One element of a multi-valued attr (or the value of a singular one) likewise. */
scim_error_t *scim_element_read(scim_context_t *c, const scim_attribute_t *attr, struct json_object *value, const char *where,
                                struct json_object **out);

/* Checks a changed document: required attributes, userName form. Drops empty containers. */
scim_error_t *scim_resource_check(scim_context_t *c, struct json_object *doc);

/* Member references from the document form of `members` (array of objects). invalidValue when $ref contradicts value (GM-05)
 * unless the profile has ANY_MEMBER_TYPE, or neither is there. */
scim_error_t *scim_member_read(scim_context_t *c, struct json_object *element, scim_member_t **out);

/* A value of a unique attribute other than userName. */
typedef struct scim_unique_t {
    const char *attribute;             /* path in the schema's spelling */
    const char *value;                 /* comparison key */
} scim_unique_t;

/* What the store writes for a resource: search keys made from the document. */
typedef struct scim_record_t {
    const char *doc;                   /* JSON text; begins with {"schemas":[...] */
    const char *folded;                /* JSON text of the search document: what has no column, strings folded by caseExact,
                                        * dateTimes as scim_datetime_key, names in the schema's spelling */
    const char *user_name;             /* comparison keys, NULL when the type or the document has none */
    const char *external_id;
    const char *display_name;
    const char *display;               /* shown in members and groups: displayName, else userName */
    int active;                        /* -1: none */
    const char *password;              /* bcrypt hash to store, or NULL: leave what is there */
    apr_array_header_t *unique;        /* of scim_unique_t */
} scim_record_t;

/* bcrypt hash of a prepared password (SE-13); invalidValue when it is longer than bcrypt's 72 bytes. */
scim_error_t *scim_password_hash(apr_pool_t *p, const char *prepared, const char **hash);

/* Makes the record of a document. password: prepared clear text or NULL; it is hashed here (slow on purpose). */
scim_error_t *scim_record_make(apr_pool_t *p, const scim_resource_type_t *type, struct json_object *doc,
                               const char *password, scim_record_t **out);

#endif
