#include "unicode.h"

#include <apr_strings.h>
#include <stdlib.h>

char *scim_unicode_map(apr_pool_t *p, const char *s, int options)
{
    utf8proc_uint8_t *mapped = NULL;
    char *out = NULL;

    if (utf8proc_map((const utf8proc_uint8_t *)s, 0, &mapped, (utf8proc_option_t)(UTF8PROC_NULLTERM | UTF8PROC_STABLE | options)) >= 0) {
        out = apr_pstrdup(p, (char *)mapped);
    }
    free(mapped);
    return out;
}

utf8proc_int32_t scim_unicode_next(const char **s)
{
    utf8proc_int32_t cp;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)*s, -1, &cp);

    if (n <= 0 || cp <= 0) {
        return 0;
    }
    *s += n;
    return cp;
}

char *scim_unicode_put(char *to, utf8proc_int32_t cp)
{
    return to + utf8proc_encode_char(cp, (utf8proc_uint8_t *)to);
}
