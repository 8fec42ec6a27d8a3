# Clients that send their bodies slowly cost a thread each, and nobody a database connection; a request that is refused costs no thread at
# all, however much body it has announced.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

use ScimTest qw(USER PATCHOP);
use ScimTest::Server;

# Two connections; no token is remembered, so that each request looks its own up.
my $server = ScimTest::Server->start(threads => 16, pool => 'max=2 wait=1', conf => <<"CONF", location => <<'LOCATION');
SCIMTokenCache 0
<IfModule !authn_core_module>
LoadModule authn_core_module "$ENV{SCIM_TEST_MODULES}/mod_authn_core.so"
</IfModule>
<IfModule !authz_user_module>
LoadModule authz_user_module "$ENV{SCIM_TEST_MODULES}/mod_authz_user.so"
</IfModule>
CONF
    SCIMProfile default
    AuthType SCIM
    AuthName SCIM
    Require valid-user
LOCATION
my $slow = $server->scim('default');
my $other = $server->scim('default');
my $user = $other->user;
my $victim = $slow->user;
my @open;

# A connection on which a request has begun.
sub begin {
    my ($method, $path, @headers) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die "no connection: $!\n";

    print $socket join("\r\n", "$method $path HTTP/1.1", 'Host: x', @headers, '', ''), '{"schemas":[';
    $socket->flush;
    return $socket;
}

my $token = 'Authorization: Bearer ' . $slow->token;
my $json = 'Content-Type: application/scim+json';
for my $kind ((['POST', '/Users'], ['PUT', "/Users/$victim->{id}"], ['PATCH', "/Users/$victim->{id}"], ['POST', '/Users/.search']) x 2) {
    push @open, begin($kind->[0], "/scim/v2$kind->[1]", $token, $json, 'Content-Length: 1000');
}
sleep 1;
is($other->get("/Users/$user->{id}")->{status}, 200, "request $_ of another tenant while eight bodies are on their way") for 1 .. 20;
is($other->user->{active}, ScimTest::TRUE, 'it can write as well');
is($other->sql('select count(*) from pg_stat_activity where application_name like ? and state like ?', 'mod_scim%', 'idle in%'), 0,
    'no connection is inside a transaction');

# The slow ones are answered once they have sent what they announced.
for my $socket (@open) {
    print $socket ' ' x (1000 - length '{"schemas":[');
    $socket->flush;
}
like(scalar readline($_), qr{^HTTP/1\.1 400 }, 'a slow body is judged when it has come') for @open;
close $_ for @open;

# ---- answers that need no body do not wait for it ----

my $long = 'Content-Length: 1000000000';
my $reader = $server->scim('default', tenant => $slow->tenant, rights => ['read']);
my @early = (
    ['POST without a token', 401, 'POST', '/scim/v2/Users', $json, $long],
    ['POST with an unknown token', 401, 'POST', '/scim/v2/Users', 'Authorization: Bearer nobodys', $json, $long],
    ['POST without a token, AuthType SCIM', 401, 'POST', '/own/v2/Users', $json, $long],
    ['POST without a token in chunks', 401, 'POST', '/scim/v2/Users', $json, 'Transfer-Encoding: chunked'],
    ['POST without a token that announces little', 401, 'POST', '/scim/v2/Users', $json, 'Content-Length: 100'],
    ['POST without a token that waits for leave to send', 401, 'POST', '/scim/v2/Users', $json, 'Content-Length: 100', 'Expect: 100-continue'],
    ['POST with a token for reading', 403, 'POST', '/scim/v2/Users', 'Authorization: Bearer ' . $reader->token, $json, $long],
    ['POST to nowhere', 404, 'POST', '/scim/v2/Nowhere', $token, $json, $long],
    ['POST with dot segments', 404, 'POST', '/scim/v2/Users;x/y', $token, $json, $long],
    ['PUT of a list', 405, 'PUT', '/scim/v2/Users', $token, $json, $long],
    ['POST of too much', 413, 'POST', '/scim/v2/Users', $token, $json, $long],
    ['POST of text', 415, 'POST', '/scim/v2/Users', $token, 'Content-Type: text/plain', $long],
    ['GET with a body', 200, 'GET', '/scim/v2/ServiceProviderConfig', $json, $long],
    ['OPTIONS with a body', 204, 'OPTIONS', '/scim/v2/ServiceProviderConfig', $json, $long],
);
my $until = time + 30;

# What is answered, up to the end of the header.
sub answer {
    my ($socket) = @_;
    my $answer = '';

    while ($answer !~ /\r\n\r\n/ && IO::Select->new($socket)->can_read($until > time ? $until - time : 0)) {
        sysread $socket, $answer, 65536, length $answer or last;
    }
    return $answer eq '' ? 'nothing' : $answer;
}

# More of them in the end than there are threads.
@open = ();
for (1 .. 3) {
    my @now = map { begin(@$_[2 .. $#$_]) } @early;
    for my $i (0 .. $#early) {
        my ($title, $status) = @{ $early[$i] };
        like(answer($now[$i]), qr{\AHTTP/1\.1 $status .*^Connection: close\r$}ms, "$title: $status at once, and that is all");
    }
    push @open, @now;
}

# The worker and prefork MPMs wait for the other side with the thread.
SKIP: {
    skip 'threads wait for connections to be closed in this MPM', 1 if $ENV{SCIM_TEST_MPM} ne 'event';
    my $busy = -1;
    for (1 .. 100) {
        ($busy) = $other->at('/server-status')->get('?auto')->{body} =~ /^BusyWorkers: (\d+)$/m;
        last if $busy == 1;
        sleep 0.1;
    }
    is($busy, 1, 'no thread is kept by bodies that nobody reads');
}
close $_ for @open;

# ---- what has come is no reason to close ----

# httpd may have closed the connections that were kept while all its threads were busy.
my $late = $other->at('/scim/v2');
my $r = $late->post('/Users', { schemas => [USER], userName => 'x' }, Authorization => 'Bearer nobodys');
is($r->{status}, 401, 'a small body that has arrived, without a right to send it');
is($r->header('Connection') // '', '', '... leaves the connection open');
$r = $late->delete("/Users/$victim->{id}", 'Content-Length' => 0);
is($r->header('Connection') // '', '', 'an empty body, too');
$r = $late->post('/Users', qq(29\r\n{"schemas":["@{[USER]}"],"userName":"chunk"}\r\n0\r\n\r\n) =~ s/^29/sprintf '%x', length qq({"schemas":["@{[USER]}"],"userName":"chunk"})/er,
    'Transfer-Encoding' => 'chunked');
is($r->{status}, 201, 'a body in chunks');
is($r->header('Connection') // '', '', '... that has been read');

# ---- a body that does not arrive in time ----

$server->configure(conf => "$server->{opt}{conf}TimeOut 1\n");
$server->stop_httpd;
$server->start_httpd;
$until = time + 30;
my $never = begin('POST', '/scim/v2/Users', $token, $json, 'Content-Length: 1000');
like(answer($never), qr{\AHTTP/1\.1 408 .*^Content-Type: application/scim\+json}ms, 'a body that does not arrive: 408');
close $never;

# httpd is not stopped in the midst of closing them.
sleep 1;
done_testing;
