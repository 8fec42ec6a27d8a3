# A private pgbouncer in transaction mode in front of a ScimTest::Postgres, on a unix socket: few connections of its own are shared by
# all of its clients, each of which has one for a transaction at a time.
#
# Options of start: size (connections to the server, 3), settings (array of lines of its configuration).
package ScimTest::Pgbouncer;

use strict;
use warnings;

use IO::Socket::UNIX;
use Time::HiRes qw(sleep time);

my $PORT = 6432;

sub start {
    my ($class, $pg, %opt) = @_;
    my $self = bless { dir => $pg->{dir}, database => $pg->database, log => "$pg->{dir}/pgbouncer.log", owner => $$ }, $class;
    my $size = $opt{size} // 3;
    my $settings = join "\n", @{ $opt{settings} // [] };

    open my $conf, '>', "$pg->{dir}/pgbouncer.ini" or die "pgbouncer.ini: $!\n";
    print $conf <<"INI";
[databases]
$self->{database} = host=$pg->{dir} dbname=$self->{database} user=scim_service
[pgbouncer]
listen_port = $PORT
unix_socket_dir = $pg->{dir}
auth_type = any
pool_mode = transaction
default_pool_size = $size
max_client_conn = 500
logfile = $self->{log}
pidfile = $pg->{dir}/pgbouncer.pid
log_connections = 0
log_disconnections = 0
$settings
INI
    close $conf or die "pgbouncer.ini: $!\n";
    # As a daemon: a test that waits for its children does not wait for it.
    my $program = _program();
    my $said = `'$program' -d '$pg->{dir}/pgbouncer.ini' 2>&1 < /dev/null`;
    $? == 0 or die "pgbouncer does not start: $said\n";
    $self->_wait_until_it_listens;
    return $self;
}

# Debian installs it where only root's PATH looks.
sub _program {
    my ($found) = grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH} // ''), '/usr/sbin';

    return $found // die "pgbouncer is not installed\n";
}

sub _wait_until_it_listens {
    my ($self) = @_;

    $self->_wait('pgbouncer does not listen', sub { IO::Socket::UNIX->new(Peer => "$self->{dir}/.s.PGSQL.$PORT") });
    return;
}

sub _wait {
    my ($self, $what, $done) = @_;
    my $until = time + 20;

    until ($done->()) {
        die "$what: " . $self->log_text . "\n" if time > $until;
        sleep 0.05;
    }
    return;
}

sub service_conninfo { my ($self) = @_; return "host=$self->{dir} port=$PORT dbname=$self->{database} user=scim_service" }

# What it said.
sub log_text {
    my ($self) = @_;

    open my $in, '<', $self->{log} or return '';
    local $/;
    return <$in> // '';
}

sub stop {
    my ($self) = @_;

    return if $self->{stopped}++ || $self->{owner} != $$;
    open my $in, '<', "$self->{dir}/pgbouncer.pid" or return;
    my ($pid) = <$in> =~ /^(\d+)/ or return;
    kill TERM => $pid;
    $self->_wait('pgbouncer does not stop', sub { !-e "$self->{dir}/pgbouncer.pid" });
    return;
}

sub DESTROY {
    my ($self) = @_;

    local ($?, $@);
    $self->stop;
    return;
}

1;
