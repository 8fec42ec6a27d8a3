# GET of one resource, attributes and excludedAttributes (G-01 to G-17).
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE ENTERPRISE USER uri is_scim_error);
use ScimTest::Fixtures;

my $ENT = ENTERPRISE;
my $s = ScimTest->new;
my $f = fixtures($s);
my $u = $f->{U1};
my $path = "/Users/$u->{id}";
my @always = qw(id schemas);

is_deeply($s->get($path)->{json}, $u, 'G-01: found');
is_scim_error($s->get($_), 404, undef, "G-02: $_") for '/Users/nope', "/Groups/$u->{id}", "/Users/$f->{G1}{id}",
    '/Users/01890000-0000-7000-8000-000000000000';
is_deeply([sort keys %$u], [sort @always, qw(active displayName emails externalId groups meta name title userName), $ENT],
    'G-03: all that is returned by default');

# [id, attributes, names at the top]
sub keys_of { my ($query) = @_; my $r = $s->get("$path?$query"); return ref $r->{json} ? join ' ', sort keys %{ $r->{json} } : $r->{status} }
my $default = join ' ', sort keys %$u;
my $less = sub { my %gone = map { $_ => 1 } @_; return join ' ', grep { !$gone{$_} } sort keys %$u };
for my $case (
    ['G-04', 'attributes=userName', 'id schemas userName'], ['G-04', 'attributes=userName,title', 'id schemas title userName'],
    ['G-04', 'attributes=id', 'id schemas'], ['C-10', 'attributes=meta', 'id meta schemas'],
    ['G-05', 'excludedAttributes=id,emails,schemas', $less->('emails')], ['G-05', 'excludedAttributes=meta', $less->('meta')],
    ['G-05', 'excludedAttributes=nope', $default],
    ['G-06', 'attributes=password,userName', 'id schemas userName'], ['G-06', 'attributes=password', 'id schemas'],
    ['G-10', 'attributes=' . USER . ':userName', 'id schemas userName'],
    ['G-10', "attributes=$ENT:employeeNumber", join ' ', sort @always, $ENT], ['G-11', "attributes=$ENT", join ' ', sort @always, $ENT],
    ['G-11', "excludedAttributes=$ENT", $less->($ENT)],
    ['G-11', "excludedAttributes=$ENT:employeeNumber", $less->($ENT)],
    ['G-12', 'attributes=USERNAME,Name.GIVENNAME', 'id name schemas userName'], ['G-12', 'excludedattributes=EMAILS', $less->('emails')],
    ['G-14', 'attributes=nope', 'id schemas'], ['G-14', 'attributes=', $default], ['G-14', 'excludedAttributes=', $default],
    ['G-14', 'attributes=%20userName%20,%20title%20', 'id schemas title userName'],
    ['G-14', 'attributes=,userName,,', 'id schemas userName'], ['G-14', 'attributes=userName,userName', 'id schemas userName'],
    ['G-14', 'attributes=userName&excludedAttributes=', 'id schemas userName'],
    ['2.2', 'attributes=emails[type%20eq%20"work"]', 'id schemas'], ['G-08', 'excludedAttributes=name.givenName,name.familyName',
        $less->('name')], ['GM-08', 'attributes=groups', 'groups id schemas'],
) {
    my ($id, $query, $expected) = @$case;
    my $got = keys_of($query);
    # A filter in a projection need not be understood, but must not fail.
    $got =~ s/^emails // if $id eq '2.2';
    is($got, $expected, "$id: $query");
}
is_scim_error($s->get("$path?attributes=a&excludedAttributes=b"), 400, 'invalidValue', 'G-13: both at once');
is_scim_error($s->post('/Users?attributes=a&excludedAttributes=b', { schemas => [USER], userName => 'both' }), 400, 'invalidValue', 'G-13: POST');
is_scim_error($s->put("$path?attributes=a&excludedAttributes=b", { schemas => [USER], userName => 'both' }), 400, 'invalidValue', 'G-13: PUT');
is_scim_error($s->patch("$path?attributes=a&excludedAttributes=b", [{ op => 'remove', path => 'title' }]), 400, 'invalidValue', 'G-13: PATCH');
is($s->get('/Users' . uri(filter => 'userName eq "both"'))->{json}{totalResults}, 0, 'G-13: nobody is made');
is_deeply($s->get($path)->{json}, $u, 'G-13: nothing is changed');

