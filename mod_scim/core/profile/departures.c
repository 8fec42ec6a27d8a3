#include "departures.h"

#include <apr_strings.h>
#include <string.h>

#include "rules.h"

static int restores(const scim_profile_t *profile)
{
    return profile->restore_inactive;
}

static int skips_members(const scim_profile_t *profile)
{
    return profile->skip_unknown_members;
}

static int keeps_members(const scim_profile_t *profile)
{
    return profile->keep_absent_members;
}

static int negotiates(const scim_profile_t *profile)
{
    return profile->media == SCIM_MEDIA_NEGOTIATE;
}

static int says_json(const scim_profile_t *profile)
{
    return profile->media == SCIM_MEDIA_JSON;
}

static const scim_attribute_t *find(const scim_profile_t *profile, const char *type_name, const char *name)
{
    const scim_resource_type_t *type = scim_profile_type(profile, type_name);

    return type ? scim_attribute_find(type->schema->attrs, type->schema->nattrs, name, strlen(name)) : NULL;
}

static int has_unique_names(const scim_profile_t *profile)
{
    const scim_attribute_t *name = find(profile, "Group", "displayName");

    return name && name->uniqueness != SCIM_UNIQUE_NONE;
}

static int hides(const scim_profile_t *profile)
{
    const scim_attribute_t *password = find(profile, "User", "password");

    return password && password->hidden;
}

typedef struct setting_t {
    int (*holds)(const scim_profile_t *profile);
    scim_departure_t departure;
} setting_t;

static const setting_t settings[] = {
    { restores,
      { "SCIMInactiveConflict restore", "POST with the userName of a user who is not active restores that user, instead of 409.", "C-35 P-03",
        "Entra ID creates people anew who come back: who was disabled is found again, memberships included" } },
    { skips_members,
      { "SCIMUnknownMembers skip", "Members that are no resources of the tenant are left out, instead of 400.", "GM-16",
        "one id that is gone would stop all changes of its group" } },
    { keeps_members,
      { "SCIMAbsentMembers keep", "PUT of a group without members leaves the members as they are.", "U-04 U-12",
        "clients rename groups by a PUT of the name" } },
    { has_unique_names,
      { "SCIMUnique Group displayName", "Two groups cannot have the same displayName: 409. /Schemas says so.", "GM-02",
        "Entra ID matches groups by their names, and stops where two have one" } },
    { hides,
      { "SCIMHide User password", "/Schemas does not list password, although it is accepted and kept.", "D-26",
        "Entra ID's validator writes whatever is listed, and expects to read it" } },
    { negotiates,
      { "SCIMMediaType negotiate", "Answers are application/json for a client that accepts nothing else.", "H-01",
        "clients that know no other type" } },
    { says_json, { "SCIMMediaType json", "Answers are application/json.", "H-01", "clients that look for it whatever they accept" } },
};

/* By scim_delete_e; those of the RFCs have no word. */
static const scim_departure_t deletes[] = {
    [SCIM_DELETE_DISABLE] = { "disable", "DELETE disables: the resource stays, can be read, and is not 404.", "DE-02 DE-03",
                              "services that must keep what belongs to a user" },
    [SCIM_DELETE_REFUSE] = { "refuse", "DELETE is refused.", "DE-01", "services that must keep what belongs to a user" },
};

static void add_deletes(apr_pool_t *p, const scim_profile_t *profile, apr_array_header_t *out)
{
    int i;

    for (i = 0; i < profile->ntypes; i++) {
        scim_departure_t departure = deletes[profile->types[i].on_delete];
        if (departure.by) {
            departure.by = apr_pstrcat(p, "SCIMDelete ", profile->types[i].name, " ", departure.by, NULL);
            APR_ARRAY_PUSH(out, scim_departure_t) = departure;
        }
    }
}

apr_array_header_t *scim_departures(apr_pool_t *p, const scim_profile_t *profile)
{
    apr_array_header_t *out = apr_array_make(p, 32, sizeof(scim_departure_t));
    apr_size_t k;
    int i;

    for (k = 0; k < sizeof settings / sizeof *settings; k++) {
        if (settings[k].holds(profile)) {
            APR_ARRAY_PUSH(out, scim_departure_t) = settings[k].departure;
        }
    }
    add_deletes(p, profile, out);
    for (i = 0; i < scim_rule_count; i++) {
        const scim_rule_t *rule = &scim_rules[i];
        if (profile->rules & (APR_UINT64_C(1) << i)) {
            const scim_departure_t departure = { apr_pstrcat(p, "SCIMDialect ", rule->name, NULL), rule->what, rule->departs, rule->why };
            APR_ARRAY_PUSH(out, scim_departure_t) = departure;
        }
    }
    return out;
}
