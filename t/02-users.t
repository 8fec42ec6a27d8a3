# The life of a user and of a group: create, read, search, replace, modify, delete.
use strict;
use warnings;

use Test::More;
use ScimTest qw(uri is_scim_error);

my $UUID7 = qr/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
my $TIME = qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/;

for my $profile (qw(default rfc grouptalk)) {
    subtest $profile => sub { life(ScimTest->new(profile => $profile)) };
}
done_testing;

sub life {
    my ($s) = @_;
    my %data = (
        schemas => [ScimTest::USER, ScimTest::ENTERPRISE],
        userName => 'kim.holm@example.com',
        externalId => 'a1b2',
        name => { givenName => 'Kim', familyName => 'Holm' },
        displayName => 'Kim Holm',
        emails => [{ value => 'kim.holm@example.com', type => 'work', primary => ScimTest::TRUE }],
        active => ScimTest::TRUE,
        ScimTest::ENTERPRISE() => { department => 'Sales', employeeNumber => '4711' },
    );
    my $u = create($s, \%data);

    lookup($s, $u);
    replace($s, $u, \%data);
    modify($s, $u);
    group($s, $u);
    remove($s, $u, \%data);
    return;
}

sub create {
    my ($s, $data) = @_;
    my $r = $s->post('/Users', $data);
    my $u = $r->{json};

    is($r->{status}, 201, 'P-01: created');
    like($u->{id}, $UUID7, 'P-01: an id');
    is($r->header('Location'), $s->base . "/Users/$u->{id}", 'P-01, H-21: Location');
    is($u->{meta}{location}, $r->header('Location'), 'P-01: meta.location');
    is($r->header('ETag'), $u->{meta}{version}, 'P-14: ETag and meta.version');
    is($u->{meta}{resourceType}, 'User', 'D-13: meta.resourceType');
    like($u->{meta}{$_}, $TIME, "meta.$_") for qw(created lastModified);
    is($u->{meta}{created}, $u->{meta}{lastModified}, 'created and lastModified are the same at first');
    my %rest = %$u;
    delete @rest{qw(id meta)};
    is_deeply(\%rest, $data, 'P-01: the body is what was sent');
    is_deeply($s->get("/Users/$u->{id}")->{json}, $u, 'G-01: and what is read back');
    is_scim_error($s->post('/Users', { %$data, userName => uc $data->{userName} }), 409, 'uniqueness', 'P-03: userName is taken, in any case');
    is_scim_error($s->post('/Users', { schemas => [ScimTest::USER] }), 400, 'invalidValue', 'P-04: no userName');
    is_scim_error($s->post('/Users', '{'), 400, 'invalidSyntax', 'H-11: not JSON');
    return $u;
}

sub lookup {
    my ($s, $u) = @_;
    my $found = $s->get('/Users' . uri(filter => 'userName eq "KIM.holm@example.com"'))->{json};

    is_deeply($found, { schemas => [ScimTest::LIST], totalResults => 1, itemsPerPage => 1, startIndex => 1, Resources => [$u] }, 'found by userName');
    is($s->get('/Users' . uri(filter => 'userName eq "nobody@example.com"'))->{json}{totalResults}, 0, 'not found by another userName');
    is($s->get('/Users' . uri(filter => 'externalId eq "a1b2"'))->{json}{Resources}[0]{id}, $u->{id}, 'found by externalId');
    is($s->get('/Users' . uri(filter => 'emails[type eq "work" and value eq "kim.holm@example.com"]'))->{json}{totalResults}, 1,
        'found by a part of a value');
    is_deeply($s->get("/Users/$u->{id}?attributes=userName")->{json}, { map { $_ => $u->{$_} } qw(schemas id userName) }, 'G-04: attributes');
    is($s->get("/Users/$u->{id}", 'If-None-Match' => $u->{meta}{version})->{status}, 304, 'not modified');
    my $head = $s->head("/Users/$u->{id}");
    is_deeply([$head->{status}, $head->header('ETag'), $head->{body}], [200, $u->{meta}{version}, ''], 'H-15: HEAD');
    is_scim_error($s->get("/Groups/$u->{id}"), 404, undef, 'G-02: a user is no group');
    is_scim_error($s->get('/Users/not-a-uuid'), 404, undef, 'H-16: an id of the wrong shape');
    return;
}

