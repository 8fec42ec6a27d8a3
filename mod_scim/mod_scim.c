/* The module record and its hooks. */
#include <httpd.h>

#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_status.h>
#include <apr_optional_hooks.h>

#include "httpd/hooks.h"

extern module AP_MODULE_DECLARE_DATA scim_module;

static void register_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_check_config(scim_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(scim_post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(scim_child_init, NULL, NULL, APR_HOOK_MIDDLE);
    /* Before mod_rewrite, whose rules compare literally. */
    ap_hook_translate_name(scim_canonical_name, NULL, NULL, APR_HOOK_REALLY_FIRST);
    /* Last: aliases go first, and the core's own hook keeps OPTIONS * and TRACE. */
    ap_hook_translate_name(scim_translate_name, NULL, NULL, APR_HOOK_LAST);
    ap_hook_map_to_storage(scim_map_to_storage, NULL, NULL, APR_HOOK_LAST);
    ap_hook_check_authn(scim_check_authn, NULL, NULL, APR_HOOK_MIDDLE, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_note_auth_failure(scim_note_auth_failure, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_type_checker(scim_type_checker, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_handler(scim_handler, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_insert_error_filter(scim_insert_error_filter, NULL, NULL, APR_HOOK_LAST);
    ap_register_output_filter("SCIM_ERROR", scim_error_filter, NULL, AP_FTYPE_CONTENT_SET);
    APR_OPTIONAL_HOOK(ap, status_hook, scim_status, NULL, NULL, APR_HOOK_MIDDLE);
}

module AP_MODULE_DECLARE_DATA scim_module = {
    STANDARD20_MODULE_STUFF,
    scim_create_dir_config,
    scim_merge_dir_config,
    scim_create_server_config,
    scim_merge_server_config,
    scim_directives,
    register_hooks,
#if defined(AP_MODULE_FLAG_NONE)
    AP_MODULE_FLAG_NONE,
#endif
};
