/* How much time goes by, whatever somebody does to the clock on the wall. */
#ifndef SCIM_CORE_CLOCK_H
#define SCIM_CORE_CLOCK_H

#include <apr_time.h>

/* Microseconds since some moment that is the same for all processes of the machine, until it starts anew. Never set, never 0. */
apr_time_t scim_clock(void);

#endif
