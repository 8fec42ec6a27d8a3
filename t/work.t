# A body costs what reading it once costs, and little more: what would multiply with what is stored, or with itself, is done by hashes, and
# refused with a helpful detail where it asks for too much.
use strict;
use warnings;

use Test::More;
use ScimTest qw(PATCHOP USER GROUP is_scim_error);
use ScimTest::Fixtures;

my $s = ScimTest->new;

# ---- many members in one object ----

my %keys = map { ("key$_" => $_) } 1 .. 40_000;
is_scim_error($s->post('/Users', { schemas => [USER], USER, { userName => 'wrapped', %keys } }),
    413, undef, 'a core wrapper with 40,000 members');
is_scim_error($s->post('/Users', { schemas => [USER], userName => 'keys', %keys }), 413, undef, 'a user with 40,000 members');
my %few = map { ("key$_" => $_) } 1 .. 1_900;
my $r = $s->post('/Users', { schemas => [USER], USER, { userName => 'wrapped', title => 'T', %few } });
status_is($r, 201, 'a core wrapper with 1,900 members');
is($r->{json}{title}, 'T', '... of which the known ones are read');

# ---- many values in one body ----

my $nested = '[' . join(',', ('[]') x 200_000) . ']';
is_scim_error($s->request('POST', '/Users', qq({"schemas":["@{[USER]}"],"userName":"n","x":$nested})), 413, undef, '200,000 arrays');

# ---- values named by an operation, against values stored ----

my $u = $s->user(userName => 'many', emails => [map { { value => "a$_\@example.com", type => 'work' } } 1 .. 2000]);
my $path = "/Users/$u->{id}";

sub emails { return scalar @{ $s->get($path)->{json}{emails} // [] } }

status_is($s->patch($path, [{ op => 'remove', path => 'emails', value => [map { { value => "b$_\@example.com" } } 1 .. 20_000] }]),
    200, 'remove with 20,000 values that are not there');
is(emails(), 2000, '... removes nothing');
status_is($s->patch($path, [{ op => 'remove', path => 'emails',
    value => [{ value => 'A1@example.com' }, { value => 'a2@example.com', type => 'home' }, { type => 'other' }, 'a3@example.com', {}] }]),
    200, 'remove by objects and plain values');
is(emails(), 1997, '... removes what they name');

# ---- filters against values stored ----

my $filter = join ' or ', map { qq(value eq "c$_") } 1 .. 190;
my @operations = map { { op => 'remove', path => "emails[$filter]" } } 1 .. 20;
status_is($s->patch($path, [@operations[0, 1]]), 200, '2 operations of 190 terms on 2,000 values');
$r = $s->patch($path, \@operations);
is_scim_error($r, 413, undef, '20 operations of 190 terms on 2,000 values');
like($r->{json}{detail}, qr/Operations\[\d+\]: .* too much work: .* fewer operations/, '... and the detail says what to change');
is(emails(), 1997, 'a refused PATCH changes nothing');
status_is($s->patch($path, [map { { op => 'replace', path => 'emails[value eq "a9@example.com"].display', value => "d$_" } } 1 .. 100]),
    200, 'a hundred operations on a list of 2,000');

# ---- a group ----

my @members = map { $s->user(userName => "member$_")->{id} } 1 .. 3;
my $g = $s->group(displayName => 'G', members => [@members]);
status_is($s->patch("/Groups/$g->{id}", [{ op => 'remove', path => 'members',
    value => [map { { value => $_ } } $members[0], map { "x$_" } 1 .. 20_000] }]),
    204, 'remove of 20,000 members');
is(scalar @{ $s->get("/Groups/$g->{id}")->{json}{members} }, 2, '... removes the one that is there');

done_testing;
