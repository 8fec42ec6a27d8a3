# How large a resource may become: as a body may (SCIMMaxBody), whatever number of requests it takes, unless it does not grow.
use strict;
use warnings;

use Test::More;

use ScimTest qw(FALSE TRUE PATCHOP USER is_scim_error);

my $s = ScimTest->new(path => '/small/v2'); # SCIMMaxBody 2000
my $wide = $s->at('/scim/v2');
my $serial = 0;

sub body { return { schemas => [USER], userName => 'size' . ++$serial, @_ } }
sub replace { my ($path, $value) = @_; return { op => 'replace', path => $path, value => $value } }
sub told { my ($title, $r) = @_; return like($r->{json}{detail} // '', qr/The User would take \d+ bytes, and may take 2000.*raise SCIMMaxBody/, "$title: says what to do") }

# A body of exactly so many bytes.
sub sized {
    my ($bytes, %body) = @_;

    $body{title} = '';
    $body{title} = 'x' x ($bytes - length $s->{json}->encode(\%body));
    return \%body;
}

# The document as it is stored, without what does not count.
sub stored { return length($s->sql('select doc::text from scim.resource where id = cast(? as uuid)', $_[0]) =~ s/"schemas":\[[^\]]*\],|"active":\w+,//gr) }

# ---- many small requests ----

my $u = $s->post('/Users', body())->{json};
my $at = "/Users/$u->{id}";
my ($r, $added) = (undef, 0);
for (1 .. 20) {
    $r = $s->patch($at, [{ op => 'add', path => 'emails', value => [{ value => "m$_-" . 'x' x 300 . '@example.com' }] }]);
    last if $r->{status} != 200;
    $added++;
}
is_scim_error($r, 413, undef, 'a user who grows with each PATCH');
told('PATCH', $r);
cmp_ok($added, '>', 3, '... after some of them');
is(scalar @{ $s->get($at)->{json}{emails} }, $added, '... and what was refused is not there');
cmp_ok(stored($u->{id}), '<=', 2000, '... the document is no larger than a body');

# ---- other ways ----

# A string where an object is expected becomes one: the only way for a body to grow.
my $extension = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
my $long = sized(2000, userName => 'size' . ++$serial, $extension => { manager => 'm' });
$r = $s->post('/Users', $long);
is_scim_error($r, 413, undef, 'POST of what is larger once it is read');
told('POST', $r);
$r = $s->put($at, sized(2000, %$long, userName => $u->{userName}));
is_scim_error($r, 413, undef, 'PUT');
told('PUT', $r);
$r = $s->post('/Bulk', { schemas => ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations => [
    { method => 'PATCH', path => $at, data => { schemas => [PATCHOP], Operations => [replace('nickName', 'y' x 1000)] } },
    { method => 'POST', path => '/Users', bulkId => 'a', data => body() },
] });
is_deeply([map { $_->{status} } @{ $r->{json}{Operations} }], ['413', '201'], 'Bulk: PATCH, beside others');
told('Bulk', { json => $r->{json}{Operations}[0]{response} });

# ---- what the server adds does not count ----

for my $case (['without schemas', {}], ['with them', { schemas => [USER] }], ['with "active"', { active => TRUE }],
    ['with an extension that no schemas name', { $extension => { department => 'd' } }],
    ['with a manager, whose $ref follows', { $extension => { manager => { value => '01a201c3-2ea3-7f9d-bec2-de3abddb8c27' } } }],
    ['with an extension that they name', { schemas => [USER, $extension], $extension => { department => 'd' } }]) {
    my ($title, $more) = @$case;
    my $name = 'size' . ++$serial;
    my $body = sized(2000, userName => $name, %$more);
    my $made = $s->post('/Users', $body);

    is($made->{status}, 201, "POST of as much as a body may have, $title");
    is($s->put("/Users/$made->{json}{id}", $body)->{status}, 200, '... PUT');
    is_scim_error($s->post('/Users', sized(2001, userName => "$name-2", %$more)), 413, undef, '... one byte more');
}

{
    my $manager = { value => '01a201c3-2ea3-7f9d-bec2-de3abddb8c27' };
    my $made = $s->post('/Users', sized(2000, userName => 'size' . ++$serial, $extension => { manager => $manager }));
    my $path = "/Users/$made->{json}{id}";

    is_scim_error($s->patch($path, [replace("$extension:manager.\$ref", '../Users/01a201c3-2ea3-7f9d-bec2-de3abddb8c27')]), 413, undef, 'the $ref that the client says counts');
    is($s->patch($path, [replace("$extension:manager.\$ref", 'Users/01a201c3-2ea3-7f9d-bec2-de3abddb8c27')])->{status}, 200, '... unless it is what the server says');
}

# ---- what is larger already, because the limit was another one ----

my $large = $wide->post('/Users', body(title => 'x' x 5000, name => { familyName => 'F' }))->{json};
$at = "/Users/$large->{id}";
is_scim_error($s->patch($at, [replace('nickName', 'n')]), 413, undef, 'larger already: no more');
is($s->patch($at, [replace('active', FALSE)])->{json}{active}, FALSE, '... can be disabled');
is($s->patch($at, [replace('active', TRUE)])->{json}{active}, TRUE, '... and enabled');
is_scim_error($s->patch($at, [replace('active', FALSE), replace('name.familyName', 'FF')]), 413, undef, '... which is no way to grow');
is($s->patch($at, [{ op => 'remove', path => 'active' }, replace('name.familyName', 'G')])->{status}, 200, '... another value of the same size');
is($s->patch($at, [replace('password', 'Secret-Passw0rd')])->{status}, 200, '... a password, which is kept elsewhere');
is($s->patch($at, [{ op => 'remove', path => 'name' }])->{status}, 200, '... less');
is_scim_error($s->patch($at, [replace('name.familyName', 'G')]), 413, undef, '... what was taken away does not come again');
is($s->put($at, body())->{status}, 200, '... and a PUT makes it small');
is($wide->patch($at, [replace('title', 'x' x 5000)])->{status}, 200, 'another Location has another limit');

done_testing;
