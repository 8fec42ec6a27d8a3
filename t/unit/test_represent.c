#include "unit.h"

#include "../../mod_scim/core/base/json_scan.h"
#include "../../mod_scim/core/resource/represent.h"

#define BASE "https://example.com/scim/v2"
#define ID "01890a5d-ac96-774b-bcce-b302099a8057"

static scim_stored_t stored(const char *doc)
{
    scim_stored_t s = { .id = ID, .version = 3, .created = 1767600000000000, .modified = 1767600001500000, .doc = doc };

    return s;
}

#define META(type, endpoint, version)                                                                                               \
    "'meta':{'resourceType':'" type "','created':'2026-01-05T08:00:00Z','lastModified':'2026-01-05T08:00:01.500000Z','location':"     \
    "'" BASE endpoint "/" ID "','version':" version "}"

static void spliced(void **state)
{
    fixture_t *f = *state;
    const scim_resource_type_t *user = fixture_type(f->strict, "User"), *group = fixture_type(f->strict, "Group");
    scim_stored_t s = stored(fixture_text(f->p, "{'schemas':['{USER}'],'userName':'mira','number':1.50}"));
    const char *etag;

    unit_text("the stored text is taken as it is", scim_represent(f->p, user, NULL, BASE, &s, &etag),
              fixture_text(f->p, "{'id':'" ID "','schemas':['{USER}'],'userName':'mira','number':1.50,"
                                 META("User", "/Users", "'W/\\'3\\''") "}"));
    unit_text("C-13", etag, "W/\"3\"");
    s = stored(fixture_text(f->p, "{'schemas':['{GROUP}']}"));
    s.members = fixture_text(f->p, "{'value':'u1'},{'value':'u2'}");
    unit_text("members", scim_represent(f->p, group, NULL, BASE, &s, NULL),
              fixture_text(f->p, "{'id':'" ID "','schemas':['{GROUP}'],'members':[{'value':'u1'},{'value':'u2'}],"
                                 META("Group", "/Groups", "'W/\\'3\\''") "}"));
}

static void groups_in_tag(void **state)
{
    fixture_t *f = *state;
    const scim_resource_type_t *user = fixture_type(f->strict, "User");
    scim_stored_t s = stored(fixture_text(f->p, "{'schemas':['{USER}'],'userName':'mira'}"));
    const scim_projection_t *projection;
    const char *text, *etag, *projected_etag;
    scim_json_t *o, *meta;

    s.groups = fixture_text(f->p, "{'value':'g1','display':'G'}");
    text = scim_represent(f->p, user, NULL, BASE, &s, &etag);
    unit_no_error("well-formed", scim_json_scan(f->p, text, strlen(text), 16, 0));
    o = scim_json_trusted(f->p, text, strlen(text));
    unit_json(f->p, "groups", scim_json_get(o, "groups", NULL), "[{'value':'g1','display':'G'}]");
    meta = scim_json_get(o, "meta", NULL);
    unit_text("C-13", scim_json_str(meta, "version"), etag);
    unit_no_error("projection", scim_projection_parse(f->p, user, "userName", NULL, &projection));
    unit_text("P-10", scim_represent(f->p, user, projection, BASE, &s, &projected_etag),
              fixture_text(f->p, "{'id':'" ID "','schemas':['{USER}'],'userName':'mira'}"));
    unit_text("E-03", projected_etag, etag);
}

static void always_projected(void **state)
{
    fixture_t *f = *state;
    const scim_resource_type_t *device = fixture_type(f->strict, "Device");
    scim_stored_t s = stored(fixture_text(f->p, "{'schemas':['" DEVICE_URN "'],'serial':'S','notes':'N','weight':3.10}"));

    assert_true(device->always_project);
    unit_text("G-07", scim_represent(f->p, device, NULL, BASE, &s, NULL),
              fixture_text(f->p, "{'id':'" ID "','schemas':['" DEVICE_URN "'],'serial':'S','weight':3.10,"
                                 META("Device", "/Devices", "'W/\\'3\\''") "}"));
}

