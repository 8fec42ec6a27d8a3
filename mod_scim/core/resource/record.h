/* What the store keeps of a resource: its document and the search keys made from it. */
#ifndef SCIM_CORE_RECORD_H
#define SCIM_CORE_RECORD_H

#include "../query/lookup_key.h"

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
    int shown_alike;                   /* it is known to be what the stored resource has */
    int active;                        /* -1: none */
    const char *password;              /* hash to store, or NULL: leave what is there */
    apr_array_header_t *unique;        /* of scim_unique_t */
    apr_array_header_t *terms;         /* of scim_term_t */
} scim_record_t;

/* What members and groups show of a document, as it is there: NULL when it has neither. */
const char *scim_record_display(scim_json_t *doc);

/* Makes the record of a document, in p. password: a hash by scim_password_hash, or NULL. */
scim_record_t *scim_record_make(apr_pool_t *p, const scim_resource_type_t *type, scim_json_t *doc, const char *password);

/* Tells the record what the stored resource shows. */
void scim_record_replaces(scim_record_t *record, const char *display);

#endif
