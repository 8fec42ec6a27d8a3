#!/usr/bin/env perl
# Runs the suite: t/run.pl [options] [t/NAME.t ...]
#
#   --source DIR    the checkout (default: where this file is)
#   --build DIR     where mod_scim was built (default: the checkout)
#   --sanitize      mod_scim was configured with --enable-sanitizers: httpd gets the sanitizers' libraries, a report is a failure
#   --coverage      mod_scim was configured with --enable-coverage: the counts of the unit tests and of the suite are added in the build
#   --jobs N        test files at once (default: SCIM_TEST_JOBS, or 2)
#   --mpm NAME      event (default), worker or prefork; also the variable SCIM_TEST_MPM
#   --cluster DIR   a PostgreSQL cluster that stays up for the next run; created when it is not there, with a new database each time
#   --verbose       every test is shown
#
# httpd and PostgreSQL refuse to work for root. Therefore everything they need is copied to a folder of its own, and the suite
# runs there; for root as the user in SCIM_TEST_USER (default: nobody). Logs are kept in BUILD/apache-test-logs. root, or a user with
# sudo, also mounts a small volume there, for the test of a full disk.
# Exit status 0 only when tests did run, all passed, and the logs tell of no crash.
use strict;
use warnings;

use Config;
use Cwd qw(abs_path);
use FindBin;
use File::Copy qw(copy);
use File::Find qw(find);
use File::Path qw(make_path remove_tree);
use Getopt::Long qw(GetOptions);
use IO::Socket::INET;
use Time::HiRes qw(sleep);
use lib "$FindBin::Bin/lib";

use ScimTest::Answers;
use ScimTest::Log;
use ScimTest::Postgres;

# Big enough for a cluster without its write-ahead log.
my $VOLUME_SIZE = '96m';

my %opt = (source => "$FindBin::Bin/..", jobs => $ENV{SCIM_TEST_JOBS} || 2, mpm => $ENV{SCIM_TEST_MPM} || 'event');

sub fail {
    print STDERR "t/run.pl: @_\n";
    exit 1;
}

# How a child has ended, by its wait status; nothing when it was by exit 0.
sub ended {
    my ($status) = @_;

    return '' unless $status;
    return 'exit status ' . ($status >> 8) unless $status & 127;
    my ($name) = (split ' ', $Config{sig_name})[$status & 127];
    return "killed by SIG$name" . ($name eq 'KILL' ? ' (by somebody, or by the kernel for want of memory)' : '');
}

