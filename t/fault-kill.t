# kill -9 of httpd's children and of PostgreSQL's server processes under load; a child of the prefork MPM that is told to end in the middle of a
# request.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use ScimTest qw(uri);
use ScimTest::Load;
use ScimTest::Log;
use ScimTest::Server;

# What the module logs while its database is away.
ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM5:', 'SCIM005';

my $server = ScimTest::Server->start(children => 2, threads => 8, pool => 'max=6 wait=3');

# Waits until it holds; how long that took, or undef after so many seconds.
sub waited {
    my ($seconds, $holds) = @_;
    my $from = time;

    until ($holds->()) {
        return if time - $from > $seconds;
        sleep 0.05;
    }
    return time - $from;
}

# ---- children of httpd ----

my $kills = 0;
my $load = ScimTest::Load->run($server, seconds => 5, lost => 1, meanwhile => sub {
    for (1 .. 6) {
        sleep 0.7;
        my (undef, @children) = $server->httpd_pids;
        $kills += kill KILL => $children[rand @children] if @children;
    }
});
$load->exactly_once('httpd killed');
cmp_ok($kills, '>=', 4, "httpd killed: $kills children");
cmp_ok($load->statuses->{0} // 0, '<=', 6 * $kills, 'httpd killed: at most the requests that a killed process worked on had no answer');
is($load->statuses->{503} // 0, 0, 'httpd killed: nobody else has noticed');
my $took = waited(10, sub { my ($parent, @children) = $server->httpd_pids; @children == $server->{processes} });
ok(defined $took, 'httpd killed: all children are there again');
# A killed child's connections: PostgreSQL notices the closed sockets, nothing waits for them.
$took = waited(10, sub { ($load->{s}->sql(q(select count(*) from pg_stat_activity where application_name = 'mod_scim' and state <> 'idle')) // 1) == 0 });
ok(defined $took, 'httpd killed: no session is left at work');
# httpd says nothing of a child that ended by this signal.
unlike($server->error_log, qr/exit signal/, 'httpd killed: no process ended otherwise');

# ---- a process that is told to end at once: its request ends where it is ----

my $prefork = ScimTest::Server->start(mpm => 'prefork', children => 2, pool => 'max=1');
my $s = $prefork->scim('default');
my $user = $s->user;
my $locker = fork // die "fork: $!\n";
if (!$locker) {
    eval { $prefork->{pg}->sql("set application_name = 'locker'; begin; select 1 from scim.resource where id = '$user->{id}' for update; select pg_sleep(300)") };
    POSIX::_exit(0);
}
sleep 0.05 until $prefork->{pg}->sql("select count(*) from pg_stat_activity where application_name = 'locker' and wait_event = 'PgSleep'");
my $client = fork // die "fork: $!\n";
if (!$client) {
    POSIX::_exit($s->patch("/Users/$user->{id}", [{ op => 'replace', path => 'title', value => 'x' }])->{status} ? 1 : 0);
}
sleep 0.05 until $prefork->{pg}->sql("select count(*) from pg_stat_activity where usename = 'scim_service' and wait_event_type = 'Lock'");
my (undef, @children) = $prefork->httpd_pids;
kill TERM => @children;
waitpid $client, 0;
is($?, 0, 'told to end: the request has no answer');
$took = waited(10, sub { my (undef, @now) = $prefork->httpd_pids; my %now = map { $_ => 1 } @now; @now && !grep { $now{$_} } @children });
ok(defined $took, 'told to end: other processes take over');
unlike($prefork->error_log, qr/exit signal/, 'told to end: no process has crashed');
$prefork->{pg}->sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'locker'");
waitpid $locker, 0;
is($s->get("/Users/$user->{id}")->{status}, 200, 'told to end: served');
$prefork->stop;

# ---- server processes of PostgreSQL ----

# The postmaster then ends all sessions and recovers, as after a crash.
my ($backends, $last) = (0, 0);
my @pids = $server->httpd_pids;
$load = ScimTest::Load->run($server, seconds => 6, meanwhile => sub {
    for (1 .. 3) {
        sleep 1.2;
        my $pid = eval { $server->{pg}->sql(q(select pid from pg_stat_activity where application_name = 'mod_scim' order by random() limit 1)) };
        $backends += kill KILL => $pid if $pid;
        $last = time;
    }
});
$load->exactly_once('backends killed');
is($backends, 3, 'backends killed: 3');
is_deeply([$server->httpd_pids], \@pids, 'backends killed: no process of httpd has died');
cmp_ok($load->longest_gap($last), '<', 3, sprintf 'backends killed: served again after %.1f s', $load->longest_gap($last));
is($load->{s}->get('/Users?count=1')->{status}, 200, 'backends killed: served without an administrator');

$server->stop;

# ---- a child that ends with a connection in use ----

# It ends in its signal handler, wherever it stands; the pool of connections must not take the one that is missing for its own fault.
# One connection at a time, and this test has several.
$prefork = ScimTest::Server->start(mpm => 'prefork', children => 1, pool => 'max=2', conf => 'KeepAlive Off');
$s = $prefork->scim('default');
$user = $s->user;
$locker = fork // die "fork: $!\n";
if (!$locker) {
    # Its session is ended below.
    eval { $prefork->{pg}->sql("begin; select 1 from scim.resource where id = '$user->{id}' for update; select pg_sleep(600); commit") };
    POSIX::_exit(0);
}
sleep 0.05 until $prefork->{pg}->sql("select count(*) from pg_stat_activity where query like '%pg_sleep(600)%' and wait_event = 'PgSleep'");
$client = fork // die "fork: $!\n";
if (!$client) {
    POSIX::_exit($s->patch("/Users/$user->{id}", [{ op => 'add', path => 'title', value => 'T' }])->{status} ? 1 : 0);
}
sleep 0.05 until $prefork->{pg}->sql("select count(*) from pg_stat_activity where application_name = 'mod_scim' and wait_event_type = 'Lock'");
my (undef, $child) = $prefork->httpd_pids;
kill TERM => $child;
waitpid $client, 0;
is($?, 0, 'a child told to end in the middle of a request: there is no answer');
ok(defined waited(10, sub { my (undef, @now) = $prefork->httpd_pids; @now && $now[0] != $child }), '... another one takes its place');
$prefork->{pg}->sql("select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(600)%' and wait_event = 'PgSleep'");
waitpid $locker, 0;
is($s->at('/scim/v2')->get("/Users/$user->{id}")->{status}, 200, '... and serves');
unlike($prefork->error_log, qr/exit signal|AH0005[0-4]/, '... the first one has ended as it should');

$prefork->stop;
done_testing;
