/* userName as a key: which names are one and the same. A profile uses one of the two forms (I-01 to I-06). */
#ifndef SCIM_CORE_USERNAME_H
#define SCIM_CORE_USERNAME_H

#include <apr_pools.h>

/* By PRECIS UsernameCaseMapped of RFC 8265 section 3.3, in p: width mapping, lower case (with the final sigma of Unicode's toLowerCase),
 * NFC. For comparisons: never fails, whatever characters there are. s must be valid UTF-8. */
const char *scim_username_precis(apr_pool_t *p, const char *s);

/* By looks, in p: names that a reader takes for the same are one. NFKC and lower case; characters that show nothing (controls,
 * zero-width, soft hyphens) count for nothing; white space of any kind is one space, none at the ends; both small sigmas are one; a dot
 * above i or j counts for nothing. Letters that only fold alike stay apart: Weiss and Weiß are two people. Never fails; empty when there
 * is nothing to see. s must be valid UTF-8. */
const char *scim_username_looks(apr_pool_t *p, const char *s);

#endif
