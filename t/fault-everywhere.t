# Each round trip of each kind of request may be the one that fails, 503, or that is answered with what was meant for somebody else, 500; and
# nothing is half done. (fault-scimctl.t: the same for the administrator.)
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(is_scim_error uri USER GROUP);
use ScimTest::Log;
use ScimTest::Proxy;
use ScimTest::Server;

# A full disk: no statement is tried again for it, and what it was part of is undone.
my $FULL = '53100';

ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM102: 500', 'SCIM5:', 'SCIM005', 'SCIM110';

my $server = ScimTest::Server->start(children => 1, threads => 4, pool => 'max=1 wait=2', together => 1);
my $proxy = ScimTest::Proxy->start("$server->{dir}/proxy", $server->{pg}->conninfo);
$server->configure(conninfo => $proxy->conninfo, conf => 'SCIMTokenCache 0');
$server->stop_httpd;
$server->start_httpd;
my $s = $server->scim('default');
my $keep = $s->at('/keep/v2');
my $n = 0;

sub new_user { return { schemas => [USER], userName => 'u' . ++$n . '@example.com', externalId => "x$n" } }

my @users = map { $s->user(%{ new_user() }) } 1 .. 9;
my @spare = map { $s->user(%{ new_user() }) } 1 .. 20;
my $group = $s->group(displayName => 'Crew', members => [$users[0]{id}, $users[1]{id}]);
$s->group(displayName => 'Outer', members => [$group->{id}]);
my $static = $server->scim('default', tenant => 'static')->at('/static/v2');
my ($u, $g) = ("/Users/$users[0]{id}", "/Groups/$group->{id}");
my $inactive = $s->user(%{ new_user() }, active => ScimTest::FALSE);
# That the token is used is noted now and then, which would be one more.
$s->sql("update scim.token set last_used = now() + interval '1 day'");

# what, its round trips with that of the token, the request; where the last one reads what has been written for the answer: the status without
# it; the status when all is well, where that is no success
my @requests = (
    ['GET of a user in groups of groups', 3, sub { $s->get($u) }],
    ['GET of a user', 2, sub { $s->get("/Users/$users[2]{id}") }],
    ['GET by a token of the configuration', 2, sub { $static->get('/Users/01890000-0000-7000-8000-000000000000', Authorization => 'Bearer static-token-for-reading') }, undef, 404],
    ['GET of a group', 2, sub { $s->get($g) }],
    ['GET of a group without members', 2, sub { $s->get("$g?excludedAttributes=members") }],
    ['a look-up', 2, sub { $s->get('/Users' . uri(filter => "userName eq \"$users[2]{userName}\"")) }],
    ['a look-up of a user in groups of groups', 3, sub { $s->get('/Users' . uri(filter => "userName eq \"$users[0]{userName}\"")) }],
    ['a full page', 3, sub { $s->get('/Users' . uri(count => 2, startIndex => 4)) }],
    ['a count', 2, sub { $s->get('/Users' . uri(count => 0)) }],
    ['a list of groups', 2, sub { $s->get('/Groups') }],
    ['a dear search', 2, sub { $s->get('/Users' . uri(filter => 'title co "x"')) }],
    ['.search', 2, sub { $s->post('/Users/.search', { schemas => [ScimTest::SEARCH], filter => 'externalId eq "x4"' }) }],
    ['POST of a user', 2, sub { $s->post('/Users', new_user()) }],
    ['POST of a group', 3, sub { $s->post('/Groups', { schemas => [GROUP], displayName => 'G' . ++$n, members => [{ value => $users[1]{id} }] }) }, 201],
    ['POST that restores', 4, sub { $s->post('/Users', { schemas => [USER], userName => $inactive->{userName} }) }],
    ['PUT of a user in groups of groups', 4, sub { $s->put($u, { %{ $users[0] }, title => 'P' . ++$n }) }],
    ['PUT of a group', 4, sub { $s->put($g, { schemas => [GROUP], displayName => 'Crew' . ++$n, members => [map { { value => $_->{id} } } @users[0, 1]] }) }, 200],
    ['PATCH of a user', 3, sub { $s->patch("/Users/$users[2]{id}", [{ op => 'replace', path => 'title', value => 'T' . ++$n }]) }],
    ['one member more', 2, sub { $s->patch($g, [{ op => 'add', path => 'members', value => [{ value => $users[3]{id} }] }]) }],
    ['one member less', 2, sub { $s->patch($g, [{ op => 'remove', path => "members[value eq \"$users[3]{id}\"]" }]) }],
    ['all members replaced', 2, sub { $s->patch($g, [{ op => 'replace', path => 'members', value => [{ value => $users[0]{id} }] }]) }],
    ['a PATCH that answers with members', 3, sub { $s->patch("$g?attributes=members", [{ op => 'add', path => 'members', value => [{ value => (shift @spare)->{id} }] }]) }, 204],
    ['a PATCH of members that answers with the name', 3, sub { $s->patch("$g?attributes=displayName", [{ op => 'add', path => 'members', value => [{ value => (shift @spare)->{id} }] }]) }, 204],
    ['members chosen by a filter', 3, sub { $s->patch($g, [{ op => 'remove', path => 'members[display eq "nobody"]' }, { op => 'replace', path => 'displayName', value => 'C' . ++$n }]) }],
    ['members added, and taken by their type', 4, sub { $s->patch($g, [{ op => 'add', path => 'members', value => [{ value => $users[6]{id} }] }, { op => 'remove', path => 'members[type eq "Group"]' }]) }],
    ['DELETE that disables', 3, sub { $keep->delete('/Users/' . $users[7]{id}) }],
    ['DELETE under If-None-Match', 3, sub { $s->delete('/Users/' . $users[7]{id}, 'If-None-Match' => 'W/"99"') }],
    ['DELETE', 2, sub { $s->delete('/Users/' . $users[8]{id}) }],
);

