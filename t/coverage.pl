#!/usr/bin/env perl
# t/coverage.pl SOURCE BUILD: what gcov counted in a build of --enable-coverage, by folder of mod_scim; functions that were never executed
# and, with SCIM_COVERAGE_LINES set, each line with a branch that was never taken.
#
# Left out are the branches that the compiler makes of httpd's log macros, which ask for the level of the request, else of its connection, else
# of its server: on a line where nothing but a call of ap_log_error or one of its kin begins, whose arguments have no branch of their own. How
# many these are is said at the end. Whether such a line was executed at all still counts among the lines.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Find qw(find);
use JSON::PP ();

my ($source, $build) = map { abs_path($_) } @ARGV;
my (@files, %of, %seen, %log_calls, %left_out);

find({ no_chdir => 1, wanted => sub { push @files, $_ if /\.gcno$/ && !m{/t/} } }, $build);
@files or die "t/coverage.pl: nothing was counted in $build\n";
# What was never run has no counts, and is not to be left out for that.
for my $file (@files) {
    chdir $build or die "$build: $!\n";
    open my $in, '-|', 'gcov', '--json-format', '--stdout', '--branch-probabilities', $file or die "gcov: $!\n";
    my $text = do { local $/; <$in> };
    close $in;
    my $json = eval { JSON::PP->new->utf8->decode($text) } or die "gcov says nothing of $file\n";
    for my $unit (@{ $json->{files} }) {
        my $path = $unit->{file} =~ s{^.*?(?=mod_scim/)}{}r;
        take($path, $unit) if $path =~ m{^mod_scim/.*\.c$} && -e "$source/$path";
    }
}

# A file that was compiled twice (for the module and for scimctl) counts once, with what either of them executed.
sub take {
    my ($path, $unit) = @_;

    $seen{$path}{functions}{ $_->{name} } += $_->{execution_count} for @{ $unit->{functions} };
    for my $line (@{ $unit->{lines} }) {
        $seen{$path}{lines}{ $line->{line_number} } += $line->{count};
        if (is_log_call($path, $line->{line_number})) {
            $left_out{"$path:$line->{line_number}"} = @{ $line->{branches} } if @{ $line->{branches} };
            next;
        }
        my $branches = $seen{$path}{branches}{ $line->{line_number} } //= [];
        $branches->[$_] += $line->{branches}[$_]{count} for 0 .. $#{ $line->{branches} };
    }
    return;
}

# Is the statement that begins on this line a call of a log macro, and nothing else that could branch?
sub is_log_call {
    my ($path, $number) = @_;

    $log_calls{$path} //= { map { $_ => 1 } log_calls_of("$source/$path") };
    return $log_calls{$path}{$number};
}

# Numbers of the lines on which such statements begin.
sub log_calls_of {
    my ($file) = @_;
    my $string = qr/"(?:[^"\\\n]|\\.)*"/;
    my @lines;

    open my $in, '<', $file or die "$file: $!\n";
    my $text = do { local $/; <$in> };
    while ($text =~ /^[ \t]*(ap_log_[a-z]?error\((?:$string|[^";{}])*\);)[ \t]*$/mg) {
        my ($call, $before) = ($1, substr $text, 0, $-[1]);
        push @lines, 1 + ($before =~ tr/\n//) unless $call =~ s/$string//gr =~ /\?|&&|\|\|/;
    }
    return @lines;
}

sub share {
    my ($hit, $all) = @_;

    return sprintf '%5.1f %% of %5d', $all ? 100 * $hit / $all : 100, $all;
}

for my $path (sort keys %seen) {
    my @lines = values %{ $seen{$path}{lines} };
    my @branches = map { @$_ } values %{ $seen{$path}{branches} };
    for my $where ($path =~ s{/[^/]*$}{}r, $path =~ m{^(mod_scim/core)/} ? $1 : (), 'all', $path) {
        $of{$where}{lines} += @lines;
        $of{$where}{line_hits} += grep { $_ } @lines;
        $of{$where}{branches} += @branches;
        $of{$where}{branch_hits} += grep { $_ } @branches;
    }
}
printf "%-45s %18s %20s\n", '', 'lines', 'branches';
for my $where ((sort { $a cmp $b } grep { $_ ne 'all' } keys %of), 'all') {
    my $o = $of{$where};
    printf "%-45s %18s %20s\n", ($where =~ /\.c$/ ? '    ' : '') . ($where =~ /\.c$/ ? $where =~ s{.*/}{}r : $where), share(@$o{qw(line_hits lines)}), share(@$o{qw(branch_hits branches)});
}
for my $path (sort keys %seen) {
    my @never = grep { !$seen{$path}{functions}{$_} } sort keys %{ $seen{$path}{functions} };
    print "never executed: $path: @never\n" if @never;
    next unless $ENV{SCIM_COVERAGE_LINES};
    for my $line (sort { $a <=> $b } keys %{ $seen{$path}{branches} }) {
        my @counts = @{ $seen{$path}{branches}{$line} };
        print "$path:$line: ", ($seen{$path}{lines}{$line} ? 'branches ' . join(' ', @counts) : 'never'), "\n" if grep { !$_ } @counts;
    }
}
my $branches = 0;
$branches += $_ for values %left_out;
print "left out: $branches branches of ${\scalar keys %left_out} calls of httpd's log macros\n" if %left_out;
