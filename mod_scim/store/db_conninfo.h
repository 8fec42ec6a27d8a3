/* Connection strings of libpq. */
#ifndef SCIM_STORE_DB_CONNINFO_H
#define SCIM_STORE_DB_CONNINFO_H

#include <apr_pools.h>

#include "../core/base/error.h"

/* The administrator's conninfo, in either of libpq's forms, with our settings where it says nothing; in p. When libpq does not understand
 * it, the error's cause says why. */
scim_error_t *scim_conninfo_complete(apr_pool_t *p, const char *conninfo, const char **out);

#endif
