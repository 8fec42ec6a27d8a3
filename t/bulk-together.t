# Bulk beside everything else: its limits, its round trips, connections that are lost, users who come back, others who are faster.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Time::HiRes ();

use ScimTest qw(GROUP USER uri is_scim_error);
use ScimTest::Load;
use ScimTest::Log;
use ScimTest::Parallel qw(in_parallel);
use ScimTest::Proxy;
use ScimTest::Server;

ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM5:', 'SCIM005';

use constant { REQUEST => 'urn:ietf:params:scim:api:messages:2.0:BulkRequest' };

my $server = ScimTest::Server->start(children => 1, threads => 8, pool => 'max=3 wait=5', settings => ["log_statement = 'all'"],
    location => "SCIMProfile default\nSCIMBulk 5\nSCIMMaxBody 2000");
my $s = $server->scim('default');
my $small = $s->at('/own/v2');
my $serial = 0;

sub bulk { my ($client, $operations, %more) = @_; return $client->post('/Bulk', { schemas => [REQUEST], Operations => $operations, %more }) }

sub user { my ($name, %attr) = @_; return { method => 'POST', path => '/Users', bulkId => $name, data => { schemas => [USER], userName => $name, %attr } } }

sub group {
    my ($name, @members) = @_;

    return { method => 'POST', path => '/Groups', bulkId => $name, data => { schemas => [GROUP], displayName => $name, members => [map { { value => $_ } } @members] } };
}

