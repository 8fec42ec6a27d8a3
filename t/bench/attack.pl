#!/usr/bin/env perl
# One way in which a tenant burdens its neighbours: attack.pl KIND SECONDS BASE PATH TOKEN USER-ID
#
# Sixteen processes at once; each ends after so many seconds. Prints how many requests got which status, and how many got none because httpd had
# closed the connection ("closed"). The kind "get" is no attack: what the others are compared with.
use strict;
use warnings;

use IO::Socket::INET;
use Time::HiRes qw(sleep time);

my ($kind, $seconds, $host, $port, $path, $token, $user) = @ARGV;
my $until = time + $seconds;
my $PATCHOP = '"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]';
my $serial = 0;

sub connection {
    return IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => 5);
}

sub head {
    my ($method, $target, %more) = @_;

    return join "\r\n", "$method $path$target HTTP/1.1", "Host: $host", 'Authorization: Bearer ' . ($more{token} // $token),
        'Content-Type: application/scim+json', (defined $more{length} ? "Content-Length: $more{length}" : ()), '', '';
}

# Sends one request on a kept connection and reads its answer; the status, "closed" without one, and whether the connection goes on.
sub ask {
    my ($socket, $method, $target, $body, %more) = @_;
    my ($status, $length, $goes_on) = ('closed', 0, 1);

    print $socket head($method, $target, %more, defined $body ? (length => length $body) : ()), $body // '';
    $socket->flush;
    while (my $line = readline $socket) {
        $status = $1 if $line =~ m{^HTTP/1\.1 (\d+)};
        $length = $1 if $line =~ /^Content-Length: (\d+)/i;
        $goes_on = 0 if $line =~ /^Connection: close/i;
        last if $line eq "\r\n";
    }
    read $socket, my $rest, $length if $length;
    return ($status, $goes_on && $status ne 'closed');
}

# As fast as the server answers.
sub storm {
    my ($next) = @_;
    my ($socket, %seen);

    while (time < $until) {
        $socket //= connection() or next;
        my ($status, $goes_on) = ask($socket, $next->());
        $seen{$status}++;
        undef $socket unless $goes_on;
    }
    return \%seen;
}

my %ATTACKS = (
    # Users of the tenant by their ids.
    get => sub { return storm(sub { ('GET', sprintf '/Users/%s%012x', substr($user, 0, -12), int(rand 5000) * 20 + hex substr $user, -12) }) },
    # Bodies of which a byte comes each second.
    slow => sub {
        while (time < $until) {
            my $socket = connection() or next;
            print $socket head('POST', '/Users', length => 100000), '{"schemas":[';
            while (time < $until) {
                print $socket ' ' or last;
                $socket->flush;
                sleep 1;
            }
        }
        return {};
    },
    # Every request changes the same row.
    row => sub {
        my $me = shift;
        return storm(sub { ('PATCH', "/Users/$user", qq({$PATCHOP,"Operations":[{"op":"replace","path":"title","value":"$me-@{[++$serial]}"}]})) });
    },
    # Searches that no index serves.
    search => sub { return storm(sub { ('GET', '/Users?filter=' . join('+or+', map { "title+ew+%22nobody$_%22" } 1 .. 20)) }) },
    # Each request costs a password's hash.
    hash => sub {
        my $me = shift;
        return storm(sub { ('PATCH', "/Users/$user", qq({$PATCHOP,"Operations":[{"op":"replace","path":"password","value":"Secret-$me-@{[++$serial]}"}]})) });
    },
    # Tokens that nobody has, of a form that has to be looked up.
    token => sub { my $me = shift; return storm(sub { ('GET', '/Users', undef, token => "unknown-$me-" . ++$serial) }) },
    # A thousand connections that are kept open after a request.
    idle => sub {
        my @open;
        while (time < $until) {
            my $socket = @open < 63 ? connection() : undef;
            push @open, $socket if $socket && (ask($socket, 'GET', '/ServiceProviderConfig'))[0] eq '200';
            sleep 0.5 if @open >= 63;
        }
        return { open => scalar @open };
    },
);

my $attack = $ATTACKS{$kind} or die "attack.pl: there is no attack $kind\n";
my @readers;
for my $me (1 .. 16) {
    my $pid = open my $reader, '-|';
    defined $pid or die "fork: $!\n";
    if (!$pid) {
        local $SIG{PIPE} = 'IGNORE';
        my $seen = $attack->("$$-$me");
        print "$_ $seen->{$_}\n" for keys %$seen;
        exit 0;
    }
    push @readers, $reader;
}
my %total;
for my $reader (@readers) {
    while (<$reader>) {
        my ($status, $n) = split;
        $total{$status} += $n;
    }
}
print join(' ', map { "$_:$total{$_}" } sort keys %total), "\n";
