# A private PostgreSQL cluster: on a unix socket only, without fsync, owned by the user that runs the tests.
package ScimTest::Postgres;

use strict;
use warnings;

use Encode ();
use File::Path qw(make_path remove_tree);
use IPC::Open2 qw(open2);
use IPC::Open3 qw(open3);
use Symbol qw(gensym);

my $DATABASE = 'scim_test';

# What would send a client of this test to another server.
delete @ENV{qw(PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGSERVICE PGOPTIONS PGSSLMODE)};

sub _object {
    my ($class, $dir) = @_;

    return bless { dir => $dir, bin => $ENV{SCIM_TEST_PGBIN} || die("SCIM_TEST_PGBIN is not set\n") }, $class;
}

# The cluster that t/run.pl started.
sub of_run {
    my ($class) = @_;

    return $class->_object($ENV{SCIM_TEST_PGDIR} || die "run the tests with script/test or t/run.pl\n");
}

# A new cluster in $dir, which must be short (a socket's path has at most 107 bytes), with the schema applied. Running. A cluster
# that is there already gets a new database. Further arguments are lines of postgresql.conf; before them, a hash of options may stand:
# data, a folder on another volume that gets the data without the write-ahead log.
sub create {
    my ($class, $dir, @settings) = @_;
    my $opt = ref $settings[0] ? shift @settings : {};
    my $self = $class->_object($dir);

    if (-e "$dir/data/postmaster.pid") {
        $self->_run('dropdb', '-h', $dir, '-U', 'scim', '--force', '--if-exists', $DATABASE);
    } else {
        $self->_cluster($opt->{data}, @settings);
        $self->start;
    }
    $self->_run('createdb', '-h', $dir, '-U', 'scim', $DATABASE);
    $self->sql('create extension pg_stat_statements; select pg_stat_statements_reset()') if _statistics();
    my ($status, undef, $err) = $self->scimctl('--database', $self->conninfo, '--sql', "$ENV{SCIM_TEST_ROOT}/sql", 'database', 'init',
        '--owner', 'scim_owner', '--service', 'scim_service');
    $status == 0 or die "scimctl database init: $err\n";
    return $self;
}

sub _cluster {
    my ($self, $volume, @settings) = @_;
    my $dir = $self->{dir};

    make_path($dir);
    if ($volume) {
        make_path($volume, { mode => 0700 });
        symlink $volume, "$dir/data" or die "$dir/data: $!\n";
    }
    $self->_run('initdb', ($volume ? ('-X', "$dir/wal") : ()), '-D', "$dir/data", '-A', 'trust', '-N', '-E', 'UTF8', '--locale=C.UTF-8', '-U', 'scim');
    open my $conf, '>>', "$dir/data/postgresql.conf" or die "postgresql.conf: $!\n";
    print $conf "$_\n" for "listen_addresses = ''", "unix_socket_directories = '$dir'", 'fsync = off', 'full_page_writes = off',
        'shared_buffers = 64MB', 'max_connections = 100', 'log_error_verbosity = terse', 'log_connections = on', _statistics(), @settings;
    close $conf or die "postgresql.conf: $!\n";
    return;
}

# Counts of statements by text are there when the server's package has the extension.
sub _statistics {
    chomp(my $libdir = `pg_config --pkglibdir`);

    return -e "$libdir/pg_stat_statements.so" ? ("shared_preload_libraries = 'pg_stat_statements'", 'pg_stat_statements.track = all', 'pg_stat_statements.max = 20000') : ();
}

sub start {
    my ($self) = @_;

    $self->_run('pg_ctl', '-D', "$self->{dir}/data", '-w', '-s', '-l', $self->log, 'start');
    return;
}

