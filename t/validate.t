# One set of rules for what is stored, by whatever route it comes: POST, PUT, PATCH of every form, restoring an inactive user.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE USER GROUP ENTERPRISE uri is_scim_error);
use ScimTest::WriteBack;
use ScimTest::Fixtures;

my $LOCKER = 'urn:ietf:params:scim:schemas:acme:2.0:Locker';
my $serial = 0;

sub add { my ($path, $value) = @_; return { op => 'add', path => $path, value => $value } }
sub replace { my ($path, $value) = @_; return { op => 'replace', path => $path, value => $value } }
sub remove { my ($path) = @_; return { op => 'remove', path => $path } }

for my $path (qw(/locker/v2 /locker-rfc/v2)) {
    subtest $path => sub {
        my $s = ScimTest->new(path => $path);

        required_parts($s);
        references($s);
        required_elsewhere($s);
        read_only_parts($s);
        immutable($s);
        doubles($s);
        created($s);
    };
}
managers(ScimTest->new(profile => $_)) for qw(default rfc);
later_rules();
restored();
strict_forms();
done_testing;

# A locker; dies when it is refused.
sub locker {
    my ($s, %attributes) = @_;
    my $r = $s->post('/Lockers', { schemas => [$LOCKER], displayName => 'locker ' . ++$serial, %attributes });

    $r->{status} == 201 or die "$r->{status} $r->{body}";
    return $r->{json};
}

