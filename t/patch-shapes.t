# Every shape of PATCH that clients are known to send (P1 to P50), where its target exists and where it is missing. Profile: default.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE ENTERPRISE uri is_scim_error);
use ScimTest::Fixtures;
use ScimTest::Patch;

my $ENT = ENTERPRISE;
my $WORK = 'emails[type eq "work"]';
my $MANAGER = "$ENT:manager";
my $s = ScimTest->new;

# ---- the two states ----

my $work = { value => 'mira.solheim@fjordvik.example', type => 'work', primary => TRUE };
my $home = { value => 'mira@home.example', type => 'home' };
my $mobile = { value => '+47 900 00 001', type => 'mobile' };
my $fax = { value => '+47 55 00 00', type => 'fax' };
my $office = { type => 'work', streetAddress => 'Kaien 1', locality => 'Bergen', country => 'NO', postalCode => '5003' };
my $role = { value => 'Auditor', display => 'Auditor', type => 'app', primary => TRUE };
my %name = (formatted => 'Mira Solheim', givenName => 'Mira', familyName => 'Solheim');
my %ent = (employeeNumber => '40017', department => 'Ops', manager => { value => 'm-1' });

my %there = (
    externalId => 'msolheim',
    displayName => 'Mira Solheim',
    title => 'Engineer',
    active => TRUE,
    name => \%name,
    emails => [$work, $home],
    phoneNumbers => [$mobile, $fax],
    addresses => [$office],
    roles => [$role],
    $ENT => \%ent,
);
my %missing = (active => TRUE);

# A change to the enterprise extension, in each state; undef for a part that goes.
sub ent { my ($base, %change) = @_; my %e = (%$base, %change); delete @e{ grep { !defined $e{$_} } keys %e }; return { $ENT => %e ? \%e : undef } }
sub ent_there { return ent(\%ent, @_) }
sub ent_new { return ent({}, @_) }

