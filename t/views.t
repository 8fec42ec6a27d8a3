# What applications read: the views, what a role sees through them, and the journal.
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep);

use ScimTest qw(USER GROUP ENTERPRISE TRUE FALSE);
use ScimTest::Parallel;

my ($s, $other) = map { ScimTest->new } 1, 2;
my ($tenant, $elsewhere) = map { $_->tenant } $s, $other;

my $ada = $s->user(userName => 'Ada@example.com', displayName => 'Ada', title => 'Countess', name => { givenName => 'Ada', familyName => 'Lovelace' },
    emails => [{ type => 'home', value => 'h@example.com' }, { type => 'work', value => 'w@example.com' }], roles => [{ value => 'author' }, { value => 'guest', type => 'x' }],
    ENTERPRISE, { employeeNumber => '7', department => 'Engines' });
my $bob = $s->user(userName => 'bob@example.com', active => FALSE);
my $inner = $s->group(displayName => 'Inner', members => [$ada->{id}]);
my $outer = $s->group(displayName => 'Outer', members => [{ value => $inner->{id}, type => 'Group' }, $bob->{id}]);
my $foreign = $other->user(userName => 'ada@example.com', displayName => 'Somebody else');
$other->group(displayName => 'Theirs', members => [$foreign->{id}]);

