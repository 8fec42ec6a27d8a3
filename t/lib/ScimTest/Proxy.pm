# A proxy between httpd and PostgreSQL, on a unix socket, that loses or holds back what it is told to:
#
#   my $proxy = ScimTest::Proxy->start($dir, $pg->conninfo);     # $proxy->conninfo is for SCIMDatabase
#   $proxy->next(answer => 'some text');   # when some text has been sent: the answer of PostgreSQL is lost, and the connection closed
#
# What may happen to the next thing sent that has the text:
#   request   it is lost, PostgreSQL never sees it, and the connection is closed
#   answer    it is carried out; the answer, when it is complete, is lost, and the connection closed
#   hold      it is carried out; the answer comes after so many seconds (third argument)
#
#   $proxy->fail(3, '53100');   # PostgreSQL never sees the third round trip from now on; its answer is an error with this SQLSTATE
#
# happened tells how many of these came true. A message of the protocol is taken as it comes in one read, which holds for small ones.
package ScimTest::Proxy;

use strict;
use warnings;

use IO::Select;
use IO::Socket::UNIX;
use POSIX ();
use Time::HiRes qw(time);

# The end of PostgreSQL's answer: ReadyForQuery.
my $READY = qr/Z\0\0\0\x05[ITE]\z/;

sub start {
    my ($class, $dir, $conninfo) = @_;
    my ($real) = $conninfo =~ /host=(\S+)/;

    mkdir $dir or die "$dir: $!\n";
    my $listener = IO::Socket::UNIX->new(Local => "$dir/.s.PGSQL.5432", Listen => 50) or die "$dir: $!\n";
    socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, 0 or die "socketpair: $!\n";
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        close $ours;
        $SIG{PIPE} = 'IGNORE';
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        eval { _work({ listener => $listener, control => $theirs, real => "$real/.s.PGSQL.5432", peer => {}, happened => 0, held => [] }); 1 } or print STDERR $@;
        POSIX::_exit(0);
    }
    close $theirs;
    return bless { pid => $pid, control => $ours, conninfo => $conninfo =~ s/\Q$real\E/$dir/r, owner => $$ }, $class;
}

sub conninfo { return $_[0]{conninfo} }

sub next {
    my ($self, $what, $text, $seconds) = @_;

    $self->_ask(join "\t", $what, $text, $seconds // 0);
    return;
}

sub fail {
    my ($self, $which, $sqlstate) = @_;

    $self->_ask(join "\t", 'fail', $sqlstate, $which);
    return;
}

sub happened {
    my ($self) = @_;

    return $self->_ask('happened');
}

sub _ask {
    my ($self, $line) = @_;

    syswrite $self->{control}, "$line\n";
    sysread $self->{control}, my $answer, 4096 or die "the proxy has ended\n";
    chomp $answer;
    return $answer;
}

sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$;
    local ($?, $!);
    kill TERM => $self->{pid};
    waitpid $self->{pid}, 0;
    return;
}

# ---- the proxy's process ----

sub _work {
    my ($p) = @_;

    $p->{select} = IO::Select->new($p->{listener}, $p->{control});
    while (1) {
        for my $socket ($p->{select}->can_read(0.02)) {
            if ($socket == $p->{listener}) {
                _connect($p);
            } elsif ($socket == $p->{control}) {
                _told($p) or return;
            } elsif ($p->{peer}{$socket}) {
                _pass($p, $socket);
            }
        }
        for my $held (splice @{ $p->{held} }) {
            time < $held->{until} ? push @{ $p->{held} }, $held : _write($held->{to}, $held->{bytes});
        }
    }
    return;
}

sub _connect {
    my ($p) = @_;
    my $client = $p->{listener}->accept or return;
    my $server = IO::Socket::UNIX->new(Peer => $p->{real});

    if (!$server) {
        close $client;
        return;
    }
    $p->{peer}{$client} = { to => $server, from_client => 1 };
    $p->{peer}{$server} = { to => $client };
    $p->{select}->add($client, $server);
    return;
}

sub _told {
    my ($p) = @_;

    sysread $p->{control}, my $line, 4096 or return 0;
    chomp $line;
    if ($line ne 'happened') {
        @{ $p->{plan} = {} }{qw(what text seconds)} = split /\t/, $line;
    }
    syswrite $p->{control}, "$p->{happened}\n";
    return 1;
}

sub _pass {
    my ($p, $socket) = @_;
    my $way = $p->{peer}{$socket};

    if (!sysread $socket, my $bytes, 1 << 20) {
        _close($p, $socket);
    } elsif ($way->{from_client}) {
        $p->{plan} && $p->{plan}{what} eq 'fail' ? _count($p, $socket, $way, $bytes) : _from_client($p, $socket, $way, $bytes);
    } elsif ($way->{lose}) {
        $way->{lost} .= $bytes;
        _close($p, $socket) if $way->{lost} =~ $READY;
    } elsif ($way->{until}) {
        push @{ $p->{held} }, { to => $way->{to}, bytes => $bytes, until => $way->{until} };
        $way->{until} = 0 if $bytes =~ $READY;
    } else {
        $way->{state} = substr $bytes, -1 if $bytes =~ $READY;
        _write($way->{to}, $bytes);
    }
    return;
}

# Round trips end with Sync; commands of their own are a Query. What opens a connection is neither.
sub _count {
    my ($p, $socket, $way, $bytes) = @_;
    my $answer = $p->{peer}{ $way->{to} };

    $bytes = delete($way->{begun}) . $bytes if defined $way->{begun};
    if (!defined $answer->{state}) {
        _write($way->{to}, $bytes);
    } elsif ($bytes !~ /S\0\0\0\x04\z/ && $bytes !~ /\AQ.*\0\z/s && $bytes !~ /\AX/) {
        $way->{begun} = $bytes;
    } elsif ($bytes =~ /\AX/ || --$p->{plan}{seconds} > 0) {
        _write($way->{to}, $bytes);
    } else {
        my $error = "SERROR\0VERROR\0C$p->{plan}{text}\0Mas the test wants it\0\0";

        $p->{plan} = undef;
        $p->{happened}++;
        _write($socket, 'E' . pack('N', 4 + length $error) . $error . "Z\0\0\0\x05" . ($answer->{state} eq 'I' ? 'I' : 'E'));
    }
    return;
}

sub _from_client {
    my ($p, $socket, $way, $bytes) = @_;
    my $plan = $p->{plan};

    if ($plan && index($bytes, $plan->{text}) >= 0) {
        my $answer = $p->{peer}{ $way->{to} };

        $p->{plan} = undef;
        $p->{happened}++;
        if ($plan->{what} eq 'request') {
            _close($p, $socket);
            return;
        }
        $answer->{lose} = 1 if $plan->{what} eq 'answer';
        $answer->{until} = time + $plan->{seconds} if $plan->{what} eq 'hold';
    }
    _write($way->{to}, $bytes);
    return;
}

sub _write {
    my ($to, $bytes) = @_;

    while (length $bytes) {
        my $n = syswrite $to, $bytes or return;
        substr $bytes, 0, $n, '';
    }
    return;
}

sub _close {
    my ($p, $socket) = @_;
    my $other = $p->{peer}{$socket}{to};

    for ($socket, $other) {
        delete $p->{peer}{$_};
        $p->{select}->remove($_);
        close $_;
    }
    return;
}

1;