# [id, query, attribute, value]
for my $case (
    ['G-08', 'attributes=name.givenName', 'name', { givenName => 'Barbara' }], ['G-08', 'attributes=name', 'name', $u->{name}],
    ['G-08', 'excludedAttributes=name.givenName', 'name', { familyName => 'Jensen' }],
    ['G-08', 'attributes=name,name.givenName', 'name', $u->{name}],
    ['G-09', 'attributes=emails.value', 'emails', [map { +{ value => $_->{value} } } @{ $u->{emails} }]],
    ['G-09', 'excludedAttributes=emails.type', 'emails', [{ value => 'bjensen@example.com', primary => TRUE }, { value => 'babs@jensen.org' }]],
    ['G-09', 'attributes=emails.value,emails.type', 'emails', [map { +{ value => $_->{value}, type => $_->{type} } } @{ $u->{emails} }]],
    ['G-10', "attributes=$ENT:employeeNumber", $ENT, { employeeNumber => '701984' }],
    ['G-10', 'attributes=' . USER . ':name.familyName', 'name', { familyName => 'Jensen' }], ['G-11', "attributes=$ENT", $ENT, $u->{$ENT}],
    ['C-10', 'attributes=meta.version', 'meta', { version => $u->{meta}{version} }],
    ['GM-09', 'attributes=groups.value', 'groups', [map { +{ value => $_->{value} } } @{ $u->{groups} }]],
) {
    my ($id, $query, $attribute, $value) = @$case;
    is_deeply($s->get("$path?$query")->{json}{$attribute}, $value, "$id: $query: $attribute");
}

is_deeply([map { [sort keys %$_] } @{ $s->get('/Users?attributes=userName')->{json}{Resources} }], [([qw(id schemas userName)]) x 3],
    'G-15, RX-21: schemas in each entry of a list');
my $projected = { map { $_ => $u->{$_} } qw(schemas id title) };
my %write = (POST => ['/Users', { schemas => [USER], userName => 'new@example.com', title => 'Tour Guide' }],
    PUT => [$path, { %$u, title => 'Tour Guide' }],
    PATCH => [$path, { schemas => [ScimTest::PATCHOP], Operations => [{ op => 'replace', path => 'title', value => 'Tour Guide' }] }]);
for my $method (sort keys %write) {
    my ($at, $body) = @{ $write{$method} };
    my $r = $s->request($method, "$at?attributes=title", $body);
    is_deeply([sort keys %{ $r->{json} }], [qw(id schemas title)], "G-16: $method");
}
is_deeply($s->post('/Users/.search',
    { schemas => [ScimTest::SEARCH], attributes => ['title'], filter => qq(id eq "$u->{id}") })->{json}{Resources}, [$projected], 'G-16: .search');
is($s->get("$path?attributes=title")->header('ETag'), $s->get($path)->header('ETag'), 'E-03: one tag for all projections');

# A filter on one resource: never taken as matched when it is not.
my $r = $s->get($path . uri(filter => 'active eq false'));
ok($r->{status} == 400 || ($r->{status} == 200 && exists $r->{json}{totalResults} && $r->{json}{totalResults} == 0),
    "G-17: a filter that does not match: $r->{status}");

# Attributes that are returned on request only.
my $a = ScimTest->new(path => '/acme/v2');
my $d = $a->post('/Devices', { schemas => ['urn:ietf:params:scim:schemas:acme:2.0:Device'], displayName => 'd', notes => 'long' })->{json};
ok(!exists $a->get("/Devices/$d->{id}")->{json}{notes}, 'G-07: not by default');
is($a->get("/Devices/$d->{id}?attributes=notes")->{json}{notes}, 'long', 'G-07: when it is named');
ok(!exists $a->get('/Devices')->{json}{Resources}[0]{notes}, 'G-07: not in lists');
is($a->get('/Devices?attributes=notes,displayName')->{json}{Resources}[0]{notes}, 'long', 'G-07: in lists when it is named');
ok(!exists $a->get("/Devices/$d->{id}?excludedAttributes=displayName")->{json}{notes}, 'G-07: not by excluding another');

# Times before the year 2000, from which PostgreSQL counts; a member who has no name to be shown.
$s->sql(q(update scim.resource set created = '1998-12-31T23:59:59.5Z', display = null where id = ?), $u->{id});
is($s->get($path)->{json}{meta}{created}, '1998-12-31T23:59:59.500000Z', 'a resource of another century');
is($s->get('/Users' . uri(filter => 'meta.created lt "1999-01-01T00:00:00Z"'))->{json}{totalResults}, 1, '... is found by its time');
my $team = $s->group(members => [$u->{id}]);
is_deeply([map { [sort keys %$_] } @{ $s->get("/Groups/$team->{id}")->{json}{members} }], [[qw($ref type value)]], 'a member without a name');
is($s->get("/Groups/$team->{id}?attributes=members.display")->{json}{members}, undef, '... of whom nothing is left where the name alone is asked for');

done_testing;
