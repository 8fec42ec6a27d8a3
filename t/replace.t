# PUT (U-01 to U-17), in the strict profile and in the tolerant one.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE ENTERPRISE GROUP USER uri is_scim_error);
use ScimTest::Fixtures;

my $ENT = ENTERPRISE;

for my $profile (qw(default rfc)) {
    subtest $profile => sub {
        my $s = ScimTest->new(profile => $profile);
        users($s);
        passwords($s);
        groups($s, $profile eq 'rfc');
        round_trip($s);
    };
}
immutable(ScimTest->new(path => $_)) for qw(/acme/v2 /acme-rfc/v2);
unseen(ScimTest->new(path => $_)) for qw(/inventory/v2 /inventory-rfc/v2);
done_testing;

sub users {
    my ($s) = @_;
    my $f = fixtures($s);
    my $u = $f->{U1};
    my $path = "/Users/$u->{id}";
    my %body = (schemas => [USER], userName => $u->{userName});

    my $r = $s->put($path, { %body, emails => [{ value => 'one@x.org' }], nickName => 'B' });
    is($r->{status}, 200, 'U-01: 200');
    is_deeply(content($r->{json}), { %body, active => TRUE, emails => [{ value => 'one@x.org' }], nickName => 'B' },
        'U-03, U-04: what is not said is cleared, the extension too');
    is($r->header('ETag'), $s->get($path)->header('ETag'), 'U-01: ETag');
    is_deeply($s->get($path)->{json}, $r->{json}, 'U-01: the answer is the resource');

    $r = $s->put($path, { %body, id => 'x', meta => { created => '1999-01-01T00:00:00Z', resourceType => 'Group' },
        groups => [{ value => $f->{G3}{id} }] });
    is_deeply([$r->{status}, $r->{json}{id}, $r->{json}{meta}{created}, ids($r->{json}{groups})],
        [200, $u->{id}, $u->{meta}{created}, ids($u->{groups})], 'U-02, RX-13: readOnly attributes are ignored');
    $r = $s->put($path, { %body, title => undef, emails => [], nickName => '' });
    is_deeply(content($r->{json}), { %body, active => TRUE }, 'U-05: null, [] and "" clear');
    is_scim_error($s->put($path, { schemas => [USER], title => 'x' }), 400, 'invalidValue', 'U-09: no userName');
    is_scim_error($s->put($path, { %body, userName => $f->{U3}{userName} }), 409, 'uniqueness', 'U-10: the name of another user');
    is($s->put($path, { %body, userName => uc $u->{userName} })->{json}{userName}, uc $u->{userName}, 'U-10: own name in another case');
    is_scim_error($s->put("/Users/$_", \%body), 404, undef, "U-11: $_") for 'none', '01890000-0000-7000-8000-000000000000', $f->{G1}{id};
    my $before = $s->get($path)->{json};
    is_scim_error($s->put($path, { %body, title => 'stale' }, 'If-Match' => 'W/"0"'), 412, undef, 'U-13: a stale version');
    is_deeply($s->get($path)->{json}, $before, 'U-13: nothing is changed');
    $r = $s->put($path, { %body, title => 'T' }, 'If-Match' => $before->{meta}{version});
    is($r->{status}, 200, 'U-13: the present version');
    is_deeply($s->put($path, { %body, title => 'T' })->{json}, $r->{json}, 'U-14: no change, no new version');
    is($s->put("$path?attributes=title", { %body, title => 'U' })->{json}{userName}, undef, 'U-15: projection');
    is($s->put("/Users/$f->{U2}{id}", { schemas => [USER], userName => 'mpepperidge', title => 'x' })->{json}{active}, FALSE,
        'U-17: without active it stays as it was');
    is($s->put($path, \%body)->{json}{active}, TRUE, 'U-17: an active user stays active');
    return;
}

