# Filters and orders by what types and extensions of one's own have and users lack: lists of plain values, lists in lists, whole extensions;
# and by references to members of both types.
use strict;
use warnings;

use Test::More;
use ScimTest qw(ENTERPRISE uri);
use ScimTest::Fixtures;

my $ENT = ENTERPRISE;
my $s = ScimTest->new(path => '/locker/v2');
my $schema = 'urn:ietf:params:scim:schemas:acme:2.0:Locker';
my %lockers = (
    a => { labels => ['red', 'round'], keys => [{ value => 'k3', doors => [1, 3] }, { value => 'k1', primary => ScimTest::TRUE, doors => [7] }],
        spot => { marks => ['x', 'a'] } },
    b => { labels => ['Blue'], keys => [{ value => 'k2', doors => [3] }], spot => { marks => ['m', 'n', 'z'] } },
    c => {},
);
$s->post('/Lockers', { schemas => [$schema], displayName => $_, %{ $lockers{$_} } })->{status} == 201 or die "no locker $_\n" for sort keys %lockers;

# The names of what is found, in the order in which it comes.
sub found {
    my ($endpoint, @query) = @_;
    my $r = $s->get($endpoint . uri(@query));

    return $r->{status} == 200 ? join ' ', map { $_->{displayName} // $_->{userName} } @{ $r->{json}{Resources} } : "$r->{status} $r->{body}";
}

my @filters = (
    ['labels eq "RED"', 'a'], ['labels co "e"', 'a b'], ['labels pr', 'a b'], ['not (labels pr)', 'c'], ['labels[value eq "blue"]', 'b'],
    ['keys.doors eq 3', 'a b'], ['keys.doors gt 3', 'a'], ['keys.doors pr', 'a b'], ['keys[doors eq 3]', 'a b'],
    ['keys[doors eq 3 and value eq "k2"]', 'b'], ['keys[doors eq 7 and value eq "k3"]', ''], ['keys[not (doors eq 3)]', 'a'],
    ['keys.value eq "k1" or labels eq "blue"', 'a b'],
);
is(join(' ', sort split / /, found('/Lockers', filter => $_->[0])), $_->[1], $_->[0]) for @filters;

# The primary value, else the first; what has none comes last.
my @orders = ([labels => 'b a c'], ['keys.value' => 'a b c'], ['keys.doors' => 'b a c'], [keys => 'a b c'],
    ['spot.marks' => 'b a c'], [displayName => 'a b c']);
is(found('/Lockers', sortBy => $_->[0]), $_->[1], "by $_->[0]") for @orders;
is(found('/Lockers', sortBy => $_->[0], sortOrder => 'descending'), join(' ', reverse split / /, $_->[1]), "by $_->[0], descending") for @orders;
my @located = sort map { $_->{meta}{location} } @{ $s->get('/Lockers')->{json}{Resources} };
is_deeply([map { $_->{meta}{location} } @{ $s->get('/Lockers?sortBy=meta.location')->{json}{Resources} }], \@located, 'by meta.location');

# ---- whole extensions ----

$s = ScimTest->new;
my %users = (with => $s->user(userName => 'with', $ENT => { department => 'D' }), without => $s->user(userName => 'without', active => ScimTest::FALSE));
for my $case (["$ENT pr", 'with'], ["not ($ENT pr)", 'without'], ["$ENT pr and active eq true", 'with'], ["$ENT pr or active eq false", 'with without'],
    ["$ENT pr and userName eq \"without\"", ''], ["$ENT:department eq \"d\" and $ENT pr", 'with']) {
    is(join(' ', sort split / /, found('/Users', filter => $case->[0])), $case->[1], $case->[0] =~ s/\Q$ENT\E/Enterprise/gr);
}

# ---- references ----

my $inner = $s->group(displayName => 'inner', members => [$users{with}{id}]);
my $outer = $s->group(displayName => 'outer', members => [$inner->{id}, $users{without}{id}]);
my $none = $s->group(displayName => 'none');
my $base = $s->base;
for my $case (
    ["members.\$ref eq \"$base/Users/$users{with}{id}\"", 'inner'], ["members.\$ref eq \"$base/Groups/$inner->{id}\"", 'outer'],
    ["members[\$ref eq \"$base/Groups/$inner->{id}\"]", 'outer'], ["members.\$ref eq \"$base/Groups/$users{with}{id}\"", ''],
    ["members.\$ref eq \"$base/Nothing/$inner->{id}\"", ''], ["members[\$ref eq \"$base/Groups/$inner->{id}\" and type eq \"Group\"]", 'outer'],
    ["members[\$ref eq \"$base/Users/$inner->{id}\" and type eq \"Group\"]", ''], ["members[\$ref eq \"nowhere\" and type eq \"Group\"]", ''],
    ["members.\$ref co \"$base/Groups/\"", 'outer'], ['members.$ref pr', 'inner outer'], ["members.\$ref ne \"$base/Groups/$inner->{id}\"", 'inner none outer'],
) {
    is(join(' ', sort split / /, found('/Groups', filter => $case->[0])), $case->[1], $case->[0] =~ s/\Q$base//gr =~ s/[0-9a-f-]{36}/ID/gr);
}

done_testing;
