# A PostgreSQL cluster and an httpd of a test's own, for tests that stop and start them:
#
#   my $server = ScimTest::Server->start(threads => 4, conf => 'SCIMTokenCache 0');
#   my $s = $server->scim('default');
#   $server->stop_pg; ...; $server->start_pg; $server->graceful;
#
# Options: mpm (event, worker, prefork), children (1), threads (8), pool (arguments of SCIMDatabasePool), conf (text of the main
# server), location (text inside a location, which then stands beside the usual ones), settings (array of postgresql.conf lines),
# max_requests (MaxConnectionsPerChild), conninfo (instead of the cluster's own; empty: the main server has no database), data (a folder
# for the cluster's data alone, see ScimTest::Postgres), environment (variables of httpd, by name), pooler (hash of options of
# ScimTest::Pgbouncer: httpd then reaches PostgreSQL through it), together (1: where the suite runs without threads, one process serves all,
# one connection after the other, so that what a process has is the same for all).
# All is stopped and removed when the object goes, or when the test ends.
package ScimTest::Server;

use strict;
use warnings;

use File::Path qw(make_path remove_tree);
use IO::Socket::INET;
use POSIX ();
use Scalar::Util qw(weaken);
use Time::HiRes qw(sleep time);

use ScimTest;
use ScimTest::Pgbouncer;
use ScimTest::Postgres;
use ScimTest::WriteBack;

my $serial = 0;

# Objects that closures hold go last of all, when what they consist of may have gone before them.
my @servers;
END {
    local $?;
    $_ && eval { $_->stop; 1 } or $_ && warn $@ for @servers;
}

# So that a test that is told to end stops its servers.
$SIG{$_} //= sub { exit 1 } for qw(INT TERM HUP);

