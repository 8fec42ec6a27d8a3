# The reason in the log: who asked for what and why it was refused, and nothing that a client sent (SE-12, SE-15).
use strict;
use warnings;
use feature 'state';

use Test::More;

use ScimTest qw(GROUP PATCHOP USER is_scim_error uri);
use ScimTest::Fixtures;
use ScimTest::Log;
use ScimTest::Server;

my $server = ScimTest::Server->start(conf => <<'CONF', location => <<'LOCATION');
SCIMTokenCache 0
LogFormat "%r|%u|%>s|%{scim-tenant}n|%{scim-token}n|%{scim-resource}n|%{scim-user}n|%{scim-error}n|%{scim-reason}n" all
CustomLog logs/all_log all
<Location "/pinned/elsewhere">
    SetHandler scim
    SCIMProfile default
    SCIMTenant elsewhere
</Location>
CONF
    SCIMProfile default
    SCIMLogQueries on
LOCATION
my $s = $server->scim('default');
my ($tenant, $token) = ($s->tenant, $s->token);
my $u = $s->user(userName => 'wanda.secret@example.com', displayName => 'Wanda Secret');
my $g = $s->group(displayName => 'Hidden Group');

sub all_log {
    open my $in, '<', "$server->{dir}/logs/all_log" or return '';
    local $/;
    return <$in>;
}

# What is logged of a request, behind the request line.
sub said_of {
    my ($method, $path, $body, @headers) = @_;
    my $before = () = all_log() =~ /\n/g;

    $s->request($method, $path, $body, @headers);
    for (1 .. 100) {
        my @lines = split /\n/, all_log();
        return $lines[-1] =~ s/^[^|]*\|//r if @lines > $before;
        select undef, undef, undef, 0.02;
    }
    return 'nothing';
}

# Until all requests before are logged.
sub settle {
    state $serial = 0;
    my $mark = 'settle' . ++$serial;

    $s->get("/$mark");
    return $server->logged(qr{^GET /scim/v2/$mark }m, 'all_log');
}

# ---- whose, which, why ----

my $who = "$tenant/$token";
my $both = "$tenant|$token";
my $taken = { schemas => [USER], userName => 'WANDA.secret@example.com' };
my @cases = (
    ['GET', "/Users/$u->{id}", undef, [], "$who|200|$both|User/$u->{id}|$u->{id}|-|-"],
    ['GET', "/groups//$g->{id}", undef, [], "$who|200|$both|Group/$g->{id}|-|-|-"],
    ['GET', '/Groups', undef, [], "$who|200|$both|Group|-|-|-"],
    ['GET', '/Users/wanda.secret@example.com', undef, [], "$who|404|$both|User|-|-|There is no User with this id"],
    ['POST', '/Users', $taken, [], "$who|409|$both|User|-|uniqueness|"],
    ['PUT', "/Users/$u->{id}", '{', [], "$who|400|$both|User/$u->{id}|$u->{id}|invalidSyntax|"],
    ['DELETE', '/Nothing', undef, [], "$who|404|$both|-|-|-|There is no such endpoint"],
    ['GET', '/Schemas', undef, [Authorization => undef], '-|200|-|-|-|-|-|-'],
    ['HEAD', '/Users', undef, [Authorization => undef], '-|401|-|-|User|-|-|A bearer token is needed in the Authorization header'],
    ['OPTIONS', '/Users', undef, [Authorization => 'Digest x'], '-|401|-|-|User|-|-|The token is not valid: it is wrong, expired or revoked: the header has no form that is accepted here'],
);
for my $case (@cases) {
    my ($method, $path, $body, $headers, $expected) = @$case;

    settle();
    like(said_of($method, $path, $body, @$headers), qr/^\Q$expected\E/, "$method $path");
}
like(said_of('POST', '/Users', { schemas => [USER], userName => 'new@example.com' }), qr{\|201\|\Q$both\E\|User/([-0-9a-f]{36})\|\1\|-\|-$}, 'POST: the resource that was created');

# ---- a 401, and why ----

my $bad = sub { settle(); return said_of('GET', '/Users', undef, Authorization => "Bearer $_[0]") };
like($bad->('nobody-knows-this-one'), qr/^-\|401\|-\|-\|User\|-\|-\|.*: unknown token/, '401: unknown');
like($bad->('scim_' . 'a' x 49), qr/: unknown token: its checksum is wrong$/, '401: a token with a wrong checksum');
my $pinned = $s->at('/pinned/elsewhere');
is_scim_error($pinned->get('/Users'), 401, undef, '401: a token of another tenant');
ok($server->logged(qr{^GET /pinned/elsewhere/Users HTTP/1.1\|-\|401\|\Q$both\E\|User\|-\|-\|.*: a token of another tenant than elsewhere}m, 'all_log'),
    '401: a token of another tenant: said in the log, with tenant and token');
