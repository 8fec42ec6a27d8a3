#include "profiles.h"

#include <string.h>

#include "../core/base/text.h"
#include "../core/profile/profile_read.h"
#include "file.h"
#include "lines.h"

/* Is the line one that opens or closes a section whose name begins so? */
static int begins(const char *line, const char *text)
{
    return scim_ieqn(line, text, strlen(text));
}

/* From the line that opens the block to the one that ends it. */
static scim_error_t *read_block(scim_lines_t *lines, apr_hash_t *specs, const char *args)
{
    scim_profile_spec_t *spec = NULL;
    const char *line = NULL;
    int ended = 0;

    SCIM_TRY(scim_lines_at(lines, scim_profile_open(lines->p, specs, args, &spec)));
    while (!ended) {
        SCIM_TRY(scim_lines_next(lines, &line));
        if (!line) {
            return scim_lines_at(lines, scim_profile_not_ended(lines->p, spec));
        }
        SCIM_TRY(scim_lines_at(lines, scim_profile_line(lines->p, spec, line, &ended)));
    }
    apr_hash_set(specs, spec->name, APR_HASH_KEY_STRING, spec);
    return NULL;
}

static int opens_block(const char *line)
{
    const char *after = line + strlen(SCIM_PROFILE_SECTION);

    return begins(line, SCIM_PROFILE_SECTION) && (*after == ' ' || *after == '\t' || *after == '>' || !*after);
}

static scim_error_t *read_file(apr_pool_t *p, const char *file, apr_hash_t *specs)
{
    scim_lines_t *lines = NULL;
    const char *line = NULL;
    int conditions = 0;

    SCIM_TRY(scim_lines_open(p, file, &lines));
    for (;;) {
        SCIM_TRY(scim_lines_next(lines, &line));
        if (!line) {
            return NULL;
        }
        conditions += begins(line, "<If") - begins(line, "</If");
        if (!opens_block(line)) {
            continue;
        }
        if (conditions > 0) {
            return scim_lines_at(lines, scim_error(p, SCIM_E_INVALID_VALUE, "only httpd can tell whether this <SCIMProfile> counts: "
                                                                            "put it into a file that is included as a whole"));
        }
        SCIM_TRY(read_block(lines, specs, line + strlen(SCIM_PROFILE_SECTION)));
    }
}

scim_error_t *scim_profiles_read(apr_pool_t *p, const apr_array_header_t *paths, apr_hash_t *specs)
{
    apr_array_header_t *files = NULL;
    int i, j;

    for (i = 0; i < paths->nelts; i++) {
        SCIM_TRY(scim_file_list(p, APR_ARRAY_IDX(paths, i, const char *), ".conf", &files));
        for (j = 0; j < files->nelts; j++) {
            SCIM_TRY(read_file(p, APR_ARRAY_IDX(files, j, const char *), specs));
        }
    }
    return NULL;
}
