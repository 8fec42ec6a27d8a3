# Groups and their members (GM-01 to GM-17), in the strict profile and in the tolerant one.
use strict;
use warnings;

use Test::More;
use ScimTest qw(GROUP USER uri is_scim_error);
use ScimTest::Fixtures;

for my $profile (qw(default rfc)) {
    subtest $profile => sub {
        my $s = ScimTest->new(profile => $profile);
        my $strict = $profile eq 'rfc';

        names_of_groups($s, $strict);
        members($s, $strict);
        nesting($s);
        derived($s, $strict);
        searches($s);
        unknown($s, $strict);
        in_order($s, $strict);
    };
}
done_testing;

sub names_of_groups {
    my ($s, $strict) = @_;
    my $schema = $s->get('/Schemas/' . GROUP)->{json};
    my ($name) = grep { $_->{name} eq 'displayName' } @{ $schema->{attributes} };

    is_scim_error($s->post('/Groups', { schemas => [GROUP], %$_ }), 400, 'invalidValue', 'GM-01: displayName is required')
        for {}, { displayName => '' }, { displayName => undef };
    $s->group(displayName => 'Twice');
    my $r = $s->post('/Groups', { schemas => [GROUP], displayName => 'TWICE' });
    if ($strict) {
        is_deeply([$r->{status}, $name->{uniqueness}], [201, 'none'], 'GM-02, MS-20: two groups of one name');
    } else {
        is_scim_error($r, 409, 'uniqueness', 'GM-02, MS-20, section 12: names of groups are unique');
        like($r->{json}{detail}, qr/^displayName: the value is taken by another Group/, '... and the answer names the attribute');
        is($name->{uniqueness}, 'server', 'GM-02: and the schema says so');
        my $other = $s->group(displayName => 'Other');
        is_scim_error($s->patch("/Groups/$other->{id}", [{ op => 'replace', path => 'displayName', value => 'twice' }]), 409, 'uniqueness',
            'GM-02: by PATCH');
        is_scim_error($s->put("/Groups/$other->{id}", { schemas => [GROUP], displayName => 'Twice' }), 409, 'uniqueness', 'GM-02: by PUT');
        is($s->patch("/Groups/$other->{id}", [{ op => 'replace', path => 'displayName', value => 'OTHER' }])->{status}, 204,
            'GM-02: own name in another case');
        is(ScimTest->new->group(displayName => 'Twice')->{displayName}, 'Twice', 'SE-16: the same name in another tenant');
    }
    return;
}