# yescrypt hashes stand in the table.
sub passwords {
    my ($s) = @_;
    my $u = $s->user(password => 'first-Passw0rd');
    my $hash = sub { return scalar $s->sql('select password from scim.resource where id = ?', $u->{id}) };
    my $first = $hash->();

    like($first, qr/^\$y\$/, 'SE-13: a yescrypt hash');
    my $r = $s->put("/Users/$u->{id}", { %{ $s->get("/Users/$u->{id}")->{json} }, title => 'x' });
    is_deeply([$r->{status}, $hash->()], [200, $first], 'U-06, MS-32: a PUT without password keeps it');
    my $tag = $r->header('ETag');
    $r = $s->put("/Users/$u->{id}", { schemas => [USER], userName => $u->{userName}, title => 'x', password => undef });
    is_deeply([$r->{status}, $hash->(), $r->header('ETag')], [200, $first, $tag], 'U-06: so does one that says null');
    for my $op ({ op => 'remove', path => 'password' }, map { +{ op => 'replace', @$_ } } [path => 'password', value => undef], [value => { password => undef }]) {
        is_scim_error($s->patch("/Users/$u->{id}", [$op]), 400, 'mutability', "PA-49: a password is not taken away: $op->{op}" . ($op->{path} ? '' : ' without path'));
    }
    is($hash->(), $first, '... it is there');
    $r = $s->put("/Users/$u->{id}", { schemas => [USER], userName => $u->{userName}, password => 'second-Passw0rd' });
    isnt($hash->(), $first, 'U-03: a given password replaces it');
    unlike($r->{body}, qr/password|Passw0rd/i, 'SE-12: and is not shown');
    return;
}

sub groups {
    my ($s, $strict) = @_;
    my ($a, $b) = map { $_->{id} } $s->user, $s->user;
    my $g = $s->group(members => [$a], externalId => 'x');
    my $path = "/Groups/$g->{id}";
    my %body = (schemas => [GROUP], displayName => $g->{displayName});
    my $members = sub { return ids($s->get($path)->{json}{members}) };

    my $r = $s->put($path, { %body, members => [{ value => $b }] });
    is_deeply([$r->{status}, ids($r->{json}{members}), $members->()], [200, [$b], [$b]], 'U-12: the set of members is replaced');
    is($r->{json}{externalId}, undef, 'U-04: what is not said is cleared');
    is_deeply($s->put($path, { %body, members => [{ value => $b }] })->{json}, $r->{json}, 'U-14: the same again changes nothing');
    $r = $s->put("$path?excludedAttributes=members", { %body, members => [{ value => $a }, { value => $b }] });
    is_deeply([exists $r->{json}{members}, $members->()], [!!0, [sort $a, $b]], 'U-15: members are stored and not shown');
    status_is($s->put($path, \%body), 200, 'PUT without members');
    is_deeply($members->(), $strict ? [] : [sort $a, $b], $strict ? 'U-04: without members the group is empty'
        : 'section 12: without members they stay');
    $s->put($path, { %body, members => [{ value => $a }] });
    for my $none ([], undef) {
        $s->put($path, { %body, members => $none });
        is_deeply($members->(), [], 'U-05: members ' . (defined $none ? '[]' : 'null') . ' empties the group');
        $s->put($path, { %body, members => [{ value => $a }] });
    }
    is_scim_error($s->put($path, { schemas => [GROUP], members => [] }), 400, 'invalidValue', 'U-09: no displayName');
    is_deeply($members->(), [$a], 'U-09: nothing is changed');
    return;
}

sub round_trip {
    my ($s) = @_;
    my $f = fixtures(ScimTest->new(profile => $s->profile, tenant => $s->tenant . '-round'));
    my $t = ScimTest->new(profile => $s->profile, tenant => $s->tenant . '-round');

    for my $name (sort keys %$f) {
        my $path = ($name =~ /^U/ ? '/Users/' : '/Groups/') . $f->{$name}{id};
        my $read = $t->get($path)->{json};
        is_deeply($t->put($path, $read)->{json}, $read, "U-16, U-14: $name: GET, PUT of the same, nothing changes");
    }
    return;
}