# First line of a command's output, or nothing.
sub ask {
    my (@command) = @_;

    open my $out, '-|', @command or return '';
    chomp(my $line = <$out> // '');
    close $out;
    return $line;
}

sub run_or_fail {
    my (@command) = @_;

    system(@command) == 0 or fail("@command failed");
    return;
}

# ---- as whoever calls: a folder with all that is needed ----

sub prepare {
    my $root = ask('mktemp', '-d', '/tmp/scim-XXXXXX') || fail('no temporary folder can be made in /tmp');

    chmod 0755, $root or fail("$root: $!");
    make_path(map { "$root/$_" } qw(lib bin t/logs/tap asan));
    for my $file (["$opt{build}/.libs/mod_scim.so", 'lib'], ["$opt{build}/scimctl", 'bin'], ["$opt{build}/t/oracle/match", 'bin']) {
        -e $file->[0] or fail("$file->[0] is not there: build first (make all oracles)");
        run_or_fail('cp', $file->[0], "$root/$file->[1]/");
    }
    run_or_fail('cp', '-R', map({ "$opt{source}/$_" } qw(conf doc sql)), "$root/");
    run_or_fail('cp', '-R', map({ "$opt{source}/t/$_" } qw(TEST run.pl testrules.yml lib conf external)), glob("$opt{source}/t/*.t"), "$root/t/");
    run_or_fail('cp', '-R', $ENV{SCIM_TEST_EXTERNAL}, "$root/external") if $ENV{SCIM_TEST_EXTERNAL};
    run_or_fail('chmod', '-R', 'u+w,a+rX', $root);
    return $root;
}

sub environment {
    my ($root) = @_;
    my $apxs = $ENV{APXS} || 'apxs';
    my $pgdir = $opt{cluster} // "$root/pg";
    my $sbindir = ask($apxs, '-q', 'SBINDIR') || fail("$apxs was not found: install apache2-dev, or name it by APXS=");

    return (
        SCIM_TEST_ROOT => $root,
        ($ENV{SCIM_TEST_EXTERNAL} ? (SCIM_TEST_EXTERNAL => "$root/external") : ()),
        SCIM_TEST_APXS => $apxs =~ m{/} ? $apxs : ask('which', $apxs),
        SCIM_TEST_HTTPD => "$sbindir/" . ask($apxs, '-q', 'progname'),
        SCIM_TEST_MODULES => ask($apxs, '-q', 'LIBEXECDIR'),
        SCIM_TEST_MPM => $opt{mpm},
        SCIM_TEST_PGBIN => $ENV{SCIM_TEST_PGBIN} || ask('pg_config', '--bindir') || fail('pg_config was not found: install libpq-dev'),
        SCIM_TEST_PGDIR => $pgdir,
        SCIM_TEST_CONNINFO => "host=$pgdir dbname=scim_test user=scim_service",
        PERL5LIB => "$root/t/lib",
        HARNESS_TIMER => 1,
        HARNESS_OPTIONS => "j$opt{jobs}",
        PERL_TEST_HARNESS_DUMP_TAP => "$root/t/logs/tap",
        # Otherwise Apache::Test starts itself anew through a shell.
        APACHE_TEST_ULIMIT_SET => 1,
        TMPDIR => '/tmp',
        HOME => $root,
        LC_ALL => 'C.UTF-8',
    );
}

# httpd is not built with the sanitizers: their libraries are loaded before it. APR's pools are given back in one piece at exit,
# so leaks are looked for in the unit tests instead.
sub sanitize {
    my ($env) = @_;
    my $root = $env->{SCIM_TEST_ROOT};
    my $preload = join ' ', map { ask($ENV{CC} || 'gcc', "-print-file-name=$_") } 'libasan.so', 'libubsan.so';

    open my $out, '>', "$root/bin/httpd" or fail("$root/bin/httpd: $!");
    print $out "#!/bin/sh\nLD_PRELOAD='$preload' exec '$env->{SCIM_TEST_HTTPD}' \"\$@\"\n";
    close $out or fail("$root/bin/httpd: $!");
    chmod 0755, "$root/bin/httpd" or fail("$root/bin/httpd: $!");
    $env->{SCIM_TEST_HTTPD} = "$root/bin/httpd";
    $env->{ASAN_OPTIONS} = "detect_leaks=0:abort_on_error=1:log_path=$root/asan/report";
    $env->{UBSAN_OPTIONS} = "print_stacktrace=1:log_path=$root/asan/report";
    return;
}

# Mounts a small volume for the user. Where that cannot be done, tests that need it say so.
sub mount_volume {
    my ($root, $uid, $gid) = @_;
    my @sudo = $> == 0 ? () : ('sudo', '-n');

    make_path("$root/volume");
    system("@sudo mount -t tmpfs -o size=$VOLUME_SIZE,mode=0700,uid=$uid,gid=$gid tmpfs '$root/volume' 2>/dev/null") == 0 or return;
    return "$root/volume";
}

sub unmount_volume {
    my ($volume) = @_;
    my @sudo = $> == 0 ? () : ('sudo', '-n');

    system @sudo, 'umount', '-l', $volume if $volume;
    return;
}

# gcov's counts are written by the user of the tests below the root; they go on from those that are in the build.
sub counts {
    my ($from, $to) = @_;

    find({ no_chdir => 1, wanted => sub {
        return unless /\.gcda$/;
        my $file = $to . s{^\Q$from\E}{}r;
        make_path($file =~ s{/[^/]*$}{}r);
        copy($_, $file) or fail("$file: $!");
    } }, $from) if -d $from;
    return;
}

sub outside {
    my (@tests) = @_;
    my $root = prepare();
    my %env = environment($root);
    my ($uid, $gid) = ($>, $) + 0);
    my @user;

    make_path($opt{cluster}) if $opt{cluster};
    sanitize(\%env) if $opt{sanitize};
    counts($opt{build}, "$root/gcov$opt{build}") if $opt{coverage};
    if ($> == 0) {
        my $user = $ENV{SCIM_TEST_USER} || 'nobody';
        (undef, undef, $uid, $gid) = getpwnam $user or fail("there is no user $user");
        run_or_fail('chown', '-R', "$uid:$gid", $root);
        run_or_fail('chown', "$uid:$gid", $opt{cluster}) if $opt{cluster};
        @user = ('setpriv', "--reuid=$uid", "--regid=$gid", '--clear-groups', '--');
    }
    $env{GCOV_PREFIX} = "$root/gcov" if $opt{coverage};
    my $volume = mount_volume($root, $uid, $gid);
    $env{SCIM_TEST_VOLUME} = $volume if $volume;
    @ENV{ keys %env } = values %env;
    my $pid = fork // fail("fork: $!");
    if (!$pid) {
        chdir $root or fail("$root: $!");
        exec @user, $^X, "$root/t/run.pl", '--inside', ($opt{verbose} ? '--verbose' : ()), ($opt{cluster} ? '--cluster=' . $opt{cluster} : ()), @tests or fail("perl: $!");
    }
    # Ctrl-C reaches the child as well, which then stops what it started.
    local $SIG{INT} = 'IGNORE';
    local @SIG{qw(TERM HUP PIPE)} = (sub { print STDERR "t/run.pl: told to end by SIG$_[0]\n"; kill TERM => $pid }) x 3;
    1 while waitpid($pid, 0) != $pid && $!{EINTR};
    my $status = $?;
    print STDERR 't/run.pl: the run was ', ended($status), "\n" if $status & 127;
    unmount_volume($volume);
    counts("$root/gcov$opt{build}", $opt{build}) if $opt{coverage};
    my $kept = "$opt{build}/apache-test-logs";
    remove_tree($kept);
    system 'cp', '-R', "$root/t/logs", $kept;
    system 'cp', '-R', "$root/asan", "$kept/sanitizers" if $opt{sanitize};
    remove_tree($root);
    print "Logs are in $kept\n" if $status;
    return $status ? 1 : 0;
}

