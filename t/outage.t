# PostgreSQL and httpd stopped and started under load; writers that meet.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);

use ScimTest qw(is_scim_error uri USER);
use ScimTest::Log;
use ScimTest::Parallel;
use ScimTest::Server;

# What the module logs while its database is away.
ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM5:', 'SCIM005';

my $server = ScimTest::Server->start(children => 2, threads => 8, pool => 'max=6 wait=3');
my $s = $server->scim('default');

# A client that writes and reads until $until; it tells "status" for each request, "+name" for each acknowledged user and "?name" for each
# other. Each request has a connection of its own: on an idle one that httpd is just closing, a request may be lost without anybody's fault.
sub load {
    my ($name, $until, $out) = @_;
    my ($n, $known) = (0);

    while (time < $until) {
        $s->{http} = ScimTest::Http->new('127.0.0.1', $server->{port});
        my $user = "$name-" . ++$n . '@example.com';
        my $r = eval { $s->post('/Users', { schemas => [USER], userName => $user }) } // { status => "no answer: $@", body => '' };
        print $out join(' ', $r->{status}, $r->{status} eq '201' ? '+' : '?', $user, bad($r)), "\n";
        $known = $r->{json}{id} if $r->{status} eq '201';
        next unless $known;
        $s->{http} = ScimTest::Http->new('127.0.0.1', $server->{port});
        $r = eval { $s->patch("/Users/$known", [{ op => 'replace', path => 'title', value => "T$n" }]) } // { status => 'no answer', body => '' };
        print $out join(' ', $r->{status}, '-', 'patch', bad($r)), "\n";
        $s->{http} = ScimTest::Http->new('127.0.0.1', $server->{port});
        $r = eval { $s->get('/Users' . uri(filter => "userName eq \"$user\"")) } // { status => 'no answer', body => '' };
        print $out join(' ', $r->{status}, '-', 'look-up', bad($r)), "\n";
        sleep 0.005;
    }
    close $out;
    return 'done';
}

