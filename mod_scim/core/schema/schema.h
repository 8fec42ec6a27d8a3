/* Schemas, resource types and the one name resolver. Immutable after start, shared by threads. */
#ifndef SCIM_CORE_SCHEMA_H
#define SCIM_CORE_SCHEMA_H

#include <apr_hash.h>
#include <apr_pools.h>
#include <apr_tables.h>
#include "../base/error.h"
#include "../base/json.h"

#define SCIM_URN_USER "urn:ietf:params:scim:schemas:core:2.0:User"
#define SCIM_URN_GROUP "urn:ietf:params:scim:schemas:core:2.0:Group"
#define SCIM_URN_ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define SCIM_URN_SPC "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
#define SCIM_URN_RESOURCE_TYPE "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
#define SCIM_URN_SCHEMA "urn:ietf:params:scim:schemas:core:2.0:Schema"
#define SCIM_URN_MESSAGE "urn:ietf:params:scim:api:messages:2.0:"

typedef enum { SCIM_STRING, SCIM_BOOLEAN, SCIM_DECIMAL, SCIM_INTEGER, SCIM_DATETIME, SCIM_REFERENCE, SCIM_BINARY, SCIM_COMPLEX } scim_type_e;
typedef enum { SCIM_READ_WRITE, SCIM_READ_ONLY, SCIM_IMMUTABLE, SCIM_WRITE_ONLY } scim_mutability_e;
typedef enum { SCIM_RETURNED_DEFAULT, SCIM_RETURNED_ALWAYS, SCIM_RETURNED_NEVER, SCIM_RETURNED_REQUEST } scim_returned_e;
typedef enum { SCIM_UNIQUE_NONE, SCIM_UNIQUE_SERVER, SCIM_UNIQUE_GLOBAL } scim_uniqueness_e;

/* Where the store keeps an attribute. Everything is in the document except what has a column or rows of its own. */
typedef enum {
    SCIM_HOME_DOCUMENT,
    SCIM_HOME_SCHEMAS,       /* derived from the document's content */
    SCIM_HOME_ID,
    SCIM_HOME_EXTERNAL_ID,
    SCIM_HOME_USER_NAME,     /* User: also in the document; the column holds the comparison key */
    SCIM_HOME_DISPLAY_NAME,  /* as above */
    SCIM_HOME_ACTIVE,        /* as above, boolean */
    SCIM_HOME_PASSWORD,      /* never in the document: a salted slow hash in a column (SE-13) */
    SCIM_HOME_META,          /* meta and its parts: columns */
    SCIM_HOME_MEMBERS,       /* Group.members and its parts: membership rows */
    SCIM_HOME_GROUPS         /* User.groups and its parts: derived from membership rows on read */
} scim_home_e;

/* Forms of strings that RFC 7643 prescribes for some attributes; "x-format" in a schema file says it (not served: the RFC has no word
 * for it). References are URIs without being told. */
typedef enum { SCIM_FORMAT_ANY, SCIM_FORMAT_COUNTRY, SCIM_FORMAT_LANGUAGE, SCIM_FORMAT_CERTIFICATE, SCIM_FORMAT_URI } scim_format_e;

typedef struct scim_schema_t scim_schema_t;
typedef struct scim_attribute_t scim_attribute_t;

struct scim_attribute_t {
    const char *name;                  /* in the schema's spelling */
    const char *description;
    const scim_schema_t *schema;       /* whose attribute it is: base schema, extension, or the common attributes */
    const scim_attribute_t *parent;    /* the complex attribute it is a part of, or NULL */
    scim_type_e type;
    scim_mutability_e mutability;
    scim_returned_e returned;
    scim_uniqueness_e uniqueness;
    scim_home_e home;
    unsigned multi : 1;
    unsigned required : 1;
    unsigned case_exact : 1;
    unsigned hidden : 1;               /* works, but is left out of /Schemas (profile) */
    unsigned precis : 1;               /* userName: names are compared by PRECIS (profile), otherwise by their looks */
    unsigned filterable : 1;           /* the profile allows it in filters; true unless restricted */
    unsigned own : 1;                  /* a person may change it of himself, through /Me (profile) */
    scim_format_e format;              /* which form its strings have */
    const char *default_json;          /* JSON text given to a new resource that omits it (P-06), or NULL */
    const apr_array_header_t *canonical_values; /* of const char *, or NULL */
    const apr_array_header_t *reference_types;  /* of const char *, or NULL */
    int nsubs;
    scim_attribute_t *subs;            /* nsubs parts of a complex attribute */
};

struct scim_schema_t {
    const char *id;                    /* the URN */
    const char *name;
    const char *description;
    int nattrs;
    scim_attribute_t *attrs;
};

typedef struct scim_extension_t {
    const scim_schema_t *schema;
    int required;
} scim_extension_t;

/* Tolerances of the name resolver; bits of scim_resource_type_t.resolve (set by dialect rules). */
#define SCIM_RESOLVE_DOT 1       /* '.' after a schema URN where ':' belongs (P19) */
#define SCIM_RESOLVE_BARE 2      /* an extension attribute by its bare name (P24) */
#define SCIM_RESOLVE_ALIAS 4     /* other URNs name a schema: aliases (P19) */

/* Another URN of a schema. */
typedef struct scim_alias_t {
    const char *alias;                 /* NULL ends a list */
    const char *urn;                   /* NULL: the base schema, whichever it is */
} scim_alias_t;

