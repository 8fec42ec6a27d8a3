# PostgreSQL and httpd stopped and started under load; writers that meet.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::UNIX;
use Test::More;
use Time::HiRes qw(sleep time);

use ScimTest qw(is_scim_error uri USER);
use ScimTest::Load;
use ScimTest::Log;
use ScimTest::Parallel;
use ScimTest::Server;

# What the module logs while its database is away.
ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM5:', 'SCIM005';

my $server = ScimTest::Server->start(children => 2, threads => 8, pool => 'max=6 wait=3');
my $s = $server->scim('default');

# ---- the database goes and comes back ----

my @pids = $server->httpd_pids;
my $load = ScimTest::Load->run($server, seconds => 8, meanwhile => sub {
    for my $mode (qw(fast immediate)) {
        sleep 1.5;
        $server->stop_pg($mode);
        sleep 1;
        $server->start_pg;
    }
});
$load->exactly_once('database away');
cmp_ok($load->statuses->{503} // 0, '>', 0, 'database away: there were requests meanwhile');
is($s->get('/Users?count=1')->{status}, 200, 'database back: served again without a restart');
is_deeply([$server->httpd_pids], \@pids, 'no process of httpd has died');
unlike($server->error_log, qr/exit signal|AH0005[0-4]/, 'no crash in the log');
is($s->post('/Users', { schemas => [USER], userName => 'after@example.com' })->{status}, 201, 'and writing works');

# ---- graceful restarts ----

$load = ScimTest::Load->run($server, clients => 4, seconds => 6, meanwhile => sub { for (1 .. 4) { sleep 1.2; $server->graceful } });
$load->exactly_once('graceful restarts');
is_deeply([grep { !/^20/ } keys %{ $load->statuses }], [], 'graceful restarts: no request failed');

# ---- a read whose server process is ended whenever it comes back: given up, for a while ----

my $known = $s->user;
my $locker = fork // die "fork: $!\n";
if (!$locker) {
    eval { $server->{pg}->sql("set application_name = 'locker'; begin; lock table scim.resource in access exclusive mode; select pg_sleep(300)") };
    POSIX::_exit(0);
}
sleep 0.05 until $server->{pg}->sql("select count(*) from pg_stat_activity where application_name = 'locker' and wait_event = 'PgSleep'");
my $ender = fork // die "fork: $!\n";
if (!$ender) {
    for (1 .. 3) {
        sleep 0.05 until $server->{pg}->sql("select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where usename = 'scim_service' and wait_event_type = 'Lock'");
    }
    POSIX::_exit(0);
}
my $ended = $s->get("/Users/$known->{id}");
is_scim_error($ended, 503, undef, 'its server process was ended three times: 503');
like($ended->header('Retry-After') // '', qr/^\d+$/, 'its server process was ended three times: Retry-After');
waitpid $ender, 0;
$server->{pg}->sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'locker'");
waitpid $locker, 0;
is($s->get("/Users/$known->{id}")->{status}, 200, 'then it is served');

# ---- databases that hang: whoever needs none of them does not wait ----

my $mute = "$server->{dir}/mute";
mkdir $mute or die "$mute: $!\n";
my $listener = IO::Socket::UNIX->new(Local => "$mute/.s.PGSQL.5432", Listen => 50) or die "$mute: $!\n";
$server->configure(conf => join "\n", "<VirtualHost *:$server->{port}>\nServerName 127.0.0.1\n</VirtualHost>", map { qq(<VirtualHost *:$server->{port}>\nServerName mute$_.example.com\nSCIMDatabase "host=$mute dbname=d$_"\n</VirtualHost>) } 1 .. 10);
$server->stop_httpd;
my $from = time;
$server->start_httpd;
$s->{http} = ScimTest::Http->new('127.0.0.1', $server->{port});
is($s->get('/Users?count=1')->{status}, 200, 'databases that hang: whoever has another one is served');
# Each is waited for for three seconds where it is waited for.
cmp_ok(time - $from, '<', 15, 'databases that hang: at once');
is_scim_error($s->get('/Users?count=1', Host => 'mute1.example.com'), 503, undef, 'databases that hang: 503');
close $listener;
$server->configure(conf => '');
$server->stop_httpd;
$server->start_httpd;
$s->{http} = ScimTest::Http->new('127.0.0.1', $server->{port});

# ---- a schema that is newer than the module ----

$server->{pg}->sql("insert into scim.migration (number, name) values (99, 'later')");
$server->{pg}->sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'scim_service'");
is($s->get('/Users?count=1')->{status}, 200, 'a newer schema: served') for 1 .. 3;
my $told = () = $server->error_log =~ /SCIM11: the database is at migration 99/g;
ok($told == 1 || $told == 2, "a newer schema: told once by each of the two processes that noticed ($told)");
$server->{pg}->sql('delete from scim.migration where number = 99');

# ---- a schema that cannot be looked at, for a while or by this role ----

my $end_all = sub { $server->{pg}->sql("select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'scim_service'") };
my $length = length $server->error_log;
$locker = fork // die "fork: $!\n";
if (!$locker) {
    eval { $server->{pg}->sql("set application_name = 'looker'; begin; lock table scim.migration in access exclusive mode; select pg_sleep(300)") };
    POSIX::_exit(0);
}
sleep 0.05 until $server->{pg}->sql("select count(*) from pg_stat_activity where application_name = 'looker' and wait_event = 'PgSleep'");
$end_all->();
my $locked = $s->get('/Users?count=1');
is_scim_error($locked, 503, undef, 'a first question that runs into a limit of time: 503');
like($locked->header('Retry-After') // '', qr/^\d+$/, '... with Retry-After');
$server->{pg}->sql("select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'looker'");
waitpid $locker, 0;
is($s->get('/Users?count=1')->{status}, 200, '... and then served');
unlike(substr($server->error_log, $length), qr/SCIM3: /, '... it was not taken for a database without tables');

ScimTest::Log::expect('SCIM3: the database role may not read');
$server->{pg}->sql('revoke select on scim.migration from scim_service');
$end_all->();
is($s->get('/Users?count=1')->{status}, 200, 'a role that may not read the migrations: served') for 1 .. 3;
like(substr($server->error_log, $length), qr/SCIM3: the database role may not read the table scim\.migration: run "scimctl database init"/, '... and told so');
unlike(substr($server->error_log, $length), qr/at migration/, '... rather than that there are none');
$server->{pg}->sql('grant select on scim.migration to scim_service');
$end_all->();

# ---- a pool that is exhausted ----

my $small = ScimTest::Server->start(threads => 8, pool => 'max=1 wait=1');
$small->configure(conf => <<"CONF");
<VirtualHost *:$small->{port}>
    ServerName 127.0.0.1
</VirtualHost>
<VirtualHost *:$small->{port}>
    ServerName patient.example.com
    SCIMDatabasePool wait=30
</VirtualHost>
CONF
$small->stop_httpd;
$small->start_httpd;
my $t = $small->scim('default');
my $user = $t->user;
$locker = fork // die "fork: $!\n";
if (!$locker) {
    $t->sql("begin; select 1 from scim.resource where id = '$user->{id}' for update; select pg_sleep(3); commit");
    POSIX::_exit(0);
}
sleep 0.7;
my $waiter = fork // die "fork: $!\n";
if (!$waiter) {
    POSIX::_exit($t->patch("/Users/$user->{id}", [{ op => 'replace', path => 'title', value => 'late' }])->{status} == 200 ? 0 : 1);
}
my $patient = fork // die "fork: $!\n";
if (!$patient) {
    # The first has the only connection and waits for the row, the second waits for the connection.
    my $answers = in_parallel(2, sub { $t->patch("/Users/$user->{id}", [{ op => 'replace', path => 'nickName', value => "n$_[0]" }], Host => 'patient.example.com')->{status} });
    POSIX::_exit(($answers->{200} // 0) == 2 ? 0 : 1);
}
sleep 0.7;
my $r = $t->get("/Users/$user->{id}");
if ($ENV{SCIM_TEST_MPM} eq 'prefork') {
    is($r->{status}, 200, 'a pool for each process of one thread: never exhausted');
} else {
    is_scim_error($r, 503, undef, 'pool exhausted: 503');
    like($r->header('Retry-After') // '', qr/^\d+$/, 'pool exhausted: Retry-After');
}
waitpid $waiter, 0;
is($?, 0, 'pool exhausted: who had the connection is served');
waitpid $patient, 0;
is($?, 0, 'pool exhausted: where a virtual host has more patience, who waits is served');
waitpid $locker, 0;
is($t->get("/Users/$user->{id}")->{json}{title}, 'late', 'pool free again');

# ---- writers that meet ----

my @users = map { $s->user } 1 .. 30;
my $group = $s->group;
my $answers = in_parallel(30, sub {
    my ($i) = @_;
    persist(sub { $s->patch("/Groups/$group->{id}", [{ op => 'add', path => 'members', value => [{ value => $users[$i]{id} }] }]) });
});
is_deeply($answers, { 204 => 30 }, 'members added at the same time: all accepted');
is(scalar @{ $s->get("/Groups/$group->{id}")->{json}{members} }, 30, 'members added at the same time: none lost');

my $target = $s->user;
my @names = qw(title nickName userType preferredLanguage timezone displayName);
$answers = in_parallel(12, sub {
    my ($i) = @_;
    persist(sub { $s->patch("/Users/$target->{id}", [{ op => 'replace', path => $names[$i % 6], value => "v$i" }]) });
});
is_deeply($answers, { 200 => 12 }, 'attributes changed at the same time: all accepted');
my $now = $s->get("/Users/$target->{id}")->{json};
is(scalar(grep { ($now->{$_} // '') =~ /^v\d+$/ } @names), 6, 'attributes changed at the same time: none lost');
is($now->{meta}{version} =~ /"(\d+)/ ? $1 : '', 13, 'each change has its version');

my $tag = $now->{meta}{version};
$answers = in_parallel(10, sub {
    my ($i) = @_;
    persist(sub { $s->patch("/Users/$target->{id}", [{ op => 'replace', path => 'title', value => "w$i" }], 'If-Match' => $tag) });
});
is_deeply($answers, { 200 => 1, 412 => 9 }, 'E-09: one of ten with the same If-Match');

$server->is_written_back;
$_->stop for $server, $small;
done_testing;
