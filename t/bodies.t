# How bodies come: limits of httpd's own, their time, framing, Expect, and the versions of HTTP before 1.1. What is in them is in badinput.t.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Select;
use IO::Socket::INET;
use Test::More;

use ScimTest qw(USER is_scim_error);
use ScimTest::Server;

my $server = ScimTest::Server->start(conf => "RequestReadTimeout body=1\nSCIMTokenCache 0\nKeepAliveTimeout 20", location => <<'LOCATION');
    SCIMProfile default
    LimitRequestBody 300
</Location>
<Location "/own/v2/Groups">
    LimitRequestBody 0
LOCATION
my $s = $server->scim('default');
my $limited = $s->at('/own/v2');
my $serial = 0;

sub user_json { return $s->{json}->encode({ schemas => [USER], userName => 'b' . ++$serial . '@example.com', @_ }) }

sub chunks { return join '', (map { sprintf "%x\r\n%s\r\n", length, $_ } @_), "0\r\n" }

# A request up to the end of its header, on a connection of its own.
sub begin {
    my ($line, @headers) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die "no connection: $!\n";

    print $socket join("\r\n", $line, 'Host: x', "Authorization: Bearer ${\$s->token}", @headers, '', '');
    $socket->flush;
    return $socket;
}

# What has come when this matches, or the connection has ended.
sub answer {
    my ($socket, $until) = @_;
    my $answer = '';

    while ($answer !~ $until && IO::Select->new($socket)->can_read(30)) {
        sysread $socket, $answer, 65536, length $answer or last;
    }
    return $answer;
}

# ---- LimitRequestBody ----

my $large = user_json(title => 'x' x 500);
is_scim_error($limited->post('/Users', $large), 413, undef, 'LimitRequestBody: a body that is announced as larger');
is_scim_error($limited->post('/Users', chunks($large) . "\r\n", 'Transfer-Encoding' => 'chunked'), 413, undef, 'LimitRequestBody: one in chunks that is larger');
is($limited->post('/Users', user_json())->{status}, 201, 'LimitRequestBody: a smaller one');
is($s->post('/Users', $large)->{status}, 201, 'LimitRequestBody: not at another Location');
# Without a right to send it: what could be read with no other answer is, so that the connection stays.
for my $case ([user_json(), '', 'a smaller one'], [$large, 'close', 'a larger one']) {
    my ($body, $connection, $title) = @$case;
    my $r = $limited->post('/Users', $body, Authorization => undef);

    is_scim_error($r, 401, undef, "LimitRequestBody: without a token: $title");
    is($r->header('Connection') // '', $connection, 'LimitRequestBody: without a token: ' . ($connection ? 'the connection ends' : 'the connection stays'));
}

my $unlimited = $limited->post('/Groups', $large, Authorization => undef);
is_deeply([$unlimited->{status}, $unlimited->header('Connection')], [401, undef], 'LimitRequestBody 0: without a token: the connection stays');

# ---- a body that comes too late, or not as announced ----

my $late = begin('POST /scim/v2/Users HTTP/1.1', 'Content-Length: 100');
print $late '{';
$late->flush;
my $said = answer($late, qr/"detail"/);
like($said, qr{\AHTTP/1\.1 408 .*"status":"408"}s, 'a body that does not come in time: 408');
like($said, qr/^Connection: close\r$/m, '... and the connection ends');
for my $case (['that ends too early', "Content-Length: 100\r\n\r\n{"], ['with a broken chunk', "Transfer-Encoding: chunked\r\n\r\nnothing\r\n"],
    ['without an end', "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\"\r\n"], ['with a length that is no number', "Content-Length: 1x\r\n\r\n{"]) {
    my ($title, $rest) = @$case;
    my $r = $s->raw("POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${\$s->token}\r\n$rest");

    is_scim_error($r, 400, undef, "a body $title");
    is($r->header('Connection'), 'close', "a body $title: the connection ends");
}
is($s->raw("POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${\$s->token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    . chunks(user_json()) . "X-Trailer: x\r\n\r\n")->{status}, 201, 'a body in chunks with a trailer');

# ---- Expect: who may not do it is told before the body ----

my $user = user_json();
my @expect = ('Expect: 100-continue', 'Content-Type: application/scim+json', 'Content-Length: ' . length $user);
my $polite = begin('POST /scim/v2/Users HTTP/1.1', @expect);
like(answer($polite, qr/\r\n\r\n/), qr{\AHTTP/1\.1 100 }, 'Expect: 100-continue: the body is asked for');
print $polite $user;
$polite->flush;
like(answer($polite, qr/\r\n\r\n/), qr{\AHTTP/1\.1 201 }, '... and taken');
my $refused = answer(begin('POST /scim/v2/Me HTTP/1.1', @expect), qr/\r\n\r\n/);
like($refused, qr{\AHTTP/1\.1 501 .*^Connection: close\r$}ms, 'Expect: 100-continue: what is refused at once is, and the connection ends');

# ---- how it is labelled ----

is($s->post('/Users', user_json(), 'Content-Encoding' => $_)->{status}, 201, "Content-Encoding: '$_' is none") for '', 'identity', 'Identity';
is_scim_error($s->post('/Users', user_json(), 'Content-Encoding' => $_), 415, undef, "Content-Encoding: $_") for 'gzip', 'identity, gzip';

# ---- HTTP/1.0 and what was before ----

my $old = sub {
    my ($method, $path, @rest) = @_;
    return $s->raw(join "\r\n", "$method /scim/v2$path HTTP/1.0", "Authorization: Bearer ${\$s->token}", @rest);
};
my $r = $old->('GET', '/Users?count=1', '', '');
is_deeply([$r->{status}, $r->{json}{itemsPerPage}, $r->header('Connection')], [200, 1, 'close'], 'HTTP/1.0: GET');
like($r->header('Content-Length'), qr/^\d+$/, 'HTTP/1.0: the length is said');
$r = $old->('HEAD', '/Users', '', '');
is_deeply([$r->{status}, $r->{body}], [200, ''], 'HTTP/1.0: HEAD');
is($old->('GET', '/Users?count=1', 'Connection: keep-alive', '', '')->header('Connection'), 'Keep-Alive', 'HTTP/1.0: a connection that stays');
$user = user_json();
is($old->('POST', '/Users', 'Content-Length: ' . length $user, '', $user)->{status}, 201, 'HTTP/1.0: POST');
is_scim_error($old->('GET', '/Nothing', '', ''), 404, undef, 'HTTP/1.0: an error');
my $oldest = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die "no connection: $!\n";
print $oldest "GET /scim/v2/ServiceProviderConfig?x=secret\r\n";
$oldest->flush;
like(answer($oldest, qr/(?!)/), qr/\A\{.*"patch".*\}\s*\z/s, 'HTTP/0.9: the body, and nothing else');

$server->stop;
done_testing;