/* What DELETE does (profile). */
typedef enum { SCIM_DELETE_REMOVE, SCIM_DELETE_DISABLE, SCIM_DELETE_REFUSE } scim_delete_e;

typedef struct scim_resource_type_t {
    const char *name;                  /* "User": meta.resourceType */
    const char *endpoint;              /* "/Users" */
    const char *description;
    const scim_schema_t *schema;       /* base schema */
    const scim_schema_t *common;       /* id, externalId, meta, schemas (table S-0) */
    int nextensions;
    scim_extension_t *extensions;
    unsigned resolve;                  /* SCIM_RESOLVE_* bits */
    const scim_alias_t *aliases;       /* NULL: none */
    scim_delete_e on_delete;
    const scim_attribute_t *members;   /* attribute with home MEMBERS, or NULL */
    const scim_attribute_t *groups;    /* attribute with home GROUPS, or NULL */
    int always_project;                /* some stored attribute is returned request or never: no verbatim reply */
} scim_resource_type_t;

/* What a name resolves to. All NULL: nothing. Only extension set: the name is an extension's URN. */
typedef struct scim_attrpath_t {
    const scim_schema_t *extension;    /* set when the attribute is an extension's, or the whole extension is meant */
    const scim_attribute_t *attr;      /* top-level attribute */
    const scim_attribute_t *sub;       /* its part, or NULL */
    unsigned used;                     /* SCIM_RESOLVE_* bits without which it would name nothing */
} scim_attrpath_t;

/* The keywords of RFC 7643 section 7, each list in the order of its enumeration and ended by NULL. */
extern const char *const scim_type_words[];
extern const char *const scim_mutability_words[];
extern const char *const scim_returned_words[];
extern const char *const scim_uniqueness_words[];
extern const char *const scim_format_words[];

/* All schemas read from files. */
typedef struct scim_registry_t {
    apr_array_header_t *schemas;       /* of scim_schema_t *, as loaded */
} scim_registry_t;

scim_registry_t *scim_registry_make(apr_pool_t *p);

/* Adds the schema in json text (one Schema resource of RFC 7643 section 7) to the registry; data lives in p. Errors are
 * SCIM_E_INVALID_VALUE with a detail for the administrator: bad names (D-24), unknown keywords, complex inside complex
 * (D-23), a URN loaded twice, uniqueness on a multi-valued attribute. Missing characteristics get the defaults of
 * RFC 7643 section 2.2. */
scim_error_t *scim_schema_load(apr_pool_t *p, scim_registry_t *registry, const char *json, apr_size_t len);

/* The loaded schema of this URN (letter case ignored), or NULL. */
const scim_schema_t *scim_schema_find(const scim_registry_t *registry, const char *urn);

/* A deep copy that a profile may change; attribute pointers inside are consistent. */
scim_schema_t *scim_schema_clone(apr_pool_t *p, const scim_schema_t *schema);

/* The common attributes of table S-0, freshly made in p. */
scim_schema_t *scim_schema_common(apr_pool_t *p);

/* Assigns homes (scim_home_e), members/groups and always_project after the schemas of type are in place. */
void scim_resource_type_finish(scim_resource_type_t *type);

/* Resolves name[0..len): short ("userName"), dotted ("name.givenName"), URN-qualified (longest registered URN wins, F-31),
 * any letter case; a bare URN of the base schema gives attr NULL and extension = base schema. Returns 1 when found. */
int scim_resolve(const scim_resource_type_t *type, const char *name, apr_size_t len, scim_attrpath_t *out);

/* Attribute by name[0..len) among attrs[0..n), letter case ignored; NULL when there is none. */
const scim_attribute_t *scim_attribute_find(const scim_attribute_t *attrs, int n, const char *name, apr_size_t len);

/* True when neither its values nor anything that depends on them may be seen: returned never, or writeOnly whatever `returned` says
 * (RFC 7643 section 7), by itself or through the attribute it is a part of. */
int scim_attribute_secret(const scim_attribute_t *attr);

/* True when a plain GET does not show it: secret, or returned on request, by itself or through the attribute it is a part of. */
int scim_attribute_unseen(const scim_attribute_t *attr);

/* True when no client takes it away by leaving it out or saying null: immutable or readOnly (U-02, U-08), or `active` (U-17). */
int scim_attribute_firm(const scim_attribute_t *attr);

/* True when no client takes it away by leaving it out: firm, or unseen, for who writes back what a GET has shown cannot know of it (U-06). */
int scim_attribute_kept(const scim_attribute_t *attr);

/* Its `value` part (RFC 7643 section 2.4), or NULL. */
const scim_attribute_t *scim_attribute_value(const scim_attribute_t *attr);

/* "name.givenName", "urn:...:User:manager.value": how an attribute is named in details; in p. */
const char *scim_attribute_path(apr_pool_t *p, const scim_resource_type_t *type, const scim_attribute_t *attr);

/* Is the JSON value of the type that one value (an element) of attr has? */
int scim_type_fits(const scim_attribute_t *attr, scim_json_t *value);

/* The schemas of a type: 0 is the base schema, then its extensions; NULL behind the last. */
const scim_schema_t *scim_type_schema_at(const scim_resource_type_t *type, int index);

/* The one with this URN (letter case ignored), or NULL. */
const scim_schema_t *scim_type_schema(const scim_resource_type_t *type, const char *urn);

/* True when schema is one of the type's extensions. */
int scim_is_extension(const scim_resource_type_t *type, const scim_schema_t *schema);

#endif
