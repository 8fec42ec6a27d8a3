# Common attributes, schemas and data types (C-01 to C-42). What another file shows is not repeated: C-12, C-15 in 02-users.t.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE ENTERPRISE GROUP USER uri is_scim_error);
use ScimTest::Fixtures;

my $ENT = ENTERPRISE;
my $serial = 0;

for my $profile (qw(default rfc)) {
    subtest $profile => sub {
        my $s = ScimTest->new(profile => $profile);
        identity($s);
        external_id($s);
        meta($s);
        names_of_attributes($s);
        nothing_assigned($s);
        extension($s);
        user_name($s);
        formats($s, $profile eq 'rfc');
    };
}
schemas_strict(ScimTest->new(profile => 'rfc'));
schemas_tolerant(ScimTest->new(profile => 'default'));
data_types(ScimTest->new(path => $_)) for qw(/acme/v2 /acme-rfc/v2);
done_testing;

sub body {
    my (%attr) = @_;

    return { schemas => [USER], userName => 'c' . ++$serial . '@example.com', %attr };
}

sub identity {
    my ($s) = @_;
    my $r = $s->post('/Users', body(id => 'mine'));

    is($r->{status}, 201, 'C-01: id in a POST is ignored');
    isnt($r->{json}{id}, 'mine', 'C-01: the server gives the id');
    my %seen;
    $seen{$_}++ for (map { $s->user->{id} } 1 .. 5), map { $s->group->{id} } 1 .. 5;
    is_deeply([grep { $_ > 1 } values %seen], [], 'C-02: ids are unique over users and groups');
    is(scalar(grep { /bulkid/i || !/^[0-9a-f-]{36}$/ } keys %seen), 0, 'C-04, SE-17: ids are UUIDs');
    my $id = $r->{json}{id};
    is($s->delete("/Users/$id")->{status}, 204, 'C-03: deleted');
    is(scalar(grep { $_ eq $id } map { $s->user->{id} } 1 .. 20), 0, 'C-03: the id is not given again');
    my $u = $s->user;
    ok($s->get("/Users/$u->{id}?excludedAttributes=id")->{json}{id}, 'C-05: id is always returned');
    is_scim_error($s->get('/Users/' . uc $u->{id}), 404, undef, 'C-05: ids are case-exact') if uc $u->{id} ne $u->{id};
    return;
}

sub external_id {
    my ($s) = @_;

    ok(!exists $s->user->{externalId}, 'C-06: externalId is not invented');
    my ($a, $b) = map { $s->user(externalId => 'Same') } 1, 2;
    ok($a->{id} ne $b->{id}, 'C-08: two users of one externalId');
    is($s->get('/Users' . uri(filter => 'externalId eq "same"'))->{json}{totalResults}, 0, 'C-07: another letter case does not match');
    is_deeply(ids($s->get('/Users' . uri(filter => 'externalId eq "Same"'))->{json}{Resources}), [sort $a->{id}, $b->{id}], 'C-07: the same does');
    is(reread($s, $a)->{externalId}, 'Same', 'C-07: case is preserved');
    is(ScimTest->new(profile => $s->profile)->user(externalId => 'Same')->{externalId}, 'Same', 'C-08: and in another tenant');
    return;
}

