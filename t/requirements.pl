#!/usr/bin/env perl
# t/requirements.pl [--write] TAP: which requirements have a test?
#
# t/requirements.tsv has a row for each requirement: id, source (RFC and section), level (MUST, SHOULD, MAY; DEC: the RFCs leave a choice;
# practice: where clients and RFCs part; choice: where RFCs contradict one another), "*" where other servers often fail, and a test: its file
# and title. Ids are read from the titles of tests that passed, as TAP tells them (a folder that PERL_TEST_HARNESS_DUMP_TAP has named); a range
# counts for its ends alone. --write puts the tests that were found into the table, and leaves the rest of it alone.
#
# Prints how many of each level have a test, and each MUST and each "*" that has none, unless its title says "not built: ..." or "not ours: ...".
# Exit status 1 when there is such a one, or a test names an id that is in no row.
use strict;
use warnings;

use File::Find qw(find);
use FindBin;

my $table = "$FindBin::Bin/requirements.tsv";
my $write = @ARGV && $ARGV[0] eq '--write' ? shift @ARGV : '';
my $tap = shift @ARGV // die "usage: t/requirements.pl [--write] TAP\n";
my $ID = qr/\b((?:DE|GM|MS|ME|PA|RX|SE|EV|[BCDEFGHIKPQUVX])-\d\d)\b/;
my (@rows, %row, %found, @strange);

sub lines {
    my ($file) = @_;

    open my $in, '<', $file or die "$file: $!\n";
    chomp(my @lines = <$in>);
    return @lines;
}

# The first test of a requirement, in the order of files and titles, so that the table stays as it is while tests come and go.
sub take {
    my ($id, $file, $title) = @_;
    my $key = "$file\t$title";

    push @strange, "$file: $title: there is no $id" unless $row{$id};
    $found{$id} = $key if !defined $found{$id} || $key lt $found{$id};
    return;
}

for my $line (lines($table)) {
    my ($id, $source, $level, $star, $file, $title) = split /\t/, $line, -1;
    next if $line =~ /^#/ || $line eq '';
    push @rows, $row{$id} = { id => $id, source => $source, level => $level, star => $star, file => $file // '', title => $title // '' };
}
find({ no_chdir => 1, wanted => sub {
    return unless /\.t$/ && -f;
    my ($file) = m{([^/]+)$};
    for my $line (lines($_)) {
        my ($title) = $line =~ /^\s*ok \d+ - (.*?)(?: # (?:TODO|SKIP)\b.*)?$/ or next;
        next if $line =~ /# (?:TODO|SKIP)\b/;
        take($_, $file, $title) for $title =~ /$ID/g;
    }
} }, $tap);
%found or die "t/requirements.pl: no test in $tap names a requirement\n";

my (%of, %with, @missing);
for my $row (@rows) {
    my $excused = $row->{title} =~ /^not (?:built|ours): /;
    my @levels = ($row->{level}, $row->{star} ? '*' : ());

    $of{$_}++ for @levels;
    $with{$_}++ for $found{ $row->{id} } ? @levels : ();
    push @missing, "$row->{id} ($row->{source}, $row->{level}) has no test" if !$found{ $row->{id} } && !$excused && ($row->{level} eq 'MUST' || $row->{star});
}
print 'Requirements with a test: ', join(', ', map { "$_ " . ($with{$_} // 0) . " of $of{$_}" } grep { $of{$_} } qw(MUST SHOULD MAY DEC practice choice *)), "\n";
if ($write) {
    my @head = grep { /^#/ } lines($table);
    open my $out, '>', $table or die "$table: $!\n";
    print $out "$_\n" for @head;
    for my $row (@rows) {
        my ($file, $title) = $found{ $row->{id} } ? split /\t/, $found{ $row->{id} } : $row->{title} =~ /^not (?:built|ours): / ? @$row{qw(file title)} : ('', '');
        print $out join("\t", @$row{qw(id source level star)}, $file, $title), "\n";
    }
    close $out or die "$table: $!\n";
}
print "$_\n" for @missing, @strange;
exit(@missing || @strange ? 1 : 0);