# [title, operations] that lead to an error and change nothing.
sub refused {
    my ($s, $locker, $type, @cases) = @_;

    for my $case (@cases) {
        my ($title, @operations) = @$case;
        my $r = $s->patch("/Lockers/$locker->{id}", \@operations);
        is_scim_error($r, 400, $type, $title);
        like($r->{json}{detail}, qr/Operations\[$#operations\]/, 'PA-53: the operation is named') if $type ne 'invalidPath';
        is($s->get("/Lockers/$locker->{id}")->{json}{meta}{version}, $locker->{meta}{version}, '... and nothing has changed');
    }
    return;
}

sub required_parts {
    my ($s) = @_;
    my $post = sub { return $s->post('/Lockers', { schemas => [$LOCKER], displayName => 'r' . ++$serial, @_ }) };
    my $l = locker($s, keys => [{ value => 'k1', type => 'a' }], lock => { maker => 'Lips', year => 1999 });
    my $body = { schemas => [$LOCKER], displayName => 'x' };

    is_scim_error($post->(keys => [{ value => 'k' }, { type => 'a' }]), 400, 'invalidValue', 'D-26: POST, a value without its required part');
    is_scim_error($post->(lock => { year => 1999 }), 400, 'invalidValue', 'D-26: POST, a complex value without it');
    is_scim_error($s->put("/Lockers/$l->{id}", { %$body, keys => [{ type => 'a' }] }), 400, 'invalidValue', 'D-26: PUT');
    is_scim_error($s->put("/Lockers/$l->{id}", { schemas => [$LOCKER], displayName => undef }), 400, 'invalidValue', 'U-09: PUT');
    refused($s, $l, 'invalidValue', ['D-26: PATCH add', add('keys', [{ type => 'b' }])], ['D-26: PATCH replace', replace('keys', [{ type => 'b' }])],
        ['D-26: PATCH replace by value path', replace('keys[value eq "k1"]', { type => 'b' })],
        ['D-26: PATCH empties it', replace('lock', { maker => undef })], ['D-26: without a path', { op => 'replace', value => { lock => { maker => '' } } }],
        ['D-26: PATCH creates an element without it', add('keys[type eq "new"].display', 'x')]);
    refused($s, $l, 'mutability', ['D-26: PATCH remove of the part', remove('keys[value eq "k1"].value')],
        ['D-26: PATCH remove of the part of a complex value', remove('lock.maker')]);
    is($s->patch("/Lockers/$l->{id}", [remove('lock')])->{status}, 200, 'the whole value may go');
    is_scim_error($s->patch("/Lockers/$l->{id}", [add('lock.year', 2000)]), 400, 'invalidValue', 'D-26: PATCH makes a complex value without it');
    return;
}

# What may lead elsewhere is left alone; in a list each value is looked at by itself.
sub references {
    my ($s) = @_;
    my $u = $s->user(password => 'Passw0rd');
    my $l = locker($s, holder => { '$ref' => 'https://elsewhere.example/people/7' }, deputies => [{ '$ref' => "../Users/$u->{id}" }, { value => 'd-2' }]);
    my $deputy = { value => $u->{id}, '$ref' => "../Users/$u->{id}" };

    is_deeply($l->{holder}, { '$ref' => 'https://elsewhere.example/people/7' }, 'C-30: an address of somewhere else, where there may be one');
    is_deeply($l->{deputies}, [$deputy, { value => 'd-2' }], 'C-30: users in a list');
    is_deeply(locker($s, holder => { value => $u->{id} })->{holder}, { value => $u->{id} }, 'S-3: no address is made of a value that may be somewhere else');
    my $at = "/Lockers/$l->{id}";
    my $r = $s->patch($at, [add('deputies', [{ '$ref' => "../Users/$u->{id}" }, { '$ref' => '../Users/d-3' }])]);
    is_deeply($r->{json}{deputies}, [$deputy, { value => 'd-2' }, { value => 'd-3', '$ref' => '../Users/d-3' }], 'C-30: added to a list: who is there once is there once');
    refused($s, $s->get($at)->{json}, 'invalidValue', ['C-30: one that leads elsewhere', add('deputies', [{ '$ref' => '../Groups/d-3' }])],
        ['C-30: one in the place of another', replace('deputies[value eq "d-2"]', { '$ref' => 'https://elsewhere.example/Users/1' })]);
    return;
}

sub required_elsewhere {
    my ($s) = @_;
    my $user = { schemas => [USER], userName => 'p' . ++$serial };
    my $r = $s->post('/Users', $user);

    is_scim_error($r, 400, 'invalidValue', 'D-26: a required password');
    like($r->{json}{detail}, qr/password is required/, '... says so');
    my $u = $s->post('/Users', { %$user, password => 'Passw0rd' })->{json};
    is($s->put("/Users/$u->{id}", $user)->{status}, 200, 'U-06: a PUT without it keeps it');
    is_scim_error($s->patch("/Users/$u->{id}", [remove('password')]), 400, 'mutability', 'PATCH cannot remove it');

    my $group = { schemas => [GROUP], displayName => 'g' . ++$serial };
    is_scim_error($s->post('/Groups', $_), 400, 'invalidValue', 'D-26: required members, POST') for $group, { %$group, members => [] };
    my $g = $s->post('/Groups', { %$group, members => [{ value => $u->{id} }] })->{json};
    my $at = "/Groups/$g->{id}";
    is_scim_error($s->put($at, $_), 400, 'invalidValue', 'D-26: required members, PUT') for $group, { %$group, members => [] };
    is($s->patch($at, [$_])->{status}, 400, "D-26: required members, $_->{op}" . ($_->{path} // ''))
        for remove('members'), replace('members', []), remove(qq(members[value eq "$u->{id}"])), { op => 'remove', path => 'members',
            value => [{ value => $u->{id} }] };
    is(scalar @{ $s->get($at)->{json}{members} }, 1, '... the member is there still');
    my $v = $s->post('/Users', { %$user, userName => 'p' . ++$serial, password => 'Passw0rd' })->{json};
    is($s->patch($at, [add('members', [{ value => $v->{id} }]), remove(qq(members[value eq "$u->{id}"]))])->{status}, 204, 'one for another');
    is($s->delete("/Users/$v->{id}")->{status}, 204, 'deleting the last member does not fail');
    ScimTest::WriteBack::except($g->{id}, 'members are required, and the last one was deleted');
    return;
}

# Who is a user of this service gets his $ref from the value (RFC 7643 section 4.3), relative to the base URL of the service.
sub derived {
    my ($s, $u) = @_;
    my ($at, $path, $title) = ("/Users/$u->{id}", ENTERPRISE . ':manager', 'S-3, C-30: ' . $s->profile . ', $ref of the value');
    my ($boss, $other) = map { $s->user->{id} } 1, 2;
    my $to = sub { return { value => $_[0], '$ref' => "Users/$_[0]" } };
    my $of = sub { return $_[0]{json}{ ENTERPRISE() }{manager} };
    my $put = sub { return $s->put($at, { schemas => [USER], userName => $u->{userName}, ENTERPRISE, { manager => { @_ } } }) };
    my $r = $s->post('/Users', { schemas => [USER], userName => 'led-' . $s->profile, ENTERPRISE, { manager => { value => $boss } } });

    is_deeply($of->($r), $to->($boss), "$title: POST");
    is($s->get('/' . $of->($r)->{'$ref'})->{json}{id}, $boss, '... it leads there');
    $r = $put->(value => $boss);
    is_deeply($of->($r), $to->($boss), "$title: PUT");
    my $version = $r->{json}{meta}{version};
    is($put->(value => $boss)->{json}{meta}{version}, $version, '... without it once more changes nothing');
    is($put->(%{ $to->($boss) })->{json}{meta}{version}, $version, '... and neither does what was shown');
    is_deeply($of->($s->patch($at, [replace("$path.value", $other)])), $to->($other), "$title: PATCH of the value");
    is_deeply($of->($s->patch($at, [replace($path, { value => $boss })])), $to->($boss), '... of both');
    $version = $s->get($at)->{json}{meta}{version};
    $r = $s->patch($at, [{ op => 'remove', path => "$path.\$ref" }]);
    is_deeply([$of->($r), $r->{json}{meta}{version}], [$to->($boss), $version], "$title: it stays while the value does");
    is_deeply([map { $_->{id} } @{ $s->get('/Users' . uri(filter => "$path.\$ref eq \"Users/$boss\" and userName eq \"$u->{userName}\""))->{json}{Resources} }], [$u->{id}],
        "$title: found by it");
    my $own = $s->base . "/Users/$boss";
    my $asked = sub { return join ' ', map { $_->{id} } @{ $s->get('/Users' . uri(filter => "userName eq \"$u->{userName}\" and $_[0]"))->{json}{Resources} } };
    for my $same ($own, "../Users/$boss", "/Users/$boss", $own =~ s{/v2/}{/}r, $own =~ s{/v2/}{/v1/}r) {
        is($asked->("$path.\$ref eq \"$same\""), $u->{id}, "F-19, C-31: $title: found by any reference to it: $same");
        is($asked->("$path\[value pr and not (\$ref ne \"$same\")]"), $u->{id}, '... and in brackets');
        is($asked->("$path.\$ref ne \"$same\""), '', '... and not by ne');
    }
    for my $other ("../Groups/$boss", "http://evil.example/Users/$boss", $s->base . "/Users/$other", $boss) {
        is($asked->("$path.\$ref eq \"$other\""), '', "F-19: $title: not by $other");
        is($asked->("$path.\$ref ne \"$other\""), $u->{id}, '... but by ne');
    }
    is_deeply($of->($put->(value => $boss, '$ref' => $own)), { value => $boss, '$ref' => $own }, "$title: the client's own is kept");
    is($of->($s->patch($at, [{ op => 'remove', path => "$path.value" }])), undef, "$title: it goes with the value");
    return;
}

# The value says who it is; a $ref follows it (S-3), as with members (GM-05).
sub managers {
    my ($s) = @_;
    my ($strict, $title) = ($s->profile eq 'rfc', 'S-3: ' . $s->profile);
    my $to = sub { return 'https://example.com/Users/' . shift };
    my $manager = sub { return { ENTERPRISE, { manager => { @_ } } } };
    my $of = sub { return $s->get("/Users/$_[0]{id}")->{json}{ ENTERPRISE() }{manager} };
    my $u = $s->user(%{ $manager->(value => 'm-1', '$ref' => $to->('m-1')) });
    my $at = "/Users/$u->{id}";

    is_deeply($of->($u), { value => 'm-1', '$ref' => $to->('m-1') }, "$title: one that agrees");
    $s->patch($at, [replace(ENTERPRISE . ':manager', { value => 'm-2' })]);
    is_deeply($of->($u), { value => 'm-2' }, "$title: a new value leaves no old one behind");
    $s->patch($at, [replace(ENTERPRISE . ':manager', { value => 'm-3', '$ref' => "../Users/m-3" })]);
    is_deeply($of->($u), { value => 'm-3', '$ref' => '../Users/m-3' }, "$title: a relative one");
    $s->patch($at, [{ op => 'remove', path => ENTERPRISE . ':manager.value' }]);
    is($of->($u), undef, "$title: it goes with the value");
    $s->patch($at, [replace(ENTERPRISE . ':manager', { value => 'm-3', '$ref' => "../Users/m-3" })]);
    my $no = 0;
    for my $request (sub { $s->post('/Users', { schemas => [USER], userName => "s3-" . ++$no . $s->profile, %{ $_[0] } }) },
        sub { $s->put($at, { schemas => [USER], userName => $u->{userName}, %{ $_[0] } }) },
        sub { $s->patch($at, [{ op => 'replace', value => $_[0] }]) }) {
        my $r = $request->($manager->(value => 'm-4', '$ref' => $to->('m-5')));
        if ($strict) {
            is_scim_error($r, 400, 'invalidValue', "$title: one that contradicts");
            like($r->{json}{detail}, qr/manager\.\$ref does not name/, '... is named');
        } else {
            like($r->{status}, qr/^20[01]$/, "$title: one that contradicts");
            is_deeply($of->($r->{json}), { value => 'm-4' }, '... is ignored');
        }
    }
    derived($s, $u);
    is($s->patch($at, [replace(ENTERPRISE . ':manager', { value => 'a b', '$ref' => $to->('a%20b') })])->{json}{ ENTERPRISE() }{manager}{'$ref'}, $to->('a%20b'),
        "$title: an encoded one is taken as it is");
    references_alone($s, $u);
    return;
}

# Without a value, $ref says who it is (RFC 7643 section 4.3): below the base URL of the service, or relative to it.
sub references_alone {
    my ($s, $u) = @_;
    my $title = 'S-3, C-30: ' . $s->profile . ', $ref alone';
    my ($at, $path) = ("/Users/$u->{id}", ENTERPRISE . ':manager');
    my ($other, $group, $no) = ($s->user, $s->group, 0);
    my $of = sub { return $s->get($at)->{json}{ ENTERPRISE() }{manager} };
    my %write = (
        POST => sub { $s->post('/Users', { schemas => [USER], userName => 'alone-' . ++$no . $s->profile, ENTERPRISE, { manager => { '$ref' => $_[0] } } }) },
        PUT => sub { $s->put($at, { schemas => [USER], userName => $u->{userName}, ENTERPRISE, { manager => { '$ref' => $_[0] } } }) },
        'PATCH replace' => sub { $s->patch($at, [replace($path, { '$ref' => $_[0] })]) },
        'PATCH add' => sub { $s->patch($at, [add($path, { '$ref' => $_[0] })]) },
        'PATCH of the part' => sub { $s->patch($at, [replace("$path.\$ref", $_[0])]) },
        'PATCH without a path' => sub { $s->patch($at, [{ op => 'replace', value => { ENTERPRISE, { manager => { '$ref' => $_[0] } } } }]) },
    );
    my $url = $other->{meta}{location};
    my $unversioned = $url =~ s{/v2/}{/}r;
    for my $how (sort keys %write) {
        for my $ref ("../Users/$other->{id}", "Users/$other->{id}", "/scim/v9/users/$other->{id}/", $url, "$url?x=/", $unversioned, $other->{id}) {
            $s->patch($at, [replace($path, { value => 'before' })]);
            my $r = $write{$how}->($ref);
            like($r->{status}, qr/^20[01]$/, "$title, $how, $ref") or diag($r->{body});
            is_deeply($r->{json}{ ENTERPRISE() }{manager}, { value => $other->{id}, '$ref' => $ref }, '... is the manager');
        }
        $s->patch($at, [replace($path, { value => 'before' })]);
        for my $ref ('https://elsewhere.example/scim/v2/Users/' . $other->{id}, $url =~ s{/Users/}{/deeper/Users/}r, "//elsewhere.example/Users/$other->{id}",
            "../Groups/$group->{id}", 'urn:x:Users/' . $other->{id}, 'somebody', '../Users/a%20b') {
            my $r = $write{$how}->($ref);
            is_scim_error($r, 400, 'invalidValue', "$title, $how, $ref leads nowhere");
            like($r->{json}{detail} // '', qr/manager\.\$ref ".*" leads to no User of this service; give its id as value/, '... is said');
        }
        is_deeply($of->(), { value => 'before' }, "$title, $how: and nothing has changed");
    }
    $s->put($at, { schemas => [USER], userName => $u->{userName} });
    my $r = $s->patch($at, [replace($path, { value => $u->{id}, '$ref' => $s->profile eq 'rfc' ? "../Users/$u->{id}" : $url })]);
    is($r->{json}{ ENTERPRISE() }{manager}{value}, $u->{id}, "$title: a value beside it counts");
    $r = $s->patch($at, [replace($path, { value => undef, '$ref' => $url })]);
    is_deeply($r->{json}{ ENTERPRISE() }{manager}, { value => $other->{id}, '$ref' => $url }, "$title: null beside it is no value");
    return;
}

# In elements as in singular values (PA-40): nobody has such a part, so that it has no value that a client could repeat.
sub read_only_parts {
    my ($s) = @_;
    my $strict = $s->base =~ /rfc/;
    my $l = locker($s, keys => [{ value => 'k1' }]);
    my @keys;

    for my $op (add('keys', { value => 'k5', counted => 1 }), add('keys', [{ value => 'k6' }, { value => 'k7', counted => 1 }]),
        add('keys[value eq "k1"]', { type => 'a', counted => 1 }), replace('keys[value eq "k1"]', { value => 'k1', counted => 1 }),
        { op => 'add', value => { keys => [{ value => 'k8', counted => 1 }] } }, add('keys.counted', 1)) {
        my $title = 'PA-39, PA-40: ' . JSON::PP->new->canonical->encode($op);
        my $r = $s->patch("/Lockers/$l->{id}", [$op]);
        if ($strict) {
            is_scim_error($r, 400, 'mutability', $title);
            like($r->{json}{detail}, qr/Operations\[0\]: "keys.*counted" is read-only/, '... is named');
        } else {
            is_deeply([$r->{status}, grep { defined } map { $_->{counted} } @{ $r->{json}{keys} }], [200], "$title: ignored");
        }
    }
    is($s->get("/Lockers/$l->{id}")->{json}{meta}{version}, $l->{meta}{version}, '... and nothing has changed') if $strict;
    status_is($s->patch("/Lockers/$l->{id}", [add('keys', { value => 'k9', counted => undef })]), 200, 'PA-40: nothing is said of it');
    $s->sql(q(update scim.resource set doc = replace(doc::text, '"k1"', '"k1","counted":3')::json where id = ?), $l->{id});
    is_deeply([map { $s->patch("/Lockers/$l->{id}", [add('keys[value eq "k1"]', { display => "K$_", counted => $_ })])->{status} } 3, 4], [200, $strict ? 400 : 200],
        'PA-40: where it has one, it may be repeated');
    return;
}

sub immutable {
    my ($s) = @_;
    my $issued = '2024-01-01T00:00:00Z';
    my $l = locker($s, floors => [1, 2], box => { seal => 'S', colour => 'red' }, keys => [{ value => 'k', type => 'a', issued => $issued, code => 'secret' }]);
    my ($at, $body) = ("/Lockers/$l->{id}", { schemas => [$LOCKER], displayName => $l->{displayName} });
    my $other = '2025-01-01T00:00:00Z';

    refused($s, $l, 'mutability', ['PA-41: the part by value path', replace('keys[value eq "k"].issued', $other)],
        ['PA-41: a whole element by value path', replace('keys[value eq "k"]', { value => 'k', issued => $other })],
        ['PA-41: another element in its place', replace('keys[value eq "k"]', { value => 'k2', issued => $other })],
        ['PA-41: the array', replace('keys', [{ value => 'k', issued => $other }])],
        ['PA-41: the array with another type', replace('keys', [{ value => 'k', type => 'b', issued => $other }])],
        ['PA-41: removed and added', remove('keys[value eq "k"]'), add('keys', [{ value => 'k', issued => $other }])],
        ['PA-41: the part removed', remove('keys[value eq "k"].issued')],
        ['PA-41: added to the element', add('keys', [{ value => 'k', type => 'a', issued => $other }])],
        ['PA-41: part of a complex value', replace('box.seal', 'T')], ['PA-41: in a complex value', replace('box', { seal => 'T' })],
        ['PA-41: the part of a complex value removed', remove('box.seal')], ['PA-41: with the complex value', remove('box')],
        ['PA-41: with the complex value, null', replace('box', undef)],
        ['PA-41: a list', replace('floors', [1])], ['PA-41: added to a list', add('floors', [3])], ['PA-41: the list removed', remove('floors')]);
    is_scim_error($s->put($at, { %$body, %$_ }), 400, 'mutability', 'U-07: PUT ' . join ',', keys %$_)
        for { floors => [1] }, { box => { seal => 'T' } }, { keys => [{ value => 'k', issued => $other }] };
    my $r = $s->put($at, { %$body, keys => [{ value => 'k', type => 'a' }] });
    is_deeply([$r->{status}, @{ $r->{json} }{qw(floors box)}, $r->{json}{keys}], [200, [1, 2], { seal => 'S' }, [{ value => 'k', type => 'a', issued => $issued }]],
        'U-08: a PUT without them keeps immutable values and parts');
    like(scalar $s->sql('select doc::text from scim.resource where id = ?', $l->{id}), qr/"code":"secret"/, 'U-06: and writeOnly parts');
    $s->patch($at, [{ op => 'remove', path => 'keys', value => [{ code => 'secret' }] }]);
    is(scalar @{ $s->get($at)->{json}{keys} }, 1, 'SE-12: what is writeOnly cannot be guessed by removing what has it');
    $r = $s->patch($at, [replace('keys[value eq "k"]', { value => 'k', display => 'K' })]);
    is_deeply($r->{json}{keys}, [{ value => 'k', display => 'K', issued => $issued }], 'PA-41: an element replaced as a whole keeps them');
    $r = $s->patch($at, [replace('box', { colour => 'blue' }), replace('floors', [1, 2]), add('keys', [{ value => 'n', issued => $other }])]);
    is_deeply([$r->{status}, $r->{json}{box}, scalar @{ $r->{json}{keys} }], [200, { seal => 'S', colour => 'blue' }, 2], 'PA-41: the same again, and a first value');
    is($s->patch($at, [remove('keys[value eq "n"]')])->{status}, 200, 'U-12: elements may go');
    is($s->put($at, { %$body, keys => [] })->{json}{keys}, undef, 'U-12: all of them');
    return;
}

sub doubles {
    my ($s) = @_;
    my @same = ({ value => 'a', type => 'home', display => 'A' }, { value => 'A', type => 'HOME' });
    my $l = locker($s, keys => \@same, labels => ['x', 'X', 'y']);
    my $at = "/Lockers/$l->{id}";

    is_deeply([scalar @{ $l->{keys} }, $l->{keys}[0]{display}, $l->{labels}], [1, 'A', ['x', 'y']], 'V-03: POST');
    my $r = $s->put($at, { schemas => [$LOCKER], displayName => 'd', keys => [@same, { value => 'a', type => 'home', display => 'B' }], labels => ['X', 'x'] });
    is_deeply([scalar @{ $r->{json}{keys} }, $r->{json}{keys}[0]{display}, $r->{json}{labels}], [1, 'B', ['X']], 'V-03: PUT');
    for my $case (['add', add('keys', [{ value => 'b' }, { value => 'B' }]), 2], ['replace', replace('keys', [@same]), 1],
        ['one made like another', add('keys', [{ value => 'b', type => 'home' }]), replace('keys[value eq "b"].value', 'a'), 1],
        ['several made equal', add('keys', [{ value => 'c', type => 'work' }]), replace('keys', [{ value => 'p', type => 'x' }, { value => 'q', type => 'x' }]),
            replace('keys[type eq "x"].value', 'z'), 1],
        ['whole elements', replace('keys', [{ value => 'p', type => 'x' }, { value => 'q', type => 'x' }]), replace('keys[type eq "x"]', { value => 'z', type => 'x' }), 1]) {
        my ($title, @operations) = @$case;
        my $count = pop @operations;
        $r = $s->patch($at, \@operations);
        is_deeply([$r->{status}, scalar @{ $r->{json}{keys} // [] }], [200, $count], "V-03: PATCH, $title");
    }
    $r = $s->patch($at, [add('labels', ['x', 'z', 'Z'])]);
    is_deeply($r->{json}{labels}, ['X', 'z'], 'V-03: PATCH of simple values');
    my $two = [{ value => '1', primary => TRUE }, { value => '2', primary => TRUE }];
    if ($s->base =~ /rfc/) {
        is_scim_error($s->patch($at, [replace('keys', $two)]), 400, 'invalidValue', 'V-01: two primaries');
    }
    return;
}

# Elements that PATCH makes from a filter pass the checks of all others, and are what the filter asks for.
sub created {
    my ($s) = @_;
    my $l = locker($s);

    refused($s, $l, 'noTarget', ['PA-23: contradicting terms', add('keys[value eq "a" and value eq "b"].display', 'x')],
        ['PA-23: a readOnly part', add('keys[counted eq 5].value', 'x')], ['PA-23: an empty part', add('keys[type eq ""].value', 'x')],
        ['PA-23: a value that contradicts', add('keys[type eq "a"]', { value => 'v', type => 'b' })],
        ['PA-23: the part that the filter names', add('keys[value eq "a"].value', 'b')]);
    my $r = $s->patch("/Lockers/$l->{id}", [add('keys[issued eq "2024-01-01T01:00:00+01:00" and doors eq 7].value', 'x')]);
    is_deeply([$r->{status}, $r->{json}{keys}], [200, [{ value => 'x', issued => '2024-01-01T00:00:00Z', doors => [7] }]],
        'PA-23: literals are brought into form');
    is($s->put("/Lockers/$l->{id}", $r->{json})->{status}, 200, 'U-16: and can be written back');
    return;
}

# A rule that came after the data: a PATCH is refused for what it touches only.
sub later_rules {
    my $before = ScimTest->new(path => '/locker-rfc/v2');
    my $s = $before->at('/locker-later/v2');
    my $l = locker($before, labels => ['x']);
    my $at = "/Lockers/$l->{id}";
    my $u = $before->post('/Users', { schemas => [USER], userName => 'later', password => 'Passw0rd' })->{json};

    is($s->patch($at, [replace('labels', ['y'])])->{status}, 200, 'a PATCH of something else is let pass');
    is_scim_error($s->put($at, { schemas => [$LOCKER], displayName => 'x' }), 400, 'invalidValue', 'a PUT needs what is required now');
    my $read = $s->get($at);
    is($s->put($at, $read->{body})->header('ETag'), $read->header('ETag'), 'U-16: ... but what is there can be written back');
    is($s->patch($at, [add('owner', 'Mira')])->{status}, 200, 'it can be added');
    is_scim_error($s->patch($at, [remove('owner')]), 400, 'mutability', '... and not removed any more');
    is($s->patch("/Users/$u->{id}", [replace('active', FALSE)])->{status}, 200, 'a user without the required title can be disabled');
    $s->patch("/Users/$u->{id}", [replace('active', TRUE)]);
    is($s->put("/Users/$u->{id}", { schemas => [USER], userName => 'later', active => FALSE })->{status}, 200, '... by PUT too');
    is_scim_error($s->put("/Users/$u->{id}", { schemas => [USER], userName => 'later', active => TRUE }), 400, 'invalidValue', '... not enabled');

    $u = $before->post('/Users', { schemas => [USER], userName => 'form', password => 'Passw0rd', addresses => [{ country => 'NO' }] })->{json};
    # What was stored before with a form that is refused today.
    $s->sql('update scim.resource set doc = replace(doc::text, \'"NO"\', \'"Norway"\')::json where id = ?', $u->{id});
    is($s->patch("/Users/$u->{id}", [replace('title', 'x')])->{status}, 200, 'a stored fault does not stop other changes');
    is($s->patch("/Users/$u->{id}", [add('addresses', [{ country => 'SE' }])])->{status}, 200, '... of the same list');
    is_scim_error($s->patch("/Users/$u->{id}", [replace('addresses[country eq "Norway"].locality', 'Oslo')]), 400, 'invalidValue',
        '... until the value itself is touched');
    is($s->delete("/Users/$u->{id}")->{status}, 204, 'deleting never fails');
    long_before($before);
    return;
}

# A name that was stored when only its key had a limit, and of which little is seen.
sub long_before {
    my ($s) = @_;
    my $long = 'long' . "\x{200b}" x 5000;
    my $u = $s->post('/Users', { schemas => [USER], userName => 'long', password => 'Passw0rd' })->{json};
    my $at = "/Users/$u->{id}";

    $s->sql('update scim.resource set doc = replace(doc::text, \'"long"\', to_json(?::text)::text)::json where id = ?', $long, $u->{id});
    is($s->get($at)->{json}{userName}, $long, 'a userName from before its text had a limit');
    is($s->patch($at, [replace('title', 'x')])->{status}, 200, '... does not stop other changes');
    is($s->patch($at, [replace('active', FALSE)])->{status}, 200, '... nor disabling');
    $s->patch($at, [replace('active', TRUE)]);
    is($s->put($at, { schemas => [USER], userName => $long, active => FALSE })->{status}, 200, '... by PUT too');
    is_scim_error($s->patch($at, [replace('userName', "$long\x{200b}")]), 400, 'invalidValue', '... and cannot become longer');
    is($s->delete($at)->{status}, 204, '... nor deleting');
    return;
}

# POST over an inactive user is a write like any other.
sub restored {
    my $s = ScimTest->new(path => '/acme/v2');
    my $acme = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User';
    my $body = sub { return { schemas => [USER, $acme], userName => 'back@example.com', @_ } };
    my $u = $s->post('/Users', $body->($acme => { badge => 'B1', door => '1234' }, title => 'T', active => FALSE))->{json};
    my $r = $s->post('/Users', $body->($acme => { badge => 'B2' }));

    is_scim_error($r, 400, 'mutability', 'U-07: restoring does not change an immutable value');
    like($r->{json}{detail}, qr/disabled.*badge/, '... and says why');
    $r = $s->post('/Users', $body->());
    is_deeply([$r->{status}, $r->{json}{id}, $r->{json}{active}, $r->{json}{$acme}, $r->{json}{title}], [201, $u->{id}, TRUE, { badge => 'B1' }, undef],
        'U-08: restoring keeps what a PUT would keep');
    like(scalar $s->sql('select doc::text from scim.resource where id = ?', $u->{id}), qr/"door":"1234"/, '... writeOnly values too');
    return;
}

# Forms that only the strict profile minds.
sub strict_forms {
    my $rfc = ScimTest->new(path => '/locker-rfc/v2');
    my $tolerant = ScimTest->new(path => '/locker/v2');
    my $post = sub { my ($s, %a) = @_; return $s->post('/Lockers', { schemas => [$LOCKER], displayName => 'f' . ++$serial, %a }) };

    is_scim_error($post->($rfc, schemas => $_), 400, 'invalidValue', 'C-17: a URN twice') for [$LOCKER, $LOCKER], [$LOCKER, uc $LOCKER];
    is($post->($tolerant, schemas => [$LOCKER, $LOCKER])->{status}, 201, 'C-17: tolerated');
    for my $uri ('not a uri', 'http://x/%zz', 'a<b', "x\ty", 'http://exa mple/', '::', 'http://[::1', 'a[b', 'a]b', 'http://x/[::1]',
        'http://[]/', 'http://[x]/', 'http://[::1]x/', 'http://[::1]:80/[', '//a[::1]/', 'mailto:[::1]', 'http://x/?[::1]',
        'http://[', 'http://[v', 'http://[v]/', 'http://[v1]/', 'http://[v1.]/', 'http://[v.fe]/', 'http://[vg.fe]/', 'http://[v1.f/e]/', 'http://[v1.a%41]/',
        'http://[v1.fe:d', 'http://[::1%', 'http://[::1%2', 'http://[::1%25', 'http://[::1%25]/', 'http://[::1%eth0]/', 'http://[::1%25e%4]/',
        'http://[::1%25e:0]/', 'http://[%25eth0]/', 'http://[v1.fe%25eth0]/', 'http://[fe80::1%25eth0]x/', 'http://[12]/') {
        is_scim_error($post->($rfc, box => { manual => $uri }), 400, 'invalidValue', "C-30: $uri is no URI");
        is($post->($tolerant, box => { manual => $uri })->{status}, 201, 'C-30: tolerated');
    }
    is($post->($rfc, box => { manual => $_ })->{status}, 201, "C-30: $_ is one")
        for 'https://example.com/a?b=c#d', '../Users/1', 'urn:x:y', 'mailto:a@b', 'file', '//host/p', 'https://[::1]:80/%41', '#f', '//[2001:db8::1]', 'http://me@[::ffff:127.0.0.1]?a',
        'https://[::1]#f', 'http://', 'http://a@', '//', 'http://[::]/', 'http://[v1.fe:d]/', q{http://[VaF.a-z._~!$&'()*+,;=:]:80/}, '//[v1.x]',
        'http://[fe80::1%25eth0]/', 'http://me@[fe80::1%25en%41-._~]:80#f', 'http://[fe80::127.0.0.1%25%7E]/';
    return;
}
