# Virtual hosts: each has a database, settings of its pool and Locations of its own, or those of the main server.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep);

use ScimTest qw(USER is_scim_error uri);
use ScimTest::Parallel;
use ScimTest::Server;

# Two databases with a tenant of the same name in each; the log says which database a statement was for.
# Where processes have one thread each, each has one connection of each pool.
my $prefork = $ENV{SCIM_TEST_MPM} eq 'prefork';
my $server = ScimTest::Server->start(threads => 8, settings => ['max_connections = ' . ($prefork ? 60 : 10), "log_statement = 'all'", "log_line_prefix = '%d '"]);
my $pg = $server->{pg};
my $first = $server->scim('default', tenant => 'shared');
my $user = $first->user;
$pg->sql('create database second');
my $second = $pg->conninfo =~ s/dbname=\S+/dbname=second/r;
my ($status, undef, $said) = $pg->scimctl('--database', $second, '--sql', "$ENV{SCIM_TEST_ROOT}/sql", 'migrate');
is("$status$said", 0, 'a second database');
$pg->scimctl('--database', $second, 'tenant', 'add', 'shared');
my (undef, $token) = $pg->scimctl('--database', $second, 'token', 'create', 'shared', '--quiet');
chomp $token;

# The main server has none: what it says of pools holds for the virtual hosts as far as they say nothing.
$server->configure(conninfo => '', pool => 'min=1 keep=2 max=4 idle=60 wait=5', conf => <<"CONF");
SCIMTokenCache 0
<VirtualHost *>
    ServerName first.example.com
    SCIMDatabase "${\$pg->service_conninfo}"
    <Location "/pinned/here">
        SetHandler scim
        SCIMProfile default
        SCIMTenant shared
        SCIMToken elsewhere sha256:${\('a' x 64)}
    </Location>
    # More than httpd writes at once.
    ErrorDocument 405 "${\join '%{HTTP_HOST}', ('x' x 7000) x 3}"
</VirtualHost>
<VirtualHost *>
    ServerName second.example.com
    SCIMDatabase "$second"
    SCIMDatabasePool min=0 keep=0 max=1 idle=1 wait=1 prepare=off
    <Location "/second/v2">
        SetHandler scim
        SCIMProfile rfc
        SCIMTenant shared
    </Location>
    <Location "/second/nobody">
        SetHandler scim
        SCIMProfile rfc
        SCIMTenant nobody
    </Location>
</VirtualHost>
<VirtualHost *>
    ServerName wide.example.com
    SCIMDatabase "${\$pg->service_conninfo} application_name=wide"
    SCIMDatabasePool min=20 keep=30 max=40
</VirtualHost>
<VirtualHost *>
    ServerName none.example.com
</VirtualHost>
<VirtualHost *>
    ServerName root.example.com
    SCIMDatabase "${\$pg->service_conninfo}"
    <Location "">
        SetHandler scim
        SCIMProfile default
    </Location>
</VirtualHost>
<VirtualHost *>
    ServerName slash.example.com
    SCIMDatabase "${\$pg->service_conninfo}"
    <Location "/">
        SetHandler scim
        SCIMProfile default
    </Location>
</VirtualHost>
<VirtualHost *>
    ServerName narrow.example.com
    SCIMDatabase "${\$pg->service_conninfo}"
    SCIMDatabasePool min=0 keep=1 max=2
</VirtualHost>
<VirtualHost *>
    ServerName plain.example.com:80
    SCIMDatabase "${\$pg->service_conninfo}"
</VirtualHost>
CONF
my ($told, $stated) = map { length } $server->error_log, $server->pg_log;
$server->stop_httpd;
$server->start_httpd;
my $s = $first->at('');
my @first = (Host => 'first.example.com');
my @second = (Host => 'second.example.com', Authorization => "Bearer $token");
my @none = (Host => 'none.example.com');

# ---- databases ----

