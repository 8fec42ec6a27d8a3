# The rules that no client contradicts (1 to 27), on profile default. A request of one client stands for each.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE ENTERPRISE GROUP LIST USER PATCHOP uri is_scim_error);
use ScimTest::Fixtures;

my $ENT = ENTERPRISE;
my $s = ScimTest->new;
my $f = fixtures($s);
my ($U1, $U2, $U3) = map { $f->{$_} } qw(U1 U2 U3);
my $serial = 0;
my $post = sub { return $s->post('/Users', { schemas => [USER], userName => 'r' . ++$serial . '@example.com', @_ }) };
my $patch = sub {
    my ($resource, @operations) = @_;
    return $s->patch("/$resource->{meta}{resourceType}s/$resource->{id}", \@operations);
};
my $found = sub { return names($s->get('/Users' . uri(filter => $_[0]))) };

# One test for each shape of a value: the resource then has what is expected of the attribute.
sub leads_to {
    my ($title, $operations, $attribute, $expected, %start) = @_;
    my $u = $s->user(%start);
    my $r = $patch->($u, @$operations);

    is_deeply([$r->{status}, $s->get("/Users/$u->{id}")->{json}{$attribute}], [200, $expected], $title);
    return;
}

# ---- HTTP surface ----

is($s->get($_)->{status}, 200, "rule 1: $_") for '/Users/', '//Users', '/Users?', '/Users?count=1&', '/users', '/Users?aadOptscim062020',
    '/Users?AzureAdScimPatch062020', '/Users?AzureAdScimPatch2017', '/Users/?aadOptscim062020&startIndex=1',
    "/uSERS/$U1->{id}/";
my $put = $s->put("/Users/$U3->{id}?", { schemas => [USER], userName => 'jsmith', displayName => 'Ed Smith', emails => $U3->{emails} });
is($put->{status}, 200, 'rule 1: a dangling question mark on PUT');
is($s->patch("/Groups/$f->{G3}{id}?", [])->{status}, 204, 'rule 1: and on PATCH');

$s->user(userName => 'a+b c@example.com');
is($s->get("/Users?filter=$_")->{json}{totalResults}, 1, "rule 2: $_")
    for 'userName+eq+%22a%2Bb+c%40example.com%22', 'userName%20eq%20%22a%2Bb%20c%40example.com%22', 'userName+eq+"a%2Bb+c@example.com"';
is($s->get('/Users?filter=emails[type+eq+"work"].value+eq+"js@x.org"')->{json}{totalResults}, 1, 'rule 2: raw quotes and brackets');

