# Large bodies: what is made of them is gone when they have been answered, also for a client that does not read, and several of one tenant do not
# add up.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

use ScimTest qw(GROUP USER);
use ScimTest::Log;
use ScimTest::Parallel qw(in_parallel);
use ScimTest::Server;

# The sanitizers keep what was freed.
plan skip_all => 'not under sanitizers' if $ENV{ASAN_OPTIONS};

my $prefork = $ENV{SCIM_TEST_MPM} eq 'prefork';
my $server = ScimTest::Server->start(threads => 16, location => "SCIMProfile default\nSCIMMaxBody 20000000");
my $s = $server->scim('default', path => '/own/v2');

# kB, of all children.
sub memory {
    my ($what) = @_;
    my (undef, @children) = $server->httpd_pids;
    my $sum = 0;

    for my $pid (@children) {
        open my $in, '<', "/proc/$pid/status" or next;
        while (<$in>) {
            $sum += $1 if /^$what:\s+(\d+)/;
        }
    }
    return $sum;
}

# At no time did the requests take as much as four such.
sub less_than_four {
    my ($one, $title) = @_;

    SKIP: {
        skip 'a process of one thread has one body at a time, whatever the other processes have', 1 if $prefork;
        local $Test::Builder::Level = $Test::Builder::Level + 1;
        cmp_ok(memory('VmHWM'), '<', 4 * $one, $title);
    }
    return;
}

# 3 MB; of members who are nobody, so that the answer is short.
my $serial = 0;
my $members = join ',', map { sprintf '{"value":"01890000-0000-7000-8000-%012x"}', $_ } 1 .. 60_000;
my $large = sub { return sprintf '{"schemas":["%s"],"displayName":"Large %d","members":[%s]}', GROUP, shift, $members };

# Where there are no threads: what the other processes have, which do nothing.
my $others = $prefork ? memory('VmRSS') : 0;
is($s->post('/Groups', $large->(++$serial))->{status}, 201, 'a large body');
my $one = memory('VmHWM');
my $then = memory('VmRSS');
cmp_ok($then - $others, '<', 100 << 10, 'is forgotten when it has been answered (kB)');
for (1 .. 6) {
    my $again = $server->scim('default', path => '/own/v2');
    $again->post('/Groups', $large->(++$serial));
}
cmp_ok(memory('VmRSS') - $then, '<', 40 << 10, 'six more, by whatever threads: nothing is kept of them (kB)');

my $answers = in_parallel(8, sub { return $s->at('/own/v2')->post('/Groups', $large->(100 + $_[0]))->{status} });
is_deeply([keys %$answers], [201], 'eight at once: all are answered');
less_than_four($one, 'but not worked on at once: they take less than four (kB)');

# From now on, VmHWM.
sub forget_peak {
    my (undef, @children) = $server->httpd_pids;

    for my $pid (@children) {
        open my $to, '>', "/proc/$pid/clear_refs" or return diag("clear_refs: $!");
        print $to 5;
        close $to;
    }
    return;
}

# ---- less than a megabyte, of nothing but braces ----

my $braces = sprintf '{"schemas":["%s"],"userName":"braces","emails":[%s]}', USER, join ',', ('{}') x 340_000;
my $quiet = memory('VmRSS');
forget_peak();
is($s->post('/Users', $braces)->{status}, 400, 'a body of braces: too many values in a list');
my $alone = memory('VmHWM');
is($server->scim('default', path => '/own/v2')->post('/Users', $braces)->{status}, 400, '... by another thread') for 1 .. 5;
cmp_ok(memory('VmRSS') - $quiet, '<', 40 << 10, 'nothing is kept of them (kB)');
forget_peak();
$answers = in_parallel(8, sub { return $s->at('/own/v2')->post('/Users', $braces)->{status} });
is_deeply([keys %$answers], [400], 'eight at once: all are answered');
less_than_four($alone, 'but not worked on at once (kB)');

