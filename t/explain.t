# The plans of what clients ask: with 30,000 users in three tenants each kind of look-up is answered through the index that is there for it.
# The plans are those of the running service, told by auto_explain, when a statement has been executed often enough for its final plan.
use strict;
use warnings;

use Test::More;

use ScimTest qw(uri ENTERPRISE);
use ScimTest::Server;

my $server = ScimTest::Server->start(threads => 2, pool => 'max=1', conf => 'SCIMTokenCache 300',
    settings => ["session_preload_libraries = 'auto_explain'", 'auto_explain.log_min_duration = 0', 'jit = off']);
my $s = $server->scim;
my $enterprise = ENTERPRISE;

# Three tenants, the client's own first; users as mod_scim stores them (the look-up key is the beginning of a SHA-256).
$server->{pg}->sql(<<"SQL");
insert into scim.tenant (name) values ('second'), ('third');
create function pg_temp.id_of(kind int, n bigint) returns uuid language sql immutable as
\$\$ select ('01900000-000' || kind || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid \$\$;
create function pg_temp.key_of(tenant bigint, attribute text, value text) returns bigint language sql immutable as
\$\$ select ('x' || encode(substr(sha256(convert_to(tenant || e'\\nUser\\n' || attribute || e'\\n' || value, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint \$\$;
insert into scim.resource (tenant, id, type, version, created, modified, user_name, external_id, display_name, display, active, keys, doc, folded)
select t.id, pg_temp.id_of(0, n), 'User', 1, now(), now(), 'u' || n, case when n % 10 > 0 then 'x' || n end, 'user ' || n, 'User ' || n, n % 7 > 0,
       array[pg_temp.key_of(t.id, 'title', 'title ' || n % 5), pg_temp.key_of(t.id, 'emails.value', 'w' || n || '\@example.com'),
             pg_temp.key_of(t.id, 'phoneNumbers.value', '+1 ' || n), pg_temp.key_of(t.id, '$enterprise:employeeNumber', n::text)],
       json_build_object('schemas', array['urn:ietf:params:scim:schemas:core:2.0:User', '$enterprise'], 'userName', 'u' || n, 'displayName', 'User ' || n,
                         'title', 'Title ' || n % 5, 'emails', json_build_array(json_build_object('type', 'work', 'value', 'w' || n || '\@example.com')),
                         'phoneNumbers', json_build_array(json_build_object('type', 'mobile', 'value', '+1 ' || n)),
                         '$enterprise', json_build_object('employeeNumber', n::text)),
       jsonb_build_object('title', 'title ' || n % 5, 'emails', jsonb_build_array(jsonb_build_object('type', 'work', 'value', 'w' || n || '\@example.com')),
                          'phoneNumbers', jsonb_build_array(jsonb_build_object('type', 'mobile', 'value', '+1 ' || n)),
                          '$enterprise', jsonb_build_object('employeeNumber', n::text))
  from generate_series(0, 29999) n
  join scim.tenant t on t.name = case when n < 20000 then '${\ $s->tenant}' when n < 25000 then 'second' else 'third' end;
insert into scim.resource (tenant, id, type, version, created, modified, display_name, display, doc, folded)
select t.id, pg_temp.id_of(1, n), 'Group', 1, now(), now(), 'group ' || n, 'Group ' || n,
       json_build_object('schemas', array['urn:ietf:params:scim:schemas:core:2.0:Group'], 'displayName', 'Group ' || n), '{}'
  from generate_series(0, 399) n join scim.tenant t on t.name = '${\ $s->tenant}';
insert into scim.membership (tenant, group_id, member_id, member_type)
select t.id, pg_temp.id_of(1, m % 400), pg_temp.id_of(0, m), 'User' from generate_series(0, 7999) m join scim.tenant t on t.name = '${\ $s->tenant}';
insert into scim.membership (tenant, group_id, member_id, member_type)
select t.id, pg_temp.id_of(1, 10), pg_temp.id_of(1, 9), 'Group' from scim.tenant t where t.name = '${\ $s->tenant}';
vacuum analyze;
SQL

my ($user, $group) = ('01900000-0000-7000-8000-000000000007', '01900000-0001-7000-8000-000000000007');

# The plan of the request's statement that names the resources; -1: of the last one.
sub plan_of {
    my ($request, $which) = @_;
    my $r;

    # The sixth execution may have the general plan, the seventh has.
    $r = $request->() for 1 .. 7;
    my $before = length $server->pg_log;
    $r = $request->();
    $r->{status} < 300 or return "status $r->{status}: $r->{body}";
    my @plans = grep { /scim\.resource/ } split /\n(?=\S)/, substr $server->pg_log, $before;
    return $plans[$which // 0] // 'no plan';
}

sub users { my %q = @_; return sub { $s->get('/Users' . uri(%q)) } }
sub groups { my %q = @_; return sub { $s->get('/Groups' . uri(%q)) } }

# The page by cursor that begins behind so many resources.
sub behind {
    my ($endpoint, $skipped, %q) = @_;
    my $cursor = '';
    my $step = $skipped > 1000 ? 1000 : $skipped;

    # count belongs to a list: the cursor of one with large pages is another's.
    $q{count} = $step;
    $cursor = $s->get($endpoint . uri(%q, cursor => $cursor))->{json}{nextCursor} for 1 .. $skipped / $step;
    return sub { $s->get($endpoint . uri(%q, cursor => $cursor)) };
}

# The page by index that begins there, when the one before it has been read.
sub walked {
    my ($endpoint, $start, %q) = @_;
    my $before;

    return sub {
        $before //= $s->get($endpoint . uri(%q, startIndex => $start - $q{count}));
        return $s->get($endpoint . uri(%q, startIndex => $start));
    };
}

my $bitmap = qr/Bitmap Index Scan on resource_keys/;
# All resources of the tenant, or of all tenants.
my $all = qr/Seq Scan|Index Cond: \(\(tenant = [^)]*\) AND \(type = [^)]*\)\)$/m;

# Members: the rows of these groups, and each member by its key.
my $of_page = qr/membership_pkey on membership m.*on resource u .*\n.*AND \(id = /s;
my $of_tenant = qr/Seq Scan|on (?:membership|resource) [mu]\S* .*\n\s+Index Cond: \(tenant = \$1\)/;

my $nested = '01900000-0000-7000-8000-000000000009';

# what, request, what the plan has, what it has not, which of the plans
my @shapes = (
    ['GET by id', sub { $s->get("/Users/$user") }, qr/\(id = \$3\)/, $all],
    ['groups of groups', sub { $s->get("/Users/$nested") }, qr/Recursive Union.*membership_member on membership m/s, qr/Seq Scan|Hash Join/, -1],
    ['groups of groups in a list', users(filter => qq(id eq "$nested" or id eq "$user")), qr/Recursive Union.*membership_member on membership m/s, qr/Hash Join/, -1],
    ['groups in a list', users(count => 10), qr/membership_member on membership m.*membership_member on membership o/s, qr/Seq Scan|Hash/],
    ['userName eq', users(filter => 'userName eq "u7"'), qr/resource_user_name/, $all],
    ['externalId eq', users(filter => 'externalId eq "x7"'), qr/resource_external_id/, $all],
    ['displayName eq', users(filter => 'displayName eq "User 7"'), qr/resource_display_name/, $all],
    ['id eq', users(filter => qq(id eq "$user")), qr/\(id = \$3\)/, qr/Seq Scan/],
    ['work e-mail', users(filter => 'emails[type eq "work" and value eq "w7@example.com"]'), $bitmap, $all],
    ['work e-mail, as Entra asks', users(filter => 'emails[type eq "work"].value eq "w7@example.com"'), $bitmap, $all],
    ['any e-mail', users(filter => 'emails eq "w7@example.com"'), $bitmap, $all],
    ['mobile phone', users(filter => 'phoneNumbers[type eq "mobile" and value eq "+1 7"]'), $bitmap, $all],
    ['an extension attribute', users(filter => "$enterprise:employeeNumber eq \"7\""), $bitmap, $all],
    ['two of which one must be', users(filter => 'emails.value eq "w7@example.com" or phoneNumbers.value eq "+1 8"'), qr/BitmapOr.*$bitmap.*$bitmap/s, $all],
    ['one and more', users(filter => 'emails.value eq "w7@example.com" and active eq true and title co "itl"'), $bitmap, $all],
    ['one and one', users(filter => 'emails.value eq "w7@example.com" and title eq "Title 2"'), $bitmap, $all],
    ['a column and a key', users(filter => 'userName eq "u7" and emails.value eq "w7@example.com"'), qr/resource_user_name|$bitmap/, $all],
    ['a column or a key', users(filter => 'userName eq "u7" or emails.value eq "w7@example.com"'), qr/BitmapOr/, $all],
    ['a common value', users(filter => 'title eq "Title 2"', count => 10), $bitmap, qr/Seq Scan on resource/],
    ['userName sw', users(filter => 'userName sw "u70"'), qr/resource_user_name/, $all],
    ['displayName sw', users(filter => 'displayName sw "User 70"'), qr/resource_display_name/, $all],
    ['groups of a member', groups(filter => qq(members.value eq "$user")), qr/membership_member/, qr/Seq Scan/],
    ['groups of a member, as Entra asks', groups(filter => qq(id eq "$group" and members eq "$user")), qr/membership/, qr/Seq Scan/],
    ['users of a group', users(filter => qq(groups.value eq "$group"), count => 5), qr/membership_pkey/, qr/Seq Scan/],
    ['group by name', groups(filter => 'displayName eq "Group 7"', excludedAttributes => 'members'), qr/resource_display_name/, $all],
    ['first page', users(count => 10), qr/Index Only Scan using resource_type/, qr/Seq Scan|Sort Key: r/],
    ['a page in the middle', users(count => 10, startIndex => 15_001), qr/Index Only Scan using resource_type/, qr/Seq Scan|Sort Key: r/],
    ['sorted by userName', users(count => 10, sortBy => 'userName'), qr/Index.*resource_user_name/, $all],
    ['sorted by userName, descending', users(count => 10, sortBy => 'userName', sortOrder => 'descending'), qr/Index.*Backward using resource_user_name/, $all],
    ['sorted by externalId', users(count => 10, sortBy => 'externalId'), qr/Index.*resource_external_id/, qr/Seq Scan/],
    ['sorted by externalId, descending', users(count => 10, sortBy => 'externalId', sortOrder => 'descending'), qr/Backward using resource_external_id/, qr/Seq Scan/],
    ['sorted by displayName', groups(count => 10, sortBy => 'displayName'), qr/Index.*resource_display_name/, qr/Seq Scan on resource/],
    ['a page of a walk', walked('/Users', 15_001, count => 10), qr/Index Only Scan using resource_type.*\(id > /s, qr/Seq Scan|Sort Key: r/],
    ['a page of a walk, externalId', walked('/Users', 15_001, count => 10, sortBy => 'externalId'), qr/using resource_external_id.*ROW\(external_id, id\) > /s, qr/Seq Scan on resource/],
    # By cursor: from the place where the last page ended. What comes behind the values is not gone to before they end.
    ['by cursor', behind('/Users', 15_000, count => 10), qr/Index Only Scan using resource_type.*\(id > /s, qr/Seq Scan|Sort Key: r/],
    ['by cursor, userName', behind('/Users', 15_000, count => 10, sortBy => 'userName'), qr/using resource_user_name.*user_name >= .*One-Time Filter/s, qr/Seq Scan on resource/],
    ['by cursor, userName, descending', behind('/Users', 15_000, count => 10, sortBy => 'userName', sortOrder => 'descending'),
        qr/Backward using resource_user_name.*user_name <= /s, $all],
    ['by cursor, externalId', behind('/Users', 15_000, count => 10, sortBy => 'externalId'), qr/using resource_external_id.*ROW\(external_id, id\) > .*One-Time Filter.*external_id IS NULL/s, qr/Seq Scan on resource/],
    ['by cursor, among those without externalId', behind('/Users', 19_000, count => 10, sortBy => 'externalId'), qr/Index Cond: .*external_id IS NULL\) AND \(id > /, $all],
    ['by cursor, externalId, descending', behind('/Users', 500, count => 10, sortBy => 'externalId', sortOrder => 'descending'),
        qr/Backward using resource_external_id.*external_id IS NULL\) AND \(id < .*One-Time Filter/s, qr/Seq Scan on resource/],
    ['by cursor, displayName of groups', behind('/Groups', 300, count => 10, sortBy => 'displayName'), qr/using resource_display_name.*ROW\(display_name, id\) > /s, qr/Seq Scan on resource/],
    ['by cursor, title', behind('/Users', 500, count => 10, sortBy => 'title', filter => 'title eq "Title 2"'), $bitmap, qr/Seq Scan on resource/],
    ['sorted by meta.created', users(count => 10, sortBy => 'meta.created'), qr/Index Only Scan using resource_created/, qr/Seq Scan|Sort Key: r/],
    ['sorted by meta.created, descending', users(count => 10, sortBy => 'meta.created', sortOrder => 'descending'),
        qr/Index Only Scan Backward using resource_created/, qr/Seq Scan|Sort Key: r/],
    ['by cursor, meta.created', behind('/Users', 15_000, count => 10, sortBy => 'meta.created'),
        qr/using resource_created.*ROW\(created, id\) > /s, qr/Seq Scan|Sort Key: r/],
    ['those created since', users(count => 10, sortBy => 'meta.created', filter => 'meta.created gt "2026-01-01T00:00:00Z"'),
        qr/Index Only Scan using resource_created.*created > /s, qr/Seq Scan|Sort Key: r/],
    # No index follows what changes with each write: doc/storage.md.
    ['sorted by meta.lastModified', users(count => 10, sortBy => 'meta.lastModified'), qr/top-N|Sort Key: r\S*\.modified/, qr/using \S*modified/],
    # Of all types: of each by its own index.
    ['all types', sub { $s->get('/' . uri(count => 10)) }, qr/Merge Append.*Index Only Scan using resource_type.*Index Only Scan using resource_type/s, qr/Seq Scan|Hash/],
    ['all types, by cursor', behind('/', 15_000, count => 10), qr/Index Only Scan using resource_type.*\(id > .*Index Only Scan using resource_type.*\(id > /s, qr/Seq Scan|Hash/],
    ['all types, sorted by displayName', sub { $s->get('/' . uri(count => 10, sortBy => 'displayName')) },
        qr/using resource_display_name.*using resource_display_name/s, qr/Seq Scan|Hash/],
    ['all types, userName', sub { $s->get('/' . uri(filter => 'userName eq "u7"')) }, qr/resource_user_name/, $all],
    ['all types, displayName', sub { $s->get('/' . uri(filter => 'displayName eq "User 7"')) }, qr/using resource_display_name.*using resource_display_name/s, $all],
    ['all types, work e-mail', sub { $s->get('/' . uri(filter => 'emails[type eq "work" and value eq "w7@example.com"]')) }, $bitmap, $all],
    ['groups with their members', groups(count => 10), $of_page, $of_tenant],
    ['groups with their members, sorted', groups(count => 10, sortBy => 'displayName'), $of_page, $of_tenant],
    ['GET of a group', sub { $s->get("/Groups/$group") }, $of_page, $of_tenant],
    ['all members replaced', sub { $s->put("/Groups/$group", { schemas => [ScimTest::GROUP], displayName => 'Group 7', members => [{ value => $user }] }) },
        $of_page, $of_tenant, -1],
    ['only inactive ones by name', users(filter => 'active eq false', count => 10, sortBy => 'userName'), qr/Index.*resource_user_name/, qr/Seq Scan on resource/],
    ['addresses have no key', users(filter => 'addresses.country eq "US"'), $all, $bitmap],
);

for my $shape (@shapes) {
    my ($what, $request, $has, $has_not, $which) = @$shape;
    my $plan = plan_of($request, $which);

    ok($plan =~ $has && $plan !~ $has_not, $what) or diag($plan);
}

# ---- views, by a reader of one tenant ----

$server->{pg}->sql("create role reader; grant usage on schema scim to reader; grant select on all tables in schema scim to reader;
    insert into scim.reader (role, tenant) select 'reader', id from scim.tenant where name = '${\ $s->tenant}'");

# what, view and condition, what the plan has
my @views = (
    ['a user by name', "users where tenant = '${\ $s->tenant}' and user_name_key = 'u7'", qr/resource_user_name/],
    ['a user by id', "users where id = '$user'", qr/\(id = '$user'/],
    ['a user by externalId', "users where tenant = '${\ $s->tenant}' and external_id = 'x7'", qr/resource_external_id/],
    ['memberships of a user', "memberships where tenant = '${\ $s->tenant}' and user_name_key = 'u7'", qr/resource_user_name.*membership_member/s],
    ['members of a group', "memberships where group_id = '$group'", qr/membership_pkey/],
    ['all groups of a user', "effective_memberships where tenant = '${\ $s->tenant}' and user_name_key = 'u7'", qr/resource_user_name.*membership_member/s],
    ['roles of a user', "roles where tenant = '${\ $s->tenant}' and user_name_key = 'u7'", qr/resource_user_name.*membership_member.*resource_user_name/s],
);
for my $view (@views) {
    my ($what, $query, $has) = @$view;
    my $plan = join "\n", map { $_->[0] } $server->{pg}->sql("set role reader; explain (costs off) select * from scim.$query");

    ok($plan =~ $has && $plan !~ qr/Seq Scan on (?:resource|membership)/, "view: $what") or diag($plan);
}

$server->stop;
done_testing;
