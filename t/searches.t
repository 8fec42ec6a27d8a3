# Which searches wait for a turn of their tenant and which do not, how long each may take, and which statements stay prepared.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

use ScimTest qw(is_scim_error uri);
use ScimTest::Log;
use ScimTest::Parallel;
use ScimTest::Server;

ScimTest::Log::expect('SCIM102: 503');

my $server = ScimTest::Server->start(threads => 16, pool => 'max=8 wait=5', settings => ["log_statement = 'all'"], conf => 'SCIMTokenCache 300');
my $s = $server->scim('default');
my $user = $s->user(userName => 'someone@example.com');
my $group = $s->group(members => [$user->{id}]);

# ---- many users share a value, and the filter asks much of each ----

$s->sql(<<'SQL', $s->tenant);
insert into scim.resource (tenant, id, type, version, created, modified, user_name, external_id, active, doc, folded)
select t.id, gen_random_uuid(), 'User', 1, now(), now(), 'u' || i, 'shared', true, ('{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u' || i || '","nickName":"Nick ' || i || '"}')::json,
       jsonb_build_object('nickName', 'nick ' || i)
  from scim.tenant t, generate_series(1, 20000) i where t.name = ?
SQL
$s->sql('analyze scim.resource');

# The connections begin anew, with other settings of the role.
sub with_role {
    my (@settings) = @_;

    $server->{pg}->sql(join '; ', map { "alter role scim_service in database scim_test $_" } @settings);
    $server->{pg}->sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'scim_service'");
    return;
}

my $much = join ' or ', map { qq(nickName ew "nobody$_") } 1 .. 90;
with_role("set statement_timeout = '60ms'");
my $r = $s->get('/Users' . uri(filter => "externalId eq \"shared\" and ($much)", count => 5));
is_scim_error($r, 400, 'tooMany', 'Q-15: an equality that many share, and much beside it: tooMany');
like($r->{json}{detail}, qr/no index serves all of it.*few other comparisons/, 'Q-15: the detail says what to ask instead');
is($s->get('/Users' . uri(filter => "userName eq \"u7\" and ($much)"))->{json}{totalResults}, 0, 'the same of one user: answered');
is_scim_error($s->get('/' . uri(filter => $much, count => 5)), 400, 'tooMany', 'Q-15: of all types: tooMany');
is($s->get('/' . uri(count => 5, startIndex => 20_001))->{json}{totalResults}, 20_002, 'Q-15: all resources of a tenant, page by page, are not too many');
with_role("set statement_timeout = '30s'", "set work_mem = '64kB'", 'set temp_file_limit = 0');
$r = $s->get('/Users?count=1000&sortBy=nickName');
is_scim_error($r, 503, undef, 'no room to sort in: 503');
like($r->{json}{detail}, qr/overloaded/, 'no room to sort in: the detail says why');
with_role('reset work_mem', 'reset temp_file_limit');

# ---- turns ----

# Nobody can read the table, so that those who try at once can be counted.
my $locker = fork // die "fork: $!\n";
if (!$locker) {
    eval { $server->{pg}->sql("set application_name = 'locker'; begin; lock table scim.resource in access exclusive mode; select pg_sleep(300)") };
    POSIX::_exit(0);
}
sleep 0.1 until $server->{pg}->sql("select count(*) from pg_stat_activity where application_name = 'locker' and wait_event = 'PgSleep'");

# How many of three such searches were at work at the same time. Who has been waiting for a while is sent away.
sub at_once {
    my ($path) = @_;
    my ($most, $looks) = (0, 0);
    my $waiting = "from pg_stat_activity where usename = 'scim_service' and wait_event_type = 'Lock'";
    my $pid = fork // die "fork: $!\n";

    if (!$pid) {
        in_parallel(3, sub { $s->get($path)->{status} });
        POSIX::_exit(0);
    }
    while (waitpid($pid, POSIX::WNOHANG()) == 0) {
        my $n = $server->{pg}->sql("select count(*) $waiting");
        $most = $n if $n > $most;
        $looks++ if $n;
        if ($n == 3 || $looks >= 8) {
            $server->{pg}->sql("select pg_cancel_backend(pid) $waiting");
            $looks = 0;
        }
        sleep 0.02;
    }
    return $most;
}

