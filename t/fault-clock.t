# The clock of httpd's machine steps while tokens are remembered.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);

use ScimTest;
use ScimTest::Server;

my ($library) = glob '/usr/lib/*/faketime/libfaketimeMT.so.1';
if (!$library) {
    die "libfaketime is not installed, and this run must not leave out the test of a clock that steps\n" if $ENV{SCIM_CI};
    plan skip_all => 'THE TEST OF A CLOCK THAT STEPS IS LEFT OUT: libfaketime is not installed';
}
# The sanitizers' libraries and this one do not go together; the pass without sanitizers has seen it.
plan skip_all => 'not under sanitizers' if $ENV{ASAN_OPTIONS};

my $dir = "$ENV{SCIM_TEST_ROOT}/clock.$$";
mkdir $dir or die "$dir: $!\n";

# Seconds that httpd's clock is before (negative) or behind ours, from now on.
sub step {
    my ($seconds) = @_;

    open my $out, '>', "$dir/step.new" or die "$dir/step.new: $!\n";
    printf $out "%+d\n", $seconds;
    close $out;
    rename "$dir/step.new", "$dir/step" or die "$dir/step: $!\n";
    return;
}

step(0);
my $server = ScimTest::Server->start(threads => 4, conf => 'SCIMTokenCache 2', environment => {
    LD_PRELOAD => $library, FAKETIME_TIMESTAMP_FILE => "$dir/step", FAKETIME_NO_CACHE => 1, FAKETIME_DONT_FAKE_MONOTONIC => 1,
});

# Seconds until the token, which was remembered a moment ago, is refused after it was revoked.
sub revoked {
    my ($s) = @_;

    $s->sql('update scim.token set revoked = now() where name = ?', $s->token);
    my $from = time;
    while ($s->get('/Users?count=0')->{status} == 200) {
        return 99 if time - $from > 20;
        sleep 0.1;
    }
    return time - $from;
}

for my $seconds (-3600, 3600) {
    my $title = $seconds < 0 ? 'an hour back' : 'an hour forward';
    step(0);
    my $s = $server->scim('default');
    my $user = $s->user;
    is($s->get("/Users/$user->{id}")->{status}, 200, "$title: before");
    step($seconds);
    is($s->get("/Users/$user->{id}")->{status}, 200, "$title: the token still works");
    # The date of a reply is httpd's own: the clock did step.
    my $date = $s->get("/Users/$user->{id}")->header('Date') // '';
    my ($h, $m) = $date =~ / (\d\d):(\d\d):\d\d GMT/ ? ($1, $2) : (0, 0);
    my (undef, $minute, $hour) = gmtime;
    my $off = ($h * 60 + $m - $hour * 60 - $minute) % 1440;
    ok($seconds < 0 ? ($off >= 1379 && $off <= 1381) : ($off >= 59 && $off <= 61), "$title: httpd's clock has stepped ($date)");
    my $took = revoked($s);
    cmp_ok($took, '<', 20, sprintf '%s: a revoked token was refused after %.1f s', $title, $took);
    my $t = $server->scim('default', tenant => $s->tenant);
    is($t->get("/Users/$user->{id}")->{status}, 200, "$title: another token of the tenant works");
    is($t->post('/Users', { schemas => [ScimTest::USER], userName => "step$seconds" })->{status}, 201, "$title: writing works");
}
step(0);
$server->stop;
unlink "$dir/step";
rmdir $dir;
done_testing;