# An answer that is neither a success nor a proper 503.
sub bad {
    my ($r) = @_;

    return '' if $r->{status} =~ /^20/;
    return "BAD $r->{status}" unless $r->{status} eq '503' && ref $r eq 'ScimTest::Reply' && ($r->{json}{status} // '') eq '503';
    return ($r->header('Retry-After') // '') =~ /^\d+$/ ? '' : 'BAD no Retry-After';
}

# Runs $n clients for $seconds while $meanwhile runs; all lines they told.
sub under_load {
    my ($n, $seconds, $meanwhile) = @_;
    my $until = time + $seconds;
    my (@pids, @files);

    for my $i (1 .. $n) {
        push @files, "$ENV{SCIM_TEST_ROOT}/t/logs/load.$$." . (time =~ s/\./_/r) . ".$i";
        my $pid = fork // die "fork: $!\n";
        if (!$pid) {
            open my $out, '>', $files[-1] or POSIX::_exit(1);
            load("c$$", $until, $out);
            POSIX::_exit(0);
        }
        push @pids, $pid;
    }
    $meanwhile->();
    waitpid $_, 0 for @pids;
    return map { open my $in, '<', $_ or die "$_: $!\n"; unlink $_; <$in> } @files;
}

# ---- the database goes and comes back ----

my @pids = $server->httpd_pids;
my @lines = under_load(6, 9, sub {
    for my $mode (qw(fast immediate)) {
        sleep 1.5;
        $server->stop_pg($mode);
        sleep 1;
        $server->start_pg;
    }
});
my %status;
$status{(split ' ')[0]}++ for @lines;
my @bad = grep { /BAD|no answer/ } @lines;
is(scalar @bad, 0, 'database away: only successes and 503 with Retry-After') or diag(@bad[0 .. ($#bad > 5 ? 5 : $#bad)]);
cmp_ok($status{503} // 0, '>', 0, 'database away: there were requests meanwhile');
note(join ', ', map { "$_: $status{$_}" } sort keys %status);
is($s->get('/Users?count=1')->{status}, 200, 'database back: served again without a restart');
is_deeply([$server->httpd_pids], \@pids, 'no process of httpd has died');
unlike($server->error_log, qr/exit signal|AH0005[0-4]/, 'no crash in the log');

my %there = map { $_->[0] => $_->[1] } $s->sql('select user_name, count(*) from scim.resource where tenant = (select id from scim.tenant where name = ?) group by 1', $s->tenant);
my @acknowledged = map { (split ' ')[2] } grep { (split ' ')[1] eq '+' } @lines;
cmp_ok(scalar @acknowledged, '>', 50, 'writes were acknowledged: ' . @acknowledged);
is(scalar(grep { ($there{$_} // 0) != 1 } @acknowledged), 0, 'every acknowledged write is there, once');
is(scalar(grep { $_ > 1 } values %there), 0, 'no write is there twice');

my $clean = $s->post('/Users', { schemas => [USER], userName => 'after@example.com' });
is($clean->{status}, 201, 'and writing works');

# ---- graceful restarts ----

@lines = under_load(4, 7, sub { for (1 .. 4) { sleep 1.2; $server->graceful } });
@bad = grep { !/^20/ } @lines;
cmp_ok(scalar @lines, '>', 100, 'graceful restarts: ' . @lines . ' requests');
is(scalar @bad, 0, 'graceful restarts: none failed') or diag(@bad[0 .. ($#bad > 5 ? 5 : $#bad)]);

# ---- a pool that is exhausted ----

my $small = ScimTest::Server->start(threads => 8, pool => 'max=1 wait=1');
my $t = $small->scim('default');
my $user = $t->user;
my $locker = fork // die "fork: $!\n";
if (!$locker) {
    $t->sql("begin; select 1 from scim.resource where id = '$user->{id}' for update; select pg_sleep(3); commit");
    POSIX::_exit(0);
}
sleep 0.7;
my $waiter = fork // die "fork: $!\n";
if (!$waiter) {
    POSIX::_exit($t->patch("/Users/$user->{id}", [{ op => 'replace', path => 'title', value => 'late' }])->{status} == 200 ? 0 : 1);
}
sleep 0.7;
my $r = $t->get("/Users/$user->{id}");
is_scim_error($r, 503, undef, 'pool exhausted: 503');
like($r->header('Retry-After') // '', qr/^\d+$/, 'pool exhausted: Retry-After');
waitpid $waiter, 0;
is($?, 0, 'pool exhausted: who had the connection is served');
waitpid $locker, 0;
is($t->get("/Users/$user->{id}")->{json}{title}, 'late', 'pool free again');

# ---- writers that meet ----

my @users = map { $s->user } 1 .. 30;
my $group = $s->group;
my $answers = in_parallel(30, sub { $s->patch("/Groups/$group->{id}", [{ op => 'add', path => 'members', value => [{ value => $users[$_[0]]{id} }] }])->{status} });
is_deeply($answers, { 204 => 30 }, 'members added at the same time: all accepted');
is(scalar @{ $s->get("/Groups/$group->{id}")->{json}{members} }, 30, 'members added at the same time: none lost');

my $target = $s->user;
my @names = qw(title nickName userType preferredLanguage timezone displayName);
$answers = in_parallel(12, sub { $s->patch("/Users/$target->{id}", [{ op => 'replace', path => $names[$_[0] % 6], value => "v$_[0]" }])->{status} });
is_deeply($answers, { 200 => 12 }, 'attributes changed at the same time: all accepted');
my $now = $s->get("/Users/$target->{id}")->{json};
is(scalar(grep { ($now->{$_} // '') =~ /^v\d+$/ } @names), 6, 'attributes changed at the same time: none lost');
is($now->{meta}{version} =~ /"(\d+)/ ? $1 : '', 13, 'each change has its version');

my $tag = $now->{meta}{version};
$answers = in_parallel(10, sub { $s->patch("/Users/$target->{id}", [{ op => 'replace', path => 'title', value => "w$_[0]" }], 'If-Match' => $tag)->{status} });
is_deeply($answers, { 200 => 1, 412 => 9 }, 'E-09: one of ten with the same If-Match');

$_->stop for $server, $small;
done_testing;
