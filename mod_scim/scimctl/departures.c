/* scimctl profile departures: where profiles part from the RFCs. */
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "../core/profile/departures.h"
#include "scimctl.h"

static const char *with_commas(apr_pool_t *p, const char *words)
{
    char *out = apr_pstrdup(p, words), *c;

    for (c = out; *c; c++) {
        *c = *c == ' ' ? ',' : *c;
    }
    return out;
}

static void add_rows(apr_pool_t *p, const scim_profile_t *profile, apr_array_header_t *cells)
{
    const apr_array_header_t *departures = scim_departures(p, profile);
    int i, k;

    for (i = 0; i < departures->nelts; i++) {
        const scim_departure_t *d = &APR_ARRAY_IDX(departures, i, scim_departure_t);
        const char *row[] = { profile->name, d->by, with_commas(p, d->requirements), d->what, d->why };
        for (k = 0; k < 5; k++) {
            APR_ARRAY_PUSH(cells, const char *) = row[k];
        }
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

scim_error_t *ctl_profile_departures(ctl_t *ctl)
{
    static const ctl_column_t columns[] = {
        { "PROFILE", "profile", CTL_TEXT, "" }, { "BY", "by", CTL_TEXT, "" }, { "GIVES UP", "requirements", CTL_LIST, "" },
        { "WHAT", "what", CTL_TEXT, "" },       { "FOR", "why", CTL_TEXT, "" },
    };
    apr_array_header_t *cells = apr_array_make(ctl->p, 64, sizeof(const char *)), *names = apr_array_make(ctl->p, 8, sizeof(const char *));
    apr_hash_t *profiles = NULL;
    const scim_profile_t *profile;
    apr_hash_index_t *hi;
    int i;

    if (ctl->nargs > 0) {
        SCIM_TRY(ctl_profile_find(ctl, ctl->args[0], &profile));
        add_rows(ctl->p, profile, cells);
    }
    else {
        SCIM_TRY(ctl_profiles(ctl, &profiles));
        for (hi = apr_hash_first(ctl->p, profiles); hi; hi = apr_hash_next(hi)) {
            APR_ARRAY_PUSH(names, const char *) = apr_hash_this_key(hi);
        }
        qsort(names->elts, (size_t)names->nelts, sizeof(const char *), by_name);
        for (i = 0; i < names->nelts; i++) {
            add_rows(ctl->p, apr_hash_get(profiles, APR_ARRAY_IDX(names, i, const char *), APR_HASH_KEY_STRING), cells);
        }
    }
    ctl_print_rows(ctl, columns, 5, cells);
    return NULL;
}
