# Beside the other modules of httpd: mod_mime, mod_deflate, mod_brotli, mod_rewrite, mod_alias, mod_include, mod_ext_filter, mod_allowmethods,
# mod_auth_basic, mod_authz_*, ErrorDocument; and without the driver of PostgreSQL.
use strict;
use warnings;

use Digest::SHA qw(sha1);
use Test::More;

use File::Path qw(make_path);
use MIME::Base64 qw(encode_base64);

use ScimTest qw(USER is_scim_error);
use ScimTest::Fixtures;
use ScimTest::Log;
use ScimTest::Server;

my $modules = join '', map { qq(LoadModule ${_}_module "\${SCIM_TEST_MODULES}/mod_$_.so"\n) } qw(mime filter deflate brotli rewrite alias env authn_core authz_user authz_host
    include ext_filter allowmethods auth_basic authn_file);
my $logs = "$ENV{SCIM_TEST_ROOT}/t/logs";
my $server = ScimTest::Server->start(conf => $modules . <<'CONF', location => <<'LOCATION');
TypesConfig /dev/null
AddEncoding x-gzip .gz
AddLanguage de .de
AddCharset iso-8859-1 .latin1
AddType text/html .html
AddHandler server-status .status
AddOutputFilter DEFLATE .deflated
RewriteEngine On
RewriteRule "^/dotted/(.*)" "/own/v2/./$1" [PT]
RewriteRule "^/marked/(.*)" "/own/v2/$1;x" [PT]
RewriteRule "^/respelled/(.*)" "/own/v2//gROUPS/$1/" [PT]
<Location "/moved">
    RewriteEngine On
    RewriteRule "([^/]*)$" "/own/v2/$1" [PT]
    RewriteRule "^" - [E=SEEN:1]
</Location>
<Location "/plain">
    ErrorDocument 404 /own/v2/ServiceProviderConfig
</Location>
Alias "/own/v2/docs" "${SCIM_TEST_ROOT}/conf"
Alias "/pages" "${SCIM_TEST_ROOT}/t/logs/pages"
<Location "/pages">
    Options +Includes
    SetOutputFilter INCLUDES
</Location>
ExtFilterDefine broken cmd="/nowhere/filter"
<Location "/private">
    AuthType Basic
    AuthName private
    AuthUserFile "${SCIM_TEST_ROOT}/t/logs/passwords"
    Require user kim
</Location>
# A handler that comes from a pattern, for a part of what is below the Location; and one where no profile is.
<Location "/parts">
    SCIMProfile default
</Location>
<LocationMatch "^/parts/(Users|ServiceProviderConfig)(/|$)">
    SetHandler scim
</LocationMatch>
<LocationMatch "^/unserved">
    SetHandler scim
</LocationMatch>
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
<Location "/passwords/v2">
    SetHandler scim
    SCIMProfile default
    SCIMAuthScheme basic
    AuthType Basic
    AuthName users
    AuthUserFile "${SCIM_TEST_ROOT}/t/logs/passwords"
    Require valid-user
</Location>
<Location "/passwords/v2/Groups">
    Require user kim
</Location>
<Location "/untyped/v2">
    SetHandler scim
    SCIMProfile default
    Require valid-user
</Location>
<Location "/filtered/v2">
    SetHandler scim
    SCIMProfile default
    SetOutputFilter broken
</Location>
<Location "/reading/v2">
    SetHandler scim
    SCIMProfile default
    AllowMethods GET HEAD
</Location>
<Location "/writing/v2">
    SetHandler scim
    SCIMProfile default
    AllowMethods POST PUT
</Location>
<Location "/slash/">
    SetHandler scim
    SCIMProfile default
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

# Who has a password that is a token, beside it: first httpd looks at it, then this module.
my $token = $s->token;
write_file('passwords', map { chomp(my $hash = encode_base64(sha1($_->[1]))); "$_->[0]:{SHA}$hash\n" } ['app', $token], ['kim', 'secret']);
my $passwords = $s->at('/passwords/v2');
my $basic = sub { return Authorization => 'Basic ' . encode_base64(join(':', @_), '') };
is($passwords->get("/Users/$u->{id}", $basic->('app', $token))->{status}, 200, 'AuthType Basic: a user whose password is a token');
for my $case (['no credentials', 'Basic realm="users"', Authorization => undef], ['a wrong password', 'Basic realm="users"', $basic->('app', 'x')],
    ['a bearer', 'Basic realm="users"', Authorization => "Bearer $token"],
    ['a password that is no token', 'Bearer realm="SCIM", error="invalid_token", Basic realm="SCIM"', $basic->('kim', 'secret')]) {
    my ($title, $challenge, @headers) = @$case;
    my $r = $passwords->get('/Users', @headers);
    is_scim_error($r, 401, undef, "AuthType Basic: $title");
    is($r->header('WWW-Authenticate'), $challenge, "AuthType Basic: $title: challenge");
}
my $other = $passwords->get('/Groups', $basic->('app', $token));
is_scim_error($other, 401, undef, 'AuthType Basic: a user whom Require does not name');
is($other->header('WWW-Authenticate'), 'Basic realm="users"', '... gets the challenge of httpd');
for my $case (['no credentials', Authorization => undef], ['another user', $basic->('app', $token)]) {
    my ($title, @headers) = @$case;
    my $r = $s->at('/private')->get('/x', @headers);
    is_deeply([$r->{status}, $r->header('WWW-Authenticate')], [401, 'Basic realm="private"'], "AuthType Basic elsewhere: $title: as usual");
}
is_scim_error($s->at('/untyped/v2')->get('/Users'), 500, undef, 'Require valid-user without AuthType: 500');
like($server->error_log, qr{AH00027: No authentication done .*/untyped/v2/Users}, '... by httpd, which says so in its log');

