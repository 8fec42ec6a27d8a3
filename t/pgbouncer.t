# Behind a pooler in transaction mode, where connections share the server's processes: no wrong answer, none lost, none doubled.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);

use ScimTest qw(uri USER GROUP);
use ScimTest::Parallel;
use ScimTest::Server;

use constant { CLIENTS => 8, SECONDS => $ENV{SCIM_TEST_LONG} ? 60 : 6 };

my $server = ScimTest::Server->start(children => 2, threads => 12, pool => 'max=6', pooler => { size => 3 });
my $s = $server->scim('default');
my $shared = $s->group(displayName => 'Shared');

# What is wrong with an answer, or ''.
sub fault {
    my ($what, $r, $status, %expected) = @_;

    return "$what: $r->{status} $r->{body}" if $r->{status} != $status;
    for my $name (sort keys %expected) {
        my $is = $r->{json}{$name} // 'nothing';
        return "$what: $name is $is, not $expected{$name}" if $is ne $expected{$name};
    }
    return '';
}

# A search that must find exactly this user.
sub search_fault {
    my ($filter, $id) = @_;
    my $r = $s->get('/Users' . uri(filter => $filter));
    my @found = map { $_->{id} } @{ $r->{json}{Resources} // [] };

    return $r->{status} == 200 && "@found" eq $id ? '' : "$filter: $r->{status}, found @found, not $id";
}

# The life of one user: each answer is checked. Every third is deleted at its end.
sub life {
    my ($name, $n) = @_;
    my $user = "$name-$n\@example.com";
    my $r = $s->post('/Users', { schemas => [USER], userName => $user, externalId => "x-$name-$n", title => 'A', emails => [{ type => 'work', value => $user }] });
    my $id = $r->{json}{id} // '';

    return (
        fault('POST', $r, 201, userName => $user),
        fault('GET', $s->get("/Users/$id"), 200, id => $id, userName => $user),
        search_fault("userName eq \"$user\"", $id),
        search_fault("externalId eq \"x-$name-$n\"", $id),
        search_fault("emails[type eq \"work\"].value eq \"$user\"", $id),
        # A form that each user has for itself: rare statements.
        search_fault(join(' and ', "userName eq \"$user\"", ('title pr', 'not (active eq false)', 'id pr', 'externalId pr')[0 .. $n % 4]), $id),
        fault('PATCH', $s->patch("/Users/$id", [{ op => 'replace', path => 'title', value => "B$n" }]), 200, id => $id, title => "B$n"),
        fault('rename', $s->patch("/Users/$id", [{ op => 'replace', path => 'displayName', value => "N$n" }]), 200, id => $id, displayName => "N$n"),
        fault('member', $s->patch("/Groups/$shared->{id}", [{ op => 'add', path => 'members', value => [{ value => $id }] }]), 204),
        fault('member again', $s->get("/Groups/$shared->{id}?excludedAttributes=members"), 200, displayName => 'Shared'),
        fault('rename of a member', $s->patch("/Users/$id", [{ op => 'replace', path => 'displayName', value => "M$n" }]), 200, id => $id, displayName => "M$n"),
        $n % 3 ? fault('GET', $s->get("/Users/$id"), 200, title => "B$n") : fault('DELETE', $s->delete("/Users/$id"), 204),
    );
}

my $answers = in_parallel(CLIENTS, sub {
    my ($until, $n, @faults) = (time + SECONDS, 0);

    while (time < $until && @faults < 5) {
        push @faults, grep { $_ } life("c$_[0]", ++$n);
    }
    return @faults ? "FAULT @faults" : "lives $n";
});
my @faults = grep { !/^lives \d+$/ } keys %$answers;
is(scalar @faults, 0, 'every answer is the right one') or diag(join "\n", map { substr $_, 0, 500 } @faults);

my ($lives, $gone) = (0, 0);
for my $answer (grep { /^lives/ } keys %$answers) {
    my ($n) = $answer =~ /(\d+)/;
    $lives += $n * $answers->{$answer};
    $gone += int($n / 3) * $answers->{$answer};
}
note("$lives lives of " . 12 . ' requests, ' . $gone . ' of them ended');
cmp_ok($lives, '>', 20, 'requests were answered');
my $tenant = '(select id from scim.tenant where name = ?)';
is($s->sql("select count(*) from scim.resource where tenant = $tenant and type = 'User'", $s->tenant), $lives - $gone, 'users: as many as were created and not deleted');
is($s->sql("select count(*) from scim.membership where tenant = $tenant", $s->tenant), $lives - $gone, 'memberships: as many');
unlike($server->error_log, qr/exit signal|AH0005[0-4]/, 'no process of httpd has crashed');
unlike($server->error_log, qr/\[scim:error\]/, 'no error in the log');

my ($status, undef, $error) = $server->{pg}->scimctl('--database', $server->{pooler}->service_conninfo, '--sql', "$ENV{SCIM_TEST_ROOT}/sql", 'migrate');
ok($status != 0 && $error =~ /pooler .*connect to PostgreSQL itself/, 'migrations refuse a pooler') or diag($error);
$server->stop;

# ---- a pooler whose statements are gone after each transaction; a role without settings, under another isolation ----

sub rest {
    my ($what, @options) = @_;
    my $other = ScimTest::Server->start(threads => 16, @options);

    $other->{pg}->sql("alter role scim_service in database scim_test reset all; alter role scim_service in database scim_test set default_transaction_isolation = 'repeatable read'");
    $other->{pg}->sql('select pg_terminate_backend(pid, 5000) from pg_stat_activity where pid <> pg_backend_pid() and usename is not null');
    # A connection to the pooler outlives those behind it, and is not looked at again.
    $other->stop_httpd;
    $other->start_httpd;
    $other->{from} = length $other->pg_log;
    $s = $other->scim('default');
    $shared = $s->group(displayName => 'Shared');
    my @wrong = grep { $_ } map { life('r', $_) } 1 .. 30;
    is(scalar @wrong, 0, "$what: every answer is the right one") or diag(join "\n", @wrong[0 .. ($#wrong > 3 ? 3 : $#wrong)]);
    my @users = map { $s->user->{id} } 1 .. 12;
    my $added = in_parallel(12, sub { $s->patch("/Groups/$shared->{id}", [{ op => 'add', path => 'members', value => [{ value => $users[$_[0]] }] }])->{status} });
    is_deeply($added, { 204 => 12 }, "$what: members added at the same time") or diag(explain($added));
    like($other->error_log, qr/SCIM13: .*isolation.*lock_timeout.*statement_timeout.*scimctl database init/, "$what: the log says what the role lacks");
    my @by = $other->error_log =~ /\[pid (\d+)[^\n]*SCIM13:/g;
    my %by = map { $_ => 1 } @by;
    is(scalar @by, $ENV{SCIM_TEST_MPM} eq 'prefork' ? keys %by : 1, "$what: once by a process");
    unlike($other->error_log, qr/\[scim:error\]/, "$what: no error in the log");
    return $other;
}

my $forgets = rest('statements forgotten', pooler => { size => 2, settings => ['server_reset_query = discard all', 'server_reset_query_always = 1'] });
$forgets->stop;
my $unprepared = rest('prepare=off', pool => 'prepare=off max=3', settings => ["log_statement = 'all'"]);
unlike(substr($unprepared->pg_log, $unprepared->{from}), qr/execute scim_/, 'prepare=off: nothing is prepared');
$unprepared->stop;

# ---- statements that clients make up must not keep the usual ones from being prepared ----

my $direct = ScimTest::Server->start(threads => 2, pool => 'max=1', settings => ["log_statement = 'all'"]);
$s = $direct->scim('default');
my $user = $s->user(title => 'T');
my @parts = ('title pr', 'active pr', 'id pr', 'userName pr', 'not (nickName pr)', 'userName co "a"', 'meta.created pr');
for my $n (1 .. 300) {
    my $filter = join ' and ', map { $parts[($n / 7 ** $_) % 7] } 0 .. 3;
    $s->get('/Users' . uri(filter => $filter, count => 1)) for 1, 2;
}
my $before = length $direct->pg_log;
$s->get("/Users/$user->{id}") for 1 .. 3;
$s->get('/Users' . uri(filter => "userName eq \"$user->{userName}\"")) for 1 .. 3;
my @run = substr($direct->pg_log, $before) =~ /LOG:  execute (\S+):/g;
cmp_ok(scalar(@run), '>=', 6, 'after 300 forms of filters the usual statements are run');
is_deeply([grep { !/^scim_[0-9a-f]{32}$/ } @run], [], '... all of them prepared');

# ---- a migration under prepared statements ----

my @tokens = map { $s->new_token } 1 .. 4;
$s->get("/Users/$user->{id}", Authorization => "Bearer $_") for @tokens[0, 1];
$s->sql('alter table scim.token alter column name type varchar(300)');
is($s->get("/Users/$user->{id}", Authorization => "Bearer $tokens[2]")->{status}, 200, 'a table changed under a prepared statement: answered');
like($direct->pg_log, qr/cached plan must not change result type/, 'a table changed under a prepared statement: it had been prepared');
is($s->get("/Users/$user->{id}", Authorization => "Bearer $tokens[3]")->{status}, 200, 'a table changed under a prepared statement: answered again');
like($direct->pg_log, qr/execute scim_[0-9a-f]{32}_1:/, 'a table changed under a prepared statement: it has a new name');
$direct->stop;
done_testing;
