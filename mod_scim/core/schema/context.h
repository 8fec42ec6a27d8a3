/* What one request carries through the core. */
#ifndef SCIM_CORE_CONTEXT_H
#define SCIM_CORE_CONTEXT_H

#include "profile.h"

/* What clients may ask at most. */
typedef struct scim_limits_t {
    int filter_length;                 /* bytes */
    int filter_depth;                  /* nesting of parentheses, brackets and `not`; ten times as many terms are accepted */
} scim_limits_t;

/* Belongs to one request (one thread). */
typedef struct scim_context_t {
    apr_pool_t *p;                     /* results live here */
    const scim_profile_t *profile;
    const scim_resource_type_t *type;  /* of the resources that the request is about; NULL until that is known */
    scim_limits_t limits;
    apr_uint64_t fired;                /* bits 1 << scim_rule_e of the dialect rules that changed something */
} scim_context_t;

/* A context with default limits in which no rule has fired. */
void scim_context_init(scim_context_t *c, apr_pool_t *p, const scim_profile_t *profile, const scim_resource_type_t *type);

/* Notes that a dialect rule changed something. */
void scim_context_fire(scim_context_t *c, scim_rule_e rule);

#endif
