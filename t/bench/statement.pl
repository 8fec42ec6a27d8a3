#!/usr/bin/perl
# Makes a pgbench script of the statement that a request has just run, as PostgreSQL's log (log_statement = all) tells it:
#   statement.pl LOG WORD SETUP [N=EXPRESSION | /PATTERN/=EXPRESSION ...]
# WORD stands in the statement's text. Parameters keep the values of the log, but for those that are given, by number or by a pattern that
# their value matches, as an SQL expression over the pgbench variables that SETUP (a line of \set commands, separated by ';') makes.
use strict;
use warnings;

my ($log, $word, $setup, @rules) = @ARGV;
my (%rule, @patterns, $statement, $parameters);

for (@rules) {
    if (m{^/(.*?)/=(.*)}s) {
        push @patterns, [qr/$1/, $2];
        next;
    }
    my ($n, $expression) = split /=/, $_, 2;
    $rule{$n} = $expression;
}
open my $in, '<', $log or die "$log: $!\n";
while (<$in>) {
    if (/LOG:  execute [^:]+: (.*\Q$word\E.*)/) {
        $statement = $1;
        $parameters = '';
    }
    elsif (defined $parameters && /DETAIL:  [Pp]arameters: (.*)/) {
        $parameters = $1;
        last;
    }
}
defined $statement && $parameters or die "$log: no statement with \"$word\"\n";

my %value;
while ($parameters =~ /\$(\d+) = (NULL|'(?:[^']|'')*')/g) {
    my ($n, $text) = ($1, $2);

    $value{$n} = $text;
    for my $pattern (@patterns) {
        $rule{$n} = $pattern->[1] if substr($text, 1, -1) =~ $pattern->[0];
    }
}
for my $pattern (@patterns) {
    grep { $_ eq $pattern->[1] } values %rule or die "$log: no parameter is like $pattern->[0]\n";
}
$statement =~ s/\$(\d+)/exists $rule{$1} ? "($rule{$1})" : exists $value{$1} ? quoted($value{$1}) : die "no value for \$$1\n"/ge;
$setup =~ s/;\s*/\n/g;
print "$setup\n$statement;\n";

# pgbench takes :name for a variable, also inside a string.
sub quoted {
    my $text = shift;
    $text =~ s/:(?=[A-Za-z0-9_])/' || chr(58) || '/g;
    return $text eq 'NULL' ? $text : $text =~ /\|\|/ ? "($text)" : $text;
}