sub statuses { return join ' ', map { $_->{status} } @{ $_[0]{json}{Operations} // [] } }

sub named { return $s->get('/Users' . uri(count => 0, filter => qq(userName sw "$_[0]")))->{json}{totalResults} }

sub statements { return scalar(() = $server->pg_log =~ /LOG:  (?:execute|statement)/g) }

# ---- limits ----

my $config = $small->get('/ServiceProviderConfig')->{json}{bulk};
is_deeply($config, { supported => ScimTest::TRUE, maxOperations => 5, maxPayloadSize => 2000 }, 'B-21: the limits are told');
my $r = bulk($small, [map { user("limit-$_") } 1 .. 6]);
is_scim_error($r, 413, undef, 'B-21: one operation too many');
like($r->{json}{detail}, qr/\bmaxOperations\b.*\b5\b/, 'B-21: the limit is named');
is(named('limit-'), 0, 'B-21: nothing was done');
is(statuses(bulk($small, [map { user("limit-$_") } 1 .. 5])), '201 201 201 201 201', 'B-21: as many as the limit says');
$r = bulk($small, [user('long', title => 'x' x 2000)]);
is_scim_error($r, 413, undef, 'B-22: a body that is too large');
like($r->{json}{detail}, qr/\b2000\b/, 'B-22: the limit is named');
my $body = '{"schemas":["' . REQUEST . '"],"Operations":[]}' . ' ' x 2000;
$r = $s->raw(join("\r\n", 'POST /own/v2/Bulk HTTP/1.1', 'Host: 127.0.0.1', 'Authorization: Bearer ' . $s->token, 'Content-Type: application/scim+json', 'Transfer-Encoding: chunked',
    'Connection: close', '', sprintf('%x', length $body), $body, '0', '', ''));
is($r->{status}, 413, 'B-22: in chunks as well');

# ---- round trips ----

bulk($s, [user('warm'), group('warm group', 'bulkId:warm')]);
my $before = statements();
$r = bulk($s, [map { user("trip-$_") } 1 .. 1000]);
is(named('trip-'), 1000, '1,000 creates in one request');
cmp_ok(statements() - $before, '<=', 100, 'take at most a tenth of the round trips of 1,000 requests: ' . (statements() - $before));
$before = statements();
$r = bulk($s, [(map { user("both-$_") } 1 .. 100), group('all of them', map { "bulkId:both-$_" } 1 .. 100)]);
is(scalar @{ $s->get('/Groups' . uri(filter => 'displayName eq "all of them"'))->{json}{Resources}[0]{members} }, 100, 'a group of those who are made with it');
cmp_ok(statements() - $before, '<=', 4, 'takes no more');

# ---- users who come back ----

my $left = $s->user(userName => 'returns', title => 'old');
$s->patch("/Users/$left->{id}", [{ op => 'replace', path => 'active', value => ScimTest::FALSE }]);
$r = bulk($s, [group('of one who returns', 'bulkId:returns', 'bulkId:new with him'), user('returns', title => 'new'), user('new with him')]);
is(statuses($r), '201 201 201', 'an inactive user is restored');
is($r->{json}{Operations}[1]{location}, $left->{meta}{location}, 'under the id of before');
ok((grep { $_->{value} eq $left->{id} } @{ $s->get($r->{json}{Operations}[0]{location})->{json}{members} }), 'by which the group of the same request has him');
is($s->get("/Users/$left->{id}")->{json}{title}, 'new', 'with what the request says');

# ---- a client that walks page after page meanwhile ----

my $page = sub { return $s->get("/Users?count=2&startIndex=$_[0]")->{json}{totalResults} };
# A total that took long to count holds for a while: on a busy machine it is tried again.
my ($total, $then);
for my $try (1 .. 20) {
    $total = $page->(1);
    bulk($s, [user("while somebody walks $try")]);
    $then = $page->(3);
    last if $then == $total + 1;
}
is($then, $total + 1, 'the next page tells of one more');

# ---- passwords, notes ----

$r = bulk($s, [user('with password', password => 'Correct-Horse-9'), user('warm'), user('warm', userName => 'other')]);
is(statuses($r), '201 409 400', 'a password among them');
is($s->sql(q(select count(*) from scim.resource where user_name = 'with password' and password like '$y$%')), 1, 'is stored as a hash');
ok($server->logged(qr/SCIM111: 2 operations of a Bulk failed, the first of them: 409/, 'error_log'), 'the log tells what failed');
unlike($server->error_log, qr/SCIM111[^\n]*(?:warm|Horse)/, 'without names');

# ---- others at the same time ----

my $answers = in_parallel(6, sub {
    my ($i) = @_;
    my $mine = $s->at('/scim/v2');
    return statuses(bulk($mine, [map { user('race-' . ($i % 2 ? $_ : 31 - $_)) } 1 .. 30]));
});
my $said = join ' ', map { ($_) x $answers->{$_} } keys %$answers;
is(named('race-'), 30, 'six at once with the same thirty names: each is made once');
is(scalar(() = $said =~ /201/g), 30, 'and told so once');
is(scalar(() = $said =~ /409/g), 150, 'the others are told that the names are taken');

# ---- lost connections ----

my $proxy = ScimTest::Proxy->start("$server->{dir}/proxy", $server->{pg}->service_conninfo);
$server->configure(conninfo => $proxy->conninfo);
$server->stop_httpd;
$server->start_httpd;
my $happened = 0;
for my $loss (qw(request answer)) {
    $s = $server->scim('default', tenant => $s->tenant);
    $s->get('/Users?count=1');
    $proxy->next($loss => "lost-$loss-7");
    $r = bulk($s, [map { user("lost-$loss-$_") } 1 .. 9]);
    is(statuses($r), join(' ', (201) x 9), "$loss lost: all are done");
    is($proxy->happened, ++$happened, "$loss lost: it was");
    is(named("lost-$loss-"), 9, "$loss lost: each is there once");
}
# An error of the statement for many: each is tried by itself.
$proxy->fail(1, '53100');
$r = bulk($s, [map { user("full-$_") } 1 .. 3]);
is(statuses($r), '201 201 201', 'an error that passes');

# ---- a server that dies ----

my @groups = map { my $g = $_; (group("torn $g", map { "bulkId:torn-$g-$_" } 1 .. 5), map { user("torn-$g-$_") } 1 .. 5) } 1 .. 150;
my $child = fork // die "fork: $!\n";
if (!$child) {
    eval { bulk($s->at('/scim/v2'), \@groups) };
    require POSIX;
    POSIX::_exit(0);
}
# A part of it is there, the rest is not: the process is killed in between.
for (1 .. 500) {
    last if named('torn-');
    Time::HiRes::sleep(0.01);
}
my ($parent, @children) = $server->httpd_pids;
kill KILL => @children;
waitpid $child, 0;
my $all;
for (1 .. 100) {
    # The others come one by one.
    my $r = eval { $s->at('/scim/v2')->get('/Groups' . uri(filter => 'displayName sw "torn"', count => 1000)) };
    last if $all = $r && $r->{status} == 200 && $r->{json};
    Time::HiRes::sleep(0.1);
}
is_deeply([grep { @{ $_->{members} // [] } != 5 } @{ $all->{Resources} }], [], "B-25: each operation is whole or not there: $all->{totalResults} groups, all with their members");
cmp_ok($all->{totalResults}, '>', 0, 'B-25: some are there');

# ---- no Bulk ----

$server->configure(location => "SCIMProfile default\nSCIMBulk off");
$server->graceful;
is_scim_error(bulk($small, [user('off')]), 501, undef, 'B-26, H-09: SCIMBulk off');
is_deeply($small->get('/ServiceProviderConfig')->{json}{bulk}, { supported => ScimTest::FALSE, maxOperations => 0, maxPayloadSize => 0 }, 'B-26: and it is told');
is(named('off'), 0, 'B-26: nothing is done');

$server->is_written_back;
$server->stop;
done_testing;
