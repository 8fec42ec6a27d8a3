# Requests and answers that are lost between httpd and PostgreSQL: a write is made once and acknowledged, whatever was lost.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);

use ScimTest;
use ScimTest::Load;
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
my $strict = $s->at('/rfc/v2');
my $n = 0;

sub version {
    my ($id, $endpoint) = @_;

    return ($s->get("/$endpoint/$id")->{json}{meta}{version} // '') =~ /"(\d+)/ ? $1 : 0;
}

# How many resources have the external id.
sub there {
    my ($view, $name) = @_;

    return $s->sql("select count(*) from scim.$view where tenant = ? and external_id = ?", $s->tenant, $name);
}

# Each write: the text that is looked for, the status, and a test of what has become of it.
my %writes = (
    'POST of a user' => sub {
        my $name = 'user-' . ++$n;
        return ($name, 201, sub { $s->post('/Users', { schemas => [ScimTest::USER], userName => $name, externalId => $name }) },
            sub { is(there(users => $name), 1, "$_[0]: one user") });
    },
    'POST of a group' => sub {
        my $name = 'group-' . ++$n;
        return ($name, 201, sub { $strict->post('/Groups', { schemas => [ScimTest::GROUP], displayName => $name, externalId => $name }) },
            sub { is(there(groups => $name), 1, "$_[0]: one group") });
    },
    'PUT' => sub {
        my ($user, $title) = ($s->user, 'put-' . ++$n);
        return ($title, 200, sub { $s->put("/Users/$user->{id}", { schemas => [ScimTest::USER], userName => $user->{userName}, title => $title }) },
            sub { is(version($user->{id}, 'Users'), 2, "$_[0]: one new version") });
    },
    'PATCH' => sub {
        my ($user, $title) = ($s->user, 'patch-' . ++$n);
        return ($title, 200, sub { $s->patch("/Users/$user->{id}", [{ op => 'replace', path => 'title', value => $title }]) },
            sub { is(version($user->{id}, 'Users'), 2, "$_[0]: one new version") });
    },
    'PATCH with If-Match' => sub {
        my ($user, $title) = ($s->user, 'match-' . ++$n);
        return ($title, 200, sub { $s->patch("/Users/$user->{id}", [{ op => 'replace', path => 'title', value => $title }], 'If-Match' => $user->{meta}{version}) },
            sub { is(version($user->{id}, 'Users'), 2, "$_[0]: one new version") });
    },
    'a member added' => sub {
        my ($user, $group) = ($s->user, $s->group);
        return ($user->{id}, 204, sub { $s->patch("/Groups/$group->{id}", [{ op => 'add', path => 'members', value => [{ value => $user->{id} }] }]) },
            sub { is(version($group->{id}, 'Groups'), 2, "$_[0]: one new version"); is($s->sql('select count(*) from scim.memberships where member_id = ?', $user->{id}), 1, "$_[0]: one member") });
    },
    'DELETE' => sub {
        my $user = $s->user;
        return ($user->{id}, 204, sub { $s->delete("/Users/$user->{id}") }, sub { is($s->get("/Users/$user->{id}")->{status}, 404, "$_[0]: it is gone") });
    },
);

for my $loss (qw(request answer)) {
    for my $write (sort keys %writes) {
        my ($text, $status, $do, $check) = $writes{$write}->();
        my $title = "$write, $loss lost";
        my $before = $proxy->happened;
        $proxy->next($loss => $text);
        my $r = $do->();
        is($r->{status}, $status, "$title: acknowledged") or diag($r->{body});
        is($proxy->happened, $before + 1, "$title: it was lost");
        $check->($title);
    }
}

# Reads are asked for again.
my $user = $s->user;
for my $loss (qw(request answer)) {
    $proxy->next($loss => $user->{id});
    is($s->get("/Users/$user->{id}")->{status}, 200, "GET, $loss lost: answered");
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
