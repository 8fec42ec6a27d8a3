/* The hooks before the handler: below a Location of ours stands no file, and one spelling of each path. */
#include "private.h"

#include <apr_strings.h>
#include <string.h>

/* After all others, some of which may have changed the path (RewriteRule with [PT]). */
int scim_translate_name(request_rec *r)
{
    int status = scim_canonical_again(r);

    if (status != OK || !scim_is_ours(r)) {
        return status != OK ? status : DECLINED;
    }
    /* Never opened; core and other modules expect a name. */
    r->filename = apr_pstrcat(r->pool, "scim:", r->uri, NULL);
    return OK;
}

/* httpd has gone back to the server's defaults here, so the name tells. */
int scim_map_to_storage(request_rec *r)
{
    return r->filename && strncmp(r->filename, "scim:", 5) == 0 ? OK : DECLINED;
}

/* Nor does the end of a path say anything about type, language or encoding (mod_mime), or about a handler. */
int scim_type_checker(request_rec *r)
{
    return scim_is_ours(r) ? OK : DECLINED;
}
