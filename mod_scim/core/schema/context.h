/* What one request carries through the core. */
#ifndef SCIM_CORE_CONTEXT_H
#define SCIM_CORE_CONTEXT_H

#include "profile.h"

/* What clients may ask at most. */
typedef struct scim_limits_t {
    int filter_length;                 /* bytes */
    int filter_depth;                  /* nesting of parentheses, brackets and `not`; ten times as many terms are accepted */
} scim_limits_t;

/* What one request may cost beyond reading its body once: values looked at, terms of filters parsed, members named, each a step; long strings
 * count as more, and so does text beyond ASCII in lists. Enough for any client seen (a hundred operations on lists of thousands), and well
 * under half a second of work. */
#define SCIM_STEPS 1000000

/* Belongs to one request (one thread). */
struct scim_context_t {
    apr_pool_t *p;                     /* results live here */
    const scim_profile_t *profile;
    const scim_resource_type_t *type;  /* of the resources that the request is about; NULL until that is known */
    scim_limits_t limits;
    const char *base_url;              /* what the URLs of this service begin with, without a slash at the end; NULL: not known */
    apr_int64_t steps;                 /* of SCIM_STEPS, what is left */
    scim_options_t used;               /* options of the profile without which something would have been refused or read otherwise */
    apr_uint64_t fired;                /* bits 1 << scim_rewrite_t.rule: functions of dialect rules that changed something */
};

/* A context with default limits and all steps, in which no tolerance was used yet. */
void scim_context_init(scim_context_t *c, apr_pool_t *p, const scim_profile_t *profile, const scim_resource_type_t *type);

/* Takes steps from what is left; an error (413) when there were fewer. For work that grows faster than the body. */
scim_error_t *scim_context_spend(scim_context_t *c, apr_int64_t steps);

/* Takes over what a copy of c, made for a part of the request, has spent and used. */
void scim_context_join(scim_context_t *c, const scim_context_t *part);

/* Steps for handling a string of this length. */
#define SCIM_STEPS_FOR(len) (1 + (apr_int64_t)(len) / 16)

/* Steps for folding text with so many bytes beyond ASCII. */
#define SCIM_STEPS_TO_FOLD(len) ((apr_int64_t)(len) / 8)

/* Is the option on in the profile? Notes that it was used. For where something would be refused, or read otherwise, without it. */
#define scim_tolerates(c, place, option) (((c)->profile->options.place & (option)) && ((c)->used.place |= (option)))

/* scim_resolve for the type of the context; notes a tolerance that was used. */
int scim_context_resolve(scim_context_t *c, const char *name, apr_size_t len, scim_attrpath_t *out);

#endif
