#include <apr_lib.h>
#include <apr_strings.h>
#include <errno.h>
#include <string.h>

#include "../core/base/datetime.h"
#include "scimctl.h"

#define HOUR (APR_INT64_C(3600) * APR_USEC_PER_SEC)
#define DAY (24 * HOUR)

/* Far enough for any token, and no overflow. */
#define LONGEST (APR_INT64_C(100) * 365 * DAY)

typedef struct unit_t {
    char letter;
    apr_time_t length;
} unit_t;

static const unit_t units[] = { { 'h', HOUR }, { 'd', DAY }, { 'w', 7 * DAY }, { 'y', 365 * DAY } };

/* "90d": 0 when it is not of this form. */
static apr_time_t parse_span(const char *text)
{
    char *end;
    apr_int64_t count;
    apr_size_t i;

    if (!apr_isdigit(*text)) {
        return 0;
    }
    errno = 0;
    count = apr_strtoi64(text, &end, 10);
    for (i = 0; i < sizeof units / sizeof *units; i++) {
        if (end[0] == units[i].letter && !end[1] && !errno && count > 0 && count <= LONGEST / units[i].length) {
            return count * units[i].length;
        }
    }
    return 0;
}

static int parse_date(apr_pool_t *p, const char *text, apr_time_t *out)
{
    return scim_datetime_parse(strchr(text, 'T') ? text : apr_pstrcat(p, text, "T00:00:00Z", NULL), out);
}

scim_error_t *ctl_expiry_parse(apr_pool_t *p, const char *text, apr_time_t now, apr_time_t *out)
{
    apr_time_t span = parse_span(text);

    if (strcmp(text, "never") == 0) {
        *out = 0;
        return NULL;
    }
    if (span > 0) {
        *out = now - now % APR_USEC_PER_SEC + span;
        return NULL;
    }
    if (!parse_date(p, text, out)) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "\"%s\" is no time: say 90d (or h, w, y), 2027-01-31, or never", text);
    }
    if (*out <= now) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "%s is in the past", text);
    }
    return NULL;
}

const char *ctl_time(apr_pool_t *p, apr_time_t t)
{
    return t ? scim_datetime_text(p, t - t % APR_USEC_PER_SEC) : NULL;
}