for my $case (['revoked', 'revoked = now()'], ['expired', "expires = now() - interval '1 hour'"]) {
    my ($why, $set) = @$case;
    my $other = $s->new_token;

    $server->{pg}->sql("update scim.token set $set where name = '$other'");
    like($bad->($other), qr/^-\|401\|$tenant\|$other\|User\|-\|-\|.*: an? $why token/, "401: $why: said in the log");
}
unlike($s->get('/Users', Authorization => 'Bearer x')->{body}, qr/unknown token/, '401: not said to the client');

# ---- the error log ----

my $log = $server->error_log;
like($log, qr/\[scim:info\].*SCIM103: 409 uniqueness: .*\(tenant $tenant, token $token\)/, 'error log: 4xx at info, with tenant and token');
like($log, qr/\[scim:info\].*SCIM103: 401 .*: unknown token/, 'error log: 401 with its reason');

# ---- nothing that a client sent ----

my $secret = qr/wanda|Hidden|nobody-knows|sesame/i;
my $patch = sub { return $s->patch("/Users/$u->{id}", \@_) };
$s->get('/Users' . uri(filter => 'userName eq "wanda.secret@example.com"'));
$s->get('/Users' . uri(filter => 'userName eq "wanda.secret@example.com" or'));
$s->get('/Users' . uri(filter => 'userName eq wanda.secret@example.com and nope eq wanda'));
$s->get('/Users' . uri(sortBy => 'wanda'));
$s->get('/Users' . uri(filter => 'password eq "sesame"'));
$patch->({ op => 'replace', path => 'emails[value eq "wanda.secret@example.com"].type', value => 5 });
$patch->({ op => 'replace', path => 'emails[value eq wanda].nope', value => 'x' });
$patch->({ op => 'wanda', path => 'title', value => 'x' });
$patch->({ op => 'add', path => 'active', value => 'wanda' });
$patch->({ op => 'add', path => 'wanda', value => 'x' }, { op => 'remove', path => 'userName' });
$s->post('/Users', { schemas => ['wanda'], userName => 'wanda' });
$s->post('/Users', qq({"schemas":["${\USER}"],"userName":"wanda","wanda":wanda}));
$s->post('/Users', { schemas => [USER], userName => 'x', emails => 'wanda' });
$s->post('/Groups', { schemas => [GROUP], displayName => 'Hidden', members => [{ value => 'wanda' }] });
$s->post('/Groups', { schemas => [GROUP], displayName => 'Hidden', members => [{ value => $u->{id}, type => 'wanda' }] });
$s->get('/Users', Authorization => 'Bearer sesame');
$s->request('wanda', '/Users');
$s->get('/ResourceTypes/wanda');
$s->get('/Users?attributes=wanda&filter=wanda');
is($s->get('/Users/last')->{status}, 404, 'a last request');
$server->logged(qr{^GET /scim/v2/Users/last}m, 'all_log');
my @lines = grep { m{^\S+ /scim} && !/^WANDA|wanda.secret\@example.com HTTP|ResourceTypes/i } split /\n/, all_log();
is_deeply([grep { /$secret/ } @lines], [], 'access log: no value, no query');
ok(scalar(grep { m{^GET /scim/v2/Users\?\.\.\. HTTP/1\.1\|} } @lines) >= 5, 'access log: "?..." stands for a query');
is_deeply([grep { /SCIM10\d/ && /$secret/ } split /\n/, $server->error_log], [], 'error log: nothing either');
$s->raw("GET /scim/v2/ServiceProviderConfig?filter=wanda\r\n");
ok($server->logged(qr{^GET /scim/v2/ServiceProviderConfig\?\.\.\.\|}m, 'all_log'), 'a request line without version: no query');
my $before = () = all_log() =~ /\n/g;
my @refused = (
    ['no Host' => 400, '', ''],
    ['a wrong header' => 400, '', "Host: x\r\nwrong\r\n"],
    ['an encoded slash' => 404, '%2F', "Host: x\r\n"],
    ['an expectation' => 417, '', "Host: x\r\nExpect: wanda\r\n"],
    ['two lengths' => 400, '', "Host: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n"],
    ['too long' => 414, '', "Host: x\r\n", 'x' x 9000],
);
for (@refused) {
    my ($what, $status, $path, $headers, $more) = @$_;
    my $answer = $s->raw("GET /scim/v2/Users$path?filter=wanda.secret" . ($more // '') . " HTTP/1.1\r\n${headers}Connection: close\r\n\r\n");
    is($answer->{status}, $status, "$what: refused by httpd itself");
}
$server->logged(qr{^(?:.*\n){${\($before + @refused)}}}, 'all_log');
is_deeply([grep { /$secret/ } (split /\n/, all_log())[$before .. $before + $#refused]], [], 'access log: nor the query of what httpd refuses');
my $own = $s->at('/own/v2');
$own->get('/Users?count=1');
ok($server->logged(qr{^GET /own/v2/Users\?count=1 HTTP/1\.1\|}m, 'all_log'), 'SCIMLogQueries on: the query stays');

$server->stop;
done_testing;