# ---- handlers from patterns ----

my $parts = $s->at('/parts');
is($parts->get("/Users/$u->{id}")->{status}, 200, 'a handler from a pattern');
is($parts->get("/users/$u->{id}")->{status}, 404, '... where the pattern matches');
is_scim_error($parts->get('/Groups'), 404, undef, '... and not beside it: a SCIM error');
ScimTest::Log::expect('SetHandler scim needs a');
is($s->at('/unserved')->get('/Users')->{status}, 500, 'a handler without profile: 500');
like($server->error_log, qr/SCIM106: SetHandler scim needs a <Location> with SCIMProfile/, '... and the log says why');
is($s->at('/slash')->get('/')->{json}{totalResults}, 2, 'a Location that ends in a slash: its root lists all');
is($s->at('/slash')->get("//Users//$u->{id}")->{status}, 200, '... and all below it');

# ---- paths that mod_rewrite makes ----

is_scim_error($s->at('/dotted')->get('/Users'), 404, undef, 'mod_rewrite makes a dot segment: refused');
is_scim_error($s->at('/marked')->get('/Users'), 404, undef, 'mod_rewrite makes a path parameter: refused');
is($s->at('/respelled')->get('/.Search')->{status}, 405, 'mod_rewrite makes another spelling: made canonical again');
like($s->at('/respelled')->get('/.Search')->header('Allow'), qr/^POST/, '... before it is asked what can be done there');

# ---- mod_include: requests inside a request ----

make_path("$logs/pages");
write_file('pages/page', 'config <!--#include virtual="/own/v2/ServiceProviderConfig" -->, users <!--#include virtual="/own/v2//users?attributes=userName" -->.');
my $page = $s->at('/pages')->get('/page')->{body};
like($page, qr/config \{.*"patch":.*\}, users \{.*"\Q$u->{userName}\E".*\}\.\z/s, 'mod_include: a page with two answers');
like($s->at('/pages')->get('/page', Authorization => undef)->{body}, qr/config \{.*\}, users \{.*"status":"401".*\}\.\z/s,
    'mod_include: without token: the error in place of what needs one');

# ---- mod_ext_filter: answers that cannot be sent ----

is_scim_error($s->at('/filtered/v2')->get('/ServiceProviderConfig'), 500, undef, 'an output filter that fails: 500');
like($server->error_log, qr/SCIM101: the reply could not be sent/, '... and the log says that the reply was another one');

# ---- mod_allowmethods ----

my $methods = $s->at('/reading/v2');
is($methods->get('/Users')->{status}, 200, 'AllowMethods GET HEAD: GET');
for my $client ($methods, $s->at('//reading//v2')) {
    my $r = $client->post('/Users', { schemas => [USER], userName => 'x' });
    is_scim_error($r, 405, undef, 'AllowMethods GET HEAD: POST');
    is($r->header('Allow'), 'GET, HEAD', 'AllowMethods GET HEAD: Allow names what it lets through');
}
is($s->at('/writing/v2')->put('/Users', {})->header('Allow'), 'POST', 'AllowMethods POST PUT: Allow of what this module refuses');

# ---- another handler below the Location ----

like($s->get('/docs/scim.conf', Authorization => undef)->{body}, qr/mod_scim: every directive/, 'a file below the Location: by its own handler');
is($s->get('/docs//profiles/../scim.conf')->{status}, 200, 'a file below the Location: paths are read as httpd reads them');

# ---- without the driver of PostgreSQL: any library in its place is none ----

make_path("$logs/drivers/apr-util-1");
for my $folder ("$logs/drivers", "$logs/drivers/apr-util-1") {
    symlink "$ENV{SCIM_TEST_MODULES}/mod_env.so", "$folder/apr_dbd_pgsql-1.so" or die "$folder: $!\n";
}
$server->stop_httpd;
$server->configure(environment => { LD_LIBRARY_PATH => "$logs/drivers" });
my (undef, $status) = $server->httpd('-k', 'start');
isnt($status, 0, 'without the driver httpd does not start');
like($server->error_log, qr/SCIM4: apr_dbd cannot load its driver pgsql \(package libaprutil1-dbd-pgsql\)/, '... and the log says what is missing');

done_testing;

sub write_file {
    my ($name, @lines) = @_;

    open my $file, '>', "$logs/$name" or die "$name: $!\n";
    print $file @lines;
    close $file or die "$name: $!\n";
    return;
}
