#include "rules.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/text.h"
#include "../patch/patch.h"
#include "../query/filter_lex.h"
#include "../query/path.h"
#include "../resource/resource.h"
#include "../resource/value.h"
#include "../schema/discovery.h"
#include "rewrite.h"

/* SCIM 1 and misspelt URNs that clients still send. */
static const scim_alias_t legacy_urns[] = {
    { "urn:scim:schemas:core:1.0", NULL },
    { "urn:scim:schemas:core:2.0:User", SCIM_URN_USER },
    { "urn:scim:schemas:core:2.0:Group", SCIM_URN_GROUP },
    { "urn:scim:schemas:core:2.0", NULL },
    { "urn:scim:schemas:extension:enterprise:1.0:User", SCIM_URN_ENTERPRISE },
    { "urn:scim:schemas:extension:enterprise:2.0:User", SCIM_URN_ENTERPRISE },
    { "urn:scim:schemas:extension:enterprise:1.0", SCIM_URN_ENTERPRISE },
    { "urn:scim:schemas:extension:enterprise:2.0", SCIM_URN_ENTERPRISE },
    { NULL, NULL },
};

const scim_rule_t scim_rules[] = {
    /* names */
    { "dot-after-urn", "A schema URN may be followed by '.' instead of ':'.",
      .departs = "F-31", .why = "Entra ID, in mappings made before its flag aadOptscim062020", .options = { .resolve = SCIM_RESOLVE_DOT } },
    { "bare-extension", "Extension attributes may be named without their URN.",
      .departs = "F-36 PA-04", .why = "Entra ID sends manager by its bare name", .options = { .resolve = SCIM_RESOLVE_BARE } },
    { "legacy-urns", "Schema URNs of SCIM 1 stand for their successors.",
      .departs = "C-17 C-18", .why = "mappings and clients that began with SCIM 1", .options = { .resolve = SCIM_RESOLVE_ALIAS },
      .aliases = legacy_urns, .body = scim_rewrite_aliases },
    /* filters and paths */
    { "config-filter", "A filter on /ServiceProviderConfig is ignored.",
      .departs = "D-19", .why = "clients that put a filter on whatever they read",
      .options = { .discovery = SCIM_DISCOVERY_CONFIG_FILTER } },
    { "bare-word", "An unquoted word in a filter is a string, a time or a reference.",
      .departs = "F-08 F-17", .why = "clients that build filters from templates, without quotes",
      .options = { .filter = SCIM_FILTER_BARE_WORD } },
    { "tight-filter", "No space need stand around a string in a filter.",
      .departs = "F-04", .why = "clients that build filters by joining texts", .options = { .filter = SCIM_FILTER_TIGHT } },
    { "value-path-eq", "The filter emails[type eq \"work\"] eq \"x\" compares the value.",
      .departs = "F-04", .why = "Entra ID, in older mappings that match by e-mail", .options = { .filter = SCIM_FILTER_VALUE_PATH_EQ } },
    { "string-number", "startIndex and count of a SearchRequest may be strings.",
      .departs = "X-03", .why = "clients that keep all parameters as texts", .options = { .filter = SCIM_FILTER_STRING_NUMBER } },
    { "singular-filter", "A value filter in a PATCH path may stand on a singular attribute.",
      .departs = "PA-48", .why = "Entra ID, where a mapping puts a filter on an attribute that is no list",
      .options = { .path = SCIM_PATH_SINGULAR_FILTER } },
    /* values, in this order */
    { "unwrap-array", "An array of one element for a singular attribute is that element.",
      .departs = "PA-14 C-25", .why = "Entra ID sends a manager, and single values of its own form, in arrays",
      .value = scim_rewrite_unwrap_array },
    { "wrap-value", "A plain string for a singular complex attribute is its value; =NAME,...: for these attributes only.",
      .departs = "PA-14", .why = "Entra ID sends manager as a string", .argument = "",
      .value = scim_rewrite_wrap_value },
    { "manager-id", "managerId, as in SCIM 1, is manager.value; =NAME,...: NAMEId is the value of these attributes.",
      .departs = "P-12", .why = "clients whose templates follow SCIM 1",
      .argument = "manager", .value = scim_rewrite_id_member },
    { "packed-value", "A role whose value is an object as text, \"{\\\"value\\\":\\\"x\\\"}\", is that object; =NAME,...: values of these lists.",
      .departs = "PA-14 C-25", .why = "Entra ID sends app roles so, where a mapping has AppRoleAssignmentsComplex", .argument = "roles",
      .apart = 1, .value = scim_rewrite_packed_value },
    { "string-boolean", "The strings \"true\" and \"false\", in any letter case, are booleans where the schema says boolean.",
      .departs = "C-25 F-17 PA-14", .why = "Entra ID sends \"True\" and \"False\"",
      .options = { .filter = SCIM_FILTER_STRING_BOOLEAN }, .value = scim_rewrite_string_boolean },
    { "last-primary", "When several values are primary, the last one stays so.",
      .departs = "PA-22 V-01", .why = "clients that add a primary value and leave the old one",
      .options = { .value = SCIM_VALUE_LAST_PRIMARY } },
    { "any-format", "The format of locale, country, certificates and references and the characters of userName and password are not checked.",
      .departs = "C-36 C-37 C-40 I-03", .why = "Entra ID's validator sends random strings; countries have names in many directories",
      .options = { .value = SCIM_VALUE_ANY_FORMAT } },
    { "any-member-type", "A type or $ref of a member, or of a manager, that contradicts its value is ignored.",
      .departs = "GM-05", .why = "clients that write back what another service gave them",
      .options = { .value = SCIM_VALUE_ANY_MEMBER_TYPE } },
    /* bodies */
    { "any-schemas", "Missing or undeclared URNs in schemas are ignored, and so is whatever a PATCH does to schemas.",
      .departs = "C-17 C-18 PA-01 PA-46", .why = "Entra ID names a schema of its own in new groups; others leave schemas out",
      .options = { .body = SCIM_BODY_ANY_SCHEMAS, .patch = SCIM_PATCH_ANY_SCHEMAS }, .operation = scim_rewrite_ignore_schemas },
    { "core-wrapper", "Attributes may be wrapped in an object under the base schema's URN.",
      .departs = "C-20", .why = "clients that treat the base schema as an extension", .options = { .patch = SCIM_PATCH_CORE_WRAPPER },
      .body = scim_rewrite_core_wrapper },
    { "empty-operations", "A PATCH without operations changes nothing.",
      .departs = "PA-01", .why = "Entra ID's validator", .options = { .patch = SCIM_PATCH_NO_OPERATIONS } },
    { "key-paths", "Member names of a path-less PATCH value are paths: name.givenName, urn:...:User:department.",
      .departs = "PA-47", .why = "Entra ID with its flag aadOptscim062020, Okta",
      .options = { .patch = SCIM_PATCH_KEY_PATHS } },
    /* operations, in this order */
    { "add-sets", "PATCH add of roles, all at once, replaces them; =NAME,...: of these lists.",
      .departs = "PA-19", .why = "Entra ID adds the complete set of app roles at each change, and takes none away", .argument = "roles",
      .apart = 1, .operation = scim_rewrite_add_sets },
    { "ignore-unknown", "Attributes that no schema has are ignored in PATCH.",
      .departs = "PA-04 PA-47", .why = "administrators map attributes that a service does not have; one of them must not stop all changes",
      .operation = scim_rewrite_ignore_unknown },
    { "ignore-read-only", "Read-only attributes are ignored in PATCH.",
      .departs = "PA-39 PA-40", .why = "clients that send back what they have read", .operation = scim_rewrite_ignore_read_only },
    { "members-object", "{\"members\":[...]} is accepted as the value of a PATCH of members.",
      .departs = "PA-14", .why = "clients that send removals as a part of the group", .operation = scim_rewrite_members_object },
    { "bare-members", "An id alone is a member in the value of a PATCH of members.",
      .departs = "PA-14", .why = "clients that send lists of ids", .operation = scim_rewrite_bare_members },
    { "empty-clears", "\"\", null and {\"value\":\"\"} in PATCH replace remove the attribute, whatever its type; {\"part\":null} removes the part. "
      "Elsewhere, too, \"\" is no value, whatever the type; a PATCH remove whose value is empty is no error.",
      .departs = "PA-14 P-05", .why = "Entra ID clears a value by \"\"",
      .options = { .value = SCIM_VALUE_EMPTY_STRING }, .operation = scim_rewrite_empty_clears },
    { "upsert", "PATCH replace by a value path creates the element when there is none.",
      .departs = "PA-31", .why = "Entra ID replaces the work e-mail of users who have none", .operation = scim_rewrite_upsert },
    { "remove-if-equal", "PATCH remove of a part (emails[type eq \"work\"].value) with a value removes it only where it equals that.",
      .departs = "PA-35", .why = "Entra ID says which value it takes away",
      .operation = scim_rewrite_remove_if_equal },
    { "drop-bare", "An element that PATCH remove leaves with only type, primary or display is dropped.",
      .departs = "PA-35", .why = "Entra ID takes away the value of an element alone",
      .operation = scim_rewrite_drop_bare },
};