sub meta {
    my ($s) = @_;
    my $u = $s->user(meta => { created => '1999-01-01T00:00:00Z', resourceType => 'Group', location => 'https://example.com/x',
        version => 'W/"9"' });

    is($u->{meta}{resourceType}, 'User', 'C-09, P-07: resourceType is that of the endpoint');
    cmp_ok($u->{meta}{created}, 'gt', '2020', 'C-09: created is now');
    is_deeply([sort keys %{ $u->{meta} }], [qw(created lastModified location resourceType version)], 'C-10: parts of meta');
    ok(!exists $s->get("/Users/$u->{id}?attributes=userName")->{json}{meta}, 'C-10: not with attributes');
    is($u->{meta}{created}, $u->{meta}{lastModified}, 'C-11: never modified');
    is($s->get("/Users/$u->{id}")->header('ETag'), $u->{meta}{version}, 'C-13: meta.version is the entity tag');
    like($u->{meta}{version}, qr{^W/"[^"]+"$}, 'C-14: the tag is weak');
    is($s->get($u->{meta}{location} =~ s/^\Q${\$s->base}\E//r)->{json}{id}, $u->{id}, 'C-15: meta.location leads to the resource');
    is($s->get('/Users' . uri(filter => qq(id eq "$u->{id}")))->{json}{Resources}[0]{meta}{location}, $u->{meta}{location},
        'C-16: the same in a list');
    my $search = $s->post('/Users/.search', { schemas => [ScimTest::SEARCH], filter => qq(id eq "$u->{id}") });
    is($search->{json}{Resources}[0]{meta}{location}, $u->{meta}{location}, 'C-16: the same by .search');
    return;
}

sub names_of_attributes {
    my ($s) = @_;
    my $r = $s->post('/Users', { SCHEMAS => [USER], USERNAME => "case$serial\@example.com", DisplayName => 'D', NAME => { GIVENNAME => 'G' },
        Emails => [{ VALUE => 'x@example.com', Type => 'work', PRIMARY => TRUE }], uc $ENT => { EmployeeNumber => '5' } });

    status_is($r, 201, 'C-22: names in any case');
    is_deeply([@{ $r->{json} }{qw(displayName name emails)}, $r->{json}{$ENT}],
        ['D', { givenName => 'G' }, [{ value => 'x@example.com', type => 'work', primary => TRUE }], { employeeNumber => '5' }],
            "C-22: answers in the schema's spelling");
    is_scim_error($s->post('/Users', qq({"schemas":["@{[USER]}"],"userName":"a","username":"b"})), 400, 'invalidSyntax',
        'C-23: names that differ by case');
    my $u = $s->user(name => { givenName => 'A', familyName => 'B' }, title => 'T');
    my $put = $s->put("/Users/$u->{id}",
        qq({"title":"T","name":{"familyName":"B","givenName":"A"},"active":true,"userName":"$u->{userName}","schemas":["@{[USER]}"]}));
    is($put->{json}{meta}{version}, $u->{meta}{version}, 'C-32: the order of members never matters');
    return;
}

sub nothing_assigned {
    my ($s) = @_;
    my $u = $s->user(title => 'T', nickName => 'N', emails => [{ value => 'x@example.com' }], name => { givenName => 'G' },
        $ENT => { department => 'D' });
    my $r = $s->put("/Users/$u->{id}", { schemas => [USER], userName => $u->{userName}, title => undef, nickName => '', emails => [],
        name => {}, $ENT => {} });

    is_deeply([grep { exists $r->{json}{$_} } qw(title nickName emails name), $ENT], [], 'C-24: null, [], "" and {} are nothing');
    is($s->get('/Users' . uri(filter => qq(id eq "$u->{id}" and (title pr or nickName pr or emails pr or name pr))))->{json}{totalResults},
        0, 'C-24: and not present');
    is_scim_error($s->post('/Users', body(active => 'yes')), 400, 'invalidValue', 'C-25: booleans');
    return;
}

sub extension {
    my ($s) = @_;
    my $u = $s->user($ENT => { employeeNumber => '701984' });

    is($u->{$ENT}{employeeNumber}, '701984', 'C-20: below the URN');
    ok(!exists $u->{employeeNumber}, 'C-20: not at the top');
    is_deeply([sort @{ $u->{schemas} }], [sort { $a cmp $b } USER, $ENT], 'C-21: schemas name the extension');
    my $r = $s->post('/Users', body($ENT => { department => 'D' }));
    is_deeply([$r->{status}, [sort @{ $r->{json}{schemas} }]], [201, [sort { $a cmp $b } USER, $ENT]], 'C-21: also when the request does not');
    $r = $s->post('/Users', body(schemas => [$ENT, USER]));
    is_deeply([$r->{status}, $r->{json}{schemas}], [201, [USER]], 'C-19, C-21: no values, no URN; order does not matter');
    $r = $s->post('/Users', body($ENT => { manager => { value => $u->{id}, displayName => 'Evil' } }));
    isnt($r->{json}{$ENT}{manager}{displayName} // '', 'Evil', 'C-42: manager.displayName is readOnly');
    is($r->{json}{$ENT}{manager}{value}, $u->{id}, 'C-42: manager.value');
    my $photo = 'https://h.example/AbC';
    my $pictured = $s->user(photos => [{ value => $photo }], profileUrl => $photo);
    is_deeply([$pictured->{photos}[0]{value}, $pictured->{profileUrl}], [$photo, $photo], 'C-33: case of references');
    return;
}

sub user_name {
    my ($s) = @_;

    is_scim_error($s->post('/Users', body(userName => $_)), 400, 'invalidValue', 'C-34: userName "' . ($_ // 'null') . '"') for undef, '', '   ';
    my $u = $s->user(userName => "bjensen\@example.com");
    is_scim_error($s->post('/Users', body(userName => 'BJENSEN@EXAMPLE.COM')), 409, 'uniqueness', 'C-35: another letter case is the same name');
    is($s->user(emails => [{ value => 'bjensen@EXAMPLE.com' }])->{emails}[0]{value}, 'bjensen@EXAMPLE.com',
        'C-41: e-mail addresses are not rewritten');
    is($s->get('/Users' . uri(filter => 'emails.value eq "BJENSEN@example.COM"'))->{json}{totalResults}, 1, 'C-41: and found in any case');
    return;
}

# Checked in rfc; taken as they come in default.
sub formats {
    my ($s, $strict) = @_;
    my %bad = (
        'C-36, RX-08: country USA' => { addresses => [{ country => 'USA' }] },
        'C-36: country by name' => { addresses => [{ country => 'Norway' }] },
        'C-37: locale with a blank' => { locale => 'en US' },
        'C-40: a sequence of something else' => { x509Certificates => [{ value => 'MAMCAQE=' }] },
        'C-40: cut short' => { x509Certificates => [{ value => 'MAcwADAAAwE=' }] },
        'C-40: two certificates' => { x509Certificates => [{ value => 'MAcwADAAAwEAMAcwADAAAwEA' }] },
    );
    my %good = (
        'C-36, RX-08: country US' => { addresses => [{ country => 'US' }] },
        'C-37: locale en-US' => { locale => 'en-US' },
        'C-38: preferredLanguage' => { preferredLanguage => 'da, en-gb;q=0.8' },
        'C-39: timezone' => { timezone => 'America/Los_Angeles' },
        'C-40: one certificate' => { x509Certificates => [{ value => 'MAcwADAAAwEA' }] },
        'C-29: base64 without padding' => { x509Certificates => [{ value => 'MAgwADAAAwIA/w' }] },
        'D-27: a type of its own' => { emails => [{ value => 'x@example.com', type => 'x-custom' }] },
    );

    for my $title (sort keys %bad) {
        my $r = $s->post('/Users', body(%{ $bad{$title} }));
        $strict ? is_scim_error($r, 400, 'invalidValue', $title) : status_is($r, 201, "$title, tolerated");
    }
    for my $title (sort keys %good) {
        my ($name, $value) = %{ $good{$title} };
        my $r = $s->post('/Users', body($name => $value));
        is_deeply([$r->{status}, $r->{json}{$name}], [201, $value], $title);
    }
    is_scim_error($s->post('/Users', body(x509Certificates => [{ value => '%%%' }])), 400, 'invalidValue', 'C-29: not base64');
    return;
}

sub schemas_strict {
    my ($s) = @_;

    is_scim_error($s->post('/Users', { userName => 'x' }), 400, 'invalidValue', 'C-17: no schemas');
    is_scim_error($s->post('/Users', body(schemas => $_->[1])), 400, 'invalidValue', "C-17, C-18: schemas $_->[0]")
        for ['empty', []], ['null', undef], ['a string', USER], ['of groups', [GROUP]], ['with that of groups', [USER, GROUP]],
            ['undeclared', [USER, 'urn:x']], ['the extension alone', [$ENT]], ['numbers', [5]];
    return;
}

sub schemas_tolerant {
    my ($s) = @_;

    for my $case (['absent', undef], ['empty', []], ['of SCIM 1', ['urn:scim:schemas:core:1.0']],
        ['with an unknown one', [USER, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0User']],
        ['twice', [USER, USER]], ['in capitals', [uc USER]]) {
        my $r = $s->post('/Users', body(schemas => $case->[1]));
        is_deeply([$r->{status}, $r->{json}{schemas}], [201, [USER]], "MS-13, rule 21: schemas $case->[0]");
    }
    my $r = $s->post('/Groups', { schemas => [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
        displayName => 'G' });
    is_deeply([$r->{status}, $r->{json}{schemas}], [201, [GROUP]], 'MS-13: never echoed');
    return;
}

sub data_types {
    my ($s) = @_;
    my $device = 'urn:ietf:params:scim:schemas:acme:2.0:Device';
    my $profile = $s->base =~ /rfc/ ? 'rfc' : 'default';
    my $post = sub { my ($json) = @_; return $s->post('/Devices', qq({"schemas":["$device"],"displayName":"d",$json})) };

    for my $case (
        ['C-26: an integer with a fraction', '"shelf":1.5'], ['C-26: an integer with an exponent', '"shelf":1e2'],
        ['C-26: an integer as string', '"shelf":"1"'], ['C-26: an integer with .0', '"shelf":1.0'],
        ['C-27: a decimal as string', '"weight":"3.1"'], ['C-28: a date', '"bought":"2024-01-01"'],
        ['C-28: no time zone and no time', '"bought":"2024"'], ['C-28: a month 13', '"bought":"2024-13-01T00:00:00Z"'],
        ['C-28: a day that is not', '"bought":"2023-02-29T00:00:00Z"'], ['C-28: a number', '"bought":5'],
        ['C-29: not base64', '"key":"%%%"'], ['C-25: a boolean as number', '"lent":1'],
        ['V-06: a list of numbers', '"tags":[1]'], ['V-06: a list of objects', '"tags":[{"a":"b"}]'],
        ['V-06: a string for a list', '"tags":"a"'], ['C-30: a reference as number', '"manual":5'],
    ) {
        is_scim_error($post->($case->[1]), 400, 'invalidValue', "$profile: $case->[0]");
    }
    for my $case (
        ['C-26: integers', '"shelf":-12', 'shelf', qr/"shelf":-12[,}]/],
        ['H-27: beyond 2^53', '"shelf":9007199254740993', 'shelf', qr/"shelf":9007199254740993[,}]/],
        ['C-27: decimals', '"weight":3.10', 'weight', qr/"weight":3\.10?[,}]/],
        ['C-27: small decimals', '"weight":0.0001', 'weight', qr/"weight":(?:0\.0001|1e-0?4)[,}]/],
        ['C-28: an offset', '"bought":"2024-01-01T00:00:00+02:00"', 'bought', qr/"bought":"2023-12-31T22:00:00(?:\.0+)?Z"/],
        ['C-28: a fraction', '"bought":"2024-01-01T00:00:00.25Z"', 'bought', qr/"bought":"2024-01-01T00:00:00\.250*Z"/],
        ['C-29: binary', '"key":"AAEC"', 'key', qr/"key":"AAEC"/],
        ['C-29: binary without padding', '"key":"AAE"', 'key', qr/"key":"AAE=?"/],
        ['C-33: references', '"manual":"https://example.com/M"', 'manual', qr{"manual":"https:(?:/|\\/){2}example\.com(?:/|\\/)M"}],
        ['C-25: booleans', '"lent":false', 'lent', qr/"lent":false/],
    ) {
        my ($title, $json, $name, $expected) = @$case;
        my $r = $post->($json);
        status_is($r, 201, "$profile: $title");
        like($s->get("/Devices/$r->{json}{id}")->{body}, $expected, "$profile: $title: read back");
    }
    return;
}
