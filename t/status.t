# mod_status: what all processes have counted together, and nothing of what clients look for.
use strict;
use warnings;

use IO::Socket::INET;
use Test::More;

use ScimTest qw(USER uri is_scim_error);
use ScimTest::Fixtures;
use ScimTest::Log;
use ScimTest::Server;

my $server = ScimTest::Server->start(children => 3, threads => 4, pool => 'max=2 wait=1', conf => "SCIMTokenCache 0\nSCIMBulk off");
my $s = $server->scim('default');
ScimTest::Log::expect($_) for 'SCIM102: 500', 'SCIM102: 503';

# The module's lines of server-status?auto, each over a connection of its own: any process may answer.
sub status {
    my $body = $s->at('/server-status')->get('?auto')->{body};

    return { $body =~ /^SCIM([\w-]+): (\d+)$/mg };
}

# Each request over a new connection, so that all processes get some.
sub ask {
    my ($method, $path, $body, @headers) = @_;

    return $s->at('/scim/v2')->request($method, $path, $body, @headers);
}

my $u = $s->user(userName => 'wanda@example.com');
my $before = status();
is($before->{Status201}, 1, 'one user was created');
ask('GET', "/Users/$u->{id}") for 1 .. 12;
ask('GET', '/Users/nope') for 1 .. 5;
ask('POST', '/Users', { schemas => [USER], userName => 'wanda@example.com' }) for 1 .. 3;
ask('GET', '/Users', undef, Authorization => undef) for 1 .. 4;
ask('GET', '/Bulk');
ask('PATCH', "/Users/$u->{id}", { schemas => [ScimTest::PATCHOP], Operations => [{ op => 'replace', path => 'active', value => 'True' }] }) for 1 .. 2;
$server->{pg}->sql('revoke select on scim.resource from scim_service');
ask('GET', "/Users/$u->{id}");
$server->{pg}->sql('grant select on scim.resource to scim_service');
my @seen = map { status() } 1 .. 8;
is_deeply($seen[$_], $seen[0], "every process says the same: $_") for 1 .. 7;
my $now = $seen[0];
my %expected = (Status200 => 14, Status404 => 5, Status409 => 3, Status401 => 4, Status500 => 1, Status501 => 1, Requests => 28, ClientErrors => 12,
    ServerErrors => 2, 'Rule-string-boolean' => 2);
is($now->{$_} - ($before->{$_} // 0), $expected{$_}, "$_: counted") for sort keys %expected;
cmp_ok($now->{ConnectionsAcquired}, '>=', 40, 'connections: taken');
cmp_ok($now->{ConnectionsOpen}, '>=', 1, 'connections: open');
# A process of one thread has one.
cmp_ok($now->{ConnectionsOpen}, '<=', $server->{processes} * ($ENV{SCIM_TEST_MPM} eq 'prefork' ? 1 : 2), 'connections: no more than all processes may have');
is($now->{$_}, 0, "connections: $_") for qw(ConnectionsInUse ConnectionsFailed ConnectionsWaitedOut);

# ---- restarts and accidents ----

my ($parent, @children) = $server->httpd_pids;
$server->graceful;
until_true(sub { my ($p, @new) = $server->httpd_pids; my %old = map { $_ => 1 } @children; return @new == $server->{processes} && !grep { $old{$_} } @new });
my $after = status();
is($after->{$_}, $now->{$_}, "a graceful restart keeps $_") for 'Requests', 'Status409', 'Rule-string-boolean', 'ConnectionsAcquired';
ask('GET', "/Users/$u->{id}");
is(status()->{Requests}, $now->{Requests} + 1, 'and goes on counting');

$server->stop_pg('immediate');
my @statuses = map { ask('GET', "/Users/$u->{id}")->{status} } 1 .. 20;
is_deeply(\@statuses, [(503) x 20], 'without a database: 503');
$server->start_pg;
my $failed = status();
is($failed->{Status503}, 20, 'Status503: counted');
cmp_ok($failed->{ConnectionsFailed}, '>=', 1, 'ConnectionsFailed: counted');

# ---- as a page, and without what clients look for ----

my $page = $s->at('/server-status')->get('')->{body};
like($page, qr{<h2>SCIM</h2>\s*<dl>.*<dt>Requests: \d+</dt>.*<dt>Status404: 5</dt>.*<dt>ConnectionsOpen: \d+</dt>.*<dt>Rule-string-boolean: 2</dt>.*</dl>}s,
    'the page has all of it');
# A request that lasts: its body is on its way.
my $socket = IO::Socket::INET->new(PeerHost => '127.0.0.1', PeerPort => $server->{port}) or die "connect: $!\n";
print $socket join "\r\n", 'POST /scim/v2//users?filter=userName+eq+%22wanda%22 HTTP/1.1', 'Host: x', "Authorization: Bearer ${\$s->token}", 'Content-Length: 99',
    '', '{';
$socket->flush;
ok(until_true(sub { $page = $s->at('/server-status')->get('')->{body}; return $page =~ m{POST /scim/v2//users\?\.\.\. HTTP/1\.1} }),
    'the page shows requests');
unlike($page, qr/wanda/, 'but no query');
close $socket;

$server->stop;
done_testing;

sub until_true {
    my ($done) = @_;

    for (1 .. 200) {
        return 1 if $done->();
        select undef, undef, undef, 0.1;
    }
    return 0;
}