# ---- in the folder, as the user of the tests ----

my ($harness, $pg);

sub stop_all {
    my $pidfile = "$ENV{SCIM_TEST_ROOT}/t/logs/httpd.pid";

    if ($harness) {
        # The tests are its children, and may have servers of their own, which they stop.
        kill TERM => -$harness;
        waitpid $harness, 0;
        for (1 .. 200) {
            kill 0 => -$harness or last;
            sleep 0.1;
        }
        kill KILL => -$harness;
        $harness = undef;
    }
    if (open my $in, '<', $pidfile) {
        my ($pid) = <$in> =~ /^(\d+)/;
        kill TERM => $pid if $pid;
    }
    if ($pg) {
        if (!$opt{cluster}) {
            eval { $pg->stop('fast'); 1 } or warn $@;
            rename $pg->log, "$ENV{SCIM_TEST_ROOT}/t/logs/postgresql.log";
        }
        $pg = undef;
    }
    return;
}

# Runs t/TEST and shows what it says. The number of tests that ran and passed; 0 for a failure.
sub harness {
    my (@tests) = @_;
    my ($passed, $count) = (0, 0);

    $harness = open my $out, '-|';
    defined $harness or fail("fork: $!");
    if (!$harness) {
        setpgrp;
        open STDERR, '>&', \*STDOUT or fail("standard error: $!");
        exec $^X, 't/TEST', ($opt{verbose} ? '-verbose' : ()), @tests or fail("t/TEST: $!");
    }
    while (my $line = <$out>) {
        # Apache::Test asks httpd for its version without a configuration.
        print $line unless $line =~ /^AH00534: .*No MPM loaded/;
        $count = $1 if $line =~ /^Files=\d+, Tests=(\d+)/;
        $passed = 1 if $line =~ /^Result: PASS/;
    }
    close $out;
    $harness = undef;
    print STDERR 't/run.pl: t/TEST: ', ended($?), $passed ? '' : ', without having said that all passed', "\n" if $? & 127 || (!$? && !$passed);
    return $? == 0 && $passed ? $count : 0;
}

# What the logs tell after everything has ended.
sub faults {
    my $root = $ENV{SCIM_TEST_ROOT};
    my @faults = map { ScimTest::Log::crashes($_) } glob "$root/t/logs/error_log*";

    for my $report (glob "$root/asan/report*") {
        open my $in, '<', $report or next;
        push @faults, "sanitizer report:\n", <$in>;
    }
    if (open my $in, '<', ScimTest::Answers::file()) {
        push @faults, "answers against the rules (t/lib/ScimTest/Answers.pm):\n", <$in>;
    }
    return @faults;
}

sub inside {
    my (@tests) = @_;
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or fail("no free port: $!");

    $ENV{SCIM_TEST_PORT} = $socket->sockport;
    close $socket;
    $| = 1;
    # Not the default of dying where it stands: what was started has to be stopped.
    for (qw(INT TERM HUP PIPE)) {
        $SIG{$_} = sub {
            local $SIG{PIPE} = 'IGNORE';
            print STDERR "t/run.pl: ended by SIG$_[0]\n";
            stop_all();
            exit 130;
        };
    }
    $pg = eval { ScimTest::Postgres->create($ENV{SCIM_TEST_PGDIR}) } or fail($@);
    # What a file has stored is looked at, too, when it runs alone.
    push @tests, 't/99-identity.t' if @tests && !grep { m{99-identity} } @tests;
    my $count = harness(@tests);
    stop_all();
    my @faults = faults();
    print @faults;
    fail('a crash, a memory error or an answer against the rules was reported') if @faults;
    $count > 0 or fail('tests failed, or none was run');
    return 0;
}

GetOptions(\%opt, 'source=s', 'build=s', 'sanitize', 'coverage', 'jobs=i', 'mpm=s', 'verbose', 'inside', 'cluster=s') or exit 2;
exit inside(@ARGV) if $opt{inside};
$opt{source} = abs_path($opt{source});
$opt{build} = abs_path($opt{build} // $opt{source}) || fail('the build folder is not there');
exit outside(map { m{/} ? $_ : "t/$_" } @ARGV);
