# What one tenant does must not stop another: locked rows, dear searches, unknown tokens, passwords.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

use ScimTest qw(is_scim_error uri USER);
use ScimTest::Log;
use ScimTest::Parallel;
use ScimTest::Server;

ScimTest::Log::expect('SCIM102: 503');

# More clients than threads.
use constant { THREADS => 24, CLIENTS => 40 };

# Tenants share what a process has. One of one thread has one request at a time, and there is nothing to share.
my $prefork = $ENV{SCIM_TEST_MPM} eq 'prefork';

my $server = ScimTest::Server->start(threads => THREADS, pool => 'max=8 wait=2');
my $bad = $server->scim('default');
my $good = $server->scim('default');

# ---- a tenant has all threads as long as it is alone ----

is($bad->get('/Users?count=1')->{status}, 200, 'the token is known');
my @alone = map { slow_body() } 1 .. THREADS - 2;
is(join('', map { scalar(readline $_) // 'closed' } IO::Select->new(@alone)->can_read(1)), '', 'a tenant alone: it may have nearly all threads');
my $user = $good->user;
SKIP: {
    skip 'a process of one thread has none to share', 1 if $prefork;
    my $late = slow_body();
    like(IO::Select->new($late)->can_read(20) ? scalar readline $late : 'nothing', qr{^HTTP/1.1 503 },
        'another tenant has come: now there is a share');
    close $late;
}
close $_ for @alone;
ok(served_again(), 'their connections end: the tenant is served again');
my $locked = $bad->user;
my @owners = map { $bad->user } 1 .. 15;

# Many resources that a search without an index has to look at.
$bad->sql(<<'SQL', $bad->tenant);
insert into scim.resource (tenant, id, type, version, created, modified, doc, folded)
select t.id, gen_random_uuid(), 'User', 1, now(), now(), ('{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u' || i || '","title":"Title ' || i || '"}')::json, jsonb_build_object('title', 'title ' || i)
  from scim.tenant t, generate_series(1, 60000) i where t.name = ?
SQL
$bad->sql('analyze scim.resource');

# httpd closes kept connections when all its threads are busy, be it at the moment a request comes: a client then asks again (RFC 9110 section
# 9.2.2).
sub reads {
    my $r = $good->get("/Users/$user->{id}");

    return $r->{status} || $good->get("/Users/$user->{id}")->{status};
}

# The clients of the bad tenant do this, once or for so many seconds; meanwhile the other tenant reads its user.
sub beside {
    my ($title, $attack, $seconds) = @_;
    my $until = time + ($seconds // 0);
    my $pid = fork // die "fork: $!\n";

    if (!$pid) {
        my $answers = in_parallel(CLIENTS, sub {
            my %status;
            do { $status{ $attack->($_[0])->{status} }++ } while time < $until;
            return join ' ', sort grep { $_ } keys %status;
        });
        open my $out, '>', "$ENV{SCIM_TEST_ROOT}/t/logs/beside.$$" or POSIX::_exit(1);
        print $out join ' ', keys %$answers;
        close $out;
        POSIX::_exit(0);
    }
    sleep 0.3;
    my ($n, $slowest, %status) = (0, 0);
    $until = time + 1.5;
    while (time < $until) {
        my $from = time;
        $status{ reads() }++;
        $slowest = time - $from if time - $from > $slowest;
        $n++;
    }
    is(join(' ', keys %status), '200', "$title: another tenant is served") or diag(explain(\%status));
    cmp_ok($slowest, '<', 5, sprintf "$title: and at once (%d requests, the slowest %.3f s)", $n, $slowest);
    waitpid $pid, 0;
    open my $in, '<', "$ENV{SCIM_TEST_ROOT}/t/logs/beside.$pid" or die "no answers: $!\n";
    unlink "$ENV{SCIM_TEST_ROOT}/t/logs/beside.$pid";
    my %seen = map { $_ => 1 } split ' ', <$in> // '';
    return join ' ', sort keys %seen;
}

# A request of the bad tenant whose body does not come.
sub slow_body {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die "no connection: $!\n";

    print $socket join("\r\n", 'POST /scim/v2/Users HTTP/1.1', 'Host: x', 'Authorization: Bearer ' . $bad->token, 'Content-Length: 1000', '', '{');
    $socket->flush;
    return $socket;
}

# httpd sees a while later that a client has closed its connection.
sub served_again {
    for (1 .. 200) {
        return 1 if $bad->at('/scim/v2')->get('/Users?count=1')->{status} == 200;
        sleep 0.1;
    }
    return 0;
}

my $locker = fork // die "fork: $!\n";
if (!$locker) {
    $bad->sql("begin; select 1 from scim.resource where id = '$locked->{id}' for update; select pg_sleep(5); commit");
    POSIX::_exit(0);
}
sleep 0.5;
my $writers = beside('a locked row', sub { $bad->patch("/Users/$locked->{id}", [{ op => 'replace', path => 'title', value => "T$_[0]" }]) });
like($writers, qr/^(?:200 )?503$/, 'a locked row: its writers are told to come again');
waitpid $locker, 0;
is($bad->patch("/Users/$locked->{id}", [{ op => 'replace', path => 'title', value => 'free' }])->{status}, 200, 'a locked row: free again');

my $dear = sub { $bad->get('/Users' . uri(filter => 'title co "nobody" or nickName ew "x" or not (displayName sw "a")', sortBy => 'title', count => 5)) };
like(beside('dear searches', $dear, 2), qr/^200(?: 503)?$/, 'dear searches: answered, or told to come again');
like(beside('unknown tokens', sub { $bad->get('/Users', Authorization => 'Bearer garbage' . rand) }, 2), qr/^401(?: 503)?$/, 'unknown tokens: 401, or told to come again');
like(beside('passwords', sub { $bad->post('/Users', { schemas => [USER], userName => "p$_[0]-" . rand, password => 'Correct-Horse-9' }) }, 2), qr/^201(?: 503)?$/, 'passwords: hashed in turn');

# Passwords that one tenant sets by many requests at once, and another by one after the other: they take turns.
sub set_password { my ($who) = @_; return $who->post('/Users', { schemas => [USER], userName => 'turn-' . rand, password => 'Correct-Horse-9' })->{status} == 201 }
sub set_for { my ($who, $seconds) = @_; my ($until, $n) = (time + $seconds, 0); $n += set_password($who) while time < $until; return $n }
pipe my $counted, my $count or die "pipe: $!\n";
my $many = fork // die "fork: $!\n";
if (!$many) {
    syswrite $count, join ' ', %{ in_parallel(16, sub { return '+' . set_for($bad, 3) . '+' . rand }) };
    POSIX::_exit(0);
}
sleep 0.5;
my $alternate = set_for($good, 2);
waitpid $many, 0;
sysread $counted, my $counts, 65536;
my $together = 0;
$together += $_ for $counts =~ /\+(\d+)\+/g;
SKIP: {
    skip 'turns are those of a process, and one of one thread hashes one password at a time', 1 if $prefork;
    cmp_ok($alternate / 2, '>', $together / 3 / 4,
        "passwords: many requests of one tenant are not all served before another's ($alternate in 2 s, $together in 3 s)");
}

# Look-ups of tokens that last, of nobody knows whom: all but an eighth of the threads may wait for them.
my $holder = fork // die "fork: $!\n";
if (!$holder) {
    $bad->sql('begin; lock table scim.token in access exclusive mode; select pg_sleep(2.5); commit');
    POSIX::_exit(0);
}
sleep 0.05 until $server->{pg}->sql("select count(*) from pg_locks where relation = 'scim.token'::regclass and mode = 'AccessExclusiveLock' and granted");
my $unknown = in_parallel(THREADS, sub {
    my $r = $bad->at('/scim/v2')->get('/Users', Authorization => "Bearer nobody-$_[0]");
    return join ' ', $r->{status}, $r->header('Retry-After') // ();
});
waitpid $holder, 0;
is($unknown->{'503 1'}, $prefork ? undef : THREADS / 8, 'look-ups that last: whoever is beyond their part of the threads is told so at once')
    or diag(explain($unknown));
is(reads(), 200, 'look-ups that last: another tenant is served afterwards');

# ---- passwords that wait too long: the process stands still while they do ----

my %set = (
    POST => sub { $bad->post('/Users', { schemas => [USER], userName => "late$_[0]", password => 'Correct-Horse-9' }) },
    PUT => sub { $bad->put("/Users/$owners[$_[0]]{id}", { schemas => [USER], userName => $owners[$_[0]]{userName}, password => 'Correct-Horse-9' }) },
    PATCH => sub { $bad->patch("/Users/$owners[$_[0]]{id}", [{ op => 'replace', path => 'password', value => 'Correct-Horse-9' }]) },
);
my @kinds = sort keys %set;
sleep 0.1 until $bad->get('/Users?count=0')->{status} == 200;
pipe my $first, my $done or die "pipe: $!\n";
my $stopper = fork // die "fork: $!\n";
if (!$stopper) {
    my (undef, @children) = $server->httpd_pids;
    sysread $first, my $byte, 1;
    kill STOP => @children;
    sleep 10.5;
    kill CONT => @children;
    POSIX::_exit(0);
}
# When the first one has its answer, the others wait for theirs, some for each kind.
my %late = map { $_ => 1 } map { split /,/ } keys %{ in_parallel(scalar @owners, sub {
    my ($i) = @_;
    return join ',', map {
        my $kind = $kinds[($i + $_) % @kinds];
        my $r = $set{$kind}->($i);
        syswrite $done, 'x';
        "$kind $r->{status} " . ($r->header('Retry-After') // '');
    } 0 .. $#kinds;
}) };
is(join(', ', grep { !/^(?:POST 201|PUT 200|PATCH 200) $|^\w+ 503 5$/ } keys %late), '', 'passwords that wait too long: 503, and when to try again');
SKIP: {
    skip 'a process of one thread hashes one password at a time', scalar @kinds if $prefork;
    ok($late{"$_ 503 5"}, "passwords that wait too long: $_") for @kinds;
}
is($bad->patch("/Users/$owners[0]{id}", [{ op => 'replace', path => 'password', value => 'Correct-Horse-9' }])->{status}, 200, '... there are turns afterwards');

# ---- ordinary requests of several tenants, more than threads: they wait for one, and nobody is refused ----

my @tenants = map { my $s = $server->scim('default'); [$s, $s->user->{id}] } 1 .. 5;
my $ordinary = in_parallel(CLIENTS, sub {
    my ($s, $id) = @{ $tenants[$_[0] % @tenants] };
    my %status;
    $status{ $s->get("/Users/$id")->{status} || $s->get("/Users/$id")->{status} }++ for 1 .. 200;
    return join ' ', sort keys %status;
});
is_deeply($ordinary, { 200 => CLIENTS }, 'ordinary requests: served');

# ---- few refusals are answered as they come, many are slowed: some wait, the others lose their connection ----

my $stranger = $good->at('/scim/v2');
my $refused = sub { $stranger->get('/Users', Authorization => "Bearer nobody$_[0]") };
sleep 1.1;
my $how = sub { my $r = $refused->(@_); return $r->{status} . ($r->header('Connection') // '') };
is_deeply(in_parallel(10, $how), { 401 => 10 }, 'few refusals, at once: connections stay');
is(join(' ', map { $how->($_) } 11 .. 30), join(' ', (401) x 20),
    'many refusals, one after the other: they wait, and the connection stays');
my %kept = %{ in_parallel(CLIENTS, sub {
    my %seen;
    for my $n (1 .. 20) {
        my $r = $refused->("$_[0]-$n");
        $seen{ $r->header('Connection') ? 'closed' : 'kept' }++ if $r->{status} == 401;
    }
    return join ' ', sort keys %seen;
}) };
like(join(' ', keys %kept), qr/closed/, 'many refusals: connections are closed') or diag(explain(\%kept));
is(reads(), 200, 'many refusals: another tenant is served');

# ---- tokens that are not known yet: one connection looks them all up ----

$locker = fork // die "fork: $!\n";
if (!$locker) {
    $bad->sql('begin; lock table scim.token in access exclusive mode; select pg_sleep(2); commit');
    POSIX::_exit(0);
}
sleep 0.05 until $server->{pg}->sql("select count(*) from pg_locks where relation = 'scim.token'::regclass and mode = 'AccessExclusiveLock' and granted");
my @asking = map {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die "no connection: $!\n";
    print $socket join("\r\n", 'GET /scim/v2/Users HTTP/1.1', 'Host: x', "Authorization: Bearer stranger$_", 'Connection: close', '', '');
    $socket;
} 1 .. 5;
my $looking = 0;
while (@asking) {
    my $now = $server->{pg}->sql("select count(*) from pg_stat_activity where usename = 'scim_service' and wait_event_type = 'Lock'");
    $looking = $now if $now > $looking;
    for my $socket (IO::Select->new(@asking)->can_read(0.05)) {
        @asking = grep { $_ != $socket } @asking;
    }
}
is($looking, $prefork ? 5 : 1, 'tokens that are not known: one connection of a process looks them up');
waitpid $locker, 0;

# ---- a connection that becomes free is for the tenant that has the fewest ----

my $few = ScimTest::Server->start(threads => 16, pool => 'max=6 wait=8', conf => 'SCIMTokenCache 300');
$few->{pg}->sql("alter role scim_service in database scim_test set lock_timeout = '60s'");
my ($most, $least, $third) = map { my $s = $few->scim('default'); { s => $s, locked => $s->user->{id}, free => $s->user->{id} } } 1 .. 3;

# Locks rows until release.
sub locking {
    my ($name, @ids) = @_;
    my $pid = fork // die "fork: $!\n";

    if (!$pid) {
        my $rows = join ', ', map { "'$_'" } @ids;
        eval { $few->{pg}->sql("set application_name = '$name'; begin; select 1 from scim.resource where id in ($rows) for update; select pg_sleep(300)") };
        POSIX::_exit(0);
    }
    sleep 0.05 until $few->{pg}->sql("select count(*) from pg_stat_activity where application_name = '$name' and wait_event = 'PgSleep'");
    return $pid;
}

sub release {
    my ($name, $pid) = @_;

    $few->{pg}->sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = '$name'");
    waitpid $pid, 0;
    return;
}

# Begins a PATCH of the tenant's user.
sub begun {
    my ($party, $which) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $few->{port}) or die "no connection: $!\n";
    my $body = '{"schemas":["' . ScimTest::PATCHOP . '"],"Operations":[{"op":"replace","path":"title","value":"' . rand . '"}]}';

    print $socket join("\r\n", "PATCH /scim/v2/Users/$party->{$which} HTTP/1.1", 'Host: x', 'Authorization: Bearer ' . $party->{s}->token, 'Connection: close',
        'Content-Type: application/json', 'Content-Length: ' . length $body, '', $body);
    $socket->flush;
    return $socket;
}

sub status_of { my ($socket) = @_; return (readline $socket // '') =~ m{^HTTP/1.1 (\d+)} ? $1 : 'none' }

SKIP: {
    skip 'a process of one thread has a connection for each request', 2 if $prefork;
    my $both = locking('both', map { $_->{locked} } $most, $least);
    my $one = locking('one', $third->{locked});
    my @held = ((map { begun($most, 'locked') } 1 .. 3), map { begun($_, 'locked') } $least, $third);
    sleep 0.05 until $few->{pg}->sql("select count(*) from pg_stat_activity where usename = 'scim_service' and wait_event_type = 'Lock'") == 5;
    push @held, begun($most, 'locked');
    my $next = begun($least, 'free');
    # These two, the five, and the one that asks.
    sleep 0.05 until $few->scim('default')->at('/server-status')->get('?auto')->{body} =~ /^BusyWorkers: 8$/m;
    release('one', $one);
    is(status_of($next), 200, 'a connection becomes free: it is for the tenant that has one, not for the one that has three');
    release('both', $both);
    is(join(' ', map { status_of($_) } @held), join(' ', (200) x 6), '... and then the others are served');
}
$few->stop;

# ---- bodies that do not come: some hold a thread, the rest are told to come again ----

my @slow = map { slow_body() } 1 .. CLIENTS;
my @told;
my $until = time + 10;
my $refusals = $prefork ? 0 : CLIENTS - THREADS * 3 / 4;
while (@told < $refusals && time < $until) {
    for my $socket (IO::Select->new(grep { my $s = $_; !grep { $_->[0] == $s } @told } @slow)->can_read(0.2)) {
        sysread $socket, my $answer, 65536;
        push @told, [$socket, $answer // ''];
    }
}
is(reads(), 200, "slow bodies: another tenant is served: $_") for 1 .. 10;
is(scalar @told, $refusals, 'slow bodies: they hold three quarters of the threads of a process that has several');
is(scalar(grep { $_->[1] !~ m{^HTTP/1\.1 503 .*^Retry-After: \d+\r$}ms } @told), 0, 'slow bodies: the rest is told to come again');
close $_ for @slow;
ok(served_again(), 'slow bodies: gone, and forgotten');

# ---- a search that takes too long is the filter's fault; nothing else is ----

$server->{pg}->sql("alter role scim_service in database scim_test set statement_timeout = '300ms'");
$server->{pg}->sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'scim_service'");
my $r = $bad->get('/Users' . uri(filter => join(' or ', map { qq(title ew "nobody$_") } 1 .. 90), count => 5));
is_scim_error($r, 400, 'tooMany', 'Q-15: a filter that no index serves, too long: tooMany');
like($r->{json}{detail}, qr/no index/, 'Q-15: the detail says why');
is($bad->get('/Users' . uri(filter => 'externalId eq "x"'))->{status}, 200, 'an equality is served');
$locker = fork // die "fork: $!\n";
if (!$locker) {
    $bad->sql('begin; lock table scim.resource in access exclusive mode; select pg_sleep(3); commit');
    POSIX::_exit(0);
}
sleep 0.05 until $server->{pg}->sql("select count(*) from pg_locks where relation = 'scim.resource'::regclass and mode = 'AccessExclusiveLock' and granted");
$r = $bad->get('/Users' . uri(filter => "userName eq \"$locked->{userName}\""));
is_scim_error($r, 503, undef, 'an equality that takes too long: 503');
like($r->header('Retry-After') // '', qr/^\d+$/, 'an equality that takes too long: Retry-After');
waitpid $locker, 0;

# ---- a database that takes no writes serves reads ----

$server->{pg}->sql("alter role scim_service in database scim_test reset statement_timeout; alter role scim_service in database scim_test set default_transaction_read_only = on; update scim.token set last_used = null");
$server->{pg}->sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'scim_service'");
$server->stop_httpd;
$server->start_httpd;
$good->{http} = ScimTest::Http->new('127.0.0.1', $server->{port});
is($good->get("/Users/$user->{id}")->{status}, 200, 'a read-only database: reads are served');
is($good->get('/Users' . uri(filter => "userName eq \"$user->{userName}\""))->{json}{totalResults}, 1, 'a read-only database: searches too');
is_scim_error($good->patch("/Users/$user->{id}", [{ op => 'replace', path => 'title', value => 'x' }]), 503, undef, 'a read-only database: writes are not');
$server->{pg}->sql('alter role scim_service in database scim_test reset default_transaction_read_only');
$server->{pg}->sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'scim_service'");
is($good->patch("/Users/$user->{id}", [{ op => 'replace', path => 'title', value => 'x' }])->{status}, 200, 'writable again: writes are served');

$server->stop;
done_testing;
