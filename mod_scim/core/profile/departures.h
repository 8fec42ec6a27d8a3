/* Where a profile parts from the RFCs, and why. */
#ifndef SCIM_CORE_DEPARTURES_H
#define SCIM_CORE_DEPARTURES_H

#include "../schema/profile.h"

typedef struct scim_departure_t {
    const char *by;                    /* the line of the profile: "SCIMDialect upsert" */
    const char *what;                  /* one sentence */
    const char *requirements;          /* that are given up by it, by their names in t/requirements.tsv, a space between */
    const char *why;                   /* who needs it, as a part of a sentence */
} scim_departure_t;

/* Those of the profile, of scim_departure_t, in p: settings first, then dialect rules in their order. What the RFCs leave open is none. */
apr_array_header_t *scim_departures(apr_pool_t *p, const scim_profile_t *profile);

#endif
