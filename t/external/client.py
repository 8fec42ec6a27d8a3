"""A client of other people's, scim2-client, at work: client.py BASE-URL TOKEN, called by t/client.t.

What it does is checked by the client itself, which reads each answer into models made of what the service published, and here. Each check
is a line "ok TITLE" or "not ok TITLE: REASON" on standard output; the last line is "done".
"""

import sys
import traceback

from scim2_client import SCIMResponseException
from scim2_models import PatchOp, PatchOperation, SCIMException, SearchRequest

try:
    import httpx2 as http
    from scim2_client.engines.httpx2 import SyncSCIMClient
except ImportError:
    import httpx as http
    from scim2_client.engines.httpx import SyncSCIMClient

base, token = sys.argv[1:]
scim = SyncSCIMClient(http.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}))


def check(title, good, reason=""):
    print(f"ok {title}" if good else f"not ok {title}: {reason}".replace("\n", " "))


def same(title, is_, should_be):
    check(title, is_ == should_be, f"{is_!r}, expected {should_be!r}")


def refused(title, scim_type, call, *arguments, **more):
    """The call leads to an error of the service with this scimType."""
    try:
        call(*arguments, **more)
    except (SCIMException, SCIMResponseException) as error:
        found = getattr(error, "scim_type", None) or getattr(getattr(error, "error", None), "scim_type", None)
        check(title, found == scim_type, f"{error!r}")
    else:
        check(title, False, "it was accepted")


def has_status(error, status):
    """Does the error of the service have this status?"""
    return str(status) in f"{error!r} {getattr(error, 'status', '')} {getattr(getattr(error, 'error', None), 'status', '')}"


def patch(model, *operations):
    return PatchOp[model](operations=[PatchOperation[model](**operation) for operation in operations])


def names(found):
    return [one.user_name for one in found.resources or []]


scim.discover()
User = scim.get_resource_model("User")
Group = scim.get_resource_model("Group")
config = scim.provider.config
check("discovery: User and Group", User is not None and Group is not None)
check("discovery: what is supported", all((config.patch.supported, config.bulk.supported, config.filter.supported, config.sort.supported,
    config.etag.supported)))


def users():
    """Create, read, PUT, PATCH, conditional reads, DELETE."""
    bjensen = scim.create(User(user_name="bjensen@example.com", display_name="Babs", name={"givenName": "Barbara", "familyName": "Jensen"},
                               emails=[{"value": "bjensen@example.com", "type": "work", "primary": True}, {"value": "babs@example.org",
                                   "type": "home"}]))
    check("create: an id", bool(bjensen.id))
    same("create: active by default", bjensen.active, True)
    same("create: the location", str(bjensen.meta.location), f"{base}/Users/{bjensen.id}")
    refused("create: a second time", "uniqueness", scim.create, User(user_name="BJensen@example.com"))
    read = scim.query(User, bjensen.id)
    same("read: what was created", read, bjensen)
    same("read: nothing new", scim.query(read) is read, True)
    same("read: some attributes", scim.query(User, bjensen.id, query_parameters=SearchRequest(attributes=["userName"])).display_name, None)

    read.display_name = "Babs Jensen"
    read.emails = read.emails[:1]
    replaced = scim.replace(read)
    same("put: what was sent", (replaced.display_name, [one.value for one in replaced.emails]), ("Babs Jensen", ["bjensen@example.com"]))
    check("put: another version", replaced.meta.version != bjensen.meta.version, replaced.meta.version)
    bjensen.display_name = "Stale"
    try:
        scim.replace(bjensen)
        check("put: a version that is past", False, "it was accepted")
    except Exception as error:  # 412 has no scimType
        check("put: a version that is past", has_status(error, 412), repr(error))

    patched = scim.modify(User, replaced.id, patch(User, {"op": "add", "path": "emails", "value": [{"value": "new@example.com", "type": "other"}]},
                                                   {"op": "replace", "path": "name.familyName", "value": "Solheim"}, {"op": "remove",
                                                       "path": "displayName"}))
    same("patch: all three", ([one.value for one in patched.emails], patched.name.family_name, patched.display_name),
         (["bjensen@example.com", "new@example.com"], "Solheim", None))
    patched = scim.modify(User, replaced.id, patch(User, {"op": "replace", "path": 'emails[type eq "other"].primary', "value": True}))
    same("patch: one primary", [one.value for one in patched.emails if one.primary], ["new@example.com"])
    refused("patch: without what it selects", "noTarget", scim.modify, User, replaced.id,
            patch(User, {"op": "replace", "path": 'emails[value eq "nobody"]', "value": {"value": "x"}}))
    same("patch: read again", scim.query(User, replaced.id), patched)
    check("delete", scim.delete(patched) is None)
    try:
        scim.query(User, replaced.id)
        check("delete: gone", False, "it is there")
    except Exception as error:
        check("delete: gone", has_status(error, 404), repr(error))