static void locations_are_escaped(void **state)
{
    fixture_t *f = *state;
    scim_stored_t s = stored(fixture_text(f->p, "{'schemas':['{USER}']}"));
    const char *text = scim_represent(f->p, fixture_type(f->strict, "User"), NULL, "https://a\"b\\c", &s, NULL);

    unit_no_error("a base URL cannot break the JSON", scim_json_scan(f->p, text, strlen(text), 16, 0));
    unit_text("location", scim_location(f->p, fixture_type(f->strict, "Group"), BASE, "g"), BASE "/Groups/g");
}

static void documents(void **state)
{
    fixture_t *f = *state;
    const scim_resource_type_t *group = fixture_type(f->strict, "Group");
    scim_stored_t s = stored(fixture_text(f->p, "{'schemas':['{GROUP}'],'displayName':'G'}"));

    unit_json(f->p, "without members", scim_document(f->p, group, &s), "{'displayName':'G'}");
    s.members = "";
    unit_json(f->p, "no members", scim_document(f->p, group, &s), "{'displayName':'G'}");
    s.members = fixture_text(f->p, "{'value':'u1'},{'value':'u2'}");
    unit_json(f->p, "with members", scim_document(f->p, group, &s), "{'displayName':'G','members':[{'value':'u1'},{'value':'u2'}]}");
}

static void lists(void **state)
{
    fixture_t *f = *state;

    unit_text("Q-02, Q-04, Q-05", scim_list_head(f->p, 9, 3, 2),
              fixture_text(f->p, "{'schemas':['urn:ietf:params:scim:api:messages:2.0:ListResponse'],'totalResults':9,'startIndex':3,"
                                 "'itemsPerPage':2,'Resources':["));
    unit_text("K-02", scim_list_head_cursor(f->p, 9, "a-b_C.~", 2),
              fixture_text(f->p, "{'schemas':['urn:ietf:params:scim:api:messages:2.0:ListResponse'],'totalResults':9,'nextCursor':'a-b_C.~',"
                                 "'itemsPerPage':2,'Resources':["));
    unit_text("K-02: the last page", scim_list_head_cursor(f->p, 9, NULL, 1),
              fixture_text(f->p, "{'schemas':['urn:ietf:params:scim:api:messages:2.0:ListResponse'],'totalResults':9,'itemsPerPage':1,"
                                 "'Resources':["));
}

/* Head, elements and tail are the whole representation, whatever the projection. */
static void in_parts(void **state)
{
    fixture_t *f = *state;
    const scim_resource_type_t *group = fixture_type(f->strict, "Group");
    static const char *const wanted[] = { NULL, "members", "members.value", "displayName", "displayName,members.type" };
    scim_stored_t s = stored(fixture_text(f->p, "{'schemas':['{GROUP}'],'displayName':'G'}"));
    apr_size_t i;

    s.members = fixture_text(f->p, "{'value':'u1','type':'User'},{'value':'u2','type':'User'}");
    for (i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const scim_projection_t *projection = NULL;
        scim_representation_t r;
        const char *whole, *text;
        unit_no_error(wanted[i], scim_projection_parse(f->p, group, wanted[i], NULL, &projection));
        whole = scim_represent(f->p, group, projection, BASE, &s, NULL);
        scim_represent_parts(f->p, group, projection, BASE, &s, &r);
        text = r.head;
        if (r.members) {
            text = apr_pstrcat(f->p, text, ",\"members\":[", scim_represent_elements(f->p, group, projection, s.members), "]", NULL);
        }
        text = apr_pstrcat(f->p, text, r.tail, NULL);
        unit_json(f->p, wanted[i], scim_json_trusted(f->p, text, strlen(text)), whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(spliced),   UNIT(groups_in_tag), UNIT(always_projected), UNIT(locations_are_escaped),
                                        UNIT(documents), UNIT(lists),         UNIT(in_parts) };

    return UNIT_RUN(tests);
}
