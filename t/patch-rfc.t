# PATCH to the letter of RFC 7644 section 3.5.2 (PA-01 to PA-53), and the shapes of clients that profile rfc refuses.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE ENTERPRISE PATCHOP USER uri is_scim_error);
use ScimTest::Fixtures;
use ScimTest::Patch;

my $ENT = ENTERPRISE;
my $MANAGER = "$ENT:manager";
my $WORK = 'emails[type eq "work"]';
my $s = ScimTest->new(profile => 'rfc');

my $work = { value => 'bjensen@example.com', type => 'work', primary => TRUE };
my $home = { value => 'babs@jensen.org', type => 'home' };
my %name = (givenName => 'Barbara', familyName => 'Jensen');
my %u1 = (externalId => 'AbC', displayName => 'Babs Jensen', name => \%name, title => 'Tour Guide', active => TRUE, emails => [$work, $home],
    $ENT => { employeeNumber => '701984' });
my %u2 = (active => FALSE);
my $not_primary = { %$work };
delete $not_primary->{primary};

# ---- PA-01, PA-02, PA-12: the envelope ----

my $u = $s->user(%u1);
my $path = "/Users/$u->{id}";
my $good = replace('title', 'X');
for my $case (
    ['no schemas', { Operations => [$good] }], ['another URN', { schemas => [ScimTest::USER], Operations => [$good] }],
    ['schemas is a string', { schemas => PATCHOP, Operations => [$good] }], ['no Operations', { schemas => [PATCHOP] }],
    ['Operations is an object', { schemas => [PATCHOP], Operations => {} }], ['Operations is null', { schemas => [PATCHOP], Operations => undef }],
    ['Operations is empty', { schemas => [PATCHOP], Operations => [] }],
    ['an operation is a string', { schemas => [PATCHOP], Operations => ['add'] }],
    ['an operation is null', { schemas => [PATCHOP], Operations => [undef] }],
) {
    is_scim_error($s->patch($path, $case->[1]), 400, 'invalidSyntax', "PA-01: $case->[0]");
}
is_scim_error($s->patch($path, [{ op => $_, path => 'title', value => 'X', from => 'nickName' }]), 400, 'invalidSyntax', "PA-02: op $_")
    for qw(move copy test increment), '', 'add ';
is_scim_error($s->patch($path, [{ path => 'title', value => 'X' }]), 400, 'invalidSyntax', 'PA-02: no op');
is_scim_error($s->patch($path, [{ op => 5, path => 'title', value => 'X' }]), 400, 'invalidSyntax', 'PA-02: op is a number');
is_scim_error($s->patch($path, [{ op => $_, path => 'title' }]), 400, 'invalidValue', "PA-12: $_ without value") for qw(add replace);
is_deeply($s->get($path)->{json}, $u, 'PA-01, PA-02, PA-12: nothing is changed');

# ---- paths ----

patch_table($s, \%u1,
    ['PA-02, MS-01 op in capitals', [put_in(Replace => 'title', 'X')], { title => 'X' }],
    map({ ["PA-03 path $_", [replace($_, 'x')], 'invalidPath'] } '/name/givenName', 'emails[0]', 'emails[', '', ' ', 'name.', '.title',
        'name..givenName',
        'name.givenName.x', 'emails[type eq "work"]value', 'emails[type eq "work"].value.x', 'title eq "x"',
        'emails[type eq "work"][primary eq true]', "urn:x"),
    ['PA-03 path is a number', [{ op => 'replace', path => 5, value => 'x' }], 'invalidPath'],
    ['PA-03 path is an array', [{ op => 'replace', path => ['title'], value => 'x' }], 'invalidPath'],
    ['PA-04 unknown attribute', [replace('shoeSize', 42)], 'invalidPath'],
    ['PA-04 unknown sub-attribute', [replace("$WORK.nope", 'x')], 'invalidPath'],
    ['PA-04 unknown attribute of the extension', [replace("$ENT:nope", 'x')], 'invalidPath'],
    ['PA-04 unknown attribute, remove', [remove('shoeSize')], 'invalidPath'],
    ['PA-04 the base schema, remove', [remove(USER)], 'invalidPath'],
    ['PA-04 the base schema, add', [{ op => 'add', path => USER, value => { title => 'x' } }], 'invalidPath'],
    ['PA-05 bad filter', [replace('emails[type xx "work"]', {})], 'invalidFilter'],
    ['PA-05 unknown attribute in the filter', [replace('emails[nope eq "work"].value', 'x')], 'invalidFilter'],
    ['PA-05 wrong type in the filter', [replace('emails[primary eq "x"].value', 'x')], 'invalidFilter'],
    ['PA-06 capitals', [replace('EMAILS[TYPE EQ "work"].VALUE', 'w@x.org')], { emails => [{ %$work, value => 'w@x.org' }, $home] }],
    ['PA-06 URN of the base schema', [replace(ScimTest::USER . ':title', 'X')], { title => 'X' }],
    ['PA-06 URN in capitals', [replace(uc(ScimTest::USER) . ':name.familyName', 'X')], { name => { %name, familyName => 'X' } }],
    ['RX-25 displayName of a member', [replace('members[value eq "1"].displayName', 'x')], 'invalidPath'],
);

