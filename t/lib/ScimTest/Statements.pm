# The rules that every statement of the service keeps: no statement crosses tenants, and the tables can be distributed by tenant.
#
#   my @faults = ScimTest::Statements::faults('select ...');
#
# 1. Each table is named with its schema.
# 2. Each table that holds data of tenants is compared with $1 where it is named, outside any "or"; a row put in has $1 as its tenant.
# 3. No expression is without columns, and no function of our own is called: it could read such tables out of sight.
package ScimTest::Statements;

use strict;
use warnings;

my %TENANT_TABLE = map { ("scim.$_" => 1) } qw(resource membership unique_value tombstone journal);
my $NO_ALIAS = join '|', qw(where on set using join left right inner cross full order group limit offset select values for returning union default);
my $GROUP = qr/\(#\d+\)/;

# The text between each pair of parentheses, by number; inner pairs are "(#number)". The statement itself comes last.
sub _levels {
    my ($text) = @_;
    my @levels;

    $text =~ s/'(?:[^']|'')*'/''/g;
    # \x01 and \x02 stand for the parentheses of a pair that is done.
    while ($text =~ s/\(([^()]*)\)/"\x01#" . (push(@levels, $1) - 1) . "\x02"/e) {
    }
    tr/\x01\x02/()/ for @levels, $text;
    return @levels, $text;
}

# What is wrong about the tables that one level names.
sub _tables {
    my ($level, $levels, $expressions) = @_;
    my @faults;

    while ($level =~ /\b(from|join|into|update|using)\s+(?:only\s+|lateral\s+)?([a-z_][\w.]*)\b(\s*\(#)?(?:\s+(?:as\s+)?(?!(?:$NO_ALIAS)\b)([a-z_]\w*))?/g) {
        my ($how, $table, $called, $alias) = ($1, $2, $3, $4 // $2);

        # "do update set"; a function in FROM (into: a list of columns).
        next if $table eq 'set' || $called && $how ne 'into' || $expressions->{$table} || $table =~ /^pg_catalog\./;
        push @faults, "$table has no schema" unless $table =~ /\./;
        next unless $TENANT_TABLE{$table};
        if ($how eq 'into') {
            push @faults, "a row of $table whose tenant is not \$1" unless _inserts_tenant($level, $levels, $table);
        } elsif ($level !~ /\b\Q$alias\E\.tenant = \$1(?!\d)/) {
            push @faults, "$table $alias is not compared with \$1";
        } elsif ($level =~ /\bor\b/) {
            push @faults, "$table $alias stands beside an \"or\"";
        }
    }
    return @faults;
}

sub _inserts_tenant {
    my ($level, $levels, $table) = @_;

    $level =~ /\binsert into \Q$table\E \(#(\d+)\)\s*(?:select\s+(\S+)|values\s+\(#(\d+)\))/ or return 0;
    my ($columns, $value) = ($levels->[$1], defined $2 ? $2 : $levels->[$3]);
    return $columns =~ /^\s*tenant\b/ && $value =~ /^\s*\$1(?!\d)/;
}

sub faults {
    my ($text) = @_;
    my @levels = _levels($text =~ s/\s+/ /gr =~ s/ for (?:no key )?(?:update|(?:key )?share)(?: skip locked| nowait)?\b//gr);
    my %expressions = map { $_ => 1 } map { /\b(\w+)\s*(?:$GROUP\s*)?as\s+(?:not\s+)?(?:materialized\s+)?$GROUP/g } @levels;
    my @faults = map { _tables($_, \@levels, \%expressions) } @levels;

    for my $level (@levels) {
        push @faults, 'an expression without columns' if $level =~ /\bselect\s*(?:from\b|where\b|union\b|$)/;
        push @faults, "a call of $1" while $level =~ /(?<!into )(?<!\w)(scim\.\w+)\s*\(#/g;
    }
    return @faults;
}

1;
