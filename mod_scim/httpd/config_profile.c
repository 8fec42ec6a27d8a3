/* <SCIMProfile NAME> ... </SCIMProfile> in httpd's configuration: the block is read as a whole, its directives exist nowhere else. */
#include "private.h"

#include <apr_strings.h>

#include "../core/profile/profile_read.h"

const char *scim_profile_section(cmd_parms *cmd, void *dir, const char *args)
{
    apr_hash_t *specs = scim_shared(cmd->pool)->specs;
    scim_profile_spec_t *spec = NULL;
    char line[MAX_STRING_LEN];
    int ended = 0;
    scim_error_t *err = scim_profile_open(cmd->pool, specs, args, &spec);

    (void)dir;
    if (err) {
        return err->detail;
    }
    while (!ended && ap_cfg_getline(line, sizeof(line), cmd->config_file) == APR_SUCCESS) {
        err = scim_profile_line(cmd->pool, spec, *line == '#' ? line : ap_resolve_env(cmd->pool, line), &ended);
        if (err) {
            return apr_psprintf(cmd->pool, "line %u: %s", cmd->config_file->line_number, err->detail);
        }
    }
    apr_hash_set(specs, spec->name, APR_HASH_KEY_STRING, spec);
    return ended ? NULL : scim_profile_not_ended(cmd->pool, spec)->detail;
}
