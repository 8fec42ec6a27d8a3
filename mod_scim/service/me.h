/* /Me: what a person may do with the own user, beside what everybody may who has the token's rights. */
#ifndef SCIM_SERVICE_ME_H
#define SCIM_SERVICE_ME_H

#include "service.h"

/* 401: nobody is there any more whom the token could stand for. */
scim_error_t *scim_me_gone(const scim_service_t *s, const char *why);

/* Is the user that was read still one who may come in? 401 when inactive (ME-08). Asks nothing unless the call is to /Me. */
scim_error_t *scim_me_check(const scim_service_t *s, const scim_call_t *call, const scim_stored_t *stored);

/* May somebody change the own user so (ME-07)? 403 names the first attribute that the profile does not leave to people. after: what is to
 * be stored in place of stored. */
scim_error_t *scim_me_changes(const scim_service_t *s, const scim_call_t *call, const scim_stored_t *stored, scim_json_t *after);

/* The same of a password (NULL: none is set), before it is hashed. */
scim_error_t *scim_me_password(const scim_service_t *s, const scim_call_t *call, const char *password);

#endif