# ---- a large resource, and small requests that change it, or look at some of it ----

my $grown = $s->user(title => 'x', addresses => [map { { type => "t$_", formatted => 'y' x 3000 } } 1 .. 2000]);
my $change = sub { return $s->at('/own/v2')->patch("/Users/$grown->{id}?attributes=id", [{ op => 'replace', path => 'title', value => 'x' . rand }])->{status} };
$quiet = memory('VmRSS');
forget_peak();
is($change->(), 200, 'a resource of 6 MB is changed');
$alone = memory('VmHWM');
forget_peak();
$answers = in_parallel(10, sub { return join ' ', map { $change->() } 1 .. 2 });
is_deeply([keys %$answers], ['200 200'], 'ten at once: all are answered') or diag(explain($answers));
less_than_four($alone, 'but not worked on at once, and who lost a race has let go of what he had made (kB)');
cmp_ok(memory('VmRSS') - $quiet, '<', 40 << 10, 'nothing is kept of them (kB)');
forget_peak();
$answers = in_parallel(10, sub { return $s->at('/own/v2')->get('/Users?attributes=title&count=5')->{status} });
is_deeply([keys %$answers], [200], 'ten lists at once, of one attribute: all are answered');
less_than_four($alone, 'but not worked on at once (kB)');

# ---- clients that do not read ----

my $text = '{"schemas":["' . USER . '"],"userName":"unread%d","title":"' . 'x' x 1_200_000 . '","addresses":[' . join(',', map { qq({"formatted":"$_"}) } 1 .. 2_000) . ']}';
my $users = $s->get('/Users?count=0')->{json}{totalResults};
my $before = memory('VmRSS');
my @unread = map {
    my $body = sprintf $text, $_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}, Timeout => 10) or die "connect: $!\n";
    setsockopt $socket, Socket::SOL_SOCKET(), Socket::SO_RCVBUF(), pack('i', 4096);
    print {$socket} "POST /own/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${\$s->token}\r\nContent-Type: application/scim+json\r\n"
        . "Content-Length: ${\length $body}\r\n\r\n$body";
    $socket;
} 1 .. 10;
my $count = sub { return $s->get('/Users?count=0')->{json}{totalResults} - $users };
for (1 .. 200) {
    last if $count->() == @unread;
    sleep 0.1;
}
is($count->(), scalar @unread, 'ten who do not read their answers: all is done');
# Where each has a process, all are at work at once, and some are so still when the last one can be counted.
for (1 .. 100) {
    last if !$prefork || memory('VmRSS') - $before < 40 << 10;
    sleep 0.1;
}
# The answers are 1.3 MB each.
cmp_ok(memory('VmRSS') - $before, '<', 40 << 10, '... and nothing is kept but the answers (kB)');
close $_ for @unread;

# ---- clients that do not send all ----

# Just more than what a buffer that doubles has room for. Some of it may go where other bodies have been.
my $part = (4 << 20) + 100_000;
# What the connections before had is gone when httpd has seen that they are.
my $falling;
do { $falling = memory('VmRSS'); sleep 0.5 } while memory('VmRSS') < $falling;
$before = memory('VmRSS');
my @unsent = map {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}, Timeout => 10) or die "connect: $!\n";
    print {$socket} "POST /own/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${\$s->token}\r\nContent-Type: application/scim+json\r\n"
        . "Content-Length: 19000000\r\n\r\n" . '{"title":"' . 'x' x $part;
    $socket;
} 1 .. 10;
my $took;
for (1 .. 50) {
    my $now = memory('VmRSS') - $before;
    last if $took && $now == $took && $now > 8 * $part >> 10;
    $took = $now;
    sleep 0.1;
}
cmp_ok($took, '>', 8 * $part >> 10, 'ten who stop in the middle of a body: what has come is there (kB)');
cmp_ok($took, '<', 15 * $part >> 10, '... and not half as much again (kB)');
close $_ for @unsent;

$server->stop;
done_testing;
