# The same request from several clients at once.
package ScimTest::Parallel;

use strict;
use warnings;

use Exporter qw(import);
use Time::HiRes qw(sleep);

our @EXPORT = qw(in_parallel persist);

# The status of the reply that the code returns. One tenant does not get all threads of a process: what is answered 503 with Retry-After is
# asked again, as clients do.
sub persist {
    my ($code) = @_;
    my $r;

    for (1 .. 100) {
        $r = $code->();
        last unless $r->{status} == 503 && ($r->header('Retry-After') // '') =~ /^\d+$/;
        sleep 0.1;
    }
    return $r->{status};
}

# Runs the code in n processes, which start together; how often each answer came. The code gets the number of its process.
sub in_parallel {
    my ($n, $code) = @_;
    my %count;

    pipe my $gate, my $open or die "pipe: $!\n";
    my @readers = map { _child($_, $code, $gate, $open) } 0 .. $n - 1;
    close $gate;
    close $open;
    for my $reader (@readers) {
        chomp(my $answer = <$reader> // 'nothing');
        $count{$answer}++;
        close $reader;
    }
    1 while wait != -1;
    return \%count;
}

# The child waits until the parent closes the gate.
sub _child {
    my ($i, $code, $gate, $open) = @_;

    pipe my $reader, my $writer or die "pipe: $!\n";
    my $pid = fork // die "fork: $!\n";
    if ($pid) {
        close $writer;
        return $reader;
    }
    close $open;
    sysread $gate, my $byte, 1;
    my $answer = eval { $code->($i) } // "died: $@";
    syswrite $writer, "$answer\n";
    # Without END blocks: Test::More's belong to the parent.
    require POSIX;
    POSIX::_exit(0);
}

1;
