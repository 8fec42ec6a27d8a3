# Beside the other modules of httpd: mod_mime, mod_deflate, mod_brotli, mod_rewrite, mod_alias, mod_authz_*, ErrorDocument.
use strict;
use warnings;

use Test::More;

use ScimTest qw(USER is_scim_error);
use ScimTest::Fixtures;
use ScimTest::Log;
use ScimTest::Server;

my $modules = join '', map { qq(LoadModule ${_}_module "\${SCIM_TEST_MODULES}/mod_$_.so"\n) } qw(mime filter deflate brotli rewrite alias env authn_core authz_user authz_host);
my $server = ScimTest::Server->start(conf => $modules . <<'CONF', location => <<'LOCATION');
TypesConfig /dev/null
AddEncoding x-gzip .gz
AddLanguage de .de
AddCharset iso-8859-1 .latin1
AddType text/html .html
AddHandler server-status .status
AddOutputFilter DEFLATE .deflated
RewriteEngine On
<Location "/moved">
    RewriteEngine On
    RewriteRule "([^/]*)$" "/own/v2/$1" [PT]
    RewriteRule "^" - [E=SEEN:1]
</Location>
<Location "/plain">
    ErrorDocument 404 /own/v2/ServiceProviderConfig
</Location>
Alias "/own/v2/docs" "${SCIM_TEST_ROOT}/conf"
CONF
    SCIMProfile default
    AddOutputFilterByType DEFLATE application/scim+json application/json
</Location>
<Location "/own/v2/docs">
    SetHandler none
</Location>
<Location "/brotli/v2">
    SetHandler scim
    SCIMProfile default
    AddOutputFilterByType BROTLI_COMPRESS application/scim+json
</Location>
<Location "/valid/v2">
    SetHandler scim
    SCIMProfile default
    AuthType SCIM
    AuthName SCIM
    Require valid-user
</Location>
<Location "/one/v2">
    SetHandler scim
    SCIMProfile default
    SCIMToken fjordvik sha256:0eafe87a2da24dd95637d795f1c3352fa83d1f0a7c6821a5d76fd945c63ed11a
    AuthType SCIM
    AuthName SCIM
    Require user fjordvik/configured
</Location>
<Location "/forbidden/v2">
    SetHandler scim
    SCIMProfile default
    SCIMToken fjordvik sha256:0eafe87a2da24dd95637d795f1c3352fa83d1f0a7c6821a5d76fd945c63ed11a
    AuthType scim
    AuthName SCIM
    AuthzSendForbiddenOnFailure on
    <RequireAll>
        Require user fjordvik/configured
        Require ip 127.0.0.1
    </RequireAll>
</Location>
<Location "/elsewhere">
    AuthType SCIM
    AuthName SCIM
    Require valid-user
LOCATION
my $s = $server->scim('default', path => '/own/v2');
my $u = $s->user(title => 'T');
my $path = "/Users/$u->{id}";

# ---- mod_mime: the end of a path says nothing ----

for my $end (qw(.gz .de .latin1 .html .status .deflated .de.gz)) {
    my $r = $s->get("/Users/x$end");
    is_scim_error($r, 404, undef, "mod_mime: x$end");
    is_deeply([map { $r->header($_) } qw(Content-Encoding Content-Language)], [undef, undef], "mod_mime: x$end: no encoding and no language");
    unlike($r->header('Content-Type'), qr/8859|html/, "mod_mime: x$end: type");
}

# ---- mod_deflate and mod_brotli: tags with a suffix ----