sub replace {
    my ($s, $u, $data) = @_;
    my $r = $s->put("/Users/$u->{id}", { %$data, title => 'Manager' });

    is($r->{status}, 200, 'U-01: replaced');
    is($r->{json}{title}, 'Manager', 'U-03: the new value');
    isnt($r->header('ETag'), $u->{meta}{version}, 'U-01: a new version');
    is($r->{json}{meta}{created}, $u->{meta}{created}, 'created stays');
    cmp_ok($r->{json}{meta}{lastModified}, 'gt', $u->{meta}{lastModified}, 'lastModified moves');
    is($s->put("/Users/$u->{id}", { %$data, title => 'Manager' })->header('ETag'), $r->header('ETag'), 'U-14: nothing changes, the version stays');
    is_scim_error($s->put("/Users/$u->{id}", $data, 'If-Match' => $u->{meta}{version}), 412, undef, 'U-13: a stale version');
    is($s->get("/Users/$u->{id}")->{json}{title}, 'Manager', 'U-13: nothing is changed');
    is_scim_error($s->put('/Users/01890000-0000-7000-8000-000000000000', $data), 404, undef, 'H-13: PUT does not create');
    return;
}

sub modify {
    my ($s, $u) = @_;
    my $r = $s->patch("/Users/$u->{id}", [{ op => 'replace', path => 'active', value => ScimTest::FALSE }]);

    is($r->{status}, 200, 'modified');
    is($r->{json}{active}, ScimTest::FALSE, 'active is false');
    $r = $s->patch("/Users/$u->{id}", [
        { op => 'replace', value => { active => ScimTest::TRUE } },
        { op => 'replace', path => 'emails[type eq "work"].value', value => 'kim@example.com' },
        { op => 'remove', path => 'title' },
        { op => 'add', path => ScimTest::ENTERPRISE . ':costCenter', value => '12' },
    ]);
    is($r->{status}, 200, 'several operations');
    is_deeply($r->{json}{emails}, [{ value => 'kim@example.com', type => 'work', primary => ScimTest::TRUE }], 'the e-mail address');
    is_deeply([@{ $r->{json} }{qw(active title)}], [ScimTest::TRUE, undef], 'active and title');
    is($r->{json}{ ScimTest::ENTERPRISE() }{costCenter}, '12', 'an attribute of the extension');
    is_scim_error($s->patch("/Users/$u->{id}", [{ op => 'remove' }]), 400, 'noTarget', 'remove without a path');
    return;
}

sub group {
    my ($s, $u) = @_;
    my $v = $s->user;
    my $g = $s->group(displayName => 'Sales', members => [$u->{id}]);
    my $members = sub { [sort map { $_->{value} } @{ $s->get("/Groups/$g->{id}")->{json}{members} // [] }] };

    is_deeply($members->(), [$u->{id}], 'a group with one member');
    is($g->{members}[0]{'$ref'}, $s->base . "/Users/$u->{id}", '$ref of a member');
    is_deeply([map { $_->{value} } @{ $s->get("/Users/$u->{id}")->{json}{groups} }], [$g->{id}], 'groups of the user');
    is($s->patch("/Groups/$g->{id}", [{ op => 'add', path => 'members', value => [{ value => $v->{id} }] }])->{status}, 204, 'a member is added');
    is_deeply($members->(), [sort $u->{id}, $v->{id}], 'both are members');
    is($s->patch("/Groups/$g->{id}", [{ op => 'remove', path => qq(members[value eq "$u->{id}"]) }])->{status}, 204, 'a member is removed');
    is_deeply($members->(), [$v->{id}], 'one is a member');
    ok(!exists $s->get("/Groups/$g->{id}?excludedAttributes=members")->{json}{members}, 'members are left out');
    is($s->delete("/Users/$v->{id}")->{status}, 204, 'the member is deleted');
    is_deeply($members->(), [], 'DE-06: and is no member any more');
    is($s->delete("/Groups/$g->{id}")->{status}, 204, 'the group is deleted');
    return;
}

sub remove {
    my ($s, $u, $data) = @_;
    my $r = $s->delete("/Users/$u->{id}");

    is_deeply([@$r{qw(status body)}], [204, ''], 'DE-01, H-22: deleted');
    is_scim_error($s->get("/Users/$u->{id}"), 404, undef, 'DE-02: GET after that');
    is_scim_error($s->delete("/Users/$u->{id}"), 404, undef, 'DE-02: DELETE after that');
    is($s->get('/Users' . uri(filter => 'userName eq "kim.holm@example.com"'))->{json}{totalResults}, 0, 'DE-03: not found');
    isnt($s->post('/Users', $data)->{json}{id}, $u->{id}, 'DE-04, P-15: the userName can be used again');
    is_scim_error($s->delete('/Users'), 405, undef, 'DE-08: a collection is not deleted');
    return;
}
