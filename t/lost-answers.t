# The connection to the database is lost while a write is on its way: each write is carried out once, and its client is told so.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(uri USER GROUP);
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

for my $loss (qw(request answer)) {
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

$_->stop for $server, $hard;
done_testing;
