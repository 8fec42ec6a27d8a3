# POST (P-01 to P-16), in the strict profile and in the tolerant one.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE ENTERPRISE GROUP USER uri is_scim_error);
use ScimTest::Fixtures;
use ScimTest::Parallel;

my $ENT = ENTERPRISE;
my $serial = 0;

for my $profile (qw(default rfc)) {
    subtest $profile => sub {
        my $s = ScimTest->new(profile => $profile);
        my $g = $s->group;
        my $new = sub { return { schemas => [USER], userName => 'p' . ++$serial . '@example.com', @_ } };

        my $r = $s->post('/Users', $new->());
        is_deeply([$r->{status}, [sort keys %{ $r->{json} }]], [201, [qw(active id meta schemas userName)]], 'P-01: a minimal user');
        is($r->header('Location'), $r->{json}{meta}{location}, 'P-01, C-15: Location');
        is_deeply($s->get("/Users/$r->{json}{id}")->{json}, $r->{json}, 'P-01: the body is the resource');
        is($r->{json}{active}, TRUE, 'P-06: active is true by default');
        is($r->header('ETag'), $r->{json}{meta}{version}, 'P-14: ETag');

        $r = $s->post('/Users', $new->(id => 'x', meta => { version => 'W/"7"' }, groups => [{ value => $g->{id} }]));
        is_deeply([$r->{status}, $r->{json}{groups}, $s->get("/Groups/$g->{id}")->{json}], [201, undef, $g],
            'P-02: readOnly attributes are ignored');

        my $again = $s->post('/Users', $new->(userName => $r->{json}{userName}));
        is_scim_error($again, 409, 'uniqueness', 'P-03: the name is taken');
        like($again->{json}{detail}, qr/\buserName\b/, 'P-03: the detail says what is taken');
        is_scim_error($s->post('/Groups', { schemas => [GROUP] }), 400, 'invalidValue', 'P-04, RX-01: a group without a name');
        is_scim_error($s->post('/Users', $new->(@$_)), 400, 'invalidValue', "P-05: $_->[0]")
            for [userName => 5], [name => 'x'], [emails => {}], [emails => 'a@b'], [displayName => ['a', 'b']],
                [name => { givenName => [] , familyName => 1 }];

        for my $name (qw(name emails active)) {
            my $empty = $s->post('/Users', $new->($name => ''));
            if ($s->profile eq 'rfc') {
                is_scim_error($empty, 400, 'invalidValue', "P-05: $name an empty string");
            } else {
                is_deeply([$empty->{status}, $empty->{json}{$name}], [201, undef], "empty-clears: $name an empty string is none");
            }
        }

        ok(!($s->post('/Users', $new->(active => undef))->{json}{active} // 1) == 0, 'P-06: active null is unassigned or true');
        is($s->post('/Users', $new->(active => FALSE))->{json}{active}, FALSE, 'P-06: active false stays');
        is($s->post('/Groups', { schemas => [GROUP], displayName => 'M', meta => { resourceType => 'User' } })->{json}{meta}{resourceType},
            'Group', 'P-07: resourceType');

        $r = $s->post('/Users?attributes=userName', $new->());
        is_deeply([$r->{status}, [sort keys %{ $r->{json} }]], [201, [qw(id schemas userName)]], 'P-10: attributes');
        ok($r->header('Location') && $r->header('ETag'), 'P-10: Location and ETag all the same');
        $r = $s->post('/Users?excludedAttributes=meta,active', $new->());
        is_deeply([sort keys %{ $r->{json} }], [qw(id schemas userName)], 'P-10: excludedAttributes');

        $r = $s->post('/Users', $new->(shoeSize => 42, $ENT => { nope => 'x' }, 'urn:example:none' => { a => 1 }));
        is_deeply([$r->{status}, [sort keys %{ $r->{json} }]], [201, [qw(active id meta schemas userName)]],
            'P-12: unknown attributes are ignored');

        my $two = [{ value => 'a@x.org', primary => TRUE }, { value => 'b@x.org', primary => TRUE }];
        $r = $s->post('/Users', $new->(emails => $two));
        if ($profile eq 'rfc') {
            is_scim_error($r, 400, 'invalidValue', 'P-13: two primary values');
        } else {
            is_deeply([$r->{status}, map { $_->{primary} ? 1 : 0 } @{ $r->{json}{emails} }], [201, 0, 1],
                'P-13, 7.3: of two primary values the last stays');
        }

        my $name = 'again@example.com';
        my $gone = $s->user(userName => $name);
        $s->delete("/Users/$gone->{id}");
        isnt($s->user(userName => $name)->{id}, $gone->{id}, 'P-15: a deleted name is free');

        $r = $s->post('/Groups', { schemas => [GROUP], displayName => 'Q',
            members => [{ value => 'no-such-id' }, { value => '01890000-0000-7000-8000-000000000000' }] });
        if ($profile eq 'rfc') {
            is_scim_error($r, 400, 'invalidValue', 'P-16: a member that is nobody');
        } else {
            is_deeply([$r->{status}, $r->{json}{members}], [201, undef], 'P-16: a member that is nobody is skipped');
        }

        my $statuses = in_parallel(20, sub { persist(sub { $s->post('/Users', { schemas => [USER], userName => 'race@example.com' }) }) });
        is_deeply($statuses, { 201 => 1, 409 => 19 }, 'P-11: of 20 at the same time one is created');
        is($s->get('/Users' . uri(filter => 'userName eq "race@example.com"'))->{json}{totalResults}, 1, 'P-11: and only one is there');
    };
}

# ---- custom attributes ----

my $s = ScimTest->new(path => '/acme-rfc/v2');
my $device = 'urn:ietf:params:scim:schemas:acme:2.0:Device';
my $r = $s->post('/Devices', { schemas => [$device], displayName => 'd', serial => 'S-1', notes => 'long', pin => '1234' });
is_deeply([$r->{status}, $r->{json}{serial}], [201, 'S-1'], 'P-08: an immutable attribute at creation');
is($r->{json}{notes}, 'long', 'P-09: returned on request: in the answer to the request that has it');
unlike($r->{body}, qr/1234|"pin"/, 'P-09: never returned');
is($s->sql('select count(*) from scim.resource where doc::text like ? and id = ?', '%1234%', $r->{json}{id}), 1,
    'P-08: a writeOnly attribute is kept');
is_scim_error($s->post('/Devices', { schemas => [$device], displayName => 'e', serial => 'S-1' }), 409, 'uniqueness',
    'P-03: another unique attribute');
is($s->post('/Devices', { schemas => [$device], displayName => 'e', serial => 's-1' })->{status}, 201, 'P-03: its comparison is case-exact');

for my $case (['tags', 'long', undef], ['tags,notes', undef, undef], ['nope', 'long', ['a']], ['displayName', 'long', ['a']]) {
    my ($without, $notes, $tags) = @$case;
    my %sent = (schemas => [$device], displayName => 'f', notes => 'long', tags => ['a']);
    my $made = $s->post("/Devices?excludedAttributes=$without", \%sent);
    my $at = "/Devices/$made->{json}{id}?excludedAttributes=$without";
    my @answers = (['POST', $made], ['PUT', $s->put($at, \%sent)], ['PATCH', $s->patch($at, [{ op => 'replace', path => 'notes', value => 'long' }])]);
    is_deeply([@{ $_->[1]{json} }{qw(notes tags)}], [$notes, $tags], "P-09, G-16: $_->[0] without $without") for @answers;
    is($s->get($at)->{json}{notes}, undef, "G-07: GET without $without");
}

my $required = ScimTest->new(path => '/acme-required/v2');
my $urn = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User';
is_scim_error($required->post('/Users', { schemas => [USER], userName => 'x' }), 400, 'invalidValue', 'D-12: a required extension');
is_scim_error($required->post('/Users', { schemas => [USER, $urn], userName => 'x', $urn => { badge => '1' } }), 400, 'invalidValue',
    'D-12: its required attribute');
my $u = $required->user($urn => { site => 'Oslo' });
is_scim_error($required->patch("/Users/$u->{id}", [{ op => 'remove', path => $_->[0] }]), 400, $_->[1], "D-12: remove $_->[0]")
    for ["$urn:site", 'mutability'], [$urn, 'invalidValue'];
is_scim_error($required->put("/Users/$u->{id}", { schemas => [USER], userName => $u->{userName} }), 400, 'invalidValue', 'D-12: PUT without it');

done_testing;