sub members {
    my ($s, $strict) = @_;
    my $u = $s->user(userName => 'named@example.com', displayName => 'Named');
    my $g = $s->group(members => [$u->{id}]);
    my $path = "/Groups/$g->{id}";
    my $member = $g->{members}[0];

    is_deeply({ %$member }, { value => $u->{id}, '$ref' => $s->base . "/Users/$u->{id}", type => 'User', display => 'Named' },
        'GM-03, GM-04: value, $ref, type and display');
    is($s->get($member->{'$ref'} =~ s/^\Q${\$s->base}\E//r)->{json}{id}, $u->{id}, 'GM-03, C-30: $ref leads to the user');
    my $v = $s->user;
    for my $case (['$ref alone', { '$ref' => $s->base . "/Users/$v->{id}" }], ['a relative $ref', { '$ref' => "../Users/$v->{id}" }],
        ['another version of the API in $ref', { value => $v->{id}, '$ref' => "https://example.com/v1/Users/$v->{id}" }],
        ['no version in $ref', { value => $v->{id}, '$ref' => "https://example.com/Users/$v->{id}" }],
            ['display that differs', { value => $v->{id}, display => 'Evil' }],
            ['null parts', { value => $v->{id}, '$ref' => undef, type => undef, display => undef }]) {
        my $r = $s->patch($path, [{ op => 'add', path => 'members', value => [$case->[1]] }]);
        is_deeply([$r->{status}, ids(reread($s, $g)->{members})], [204, [sort $u->{id}, $v->{id}]],
            "GM-04, GM-11, C-31: $case->[0]: one more member, once");
    }
    $s->patch($path, [{ op => 'remove', path => 'members', value => [{ '$ref' => "../Users/$v->{id}" }] }]);
    for my $ref ("https://elsewhere.example/scim/v2/Users/$v->{id}", "//elsewhere.example/Users/$v->{id}", $s->base . "/Things/$v->{id}", $s->base . "/deeper/Users/$v->{id}") {
        my $version = $s->get($path)->{json}{meta}{version};
        for my $op (qw(add remove replace)) {
            is_scim_error($s->patch($path, [{ op => $op, path => 'members', value => [{ '$ref' => $ref }] }]), 400, 'invalidValue', "GM-03, GM-16: $op: " . ($ref =~ s{[^/]+\z}{ID}r) . " alone is no member here");
        }
        is_scim_error($s->post('/Groups', { schemas => [GROUP], displayName => "To $ref", members => [{ '$ref' => $ref }] }), 400, 'invalidValue', '... nor of a new group');
        is($s->get($path)->{json}{meta}{version}, $version, '... and nothing is changed');
    }
    $s->patch($path, [{ op => 'add', path => 'members', value => [{ '$ref' => $v->{meta}{location} }] }]);
    my ($second) = grep { $_->{value} eq $v->{id} } @{ reread($s, $g)->{members} };
    is($second->{display}, $v->{userName}, 'GM-17: display is derived, and the userName when there is no displayName');
    $s->patch("/Users/$u->{id}", [{ op => 'replace', path => 'displayName', value => 'Renamed' }]);
    my ($renamed) = grep { $_->{value} eq $u->{id} } @{ reread($s, $g)->{members} };
    is($renamed->{display}, 'Renamed', 'GM-17: display follows');

    for my $case (['type', { value => $u->{id}, type => 'Group' }],
        ['$ref of another', { value => $u->{id}, '$ref' => $s->base . "/Users/$v->{id}" }],
        ['$ref of a group', { value => $u->{id}, '$ref' => $s->base . "/Groups/$u->{id}" }]) {
        for my $op (qw(replace add)) {
            $s->patch($path, [{ op => 'replace', path => 'members', value => [{ value => $v->{id} }] }]);
            my $r = $s->patch($path, [{ op => $op, path => 'members', value => [$case->[1]] }]);
            my @now = sort $u->{id}, $op eq 'add' ? $v->{id} : ();
            if ($strict) {
                is_scim_error($r, 400, 'invalidValue', "GM-05: $op: $case->[0] contradicts value");
                is_deeply(ids(reread($s, $g)->{members}), [$v->{id}], 'GM-05: nobody comes, nobody goes');
            } else {
                is_deeply([$r->{status}, ids(reread($s, $g)->{members})], [204, \@now], "GM-05: $op: $case->[0] that contradicts value is ignored");
            }
        }
    }
    $s->patch($path, [{ op => 'replace', path => 'members', value => [{ value => $u->{id} }, { value => $v->{id} }, { value => $u->{id} }] }]);
    is_deeply(ids(reread($s, $g)->{members}), [sort $u->{id}, $v->{id}], 'GM-11: a set');
    is($s->patch($path, [{ op => 'remove', path => 'members' }])->{status}, 204, 'GM-12: remove all');
    ok(!exists reread($s, $g)->{members}, 'GM-12: no members');
    is_scim_error($s->post('/Groups', { schemas => [GROUP], displayName => 'none', members => [{ display => 'x' }] }), 400, 'invalidValue',
        'GM-15: a member without value');
    return;
}

sub nesting {
    my ($s) = @_;
    my $u = $s->user;
    my ($a, $b, $c) = map { $s->group(displayName => "Nest $_ " . $s->profile) } 1 .. 3;
    my $put_in = sub { my ($g, $id) = @_; return $s->patch("/Groups/$g->{id}",
        [{ op => 'add', path => 'members', value => [{ value => $id }] }])->{status} };
    my $of = sub { return { map { $_->{value} => $_->{type} } @{ reread($s, $u)->{groups} // [] } } };

    is($put_in->($a, $u->{id}), 204, 'a user in a group');
    is($put_in->($b, $a->{id}), 204, 'GM-06: a group in a group');
    is_deeply([@{ reread($s, $b)->{members}[0] }{qw(type $ref display)}], ['Group', $s->base . "/Groups/$a->{id}", $a->{displayName}],
        'GM-06: type, $ref and display');
    is_deeply($of->(), { $a->{id} => 'direct', $b->{id} => 'indirect' }, 'GM-09: direct and indirect groups');
    my $outer = reread($s, $b);
    is($s->patch("/Groups/$b->{id}", [{ op => 'remove', path => qq(members[value eq "$u->{id}"]) }])->{status}, 204,
        'GM-10: an indirect member is not removed');
    is_deeply([$of->(), reread($s, $b)], [{ $a->{id} => 'direct', $b->{id} => 'indirect' }, $outer], 'GM-10: nothing is changed');
    is($put_in->($c, $b->{id}), 204, 'three levels');
    is($of->()->{ $c->{id} }, 'indirect', 'GM-09: three levels');
    my $started = time;
    is($put_in->($a, $c->{id}), 204, 'GM-07: a cycle');
    is_deeply($of->(), { $a->{id} => 'direct', $b->{id} => 'indirect', $c->{id} => 'indirect' }, 'GM-07: groups of the user, each once');
    is($put_in->($a, $a->{id}), 204, 'GM-07: a group in itself');
    ok((grep { $_->{value} eq $a->{id} } @{ reread($s, $a)->{members} }), 'GM-07: and it is there');
    is($s->get($_)->{status}, 200, "GM-07: $_ with a cycle") for '/Groups', '/Users', '/Users' . uri(filter => qq(groups.value eq "$c->{id}"));
    cmp_ok(time - $started, '<', 10, 'GM-07: in bounded time');
    is($put_in->($b, $u->{id}), 204, 'direct as well');
    is($of->()->{ $b->{id} }, 'direct', 'GM-09: direct goes before indirect');
    is($s->delete("/Groups/$a->{id}")->{status}, 204, 'GM-07: a group of a cycle can be deleted');
    is_deeply($of->(), { $b->{id} => 'direct', $c->{id} => 'indirect' }, 'GM-08: what is left');
    return;
}

sub derived {
    my ($s, $strict) = @_;
    my ($u, $g) = ($s->user, $s->group);
    my $path = "/Users/$u->{id}";

    $s->patch("/Groups/$g->{id}", [{ op => 'add', path => 'members', value => [{ value => $u->{id} }] }]);
    my $groups = reread($s, $u)->{groups};
    is_deeply($groups, [{ value => $g->{id}, '$ref' => $s->base . "/Groups/$g->{id}", display => $g->{displayName}, type => 'direct' }],
        'GM-08, GM-09: at once');
    my $r = $s->patch($path, [{ op => 'add', path => 'groups', value => [{ value => 'x' }] }]);
    $strict ? is_scim_error($r, 400, 'mutability', 'GM-08: groups is readOnly') : status_is($r, 200, 'rule 21: groups in PATCH is ignored');
    $r = $s->put($path, { schemas => [USER], userName => $u->{userName}, groups => [{ value => 'x' }] });
    is_deeply([$r->{status}, $r->{json}{groups}], [200, $groups], 'GM-08: groups in PUT is ignored');
    $s->patch("/Groups/$g->{id}", [{ op => 'replace', path => 'displayName', value => 'New name ' . $s->profile }]);
    is(reread($s, $u)->{groups}[0]{display}, 'New name ' . $s->profile, 'GM-09: display follows');
    my $modified = reread($s, $u)->{meta}{lastModified};
    $s->patch("/Groups/$g->{id}", [{ op => 'remove', path => 'members' }]);
    is(reread($s, $u)->{groups}, undef, 'GM-08: at once when removed');
    is(reread($s, $u)->{meta}{lastModified}, $modified, 'C-12: groups do not modify the user');
    return;
}

sub searches {
    my ($s) = @_;
    my $t = ScimTest->new(profile => $s->profile);
    my $f = fixtures($t);

    is(names($t->get('/Groups' . uri(filter => $_))), 'Tour Guides', "GM-13: $_")
        for qq(members.value eq "$f->{U1}{id}"), qq(members[value eq "$f->{U1}{id}"]), qq(members[value eq "$f->{U1}{id}" and type eq "User"]);
    is(names($t->get('/Users' . uri(filter => qq(groups.value eq "$f->{G1}{id}")))), 'bjensen@example.com jsmith', 'GM-13: users of a group');
    for my $query ('/Groups?excludedAttributes=members', "/Groups/$f->{G1}{id}?excludedAttributes=members",
        '/Groups?attributes=displayName', '/Groups' . uri(filter => 'displayName eq "Tour Guides"', excludedAttributes => 'members')) {
        my $r = $t->get($query);
        is($r->{status}, 200, "GM-14: $query");
        unlike($r->{body}, qr/"members"/, "GM-14: $query: no members");
    }
    my $r = $t->post('/Groups?excludedAttributes=members', { schemas => [GROUP], displayName => 'N', members => [{ value => $f->{U1}{id} }] });
    is_deeply([$r->{status}, exists $r->{json}{members}], [201, !!0], 'GM-14: POST');
    $r = $t->patch("/Groups/$r->{json}{id}?excludedAttributes=members", [{ op => 'replace', path => 'displayName', value => 'N2' }]);
    is_deeply([$r->{status}, exists $r->{json}{members}, $r->{json}{displayName}], [200, !!0, 'N2'], 'GM-14, PA-09: PATCH');
    return;
}

sub unknown {
    my ($s, $strict) = @_;
    my $u = $s->user;
    my $g = $s->group(members => [$u->{id}]);
    my $before = reread($s, $g);

    for my $id ('nope', '01890000-0000-7000-8000-000000000000', uc $u->{id}, "$u->{id} ", '') {
        my $r = $s->patch("/Groups/$g->{id}", [{ op => 'add', path => 'members', value => [{ value => $id }] }]);
        if ($strict || $id eq '') {
            is_scim_error($r, 400, 'invalidValue', "GM-16: member \"$id\"");
        } else {
            is($r->{status}, 204, "GM-16, section 12: member \"$id\" is skipped");
        }
        is_deeply(reread($s, $g), $before, "GM-16: member \"$id\": the group is unchanged");
    }
    my $v = $s->user;
    my $r = $s->patch("/Groups/$g->{id}", [{ op => 'add', path => 'members', value => [{ value => 'nope' }, { value => $v->{id} }] }]);
    is_deeply([$r->{status}, ids(reread($s, $g)->{members})], $strict ? [400, [$u->{id}]] : [204, [sort $u->{id}, $v->{id}]],
        'GM-16: one unknown, one known');
    return;
}

# An operation sees what the ones before it have made of the members (PA-08), also where it looks at more of them than their ids.
sub in_order {
    my ($s, $strict) = @_;
    my ($one, $two) = map { $s->user(displayName => "Quite $_")->{id} } 1, 2;
    my $inner = $s->group(displayName => 'Inner ' . $s->profile)->{id};
    my $to = sub { return { op => $_[0], path => 'members', value => [map { +{ value => $_ } } @_[1 .. $#_]] } };
    my $of = sub { return { op => 'remove', path => "members[$_[0]]" } };

    for my $case (
        ['type', [$to->(add => $two), $of->('type eq "User"')], []],
        ['type and value', [$to->(add => $two), $of->(qq(type eq "User" and value eq "$two"))], [$one]],
        ['display sw', [$to->(add => $two), $of->('display sw "quite"')], []],
        ['display pr', [$to->(add => $two), $of->('display pr')], []],
        ['$ref', [$to->(add => $two), $of->(qq(\$ref ew "$two"))], [$one]],
        ['type of a group', [$to->(add => $inner, $two), $of->('type eq "Group"')], [$one, $two]],
        ['a list that was replaced', [$to->(replace => $two, $inner), $of->('type eq "User"')], [$inner]],
        ['who was there', [$to->(replace => $one), $of->('type eq "Group" or display eq "Quite 1"')], []],
        ['one by a filter', [{ op => 'add', path => qq(members[value eq "$two"]), value => { value => $two } }, $of->('display eq "Quite 2"')], [$one]],
        ['by $ref alone', [{ op => 'add', path => 'members', value => [{ '$ref' => "../Users/$two" }] }, $of->('display eq "Quite 2"')], [$one]],
        ['by id, whatever else is said', [{ op => 'remove', path => 'members', value => [{ value => $one, display => 'Another', type => 'Group' }] },
            $of->('type eq "Group"')], []],
        ['added after the filter', [$of->('type eq "User"'), $to->(add => $two)], [$two]],
        ['added after all', [$to->(add => $two), $of->('type eq "User"'), $to->(add => $two)], [$two]],
    ) {
        my ($title, $operations, $expected) = @$case;
        my $g = $s->group(members => [$one]);

        status_is($s->patch("/Groups/$g->{id}", $operations), 204, "PA-08: $title");
        is_deeply(ids(reread($s, $g)->{members}), [sort @$expected], "PA-08: $title: members");
    }
    my $g = $s->group(members => [$one]);
    my $r = $s->patch("/Groups/$g->{id}", [{ op => 'add', path => 'members', value => [{ value => $two, type => 'Group' }] }, $of->('type eq "User"')]);
    if ($strict) {
        is_scim_error($r, 400, 'invalidValue', 'GM-05: a type that contradicts, and a filter on types after it');
        is($r->{json}{detail}, qq(Operations[0]: members: "$two" is a User, not a Group), '... is named');
        is_deeply(ids(reread($s, $g)->{members}), [$one], 'PA-07: nothing is changed');
    } else {
        is_deeply([$r->{status}, ids(reread($s, $g)->{members})], [204, []], 'GM-05: a type that contradicts: the filter sees the true one');
    }
    $r = $s->patch("/Groups/$g->{id}", [$to->(add => 'nope', $two), $of->('type eq "User"')]);
    is_deeply([$r->{status}, $r->{json}{scimType}], $strict ? [400, 'invalidValue'] : [204, undef], 'GM-16: an id of nobody, and a filter on types after it');
    my $nobody = '01890000-0000-7000-8000-000000000000';
    $r = $s->patch("/Groups/$g->{id}", [$to->(add => $nobody, 'nope', 'none'), $of->('type eq "Group"')]);
    is_deeply([$r->{status}, $r->{json}{scimType}], $strict ? [400, 'invalidValue'] : [204, undef], 'GM-16: ids of nobody alone');
    like($r->{json}{detail}, qr/"(?:$nobody|nope|none)" is not the id of a user or group/, '... of which one is named') if $strict;
    is_deeply([map { $_->{id} } @{ $s->get('/Groups' . uri(filter => qq(id eq "$g->{id}" and members pr)))->{json}{Resources} }], $strict ? [$g->{id}] : [],
        '... the others are treated as ever');
    return;
}