# Modes of pg_ctl: fast, immediate, smart.
sub stop {
    my ($self, $mode) = @_;

    return unless -e "$self->{dir}/data/postmaster.pid";
    $self->_run('pg_ctl', '-D', "$self->{dir}/data", '-w', '-s', '-m', $mode // 'fast', 'stop');
    return;
}

# A second server in $dir that follows this one and becomes the first by promote. This one has to have been created with settings for it.
sub standby {
    my ($self, $dir) = @_;
    my $standby = (ref $self)->_object($dir);

    make_path($dir);
    $self->_run('pg_basebackup', '-h', $self->{dir}, '-U', 'scim', '-D', "$dir/data", '-R', '-X', 'stream', '-c', 'fast');
    open my $conf, '>>', "$dir/data/postgresql.conf" or die "postgresql.conf: $!\n";
    print $conf "unix_socket_directories = '$dir'\n";
    close $conf or die "postgresql.conf: $!\n";
    $standby->start;
    return $standby;
}

sub promote {
    my ($self) = @_;

    $self->_run('pg_ctl', '-D', "$self->{dir}/data", '-w', '-s', 'promote');
    return;
}

# Process id of the postmaster.
sub pid {
    my ($self) = @_;

    open my $in, '<', "$self->{dir}/data/postmaster.pid" or return;
    return (<$in> // '') =~ /^(\d+)/ ? $1 : undef;
}

sub destroy {
    my ($self) = @_;

    $self->stop('immediate');
    remove_tree(readlink "$self->{dir}/data") if -l "$self->{dir}/data";
    remove_tree($self->{dir});
    return;
}

sub log { return "$_[0]{dir}/log" }
sub database { return $DATABASE }

# As the superuser; as what httpd connects as, which may do no more than it has to (t/99-statements.t knows its statements by it); as the
# owner of the schema, for scimctl.
sub conninfo { return "host=$_[0]{dir} dbname=$DATABASE user=scim" }
sub service_conninfo { return "host=$_[0]{dir} dbname=$DATABASE user=scim_service" }
sub owner_conninfo { return "host=$_[0]{dir} dbname=$DATABASE user=scim_owner" }

# See ScimTest::sql.
sub sql {
    my ($self, $sql, @bind) = @_;
    my @options;

    if (@bind) {
        my $n = 0;
        $sql =~ s/(?<!\@)\?(?![|&])/my $v = $bind[$n++]; defined $v ? (push(@options, '-v', "p$n=" . Encode::encode('UTF-8', $v)), ":'p$n'")[1] : 'null'/ge;
        $n == @bind or die "sql: $n placeholders, " . @bind . " values\n";
    }
    local $ENV{PGCLIENTENCODING} = 'UTF8';
    my ($status, $out, $err) = _capture(Encode::encode('UTF-8', $sql), "$self->{bin}/psql", '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1',
        '-P', "null=\x1d", '-F', "\x1f", '-R', "\x1e", @options, '-d', $self->conninfo);
    $status == 0 or die "psql: $err\n";
    $out = Encode::decode('UTF-8', $out);
    $out =~ s/\n\z//;
    my @rows = map { [map { $_ eq "\x1d" ? undef : $_ } split /\x1f/, $_, -1] } split /\x1e/, $out, -1;
    return wantarray ? @rows : @rows ? $rows[0][0] : undef;
}

# The one value that a query without parameters gives, as text; undef for null and for no row. Of a session that stays open: for tests that ask
# thousands of times. $sql is one line.
sub ask {
    my ($self, $sql) = @_;

    if (!$self->{session} || $self->{session}{owner} != $$) {
        my $pid = open2(my $out, my $in, "$self->{bin}/psql", '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-P', "null=\x1d", '-d', $self->conninfo);
        $in->autoflush;
        $self->{session} = { owner => $$, pid => $pid, in => $in, out => $out };
    }
    my ($in, $out) = @{ $self->{session} }{qw(in out)};
    print $in Encode::encode('UTF-8', $sql), ";\n\\echo \x1e\n";
    my $text = do { local $/ = "\x1e\n"; <$out> } // die "psql has ended: $sql\n";
    $text =~ s/\n?\x1e\n\z//;
    return $text eq '' || $text eq "\x1d" ? undef : Encode::decode('UTF-8', $text);
}

# (exit status, standard output, standard error) of scimctl. scimctl_conninfo: a way of its own to the database.
sub scimctl {
    my ($self, @args) = @_;
    local $ENV{SCIM_DATABASE} = $self->{scimctl_conninfo} // $self->owner_conninfo;
    local $ENV{SCIM_CONFIG} = $ENV{SCIM_CONFIG} // "$ENV{SCIM_TEST_ROOT}/t/conf/scimctl.conf";

    return _capture('', "$ENV{SCIM_TEST_ROOT}/bin/scimctl", @args);
}

sub _run {
    my ($self, $program, @args) = @_;
    my $log = "$self->{dir}/$program.out";
    my $pid = fork // die "fork: $!\n";

    if (!$pid) {
        open STDOUT, '>', $log and open STDERR, '>&', \*STDOUT and open STDIN, '<', '/dev/null' and exec "$self->{bin}/$program", @args;
        CORE::exit 127;
    }
    waitpid $pid, 0;
    $? == 0 or die "$program failed: " . do { open my $in, '<', $log; local $/; <$in> // '' } . "\n";
    return;
}

# (exit status, standard output, standard error) of a program that gets $input. The input goes through a file, so that nothing
# can wait for something else.
sub _capture {
    my ($input, @command) = @_;

    open my $in, '+>', undef or die "temporary file: $!\n";
    open my $err, '+>', undef or die "temporary file: $!\n";
    binmode $_ for $in, $err;
    print $in $input;
    seek $in, 0, 0;
    my $pid = open3('<&' . fileno $in, my $out = gensym, '>&' . fileno $err, @command);
    binmode $out;
    my $text = do { local $/; <$out> } // '';
    waitpid $pid, 0;
    my $status = $? >> 8 || $? & 127;
    seek $err, 0, 0;
    return ($status, $text, do { local $/; <$err> } // '');
}

1;