is($s->get('/Users?count=1', Accept => undef, 'User-Agent' => undef)->{status}, 200, 'rule 3: no Accept, no User-Agent');
status_is($s->post('/Users', { schemas => [USER], userName => 'type' . ++$serial }, 'Content-Type' => $_), 201,
    'rule 3: body as ' . ($_ // 'nothing'))
    for undef, 'application/json', 'application/scim+json; charset=utf-8';
is_scim_error($s->post('/Users', '<x/>', 'Content-Type' => 'text/xml'), 415, undef, 'rule 3: something else');

like($s->get('/Users?count=1', Accept => $_->[0])->header('Content-Type'), $_->[1], 'rule 4: Accept ' . ($_->[0] // 'absent'))
    for [undef, qr/^application\/scim\+json/], ['*/*', qr/^application\/scim\+json/], ['application/json', qr/^application\/json/];

is($s->get('/Users?count=1', Authorization => $_)->{status}, 200, 'rule 5: ' . ($_ =~ s/\S+\z//r))
    for map { ("Bearer $_", "bearer $_", $_, "Bearer apikey:$_") } $s->token;
is_scim_error($s->get('/Users', Authorization => 'Bearer ' . join '.', ('eyJ' . 'x' x 2000) x 3), 401, undef,
    'rule 5: a JWT of several kilobytes is just unknown');
for my $credentials (undef, 'Bearer nonsense', 'non-token') {
    my $r = $s->get('/Users?startIndex=1&count=2', Authorization => $credentials);
    is_scim_error($r, 401, undef, 'rule 6: ' . ($credentials // 'none'));
    like($r->header('WWW-Authenticate') // '', qr/^Bearer realm=/, 'rule 6: WWW-Authenticate: ' . ($credentials // 'none'));
}
is($s->patch("/Users/$U3->{id}", [{ op => 'replace', value => { active => TRUE } }])->{status}, 200, 'rule 7: PATCH');

# ---- reading ----

my $none = $s->get('/Users' . uri(filter => 'userName eq "0c0ffee0-1111-2222-3333-444455556666"'));
is_deeply([$none->{status}, @{ $none->{json} }{qw(totalResults Resources)}], [200, 0, []], 'rule 8, MS-08, MS-24: nothing found');
is_deeply($s->get('/Groups?' . substr(uri(excludedAttributes => 'members', filter => 'displayName eq "x"'), 1))->{json}{Resources}, [],
    'rule 8, MS-08, MS-24: no group found');

is_deeply([map { $_->{json}{active} // $_->{json}{Resources}[0]{active} } $s->get("/Users/$U2->{id}"),
    $s->get('/Users' . uri(filter => 'userName eq "mpepperidge"'))], [FALSE, FALSE], 'rule 9, MS-23: an inactive user by id and by filter');
ok(scalar(grep { $_->{id} eq $U2->{id} && !$_->{active} } @{ $s->get('/Users')->{json}{Resources} }), 'rule 9, MS-23: and in lists');

my $page = $s->get('/Users?startIndex=2&count=1');
like($page->{body}, qr/"startIndex":2\b.*"itemsPerPage":1\b/, 'rule 10: integers, startIndex is echoed');
is_deeply([map { $s->get("/Users?startIndex=$_&count=1")->{json}{Resources}[0]{id} } 1 .. 3],
    [map { $_->{id} } @{ $s->get('/Users?count=3')->{json}{Resources} }], 'rule 10: the order is the same over pages');
cmp_ok(scalar @{ $s->get('/Users')->{json}{Resources} }, '>', 3, 'rule 10: a list without parameters');

is($found->($_->[0]), $_->[1], "rule 11: $_->[0]")
    for ['userName eq "BJENSEN@example.com"', $U1->{userName}], ['displayName eq "BABS JENSEN"', $U1->{userName}],
    ['emails.value eq "BABS@JENSEN.ORG"', $U1->{userName}],
    ['externalId eq "AbC"', $U1->{userName}], ['externalId eq "ABC"', ''], ['id eq "' . uc($U1->{id}) . 'X"', ''];

ok(!exists $s->get("/Groups/$f->{G1}{id}?excludedAttributes=members")->{json}{members}, 'rule 12, MS-18: excludedAttributes=members');
is_deeply([sort keys %{ $s->get("/Users/$U1->{id}?attributes=userName")->{json} }], [qw(id schemas userName)],
    'rule 12: attributes always brings id and schemas');

my %odd = (phoneNumbers => [{ value => ' 55555-55555  ', type => 'mobile' }], displayName => '  Mixed CASE ',
    emails => [{ value => 'UPPER@Example.COM', type => 'work' }], profileUrl => 'not a url', locale => 'zz_ZZ!', timezone => 'Mars/Base',
    addresses => [{ country => 'Wonderland', formatted => "a\n b" }]);
my $made = $post->(%odd);
is_deeply([$made->{status}, @{ $s->get("/Users/$made->{json}{id}")->{json} }{ sort keys %odd }], [201, @odd{ sort keys %odd }],
    'rule 13, MS-22: what is stored comes back unmodified');

# ---- writing ----

leads_to('rule 14: names, op and types in any case', [{ op => 'REPLACE', path => 'EMAILS[TYPE EQ "WORK"].VALUE', value => 'n@x.org' },
    { Op => 'Add', Path => 'TITLE', Value => 'T' }], 'emails', [{ value => 'n@x.org', type => 'work' }],
    emails => [{ value => 'o@x.org', type => 'work' }]);
leads_to("rule 15: active $_->[0]", [{ op => 'replace', path => 'active', value => $_->[0] }], 'active', $_->[1])
    for ['False', FALSE], ['false', FALSE], ['FALSE', FALSE], ['True', TRUE];
leads_to('rule 15: in a value without a path', [{ op => 'replace', value => { active => 'False' } }], 'active', FALSE);
is($post->(active => 'false')->{json}{active}, FALSE, 'rule 15: in POST');
is($s->put("/Users/$U3->{id}", { schemas => [USER], userName => 'jsmith', active => 'True' })->{json}{active}, TRUE, 'rule 15: in PUT');
leads_to('rule 15: in a filter', [{ op => 'add', path => 'roles[primary eq "True"].value', value => 'x' }], 'roles',
    [{ primary => TRUE, value => 'x' }]);

for my $op (qw(add replace Add Replace)) {
    leads_to("rule 16: $op creates the element once",
        [map { +{ op => $op, path => qq(addresses[type eq "work"].$_), value => "new $_" } } qw(locality country)],
        'addresses', [{ type => 'work', locality => 'new locality', country => 'new country' }]);
}

for my $op (qw(add replace)) {
    my $u = $s->user(name => { givenName => 'G', familyName => 'F' }, $ENT => { department => 'Old', division => 'Kept' });
    my $r = $patch->($u, { op => $op, value => { title => 'T', name => { familyName => 'New' }, 'name.middleName' => 'M',
        'emails[type eq "work"].value' => 'w@x.org', "$ENT:department" => 'New', $ENT => { employeeNumber => '7' } } });
    is_deeply([$r->{status}, @{ $r->{json} }{ qw(title name emails), $ENT }],
        [200, 'T', { givenName => 'G', familyName => 'New', middleName => 'M' }, [{ type => 'work', value => 'w@x.org' }],
        { department => 'New', division => 'Kept', employeeNumber => '7' }], "rule 17: $op, keys of every kind");
}

for my $empty (undef, '', [], { value => '' }) {
    my $shown = JSON::PP->new->allow_nonref->encode($empty);
    leads_to("rule 18: a list replaced by $shown", [{ op => 'replace', path => 'emails', value => $empty }], 'emails', undef,
        emails => [{ value => 'x@x.org' }]);
    leads_to("rule 18: a string replaced by $shown", [{ op => 'replace', path => 'title', value => $empty }], 'title', undef, title => 'T');
}
is_scim_error($patch->($U3, { op => 'replace', path => 'userName', value => '' }), 400, 'invalidValue', 'rule 18, section 12: userName ""');

my %whole = (givenName => 'G', familyName => 'F');
my $manager = { value => 'm-1', '$ref' => 'https://example.com/Users/m-1' };
for my $case (
    ['name', { middleName => undef }, \%whole], ['name', { givenName => '' }, { familyName => 'F' }], ['name', {}, \%whole],
    ['name', { nope => undef }, \%whole], ['name', { givenName => undef, familyName => 'N' }, { familyName => 'N' }],
    ['name', { givenName => undef, familyName => '' }, undef], ['name', undef, undef], ['name', '', undef], ['name', [], undef],
    ["$ENT:manager", { '$ref' => undef }, { manager => { value => 'm-1' } }], ["$ENT:manager", { displayName => undef }, { manager => $manager }],
    ["$ENT:manager", {}, { manager => $manager }],
    map({ ["$ENT:manager", $_, undef] } { value => '' }, { value => undef }, { value => undef, '$ref' => undef, displayName => '' }, [{ value => '' }],
        { managerId => '' }, { managerId => undef }),
    ['emails', {}, [{ value => 'x@x.org', type => 'work' }]], ['emails', { display => undef }, [{ value => 'x@x.org', type => 'work' }]],
    ['emails[type eq "work"]', { display => undef }, [{ value => 'x@x.org', type => 'work' }]],
    ['emails[type eq "work"]', { type => undef }, [{ value => 'x@x.org' }]], ['emails[type eq "work"]', {}, [{ value => 'x@x.org', type => 'work' }]],
    ['emails[type eq "work"]', { value => '' }, undef], ['emails[type eq "work"]', { value => undef, type => undef }, undef],
) {
    my ($path, $value, $expected) = @$case;
    my $shown = JSON::PP->new->allow_nonref->canonical->encode($value);
    my $attribute = $path =~ /^urn/ ? $ENT : $path =~ s/\[.*//r;
    my @start = (name => \%whole, emails => [{ value => 'x@x.org', type => 'work' }], $ENT => { manager => $manager });
    leads_to("rules 17, 18: replace $path $shown", [{ op => 'replace', path => $path, value => $value }], $attribute, $expected, @start);
    leads_to("rules 17, 18: replace {$path: $shown}", [{ op => 'replace', value => { $path => $value } }], $attribute, $expected, @start);
    leads_to("rules 17, 18: add $path $shown", [{ op => 'add', path => $path, value => $value }], $attribute, { @start }->{$attribute}, @start)
        unless $shown =~ /"N"/;
}

for my $value ('m-1', { value => 'm-1' }, [{ value => 'm-1' }], { managerId => 'm-1', displayName => 'Boss' }) {
    my $shown = JSON::PP->new->allow_nonref->canonical->encode($value);
    leads_to("rule 19: manager $shown by PATCH", [{ op => 'replace', path => "$ENT:manager", value => $value }], $ENT,
        { manager => { value => 'm-1' } });
    is_deeply($post->($ENT => { manager => $value })->{json}{$ENT}, { manager => { value => 'm-1' } }, "rule 19: manager $shown by POST");
}

for my $removal (sub { { op => 'remove', path => qq(members[value eq "$_[0]"]) } },
    sub { { op => 'Remove', path => 'members', value => [{ value => $_[0] }] } },
    sub { { op => 'remove', path => 'members', value => { value => $_[0] } } },
    sub { { op => 'remove', path => 'members', value => [{ value => $_[0], display => 'Another', type => 'Group' }] } },
    sub { { op => 'remove', path => 'members', value => [$_[0]] } },
    sub { { op => 'remove', path => 'members', value => $_[0] } },
    sub { { op => 'remove', path => 'members', value => { members => [{ value => $_[0] }] } } }) {
    my $g = $s->group(members => [$U1->{id}, $U3->{id}]);
    my $operation = $removal->($U1->{id});
    my $shown = JSON::PP->new->canonical->encode($operation) =~ s/\Q$U1->{id}\E/ID/r;
    is_deeply([map { ($patch->($g, $operation)->{status}, ids(reread($s, $g)->{members})) } 1, 2], [(204, [$U3->{id}]) x 2],
        "rule 20: $shown, also when it is not there");
    is_deeply([map { ($patch->($g, { op => 'add', path => 'members', value => [{ value => $U3->{id} }, { value => $U3->{id} }] })->{status},
        ids(reread($s, $g)->{members})) } 1, 2], [(204, [$U3->{id}]) x 2], 'rule 20: adding who is there');
}

for my $op (qw(add replace)) {
    my $g = $s->group;
    is_deeply([$patch->($g, { op => $op, path => 'members', value => [{ value => $U3->{id} }, $U1->{id}] })->{status}, ids(reread($s, $g)->{members})],
        [204, [sort $U1->{id}, $U3->{id}]], "rule 20: $op of an id alone");
}

my $r = $post->(id => 'x', meta => { resourceType => 'User' }, roles => [], groups => [{ value => 'y' }], prefferedLanguage => 'nb', shoeSize => 4, schemas => [USER, 'urn:x:y'],
    addresses => [{ locality => 'Bergen', city => 'Bergen' }]);
is_deeply([$r->{status}, [sort keys %{ $r->{json} }], $r->{json}{addresses}],
    [201, [qw(active addresses id meta schemas userName)], [{ locality => 'Bergen' }]], 'rule 21, MS-14, MS-15: POST ignores what it does not know');
my $mine = $r->{json};
$r = $s->put("/Users/$mine->{id}", { schemas => ['urn:scim:schemas:core:1.0'], id => undef, userName => $mine->{userName}, active => 'true',
    groups => [], meta => { resourceType => 'User' }, nope => 1 });
is_deeply([$r->{status}, $r->{json}{id}], [200, $mine->{id}], 'rule 21: PUT as well');
$r = $patch->($mine, { op => 'replace', value => { id => 'other', meta => {}, groups => [], schemas => ['urn:x'], nope => 1,
    title => 'T' } }, { op => 'add', path => 'nope', value => 1 }, { op => 'replace', path => 'meta.created', value => 'x' });
is_deeply([$r->{status}, @{ $r->{json} }{qw(id title)}], [200, $mine->{id}, 'T'], 'rule 21: and PATCH');

$r = $patch->($mine, { op => 'replace', path => 'title', value => 'A' }, { op => 'replace', path => 'active', value => 'banana' });
is_deeply([$r->{status}, $s->get("/Users/$mine->{id}")->{json}{title}], [400, 'T'], 'rule 22: all or nothing');
is($patch->($mine)->{status}, 200, 'rule 22, MS-25: no operations');
is($patch->($f->{G3})->{status}, 204, 'rule 22, MS-19, MS-25: no operations on a group');

is_scim_error($s->post('/Users', { schemas => [USER], userName => uc $U1->{userName} }), 409, 'uniqueness', 'rule 23: an active user of the name');
my $back = $s->user(userName => 'back@example.com', title => 'Old', active => FALSE);
my $team = $s->group(members => [$back->{id}]);
$r = $s->post('/Users', { schemas => [USER], userName => 'Back@example.com', displayName => 'Back' });
is_deeply([$r->{status}, @{ $r->{json} }{qw(id active userName displayName title)}],
    [201, $back->{id}, TRUE, 'Back@example.com', 'Back', undef], 'rule 23: an inactive one is restored');
is_deeply([ids($r->{json}{groups}), ids(reread($s, $team)->{members})], [[$team->{id}], [$back->{id}]], 'rule 23, rule 24: with the memberships');
is_scim_error($s->post('/Users', { schemas => [USER], userName => 'back@example.com' }), 409, 'uniqueness', 'rule 23: and is then in use');
for my $active (FALSE, TRUE) {
    $patch->($back, { op => 'replace', path => 'active', value => FALSE });
    $r = $s->post('/Users', { schemas => [USER], userName => 'back@example.com', title => "active $active", active => $active });
    is_deeply([$r->{status}, @{ $r->{json} }{qw(id title active)}], [201, $back->{id}, "active $active", $active], "rule 23: restored as the body says: active $active");
}
is_scim_error($s->at('/rfc/v2')->post('/Users', { schemas => [USER], userName => 'mpepperidge' }), 409, 'uniqueness',
    'rule 23: never restored in rfc');

$patch->($back, { op => 'replace', path => 'active', value => $_ }) for 'False', 'True';
is_deeply(ids($s->get("/Users/$back->{id}")->{json}{groups}), [$team->{id}], 'rule 24: memberships survive deactivation');

is_deeply([map { $s->request($_, "/Users/$back->{id}")->{status} } qw(DELETE DELETE GET)], [204, 404, 404], 'rule 25: DELETE, DELETE, GET');

# ---- load ----

my @ids = map { $s->user->{id} } 1 .. 200;
my $large = $s->group;
my $started = time;
is($patch->($large, { op => 'add', path => 'members', value => [map { +{ value => $_ } } @ids] })->{status}, 204,
    'rule 26: 200 members in one PATCH');
is($patch->($large, { op => 'remove', path => 'members', value => [map { +{ value => $_ } } @ids[0 .. 99]] })->{status}, 204,
    'rule 26: 100 removed in one PATCH');
is_deeply(ids(reread($s, $large)->{members}), [sort @ids[100 .. 199]], 'rule 26: the others are left');
$s->get('/Users' . uri(filter => qq(userName eq "load $_"))) for 1 .. 250;
cmp_ok(time - $started, '<', 10, 'rule 26: far more than 25 requests in a second');

my $paused = ScimTest->new;
$paused->scimctl('tenant', 'pause', $paused->tenant);
like($paused->get('/Users')->header('Retry-After') // '', qr/^\d+$/, 'rule 27: Retry-After is a number of seconds');

# ---- odd messages of single clients ----

status_is($s->post('/Users', { schemas => [USER], USER() => { userName => 'wrapped@example.com', displayName => 'W' } }), 201,
    'section 11: all attributes under the core URN');
is($found->('userName eq "wrapped@example.com" and displayName eq "W"'), 'wrapped@example.com', 'section 11: are taken out of it');
my $group = $s->group(displayName => 'Pushed', members => [$U1->{id}]);
for my $case (
    ['3.3: rename with id', [{ op => 'replace', value => { id => $group->{id}, displayName => 'Pushed 2' } }], [$U1->{id}]],
    ['3.3: removals and additions', [{ op => 'remove', path => qq(members[value eq "$U1->{id}"]) },
        { op => 'add', path => 'members', value => [{ value => $U2->{id}, display => 'x' }] }], [$U2->{id}]],
    ['9.1: the whole group without a path',
        [{ op => 'replace', value => { schemas => [GROUP], id => $group->{id}, externalId => 'a', displayName => 'Pushed 3' } }], [$U2->{id}]],
    ['11: members without a path',
        [{ op => 'add', value => { members => [{ value => $U3->{id}, '$ref' => 'https://example.com/x/Users/' . $U3->{id},
        display => 'x' }] } }], [sort $U2->{id}, $U3->{id}]],
    ['9.2: remove with null', [{ op => 'remove', path => 'members', value => undef },
        { op => 'replace', path => 'displayName', value => 'Pushed 4' }, { op => 'replace', path => 'externalId', value => 'kc-44' }], []],
) {
    my ($title, $operations, $members) = @$case;
    is_deeply([$s->patch("/Groups/$group->{id}", $operations)->{status}, ids(reread($s, $group)->{members})], [204, $members], "section $title");
}
is($s->put("/Groups/$group->{id}", { schemas => [GROUP], id => $group->{id}, displayName => 'Pushed 5',
    members => [{ value => $U1->{id}, display => undef }] })->{status}, 200, 'section 3.3: PUT with display null');
is_deeply(ids(reread($s, $group)->{members}), [$U1->{id}], 'section 3.3: and its members');
leads_to('section 8.3: halves of a name in two operations', [{ op => 'replace', value => { name => { givenName => 'Mira' } } },
    { op => 'replace', value => { name => { familyName => 'Dahl' } } }], 'name', { givenName => 'Mira', familyName => 'Dahl' });

done_testing;
