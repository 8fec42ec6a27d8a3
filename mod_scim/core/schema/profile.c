#include "profile.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/text.h"

const scim_rule_t scim_rules[SCIM_RULE_COUNT] = {
    [SCIM_RULE_STRING_BOOLEAN] = { "string-boolean",
                                   "The strings \"true\" and \"false\", in any letter case, are booleans where the schema says boolean." },
    [SCIM_RULE_KEY_PATHS] = { "key-paths", "Member names of a path-less PATCH value are paths: name.givenName, urn:...:User:department." },
    [SCIM_RULE_WRAP_VALUE] = { "wrap-value", "A plain string for a singular complex attribute (manager) is its value." },
    [SCIM_RULE_UNWRAP_ARRAY] = { "unwrap-array", "An array of one element for a singular attribute is that element." },
    [SCIM_RULE_MANAGER_ID] = { "manager-id", "managerId, as in SCIM 1, is manager.value." },
    [SCIM_RULE_UPSERT] = { "upsert", "PATCH replace by a value path creates the element when there is none." },
    [SCIM_RULE_EMPTY_CLEARS] = { "empty-clears", "\"\", null and {\"value\":\"\"} in PATCH replace remove the attribute, whatever its type." },
    [SCIM_RULE_REMOVE_IF_EQUAL] = { "remove-if-equal", "PATCH remove of a filtered path with a value removes only what equals it." },
    [SCIM_RULE_DROP_BARE] = { "drop-bare", "An element that PATCH remove leaves with only type, primary or display is dropped." },
    [SCIM_RULE_MEMBERS_OBJECT] = { "members-object", "{\"members\":[...]} is accepted as the value of a PATCH of members." },
    [SCIM_RULE_EMPTY_OPERATIONS] = { "empty-operations", "A PATCH without operations changes nothing." },
    [SCIM_RULE_SINGULAR_FILTER] = { "singular-filter", "A value filter in a PATCH path may stand on a singular attribute." },
    [SCIM_RULE_DOT_AFTER_URN] = { "dot-after-urn", "A schema URN may be followed by '.' instead of ':'." },
    [SCIM_RULE_BARE_EXTENSION] = { "bare-extension", "Extension attributes may be named without their URN." },
    [SCIM_RULE_LEGACY_URNS] = { "legacy-urns", "Schema URNs of SCIM 1 stand for their successors." },
    [SCIM_RULE_IGNORE_UNKNOWN] = { "ignore-unknown", "Attributes that no schema has are ignored in PATCH." },
    [SCIM_RULE_IGNORE_READ_ONLY] = { "ignore-read-only", "Read-only attributes are ignored in PATCH." },
    [SCIM_RULE_ANY_SCHEMAS] = { "any-schemas", "Missing or undeclared URNs in schemas are ignored." },
    [SCIM_RULE_LAST_PRIMARY] = { "last-primary", "When several values are primary, the last one stays so." },
    [SCIM_RULE_CORE_WRAPPER] = { "core-wrapper", "Attributes may be wrapped in an object under the base schema's URN." },
    [SCIM_RULE_BARE_WORD] = { "bare-word", "An unquoted word in a filter is a string." },
    [SCIM_RULE_VALUE_PATH_EQ] = { "value-path-eq", "The filter emails[type eq \"work\"] eq \"x\" compares the value." },
    [SCIM_RULE_ANY_FORMAT] = { "any-format", "The format of locale, country, certificates and the characters of userName are not checked." },
    [SCIM_RULE_ANY_MEMBER_TYPE] = { "any-member-type", "A member's type or $ref that contradicts its value is ignored." },
};

int scim_rule_find(const char *name)
{
    int i;

    for (i = 0; i < SCIM_RULE_COUNT; i++) {
        if (scim_ieq(scim_rules[i].name, name)) {
            return i;
        }
    }
    return -1;
}

scim_profile_spec_t *scim_profile_spec_make(apr_pool_t *p, const char *name)
{
    scim_profile_spec_t *spec = apr_pcalloc(p, sizeof(*spec));

    spec->name = apr_pstrdup(p, name);
    spec->types = apr_array_make(p, 2, sizeof(scim_type_spec_t));
    spec->changes = apr_array_make(p, 8, sizeof(scim_change_spec_t));
    spec->username = spec->media = spec->restore_inactive = spec->skip_unknown_members = spec->keep_absent_members = -1;
    spec->group_patch_body = -1;
    return spec;
}

const scim_resource_type_t *scim_profile_endpoint(const scim_profile_t *profile, const char *segment, apr_size_t len)
{
    int i;

    for (i = 0; i < profile->ntypes; i++) {
        const char *endpoint = profile->types[i].endpoint + 1;
        if (strlen(endpoint) == len && scim_ieqn(endpoint, segment, len)) {
            return &profile->types[i];
        }
    }
    return NULL;
}

const scim_resource_type_t *scim_profile_type(const scim_profile_t *profile, const char *name)
{
    int i;

    for (i = 0; i < profile->ntypes; i++) {
        if (scim_ieq(profile->types[i].name, name)) {
            return &profile->types[i];
        }
    }
    return NULL;
}