my %suffix = ('/own/v2' => ['gzip', '-gzip'], '/brotli/v2' => ['br', '-br']);
for my $at (sort keys %suffix) {
    my ($coding, $suffix) = @{ $suffix{$at} };
    my $client = $s->at($at);
    my @accept = ('Accept-Encoding' => $coding);
    my $r = $client->get($path, @accept);
    my $tag = $r->header('ETag');

    is($r->header('Content-Encoding'), $coding, "$coding: answers are compressed");
    like($tag, qr/\Q$suffix\E"$/, "$coding: the tag has a suffix");
    is($client->get($path, @accept, 'If-None-Match' => $tag)->{status}, 304, "$coding: If-None-Match with it: 304");
    is($client->get($path, 'If-None-Match' => $tag)->{status}, 304, "$coding: without compression too");
    my $patch = sub { return $client->patch($path, [{ op => 'replace', path => 'title', value => $_[0] }], @accept, 'If-Match' => $tag)->{status} };
    is($patch->("U $coding"), 200, "$coding: If-Match with it");
    is($patch->("V $coding"), 412, "$coding: If-Match with it when it is stale: 412");
    is($client->get($path, @accept, 'If-None-Match' => $tag)->{status}, 200, "$coding: If-None-Match when it is stale: 200");
}
my $tag = $s->get($path)->header('ETag');
for my $suffix ('-gzip', '-br', ';gzip', '--gzip', '-zstd', '-deflate') {
    my $with = $tag =~ s/"$/$suffix"/r;
    is($s->get($path, 'If-None-Match' => $with)->{status}, 304, "If-None-Match: $with");
    is($s->put($path, { schemas => [USER], userName => $u->{userName} }, 'If-Match' => $with)->{status}, 200, "If-Match: $with");
    $tag = $s->get($path)->header('ETag');
}
for my $suffix ('-x', 'gzip', '-gzip-gzip', '-gzip ') {
    is($s->get($path, 'If-None-Match' => $tag =~ s/"$/$suffix"/r)->{status}, 200, "If-None-Match: no such suffix: $suffix");
}

# ---- internal redirects: reading works, writing is refused with a reason ----

my $moved = $s->at('/moved');
is($moved->get('/Users')->{json}{totalResults}, 1, 'an internal redirect: GET');
is($moved->get('/Users', Authorization => undef)->{status}, 401, 'an internal redirect: without token 401');
ScimTest::Log::expect('came by an internal redirect');
my $r = $moved->post('/Users', { schemas => [USER], userName => 'moved@example.com' });
is_scim_error($r, 500, undef, 'an internal redirect: POST: refused');
like($r->{json}{detail}, qr/reading only/, 'an internal redirect: POST: says so');
like($server->error_log, qr{SCIM102: 500 .*POST of /own/v2/Users came by an internal redirect.*\[PT\]}, 'an internal redirect: POST: the log says why');
is($s->get('/Users')->{json}{totalResults}, 1, 'an internal redirect: POST: nothing was written');
is($s->at('/plain')->get('/x', Authorization => undef)->{json}{schemas}[0], 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
    'ErrorDocument: what it names');

# ---- Require ----

my $valid = $s->at('/valid/v2');
is($valid->get("/Users/$u->{id}")->{status}, 200, 'Require valid-user: a token');
is($valid->post('/Users', { schemas => [USER], userName => 'valid@example.com' })->{status}, 201, 'Require valid-user: a write');
for my $case (['no token', undef, 'Bearer realm="SCIM"'], ['a wrong token', 'Bearer x', 'Bearer realm="SCIM", error="invalid_token"']) {
    my ($title, $header, $challenge) = @$case;
    my $r = $valid->get('/Users', Authorization => $header);
    is_scim_error($r, 401, undef, "Require valid-user: $title");
    is($r->header('WWW-Authenticate'), $challenge, "Require valid-user: $title: challenge");
}
is($valid->get('/Schemas', Authorization => undef)->{status}, 401, 'Require valid-user: discovery too');
my $one = $s->at('/one/v2');
my $fjordvik = $server->scim('default', tenant => 'fjordvik');
is($one->get('/Users', Authorization => 'Bearer static-token-for-writing')->{json}{totalResults}, 0, 'Require user: the one');
for my $client ($one, $fjordvik->at('/one/v2')) {
    my $r = $client->get('/Users');
    is_scim_error($r, 401, undef, 'Require user: another one');
    is($r->header('WWW-Authenticate'), 'Bearer realm="SCIM"', 'Require user: another one: challenge');
}
my $forbidden = $s->at('/forbidden/v2');
is($forbidden->get('/Users', Authorization => 'Bearer static-token-for-writing')->{status}, 200, 'Require user and ip: the one');
is_scim_error($forbidden->get('/Users'), 403, undef, 'Require user and ip: another one, with AuthzSendForbiddenOnFailure');
is_scim_error($forbidden->get('/Users', Authorization => undef), 401, undef, 'Require user and ip: no token');
$server->{pg}->sql("update scim.tenant set state = 'paused' where name = 'fjordvik'");
my $paused = $server->scim('default', path => '/valid/v2', tenant => 'fjordvik')->get('/Users');
is_scim_error($paused, 503, undef, 'Require valid-user: a paused tenant');
is($paused->header('Retry-After'), 300, 'Require valid-user: a paused tenant: Retry-After');
ScimTest::Log::expect('AuthType SCIM needs');
is($s->at('/elsewhere')->get('/x')->{status}, 500, 'AuthType SCIM elsewhere: 500');
like($server->error_log, qr/SCIM109: AuthType SCIM needs a <Location>/, 'AuthType SCIM elsewhere: the reason in the log');

# ---- another handler below the Location ----

like($s->get('/docs/scim.conf', Authorization => undef)->{body}, qr/mod_scim: every directive/, 'a file below the Location: by its own handler');
is($s->get('/docs//profiles/../scim.conf')->{status}, 200, 'a file below the Location: paths are read as httpd reads them');

done_testing;
