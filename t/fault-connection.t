# Connections to the database that break, fall silent, forget or are not there; roles without settings.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use ScimTest qw(is_scim_error uri USER GROUP SEARCH);
use ScimTest::Log;
use ScimTest::Proxy;
use ScimTest::Server;

ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM102: 500', 'SCIM5:', 'SCIM005';

my $server = ScimTest::Server->start(children => 1, threads => 8, pool => 'max=4 wait=2', settings => ["log_statement = 'all'"], conf => 'SCIMTokenCache 300');
my $pg = $server->{pg};
my $proxy = ScimTest::Proxy->start("$server->{dir}/proxy", $pg->service_conninfo);
$server->configure(conninfo => $proxy->conninfo);
$server->stop_httpd;
$server->start_httpd;
my $s = $server->scim('default');
my $user = $s->user(userName => 'kim@example.com', active => ScimTest::TRUE);
my $inactive = $s->user(active => ScimTest::FALSE);
my $group = $s->group(displayName => 'Crew', members => [$user->{id}]);
my ($u, $g) = ("/Users/$user->{id}", "/Groups/$group->{id}");

# The status of a request to which so many things have happened on its way.
sub status_after {
    my ($happens, $send) = @_;
    my $before = $proxy->happened;
    my $r = $send->();

    $proxy->next(nothing => 'nothing');
    is($proxy->happened, $before + $happens, '(it happened)');
    return $r->{status};
}

# A statement's text is sent when it is prepared; by then all of these are.
$s->get($_) for ($u, $g, '/Users' . uri(filter => 'title co "x"')) x 2;

# ---- connections that break ----

for my $times (2, 3) {
    $proxy->next(request => $user->{id}, 0, $times);
    is(status_after($times, sub { $s->get($u) }), $times == 2 ? 200 : 503, "a read whose connection is lost $times times");
}
for my $sqlstate (qw(57P01 57P03 08006 08P01)) {
    $proxy->fail(1, $sqlstate);
    is(status_after(1, sub { $s->get($u) }), 200, "a server, or a pooler, that takes its leave by $sqlstate: the read goes to the next one");
    $proxy->fail(1, $sqlstate);
    is(status_after(1, sub { $s->put($u, { schemas => [USER], userName => $user->{userName}, title => $sqlstate }) }), 200, "... and so does the write");
    is($s->get($u)->{json}{title}, $sqlstate, '... it is done');
}
for my $sqlstate (qw(57P01 08006)) {
    $proxy->fail(1, $sqlstate);
    is(status_after(1, sub { $s->post('/Users', { schemas => [USER], userName => "first $sqlstate" }) }), 201, "a create that is answered by $sqlstate: done by the next one");
    is($s->get('/Users' . uri(filter => "userName eq \"first $sqlstate\""))->{json}{totalResults}, 1, '... once');
}
$proxy->next(cut => $user->{id}, 20);
is(status_after(1, sub { $s->get($u) }), 200, 'an answer that breaks off before the first row: asked again');
$s->sql(<<'SQL', $user->{id});
insert into scim.resource
select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'user_name', 'copy' || n))).*
from scim.resource r, generate_series(1, 2000) n where r.id = cast(? as uuid)
SQL
$s->sql(<<'SQL', $group->{id});
insert into scim.membership (tenant, group_id, member_id, member_type)
select g.tenant, g.id, u.id, 'User' from scim.resource g join scim.resource u on u.tenant = g.tenant and u.user_name like 'copy%' where g.id = cast(? as uuid)
SQL
$proxy->next(cut => $group->{id}, 60_000);
is(status_after(1, sub { $s->get($g) }), 503, 'an answer that breaks off after some rows: no half of it goes out');
is(scalar @{ $s->get($g)->{json}{members} }, 2001, '... and all of it at the next request');

# ---- races of the database's, and statements that are not where they should be ----

for my $times (3, 4) {
    $proxy->fail(1, ('40P01') x $times);
    is(status_after($times, sub { $s->patch($u, [{ op => 'replace', path => 'title', value => "deadlock $times" }]) }), $times == 3 ? 200 : 503, "a deadlock $times times");
}
is($s->get($u)->{json}{title}, 'deadlock 3', '... in the end nothing is changed');
$proxy->fail(1, qw(26000 42P05 26000 42P05 26000 42P05 26000));
my $from = length $server->pg_log;
is(status_after(7, sub { $s->get($u) }), 200, 'a statement that is gone, and there, and gone: run without a name');
like(substr($server->pg_log, $from), qr/execute <unnamed>: select r\.id/, '... as the log of PostgreSQL says');
$proxy->fail(1, '0A000');
is(status_after(1, sub { $s->get('/Users' . uri(filter => 'title co "x"')) }), 500, 'what PostgreSQL cannot do is not tried again where nothing was prepared');

# ---- a group that is deleted between a write and the reading of its answer, groups that are, a user who is ----

$proxy->before(2, $group->{id}, "delete from scim.resource where id = '$group->{id}'");
my $r = $s->patch("$g?attributes=displayName", [{ op => 'remove', path => "members[value eq \"$user->{id}\"]" }]);
is_deeply([@$r{qw(status body)}], [204, ''], 'a group that is deleted before the answer to its PATCH is read: done');
$group = $s->group(displayName => 'Crew', members => [$user->{id}]);
my $outer = $s->group(displayName => 'Outer', members => [$group->{id}]);
$proxy->before(2, $user->{id}, "delete from scim.resource where id = '$user->{id}'");
$r = $s->get($u);
is_deeply([$r->{status}, $r->{json}{userName}, $r->{json}{groups}], [200, $user->{userName}, undef], 'a user who is deleted before the groups of his groups are read: as he was, in none');
$user = $s->user(userName => 'kim@example.com');
($u, $g) = ("/Users/$user->{id}", "/Groups/$group->{id}");

