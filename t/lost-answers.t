# The connection to the database is lost while a write is on its way: each write is carried out once, and its client is told so. "late": the
# server process is still at work when the write is sent once more.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(is_scim_error uri USER GROUP);
use ScimTest::Load;
use ScimTest::Log;
use ScimTest::Proxy;
use ScimTest::Server;
use Time::HiRes qw(sleep time);

ScimTest::Log::expect($_) for 'SCIM102: 503', 'SCIM5:', 'SCIM005';

my $server = ScimTest::Server->start(children => 1, threads => 8, pool => 'max=3 wait=2');
my $proxy = ScimTest::Proxy->start("$server->{dir}/proxy", $server->{pg}->service_conninfo);
$server->configure(conninfo => $proxy->conninfo);
$server->stop_httpd;
$server->start_httpd;
# Names of groups are not unique in the strict profile: there a doubled one would be seen.
my $s = $server->scim('rfc');
my ($n, $happened) = (0, 0);

sub version { return $_[0]{json}{meta}{version} =~ /"(\d+)/ ? $1 : "none: $_[0]{body}" }
sub reread { my ($path) = @_; return $s->get($path) }
sub groups_named { my ($name) = @_; return $s->get('/Groups' . uri(filter => "displayName eq \"$name\""))->{json}{totalResults} }

# One write whose request or answer, which holds $mark, is lost.
sub lose {
    my ($loss, $mark, $title, $status, $request) = @_;

    $proxy->next($loss => $mark);
    my $r = $request->();
    is($r->{status}, $status, "$title: $status") or diag($r->{body});
    is($proxy->happened, ++$happened, "$title: it was lost");
    return $r;
}

for my $loss (qw(request answer late)) {
    my $what = "$loss lost";
    my @u = map { $s->user } 1 .. 3;
    my $name = 'lost-' . ++$n;

    my $r = lose($loss, $name, "POST of a user, $what", 201, sub { $s->post('/Users', { schemas => [USER], userName => $name }) });
    is(version(reread("/Users/$r->{json}{id}")), 1, "POST of a user, $what: there, as the answer says");

    $name = 'lost-' . ++$n;
    $r = lose($loss, $name, "POST of a group, $what", 201, sub { $s->post('/Groups', { schemas => [GROUP], displayName => $name }) });
    is(groups_named($name), 1, "POST of a group, $what: once");

    $name = 'lost-' . ++$n;
    $r = lose($loss, $name, "POST of a group with members, $what", 201,
        sub { $s->post('/Groups', { schemas => [GROUP], displayName => $name, members => [map { { value => $_->{id} } } @u] }) });
    is(groups_named($name), 1, "POST of a group with members, $what: once");
    is(scalar @{ $r->{json}{members} // [] }, 3, "POST of a group with members, $what: the answer shows them");
    my $g = "/Groups/$r->{json}{id}";

    $name = 'lost-' . ++$n;
    $r = lose($loss, $name, "PUT, $what", 200, sub { $s->put("/Users/$u[0]{id}", { schemas => [USER], userName => $u[0]{userName}, title => $name }) });
    is(version($r), 2, "PUT, $what: version 2 in the answer");
    is(version(reread("/Users/$u[0]{id}")), 2, "PUT, $what: changed once");

    $name = 'lost-' . ++$n;
    $r = lose($loss, $name, "PATCH, $what", 200, sub { $s->patch("/Users/$u[1]{id}", [{ op => 'add', path => 'title', value => $name }], 'If-Match' => 'W/"1"') });
    is(version(reread("/Users/$u[1]{id}")), 2, "PATCH with If-Match, $what: changed once");

    $name = 'lost-' . ++$n;
    lose($loss, $name, "PATCH of a group's name, $what", 204, sub { $s->patch($g, [{ op => 'replace', path => 'displayName', value => $name }]) });
    is(version(reread($g)), 2, "PATCH of a group's name, $what: changed once");

    my $new = $s->user;
    lose($loss, $new->{id}, "PATCH of members, $what", 204, sub { $s->patch($g, [{ op => 'add', path => 'members', value => [{ value => $new->{id} }] }]) });
    is(version(reread($g)), 3, "PATCH of members, $what: changed once");
    is(scalar @{ reread($g)->{json}{members} }, 4, "PATCH of members, $what: all are there");

    lose($loss, $u[2]{id}, "DELETE, $what", 204, sub { $s->delete("/Users/$u[2]{id}") });
    is(version(reread($g)), 4, "DELETE, $what: the group changed once");
    lose($loss, $g =~ s{.*/}{}r, "DELETE of a group, $what", 204, sub { $s->delete($g) });
    is(reread($g)->{status}, 404, "DELETE of a group, $what: gone");
}

# The one that was lost comes to its end after it has been looked for, and before the one that is sent for it.
my @u = map { $s->user } 1 .. 5;
$proxy->next(late => $u[0]{id}, 2);
my $r = $s->delete("/Users/$u[0]{id}");
is($r->{status}, 204, 'DELETE, late: deleted');
is($proxy->happened, ++$happened, 'DELETE, late: it was lost');
is(reread("/Users/$u[0]{id}")->{status}, 404, 'DELETE, late: gone');

# ---- somebody else writes before a write is sent once more ----

my $copy = "insert into scim.resource select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'write_id', gen_random_uuid(), 'user_name', '%s'))).* "
    . "from scim.resource r where r.id = '$u[1]{id}'";
$proxy->before(2, 'taken-meanwhile', sprintf $copy, 'taken-meanwhile');
$r = lose(request => 'taken-meanwhile', 'POST of a user whose name is taken meanwhile', 409, sub { $s->post('/Users', { schemas => [USER], userName => 'taken-meanwhile' }) });
is($r->{json}{scimType}, 'uniqueness', '... and why');
is($s->get('/Users' . uri(filter => 'userName eq "taken-meanwhile"'))->{json}{totalResults}, 1, '... there is one');

my $other = "update scim.resource set version = version + 1, write_id = gen_random_uuid() where id = '%s'";
$proxy->before(2, 'title-of-put', sprintf $other, $u[2]{id});
lose(request => 'title-of-put', 'PUT of a user who is changed meanwhile', 200,
    sub { $s->put("/Users/$u[2]{id}", { schemas => [USER], userName => $u[2]{userName}, title => 'title-of-put' }) });
is(version(reread("/Users/$u[2]{id}")), 3, '... is read again, and changed after that');
$proxy->before(2, 'title-of-patch', sprintf $other, $u[3]{id});
lose(request => 'title-of-patch', 'PATCH with If-Match of a user who is changed meanwhile', 412,
    sub { $s->patch("/Users/$u[3]{id}", [{ op => 'add', path => 'title', value => 'title-of-patch' }], 'If-Match' => 'W/"1"') });
is_deeply([@{ reread("/Users/$u[3]{id}")->{json} }{qw(title)}], [undef], '... is not changed');

# The row is locked when the write is sent once more, for longer than that may wait; then the one that was lost comes to its end.
my $lock = "begin; select 1 from scim.resource where id = '$u[4]{id}' for update; select pg_sleep(4); commit";
$proxy->before(2, 'waited-for', qq(\\! "\$SCIM_TEST_PGBIN/psql" -X -q -c "$lock" "${\$server->{pg}->conninfo}" >/dev/null 2>&1 & sleep 0.5));
$proxy->next(late => 'waited-for', 2);
$r = $s->put("/Users/$u[4]{id}", { schemas => [USER], userName => $u[4]{userName}, title => 'waited-for' });
is($r->{status}, 200, 'PUT, late, and no lock for the second run: what became of the first is looked for again');
is($proxy->happened, ++$happened, '... it was lost');
is(version(reread("/Users/$u[4]{id}")), 2, '... changed once');

# ---- lost more than once ----

$proxy->next(request => 'lost-twice', 0, 2);
$r = $s->post('/Users', { schemas => [USER], userName => 'lost-twice' });
is($r->{status}, 201, 'POST, lost twice: created');
is($proxy->happened, $happened += 2, 'POST, lost twice: it was');
$proxy->next(request => 'lost-for-ever', 0, 1_000_000);
$r = $s->post('/Users', { schemas => [USER], userName => 'lost-for-ever' });
is_scim_error($r, 503, undef, 'POST, lost again and again: 503');
like($r->header('Retry-After') // '', qr/^\d+$/, '... and when to try again');
cmp_ok($proxy->happened - $happened, '>', 2, '... it was sent more than once');
$proxy->next(request => 'nothing');
is($s->get('/Users' . uri(filter => 'userName eq "lost-for-ever"'))->{json}{totalResults}, 0, '... and is not there');

# ---- PostgreSQL restarted again and again under writers ----

my $seconds = $ENV{SCIM_TEST_LONG} ? 60 : 12;
my $hard = ScimTest::Server->start(children => 2, threads => 8, pool => 'max=6 wait=3');
my $load = ScimTest::Load->run($hard, clients => 6, seconds => $seconds, meanwhile => sub {
    my $until = time + $seconds - 1;
    while (time < $until) {
        sleep 0.8;
        $hard->stop_pg('immediate');
        $hard->start_pg;
    }
});
$load->exactly_once('restarted all the time');
my @kinds = map { "$_->{what} $_->{marker}" } grep { $_->{status} == 503 } @{ $load->{answers} };
my %there = map { @$_ } $hard->{pg}->sql('select external_id, count(*) from scim.groups where external_id is not null group by 1');
is(scalar(grep { $there{$_} } map { /^group (.*)/ ? $1 : () } @kinds), 0, 'a group whose POST was answered 503 is not there: repeating it doubles nothing');
unlike($hard->error_log, qr/ 500 |XX000|exit signal/, 'no 500, no crash');

$_->is_written_back for $server, $hard;
$_->stop for $server, $hard;
done_testing;
