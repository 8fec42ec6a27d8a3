# Clients that send their bodies slowly cost a thread each, and nobody a database connection.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use Test::More;

use ScimTest qw(USER PATCHOP);
use ScimTest::Server;

# Two connections; no token is remembered, so that each request looks its own up.
my $server = ScimTest::Server->start(threads => 16, pool => 'max=2 wait=1', conf => 'SCIMTokenCache 0');
my $slow = $server->scim('default');
my $other = $server->scim('default');
my $user = $other->user;
my $victim = $slow->user;
my @open;

for my $kind ((['POST', '/Users'], ['PUT', "/Users/$victim->{id}"], ['PATCH', "/Users/$victim->{id}"], ['POST', '/Users/.search']) x 2) {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die "no connection: $!\n";

    print $socket "$kind->[0] /scim/v2$kind->[1] HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ", $slow->token,
        "\r\nContent-Type: application/scim+json\r\nContent-Length: 1000\r\n\r\n{\"schemas\":[";
    $socket->flush;
    push @open, $socket;
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

# httpd is not stopped in the midst of closing them.
close $_ for @open;
sleep 1;
done_testing;
