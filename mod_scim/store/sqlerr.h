/* SQLSTATE (and constraint) to error: one table. */
#ifndef SCIM_STORE_SQLERR_H
#define SCIM_STORE_SQLERR_H

#include <apr_pools.h>

#include "../core/base/error.h"

/* Detail of a clash on an attribute that a schema or profile declares unique: which one, the constraint cannot tell. */
#define SCIM_SQLERR_VALUE_TAKEN "A value of an attribute that must be unique is taken by another resource"

/* sqlstate: five characters or NULL (connection lost). constraint: its name or NULL. message: primary message for the log; the
 * server's DETAIL holds personal data and is never passed. */
scim_error_t *scim_sqlerr(apr_pool_t *p, const char *sqlstate, const char *constraint, const char *message);

#endif
