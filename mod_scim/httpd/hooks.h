/* What the entry file registers. */
#ifndef SCIM_HTTPD_HOOKS_H
#define SCIM_HTTPD_HOOKS_H

#include <httpd.h>

#include <http_config.h>

extern const command_rec scim_directives[];

void *scim_create_dir_config(apr_pool_t *p, char *location);
void *scim_merge_dir_config(apr_pool_t *p, void *base, void *add);
void *scim_create_server_config(apr_pool_t *p, server_rec *s);
void *scim_merge_server_config(apr_pool_t *p, void *base, void *add);

int scim_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);
int scim_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);
void scim_child_init(apr_pool_t *p, server_rec *s);
int scim_canonical_name(request_rec *r);
int scim_translate_name(request_rec *r);
int scim_map_to_storage(request_rec *r);
int scim_type_checker(request_rec *r);
int scim_check_authn(request_rec *r);
int scim_note_auth_failure(request_rec *r, const char *type);
int scim_handler(request_rec *r);
void scim_insert_error_filter(request_rec *r);
apr_status_t scim_error_filter(ap_filter_t *f, apr_bucket_brigade *bb);
int scim_status(request_rec *r, int flags);

#endif
