# The volume of the database fills up under load, and is given space again.
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

my $volume = $ENV{SCIM_TEST_VOLUME};
if (!$volume) {
    die "t/run.pl could not mount a small volume, and this run must not leave out the test of a full disk\n" if $ENV{SCIM_CI};
    plan skip_all => 'THE TEST OF A FULL DISK IS LEFT OUT: t/run.pl could not mount a small volume (it needs root, or sudo without a password)';
}

# What the module logs while the disk is full.
ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM5:', 'SCIM005', '53100';

# The data is on the small volume; the write-ahead log is not (PostgreSQL itself ends when that finds no space).
my $server = ScimTest::Server->start(children => 2, threads => 12, pool => 'max=6 wait=3', data => "$volume/data");
my ($full, $free, $refused);

sub fill {
    open my $out, '>', "$volume/filler" or die "filler: $!\n";
    my $block = 'x' x 65536;
    while (1) {
        my $n = syswrite $out, $block;
        next if $n;
        last if length $block == 1;
        $block = substr $block, 0, length($block) / 2;
    }
    close $out;
    return;
}

my $s = $server->scim('default');
$s->user;
my @pids = $server->httpd_pids;
my $load = ScimTest::Load->run($server, seconds => 8, meanwhile => sub {
    sleep 1.5;
    fill();
    $full = time;
    sleep 3;
    for (1 .. 40) {
        my $r = $s->post('/Users', { schemas => [ScimTest::USER], userName => "full-$_", title => 'x' x 8000 });
        $refused = $r->{json}{detail} if $r->{status} eq '503';
        last if $refused;
    }
    sleep 1;
    unlink "$volume/filler";
    $free = time;
});
$load->exactly_once('disk full');
my @meanwhile = grep { $_->{at} > $full + 1 && $_->{at} < $free } @{ $load->{answers} };
cmp_ok(scalar(grep { $_->{status} eq '503' } @meanwhile), '>', 0, 'disk full: writes are refused');
like($refused // '', qr/no room left on its disk/, 'disk full: the answer says so');
is(join('; ', map { $_->{wrong} || $_->{status} } grep { $_->{what} eq 'look' && $_->{status} ne '200' } @meanwhile), '', 'disk full: reads are answered');
cmp_ok(scalar(grep { $_->{what} eq 'user' && $_->{status} eq '201' && $_->{at} > $free } @{ $load->{answers} }), '>', 10,
    'space again: writes are taken without an administrator');
is(scalar(grep { $_->{status} ne '200' && $_->{status} ne '201' && $_->{at} > $free + 1 } @{ $load->{answers} }), 0, 'space again: nothing is refused');
is_deeply([$server->httpd_pids], \@pids, 'no process of httpd has died');

$server->stop;
done_testing;
