# Requests and answers that are lost, or late, between httpd and PostgreSQL.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);

use ScimTest;
use ScimTest::Log;
use ScimTest::Proxy;
use ScimTest::Server;

ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM5:', 'SCIM005';

my $server = ScimTest::Server->start(children => 1, threads => 8, pool => 'max=4 wait=2');
my $proxy = ScimTest::Proxy->start("$server->{dir}/proxy", $server->{pg}->conninfo);
$server->configure(conninfo => $proxy->conninfo);
$server->stop_httpd;
$server->start_httpd;
my $s = $server->scim('default');
my $n = 0;

# Reads are asked for again.
my ($user, $lost) = ($s->user, 0);
for my $loss (qw(request answer)) {
    $proxy->next($loss => $user->{id});
    is($s->get("/Users/$user->{id}")->{status}, 200, "GET, $loss lost: answered");
    cmp_ok($proxy->happened, '>', $lost++, "GET, $loss lost: it was lost");
}

# One answer is late: its own client waits, nobody else does.
my $late = 'late-' . ++$n;
$proxy->next(hold => $late, 2);
my $pid = fork // die "fork: $!\n";
if (!$pid) {
    $s->{http} = ScimTest::Http->new('127.0.0.1', $server->{port});
    my $from = time;
    my $r = $s->patch("/Users/$user->{id}", [{ op => 'replace', path => 'title', value => $late }]);
    POSIX::_exit($r->{status} == 200 && time - $from > 1.5 ? 0 : 1);
}
my ($requests, $slowest, $until) = (0, 0, time + 1.5);
while (time < $until) {
    my $from = time;
    $requests++ if $s->get("/Users/$user->{id}")->{status} == 200;
    $slowest = time - $from if time - $from > $slowest;
}
waitpid $pid, 0;
is($?, 0, 'a late answer: its client gets it');
cmp_ok($requests, '>', 20, "a late answer: $requests other requests meanwhile");
cmp_ok($slowest, '<', 1, sprintf 'a late answer: the slowest of them took %.2f s', $slowest);

$server->stop;
done_testing;