def lists():
    """List, sort, page by index and by cursor, filter, search."""
    made = {name: scim.create(User(user_name=name, title="Guide" if name in "ace" else None)) for name in "ecadb"}
    found = scim.query(User)
    same("list: all", sorted(names(found)), list("abcde"))
    same("sort", names(scim.query(User, query_parameters=SearchRequest(sort_by="userName"))), list("abcde"))
    same("sort: descending", names(scim.query(User, query_parameters=SearchRequest(sort_by="userName", sort_order="descending"))), list("edcba"))
    pages = [scim.query(User, query_parameters=SearchRequest(sort_by="userName", start_index=at, count=2)) for at in (1, 3, 5)]
    same("page: by index", [names(page) for page in pages], [["a", "b"], ["c", "d"], ["e"]])
    same("page: how many", [(page.total_results, page.start_index, page.items_per_page) for page in pages], [(5, 1, 2), (5, 3, 2), (5, 5, 1)])
    page, walked = scim.query(User, query_parameters=SearchRequest(cursor="", count=2)), []
    for _ in range(10):
        walked += names(page)
        if not page.next_cursor:
            break
        page = scim.query(User, query_parameters=SearchRequest(cursor=page.next_cursor, count=2))
    same("page: by cursor", sorted(walked), list("abcde"))
    same("filter", sorted(names(scim.query(User, query_parameters=SearchRequest(filter='title eq "guide" and not (userName eq "c")')))), ["a", "e"])
    same("filter: nobody", scim.query(User, query_parameters=SearchRequest(filter='userName eq "nobody"')).total_results, 0)
    same("search", names(scim.search(User, SearchRequest(filter="title pr", sort_by="userName", sort_order="descending", count=2))), ["e", "c"])
    group = scim.create(Group(display_name="a group"))
    everything = scim.search(search_request=SearchRequest(filter=f'id eq "{made["a"].id}" or displayName eq "A Group"'))
    same("search: of all types", sorted(one.id for one in everything.resources), sorted([made["a"].id, group.id]))
    scim.delete(group)
    return made


def groups(made):
    """Create with members, PATCH of members, groups of a user."""
    ids = [made[name].id for name in "abc"]
    group = scim.create(Group(display_name="Guides", members=[{"value": ids[0]}, {"value": ids[1]}]))
    same("groups: members", sorted(one.value for one in group.members), sorted(ids[:2]))
    same("groups: of a user", [one.value for one in scim.query(User, ids[0]).groups], [group.id])
    scim.modify(Group, group.id, patch(Group, {"op": "add", "path": "members", "value": [{"value": ids[2]}]}, {"op": "remove",
        "path": f'members[value eq "{ids[0]}"]'}))
    read = scim.query(Group, group.id)
    same("groups: one came, one went", sorted(one.value for one in read.members), sorted(ids[1:]))
    read.members = [read.members[0]]
    read.display_name = "Guide"
    replaced = scim.replace(read)
    same("groups: put", (replaced.display_name, len(replaced.members)), ("Guide", 1))
    scim.modify(Group, group.id, patch(Group, {"op": "remove", "path": "members"}))
    same("groups: nobody left", scim.query(Group, group.id).members, None)
    same("groups: found by name", [one.id for one in scim.query(Group,
        query_parameters=SearchRequest(filter='displayName eq "guide"')).resources], [group.id])
    check("groups: deleted", scim.delete(Group, group.id) is None)


try:
    users()
    groups(lists())
    print("done")
except Exception:
    check("no exception", False, traceback.format_exc())