# Rows as text, columns joined by "|".
sub rows {
    my ($sql, @bind) = @_;

    return [sort map { join '|', map { $_ // '-' } @$_ } $s->sql($sql, @bind)];
}

# ---- columns ----

is_deeply(rows('select user_name, user_name_key, active, display_name, given_name, family_name, title, email, employee_number, department from scim.users where tenant = ?', $tenant),
    ['Ada@example.com|ada@example.com|t|Ada|Ada|Lovelace|Countess|w@example.com|7|Engines', 'bob@example.com|bob@example.com|f|-|-|-|-|-|-|-'], 'users');
is_deeply(rows('select display_name, id from scim.groups where tenant = ?', $tenant), ["Inner|$inner->{id}", "Outer|$outer->{id}"], 'groups');
is_deeply(rows('select group_name, member_type, user_name, user_name_key from scim.memberships where tenant = ?', $tenant),
    ['Inner|User|Ada@example.com|ada@example.com', 'Outer|Group|-|-', 'Outer|User|bob@example.com|bob@example.com'], 'memberships: direct ones');
is_deeply(rows('select group_name, user_name_key, direct from scim.effective_memberships where tenant = ?', $tenant),
    ['Inner|ada@example.com|t', 'Outer|ada@example.com|f', 'Outer|bob@example.com|t'], 'effective memberships: through nested groups too');
is_deeply(rows('select role, group_id from scim.roles where tenant = ? and user_name_key = ?', $tenant, 'ada@example.com'),
    ["Inner|$inner->{id}", "Outer|$outer->{id}", 'author|-', 'guest|-'], 'roles: groups, and values of the attribute');

# A circle ends, and a group in it is once direct at most.
$s->patch("/Groups/$inner->{id}", [{ op => 'add', path => 'members', value => [{ value => $outer->{id}, type => 'Group' }] }]);
is_deeply(rows('select group_name, direct from scim.effective_memberships where tenant = ? and user_id = ?', $tenant, $ada->{id}), ['Inner|t', 'Outer|f'],
    'effective memberships: groups in a circle');

# ---- who sees what ----

my $role = 'reader_' . $$;
my @views = map { "scim.$_" } qw(tenants users groups memberships effective_memberships roles changes);

$s->sql(qq{
    create role ${role}_one; create role ${role}_all; create role ${role}_none; create role ${role}_member in role ${role}_one;
    grant usage on schema scim to ${role}_one, ${role}_all, ${role}_none;
    grant select on ${\ join ', ', @views} to ${role}_one, ${role}_all, ${role}_none;
});
$s->sql("insert into scim.reader (role, tenant) select ?, id from scim.tenant where name = ?", "${role}_one", $tenant);
$s->sql('insert into scim.reader (role) values (?)', "${role}_all");

sub as_role { my ($who, $sql) = @_; return rows("set role ${role}_$who; $sql") }

for my $who ('one', 'member') {
    is_deeply(as_role($who, 'select tenant from scim.tenants'), [$tenant], "$who: its tenant");
    is_deeply(as_role($who, "select user_name_key from scim.users"), ['ada@example.com', 'bob@example.com'], "$who: users of its tenant");
    is_deeply(as_role($who, "select * from $_ where tenant <> '$tenant'"), [], "$who: $_ shows no other") for @views;
}
is_deeply(as_role('none', "select * from $_"), [], "a role without tenant: $_ is empty") for @views;
is_deeply(as_role('all', "select tenant, display_name from scim.groups where tenant in ('$tenant', '$elsewhere')"),
    ["$tenant|Inner", "$tenant|Outer", "$elsewhere|Theirs"], 'a role of all tenants');

# A function of the reader's that is cheaper than the view's own conditions must not get to see a row first.
$s->sql("grant create on schema public to ${role}_one");
is_deeply(as_role('one', q{
    create function pg_temp.look(text) returns boolean language plpgsql cost 0.0000001 as $$ begin if $1 = 'Somebody else' then raise 'seen'; end if; return true; end $$;
    select display_name from scim.users where pg_temp.look(display_name)}), ['-', 'Ada'], 'a condition of the reader sees no foreign row');
$s->sql("revoke create on schema public from ${role}_one");

for my $table (map { "scim.$_" } qw(resource membership unique_value tombstone token tenant journal reader)) {
    ok(!eval { as_role('one', "select * from $table"); 1 } && $@ =~ /permission denied/, "a reader has no right to $table");
}
ok(!eval { as_role('one', "delete from scim.users"); 1 }, 'views are for reading');

# ---- the journal ----

my $id = $s->sql('select id from scim.tenant where name = ?', $tenant);
my $insert = 'insert into scim.journal (tenant, operation, outcome, name) values';
my $below = 'select name from scim.journal where tenant = ? and xid < pg_snapshot_xmin(pg_current_snapshot()) order by xid, sequence';

# A transaction that began first ends last: whoever reads in between takes neither row, and misses none later.
my $seen = in_parallel(2, sub {
    my ($i) = @_;

    if ($i == 0) {
        $s->sql("begin; $insert ($id, 'create', 'done', 'early'); select pg_sleep(2); commit");
        return 'wrote';
    }
    sleep 0.7;
    $s->sql("$insert ($id, 'create', 'done', 'late')");
    return 'all: ' . join(',', @{ rows('select name from scim.journal where tenant = ?', $id) }) . '; below the horizon: ' . join(',', @{ rows($below, $id) });
});
is_deeply($seen, { 'wrote' => 1, 'all: late; below the horizon: ' => 1 }, 'journal: nothing is read that something could still come before');
my @order;
for (1 .. 200) {
    @order = map { $_->[0] } $s->sql($below, $id);
    last if @order == 2;
    sleep 0.05;
}
is_deeply(\@order, ['early', 'late'], 'journal: in order, nothing missed');

is_deeply(as_role('one', "select tenant, operation, outcome, name from scim.changes"), ["$tenant|create|done|early", "$tenant|create|done|late"], 'journal: the view');
is(scalar $s->sql("select tableoid::regclass from scim.journal where tenant = $id and name = 'early'"),
    scalar $s->sql("select to_char(now() at time zone 'UTC', '\"journal\"_YYYY_MM')"), 'journal: in the partition of the month');
ok(!eval { $s->sql("$insert ($id, 'create', 'perhaps', 'x')"); 1 }, 'journal: outcomes are known words');

# What comes before its partition is there waits in the default one.
$s->sql("insert into scim.journal (tenant, operation, outcome, name, time) values ($id, 'create', 'done', 'future', now() + interval '5 months')");
is(scalar $s->sql("select tableoid::regclass from scim.journal where tenant = $id and name = 'future'"), 'journal_default', 'journal: a row without partition');
cmp_ok(scalar $s->sql('select scim.journal_ahead(6)'), '>=', 3, 'journal: partitions are made ahead');
is(scalar $s->sql('select scim.journal_ahead(6)'), 0, 'journal: once');
like(scalar $s->sql("select tableoid::regclass from scim.journal where tenant = $id and name = 'future'"), qr/^journal_\d{4}_\d\d$/, 'journal: and take what waited');

# Months go by dropping their partition.
$s->sql(q{create table scim.journal_2019_05 partition of scim.journal for values from ('2019-05-01 00:00+00') to ('2019-06-01 00:00+00')});
$s->sql("insert into scim.journal (tenant, operation, outcome, name, time) values ($id, 'create', 'done', 'old', '2019-05-07'), ($id, 'create', 'done', 'older', '2018-01-01')");
is(scalar $s->sql(q{select scim.journal_forget('2019-05-20')}), 0, 'journal: a month that is not over yet stays');
is_deeply(rows('select name from scim.journal where tenant = ? and time < ?', $id, '2020-01-01'), ['old'], 'journal: what is older in the default partition goes');
is(scalar $s->sql(q{select scim.journal_forget('2019-06-01 00:00+00')}), 1, 'journal: a month that is over goes');
is_deeply(rows('select name from scim.journal where tenant = ? and time < ?', $id, '2020-01-01'), [], 'journal: with its rows');

# ---- tombstones ----

$s->delete("/Users/$bob->{id}");
is_deeply(rows("select id, type, deleted > now() - interval '1 minute' from scim.tombstone where tenant = $id"), ["$bob->{id}|User|t"], 'a deleted id leaves a tombstone');
is(scalar $s->sql("select count(distinct write_id) from scim.resource where tenant = $id"), 3, 'each write has an id of its own');
is(scalar $s->sql('select r.write_id = t.write_id from scim.resource r join scim.tombstone t using (tenant) where r.id = ?', $outer->{id}), 't',
    'which stands in all rows that it wrote');

$s->sql("delete from scim.reader where role::text like '${role}_%'; drop owned by ${role}_one, ${role}_all, ${role}_none, ${role}_member; drop role ${role}_one, ${role}_all, ${role}_none, ${role}_member");
done_testing;
