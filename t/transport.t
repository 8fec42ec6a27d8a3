# TLS: what comes in clear text is refused where the configuration says so, before its token is looked at (SE-09).
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IPC::Open2 qw(open2);
use Test::More;

use ScimTest qw(USER is_scim_error);
use ScimTest::Server;

my $dir = "$ENV{SCIM_TEST_ROOT}/transport.$$";
mkdir $dir or die "$dir: $!\n";
system(qq(openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout '$dir/key' -out '$dir/crt' 2>/dev/null)) == 0
    or die "openssl makes no certificate\n";

my $port = ScimTest::Server::free_port();
my $locations = join '', map { my ($path, @lines) = @$_; join "\n", qq(<Location "/$path/v2">), 'SetHandler scim', 'SCIMProfile default', @lines, "</Location>\n" }
    ['tls', 'SCIMRequireTLS on'], ['clear'], ['off', 'SCIMRequireTLS off'],
    ['proxied', 'SCIMRequireTLS on', q(SetEnvIfExpr "%{CONN_REMOTE_ADDR} -ipmatch '127.0.0.0/8' && %{HTTP:X-Forwarded-Proto} == 'https'" HTTPS=on)],
    ['elsewhere', 'SCIMRequireTLS on', q(SetEnvIfExpr "%{CONN_REMOTE_ADDR} -ipmatch '10.0.0.0/8' && %{HTTP:X-Forwarded-Proto} == 'https'" HTTPS=on)],
    ['valid', 'SCIMRequireTLS on', 'AuthType SCIM', 'AuthName SCIM', 'Require valid-user'];
my $server = ScimTest::Server->start(conf => <<"CONF");
LoadModule socache_shmcb_module "\${SCIM_TEST_MODULES}/mod_socache_shmcb.so"
LoadModule ssl_module "\${SCIM_TEST_MODULES}/mod_ssl.so"
LoadModule setenvif_module "\${SCIM_TEST_MODULES}/mod_setenvif.so"
LoadModule authn_core_module "\${SCIM_TEST_MODULES}/mod_authn_core.so"
LoadModule authz_user_module "\${SCIM_TEST_MODULES}/mod_authz_user.so"
Listen 127.0.0.1:$port https
SCIMTokenCache 0
$locations
<VirtualHost 127.0.0.1:$port>
    ServerName localhost
    SSLEngine on
    SSLCertificateFile "$dir/crt"
    SSLCertificateKeyFile "$dir/key"
    SSLProtocol -all +TLSv1.2 +TLSv1.3
</VirtualHost>
CONF
my $s = $server->scim('default');
my $user = $s->user;

# Status and body of the answer to a request by TLS; options go to openssl.
sub by_tls {
    my ($method, $path, @options) = @_;
    my $pid = open2(my $out, my $in, "openssl s_client -quiet -connect 127.0.0.1:$port @options 2>/dev/null");

    print $in "$method $path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ${\$s->token}\r\n\r\n";
    $in->flush;
    my $reply = do { local $/; <$out> } // '';
    close $in;
    waitpid $pid, 0;
    return $reply =~ m{^HTTP/1\.1 (\d+).*?\r\n\r\n(.*)}s ? ($1, $2) : (0, $reply);
}

sub used { return scalar $s->sql('select count(last_used) from scim.token where name = ?', $s->token) }

my $reply = $s->at('/tls/v2')->get('/Users');
is_scim_error($reply, 403, undef, 'SE-09: clear text is refused');
like($reply->{json}{detail}, qr/^HTTPS is needed here/, '... and the detail says why');
like($reply->header('Connection') // '', qr/close/, '... the connection ends');
is($reply->header('WWW-Authenticate'), undef, '... nobody is asked for a token');
ok($server->logged(qr/SCIM103: 403 HTTPS is needed here[^\n]*$/m, 'error_log'), '... the log tells');
unlike($server->error_log, qr/HTTPS is needed here[^\n]*\(tenant/, '... without a tenant: no token was looked at');
$s->sql('update scim.token set last_used = null');
$s->at('/tls/v2')->request($_, '/Users', /^P/ ? { schemas => [USER], userName => 'x' } : undef) for qw(GET POST OPTIONS);
is(used(), 0, 'SE-09: the database was not asked for the token');
is_scim_error($s->at('/tls/v2')->get($_), 403, undef, "SE-09: discovery neither: $_") for '/ServiceProviderConfig', '/Schemas';
is_scim_error($s->at('/tls/v2')->get('/Users', Authorization => undef), 403, undef, 'SE-09: without a token');
is_scim_error($s->at('/valid/v2')->get('/Users'), 403, undef, "SE-09: where httpd's Require looks at the token first");
is(used(), 0, '... it is not looked at either');
is_scim_error($s->at('/tls/v2')->get('/Users', 'X-Forwarded-Proto' => 'https', HTTPS => 'on', 'X-Forwarded-Ssl' => 'on', Forwarded => 'proto=https'), 403, undef,
    'SE-09: whatever the client says of itself');

my ($status, $body) = by_tls('GET', "/tls/v2/Users/$user->{id}");
is($status, 200, 'SE-09: by TLS it is served') or diag($body);
like($body, qr/"id":"$user->{id}"/, '... the user');
is(used(), 1, '... for the token');
is((by_tls('GET', '/valid/v2/Users'))[0], 200, "SE-09: behind httpd's Require");
is((by_tls('GET', '/tls/v2/Users', "-$_"))[0], 200, "SE-09, MS-28: by $_") for qw(tls1_2 tls1_3);
is((by_tls('GET', '/tls/v2/Users', '-tls1_1 -cipher ALL@SECLEVEL=0'))[0], 0, 'SE-09: the configuration that the README has does not speak TLS 1.1');

is($s->at('/proxied/v2')->get('/Users', 'X-Forwarded-Proto' => 'https')->{status}, 200, 'SE-09: a front end that the configuration trusts');
is_scim_error($s->at('/proxied/v2')->get('/Users', 'X-Forwarded-Proto' => 'http'), 403, undef, '... which says that it was no TLS');
is_scim_error($s->at('/proxied/v2')->get('/Users'), 403, undef, '... or nothing');
is_scim_error($s->at('/elsewhere/v2')->get('/Users', 'X-Forwarded-Proto' => 'https'), 403, undef, '... or is somebody else');
is($s->at("/$_/v2")->get('/Users')->{status}, 200, "SCIMRequireTLS is off: $_") for qw(clear off);

$server->configure(conf => $server->{opt}{conf} . "SCIMRequireTLS on\n");
$server->graceful;
for (1 .. 250) {
    last if $s->at('/clear/v2')->get('/Users')->{status} == 403;
    select undef, undef, undef, 0.02;
}
is_scim_error($s->at('/clear/v2')->get('/Users'), 403, undef, 'said for the server, it holds in each Location');
is($s->at('/off/v2')->get('/Users')->{status}, 200, '... but where it is off');

$server->stop;
done_testing;
