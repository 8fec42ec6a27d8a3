# httpd started, and restarted, while PostgreSQL is away.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);

use ScimTest;
use ScimTest::Log;
use ScimTest::Server;

# What the module logs while its database is away.
ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM5:', 'SCIM005';

my $server = ScimTest::Server->start(children => 2, threads => 4, pool => 'max=4 wait=1');
my $s = $server->scim('default');
my $user = $s->user;

sub away {
    my ($title) = @_;
    my $from = time;
    my $r = $s->get("/Users/$user->{id}");

    is_scim_error($r, 503, undef, "$title: 503");
    like($r->header('Retry-After') // '', qr/^\d+$/, "$title: Retry-After");
    cmp_ok(time - $from, '<', 15, "$title: answered at once");
    return;
}

# Seconds until the user is served.
sub served {
    my $from = time;

    until ($s->get("/Users/$user->{id}")->{status} == 200) {
        return 99 if time - $from > 30;
        sleep 0.05;
    }
    return time - $from;
}

$server->stop_httpd;
$server->stop_pg('immediate');
$server->start_httpd;
away('started without a database');
$server->start_pg;
my $took = served();
cmp_ok($took, '<', 10, sprintf 'started without a database: served %.1f s after it came', $took);

$server->stop_pg('fast');
$server->graceful;
sleep 0.5;
away('restarted without a database');
$server->start_pg;
$took = served();
cmp_ok($took, '<', 10, sprintf 'restarted without a database: served %.1f s after it came', $took);

unlike($server->error_log, qr/exit signal|AH0005[0-4]/, 'no crash in the log');
$server->stop;
done_testing;