# What applications would see.
sub state_of {
    return join "\n", map { join '|', map { $_ // '' } @$_ } $server->{pg}->sql('select r.id, r.version, r.doc::text, r.active from scim.resource r order by 1'),
        $server->{pg}->sql('select m.group_id, m.member_id from scim.membership m order by 1, 2'), $server->{pg}->sql('select t.id from scim.tombstone t order by 1');
}

# What may happen to a round trip, and how the request is answered.
my @faults = (
    ['fails', 503, '60', sub { $proxy->fail($_[0], $FULL) }],
    ['has the answer of another', 500, '', sub { $proxy->mix($_[0], 9, 1) }],
);

for my $request (@requests) {
    my ($what, $trips, $send, $untold, $well) = @$request;

    for my $fault (@faults) {
        my ($how, $status, $retry, $do) = @$fault;
        my $before = state_of();
        my $wrong = 0;

        for my $which (1 .. ($untold ? $trips - 1 : $trips)) {
            # A connection that was given up is replaced.
            $s->get('/Users?count=0');
            $do->($which);
            my $r = $send->();
            $wrong++, is_scim_error($r, $status, undef, "$what: round trip $which $how") if $r->{status} != $status || ($r->header('Retry-After') // '') ne $retry;
            $wrong++, is(state_of(), $before, "$what: nothing is changed by round trip $which") if state_of() ne $before;
        }
        is($wrong, 0, "$what $how: $status each time, nothing half done");
        next unless $untold;
        $s->get('/Users?count=0');
        $do->($trips);
        my $r = $send->();
        is_deeply([$r->{status}, $r->{json}{members}], [$untold, undef], "$what $how: done, and the answer goes without members");
        isnt(state_of(), $before, '... it is done');
        isnt($r->header('ETag') // '', '', '... with its version');
    }
    $s->get('/Users?count=0');
    my $happened = $proxy->happened;
    $proxy->fail($trips + 1, $FULL);
    my $r = $send->();
    like($r->{status}, $well ? qr/^$well$/ : qr/^20/, "$what: $trips round trips, each of which failed once, and then none") or diag($r->{body});
    is($proxy->happened, $happened, "$what: it has no further one");
    $proxy->fail(1_000_000, $FULL);
}

# A connection asks first what server it has met, and once more when that fails.
my $connections = "from pg_stat_activity where application_name = 'mod_scim'";
my @new = (
    ['a server that is new to a connection', sub { $server->{pg}->sql("select pg_terminate_backend(pid, 5000) $connections") }],
    ['a new connection', sub { $proxy->mix(1, 9, 1); $s->get($u) }],
);
for my $new (@new) {
    my ($what, $begin) = @$new;

    $begin->();
    $proxy->fail(1, $FULL);
    is($s->get($u)->{status}, 200, "$what: its first question fails, the second is answered");
    $begin->();
    my $happened = $proxy->happened;
    $proxy->fail(1, $FULL, $FULL);
    is_scim_error($s->get($u), 503, undef, "$what: both fail");
    is($proxy->happened, $happened + 2, '... they did');
    is($s->get($u)->{status}, 200, '... and the next request is served');
    $begin->();
    $proxy->mix(1, 9, 1);
    is_scim_error($s->get($u), 503, undef, "$what: another's answer");
    is($s->get($u)->{status}, 200, '... and the next request is served');
    $begin->();
    $proxy->mix(1, 6, 2);
    is_scim_error($s->get($u), 503, undef, "$what: two answers");
    is($s->get($u)->{status}, 200, '... and the next request is served');
}

# As many columns as the statement has, but not as many rows.
$proxy->mix(2, 1, 0);
is_scim_error($s->get('/Users?count=0'), 500, undef, 'a count that has no row');
$s->get($u);
$proxy->mix(2, 7, 2);
is_scim_error($s->patch("/Users/$users[2]{id}", [{ op => 'replace', path => 'title', value => 'x' }]), 500, undef, 'a user who is there twice');

# In the middle of somebody's transaction.
$s->get($u);
my $pid = $server->{pg}->sql("select pid $connections");
$proxy->mix(1, 9, 1);
is_scim_error($s->get($u), 500, undef, 'an answer out of an open transaction');
is($s->get($u)->{status}, 200, '... the next request is served');
isnt($server->{pg}->sql("select pid $connections"), $pid, '... by another connection');
like($server->error_log, qr/a statement returned 1 rows of 9 columns .*: is something between httpd and PostgreSQL that mixes up connections\?/, 'the log says what it may be');

# When httpd starts it asks, after the server itself, for the number of connections and for tenants that the configuration names. An error is told,
# and no more.
for my $which (2, 3) {
    my $told = () = $server->error_log =~ /SCIM5: /g;
    $server->stop_httpd;
    $proxy->fail($which, $FULL);
    $server->start_httpd;
    ok($server->logged(qr/(?:SCIM5: the database cannot be used now: .*?){@{[$told + 1]}}/s, 'error_log'), "round trip $which of the look at start: told");
    $s->{http} = ScimTest::Http->new('127.0.0.1', $server->{port});
    is($s->get($u)->{status}, 200, '... and requests are served');
}
# A page by cursor asks for the keys first, when the process has not done so lately.
$server->stop_httpd;
$server->start_httpd;
$s->get($u) for 1 .. 3;
$proxy->fail(2, $FULL);
is_scim_error($s->get('/Users?cursor=&count=2'), 503, undef, 'a page by cursor: the keys cannot be read');
is($s->get('/Users?cursor=&count=2')->{status}, 200, '... and the next request is served');

$server->is_written_back;
$server->stop;
done_testing;
