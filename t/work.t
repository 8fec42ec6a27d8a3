# A body costs what reading it once costs, and little more: what would multiply with what is stored, or with itself, is done by hashes, and
# refused with a helpful detail where it asks for too much.
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);
use ScimTest qw(PATCHOP USER GROUP is_scim_error);
use ScimTest::Fixtures;
use ScimTest::Parallel;

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
    value => [{ value => 'A1@example.com' }, { value => 'a2@example.com', type => 'Work' }, { value => 'a4@example.com', type => 'home' }, { type => 'other' }, 'a3@example.com', {}] }]),
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

# ---- long paths with many parts, long values looked through many times ----

my $long = 'x' x 7900;
my %unknown = map { ("a$_" => 1) } 1 .. 1900;
is_scim_error($s->patch($path, [map { { op => 'replace', path => qq(emails[value eq "$long"]), value => \%unknown } } 1 .. 50]), 413, undef,
    'fifty long paths, each with 1,900 parts that there are not');
my $home = $s->user(addresses => [{ formatted => 'ab' x 500_000, type => 'work' }]);
my $terms = join ' or ', map { 'formatted co "abababbb"' } 1 .. 190;
is_scim_error($s->patch("/Users/$home->{id}", [map { { op => 'remove', path => "addresses[$terms]" } } 1 .. 15]), 413, undef,
    'a value of a million characters, looked through 2,850 times');

# ---- a PATCH that loses a race begins anew ----

is_deeply(in_parallel(4, sub { $s->patch($path, [@operations[0, 1], { op => 'replace', path => 'title', value => "T$_[0]" }])->{status} }), { 200 => 4 },
    'four of them at the same time: what was spent on a lost attempt is not held against the next');

# ---- a group ----

my @members = map { $s->user(userName => "member$_")->{id} } 1 .. 3;
my $g = $s->group(displayName => 'G', members => [@members]);
status_is($s->patch("/Groups/$g->{id}", [{ op => 'remove', path => 'members',
    value => [map { { value => $_ } } $members[0], map { "x$_" } 1 .. 20_000] }]),
    204, 'remove of 20,000 members');
is(scalar @{ $s->get("/Groups/$g->{id}")->{json}{members} }, 2, '... removes the one that is there');

# Ids that fall in one place of a table by the hash "times 33".
my @pairs = ('0a', '1@');
my @colliding = map { my $number = $_; { value => join '', map { $pairs[$number >> $_ & 1] } 0 .. 16 } } 0 .. (1 << 17) - 1;
my $start = time;
status_is($s->patch("/Groups/$g->{id}", [{ op => 'add', path => 'members', value => \@colliding }]), 204, 'add of 131,072 members with colliding ids');
status_is($s->patch("/Groups/$g->{id}", [{ op => 'remove', path => 'members', value => \@colliding }]), 204, '... and remove');
cmp_ok(time - $start, '<', 30, '... take seconds, not minutes');
is(scalar @{ $s->get("/Groups/$g->{id}")->{json}{members} }, 2, '... and nobody comes or goes');

# ---- read-only values that are repeated, against many that are there ----

my $e = ScimTest->new(path => '/echo/v2');
my $echo = $e->user(userName => 'echo');
for my $part (0 .. 1) {
    my $bulk = $e->post('/Bulk', { schemas => ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations => [map {
        { method => 'POST', path => '/Groups', bulkId => "g$_", data => { schemas => [GROUP], displayName => "Group $part $_", members => [{ value => $echo->{id} }] } }
    } 1 .. 1000] });
    is(scalar(grep { $_->{status} eq '201' } @{ $bulk->{json}{Operations} }), 1000, 'a thousand groups');
}
my $last = $e->get("/Users/$echo->{id}")->{json}{groups}[-1]{display};
my @echoes = ({ op => 'replace', value => { 'groups.display' => $last } }) x 9_000;
$start = time;
status_is($e->patch("/Users/$echo->{id}", [@echoes[0 .. 99]]), 200, 'a hundred repetitions of a part of one of 2,000 groups');
$r = $e->patch("/Users/$echo->{id}", \@echoes);
is_scim_error($r, 413, undef, '9,000 of them');
like($r->{json}{detail}, qr/too much work/, '... and the detail says so');
cmp_ok(time - $start, '<', 10, '... take seconds');
is_scim_error($e->patch("/Users/$echo->{id}", [@echoes[0 .. 2], { op => 'replace', value => { 'groups.display' => 'x' } }]), 400, 'mutability', 'one that is not there');

# ---- text ----

# Marks in a row have to be put in order. Where neighbours are exchanged for that, these take a minute.
my $marks = "\x{301}" x 60_000 . "\x{316}" x 60_000;
$start = time;
my $marked = $s->post('/Users', { schemas => [USER], userName => 'marked', title => "a$marks", emails => [{ value => "a$marks" }] });
status_is($marked, 201, 'a title and an e-mail address of 120,000 marks');
status_is($s->patch("/Users/$marked->{json}{id}", [({ op => 'add', path => 'emails', value => [{ value => "b$marks" }] }) x 3]), 200, '... added to');
is(scalar @{ $s->get("/Users/$marked->{json}{id}")->{json}{emails} }, 2, '... once');
cmp_ok(time - $start, '<', 30, '... take seconds, not minutes');

# Values that are folded count: their bytes beyond ASCII.
my $folded = sub { return [map { { value => $_[0] x 1_000 . $_ } } 1 .. $_[1]] };
$r = $s->post('/Users', { schemas => [USER], userName => 'folded', emails => $folded->("\x{1f82}", 1_800) });
is_scim_error($r, 413, undef, '5 MB of letters to be folded');
like($r->{json}{detail}, qr/too much work: .* less text/, '... and the detail says what to change');
status_is($s->post('/Users', { schemas => [USER], userName => 'folded', emails => $folded->("\x{1f82}", 200) }), 201, '0.6 MB of them');
status_is($s->post('/Users', { schemas => [USER], userName => 'plain', emails => $folded->('ABC', 1_800) }), 201, '5 MB of ASCII');

done_testing;