# ---- answers that do not come ----

$pg->sql("alter role scim_service in database scim_test set statement_timeout = '1s'");
$pg->sql("select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'mod_scim'");
is($s->get($u)->{status}, 200, 'the limit of time is one second now');
my @silent = (
    ['a read', $user->{id}, sub { $s->get($u) }, 503],
    ['a write that is carried out', 'in silence', sub { $s->patch("/Users/$inactive->{id}", [{ op => 'add', path => 'title', value => 'in silence' }]) }, 200],
    ['a new connection', 'pg_backend_pid', sub { $s->get("/Users/$inactive->{id}") }, 503],
);
my @waiting;
for my $silent (@silent) {
    my ($what, $text, $send, $status) = @$silent;
    my $before = $proxy->happened;

    $proxy->next(hold => $text, 600);
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        $s = $s->at('/scim/v2');
        POSIX::_exit($send->()->{status} == $status ? 0 : 1);
    }
    sleep 0.02 until $proxy->happened > $before;
    push @waiting, [$what, $status, $pid];
}
# A process of one thread has a connection for whatever it has to do.
is($s->at('/scim/v2')->get($g)->{status}, $ENV{SCIM_TEST_MPM} eq 'prefork' ? 200 : 503, 'three connections in which nobody answers: those of one tenant are in use');
for my $waiting (@waiting) {
    my ($what, $status, $pid) = @$waiting;

    waitpid $pid, 0;
    is($?, 0, "$what, and no answer comes: $status");
}
is($s->get("/Users/$inactive->{id}")->{json}{title}, 'in silence', '... what was written is written');
is(scalar(() = $server->error_log =~ /no answer in time/g), 2, '... the log says why the others failed');
$pg->sql("alter role scim_service in database scim_test set statement_timeout = '30s'");

# ---- roles that lack a setting ----

sub anew {
    my ($sql) = @_;

    $pg->sql("alter role scim_service in database scim_test $sql");
    $pg->sql("select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'mod_scim'");
    $s->get($u) for 1, 2;
    return length $server->pg_log;
}

# What goes ahead of the request's statements.
sub ahead { return join ' ', substr($server->pg_log, $_[0]) =~ /(lock_timeout', '\d+s|statement_timeout', '\d+s|begin isolation level read committed)/g }

$from = anew('reset lock_timeout');
is($s->patch($u, [{ op => 'add', path => 'title', value => 'limited' }])->{status}, 200, 'a role without lock_timeout: served');
like(ahead($from), qr/\A(?:lock_timeout', '3s ?)+\z/, '... within that limit');
anew("set lock_timeout = '3s'");
$from = anew("set default_transaction_isolation = 'serializable'");
is($s->patch($u, [{ op => 'add', path => 'title', value => "isolated $_" }])->{status}, 200, 'a role of another isolation: served') for 1, 2;
is(ahead($from), join(' ', ('begin isolation level read committed') x 2), '... by a transaction of its own for each write');
is($s->post('/Users', { schemas => [USER], userName => $inactive->{userName} =~ s/\@/2@/r })->{status}, 201, '... created');
is_scim_error($s->post('/Users', { schemas => [USER], userName => $user->{userName} }), 409, 'uniqueness', '... what fails leaves no transaction open');
is($s->patch($u, [{ op => 'add', path => 'title', value => 'after it' }])->{status}, 200, '... behind it');
anew("set default_transaction_isolation = 'read committed'");

# ---- no database ----

my $keep = $s->at('/keep/v2');
my @requests = (
    ['GET of a user', sub { $s->get($u) }], ['GET of a group', sub { $s->get($g) }], ['a list', sub { $s->get('/Users') }],
    ['.search', sub { $s->post('/Users/.search', { schemas => [SEARCH] }) }], ['POST', sub { $s->post('/Users', { schemas => [USER], userName => 'new' }) }],
    ['PUT', sub { $s->put($u, { schemas => [USER], userName => 'new' }) }], ['PATCH', sub { $s->patch($u, [{ op => 'remove', path => 'title' }]) }],
    ['PATCH of members', sub { $s->patch($g, [{ op => 'remove', path => 'members' }]) }], ['DELETE', sub { $s->delete($u) }],
    ['DELETE that disables', sub { $keep->delete($u) }],
);
$server->stop_pg('immediate');
for my $request (@requests) {
    my ($what, $send) = @$request;
    $r = $send->();

    is_scim_error($r, 503, undef, "$what without a database: 503");
    like($r->header('Retry-After') // '', qr/^\d+$/, '... and when to try again');
}
$server->start_pg;
is($s->get($u)->{json}{title}, 'after it', 'nothing was changed');

# A virtual host has one, the server that it is part of has none.
my $port = ScimTest::Server::free_port();
my $conninfo = $pg->service_conninfo;
$server->configure(conninfo => '', conf => "SCIMTokenCache 300\nListen 127.0.0.1:$port\n<VirtualHost 127.0.0.1:$port>\nServerName other:$port\nSCIMDatabase \"$conninfo\"\n</VirtualHost>");
$server->stop_httpd;
$server->start_httpd;
is_scim_error($s->at('/scim/v2')->get($u), 503, undef, 'a server without a database');
my $other = $s->at('/scim/v2');
$other->{http} = ScimTest::Http->new('127.0.0.1', $port);
is($other->get($u)->{status}, 200, '... and the virtual host that has one');
is_scim_error($s->at('/scim/v2')->get($u), 503, undef, '... of which the other knows no token');

$server->stop;
done_testing;
