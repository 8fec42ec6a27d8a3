# Creates of a Bulk request that are made together: what becomes of them when the database fails, answers late or for somebody else, or will not
# have one of them.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(GROUP USER uri);
use ScimTest::Fixtures;
use ScimTest::Log;
use ScimTest::Proxy;
use ScimTest::Server;

ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM5:', 'SCIM005', 'SCIM111';

my $FULL = '53100';

my $server = ScimTest::Server->start(children => 1, threads => 4, pool => 'max=2 wait=5', conf => 'SCIMTokenCache 300');
my $proxy = ScimTest::Proxy->start("$server->{dir}/proxy", $server->{pg}->service_conninfo);
$server->configure(conninfo => $proxy->conninfo);
$server->stop_httpd;
$server->start_httpd;
my $s = $server->scim('default');
my $strict = $s->at('/rfc/v2');

sub bulk { my ($client, @operations) = @_; return $client->post('/Bulk', { schemas => ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations => \@operations }) }

sub user { my ($name) = @_; return { method => 'POST', path => '/Users', bulkId => $name, data => { schemas => [USER], userName => $name } } }

sub group {
    my ($name, @members) = @_;

    return { method => 'POST', path => '/Groups', bulkId => $name, data => { schemas => [GROUP], displayName => $name, members => [map { { value => $_ } } @members] } };
}

# The statuses of the operations; the body where there are none.
sub statuses { my ($r) = @_; return $r->{status} == 200 ? join ' ', map { $_->{status} } @{ $r->{json}{Operations} } : "$r->{status} $r->{body}" }

sub details { return map { ref $_->{response} ? $_->{response}{detail} : '' } @{ $_[0]{json}{Operations} } }

sub named { return join ' ', sort map { $_->{userName} // $_->{displayName} } map { @{ $s->get($_)->{json}{Resources} } } '/Users' . uri(filter => qq(userName sw "$_[0]")), '/Groups' . uri(filter => qq(displayName sw "$_[0]")) }

# Users, and two groups that have one another as members: those are made together or not at all.
sub circle { my ($name) = @_; return (user("$name-1"), group("$name-2", "bulkId:$name-3", "bulkId:$name-1"), group("$name-3", "bulkId:$name-2"), user("$name-4")) }

my $all = sub { my ($name) = @_; return join ' ', map { "$name-$_" } 1 .. 4 };

is(statuses(bulk($s, circle('well'))), '201 201 201 201', 'a circle');
is(named('well'), $all->('well'), '... is there');

# ---- the statement fails ----

my $happened = $proxy->happened;
for my $times (1, 2) {
    $proxy->fail(1, ($FULL) x $times);
    is(statuses(bulk($s, circle("full$times"))), '201 201 201 201', "a disk that is full $times times: all are made");
    is($proxy->happened, $happened += $times, '... it was full');
    is(named("full$times"), $all->("full$times"), '... they are there');
}
$proxy->fail(1, ($FULL) x 3);
my $r = bulk($s, circle('full3'));
is(statuses($r), '201 503 503 201', 'full each time that all are tried: by themselves those are made who can be');
is_deeply([(details($r))[1, 2]], [('The database has no room left on its disk; nothing was changed') x 2], '... and the others are told why not');
is($proxy->happened, $happened += 3, '... it was full');
is(named('full3'), 'full3-1 full3-4', '... those are there');
$proxy->fail(1, ($FULL) x 20);
is(statuses(bulk($s, circle('full4'))), '503 503 503 503', 'full to the end: nobody is made');
$proxy->fail(1_000_000, $FULL);
is(named('full4'), '', '... nobody is there');
$happened = $proxy->happened;
$proxy->mix(1, 9, 1);
is(statuses(bulk($s, circle('mixed'))), '201 201 201 201', 'an answer that was meant for somebody else: asked again');
is($proxy->happened, ++$happened, '... it was');
is(named('mixed'), $all->('mixed'), '... and made once');

# ---- the connection is lost ----

for my $loss (['request', 1], ['answer', 1], ['late', 1], ['request', 2]) {
    my ($how, $times) = @$loss;
    my $name = "$how$times";

    $proxy->next($how => "$name-4", 0, $times);
    is(statuses(bulk($s, circle($name))), '201 201 201 201', "$how lost $times times: all are made");
    is($proxy->happened, $happened += $times, '... it was lost');
    is(named($name), $all->($name), '... they are there, each once');
}
# Somebody else takes a name before the second run.
my $one = $s->user(userName => 'one');
$proxy->before(2, 'taken-1', "insert into scim.resource select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'write_id', gen_random_uuid(), "
    . "'user_name', 'taken-1'))).* from scim.resource r where r.id = '$one->{id}'");
$proxy->next(request => 'taken-1');
is(statuses(bulk($s, user('taken-1'), user('taken-2'))), '409 201', 'a name that is taken meanwhile');
is($proxy->happened, ++$happened, '... it was lost');

# Names of groups are not unique in the strict profile: the second run meets its predecessor by the ids alone, and says nothing of the others.
for my $how (qw(answer late)) {
    $proxy->next($how => "beside-$how");
    my $r = bulk($strict, group("beside-$how"), user('one'), group("beside-$how-2", 'bulkId:one'));
    is(statuses($r), '201 409 409', "$how lost: what was not made is not told to be there");
    is($proxy->happened, ++$happened, '... it was lost');
    is(named("beside-$how"), "beside-$how", '... the other is there, once');
}

# ---- what cannot be made, beside what can ----

$s->group(displayName => 'held-3');
$r = bulk($s, circle('held'));
is(statuses($r), '201 409 409 201', 'a circle in which a name is taken');
is_deeply([map { $_->{response}{scimType} } @{ $r->{json}{Operations} }[1, 2]], [undef, 'uniqueness'], '... says so of the one, and that the other refers to it');
is(named('held'), 'held-1 held-3 held-4', '... those who refer to nobody in it are made');
my $nobody = '01890000-0000-7000-8000-000000000000';
for my $bad ($nobody, 'nope') {
    $r = bulk($strict, user("bad-$bad-1"), group("bad-$bad-2", "bulkId:bad-$bad-3"), group("bad-$bad-3", "bulkId:bad-$bad-2", $bad), group("bad-$bad-4", $bad, 'none'));
    is(statuses($r), '201 409 400 400', "members who are nobody ($bad), where that matters");
    like((details($r))[2], qr/\Amembers: "\Q$bad\E" is not the id/, '... one of them is named');
    $r = bulk($s, group("good-$bad-1", "bulkId:good-$bad-2", $bad), group("good-$bad-2", "bulkId:good-$bad-1"));
    is(statuses($r), '201 201', '... and where it does not');
    is(scalar @{ $s->get($r->{json}{Operations}[0]{location})->{json}{members} }, 1, '... they are left out');
}
$r = bulk($s, group('lost', 'bulkId:x', 'bulkId:y'), group('of lost', 'bulkId:lost'), user('well'));
is(statuses($r), '400 409 201', 'references to what is not in the request');
like((details($r))[0], qr/"bulkId:x" is the bulkId of no POST/, '... the first of them is named');
$r = bulk($s, group('of missing', 'bulkId:missing'), group('missing', 'bulkId:x'));
is(statuses($r), '409 400', 'a reference to one who cannot be made at all');

$server->is_written_back;
$server->stop;
done_testing;
