# Bulks may take minutes, one operation after the other: those of one tenant do not take all threads, even of a tenant that has been alone.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use ScimTest qw(USER);
use ScimTest::Log;
use ScimTest::Parallel qw(in_parallel);
use ScimTest::Server;

ScimTest::Log::expect('SCIM102: 503');

use constant { THREADS => 8, EACH => 150 };

# Where a process has one thread, each Bulk has its process from the first operation to the last: there is another one for the other tenant.
my $prefork = $ENV{SCIM_TEST_MPM} eq 'prefork';
my $server = ScimTest::Server->start(threads => $prefork ? THREADS + 2 : THREADS, pool => 'max=8 wait=2');
my $bad = $server->scim('default');
my $good = $server->scim('default');
is($bad->get('/Users?count=1')->{status}, 200, 'a tenant that is alone');

# Passwords are hashed one after the other.
sub operations {
    my ($client) = @_;

    return [map { +{ method => 'POST', path => '/Users', bulkId => "b$_", data => { schemas => [USER], userName => "c$client-$_", password => "Correct-Horse-$client-$_" } } } 1 .. EACH];
}

my $bulk = sub {
    my ($client) = @_;
    my $r = $bad->at('/scim/v2')->post('/Bulk', { schemas => ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations => operations($client) });

    return $r->{status} == 503 && ($r->header('Retry-After') // '') =~ /^\d+$/ ? 'later' : $r->{status};
};
my $pid = fork // die "fork: $!\n";
if (!$pid) {
    my $answers = in_parallel(THREADS, $bulk);
    # Two at a time here (a quarter of the threads); how many of the others come to their turn while they wait is a matter of the machine.
    POSIX::_exit(($answers->{200} // 0) >= 2 && ($answers->{200} // 0) + ($answers->{later} // 0) == THREADS ? 0 : 1);
}
sleep 11;
my $then = time;
is($good->get('/Users?count=1')->{status}, 200, 'another tenant comes while it sends as many Bulks as there are threads');
cmp_ok(time - $then, '<', 3, '... and is served');
is($good->post('/Bulk', { schemas => ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations => [{ method => 'POST', path => '/Users', bulkId => 'b', data => { schemas => [USER], userName => 'good' } }] })
    ->{status}, 200, '... a Bulk of its own, too');
is(waitpid($pid, 0) > 0 && $?, 0, 'the Bulks are carried out, or asked to come later');

$server->stop;
done_testing;
