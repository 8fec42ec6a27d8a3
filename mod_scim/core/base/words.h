/* Words of a configuration line, as httpd splits the arguments of its directives. */
#ifndef SCIM_CORE_WORDS_H
#define SCIM_CORE_WORDS_H

#include <apr_pools.h>
#include <apr_tables.h>

/* The words of the line, as an array of const char * in p. Spaces part them; "..." or '...' at the beginning of a word holds spaces,
 * with backslash before the quote or a backslash. */
apr_array_header_t *scim_words(apr_pool_t *p, const char *line);

#endif