sub immutable {
    my ($s) = @_;
    my $device = 'urn:ietf:params:scim:schemas:acme:2.0:Device';
    my $profile = $s->base =~ /rfc/ ? 'rfc' : 'default';
    my %body = (schemas => [$device], displayName => 'd');
    my $d = $s->post('/Devices', { %body, serial => 'S-1' })->{json};
    my $path = "/Devices/$d->{id}";

    is_scim_error($s->put($path, { %body, serial => 'S-2' }), 400, 'mutability', "U-07: $profile: another value");
    is($s->put($path, { %body, serial => 'S-1', shelf => 1 })->{json}{serial}, 'S-1', "U-07: $profile: the same value");
    is($s->put($path, { %body, shelf => 2 })->{json}{serial}, 'S-1', "U-08: $profile: left out, it stays");
    my $e = $s->post('/Devices', \%body)->{json};
    is($s->put("/Devices/$e->{id}", { %body, serial => 'S-3' })->{json}{serial}, 'S-3', "U-07: $profile: a first value");
    return;
}

# What a GET does not show stays when a PUT leaves it out, and goes when the PUT says null. Elements of lists are known by what is seen of them.
sub unseen {
    my ($s) = @_;
    my ($asset, $lease) = ('urn:example:params:scim:schemas:inventory:2.0:Asset', 'urn:example:params:scim:schemas:extension:lease:2.0:Asset');
    my $title = $s->base =~ /rfc/ ? 'rfc' : 'default';
    my $json = JSON::PP->new->canonical;
    my $serial = 0;
    my ($d1, $d2, $d3) = map { "202$_-01-02T03:04:05Z" } 1 .. 3;
    my $stored = sub {
        my $doc = $json->decode($s->{db}->ask("select doc::text from scim.resource where id = '$_[0]'"));
        delete @$doc{qw(schemas assetTag)};
        return $doc;
    };
    # What is stored, what a PUT says, what is stored then.
    my @cases = (
        ['an attribute', { notes => 'n', audit => 'a', unlockCode => 'u', shelf => 1 }, {}, { notes => 'n', audit => 'a', unlockCode => 'u' }],
        ['... that is taken away', { notes => 'n', audit => 'a', unlockCode => 'u' }, { notes => undef, audit => undef, UNLOCKCODE => undef }, {}],
        ['... or emptied', { codes => ['c'], notes => 'n' }, { codes => [], notes => '' }, {}],
        ['a list', { codes => ['c', 'C'], tags => ['t'] }, {}, { codes => ['c', 'C'] }],
        ['parts', { place => { building => 'B', room => 'R', alarmCode => 'a', directions => 'd', zone => 'z' } }, { place => { building => 'C' } },
            { place => { building => 'C', alarmCode => 'a', directions => 'd' } }],
        ['... that are taken away', { place => { building => 'B', alarmCode => 'a', directions => 'd' } }, { place => { building => 'B', alarmCode => undef, Directions => '' } },
            { place => { building => 'B' } }],
        ['... with what they are parts of', { place => { building => 'B', alarmCode => 'a', directions => 'd' } }, {}, {}],
        ['... but what may not change', { place => { building => 'B', room => 'R', since => $d1, alarmCode => 'a' } }, { place => undef },
            { place => { building => 'B', since => $d1, alarmCode => 'a' } }],
        ['parts of what is not seen', { policy => { number => '1', until => $d1 }, safe => { code => 'c', answer => 'a' } }, { policy => { number => '2' }, safe => { answer => 'b' } },
            { policy => { number => '2', until => $d1 }, safe => { code => 'c', answer => 'b' } }],
        ['... that are taken away', { policy => { number => '1', until => $d1 }, safe => { code => 'c', answer => 'a' } }, { policy => undef, safe => { code => undef } },
            { safe => { answer => 'a' } }],
        ['twins, told apart by their type', { parts => [{ value => 'p', type => 'x', secret => '1', remark => 'r1' }, { value => 'p', type => 'y', secret => '2' }] },
            { parts => [{ value => 'p', type => 'y' }, { value => 'P', type => 'X' }] },
            { parts => [{ value => 'p', type => 'y', secret => '2' }, { value => 'P', type => 'X', secret => '1', remark => 'r1' }] }],
        ['another type', { parts => [{ value => 'p', type => 'x', made => $d1, secret => '1' }] }, { parts => [{ value => 'p', type => 'z' }] },
            { parts => [{ value => 'p', type => 'z', made => $d1, secret => '1' }] }],
        ['a secret goes to one', { parts => [{ value => 'p', made => $d1, secret => '1' }] }, { parts => [{ value => 'p', type => 'x' }, { value => 'p', type => 'y' }] },
            { parts => [{ value => 'p', type => 'x', made => $d1, secret => '1' }, { value => 'p', type => 'y' }] }],
        ['... to the one that was there', { parts => [{ value => 'p', type => 'y', secret => '1' }] }, { parts => [{ value => 'p', type => 'x' }, { value => 'p', type => 'y' }] },
            { parts => [{ value => 'p', type => 'x' }, { value => 'p', type => 'y', secret => '1' }] }],
        ['two that get other types', { parts => [{ value => 'p', type => 'x', secret => '1' }, { value => 'p', type => 'y', secret => '2' }] },
            { parts => [{ value => 'p', type => 'v' }, { value => 'p', type => 'w' }, { value => 'p', type => 'z' }] },
            { parts => [{ value => 'p', type => 'v', secret => '1' }, { value => 'p', type => 'w', secret => '2' }, { value => 'p', type => 'z' }] }],
        ['values that are not seen', { $lease => { lessor => 'L', accounts => [map { { value => "$_", label => $_ < 3 ? 'main' : 'other' } } 1 .. 3] } },
            { $lease => { lessor => 'L', accounts => [{ label => 'other' }, { label => 'main' }, { label => 'main' }, { label => 'main' }] } },
            { $lease => { lessor => 'L', accounts => [map { +{ label => $_->[0], defined $_->[1] ? (value => $_->[1]) : () } } [other => '3'], [main => '1'], [main => '2'], [main => undef]] } }],
        ['types that are swapped', { parts => [{ value => 'p', type => 'x', made => $d1 }, { value => 'p', type => 'y', made => $d2 }] },
            { parts => [{ value => 'p', type => 'y', made => $d1 }, { value => 'p', type => 'x', made => $d2 }] },
            { parts => [{ value => 'p', type => 'y', made => $d1 }, { value => 'p', type => 'x', made => $d2 }] }],
        ['another value', { parts => [{ value => 'p', secret => '1' }] }, { parts => [{ value => 'q' }] }, { parts => [{ value => 'q' }] }],
        ['elements without a value', { checks => [{ at => $d1, level => 1.5, pin => '1' }, { at => $d2, level => 2, pin => '2', comment => 'c' }] },
            qq({"checks":[{"level":2.0,"at":"$d2"},{"at":"$d1","level":15e-1}]}),
            { checks => [{ at => $d2, level => 2, pin => '2', comment => 'c' }, { at => $d1, level => 1.5, pin => '1' }] }],
        ['... that are others now', { checks => [{ at => $d1, level => 1, pin => '1' }] }, { checks => [{ at => $d1, level => 2 }] }, { checks => [{ at => $d1, level => 2 }] }],
        ['an extension', { $lease => { lessor => 'L', contract => "c$title$$", signed => $d1, months => 3, rate => 1.5, pin => 'p', tier => 't' } }, {},
            { $lease => { lessor => 'L', signed => $d1, rate => 1.5, pin => 'p' } }],
        ['... of which nothing has to stay', { $lease => { lessor => 'L', months => 3, tier => 't' } }, {}, {}],
        ['... that is null', { $lease => { lessor => 'L', rate => 1.5, pin => 'p' } }, { $lease => undef }, {}],
        ['... but what may not change', { $lease => { lessor => 'L', signed => $d1, pin => 'p' } }, { $lease => {} }, { $lease => { lessor => 'L', signed => $d1 } }],
        ['... that is there', { $lease => { lessor => 'L', months => 3, pin => 'p' } }, { $lease => { lessor => 'M' } }, { $lease => { lessor => 'M', pin => 'p' } }],
        ['elements that are not seen', { $lease => { lessor => 'L', terms => [{ note => '1' }, { value => 'v' }, { note => '2' }, { value => 'w', note => '3' }, { note => '4' }] } },
            { $lease => { lessor => 'L', terms => [{ value => 'v' }, { value => 'x' }] } },
            { $lease => { lessor => 'L', terms => [{ note => '1' }, { value => 'v' }, { note => '2' }, { value => 'x' }, { note => '4' }] } }],
        ['... and that are written of', { $lease => { lessor => 'L', terms => [{ note => '1' }, { value => 'v' }, { note => '2' }] } },
            { $lease => { lessor => 'L', terms => [{ value => 'v' }, { note => '2' }, { note => '3' }] } },
            { $lease => { lessor => 'L', terms => [{ value => 'v' }, { note => '2' }, { note => '3' }] } }],
        ['... with the list', { $lease => { lessor => 'L', terms => [{ note => '1' }, { value => 'v' }] } }, { $lease => { lessor => 'L' } }, { $lease => { lessor => 'L' } }],
        ['a list of which nothing is seen', { $lease => { lessor => 'L', terms => [{ note => '1' }] } }, { $lease => { lessor => 'L' } },
            { $lease => { lessor => 'L', terms => [{ note => '1' }] } }],
        ['... that is taken away', { $lease => { lessor => 'L', terms => [{ note => '1' }] } }, { $lease => { lessor => 'L', terms => [] } }, { $lease => { lessor => 'L' } }],
    );
    for my $case (@cases) {
        my ($what, $before, $said, $after) = @$case;
        my %body = (schemas => [$asset, grep { exists $before->{$_} || (ref $said && exists $said->{$_}) } $lease], assetTag => "u$$." . ++$serial . $title);
        my $r = $s->post('/Assets', { %body, %$before });
        status_is($r, 201, "$title: $what") or next;
        my $path = "/Assets/$r->{json}{id}";
        is_deeply($stored->($r->{json}{id}), $before, "U-06: $title: $what: stored");
        my $read = $s->get($path);
        is($s->put($path, $read->{body})->header('ETag'), $read->header('ETag'), "U-14: $title: $what: GET, PUT of that: the version is as it was");
        is_deeply($stored->($r->{json}{id}), $before, "U-06: $title: $what: so is all that is stored");
        my $written = ref $said ? { %body, %$said } : $json->encode(\%body) =~ s/}\z/,/r . substr $said, 1;
        status_is($s->put($path, $written), 200, "$title: $what: PUT");
        is_deeply($stored->($r->{json}{id}), $after, "U-06: $title: $what");
    }
    my $alike = $s->post('/Assets', { schemas => [$asset], assetTag => "alike-$$-$title", checks => [{ at => $d1, pin => '1' }, { pin => '2', at => $d1, comment => 'c' }] })->{json};
    is_deeply($stored->($alike->{id}), { checks => [{ at => $d1, pin => '2', comment => 'c' }] }, "V-03: $title: elements that look the same are one");
    my $kinds = $s->post('/Assets', { schemas => [$asset, $lease], assetTag => "kinds-$$-$title", $lease => { lessor => 'L', terms => [{ value => 'v', type => 'a', note => '1' }, { value => 'w' }, { value => 'v', type => 'b' }] } })->{json};
    is_deeply($stored->($kinds->{id}){$lease}{terms}, [{ value => 'v', type => 'b', note => '1' }, { value => 'w' }], "V-03: $title: ... if nobody sees their type, too");
    my $look = $s->get("/Assets/$kinds->{id}");
    is($s->put("/Assets/$kinds->{id}", $look->{body})->header('ETag'), $look->header('ETag'), "U-14: $title: ... GET, PUT of that: the version is as it was");

    # What only the server gives: it comes from elsewhere, and no client can send it.
    my $given = $s->post('/Assets', { schemas => [$asset], assetTag => "given-$$-$title", parts => [{ value => 'a' }, { value => 'b' }], checks => [{ at => $d1, pin => '1' }, { at => $d2 }] })->{json};
    my $parts = [{ value => 'a', counted => 3 }, { value => 'b' }];
    my $whole = { condition => 'good', parts => $parts, checks => [{ at => $d1, pin => '1', passed => TRUE }, { at => $d2 }] };
    $s->sql('update scim.resource set doc = (doc::jsonb || ?::jsonb)::json where id = ?', $json->encode($whole), $given->{id});
    is_deeply($stored->($given->{id}), $whole, "U-02: $title: readOnly values");
    my $shown = $s->get("/Assets/$given->{id}");
    is($s->put("/Assets/$given->{id}", $shown->{body})->header('ETag'), $shown->header('ETag'), "U-14: $title: readOnly values: GET, PUT of that: the version is as it was");
    is_deeply($stored->($given->{id}), $whole, "U-02: $title: readOnly values: so is all that is stored");
    my %less = (schemas => [$asset], assetTag => "given-$$-$title", parts => [{ value => 'b' }, { value => 'a', type => 'x' }]);
    is($s->put("/Assets/$given->{id}", { %less, condition => undef })->{json}{condition}, 'good', "U-02: $title: null for what is readOnly");
    is_deeply($stored->($given->{id}){parts}, [{ value => 'b' }, { value => 'a', type => 'x', counted => 3 }], "U-02: $title: parts that are readOnly stay");
    $s->patch("/Assets/$given->{id}", [{ op => 'replace', path => 'parts[value eq "a"]', value => { value => 'a' } }]);
    is_deeply($stored->($given->{id}){parts}, [{ value => 'b' }, { value => 'a', counted => 3 }], "PA-40: $title: ... when an element is replaced");
    $s->patch("/Assets/$given->{id}", [{ op => 'replace', path => 'parts', value => [{ value => 'a', type => 'y' }] }]);
    is_deeply($stored->($given->{id}){parts}, [{ value => 'a', type => 'y', counted => 3 }], "PA-40: $title: ... when the list is");
    $s->patch("/Assets/$given->{id}", [{ op => 'replace', path => 'parts[value eq "a"].type', value => 'z' }]);
    is_deeply($stored->($given->{id}){parts}, [{ value => 'a', type => 'z', counted => 3 }], "PA-40: $title: ... when another part is");

    # A PATCH says what it means.
    my $p = $s->post('/Assets', { schemas => [$asset], assetTag => "patch-$$-$title", parts => [{ value => 'a', secret => '1', remark => 'r' }, { value => 'b', secret => '2' }] })->{json};
    my $patched = sub { $s->patch("/Assets/$p->{id}", [@_])->{status} == 200 or fail('PATCH'); return $stored->($p->{id}){parts} };
    is_deeply($patched->({ op => 'replace', path => 'parts', value => [{ value => 'b' }, { value => 'a', type => 't' }] }),
        [{ value => 'b', secret => '2' }, { value => 'a', type => 't', secret => '1', remark => 'r' }], "U-06: $title: PATCH replace of a list");
    is_deeply($patched->({ op => 'replace', path => 'parts[value eq "a"]', value => { value => 'a' } }), [{ value => 'b', secret => '2' }, { value => 'a', secret => '1', remark => 'r' }],
        "U-06: $title: PATCH replace of an element");
    is_deeply($patched->({ op => 'remove', path => 'parts[value eq "a"].secret' }, { op => 'replace', path => 'parts[value eq "a"].remark', value => undef }),
        [{ value => 'b', secret => '2' }, { value => 'a' }], "PA-35: $title: PATCH remove of a part that is not seen");
    is_deeply($patched->({ op => 'remove', path => 'parts.secret' }), [{ value => 'b' }, { value => 'a' }], "PA-36: $title: ... of all");
    is_deeply($patched->({ op => 'add', path => 'parts', value => [{ value => 'a', secret => '3' }] }), [{ value => 'b' }, { value => 'a', secret => '3' }], "PA-19: $title: PATCH add of it");
    is_deeply($patched->({ op => 'remove', path => 'parts[value eq "a"]' }, { op => 'add', path => 'parts', value => { value => 'a' } }), [{ value => 'b' }, { value => 'a' }],
        "PA-34: $title: what was removed is gone with all its parts");
    my $twins = $s->post('/Assets', { schemas => [$asset], assetTag => "twins-$$-$title", parts => [{ value => 'b', type => 'y' }, { value => 'a', type => 'x', made => $d1 }] })->{json};
    status_is($s->patch("/Assets/$twins->{id}", [{ op => 'replace', path => 'parts[value eq "b"].value', value => 'a' }]), 200, "$title: two of one value");
    status_is($s->put("/Assets/$twins->{id}", $s->get("/Assets/$twins->{id}")->{json}), 200, "U-16: $title: written back");
    is_deeply($stored->($twins->{id}){parts}, [{ value => 'a', type => 'y' }, { value => 'a', type => 'x', made => $d1 }],
        "U-14: $title: what may not change of the one is not the other's");

    # An immutable value with parts comes as a whole.
    my $m = $s->post('/Assets', { schemas => [$asset], assetTag => "maker-$$-$title" })->{json};
    my $maker = sub { my ($op, $value, @path) = @_; return $s->patch("/Assets/$m->{id}", [{ op => $op, path => 'maker', value => $value }]) };
    status_is($maker->('add', { name => 'M', country => 'NO' }), 200, "PA-41: $title: a first value of two parts");
    my $version = $s->get("/Assets/$m->{id}")->header('ETag');
    status_is($maker->($_, { country => 'NO' }), 200, "PA-41: $title: $_ of what is there") for qw(add replace);
    is($s->get("/Assets/$m->{id}")->header('ETag'), $version, "PA-41: $title: ... changes nothing");
    is_deeply($stored->($m->{id}), { maker => { name => 'M', country => 'NO' } }, "PA-41: $title: ... and the other part stays");
    is_scim_error($maker->($_, { country => 'SE' }), 400, 'mutability', "PA-41: $title: $_ of another part") for qw(add replace);
    is_scim_error($s->patch("/Assets/$m->{id}", [{ op => 'replace', path => 'maker.name', value => 'N' }]), 400, 'mutability', "PA-41: $title: by the part's own path");
    is_scim_error($maker->('add', { name => 'M', country => 'NO', nope => 1 }), 400, 'invalidPath', "PA-47: $title: a part that there is not") if $title eq 'rfc';

    # An extension goes as a whole, whatever it requires.
    my $l = $s->post('/Assets', { schemas => [$asset, $lease], assetTag => "lease-$$-$title", $lease => { lessor => 'L', months => 1 } })->{json};
    is_scim_error($s->patch("/Assets/$l->{id}", [{ op => 'remove', path => "$lease:lessor" }]), 400, 'mutability', "PA-38: $title: what an extension requires");
    status_is($s->patch("/Assets/$l->{id}", [{ op => 'remove', path => $lease }]), 200, "PA-45: $title: the extension");
    is_deeply($s->get("/Assets/$l->{id}")->{json}{schemas}, [$asset], "PA-45: $title: ... is gone");
    status_is($s->patch("/Assets/$l->{id}", [{ op => 'add', path => $lease, value => { lessor => 'L', signed => $d1 } }]), 200, "PA-45: $title: it comes back");
    is_scim_error($s->patch("/Assets/$l->{id}", [{ op => 'remove', path => $lease }]), 400, 'mutability', "PA-41: $title: ... not with what may not change");
    return;
}
