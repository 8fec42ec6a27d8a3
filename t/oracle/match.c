/* The filter evaluator of core for a test to ask: match PROFILE (--schemas PATH | --profiles PATH) ...
 *
 * Lines of JSON on standard input, each answered by a line on standard output unless it says otherwise:
 *
 *   {"type": NAME}       the resources that follow are of this type; those before are forgotten. No answer.
 *   {"resource": {...}}  one more resource, in the form that a GET shows. No answer.
 *   {"filter": TEXT}     for each resource in turn 1 when it matches and 0 when not; or "error: " and why the filter is none.
 *
 * Anything else ends it with a message and status 1. */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../mod_scim/config/profiles.h"
#include "../../mod_scim/config/schemas.h"
#include "../../mod_scim/core/base/json.h"
#include "../../mod_scim/core/profile/profile_build.h"
#include "../../mod_scim/core/query/filter_eval.h"
#include "../../mod_scim/core/query/filter_parse.h"

#define DEPTH 64

static void die(const char *what, const char *why)
{
    fprintf(stderr, "match: %s: %s\n", what, why);
    exit(1);
}

static void must(const char *what, const scim_error_t *err)
{
    if (err) {
        die(what, err->detail);
    }
}

static const scim_profile_t *load(apr_pool_t *p, int argc, char **argv)
{
    apr_array_header_t *schemas = apr_array_make(p, 4, sizeof(const char *)), *files = apr_array_make(p, 4, sizeof(const char *));
    scim_registry_t *registry = scim_registry_make(p);
    apr_hash_t *specs = apr_hash_make(p), *profiles = apr_hash_make(p);
    const scim_profile_t *profile;
    int i;

    for (i = 2; i + 1 < argc; i += 2) {
        APR_ARRAY_PUSH(strcmp(argv[i], "--schemas") == 0 ? schemas : files, const char *) = argv[i + 1];
    }
    must("schemas", scim_schemas_read(p, schemas, registry));
    must("profiles", scim_profiles_read(p, files, specs));
    must("profiles", scim_profiles_build(p, registry, specs, profiles));
    profile = apr_hash_get(profiles, argv[1], APR_HASH_KEY_STRING);
    if (!profile) {
        die(argv[1], "there is no such profile");
    }
    return profile;
}

static void answer(apr_pool_t *p, const scim_profile_t *profile, const scim_resource_type_t *type, const char *text,
                   const apr_array_header_t *resources)
{
    const scim_filter_t *filter;
    scim_context_t c;
    scim_error_t *err;
    int i;

    scim_context_init(&c, p, profile, type);
    err = scim_filter_parse(&c, text, &filter);
    if (err) {
        printf("error: %s\n", err->detail);
        return;
    }
    for (i = 0; i < resources->nelts; i++) {
        putchar(scim_filter_match(p, type, filter, APR_ARRAY_IDX(resources, i, scim_json_t *)) ? '1' : '0');
    }
    putchar('\n');
}

int main(int argc, char **argv)
{
    apr_pool_t *p, *of_type, *of_line;
    const scim_profile_t *profile;
    const scim_resource_type_t *type = NULL;
    apr_array_header_t *resources;
    char *line = NULL;
    size_t room = 0;
    ssize_t len;

    if (argc < 2 || apr_initialize() != APR_SUCCESS || apr_pool_create(&p, NULL) != APR_SUCCESS) {
        die("usage", "match PROFILE (--schemas PATH | --profiles PATH) ...");
    }
    apr_pool_create(&of_type, p);
    apr_pool_create(&of_line, p);
    resources = apr_array_make(p, 100, sizeof(scim_json_t *));
    profile = load(p, argc, argv);
    while ((len = getline(&line, &room, stdin)) > 0) {
        scim_json_t *o = NULL, *resource;
        must("a line", scim_json_parse(of_line, line, (apr_size_t)len, DEPTH, &o));
        resource = scim_json_member(o, "resource");
        if (scim_json_str(o, "type")) {
            type = scim_profile_type(profile, scim_json_str(o, "type"));
            apr_array_clear(resources);
            apr_pool_clear(of_type);
        }
        else if (type && resource) {
            APR_ARRAY_PUSH(resources, scim_json_t *) = scim_json_copy(of_type, resource);
        }
        else if (type && scim_json_str(o, "filter")) {
            answer(of_line, profile, type, scim_json_str(o, "filter"), resources);
        }
        else {
            die("a line", "neither the name of a type, nor a resource or a filter of one");
        }
        apr_pool_clear(of_line);
    }
    free(line);
    apr_terminate();
    return fflush(stdout) == 0 ? 0 : 1;
}
