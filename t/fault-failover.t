# The first PostgreSQL dies under load, its synchronous standby takes over, httpd finds it by itself.
#
# A commit is acknowledged only when the standby has it: nothing that a client was told is lost. An asynchronous standby loses what
# was committed and not yet sent when the first server died: that is its nature, and not tested here.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);

use ScimTest;
use ScimTest::Load;
use ScimTest::Log;
use ScimTest::Server;

# What the module logs while its database is away.
ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM5:', 'SCIM005';

my $server = ScimTest::Server->start(children => 2, threads => 6, pool => 'max=6 wait=3', settings => ['wal_level = replica', 'max_wal_senders = 4']);
my $first = $server->{pg};
my $standby = $first->standby("$server->{dir}/standby");

$first->sql(q(alter system set synchronous_standby_names = '*'));
$first->sql('select pg_reload_conf()');
my ($one, $two) = map { $_->conninfo =~ /host=(\S+)/ } $first, $standby;
$server->configure(conninfo => $first->conninfo =~ s/\Q$one\E/$one,$two/r . ' target_session_attrs=read-write');
$server->stop_httpd;
$server->start_httpd;
for (1 .. 100) {
    last if ($first->sql(q(select count(*) from pg_stat_replication where sync_state = 'sync')) // 0) == 1;
    sleep 0.1;
}
is($first->sql('select sync_state from pg_stat_replication'), 'sync', 'the standby is synchronous');

my @pids = $server->httpd_pids;
my $promoted;
my $load = ScimTest::Load->run($server, seconds => 8, meanwhile => sub {
    sleep 2.5;
    $first->stop('immediate');
    sleep 0.7;
    # Otherwise the new first server would wait for a standby of its own.
    $standby->sql('select 1');
    $standby->promote;
    $standby->sql(q(alter system set synchronous_standby_names = ''));
    $standby->sql('select pg_reload_conf()');
    $promoted = time;
});

$server->{pg} = $standby;
my $s = bless { %{ $load->{s} }, db => $standby }, ref $load->{s};
$load->exactly_once('failover', $s);
cmp_ok($load->statuses->{503} // 0, '>', 0, 'failover: there were requests meanwhile');
cmp_ok($load->longest_gap($promoted), '<', 3, sprintf 'failover: served again %.1f s after the standby took over', $load->longest_gap($promoted));
is_deeply([$server->httpd_pids], \@pids, 'failover: no process of httpd has died');
is($s->post('/Users', { schemas => [ScimTest::USER], userName => 'after@example.com' })->{status}, 201, 'failover: served without an administrator');

$server->stop;
$first->destroy;
done_testing;