const int scim_rule_count = sizeof(scim_rules) / sizeof(scim_rules[0]);

int scim_rule_find(const char *name)
{
    int i;

    for (i = 0; i < scim_rule_count; i++) {
        if (scim_ieq(scim_rules[i].name, name)) {
            return i;
        }
    }
    return -1;
}

apr_uint64_t scim_rules_all(void)
{
    return (APR_UINT64_C(1) << scim_rule_count) - 1;
}

apr_uint64_t scim_rules_usual(void)
{
    apr_uint64_t rules = scim_rules_all();
    int i;

    for (i = 0; i < scim_rule_count; i++) {
        rules &= ~((apr_uint64_t)scim_rules[i].apart << i);
    }
    return rules;
}

/* ---- switching on ---- */

static void add_options(scim_options_t *to, const scim_options_t *from)
{
    to->resolve |= from->resolve;
    to->filter |= from->filter;
    to->path |= from->path;
    to->value |= from->value;
    to->body |= from->body;
    to->patch |= from->patch;
    to->discovery |= from->discovery;
}

static const apr_array_header_t *split_names(apr_pool_t *p, const char *list)
{
    apr_array_header_t *names = apr_array_make(p, 2, sizeof(const char *));

    while (list && *list) {
        apr_size_t len = strcspn(list, ",");
        if (len) {
            APR_ARRAY_PUSH(names, const char *) = apr_pstrmemdup(p, list, len);
        }
        list += len + (list[len] == ',');
    }
    return names;
}

