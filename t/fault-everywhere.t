# Each round trip of each kind of request, and of each command of scimctl, may be the one that fails: 503 and nothing half done.
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

ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM5:', 'SCIM005', 'SCIM110';

my $server = ScimTest::Server->start(children => 1, threads => 4, pool => 'max=1 wait=2');
my $proxy = ScimTest::Proxy->start("$server->{dir}/proxy", $server->{pg}->conninfo);
$server->configure(conninfo => $proxy->conninfo, conf => 'SCIMTokenCache 0');
$server->stop_httpd;
$server->start_httpd;
my $s = $server->scim('default');
my $n = 0;

sub new_user { return { schemas => [USER], userName => 'u' . ++$n . '@example.com', externalId => "x$n" } }

my @users = map { $s->user(%{ new_user() }) } 1 .. 8;
my $group = $s->group(displayName => 'Crew', members => [$users[0]{id}, $users[1]{id}]);
$s->group(displayName => 'Outer', members => [$group->{id}]);
my ($u, $g) = ("/Users/$users[0]{id}", "/Groups/$group->{id}");
my $inactive = $s->user(%{ new_user() }, active => ScimTest::FALSE);

# what, its round trips with that of the token, the request; where the last one reads what has been written for the answer: the status without
my @requests = (
    ['GET of a user in groups of groups', 3, sub { $s->get($u) }],
    ['GET of a user', 2, sub { $s->get("/Users/$users[2]{id}") }],
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
    ['a PATCH that answers with members', 3, sub { $s->patch("$g?attributes=members", [{ op => 'add', path => 'members', value => [{ value => $users[4]{id} }] }]) }, 204],
    ['a PATCH of members that answers with the name', 3, sub { $s->patch("$g?attributes=displayName", [{ op => 'add', path => 'members', value => [{ value => $users[5]{id} }] }]) }, 204],
    ['members chosen by a filter', 3, sub { $s->patch($g, [{ op => 'remove', path => 'members[display eq "nobody"]' }, { op => 'replace', path => 'displayName', value => 'C' . ++$n }]) }],
    ['DELETE', 2, sub { $s->delete('/Users/' . $users[7]{id}) }],
);

# What applications would see.
sub state_of {
    return join "\n", map { join '|', map { $_ // '' } @$_ } $server->{pg}->sql('select r.id, r.version, r.doc::text, r.active from scim.resource r order by 1'),
        $server->{pg}->sql('select m.group_id, m.member_id from scim.membership m order by 1, 2'), $server->{pg}->sql('select t.id from scim.tombstone t order by 1');
}

for my $request (@requests) {
    my ($what, $trips, $send, $untold) = @$request;
    my $before = state_of();
    my $wrong = 0;

    for my $which (1 .. ($untold ? $trips - 1 : $trips)) {
        $proxy->fail($which, $FULL);
        my $r = $send->();
        $wrong++, is_scim_error($r, 503, undef, "$what: round trip $which") if $r->{status} != 503 || ($r->header('Retry-After') // '') ne '60';
        $wrong++, is(state_of(), $before, "$what: nothing is changed by round trip $which") if state_of() ne $before;
    }
    is($wrong, 0, "$what: 503 each time, nothing half done");
    if ($untold) {
        $proxy->fail($trips, $FULL);
        my $r = $send->();
        is_deeply([$r->{status}, $r->{json}{members}], [$untold, undef], "$what: done, and the answer goes without members");
        isnt(state_of(), $before, '... it is done');
        isnt($r->header('ETag') // '', '', '... with its version');
    }
    my $happened = $proxy->happened;
    $proxy->fail($trips + 1, $FULL);
    my $r = $send->();
    like($r->{status}, qr/^20/, "$what: $trips round trips, each of which failed once, and then none") or diag($r->{body});
    is($proxy->happened, $happened, "$what: it has no further one");
    $proxy->fail(1_000_000, $FULL);
}

# A new connection asks first what server it has met.
$server->{pg}->sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'scim_service'");
$proxy->fail(1, $FULL);
is_scim_error($s->get($u), 503, undef, 'the first question of a new connection');
is($s->get($u)->{status}, 200, '... and the next request is served');

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

# ---- the same for the administrator ----

my $pg = $server->{pg};
my $sql = "$ENV{SCIM_TEST_ROOT}/sql";
my $owner = ScimTest::Proxy->start("$server->{dir}/owner", $pg->conninfo);
my @commands = (
    [qw(tenant add fragile)], [qw(tenant set fragile --state active)], [qw(tenant pause fragile)], [qw(tenant resume fragile)], [qw(tenant list)],
    [qw(tenant rename fragile broken)], [qw(integration add broken app)], [qw(integration set broken app --profile default)], [qw(integration list broken)],
    [qw(token create broken --integration app --quiet)], [qw(token list broken)], [qw(token list)], [qw(tenant rekey --profile default --dry-run), $s->tenant],
    [qw(tenant rekey --profile default), $s->tenant], [qw(check --profile default), $s->tenant], [qw(reader add broken scim_reader)], [qw(reader list)], [qw(reader remove broken scim_reader)], [qw(integration remove broken app --yes)],
    [qw(database rotate-key)], [qw(database rotate-key --force)], [qw(migrate --sql), $sql], [qw(database init --service scim_service --sql), $sql], [qw(tenant remove broken --yes)],
);
for my $command (@commands) {
    my ($trips, $wrong) = (0, 0);

    # The first one asks what server this is; whether it says so or not, the command goes on.
    for my $which (2 .. 60) {
        my $happened = $owner->happened;
        $owner->fail($which, $FULL);
        my ($status, $out, $err) = do {
            local $pg->{scimctl_conninfo} = $owner->conninfo;
            $pg->scimctl(@$command);
        };
        $owner->fail(1_000_000, $FULL);
        if ($owner->happened == $happened) {
            is($status, 0, "scimctl @$command: done, after it failed at each of $trips round trips") or diag($err);
            last;
        }
        $trips++;
        $wrong++, diag("round trip $which: status $status, $err") if $status != 1 || $err !~ /\Ascimctl: [^\n]+\n\z/;
    }
    cmp_ok($trips, '>', 0, "scimctl @$command: did fail");
    is($wrong, 0, "scimctl @$command: says why, in one line");
}

$server->stop;
done_testing;
