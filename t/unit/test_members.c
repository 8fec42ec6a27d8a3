#include "unit.h"

#include <time.h>

#include "../../mod_scim/core/resource/members.h"

static scim_member_t member(const char *id, const char *type)
{
    scim_member_t m = { id, type };

    return m;
}

static int has(apr_hash_t *set, const char *id)
{
    return apr_hash_get(set, id, APR_HASH_KEY_STRING) != NULL;
}

static void net_change(void **state)
{
    fixture_t *f = *state;
    scim_members_t *m = scim_members_make(f->p);
    scim_member_t a = member("a", "User"), b = member("b", NULL);

    assert_int_equal(m->touched, 0);
    scim_members_add(f->p, m, &a);
    scim_members_add(f->p, m, &a);
    scim_members_remove(f->p, m, "b");
    assert_int_equal(m->touched, 1);
    assert_int_equal(apr_hash_count(m->add), 1);
    assert_true(has(m->remove, "b"));
    scim_members_add(f->p, m, &b);
    assert_true(has(m->add, "b") && !has(m->remove, "b"));
    scim_members_remove(f->p, m, "a");
    assert_true(!has(m->add, "a") && has(m->remove, "a"));
}

static void clearing(void **state)
{
    fixture_t *f = *state;
    scim_members_t *m = scim_members_make(f->p);
    scim_member_t a = member("a", NULL), b = member("b", NULL);

    scim_members_add(f->p, m, &a);
    scim_members_remove(f->p, m, "c");
    scim_members_clear(m);
    assert_true(m->touched && m->clear);
    assert_int_equal(apr_hash_count(m->add), 0);
    assert_int_equal(apr_hash_count(m->remove), 0);
    scim_members_add(f->p, m, &b);
    scim_members_remove(f->p, m, "b");
    scim_members_remove(f->p, m, "d");
    assert_int_equal(apr_hash_count(m->add), 0);
    assert_int_equal(apr_hash_count(m->remove), 0);
}

static void copies(void **state)
{
    fixture_t *f = *state;
    scim_members_t *m = scim_members_make(f->p);
    char id[] = "a";
    scim_member_t a = member(id, NULL);

    scim_members_add(f->p, m, &a);
    id[0] = 'z';
    assert_true(has(m->add, "a"));
}

/* Ids that times 33 cannot tell apart. By APR's own hash they cost many seconds of CPU, so hundredths of one. */
static void colliding(void **state)
{
    fixture_t *f = *state;
    scim_members_t *m = scim_members_make(f->p);
    clock_t start = clock();
    char id[33] = "";
    unsigned i, bit;

    for (i = 0; i < 1u << 16; i++) {
        scim_member_t one = { id, NULL };
        for (bit = 0; bit < 16; bit++) {
            memcpy(id + 2 * bit, i >> bit & 1 ? "0a" : "1@", 2);
        }
        if (i % 2) {
            scim_members_add(f->p, m, &one);
        }
        else {
            scim_members_remove(f->p, m, id);
        }
    }
    assert_int_equal(apr_hash_count(m->add), 1 << 15);
    assert_int_equal(apr_hash_count(m->remove), 1 << 15);
    assert_true(clock() - start < 4 * CLOCKS_PER_SEC);
}

static void references(void **state)
{
    static const struct {
        const char *json, *id, *type;
    } good[] = {
        { "{'value':'u1'}", "u1", NULL },
        { "{'value':'u1','type':'User'}", "u1", "User" },
        { "{'value':'u1','$ref':null}", "u1", NULL },
        { "{'value':'u1','$ref':''}", "u1", NULL },
        { "{'value':'g1','type':'group'}", "g1", "Group" },
        { "{'$ref':'https://example.com/scim/v2/Users/u1'}", "u1", "User" },
        { "{'$ref':'../Groups/g1'}", "g1", "Group" },
        { "{'$ref':'/Users/u1/'}", "u1", "User" },
        { "{'$ref':'Users/u1?attributes=userName'}", "u1", "User" },
        { "{'value':'u1','$ref':'https://example.com/Users/u1','type':'User'}", "u1", "User" },
        { "{'value':'x','$ref':'https://example.com/Other/x'}", "x", NULL },
        { "{'$ref':'01890000-0000-7000-8000-000000000000'}", "01890000-0000-7000-8000-000000000000", NULL },
        { "{'value':'u1','display':'Mira','primary':true}", "u1", NULL },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(good); i++) {
        scim_member_t *m;
        scim_context_t *c = fixture_context(f, f->strict, "Group");
        c->base_url = "https://example.com/scim/v2";
        unit_no_error(good[i].json, scim_member_read(c, fixture_json(f->p, good[i].json), &m));
        unit_text(good[i].json, m->id, good[i].id);
        if (good[i].type ? !m->type || strcmp(m->type, good[i].type) != 0 : m->type != NULL) {
            fail_msg("%s: type %s", good[i].json, m->type ? m->type : "none");
        }
    }
}

static void contradictions(void **state)
{
    static const char *const bad[] = {
        "{'value':'u1','$ref':'https://example.com/Users/u2'}",
        "{'value':'u1','$ref':'https://example.com/Users/u1','type':'Group'}",
        "{'$ref':'../Groups/g1','type':'User'}",
        "{'value':'u1','type':'Martian'}",
    };
    static const char *const empty[] = { "{}", "{'value':''}", "{'value':null,'$ref':null}", "{'$ref':'///'}", "{'display':'x'}",
                                         "{'value':7}", "{'$ref':'u1'}", "{'$ref':'https://elsewhere.example/Users/u1'}" };
    fixture_t *f = *state;
    scim_member_t *m;
    size_t i;

    for (i = 0; i < COUNT(bad); i++) {
        unit_error("GM-05", scim_member_read(fixture_context(f, f->strict, "Group"), fixture_json(f->p, bad[i]), &m), "invalidValue");
        unit_no_error("GM-05 tolerant", scim_member_read(fixture_context(f, f->tolerant, "Group"), fixture_json(f->p, bad[i]), &m));
        assert_null(m->type);
    }
    for (i = 0; i < COUNT(empty); i++) {
        unit_error(empty[i], scim_member_read(fixture_context(f, f->strict, "Group"), fixture_json(f->p, empty[i]), &m), "invalidValue");
        unit_error(empty[i], scim_member_read(fixture_context(f, f->tolerant, "Group"), fixture_json(f->p, empty[i]), &m), "invalidValue");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(net_change), UNIT(clearing), UNIT(copies), UNIT(colliding), UNIT(references), UNIT(contradictions) };

    return UNIT_RUN(tests);
}