static void add_functions(apr_pool_t *p, scim_profile_t *profile, int index, const char *argument)
{
    const scim_rule_t *rule = &scim_rules[index];
    scim_rewrite_t rewrite = { index, rule->value, rule->body, rule->operation, split_names(p, argument ? argument : rule->argument) };

    if (rule->value) {
        APR_ARRAY_PUSH(profile->values, scim_rewrite_t) = rewrite;
    }
    if (rule->body) {
        APR_ARRAY_PUSH(profile->bodies, scim_rewrite_t) = rewrite;
    }
    if (rule->operation) {
        APR_ARRAY_PUSH(profile->operations, scim_rewrite_t) = rewrite;
    }
}

void scim_rules_set(apr_pool_t *p, scim_profile_t *profile, apr_uint64_t rules, const char *const *arguments)
{
    int i;

    profile->rules = rules;
    profile->aliases = NULL;
    memset(&profile->options, 0, sizeof(profile->options));
    profile->values = apr_array_make(p, 4, sizeof(scim_rewrite_t));
    profile->bodies = apr_array_make(p, 4, sizeof(scim_rewrite_t));
    profile->operations = apr_array_make(p, 8, sizeof(scim_rewrite_t));
    for (i = 0; i < scim_rule_count; i++) {
        if (!(rules >> i & 1)) {
            continue;
        }
        add_options(&profile->options, &scim_rules[i].options);
        add_functions(p, profile, i, arguments[i]);
        profile->aliases = scim_rules[i].aliases ? scim_rules[i].aliases : profile->aliases;
    }
}

/* ---- what was used ---- */

static int shares(const scim_options_t *a, const scim_options_t *b)
{
    return (a->resolve & b->resolve) || (a->filter & b->filter) || (a->path & b->path) || (a->value & b->value) || (a->body & b->body) ||
           (a->patch & b->patch) || (a->discovery & b->discovery);
}

apr_uint64_t scim_rules_fired(const scim_context_t *c)
{
    apr_uint64_t fired = c->fired;
    int i, any = shares(&c->used, &c->used);

    for (i = 0; any && i < scim_rule_count; i++) {
        if (shares(&scim_rules[i].options, &c->used)) {
            fired |= APR_UINT64_C(1) << i;
        }
    }
    return fired;
}
