/* JSON numbers by their decimal value, exactly: a double has 53 bits, a client's digits may be more (C-27, H-27). */
#ifndef SCIM_CORE_DECIMAL_H
#define SCIM_CORE_DECIMAL_H

#include <apr_pools.h>

/* Numbers that are stored: as many significant digits, and powers of ten up to this in either direction. PostgreSQL's numeric holds far
 * more; without a limit "1e100000" would be a text of a few bytes that is a number of a hundred thousand. */
#define SCIM_DECIMAL_MOST 1000

/* Compares two numbers in JSON syntax: below, equal to or above zero. */
int scim_decimal_compare(const char *a, const char *b);

/* The one form of all texts of the same number ("3.1", "3.10", "31e-1": "31e-1"), in p; is itself a JSON number. NULL when the number is
 * beyond SCIM_DECIMAL_MOST. */
const char *scim_decimal_key(apr_pool_t *p, const char *text);

#endif
