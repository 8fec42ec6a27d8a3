#include <apr_lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../core/base/utf8.h"
#include "scimctl.h"

#define MAX_NAME 63

scim_error_t *ctl_name_check(apr_pool_t *p, const char *what, const char *name)
{
    apr_size_t len = strlen(name);
    const char *c;

    for (c = name; *c && !apr_iscntrl(*c); c++) {
    }
    if (len < 1 || len > MAX_NAME || *c || !scim_utf8_valid(name, len)) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "%s's name has 1 to %d bytes of UTF-8 without control characters", what, MAX_NAME);
    }
    return NULL;
}

scim_error_t *ctl_change_check(ctl_t *ctl)
{
    if (!ctl->state && !ctl->profile && !ctl->no_profile) {
        return scim_error(ctl->p, SCIM_E_INVALID_VALUE, "Say what to set: --profile P, --no-profile or --state S");
    }
    if (ctl->state && strcmp(ctl->state, scim_tenant_state_name(scim_tenant_state_parse(ctl->state))) != 0) {
        return scim_error(ctl->p, SCIM_E_INVALID_VALUE, "\"%s\" is no state: say active, paused or disabled", ctl->state);
    }
    return ctl_profile_check(ctl, ctl->profile);
}

scim_error_t *ctl_confirm(const ctl_t *ctl, const char *name, const char *what)
{
    char line[200] = "";

    if (ctl->yes) {
        return NULL;
    }
    if (!isatty(STDIN_FILENO)) {
        return scim_error(ctl->p, SCIM_E_INVALID_VALUE, "Nobody is there to be asked: say --yes to remove %s", what);
    }
    fprintf(stderr, "This removes %s. Type its name to go on: ", what);
    if (!fgets(line, sizeof line, stdin)) {
        line[0] = '\0';
    }
    line[strcspn(line, "\n")] = '\0';
    return strcmp(line, name) == 0 ? NULL : scim_error(ctl->p, SCIM_E_INVALID_VALUE, "Nothing was removed");
}