# [title, operations, change where the target exists, change where it is missing]; equal changes are said once.
sub both_states {
    my (@rows) = @_;

    for my $row (@rows) {
        my ($title, $operations, $exists, $absent) = @$row;

        patch_case($s, \%there, "$title, target exists", $operations, $exists);
        patch_case($s, \%missing, "$title, target missing", $operations, $absent // $exists);
    }
    return;
}

# ---- singular attributes ----

both_states(
    ['P1, MS-01 capital op', [put_in(Replace => 'displayName', 'Mira S.')], { displayName => 'Mira S.' }],
    ['P2 sub-attribute', [put_in(Replace => 'name.familyName', 'Dahl')], { name => { %name, familyName => 'Dahl' } },
        { name => { familyName => 'Dahl' } }],
    ['P3 boolean as string', [put_in(Replace => 'active', 'False')], { active => FALSE }],
    ['P3 boolean as string, lower case', [put_in(Replace => 'active', 'false')], { active => FALSE }],
    ['P3 boolean as string, no change', [put_in(Replace => 'active', 'True')], {}],
    ['P4 boolean', [replace('active', FALSE)], { active => FALSE }],
    ['P5 Add on a singular attribute', [put_in(Add => 'active', 'False')], { active => FALSE }],
    ['P10 part of a complex attribute', [put_in(Replace => 'name', { familyName => 'Dahl' })], { name => { %name, familyName => 'Dahl' } },
        { name => { familyName => 'Dahl' } }],
    ['P39 a string wrapped in an array', [put_in(Replace => 'displayName', [{ '$ref' => undef, value => 'Nordic Sales' }])],
        { displayName => 'Nordic Sales' }],
    ['P41 one attribute, several times', [remove('externalId'), add('externalId', 'a'), replace('externalId', 'b')], { externalId => 'b' }],
    ['P42 filter on a complex singular attribute', [replace('name[givenName eq "Mira"].familyName', 'Dahl')],
        { name => { %name, familyName => 'Dahl' } },
        { name => { givenName => 'Mira', familyName => 'Dahl' } }],
);
# Two names: a name is taken once it is given.
for my $case (['target exists', \%there, 'mira.dahl@fjordvik.example'], ['target missing', \%missing, 'Mira.DAHL.2@fjordvik.example']) {
    my ($state, $base, $name) = @$case;
    patch_case($s, $base, "P6 path-less, one key, $state", [replace({ userName => $name })], { userName => $name });
}
patch_case($s, $_, 'P42 filter on a simple attribute, wrong type', [replace('active[value eq "x"]', FALSE)], 'invalidFilter')
    for \%there, \%missing;
patch_case($s, \%there, 'P42 filter on a simple attribute', [replace('title[value eq "Engineer"]', 'Architect')], { title => 'Architect' });

# ---- values without a path ----

both_states(
    ['P7, MS-11, MS-12 dotted and URN keys',
        [replace({ displayName => 'Mira Dahl', 'name.givenName' => 'Mira', 'name.familyName' => 'Dahl', "$ENT:department" => 'Finance',
            'urn:ietf:params:scim:schemas:extension:grouptalk:2.0:User:label1' => 'A7' })],
        { displayName => 'Mira Dahl', name => { %name, familyName => 'Dahl' }, %{ ent_there(department => 'Finance') } },
        { displayName => 'Mira Dahl', name => { givenName => 'Mira', familyName => 'Dahl' }, %{ ent_new(department => 'Finance') } }],
    ['P7 dotted keys in an extension', [replace({ $ENT => { 'manager.value' => 'm-9' } })], ent_there(manager => { value => 'm-9' }),
        ent_new(manager => { value => 'm-9' })],
    ['P8 add with dotted keys', [add({ 'name.formatted' => 'Mira Dahl', 'name.givenName' => 'M.' })],
        { name => { %name, formatted => 'Mira Dahl', givenName => 'M.' } }, { name => { formatted => 'Mira Dahl', givenName => 'M.' } }],
    ['P9 nested objects', [replace({ name => { familyName => 'Dahl' }, $ENT => { department => 'Finance' } })],
        { name => { %name, familyName => 'Dahl' }, %{ ent_there(department => 'Finance') } },
        { name => { familyName => 'Dahl' }, %{ ent_new(department => 'Finance') } }],
    ['P25 manager', [replace({ $MANAGER => { value => 'm-2' } })], ent_there(manager => { value => 'm-2' }),
        ent_new(manager => { value => 'm-2' })],
    ['P28 "" for all, compact',
        [replace({ displayName => '', title => '', externalId => '', 'name.formatted' => '', 'name.givenName' => '', 'name.familyName' => '',
            "$ENT:employeeNumber" => '', "$ENT:department" => '', $MANAGER => '' }),
            map({ replace($_, '') } "$WORK.value", 'emails[type eq "home"].value', 'phoneNumbers[type eq "mobile"].value',
                'phoneNumbers[type eq "fax"].value', map { qq(addresses[type eq "work"].$_) } qw(streetAddress locality country postalCode))],
        { map({ $_ => undef } qw(displayName title externalId name emails phoneNumbers addresses), $ENT) }, {}],
    ['P29 null for all, compact',
        [replace({ displayName => undef, title => undef, externalId => undef, 'name.formatted' => undef, 'name.givenName' => undef,
            'name.familyName' => undef, "$ENT:employeeNumber" => undef, "$ENT:department" => undef, $MANAGER => undef })],
        { map({ $_ => undef } qw(displayName title externalId name), $ENT) }, {}],
);

# ---- elements of lists ----

my %flat = (streetAddress => 'Torget 2', locality => 'Oslo', country => 'SE');
my @address = map { [qq(addresses[type eq "work"].$_), $flat{$_}] } sort keys %flat;

both_states(
    ['P11 a part of an element', [put_in(Replace => "$WORK.value", 'm.dahl@fjordvik.example')],
        { emails => [{ %$work, value => 'm.dahl@fjordvik.example' }, $home] },
            { emails => [{ type => 'work', value => 'm.dahl@fjordvik.example' }] }],
    ['P12, MS-05 Add by filter', [put_in(Add => 'phoneNumbers[type eq "mobile"].value', '+47 900 00 002')],
        { phoneNumbers => [{ %$mobile, value => '+47 900 00 002' }, $fax] }, { phoneNumbers => [{ type => 'mobile', value => '+47 900 00 002' }] }],
    ['P12, MS-06 Replace by filter, another type', [put_in(Replace => 'phoneNumbers[type eq "pager"].value', '1')],
        { phoneNumbers => [$mobile, $fax, { type => 'pager', value => '1' }] }, { phoneNumbers => [{ type => 'pager', value => '1' }] }],
    ['P13 several parts of one element', [map { put_in(Replace => @$_) } @address], { addresses => [{ %$office, %flat }] },
        { addresses => [{ type => 'work', %flat }] }],
    ['P13 several parts, Add', [map { put_in(Add => @$_) } @address], { addresses => [{ %$office, %flat }] },
        { addresses => [{ type => 'work', %flat }] }],
    ['P39 an array of one element', [put_in(Replace => $WORK, [{ value => 'm.dahl@fjordvik.example', type => 'work' }])],
        { emails => [{ value => 'm.dahl@fjordvik.example', type => 'work' }, $home] },
            { emails => [{ type => 'work', value => 'm.dahl@fjordvik.example' }] }],
    ['P14 primary', [add('emails[type eq "home"].primary', 'True')],
        { emails => [{ value => $work->{value}, type => 'work' }, { %$home, primary => TRUE }] },
            { emails => [{ type => 'home', primary => TRUE }] }],
    ['P14 display', [add("$WORK.display", 'Office')], { emails => [{ %$work, display => 'Office' }, $home] },
        { emails => [{ type => 'work', display => 'Office' }] }],
    ['P14 type', [replace('emails[type eq "home"].type', 'other')], { emails => [$work, { %$home, type => 'other' }] },
        { emails => [{ type => 'other' }] }],
    ['P15, MS-17 quoted boolean in the filter',
        [map { add(qq(roles[primary eq "True"].$_->[0]), $_->[1]) } ['value', 'admin'], ['display', 'Admin'],
            ['type', 'WindowsAzureActiveDirectoryRole']],
        { roles => [{ value => 'admin', display => 'Admin', type => 'WindowsAzureActiveDirectoryRole', primary => TRUE }] }],
    ['P16, MS-17 serialised JSON, added', [put_in(Add => 'roles', [{ value => '{"id":"r-1","value":"Auditor","displayName":"Auditor"}' }])],
        { roles => [$role, { value => '{"id":"r-1","value":"Auditor","displayName":"Auditor"}' }] },
        { roles => [{ value => '{"id":"r-1","value":"Auditor","displayName":"Auditor"}' }] }],
    ['P17 the whole list', [replace('roles',
        [{ primary => TRUE, type => 'WindowsAzureActiveDirectoryRole', display => 'Reader', value => 'Reader' }])],
        { roles => [{ primary => TRUE, type => 'WindowsAzureActiveDirectoryRole', display => 'Reader', value => 'Reader' }] }],
    ['P30 Remove with the value', [put_in(Remove => "$WORK.value", $work->{value})], { emails => [$home] }, {}],
    ['P30 Remove with another value', [put_in(Remove => "$WORK.value", 'old@fjordvik.example')], {}, {}],
    ['P31 Remove without value', [put_in(Remove => 'phoneNumbers[type eq "fax"].value')], { phoneNumbers => [$mobile] }, {}],
    ['P45, MS-16 capitals in a sub-attribute', [put_in(Replace => 'emails[type eq "work"].Value', 'x@fjordvik.example'),
        put_in(Add => 'addresses[type eq "other"].Formatted', 'Box 1')],
        { emails => [{ %$work, value => 'x@fjordvik.example' }, $home], addresses => [$office, { type => 'other', formatted => 'Box 1' }] },
        { emails => [{ type => 'work', value => 'x@fjordvik.example' }], addresses => [{ type => 'other', formatted => 'Box 1' }] }],
    ['P46 Remove an element', [put_in(Remove => $WORK)], { emails => [$home] }, {}],
    ['P46 Remove an element that is nowhere', [put_in(Remove => 'emails[type eq "other"]')], {}, {}],
    ['P47 add to a list', [add('emails', [{ type => 'other', value => 'mira@other.example' }])],
        { emails => [$work, $home, { type => 'other', value => 'mira@other.example' }] },
            { emails => [{ type => 'other', value => 'mira@other.example' }] }],
    ['P47 add what is there', [add('emails', [$home])], {}, { emails => [$home] }],
);

# ---- extensions ----

both_states(
    ['P18 extension attribute', [put_in(Add => "$ENT:department", 'Finance')], ent_there(department => 'Finance'),
        ent_new(department => 'Finance')],
    ['P19 a dot after the URN', [put_in(Replace => "$ENT.department", 'Finance')], ent_there(department => 'Finance'),
        ent_new(department => 'Finance')],
    ['P19 URN of SCIM 1', [put_in(Replace => 'urn:scim:schemas:extension:enterprise:1.0.manager', [{ value => 'm-2' }])],
        ent_there(manager => { value => 'm-2' }), ent_new(manager => { value => 'm-2' })],
    ['P20 an extension that is not registered',
        [put_in(Replace => 'urn:ietf:params:scim:schemas:extension:grouptalk:2.0:User:label3', 'Zone 4')], {}, {}],
    ['P21 unknown attribute under the core URN', [add(ScimTest::USER . ':role', 'editor')], {}, {}],
    ['P21 known attribute under the core URN', [add(ScimTest::USER . ':nickName', 'M')], { nickName => 'M' }],
    (map { ["P22 manager as string, $_", [put_in($_ => $MANAGER, 'm-2')], ent_there(manager => { value => 'm-2' }),
        ent_new(manager => { value => 'm-2' })] } qw(Add Replace)),
    ['P23 manager as object', [replace($MANAGER, { value => 'm-2' })], ent_there(manager => { value => 'm-2' }),
        ent_new(manager => { value => 'm-2' })],
    ['P24 manager as array, without URN', [put_in(Add => 'manager', [{ '$ref' => 'https://example.com/Users/m-2', value => 'm-2' }])],
        ent_there(manager => { value => 'm-2', '$ref' => 'https://example.com/Users/m-2' }),
            ent_new(manager => { value => 'm-2', '$ref' => 'https://example.com/Users/m-2' })],
    (map { ["P26 manager removed by $_->[0]", [$_->[1]], ent_there(manager => undef), {}] }
        ['""', replace($MANAGER, '')], ['value ""', replace($MANAGER, { value => '' })], ['null', replace($MANAGER, undef)],
        ['remove', remove($MANAGER)]),
    ['P48 part of a complex extension attribute', [replace("$MANAGER.value", 'm-2')], ent_there(manager => { value => 'm-2' }),
        ent_new(manager => { value => 'm-2' })],
    ['P48 a read-only part', [replace("$MANAGER.displayName", undef)], {}, {}],
    ['P49 value path in an unknown extension',
        [replace('urn:ietf:params:scim:schemas:extension:acme:2.0:User:mailboxes[type eq "shared"].value', 'x')], {}, {}],
    ['P50 the whole extension', [replace($ENT, { department => 'Finance' })], ent_there(department => 'Finance'), ent_new(department => 'Finance')],
);

# The same with an extension that is registered.
{
    my $acme = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User';
    my $box = { type => 'shared', value => 'sales@fjordvik.example', primary => TRUE };
    my $op = [replace(qq($acme:mailboxes[type eq "shared"].value), 'x@fjordvik.example')];
    my $served = ScimTest->new(path => '/acme/v2');

    patch_case($served, { active => TRUE, $acme => { mailboxes => [$box], site => 'Oslo' } }, 'P49 value path in an extension, target exists', $op,
        { $acme => { mailboxes => [{ %$box, value => 'x@fjordvik.example' }], site => 'Oslo' } });
    patch_case($served, { active => TRUE }, 'P49 value path in an extension, target missing', $op,
        { $acme => { mailboxes => [{ type => 'shared', value => 'x@fjordvik.example' }] } });
}

# ---- many operations, no operations ----

my @scalars = (map({ [$_, "new $_"] } qw(displayName nickName title userType preferredLanguage locale timezone externalId)),
    map({ ["name.$_", "new $_"] } qw(formatted familyName givenName middleName honorificPrefix honorificSuffix)),
    map({ ["$ENT:$_", "new $_"] } qw(employeeNumber costCenter organization division department)));
my @bracketed = (map({ [qq(emails[type eq "$_"].value), "new $_"] } qw(work home other)),
    map({ [qq(phoneNumbers[type eq "$_"].value), "new $_"] } qw(work home mobile fax pager other)),
    map({ [qq(addresses[type eq "other"].$_), "new $_"] } qw(formatted streetAddress locality region postalCode country)),
    map({ [qq(roles[primary eq "True"].$_), "new $_"] } qw(display type)));
my %all = (
    map({ $_ => "new $_" } qw(displayName nickName title userType preferredLanguage locale timezone externalId)),
    name => { map { $_ => "new $_" } qw(formatted familyName givenName middleName honorificPrefix honorificSuffix) },
);
my %all_ent = map { $_ => "new $_" } qw(employeeNumber costCenter organization division department);
my $other = { type => 'other', map { $_ => "new $_" } qw(formatted streetAddress locality region postalCode country) };
my $element = sub { my ($base, $type) = @_; return { $base ? %$base : (type => $type), value => "new $type" } };

both_states(
    ['P40 no operations', [], {}, {}],
    ['P43 ' . (@scalars + @bracketed) . ' operations', [map { put_in(Replace => @$_) } @scalars, @bracketed],
        { %all, $ENT => { %all_ent, manager => $ent{manager} },
            emails => [$element->($work, 'work'), $element->($home, 'home'), $element->(undef, 'other')],
            phoneNumbers => [$element->($mobile, 'mobile'), $element->($fax, 'fax'), map { $element->(undef, $_) } qw(work home pager other)],
            addresses => [$office, $other], roles => [{ %$role, display => 'new display', type => 'new type' }] },
        { %all, $ENT => \%all_ent, emails => [map { $element->(undef, $_) } qw(work home other)],
            phoneNumbers => [map { $element->(undef, $_) } qw(work home mobile fax pager other)], addresses => [$other],
            roles => [{ primary => TRUE, display => 'new display', type => 'new type' }] }],
    ['P27 "" for all, one by one', [map { put_in(Replace => $_->[0], '') } @scalars, @bracketed],
        { map({ $_ => undef } qw(displayName title externalId name emails phoneNumbers)), roles => [{ value => 'Auditor', primary => TRUE }],
            %{ ent_there(employeeNumber => undef, department => undef) } }, {}],
    ['P29 null for all, one by one', [map { put_in(Replace => $_->[0], undef) } @scalars, @bracketed],
        { map({ $_ => undef } qw(displayName title externalId name emails phoneNumbers)), roles => [{ value => 'Auditor', primary => TRUE }],
            %{ ent_there(employeeNumber => undef, department => undef) } }, {}],
    ['P43 a thousand operations', [map { replace('title', "title $_") } 1 .. 1000], { title => 'title 1000' }],
);

# ---- groups ----

my ($u1, $u2, $u3) = map { $_->{id} } map { $s->user } 1 .. 3;

# [title, operations, members where u1 is one (with u3), members of the empty group]
for my $row (
    ['P32, MS-04 add with $ref null', [put_in(Add => 'members', [map { +{ '$ref' => undef, value => $_ } } $u1, $u2])], [$u1, $u2, $u3], [$u1, $u2]],
    ['P33 Remove with values', [put_in(Remove => 'members', [{ '$ref' => undef, value => $u1 }])], [$u3], []],
    ['P33 Remove with one object', [put_in(Remove => 'members', { value => $u1 })], [$u3], []],
    ['P33 Remove, the other names of the value', [put_in(Remove => 'members', { members => [{ value => $u1 }] })], [$u3], []],
    ['P34 remove by filter', [remove(qq(members[value eq "$u1"]))], [$u3], []],
    ['P35 replace', [replace('members', [{ value => $u1 }])], [$u1], [$u1]],
    ['P36 remove all', [remove('members')], [], []],
    ['P36 replace with null', [replace('members', undef)], [], []],
    ['P36 replace with []', [replace('members', [])], [], []],
    ['P37 add, then remove', [add('members', [{ value => $u1 }]), remove(qq(members[value eq "$u1"]))], [$u3], []],
    ['P38 unknown keys', [{ name => 'addMember', op => 'add', path => 'members', value => [{ displayName => 'x', value => $u2 }] }],
        [$u1, $u2, $u3], [$u2]],
    ['P44 externalId', [replace({ externalId => '9d2e' })], [$u1, $u3], []],
    ['P39 on a group', [put_in(Replace => 'externalId', [{ '$ref' => undef, value => '9d2e' }])], [$u1, $u3], []],
    ['P40 on a group', [], [$u1, $u3], []],
) {
    my ($title, $operations, @expected) = @$row;

    for my $state (['target exists', [$u1, $u3]], ['target missing', []]) {
        my $g = $s->group(members => $state->[1]);
        my $r = $s->patch("/Groups/$g->{id}", $operations);
        my $read = $s->get("/Groups/$g->{id}")->{json};
        my $members = shift @expected;

        status_is($r, 204, "$title, $state->[0]: status");
        is_deeply(ids($read->{members}), [sort @$members], "$title, $state->[0]: members");
        is($r->header('ETag'), $read->{meta}{version}, "$title, $state->[0]: ETag");
        is_deeply([@$read{qw(displayName externalId)}], [$g->{displayName}, $title =~ /P44|P39/ ? '9d2e' : undef], "$title, $state->[0]: the rest");
    }
}

# ---- the two dialects say the same ----

my @parts = (["$WORK.value", 'm.dahl@fjordvik.example'], ['addresses[type eq "work"].locality', 'Oslo'],
    ['addresses[type eq "work"].country', 'NO']);
my %change = (active => FALSE, displayName => 'Mira Dahl', name => { %name, familyName => 'Dahl' }, %{ ent_there(employeeNumber => '40018') },
    emails => [{ %$work, value => 'm.dahl@fjordvik.example' }, $home], addresses => [{ %$office, locality => 'Oslo', country => 'NO' }]);
my %fresh = (active => FALSE, displayName => 'Mira Dahl', name => { familyName => 'Dahl' }, %{ ent_new(employeeNumber => '40018') },
    emails => [{ type => 'work', value => 'm.dahl@fjordvik.example' }], addresses => [{ type => 'work', locality => 'Oslo', country => 'NO' }]);
both_states(
    ['P7, P11, P13 conforming dialect', [add(@{ $parts[0] }), map({ replace(@$_) } @parts[1, 2]),
        replace({ active => FALSE, displayName => 'Mira Dahl', 'name.familyName' => 'Dahl', "$ENT:employeeNumber" => '40018' })], \%change,
            \%fresh],
    ['P1, P3, P11, P13 older dialect', [put_in(Add => @{ $parts[0] }), map({ put_in(Replace => @$_) } @parts[1, 2]),
        put_in(Replace => 'active', 'False'), put_in(Replace => 'displayName', 'Mira Dahl'), put_in(Replace => 'name.familyName', 'Dahl'),
        put_in(Replace => "$ENT:employeeNumber", '40018')], \%change, \%fresh],
);

done_testing;