sub start {
    my ($class, %opt) = @_;
    my $dir = "$ENV{SCIM_TEST_ROOT}/s$$." . ++$serial;

    make_path("$dir/logs");
    my $self = bless { dir => $dir, owner => $$, port => free_port(), opt => \%opt }, $class;
    push @servers, $self;
    weaken($servers[-1]);
    $self->{pg} = ScimTest::Postgres->create("$dir/pg", { data => $opt{data} }, @{ $opt{settings} // [] });
    $self->{pooler} = ScimTest::Pgbouncer->start($self->{pg}, %{ $opt{pooler} }) if $opt{pooler};
    $self->configure;
    $self->start_httpd;
    return $self;
}

# A port of 127.0.0.1 that nobody listens on.
sub free_port {
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die "no free port: $!\n";

    return $socket->sockport;
}

# Writes the configuration; with options, after changing them. graceful takes it over.
sub configure {
    my ($self, %change) = @_;
    my %o = (children => 1, threads => 8, conf => '', %{ $self->{opt} }, %change);
    my ($dir, $port) = @$self{qw(dir port)};
    my $conninfo = $o{conninfo} // ($self->{pooler} // $self->{pg})->service_conninfo;
    my $database = $conninfo eq '' ? '' : qq(SCIMDatabase "$conninfo");
    my $pool = $o{pool} ? "SCIMDatabasePool $o{pool}" : '';
    my $location = $o{location} ? qq(<Location "/own/v2">\n    SetHandler scim\n$o{location}\n</Location>) : '';
    my $prefork = ($o{mpm} // $ENV{SCIM_TEST_MPM}) eq 'prefork';
    # Where the whole suite runs without threads, there are processes for them.
    my $processes = $prefork && !$o{mpm} && !$o{together} ? $o{children} * $o{threads} : $o{children};
    my $workers = $processes * ($prefork ? 1 : $o{threads});
    # As many processes at any time, too.
    my $threads = $prefork ? "MinSpareServers $processes\nMaxSpareServers $processes"
        : "ThreadLimit $o{threads}\nThreadsPerChild $o{threads}\nMinSpareThreads 1\nMaxSpareThreads $workers";
    my $keep_alive = $prefork && $o{together} ? 'KeepAlive Off' : '';

    $self->{opt} = \%o;
    $self->{processes} = $processes;
    open my $conf, '>', "$dir/httpd.conf" or die "$dir/httpd.conf: $!\n";
    print $conf <<"CONF";
Define SCIM_TEST_MPM ${\($o{mpm} // $ENV{SCIM_TEST_MPM})}
ServerRoot "$dir"
DefaultRuntimeDir "$dir/logs"
PidFile "$dir/logs/httpd.pid"
Listen 127.0.0.1:$port
ServerName 127.0.0.1:$port
ErrorLog "$dir/logs/error_log"
Include "$ENV{SCIM_TEST_ROOT}/t/conf/common.inc"
CustomLog "$dir/logs/access_log" scim
$threads
$keep_alive
ServerLimit $processes
StartServers $processes
MaxRequestWorkers $workers
MaxConnectionsPerChild ${\($o{max_requests} // 0)}
GracefulShutdownTimeout 20
$database
$pool
$o{conf}
Include "$ENV{SCIM_TEST_ROOT}/t/conf/locations.inc"
$location
CONF
    close $conf or die "$dir/httpd.conf: $!\n";
    return;
}

# A client; with path => '/own/v2' at the location of the option "location".
sub scim {
    my ($self, $profile, %opt) = @_;

    return ScimTest->new(profile => $profile, server => $self, %opt);
}

sub start_pg { $_[0]{pg}->start; return }
sub stop_pg { my ($self, $mode) = @_; $self->{pg}->stop($mode); return }

# Runs httpd with "-k $verb" (or other options); its output and exit status.
sub httpd {
    my ($self, @args) = @_;
    my %environment = %{ $self->{opt}{environment} // {} };
    local @ENV{ keys %environment } = values %environment;
    my $out = `'$ENV{SCIM_TEST_HTTPD}' -f '$self->{dir}/httpd.conf' @args 2>&1`;

    return wantarray ? ($out, $? >> 8) : $out;
}

sub start_httpd {
    my ($self) = @_;
    my ($out, $status) = $self->httpd('-k', 'start');

    $status == 0 or die "httpd does not start: $out" . $self->error_log . "\n";
    $self->_wait('httpd does not listen', sub {
        (() = $self->httpd_pids) > $self->{processes} && IO::Socket::INET->new(PeerHost => '127.0.0.1', PeerPort => $self->{port});
    });
    return;
}

# Gracefully as far as possible: told to end at once, the event MPM closes sockets that its threads are still at work with, and a child may
# crash over a request that the test has its answer to.
sub stop_httpd {
    my ($self) = @_;
    my ($pid) = $self->httpd_pids or return;
    my $until = time + 3;

    kill WINCH => $pid;
    sleep 0.02 while _runs($pid) && time < $until;
    kill TERM => $pid if _runs($pid);
    $self->_wait('httpd does not stop', sub { !_runs($pid) });
    return;
}

# Returns when no process of before takes new connections.
sub graceful {
    my ($self) = @_;
    my $running = sub { return scalar(() = $self->error_log =~ /resuming normal operations/g) };
    my $before = $running->();
    my ($out, $status) = $self->httpd('-k', 'graceful');

    $status == 0 or die "graceful restart: $out\n";
    $self->_wait('httpd does not restart', sub { $running->() > $before });
    return;
}

# A process that has ended stays as a zombie where process 1 does not take its children in (a container without an init).
sub _runs {
    my ($pid) = @_;

    return kill(0, $pid) && _slurp("/proc/$pid/stat") !~ /\) Z /;
}

# The parent first, then its children.
sub httpd_pids {
    my ($self) = @_;

    my ($parent) = _slurp("$self->{dir}/logs/httpd.pid") =~ /^(\d+)/ or return;

    return unless _runs($parent);
    return ($parent, split ' ', _slurp("/proc/$parent/task/$parent/children"));
}

sub error_log { return _slurp("$_[0]{dir}/logs/error_log") }
sub access_log { return _slurp("$_[0]{dir}/logs/access_log") }

# Does the access log (or another one) have such a line? A request is logged a moment after it is answered.
sub logged {
    my ($self, $line, $log) = @_;

    for (1 .. 100) {
        return 1 if _slurp("$self->{dir}/logs/" . ($log // 'access_log')) =~ $line;
        sleep 0.02;
    }
    return 0;
}

sub pg_log { return _slurp($_[0]{pg}->log) }

# Tests: there is something in the database, and it is written back without a change.
sub is_written_back {
    my ($self) = @_;
    my ($looked_at, @faults) = ScimTest::WriteBack::faults($self->scim);

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    Test::More::cmp_ok($looked_at, '>', 0, "U-16: resources at the end");
    return Test::More::is_deeply(\@faults, [], 'U-14, U-16: GET, then PUT of each: nothing changes');
}

sub stop {
    my ($self) = @_;

    return if $self->{stopped} || $self->{owner} != $$;
    $self->{stopped} = 1;
    $self->stop_httpd;
    $self->{pooler}->stop if $self->{pooler};
    $self->{pg}->destroy;
    # The log is looked into with the others when the run ends.
    rename "$self->{dir}/logs/error_log", "$ENV{SCIM_TEST_ROOT}/t/logs/error_log." . $self->{dir} =~ s{.*/}{}r;
    remove_tree($self->{dir});
    return;
}

sub DESTROY {
    my ($self) = @_;

    local ($?, $@);
    eval { $self->stop; 1 } or warn $@;
    return;
}

sub _wait {
    my ($self, $what, $done) = @_;
    my $until = time + 60;

    until ($done->()) {
        die "$what: " . $self->error_log . "\n" if time > $until;
        sleep 0.02;
    }
    return;
}

sub _slurp {
    my ($file) = @_;

    open my $in, '<', $file or return '';
    local $/;
    return <$in> // '';
}

1;
