# A proxy between httpd and PostgreSQL, on a unix socket, that loses or holds back what it is told to:
#
#   my $proxy = ScimTest::Proxy->start($dir, $pg->conninfo);     # $proxy->conninfo is for SCIMDatabase
#   $proxy->next(answer => 'some text');   # when some text has been sent: the answer of PostgreSQL is lost, and the connection closed
#
# What may happen to the next thing sent that has the text:
#   request   it is lost, PostgreSQL never sees it, and the connection is closed
#   answer    it is carried out; the answer, when it is complete, is lost, and the connection closed
#   late      the connection is closed; it is carried out just before the text is sent once more, or so many times more (third argument)
#   cut       it is carried out; so many bytes of the answer (third argument) come, then the connection is closed
#   hold      it is carried out; the answer comes after so many seconds (third argument)
# A fourth argument says to how many such things it happens; 1 without it.
#
#   $proxy->fail(3, '53100');   # PostgreSQL never sees the third round trip from now on; its answer is an error with this SQLSTATE. Further
#                               # SQLSTATEs are those of the round trips after it
#   $proxy->mix(3, 9, 1);       # PostgreSQL never sees it; the answer is somebody else's, one row of 9 columns, in an open transaction
#
#   $proxy->before(2, 'some text', 'update ...');   # the second thing sent that has the text goes on when psql has done this; a fourth
#                                                   # argument is the number of such things
#
# happened tells how many of these came true (but for before). A message of the protocol is taken as it comes in one read, which holds for
# small ones.
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
    my $database = $conninfo =~ s/ user=\S+/ user=scim/r;

    mkdir $dir or die "$dir: $!\n";
    my $listener = IO::Socket::UNIX->new(Local => "$dir/.s.PGSQL.5432", Listen => 50) or die "$dir: $!\n";
    socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, 0 or die "socketpair: $!\n";
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        close $ours;
        $SIG{PIPE} = 'IGNORE';
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        eval { _work({ listener => $listener, control => $theirs, real => "$real/.s.PGSQL.5432", database => $database, peer => {}, happened => 0, held => [] }); 1 } or print STDERR $@;
        POSIX::_exit(0);
    }
    close $theirs;
    return bless { pid => $pid, control => $ours, conninfo => $conninfo =~ s/\Q$real\E/$dir/r, owner => $$ }, $class;
}

sub conninfo { return $_[0]{conninfo} }

sub next {
    my ($self, $what, $text, $number, $times) = @_;

    $self->_ask(join "\t", $what, $text, $number // 0, $times // 1);
    return;
}

sub fail {
    my ($self, $which, @sqlstates) = @_;

    $self->_ask(join "\t", 'fail', "@sqlstates", $which);
    return;
}

sub mix {
    my ($self, $which, $columns, $rows) = @_;

    $self->_ask(join "\t", 'mix', "$columns $rows", $which);
    return;
}

sub before {
    my ($self, $which, $text, $sql, $times) = @_;

    $self->_ask(join "\t", 'before', $text, $which, $times // 1, $sql);
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
    if ($line =~ /^before\t/) {
        @{ $p->{before} = {} }{qw(what text number times sql)} = split /\t/, $line;
    } elsif ($line ne 'happened') {
        @{ $p->{plan} = {} }{qw(what text number times)} = split /\t/, $line;
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
        _first($p, $bytes);
        $p->{plan} && $p->{plan}{what} =~ /^(?:fail|mix)$/ ? _count($p, $socket, $way, $bytes) : _from_client($p, $socket, $way, $bytes);
    } elsif (exists $way->{cut}) {
        _write($way->{to}, substr $bytes, 0, $way->{cut});
        $way->{cut} -= length $bytes;
        _close($p, $socket) if $way->{cut} <= 0;
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

# What is to be done before these bytes go on.
sub _first {
    my ($p, $bytes) = @_;
    my ($before, $late) = @$p{qw(before late)};

    if ($late && index($bytes, $late->{text}) >= 0 && --$late->{number} <= 0) {
        my $answer = '';
        $p->{late} = undef;
        _write($late->{to}, $late->{bytes});
        1 while $answer !~ $READY && sysread $late->{to}, $answer, 65536, length $answer;
        close $late->{to};
    }
    if ($before && index($bytes, $before->{text}) >= 0 && --$before->{number} <= 0 && $before->{number} > -$before->{times}) {
        system "$ENV{SCIM_TEST_PGBIN}/psql", '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', $before->{sql}, $p->{database};
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
    } elsif ($bytes =~ /\AX/ || --$p->{plan}{number} > 0) {
        _write($way->{to}, $bytes);
    } else {
        my $plan = $p->{plan};
        my ($first, @rest) = split / /, $plan->{text};

        $p->{plan} = undef;
        $p->{happened}++;
        if ($plan->{what} eq 'mix') {
            _write($socket, _of_others($bytes, $first, @rest));
            return;
        }
        $p->{plan} = { %$plan, text => "@rest" } if @rest;
        _write($socket, _message('E', "SERROR\0VERROR\0C$first\0Mas the test wants it\0\0") . _message('Z', $answer->{state} eq 'I' ? 'I' : 'E'));
    }
    return;
}

sub _message {
    my ($type, $text) = @_;

    return $type . pack('N', 4 + length $text) . $text;
}

# The answers to these messages as if they had been other ones.
sub _of_others {
    my ($bytes, $columns, $rows) = @_;
    my $shape = _message('T', pack('n', $columns) . pack('Z*NnNnNn', 'other', 0, 0, 25, 65535, 0xffffffff, 1) x $columns);
    my $all = _message('D', pack('n', $columns) . pack('N/a*', 'theirs') x $columns) x $rows . _message('C', "SELECT $rows\0");
    my $end = _message('Z', 'T');
    my %answers = (P => _message('1', ''), B => _message('2', ''), D => $shape, E => $all, S => $end, Q => $shape . $all . $end);
    my $out = '';

    while (length $bytes) {
        my ($type, $length) = unpack 'aN', $bytes;
        $out .= $answers{$type} // '';
        substr $bytes, 0, 1 + $length, '';
    }
    return $out;
}

sub _from_client {
    my ($p, $socket, $way, $bytes) = @_;
    my $plan = $p->{plan};

    if ($plan && index($bytes, $plan->{text}) >= 0) {
        my $answer = $p->{peer}{ $way->{to} };

        $p->{plan} = undef if --$plan->{times} <= 0;
        $p->{happened}++;
        if ($plan->{what} eq 'request') {
            _close($p, $socket);
            return;
        }
        if ($plan->{what} eq 'late') {
            $p->{late} = { %$plan, to => $way->{to}, bytes => $bytes };
            _forget($p, $_) for $way->{to}, $socket;
            close $socket;
            return;
        }
        $answer->{lose} = 1 if $plan->{what} eq 'answer';
        $answer->{cut} = $plan->{number} if $plan->{what} eq 'cut';
        $answer->{until} = time + $plan->{number} if $plan->{what} eq 'hold';
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
        _forget($p, $_);
        close $_;
    }
    return;
}

sub _forget {
    my ($p, $socket) = @_;

    delete $p->{peer}{$socket};
    $p->{select}->remove($socket);
    return;
}

1;
