#!/usr/bin/env perl
# t/departures.pl SCIMCTL > doc/departures.md: where the profiles of conf/profiles part from the RFCs, as "scimctl profile departures" tells it, with
# the sections that t/requirements.tsv names. t/departures.t looks whether the page is of today.
use strict;
use warnings;

use FindBin;
use JSON::PP ();

my $root = "$FindBin::Bin/..";
my $scimctl = shift @ARGV // die "usage: t/departures.pl SCIMCTL\n";
my (%source, %departures, @profiles);

sub slurp { my ($file) = @_; open my $in, '<', $file or die "$file: $!\n"; local $/; return <$in> }

for (split /\n/, slurp("$FindBin::Bin/requirements.tsv")) {
    my ($id, $source) = split /\t/;
    $source{$id} = $source;
}
for my $file (sort glob "$root/conf/profiles/*.conf") {
    push @profiles, slurp($file) =~ /^<SCIMProfile +"?([^">]+)/mg;
}
open my $out, '-|', $scimctl, qw(profile departures --json --config /dev/null --schemas), "$root/conf/schemas", '--profiles', "$root/conf/profiles" or die "$scimctl: $!\n";
push @{ $departures{ $_->{profile} } }, $_ for @{ JSON::PP->new->decode(do { local $/; <$out> }) };
close $out or die "$scimctl: exit status $?\n";

# "RFC 7644 §3.5.2" for each requirement, none twice.
sub sections {
    my ($ids) = @_;
    my (%seen, @sections);

    for my $id (@$ids) {
        my $source = $source{$id} // die "there is no requirement $id\n";
        push @sections, map { /^erratum|^errata|\(m\)|practice|limits|silent/ ? () : /^\d/ ? "RFC $_" : $_ } grep { !$seen{$_}++ } split /, /, $source;
    }
    return join(', ', @sections) . ' (' . join(', ', @$ids) . ')';
}

sub row { my ($d) = @_; return join(' | ', "| `$d->{by}`", $d->{what} =~ s/\|/\\|/gr, sections($d->{requirements}), "$d->{why} |\n") }

sub table { return ("| by | what | in place of | for |\n| --- | --- | --- | --- |\n", @_) }

# What a profile has beside "default", when it has nearly all of it.
sub beside_default {
    my (@rows) = @_;
    my %there = map { $_ => 1 } @rows;
    my %default = map { row($_) => $_->{by} } @{ $departures{default} };
    my @gone = map { $default{ row($_) } } grep { !$there{ row($_) } } @{ $departures{default} };
    my @more = grep { !exists $default{$_} } @rows;

    return () if @gone > @{ $departures{default} } / 2;
    my $text = 'As `default`' . (@gone ? ', without ' . join(', ', map { "`$_`" } @gone) : '');
    return @more ? ("$text, and:\n\n", table(@more)) : "$text.\n";
}

print <<'EOT';
# Where the profiles part from the RFCs

Made by t/departures.pl from the profiles and the table of rules; `scimctl profile departures` tells the same of profiles of your own. What the RFCs
leave to a service provider is no departure. In brackets: the requirements in t/requirements.tsv, whose tests show what holds where the rule
is off.

In every profile: "remove" of members, or of another list, with a value and no filter takes away what the value names, and not the whole list, as RFC
7644 section 3.5.2.2 has it for an operation to which it gives no value (MS-03: Entra ID removes a member so, and a strict reading would empty
the group). A manager who is deleted stays named in manager.value of others until a client changes that (DE-07). A password can be replaced, but not
taken away: PATCH remove of it, or replace by null, is 400 mutability in place of RFC 7644 section 3.5.2.2, and a PUT that says null keeps it (PA-49,
U-06: programs write null for what they do not know).
EOT

for my $profile (@profiles) {
    my @rows = map { row($_) } @{ $departures{$profile} // [] };
    my @short = $profile eq 'default' ? () : beside_default(@rows);

    print "\n## $profile\n\n", !@rows ? "In nothing.\n" : @short ? @short : table(@rows);
}