is($s->get("/scim/v2/Users/$user->{id}", @first)->{json}{userName}, $user->{userName}, 'the first host has its database');
is($s->get('/scim/v2/Users', @second)->{json}{totalResults}, 0, 'the second has another one');
is_scim_error($s->get('/scim/v2/Users', @none), 503, undef, 'a host without one, at a Location of the main server: 503');
like($server->error_log, qr/SCIM102: 503 The server has no database: no SCIMDatabase for this server/, '... and the log says why');
is($s->get('/scim/v2/Schemas', @none, Authorization => undef)->{status}, 200, '... what needs none is served');

is($s->get("/scim/v2/Users/$user->{id}", Host => 'wide.example.com')->{status}, 200, 'a pool that would keep more connections than a process has threads');

# ---- Locations ----

is($s->get('/second/v2/Users', @second)->{status}, 200, 'a Location of a host');
is($s->get('/second/v2/Users', @first)->header('Content-Type') =~ s/;.*//r, 'text/html', '... is nothing in another one');
my $made = { schemas => [USER], userName => 'k@example.com' };
my $there = $s->post('/scim/v2/Users', $made, @second)->{json}{id};
my $nonsense = [{ op => 'replace', path => 'nope', value => 'x' }];
is($s->patch("/scim/v2/Users/$user->{id}", $nonsense, @first)->{status}, 200, 'a tenant that the first host pins has the profile of that Location, everywhere');
is_scim_error($s->patch("/scim/v2/Users/$there", $nonsense, @second), 400, 'invalidPath', 'the one of that name in the database of the second host has another one');

my @root = (Host => 'root.example.com');
is($s->get("/users//$user->{id}", @root)->{json}{meta}{location} =~ s{^\w+://[^/]*}{}r, "/Users/$user->{id}", 'a Location for everything');
is($s->get($_, @root)->{json}{totalResults}, 1, "a Location for everything: all are listed at $_") for '/', '//';
for my $case (['root', 'a Location for everything'], ['slash', 'a Location for / and everything below it'], ['second', 'Locations with paths']) {
    my $r = $s->raw("OPTIONS * HTTP/1.1\r\nHost: $case->[0].example.com\r\n\r\n");
    is_deeply([@$r{qw(status body)}], [200, ''], "$case->[1]: OPTIONS * is about httpd, which answers it");
}
is($s->get("/Users/$user->{id}", Host => 'slash.example.com')->{status}, 200, 'a Location for / and everything below it: a user');

# What httpd refuses before it knows the Location.
for my $case (['/second/v2/%2f', \@second, 1, 'below a Location'], ['/second/v2/%2f', \@first, 0, 'below that of another host'],
    ['/second/v2x%2f', \@second, 0, 'where a path only begins like that of a Location'], ['/scim/v2/%2f', \@none, 1, 'below a Location of the main server'],
    ['/pinned/here%2f', \@first, 0, 'a path that ends in what is refused']) {
    my ($path, $host, $ours, $title) = @$case;
    my $r = $s->get($path, @$host);

    $ours ? is_scim_error($r, 404, undef, "refused by httpd: $title: a SCIM error")
        : is_deeply([$r->{status}, $r->header('Content-Type') =~ s/;.*//r], [404, 'text/html'], "refused by httpd: $title: its own page");
}
my $trace = $s->request('TRACE', '/scim/v2/Groups', undef, @first);
is_scim_error($trace, 405, undef, 'TRACE: a SCIM error in place of a long page');
is($trace->header('Allow'), 'GET, HEAD, POST, OPTIONS', 'TRACE: Allow');
is($s->request('TRACE', '/scim/v2/../x', undef, @second)->header('Allow'), 'OPTIONS', 'TRACE of a path that leads out of the Location: Allow');
is($s->request('TRACE', '/second/v2/Users', undef, @first)->header('Content-Type') // 'none', 'text/html; charset=iso-8859-1', 'TRACE elsewhere: as usual');

is($s->get("/scim/v2/Users/$user->{id}", Host => 'plain.example.com')->{json}{meta}{location}, "http://plain.example.com/scim/v2/Users/$user->{id}",
    'the port of the scheme is not said');

# ---- what httpd has told when it started ----

my $log = sub { return substr $server->error_log, $told };
ok(until_true(sub { $log->() =~ /SCIM10: SCIMTenant nobody/ }), 'a tenant that the database of its host does not have: told');
unlike($log->(), qr/SCIM10: SCIMTenant shared/, 'a tenant that is there: not told');
ok(until_true(sub { $log->() =~ /SCIM10: SCIMToken elsewhere/ }), 'a tenant that a token of the configuration names: told');
is(scalar(() = $log->() =~ /SCIM10: \S+ (?:nobody|elsewhere)/g), 2, 'each once, by the host whose Location it is');
my @wide = $log->() =~ /SCIM2: 1 processes with up to (\d+) database/g;
is("@wide", $prefork ? '' : 8, 'more connections than the database has: no more than a process has threads; told of the host whose pool it is');

# ---- pools ----

my $served = sub {
    my @host = @_;
    my $locker = fork // die "fork: $!\n";

    if (!$locker) {
        my $name = "@host" =~ /second/ ? 'second' : $pg->database;
        $pg->sql("\\c $name\nbegin; lock table scim.resource in access exclusive mode; select pg_sleep(2.5); commit");
        POSIX::_exit(0);
    }
    sleep 0.7;
    my $answers = in_parallel(2, sub { $s->at('')->get('/scim/v2/Users', @host)->{status} });
    waitpid $locker, 0;
    return $answers;
};
is_deeply($served->(@first), { 200 => 2 }, 'two requests that wait for a lock have a connection each');
is_deeply($served->(@second), $prefork ? { 200 => 2 } : { 200 => 1, 503 => 1 }, 'max=1 wait=1: only one of a process has, and the other is told to come again');

# How many dear searches of one tenant are at work at once, when they come through hosts with pools of their own to one database.
my $dear_at_once = sub {
    my (@hosts) = @_;
    my $waiting = "select count(*) from pg_stat_activity where usename = 'scim_service' and wait_event_type = 'Lock'";
    my ($most, @pids) = (0);

    for my $task (sub { $pg->sql('begin; lock table scim.resource in access exclusive mode; select pg_sleep(3); commit') },
        map { my $host = $_; sub { sleep 0.7; POSIX::_exit($s->at('')->get('/scim/v2/Users' . uri(filter => 'title co "x"'), Host => $host)->{status} == 200 ? 0 : 1) } } @hosts) {
        push @pids, fork // die "fork: $!\n";
        if (!$pids[-1]) {
            eval { $task->() };
            POSIX::_exit(2);
        }
    }
    for (1 .. 25) {
        sleep 0.1;
        my $now = $pg->sql($waiting);
        $most = $now if $now > $most;
    }
    shift @pids if waitpid $pids[0], 0;
    my $failed = grep { waitpid($_, 0); $? } @pids;
    return "$most at once, $failed failed";
};
is($dear_at_once->('first.example.com', 'narrow.example.com'), $prefork ? '2 at once, 0 failed' : '1 at once, 0 failed',
    'a tenant that is served through two pools of one database has one turn for dear searches in a process');

my $backend = sub { return join ' ', map { $_->[0] } $pg->sql('select pid from pg_stat_activity where application_name = ? and datname = ? order by 1', 'mod_scim', $_[0]) };
my @before = map { $s->get('/scim/v2/Users', @$_); $backend->($_ == \@first ? $pg->database : 'second') } \@first, \@second;
sleep 1.5;
my @after = map { $s->get('/scim/v2/Users', @$_); $backend->($_ == \@first ? $pg->database : 'second') } \@first, \@second;
is($after[0], $before[0], 'a connection is kept');
isnt($after[1], $before[1], 'idle=1 keep=0: a connection that was idle for a second is another one');
my $said_to = substr $server->pg_log, $stated;
like($said_to, qr/^scim_test LOG:  execute scim_[0-9a-f]/m, 'statements are prepared');
unlike($said_to, qr/^second LOG:  execute scim_[0-9a-f]/m, 'prepare=off: not for the host that says so');

$server->stop;
done_testing;

sub until_true {
    my ($done) = @_;

    for (1 .. 200) {
        return 1 if $done->();
        sleep 0.1;
    }
    return 0;
}