# Each process has turns of its own: where it has one thread, who takes a turn is known by the limit of time that goes with it.
sub is_in_turn {
    my ($path, $dear, $title) = @_;
    my $before = length $server->pg_log;
    my $most = at_once($path);

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    if ($ENV{SCIM_TEST_MPM} eq 'prefork') {
        $most = substr($server->pg_log, $before) =~ /set_config\('statement_timeout', '5s'/ ? 1 : 3;
    }
    $dear ? is($most, 1, "in turn: $title") : cmp_ok($most, '>', 1, "no turn: $title");
    return;
}

my $id = $user->{id};
my @free = (
    ['/Users', 'externalId eq "x"'], ['/Users', 'emails[type eq "work"].value eq "x"'], ['/Users', 'displayName eq "x"'],
    ['/Users', 'userName eq "x" and active eq true'], ['/Users', 'externalId eq "x" and active eq true'],
    ['/Users', qq(id eq "$id" and title co "a" and nickName ew "b" and name.givenName sw "c" and active eq true)],
    ['/Users', 'externalId eq "x" and title co "a" and nickName ew "b" and name.givenName sw "c" and active eq true'],
    ['/Users', 'emails.value eq "a" or phoneNumbers.value eq "b" or externalId eq "c"'],
    ['/Groups', qq(id eq "$group->{id}" and members eq "$id")], ['/Groups', qq(id eq "$group->{id}" and members[value eq "$id"])],
    ['/Groups', qq(members.value eq "$id")], ['/Users', qq(groups.value eq "$group->{id}")],
);
my @dear = (
    ['/Users', 'title co "a"'], ['/Users', "externalId eq \"x\" and ($much)"], ['/Users', "emails[value eq \"x\" and ($much)]" =~ s/nickName/display/gr],
    ['/Users', 'externalId eq "x" and title co "a" and nickName ew "b" and name.givenName sw "c" and active eq true and locale co "d"'],
    ['/Users', 'externalId eq "x" or title co "a"'], ['/Users', 'not (externalId eq "x")'], ['/Users', 'externalId eq "x" and groups.display co "a"'],
    ['/Users', join ' or ', map { qq(externalId eq "x" and not (title eq "$_")) } 1 .. 5],
    ['/Groups', qq(id eq "$group->{id}" and members[${\ join ' or ', map { qq(display co "$_") } 1 .. 5 }])],
    ['/Groups', join ' or ', map { qq(id eq "$group->{id}" and members.display co "$_") } 1 .. 6],
);
is_in_turn($_->[0] . uri(filter => $_->[1], attributes => 'id'), 0, substr $_->[1], 0, 100) for @free;
is_in_turn($_->[0] . uri(filter => $_->[1], attributes => 'id'), 1, substr $_->[1], 0, 100) for @dear;
my $everybody = qq(groups.value eq "$group->{id}");
is_in_turn('/Users' . uri(filter => $_->[0], sortBy => $_->[1]), 0, "$_->[0] by $_->[1]")
    for [$everybody, 'userName'], ['externalId eq "x" and active eq true', 'title'];
is_in_turn('/Users' . uri(filter => $_->[0], sortBy => $_->[1]), 1, "$_->[0] by $_->[1]")
    for [$everybody, 'title'], [qq(groups[value eq "$group->{id}"]), 'name.familyName'], [$everybody, 'meta.lastModified'], [qq($everybody and externalId eq "x"), 'title'],
        ['externalId eq "x" and active eq true and nickName sw "x"', 'title'];
is_in_turn('/Users?count=1&sortBy=title', 1, 'all, in an order that no index has');
$server->{pg}->sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'locker'");
waitpid $locker, 0;

# ---- one resource, in whatever order ----

for my $sort (qw(userName title name.familyName emails.value meta.created)) {
    for my $filter (qq(userName eq "$user->{userName}"), qq(id eq "$user->{id}"), 'id eq "nobody"', qq(meta[location eq "$user->{meta}{location}"])) {
        my $r = $s->get('/Users' . uri(filter => $filter, sortBy => $sort));
        is_deeply([$r->{status}, $r->{json}{totalResults}], [200, $filter =~ /nobody/ ? 0 : 1], "$filter by $sort");
    }
}
is_scim_error($s->get('/Users' . uri(filter => qq(id eq "$user->{id}"), sortBy => 'groups')), 400, 'invalidValue', 'an order that there is not');

# ---- limits of time ----

# The limit that goes ahead of the request's statements; '' when it is the role's: to set one for each look-up would cost more than it finds.
sub limit_of {
    my ($path) = @_;
    my $before = length $server->pg_log;

    $s->get($path)->{status} == 200 or return 'failed';
    my %seen = map { $_ => 1 } substr($server->pg_log, $before) =~ /set_config\('statement_timeout', '(\w+)'/g;
    return join ' ', keys %seen;
}

is(limit_of($_->[0] . uri(filter => $_->[1])), $_->[1] eq 'title co "x"' ? '5s' : '', "time: $_->[1]")
    for @free[0 .. 4], ['/Users', 'userName eq "x"'], ['/Users', 'title co "x"'];
is(limit_of('/Users?count=1'), '', 'time: all');
is(limit_of("/Users/$id"), '', 'time: GET by id');
$server->stop;

# ---- statements that clients make up are prepared within bounds, and keep no other from being so ----

$server = ScimTest::Server->start(threads => 2, pool => 'max=1', settings => ["log_statement = 'all'"], conf => 'SCIMTokenCache 300');
$s = $server->scim('default');
$user = $s->user(userName => 'usual@example.com', externalId => 'usual');
$group = $s->group;

# The names of prepared statements that each server process has run since then.
sub prepared_since {
    my $log = substr $server->pg_log, $_[0];
    my %names;

    $names{$1}{$2} = 1 while $log =~ /\[(\d+)\] [^\n]*LOG:  execute (scim_\w+):/g;
    return map { scalar keys %$_ } values %names;
}

# Statements that were not run before.
sub usual_are_named {
    my ($title, @paths) = @_;
    my $before;

    for (1 .. 3) {
        $before = length $server->pg_log;
        $s->get($_) for @paths;
    }
    my @run = grep { !/set_config/ } substr($server->pg_log, $before) =~ /LOG:  execute (\S+: [^\n]{0,40})/g;
    is(scalar @run, scalar @paths, "$title: the usual statements are run");
    is_deeply([grep { !/^scim_[0-9a-f]{32}: / } @run], [], "$title: all of them prepared");
    return;
}

my @orders = map({ my $by = $_; map { [sortBy => $by, sortOrder => $_] } qw(ascending descending) }
    qw(id externalId userName displayName active meta.created meta.lastModified meta.version title emails));
push @orders, [];
my $from = length $server->pg_log;
for my $n (0 .. 599) {
    # Without meta.version there is no need of the groups: another statement.
    my $shape = 'value eq "v0"';
    $shape = "($shape " . ($n >> $_ & 1 ? 'and' : 'or') . " value eq \"v$_\")" for 1 .. 3;
    my @query = (filter => "emails[$shape]", @{ $orders[($n >> 3) % @orders] }, attributes => $n % 2 ? 'userName' : 'userName,groups');
    $s->get('/Users' . uri(@query)) for 1, 2;
}
cmp_ok((sort { $b <=> $a } prepared_since($from))[0], '<', 150, 'brackets of 600 shapes: few are prepared in one server process');
usual_are_named('brackets of 600 shapes', "/Users/$user->{id}", '/Users' . uri(filter => 'externalId eq "usual"'));

$from = length $server->pg_log;
for my $order (@orders) {
    for my $projection ('userName', 'userName,groups') {
        $s->get('/Users' . uri(filter => $_, @$order, attributes => $projection))
            for qq(id eq "$user->{id}"), 'externalId eq "x"', 'userName eq "x"', 'displayName eq "x"', 'emails eq "x"', qq(groups eq "$user->{id}");
    }
    for my $projection ('displayName', 'members') {
        $s->get('/Groups' . uri(filter => $_, @$order, attributes => $projection))
            for 'externalId eq "x"', 'displayName eq "x"', qq(members eq "$user->{id}"), qq(members.\$ref eq "/Users/$user->{id}");
    }
}
cmp_ok((sort { $b <=> $a } prepared_since($from))[0], '<', 280, 'single comparisons in many orders: not all are prepared in one server process');
usual_are_named('single comparisons in many orders', "/Groups/$group->{id}", '/Groups?count=10');

$from = length $server->pg_log;
my $long = qq(id eq "$user->{id}" and (${\ join ' or ', map { qq(members eq "$user->{id}") } 1 .. 45 }));
$s->get('/Groups' . uri(filter => $long)) for 1 .. 3;
is_deeply([prepared_since($from)], [], 'a statement of more than 4 kB is not prepared');
$server->stop;
done_testing;
