# Every statement that the service has had prepared during the run, as PostgreSQL remembers it by role: the tenant is in each, for each table.
# Runs after the other tests (testrules.yml); by itself, it makes requests of each kind first.
use strict;
use warnings;

use Test::More;

use ScimTest qw(uri USER GROUP ENTERPRISE);
use ScimTest::Statements;

# ---- the rules see what they are there for ----

my %bad = (
    'no tenant' => ['select r.id from scim.resource r where r.id = $1', qr/not compared/],
    'the tenant of another parameter' => ['select r.id from scim.resource r where r.tenant = $10', qr/not compared/],
    'the tenant of another table' => ['select 1 as n from scim.resource r join scim.membership m on m.tenant = r.tenant where r.tenant = $1', qr/membership m is not/],
    'only inside brackets' => ['select r.id from scim.resource r where (r.tenant = $1 or r.id = $2)', qr/not compared/],
    'an alternative' => ['select r.id from scim.resource r where r.tenant = $1 or r.id = $2', qr/"or"/],
    'in a subquery only' => ['select r.id from scim.resource r where r.id in (select m.member_id from scim.membership m where m.tenant = $1)', qr/resource r is not/],
    'a subquery without' => ['select r.id from scim.resource r where r.tenant = $1 and r.id in (select m.member_id from scim.membership m)', qr/membership m is not/],
    'a recursion without' => ['with recursive up (id) as (select $2::uuid union select m.group_id from up join scim.membership m on m.member_id = up.id) select id from up', qr/membership m/],
    'an update' => ['update scim.resource r set version = 1 where r.id = $1', qr/not compared/],
    'a delete' => ['delete from scim.membership m using ok where m.group_id = $1', qr/not compared/],
    'a row of somebody' => ['insert into scim.resource (tenant, id) values ($2, $1)', qr/tenant is not/],
    'a row without tenant' => ['insert into scim.tombstone (id) select $1', qr/tenant is not/],
    'no schema' => ['select r.id from resource r where r.tenant = $1', qr/no schema/],
    'no columns' => ['with ok as (select from scim.resource r where r.tenant = $1) select 1 as n from ok', qr/without columns/],
    'no columns at all' => ['with one as (select) select 1 as n from one', qr/without columns/],
    'a function' => ['select scim.journal_ahead($1)', qr/call of/],
);
for my $what (sort keys %bad) {
    my ($statement, $fault) = @{ $bad{$what} };

    like(join('; ', ScimTest::Statements::faults($statement)), $fault, "seen: $what");
}
is_deeply([ScimTest::Statements::faults($_)], [], 'a good one')
    for 'with t as (select r.id from scim.resource r where r.tenant = $1 and (r.id = $2 or r.id = $3)), gone as (delete from scim.membership m using t where m.tenant = $1 and m.group_id = t.id returning m.member_id) insert into scim.tombstone (tenant, id) select $1, t.id from t',
    'select t.name from scim.tenant t where t.name = $1',
    'update scim.token k set last_used = now() where k.id = (select u.id from scim.token u where u.id = $2 for no key update skip locked)';

# ---- requests of each kind ----

my $s = ScimTest->new;
my ($u, $v) = map { $s->user(userName => "stmt$_\@example.com", emails => [{ type => 'work', value => "stmt$_\@example.com" }], externalId => "stmt$_") } 1, 2;
my $g = $s->group(displayName => 'Statements', members => [$u->{id}]);
my $outer = $s->group(displayName => 'Around', members => [$g->{id}]);
my ($user, $group) = ("/Users/$u->{id}", "/Groups/$g->{id}");

my %failed;
sub done { my ($r) = @_; $failed{"$r->{status} $r->{body}"} = 1 if $r->{status} >= 300; return }

done($s->get($_)) for $user, $group, "$group?excludedAttributes=members", '/Users?count=1&sortBy=title', '/Groups?sortBy=displayName&sortOrder=descending';
done($s->get('/Users' . uri(filter => $_))) for 'userName eq "x"', 'emails[type eq "work" and value eq "x"]', 'title eq "x" or nickName eq "y"', 'groups.display eq "x"',
    qq(groups.value eq "$g->{id}"), 'groups[type eq "direct"] and active eq true', 'meta.created gt "2020-01-01T00:00:00Z"', 'not (title pr)', 'groups ne "x"';
for my $query ([], [sortBy => 'userName'], [sortBy => 'title', filter => 'title pr or displayName pr'], [filter => 'displayName eq "x"']) {
    for my $endpoint ('/Users', '/') {
        my $cursor = $s->get($endpoint . uri(@$query, cursor => '', count => 1))->{json}{nextCursor};
        $s->get($endpoint . uri(@$query, cursor => $cursor)) if $cursor;
        $s->get($endpoint . uri(@$query, count => 1, startIndex => $_)) for 1 .. 3;
        $s->get($endpoint . uri(@$query, count => 0));
    }
}
done($s->get('/Groups' . uri(filter => $_))) for qq(members.value eq "$u->{id}"), 'members.display eq "x"', 'members ne "x"';
done($s->patch($user, [{ op => 'replace', path => 'title', value => 'X' }]));
done($s->patch($group, [{ op => 'add', path => 'members', value => [{ value => $v->{id} }] }]));
done($s->patch($group, [{ op => 'remove', path => qq(members[value eq "$v->{id}"]) }]));
done($s->patch($group, [{ op => 'add', path => 'members', value => [{ value => $v->{id} }] }, { op => 'remove', path => 'members[type eq "User"]' }]));
done($s->put($group, { schemas => [GROUP], displayName => 'Statements', members => [{ value => $v->{id} }] }));
done($s->put($user, { schemas => [USER, ENTERPRISE], userName => 'stmt1@example.com', ENTERPRISE, { employeeNumber => '1' } }));
done($s->patch($user, [{ op => 'replace', path => 'active', value => ScimTest::FALSE }]));
done($s->post('/Users', { schemas => [USER], userName => 'stmt1@example.com' }));
done($s->delete("/Groups/$_->{id}")) for $outer, $g;
is_deeply([sort keys %failed], [], 'each succeeded');

# ---- what PostgreSQL remembers ----

my @statements = map { $_->[0] } $s->sql(<<'SQL');
select distinct s.query from pg_stat_statements s join pg_roles r on r.oid = s.userid where r.rolname = 'scim_service'
SQL
cmp_ok(scalar(grep { /scim\.resource/ } @statements), '>', 20, 'statements were collected: ' . @statements);
is(scalar $s->sql('select dealloc from pg_stat_statements_info'), 0, 'and none was forgotten');

my $faulty = 0;
for my $statement (@statements) {
    my @faults = ScimTest::Statements::faults($statement) or next;

    $faulty++;
    fail(join('; ', @faults)) or diag($statement);
}
is($faulty, 0, 'each keeps the rules: its tenant, schemas, columns, no functions');

done_testing;