# ---- several operations ----

patch_table($s, \%u1,
    ['PA-07 the last of two fails', [replace('title', 'X'), remove('userName')], 'mutability'],
    ['PA-07 the first of two fails', [remove('userName'), replace('title', 'X')], 'mutability'],
    ['PA-08 in order', [add('emails', [{ value => 'x@x.org' }]), replace('emails[value eq "x@x.org"].type', 'other')],
        { emails => [$work, $home, { value => 'x@x.org', type => 'other' }] }],
    ['PA-08 the last one counts', [replace('title', 'A'), remove('title'), add('title', 'B')], { title => 'B' }],
    ['PA-51 there and back again', [replace('title', 'A'), replace('title', 'Tour Guide')], {}],
);
my $third = $s->patch($path, [$good, $good, replace('nope', 1)]);
is_scim_error($third, 400, 'invalidPath', 'PA-53: the third operation is bad');
like($third->{json}{detail}, qr/\b2\b|third/i, 'PA-53: and the detail says which');

# ---- PA-09, PA-10, PA-11, PA-50: answers ----

{
    my $r = $s->patch($path, [replace('title', 'One')]);
    is($r->{status}, 200, 'PA-09: 200 for a user');
    is($r->header('ETag'), $s->get($path)->header('ETag'), 'PA-10: ETag is the new one');
    is($r->header('Content-Location') // $r->{json}{meta}{location}, $u->{meta}{location}, 'C-15: location');
    $r = $s->patch("$path?attributes=title", [replace('title', 'Two')]);
    is_deeply($r->{json}, { schemas => $u->{schemas}, id => $u->{id}, title => 'Two' }, 'PA-09: attributes');
    $r = $s->patch("$path?excludedAttributes=emails,meta", [replace('title', 'Three')]);
    is_deeply([sort keys %{ $r->{json} }], [sort grep { !/^(?:emails|meta)$/ } keys %$u], 'PA-09: excludedAttributes');
    my $g = $s->group(members => [$u->{id}]);
    $r = $s->patch("/Groups/$g->{id}", [replace('displayName', 'N')]);
    is_deeply([$r->{status}, $r->{body}], [204, ''], 'PA-09: 204 for a group');
    is($r->header('ETag'), $s->get("/Groups/$g->{id}")->{json}{meta}{version}, 'PA-10: 204 with the new ETag');
    $r = $s->patch("/Groups/$g->{id}?attributes=displayName", [replace('displayName', 'M')]);
    is_deeply([$r->{status}, $r->{json}], [200, { schemas => [ScimTest::GROUP], id => $g->{id}, displayName => 'M' }],
        'PA-09: 200 when attributes is given');
    my $stale = $u->{meta}{version};
    is_scim_error($s->patch($path, [replace('title', 'Stale')], 'If-Match' => $stale), 412, undef, 'PA-50: a stale If-Match');
    is($s->get($path)->{json}{title}, 'Three', 'PA-50: nothing is changed');
}
is_scim_error($s->patch("/Users/$_", [$good]), 404, undef, "PA-11: /Users/$_") for 'none', '01890000-0000-7000-8000-000000000000';
is_scim_error($s->patch("/Groups/$u->{id}", [replace('displayName', 'X')]), 404, undef, 'PA-11: a user under /Groups');

# ---- values ----

patch_table($s, \%u1,
    ['PA-13 replace with null', [replace('title', undef)], { title => undef }],
    ['PA-13 replace a list with []', [replace('emails', [])], { emails => undef }],
    ['PA-13 replace userName with null', [replace('userName', undef)], 'invalidValue'],
    ['PA-13 add null', [add('title', undef)], {}],
    ['PA-13 add []', [add('emails', [])], {}],
    map({ ["PA-14 $_->[0] with $_->[1]", [replace($_->[0], $_->[2])], 'invalidValue'] }
        ['active', 'a word', 'banana'], ['active', 'a number', 1], ['active', 'a string', 'True'], ['title', 'a number', 5],
        ['title', 'an array', ['x']],
        ['title', 'an object', { value => 'x' }], ['title', 'a boolean', TRUE], ['name', 'a string', 'Bob'],
        ['name', 'an array', [{ givenName => 'x' }]],
        ['name.givenName', 'an object', {}], ['emails', 'a string', 'x'], ['emails', 'an array of strings', ['x']], ["$WORK.value", 'a number', 5],
        ["$WORK.primary", 'a string', 'yes'], [$MANAGER, 'a string', 'm-1'], [$ENT, 'a string', 'x'], ["$ENT:department", 'an array', ['x']]),
    ['PA-14 add to a list', [add('emails', 'x')], 'invalidValue'],
    ['PA-15 add without path', [add({ emails => [{ value => 'h2@x.org', type => 'home' }], nickName => 'B' })],
        { emails => [$work, $home, { value => 'h2@x.org', type => 'home' }], nickName => 'B' }],
    map({ ["PA-15 add without path, " . ref($_) . ' value', [add($_)], 'invalidValue'] } 'x', [], ['x'], undef, 5),
    ['PA-16 add to a singular attribute', [add('title', 'X')], { title => 'X' }],
    ['PA-17 add to a complex attribute', [add('name', { middleName => 'J' })], { name => { %name, middleName => 'J' } }],
    ['PA-19 add one object', [add('emails', { value => 'n@x.org' })], { emails => [$work, $home, { value => 'n@x.org' }] }],
    ['PA-19 add two', [add('emails', [{ value => 'n@x.org' }, { value => 'm@x.org' }])],
        { emails => [$work, $home, { value => 'n@x.org' }, { value => 'm@x.org' }] }],
    ['PA-20 add what is there', [add('emails', [$home]), add('title', 'Tour Guide'), add('name', { givenName => 'Barbara' })], {}],
    map({ ["PA-20 add what is there, in other letters: $_->[0]", [add(@$_[1, 2])], {}] }
        ['value and type', 'emails', { value => 'BABS@Jensen.org', type => 'HOME' }], ['in a list', 'emails', [{ value => 'BABS@Jensen.org', type => 'home' }]]),
    ['PA-20 and something new', [add('emails', { value => 'BABS@Jensen.org', type => 'HOME', display => 'Babs' })],
        { emails => [$work, { %$home, display => 'Babs' }] }],
    ['PA-20 replace does change the letters', [replace('emails[type eq "home"].value', 'BABS@Jensen.org')],
        { emails => [$work, { %$home, value => 'BABS@Jensen.org' }] }],
    ['PA-21 add a primary', [add('emails', { value => 'p@x.org', primary => TRUE })],
        { emails => [$not_primary, $home, { value => 'p@x.org', primary => TRUE }] }],
    ['PA-21 make another one primary', [replace('emails[type eq "home"].primary', TRUE)],
        { emails => [$not_primary, { %$home, primary => TRUE }] }],
    ['PA-22 two primaries in one value', [replace('emails', [{ value => 'a', primary => TRUE }, { value => 'b', primary => TRUE }])],
        'invalidValue'],
    ['PA-22 two primaries, added', [add('emails', [{ value => 'a', primary => TRUE }, { value => 'b', primary => TRUE }])], 'invalidValue'],
);
patch_table($s, \%u2,
    ['PA-18 add a part', [add('name.givenName', 'M')], { name => { givenName => 'M' } }],
    ['PA-23 add by filter, no match', [add("$WORK.value", 'w@x.org')], { emails => [{ type => 'work', value => 'w@x.org' }] }],
    ['PA-23 add by a conjunction', [add('emails[type eq "work" and primary eq true].value', 'w@x.org')],
        { emails => [{ type => 'work', primary => TRUE, value => 'w@x.org' }] }],
    ['PA-23 add an element by filter', [add($WORK, { value => 'w@x.org' })], { emails => [{ type => 'work', value => 'w@x.org' }] }],
    map({ ["PA-23 add by $_", [add("emails[$_].value", 'x')], 'noTarget'] } 'type ne "work"', 'type eq "a" or type eq "b"', 'type pr',
        'not (type eq "a")',
        'value co "x"'),
    ['PA-26 replace what is not there', [replace('title', 'T')], { title => 'T' }],
    ['PA-31, MS-06 replace by filter, no match', [replace("$WORK.value", 'x')], 'noTarget'],
    ['PA-31 replace an element by filter, no match', [replace($WORK, { value => 'x' })], 'noTarget'],
    ['PA-36 replace a part of no element', [replace('emails.type', 'work')], 'noTarget'],
    ['PA-36 add a part to no element', [add('emails.type', 'work')], 'noTarget'],
    ['PA-36 remove a part of no element', [remove('emails.type')], {}],
    ['PA-37 remove what is not there', [map { remove($_) } 'title', 'name', 'name.givenName', 'emails', $WORK, "$WORK.value",
        "$ENT:department", $MANAGER, $ENT], {}],
    ['PA-44 extension attribute', [add("$ENT:employeeNumber", '7')], { $ENT => { employeeNumber => '7' } }],
    ['PA-44 part of a complex extension attribute', [add("$MANAGER.value", 'm-1')], { $ENT => { manager => { value => 'm-1' } } }],
);
patch_table($s, \%u1,
    ['PA-24 add by filter, match', [add($WORK, { display => 'W' })], { emails => [{ %$work, display => 'W' }, $home] }],
    ['PA-25 replace without path', [replace({ title => 'X' })], { title => 'X' }],
    ['PA-25 a list without path', [replace({ emails => [{ value => 'only@x.org' }] })], { emails => [{ value => 'only@x.org' }] }],
    ['PA-27 replace a complex attribute', [replace('name', { givenName => 'Z' })], { name => { %name, givenName => 'Z' } }],
    ['PA-27 the same without path', [replace({ name => { givenName => 'Z' } })], { name => { %name, givenName => 'Z' } }],
    ['PA-28 replace a list', [replace('emails', [{ value => 'only@x.org' }])], { emails => [{ value => 'only@x.org' }] }],
    ['PA-29, RX-24 replace an element', [replace($WORK, { value => 'new@x.org', type => 'work' })],
        { emails => [{ value => 'new@x.org', type => 'work' }, $home] }],
    ['PA-30 replace a part of each match', [replace('emails[value pr].display', 'D')],
        { emails => [map { +{ %$_, display => 'D' } } $work, $home] }],
    ['PA-32 remove without path', [remove()], 'noTarget'],
    ['PA-32 remove without path, with a value', [{ op => 'remove', value => { title => 'Tour Guide' } }], 'noTarget'],
    ['PA-33 remove', [remove('title'), remove('emails')], { title => undef, emails => undef }],
    ['V-01 remove what is not primary', [remove('emails[primary eq false]')], { emails => [$work] }],
    ['PA-34 remove by filter', [remove('emails[type eq "home"]')], { emails => [$work] }],
    ['PA-34 remove all by filter', [remove('emails[type eq "home"]'), remove($WORK)], { emails => undef }],
    ['PA-35 remove a part', [remove('name.givenName')], { name => { familyName => 'Jensen' } }],
    ['PA-35 remove each part', [remove('name.givenName'), remove('name.familyName')], { name => undef }],
    ['PA-35 remove a part of an element', [add("$WORK.display", 'D'), remove("$WORK.type")],
        { emails => [{ value => $work->{value}, primary => TRUE, display => 'D' }, $home] }],
    ['PA-36 remove a part of every element', [remove('emails.type')],
        { emails => [{ value => $work->{value}, primary => TRUE }, { value => $home->{value} }] }],
    ['PA-37, RX-23 remove without match', [remove('emails[type eq "other"]'), remove('nickName')], {}],
    map({ ["PA-38 remove $_", [remove($_)], 'mutability'] } qw(userName id meta meta.created groups schemas)),
    map({ ["PA-39 $_->[0] $_->[1]", [{ op => $_->[0], path => $_->[1], value => $_->[2] }], 'mutability'] } ['replace', 'id', 'x'],
        ['replace', 'meta.created', '2020-01-01T00:00:00Z'], ['replace', 'meta', {}], ['add', 'groups', [{ value => 'x' }]],
        ['replace', "$MANAGER.displayName", 'x']),
    ['PA-40 another id without path', [replace({ id => 'other', title => 'X' })], 'mutability'],
    ['PA-45 remove the extension', [remove($ENT)], { $ENT => undef }],
    ['PA-45 remove the last attribute of the extension', [remove("$ENT:employeeNumber")], { $ENT => undef }],
    ['PA-45 add to the extension', [add($ENT, { department => 'D' })], { $ENT => { employeeNumber => '701984', department => 'D' } }],
    ['PA-46 remove the base schema', [remove('schemas[value eq "' . ScimTest::USER . '"]')], 'mutability'],
    ['PA-46 replace without the base schema', [replace('schemas', [$ENT])], 'mutability'],
    ['PA-46 one that is not the base schema', [replace('schemas', $ENT)], 'mutability'],
    ['PA-46 replace with the base schema: they follow from the content', [replace('schemas', [ScimTest::USER])], {}],
    ['PA-46 replace with both', [replace('schemas', [$ENT, uc ScimTest::USER])], {}],
    ['PA-46 add the one of the extension', [add('schemas', [$ENT])], {}],
    ['PA-46 add an undeclared schema', [add('schemas', ['urn:x'])], 'invalidValue'],
    ['PA-47 unknown attribute without path', [replace({ shoeSize => 42 })], 'invalidPath'],
    ['PA-48 filter on a singular attribute', [replace('name[familyName eq "x"].givenName', 'x')], 'invalidPath'],
    ['PA-48 filter on a simple attribute', [replace('title[value eq "x"]', 'x')], 'invalidPath'],
    ['PA-51 replace with the present value', [replace('title', 'Tour Guide'), replace({ name => \%name })], {}],
);

# ---- remove with a value ----

my ($at_work, $at_home) = map { { value => 'a@x.org', type => $_ } } qw(work home);
patch_table($s, { active => TRUE, emails => [$at_work, $at_home], roles => [{ value => 'r', display => 'R' }] },
    ['MS-03, V-03 value and type', [remove('emails', [{ value => 'a@x.org', type => 'home' }])], { emails => [$at_work] }],
    ['MS-03 in other letters', [remove('emails', { value => 'A@X.org', type => 'HOME' })], { emails => [$at_work] }],
    ['MS-03 another type', [remove('emails', [{ value => 'a@x.org', type => 'zzz' }])], {}],
    ['MS-03 the value alone', [remove('emails', [{ value => 'a@x.org', type => undef }])], { emails => undef }],
    ['MS-03 another display', [remove('roles', [{ value => 'r', display => 'S' }])], {}],
    ['MS-03 the same display', [remove('roles', [{ value => 'r', display => 'r', primary => TRUE }])], { roles => undef }],
    map({ ['MS-03 nothing', [remove('emails', $_)], 'invalidValue'] } undef, '', [], {}),
);

# ---- two elements that match ----

my @two = ({ value => 'a@x.org', type => 'work' }, { value => 'b@x.org', type => 'work' });
patch_table($s, { active => TRUE, emails => \@two },
    ['PA-30 a part of two matches', [replace("$WORK.display", 'D')], { emails => [map { +{ %$_, display => 'D' } } @two] }],
    ['PA-21 one primary of two matches', [replace('emails[value eq "a@x.org"].primary', TRUE), replace('emails[value eq "b@x.org"].primary', TRUE)],
        { emails => [$two[0], { %{ $two[1] }, primary => TRUE }] }],
);

# Both become the same value, which is then there once.
patch_case($s, { active => TRUE, emails => \@two }, 'PA-29, V-03 replace with two matches',
    [replace($WORK, { value => 'c@x.org', type => 'work', display => 'C' })],
    { emails => [{ value => 'c@x.org', type => 'work', display => 'C' }] });

# ---- PA-40, PA-43, PA-49 ----

{
    my $other = $s->user(userName => 'jsmith@example.com');
    my $me = $s->user(userName => 'me@example.com');
    my $at = "/Users/$me->{id}";

    is_scim_error($s->patch($at, [replace('userName', 'JSMITH@example.com')]), 409, 'uniqueness', 'PA-43: the userName of somebody else');
    is($s->patch($at, [replace('userName', 'ME@example.com')])->{json}{userName}, 'ME@example.com', 'PA-43: own userName, another case');
    read_only_echoes($at, $s->get($at)->{json});
    unknown_parts($at);
    is_scim_error($s->patch($at, [replace(qq(password[value eq "S3cr3t-word"]), 'x')]), 400, 'invalidPath', 'SE-12: a filter on the password');
    unlike($s->patch($at, [replace($_, 'x')])->{body}, qr/S3cr3t/, "SE-12: $_: the message does not repeat it")
        for 'password[value eq "S3cr3t-word"]', 'password[value eq "S3cr3t-word"].x', 'password[S3cr3t';
    is($s->patch($at, [{ op => 'add', path => 'schemas', value => USER }])->{status}, 200, 'PA-46: one URN as a string');
    is_scim_error($s->patch($at, [{ op => 'add', path => 'schemas', value => 'urn:x' }]), 400, 'invalidValue', 'PA-46: an unknown one');
    my $r = $s->patch($at, [replace('password', 'n3w-Passw0rd')]);
    is($r->{status}, 200, 'PA-49: a password is set');
    unlike($r->{body} . $s->get($at)->{body}, qr/password|n3w-Passw0rd/, 'PA-49: and not shown');
    is_scim_error($s->patch($at, [replace('password', '')]), 400, 'invalidValue', 'I-04: an empty password');
}

# ---- members ----

{
    my ($a, $b) = map { $_->{id} } $s->user, $s->user;
    my $g = $s->group(members => [$a]);
    my $at = "/Groups/$g->{id}";

    for my $nothing ('', [], {}, undef) {
        is_scim_error($s->patch($at, [{ op => 'remove', path => 'members', value => $nothing }]), 400, 'invalidValue',
            'MS-03: a value that names nobody is no way to empty a group, nor to remove nobody');
    }
    is_scim_error($s->patch($at, [{ op => $_, path => 'members', value => [$a] }]), 400, 'invalidValue', "V-06: $_ of a bare id") for qw(add replace remove);
    my $members = sub { ids($s->get($at)->{json}{members}) };

    status_is($s->patch($at, [remove('members'), add('members', [{ value => $b }])]), 204, 'PA-08: remove all, add one');
    is_deeply($members->(), [$b], 'PA-08: in order');
    my $version = $s->get($at)->{json}{meta}{version};
    for my $case (['PA-20 add who is there', add('members', [{ value => $b }])],
        ['PA-37 remove who is not there', remove(qq(members[value eq "$a"]))],
        ['PA-51 the same name', replace('displayName', $g->{displayName})]) {
        my $r = $s->patch($at, [$case->[1]]);
        is_deeply([$r->{status}, $r->header('ETag'), $s->get($at)->{json}{meta}{version}], [204, $version, $version],
            "$case->[0]: the version stays");
    }
    is_scim_error($s->patch($at, [remove($_)]), 400, 'mutability', "PA-38: remove $_ of a group") for qw(displayName id meta);
    is_scim_error($s->patch($at, [replace(qq(members[value eq "$b"].value), $a)]), 400, 'mutability', 'PA-42: the value of a member is immutable');
    is_scim_error($s->patch($at, [add('members', [{ value => 'nope' }])]), 400, 'invalidValue', 'GM-16: an unknown member');
    is_scim_error($s->patch($at, [replace('displayName', 'N'), add('members', [{ value => 'nope' }])]), 400, 'invalidValue',
        'PA-07: with a change before');
    is_deeply([$members->(), $s->get($at)->{json}{meta}{version}], [[$b], $version], 'PA-07, GM-16: nothing is changed');
    status_is($s->patch($at, [replace({ id => $g->{id}, displayName => 'Renamed' })]), 204, 'PA-40, MS-31: id in a rename');
    is($s->get($at)->{json}{displayName}, 'Renamed', 'PA-40: renamed');
    my $before = time;
    my @ids = map { $_->{id} } map { $s->user } 1 .. 100;
    status_is($s->patch($at, [add('members', [map { +{ value => $_ } } @ids])]), 204, 'PA-52: a hundred members at once');
    is(scalar @{ $members->() }, 101, 'PA-52: all are there');
    cmp_ok(time - $before, '<', 30, 'PA-52: in bounded time');
}

# ---- PA-41: immutable attributes ----

{
    my $a = ScimTest->new(path => '/acme-rfc/v2');
    my $badge = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User:badge';
    my ($urn) = $badge =~ /(.*):/;

    patch_table($a, { active => TRUE }, ['PA-41 set for the first time', [add($badge, '7')], { $urn => { badge => '7' } }]);
    patch_table($a, { active => TRUE, $urn => { badge => '7' } },
        ['PA-41 the same value', [replace($badge, '7')], {}],
        map({ ["PA-41 $_->[0]", [$_->[1]], 'mutability'] } ['add another value', add($badge, '8')],
            ['replace by another value', replace($badge, '8')],
            ['remove', remove($badge)], ['replace with null', replace($badge, undef)], ['without path', replace({ $urn => { badge => '8' } })]),
    );
}

# ---- what default accepts and rfc does not ----

patch_table($s, \%u1,
    ['P3 boolean as string', [put_in(Replace => 'active', 'False')], 'invalidValue'],
    ['P5 Add boolean as string', [put_in(Add => 'active', 'True')], 'invalidValue'],
    ['P7 dotted keys', [replace({ displayName => 'B', 'name.givenName' => 'K' })], 'invalidPath'],
    ['P7 URN keys', [replace({ "$ENT:department" => 'Finance' })], 'invalidPath'],
    ['P7 dotted keys in an extension', [replace($ENT, { 'manager.value' => 'm9' })], 'invalidPath'],
    ['P7 dotted keys in an extension, without path', [replace({ $ENT => { 'manager.value' => 'm9' } })], 'invalidPath'],
    ['P8 add with dotted keys', [add({ 'name.formatted' => 'B' })], 'invalidPath'],
    ['P12 Replace by filter', [put_in(Replace => 'phoneNumbers[type eq "mobile"].value', '1')], 'noTarget'],
    ['P13 Replace by filter', [replace('addresses[type eq "work"].locality', 'Oslo'), replace('addresses[type eq "work"].country', 'NO')],
        'noTarget'],
    ['P14 primary as string', [add('emails[type eq "home"].primary', 'True')], 'invalidValue'],
    ['P15 quoted boolean in a filter', [add('roles[primary eq "True"].value', 'x')], 'invalidFilter'],
    ['P19 a dot after the URN', [replace("$ENT.department", 'Finance')], 'invalidPath'],
    ['P19 URN of SCIM 1', [replace('urn:scim:schemas:extension:enterprise:1.0.manager', { value => 'm' })], 'invalidPath'],
    ['P20 unknown extension', [replace('urn:ietf:params:scim:schemas:extension:grouptalk:2.0:User:label3', 'Z')], 'invalidPath'],
    ['P21 unknown attribute under the core URN', [add(ScimTest::USER . ':role', 'editor')], 'invalidPath'],
    ['P22 manager as string', [add($MANAGER, 'm-2')], 'invalidValue'],
    ['P24 manager without URN', [add('manager', { value => 'm-2' })], 'invalidPath'],
    ['P24 manager as array', [add($MANAGER, [{ value => 'm-2' }])], 'invalidValue'],
    ['P26 manager replaced by ""', [replace($MANAGER, '')], 'invalidValue'],
    ['P39 a string in an array', [replace('displayName', [{ value => 'N' }])], 'invalidValue'],
    ['P40 no operations', [], 'invalidSyntax'],
    ['P42 filter on a singular attribute', [replace('name[givenName eq "Barbara"].familyName', 'x')], 'invalidPath'],
    ['P48 a read-only part', [replace("$MANAGER.displayName", undef)], 'mutability'],
    ['P49 value path in an unknown extension',
        [replace('urn:ietf:params:scim:schemas:extension:acme:2.0:User:mailboxes[type eq "shared"].value', 'x')],
        'invalidPath'],
);

done_testing;

# readOnly values in a path-less value, or beside what can be written: equal or an error (PA-40).
sub read_only_echoes {
    my ($at, $now) = @_;
    my $g = $s->group(members => [$now->{id}]);
    my $member = $s->get($at)->{json};

    for my $case (['all that was read', { id => $member->{id}, schemas => $member->{schemas}, meta => $member->{meta}, groups => $member->{groups} }],
        ['a part', { meta => { resourceType => 'User' } }], ['the same time in another zone', { meta => { created =>
            $member->{meta}{created} =~ s/Z$/+00:00/r } }], ['groups by value', { groups => [{ value => $g->{id} }] }]) {
        status_is($s->patch($at, [replace({ title => "X $case->[0]", %{ $case->[1] } })]), 200, "PA-40: $case->[0]");
        $member = $s->get($at)->{json};
    }
    for my $case ([{ id => 'other' }], [{ meta => { created => '1999-01-01T00:00:00Z' } }], [{ meta => { version => 'W/"77"' } }], [{ meta => 5 }],
        [{ groups => [] }], [{ groups => [{ value => 'other' }] }], [{ groups => [{ value => $g->{id}, display => 'Other' }] }],
        [{ groups => [{ value => $g->{id} }, { value => $g->{id} }] }], [{ meta => undef }],
        [{ ENTERPRISE, { manager => { value => 'x', displayName => 'Evil' } } }]) {
        my $title = JSON::PP->new->canonical->encode($case->[0]);
        is_scim_error($s->patch($at, [replace({ title => 'never', %{ $case->[0] } })]), 400, 'mutability', "PA-40: $title");
    }
    is_scim_error($s->patch($at, [replace(ENTERPRISE . ':manager', { displayName => 'Evil' })]), 400, 'mutability', 'PA-39: inside a complex value');
    isnt($s->get($at)->{json}{title}, 'never', '... and nothing else was done');
    $s->delete("/Groups/$g->{id}");
    return;
}

# What the schema does not have is named, wherever it stands (PA-47).
sub unknown_parts {
    my ($at) = @_;
    my $before = $s->get($at)->{json};

    for my $case ([replace('name', { nope => 'x' })], [replace({ name => { givenName => 'G', nope => 'x' } })], [add('emails', [{ value => 'a@x', nope => 1 }])],
        [replace({ emails => [{ value => 'a@x', nope => 1 }] })], [add('emails', { nope => 1 })], [add('emails[type eq "work"]', { value => 'a', nope => 1 })],
        [replace(ENTERPRISE . ':manager', { nope => 1 })], [replace({ ENTERPRISE, { nope => 1 } })], [replace(ENTERPRISE, { nope => 1 })]) {
        my $r = $s->patch($at, [{ op => 'replace', path => 'title', value => 'never' }, @$case]);
        is_scim_error($r, 400, 'invalidPath', 'PA-47: ' . JSON::PP->new->canonical->encode($case->[0]));
        like($r->{json}{detail}, qr/Operations\[1\].*nope/, '... is named');
    }
    is($s->get($at)->{json}{meta}{version}, $before->{meta}{version}, 'PA-07: and nothing was done');
    return;
}
