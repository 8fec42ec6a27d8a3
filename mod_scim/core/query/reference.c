#include "reference.h"

#include <string.h>

int scim_reference_own(const scim_attribute_t *attr)
{
    return attr->type == SCIM_REFERENCE && (attr->home == SCIM_HOME_MEMBERS || attr->home == SCIM_HOME_GROUPS || attr->home == SCIM_HOME_META);
}

const char *scim_reference_target(const char *s)
{
    const char *last = strrchr(s, '/');

    while (last && last > s && last[-1] != '/') {
        last--;
    }
    return last ? last : s;
}

/* s behind a segment such as "v2/" at its beginning. */
static const char *past_version(const char *s)
{
    size_t digits = *s == 'v' ? strspn(s + 1, "0123456789") : 0;

    return digits && s[1 + digits] == '/' ? s + 2 + digits : s;
}

static int same_segments(const char *a, const char *b)
{
    size_t len;

    for (;;) {
        a = past_version(a);
        b = past_version(b);
        len = strcspn(a, "/");
        if (len != strcspn(b, "/") || memcmp(a, b, len) != 0 || a[len] != b[len]) {
            return 0;
        }
        if (!a[len]) {
            return 1;
        }
        a += len + 1;
        b += len + 1;
    }
}

/* Length of scheme and host; 0 for a relative reference. */
static size_t origin_length(const char *s)
{
    const char *host = strstr(s, "://");

    return host ? (size_t)(host + 3 - s) + strcspn(host + 3, "/") : 0;
}

int scim_reference_same(const char *a, const char *b)
{
    size_t origin = origin_length(a);

    if (!origin || !origin_length(b)) {
        return strcmp(scim_reference_target(a), scim_reference_target(b)) == 0;
    }
    return origin == origin_length(b) && memcmp(a, b, origin) == 0 && same_segments(a + origin, b + origin);
}
