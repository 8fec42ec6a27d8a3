# A small HTTP/1.1 client that sends exactly what a test says: any method, doubled or missing headers, broken bodies.
package ScimTest::Http;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;

my $TIMEOUT = 120;

sub new {
    my ($class, $host, $port) = @_;

    return bless { host => $host, port => $port }, $class;
}

# Headers: name => value; an array reference sends the header several times, undef not at all. Content-Length is added.
sub request {
    my ($self, $method, $target, $body, @headers) = @_;
    my %given;
    my $head = "$method $target HTTP/1.1\r\n";

    while (my ($name, $value) = splice @headers, 0, 2) {
        $given{ lc $name } = 1;
        $head .= "$name: $_\r\n" for ref $value ? @$value : defined $value ? $value : ();
    }
    $head .= "Host: $self->{host}:$self->{port}\r\n" unless $given{host};
    $head .= 'Content-Length: ' . length($body) . "\r\n" if defined $body && !$given{'content-length'} && !$given{'transfer-encoding'};
    my $socket = $self->_connection;
    _send($socket, $head . "\r\n" . ($body // ''));
    my $reply = $self->_read($socket, $method eq 'HEAD');
    $self->_drop if $reply->{close};
    return $reply;
}

sub raw {
    my ($self, $bytes, %opt) = @_;
    my $socket = $self->_connection;

    _send($socket, $bytes);
    $socket->shutdown(1) unless $opt{keep_open};
    my $reply = $self->_read($socket, $bytes =~ /^HEAD /);
    $self->_drop;
    return $reply;
}

sub _drop {
    my ($self) = @_;

    close delete $self->{socket} if $self->{socket};
    delete $self->{owner};
    return;
}

# The open connection, unless the server closed it or it belongs to the parent of this process.
sub _connection {
    my ($self) = @_;
    my $socket = $self->{socket};

    if ($socket && ($self->{owner} != $$ || IO::Select->new($socket)->can_read(0))) {
        $self->_drop;
        $socket = undef;
    }
    if (!$socket) {
        $socket = IO::Socket::INET->new(PeerHost => $self->{host}, PeerPort => $self->{port}, Timeout => 10)
            or die "cannot connect to $self->{host}:$self->{port}: $@\n";
        @$self{ 'socket', 'owner' } = ($socket, $$);
    }
    return $socket;
}

# A server may answer and close before it has read everything (413): what it said is then still read.
sub _send {
    my ($socket, $bytes) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $at = 0;

    while ($at < length $bytes) {
        my $n = syswrite $socket, $bytes, 65536, $at;
        last unless $n;
        $at += $n;
    }
    return;
}

sub _read {
    my ($self, $socket, $head_only) = @_;
    my $in = { socket => $socket, buffer => '' };
    my %reply = (status => 0, headers => {}, body => '', close => 1);

    do {
        my $line = _line($in);
        return \%reply unless defined $line && $line =~ m{^HTTP/1\.[01] (\d{3})};
        $reply{status} = $1;
        $reply{headers} = _headers($in);
    } while ($reply{status} < 200);
    my $h = $reply{headers};
    my $length = $h->{'content-length'};
    $reply{close} = ($h->{connection} // '') =~ /\bclose\b/i;
    if ($head_only || $reply{status} == 204 || $reply{status} == 304) {
        return \%reply;
    }
    if (($h->{'transfer-encoding'} // '') =~ /chunked/i) {
        $reply{body} = _chunks($in);
    } elsif (defined $length) {
        $reply{body} = _bytes($in, $length);
    } else {
        1 while _more($in);
        $reply{body} = $in->{buffer};
        $reply{close} = 1;
    }
    return \%reply;
}

sub _more {
    my ($in) = @_;

    IO::Select->new($in->{socket})->can_read($TIMEOUT) or die "no answer within $TIMEOUT seconds\n";
    return sysread $in->{socket}, $in->{buffer}, 65536, length $in->{buffer};
}

sub _line {
    my ($in) = @_;

    while ($in->{buffer} !~ /\n/) {
        return unless _more($in);
    }
    $in->{buffer} =~ s/^([^\n]*)\n//;
    return $1 =~ s/\r\z//r;
}

sub _headers {
    my ($in) = @_;
    my %headers;

    while (defined(my $line = _line($in))) {
        last if $line eq '';
        my ($name, $value) = $line =~ /^([^:]+):\s*(.*?)\s*\z/ or next;
        $name = lc $name;
        $headers{$name} = defined $headers{$name} ? "$headers{$name}, $value" : $value;
    }
    return \%headers;
}

sub _bytes {
    my ($in, $count) = @_;

    while (length $in->{buffer} < $count) {
        last unless _more($in);
    }
    return substr $in->{buffer}, 0, $count, '';
}

sub _chunks {
    my ($in) = @_;
    my $body = '';

    while (defined(my $line = _line($in))) {
        my $size = hex($line =~ s/;.*//r);
        last if $size == 0;
        $body .= _bytes($in, $size);
        _line($in);
    }
    _headers($in);
    return $body;
}

1;
