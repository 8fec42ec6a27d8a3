# Bulk (RFC 7644 section 3.7; part 11 of the requirements), in the tolerant profile and in the strict one.
use strict;
use warnings;

use Test::More;
use ScimTest qw(ENTERPRISE ERROR GROUP PATCHOP USER uri is_scim_error);

use constant { REQUEST => 'urn:ietf:params:scim:api:messages:2.0:BulkRequest', RESPONSE => 'urn:ietf:params:scim:api:messages:2.0:BulkResponse' };

my $serial = 0;

sub bulk {
    my ($s, $operations, %more) = @_;

    return $s->post('/Bulk', { schemas => [REQUEST], Operations => $operations, %more });
}

# The results; the answer must be 200 and a BulkResponse.
sub results {
    my ($s, $operations, %more) = @_;
    my $r = bulk($s, $operations, %more);

    $r->{status} == 200 && $r->{json}{schemas}[0] eq RESPONSE or die "Bulk: $r->{status} $r->{body}\n";
    return $r->{json}{Operations};
}

sub statuses { return [map { $_->{status} } @{ $_[0] }] }

sub name { return 'bulk' . ++$serial . '@example.com' }

sub user {
    my ($bulk_id, %attr) = @_;

    return { method => 'POST', path => '/Users', bulkId => $bulk_id, data => { schemas => [USER, $attr{ +ENTERPRISE } ? ENTERPRISE : ()], userName => name(), %attr } };
}

sub group {
    my ($bulk_id, @members) = @_;

    return { method => 'POST', path => '/Groups', bulkId => $bulk_id, data => { schemas => [GROUP], displayName => 'Bulk ' . ++$serial, members => [map { { value => $_ } } @members] } };
}

sub title { return { schemas => [PATCHOP], Operations => [{ op => 'replace', path => 'title', value => $_[0] }] } }

sub id_of { return $_[0]{location} =~ m{([^/]+)\z} ? $1 : undef }

# What the URL of a result shows.
sub shown { my ($s, $result) = @_; return $s->get($result->{location})->{json} }

sub members { my ($s, $result) = @_; return [sort map { $_->{value} } @{ shown($s, $result)->{members} // [] }] }

sub envelope {
    my ($s) = @_;
    my $r = bulk($s, [user('a'), user('b'), { method => 'DELETE', path => '/Users/nobody' }]);

    is($r->{status}, 200, 'B-01: 200');
    like($r->{headers}{'content-type'}, qr{^application/scim\+json}, 'B-01: the media type of SCIM');
    is_deeply([map { $_->{method} } @{ $r->{json}{Operations} }], [qw(POST POST DELETE)], 'B-10: results in the order of the request');
    is_deeply(statuses($r->{json}{Operations}), [qw(201 201 404)], 'B-11: the others are done');
    unlike($r->{body}, qr/"status":\d/, 'B-03, RX-17: status is a string');
    is_deeply([map { $_->{bulkId} } @{ $r->{json}{Operations} }], ['a', 'b', undef], 'B-07: bulkId comes back');
    is(shown($s, $r->{json}{Operations}[1])->{meta}{version}, $r->{json}{Operations}[1]{version}, 'B-20: the version of a new resource');
    is_deeply(statuses(results($s, [map { { method => 'DELETE', path => "/Users/$_" } } 1 .. 3])), [qw(404 404 404)], 'B-01: 200 although all failed');
    is_deeply(results($s, []), [], 'B-01: no operations, no results');

    is_scim_error($s->post('/Bulk', { schemas => [REQUEST] }), 400, 'invalidSyntax', 'B-02: no Operations');
    is_scim_error($s->post('/Bulk', { schemas => [REQUEST], Operations => {} }), 400, 'invalidSyntax', 'B-02: Operations is no array');
    is_scim_error($s->post('/Bulk', { Operations => [] }), 400, 'invalidSyntax', 'B-02: no schemas');
    is_scim_error($s->post('/Bulk', { schemas => [PATCHOP], Operations => [] }), 400, 'invalidSyntax', 'B-02: other schemas');
    is_scim_error($s->post('/Bulk', '{"schemas":'), 400, 'invalidSyntax', 'B-02: no JSON');
    is_scim_error(bulk($s, [], failOnErrors => $_), 400, 'invalidValue', "B-13: failOnErrors $_") for 0, -1, '1', 1.5, \1;
    is_scim_error($s->get('/Bulk'), 405, undef, 'B-01: GET');
    is_scim_error($s->post('/Bulk/1', {}), 404, undef, 'B-01: there is nothing below /Bulk');
    return;
}

sub shapes {
    my ($s) = @_;
    my $there = $s->user;
    my $own = "/Users/$there->{id}";
    my %bad = (
        'B-04: GET' => [{ method => 'GET', path => $own }, 400],
        'B-04: no method' => [{ path => $own }, 400],
        'B-04: a method that is a number' => [{ method => 7, path => $own }, 400],
        'B-04: no object' => ['DELETE', 400],
        'B-05: POST of a resource' => [{ %{ user('x') }, path => $own }, 405],
        'B-05: PUT of an endpoint' => [{ method => 'PUT', path => '/Users', data => { schemas => [USER], userName => name() } }, 405],
        'B-05: DELETE of an endpoint' => [{ method => 'DELETE', path => '/Users' }, 405],
        'B-05: another host' => [{ method => 'DELETE', path => "http://other.example/scim$own" }, 400],
        'B-05: our own URL' => [{ method => 'DELETE', path => $s->base . $own }, 400],
        'B-05: a query' => [{ method => 'DELETE', path => "$own?x=y" }, 400],
        'B-05: /Bulk' => [{ method => 'POST', path => '/Bulk', bulkId => 'x', data => { schemas => [REQUEST], Operations => [] } }, 400],
        'B-05: .search' => [{ method => 'POST', path => '/Users/.search', bulkId => 'x', data => {} }, 400],
        'B-05: more than a resource' => [{ method => 'DELETE', path => "$own/x" }, 400],
        'B-05: no path' => [{ method => 'DELETE' }, 400],
        'B-05: an endpoint that is none' => [{ method => 'DELETE', path => "/Things/$there->{id}" }, 400],
        'B-05: /Schemas' => [{ method => 'DELETE', path => '/Schemas/' . USER }, 400],
        'B-06: POST without data' => [{ method => 'POST', path => '/Users', bulkId => 'x' }, 400],
        'B-06: PUT without data' => [{ method => 'PUT', path => $own }, 400],
        'B-06: data is an array' => [{ method => 'PATCH', path => $own, data => title('x')->{Operations} }, 400],
        'B-06: PATCH without an envelope' => [{ method => 'PATCH', path => $own, data => { op => 'remove', path => 'title' } }, 400],
        'B-07: POST without bulkId' => [{ method => 'POST', path => '/Users', data => { schemas => [USER], userName => name() } }, 400],
        'B-17: an unknown bulkId in the path' => [{ method => 'DELETE', path => '/Users/bulkId:nope' }, 400],
        'B-17: an unknown bulkId in data' => [group('x', 'bulkId:nope'), 400],
    );
    my @names = sort keys %bad;
    my $results = results($s, [map { $bad{$_}[0] } @names]);

    for my $i (0 .. $#names) {
        my $result = $results->[$i];
        is($result->{status}, $bad{ $names[$i] }[1], $names[$i]) or diag(explain($result));
        is_deeply([$result->{response}{schemas}, $result->{response}{status}], [[ERROR], $result->{status}], "B-09: $names[$i]: the error is in the response");
    }
    is_deeply([map { $results->[$_]{response}{scimType} } grep { $names[$_] =~ /^B-05/ && $results->[$_]{status} == 400 } 0 .. $#names],
        [('invalidSyntax') x 9], 'B-05, H-07: the path of an operation is no path of a PATCH');
    is($s->get($own)->{json}{meta}{version}, $there->{meta}{version}, 'B-04: nothing was changed');
    is_deeply([map { $_->{method} } @{ results($s, [{ method => 'delete', path => '/Users/x' }, { method => 'Post', path => '/Users/x' }, { method => 'get', path => '/Users/x' }]) }],
        [qw(DELETE POST get)], 'B-10: a method is told in capitals, as the RFC has it');
    is(results($s, [{ method => 'DELETE', path => qq(/Users/a%20b c"\x{e9}\n{}~'!) }])->[0]{location}, $s->base . q(/Users/a%20b%20c%22%C3%A9%0A%7B%7D~'!),
        'B-08: location is a URL whatever the path has');
    is_deeply(statuses(results($s, [user('one'), user('one'), { %{ user('two') }, method => 'post' }])), [qw(201 400 201)], 'B-07: a bulkId twice');
    is_deeply(statuses(results($s, [{ %{ user('bare') }, path => 'users' }])), ['201'], 'B-05: the endpoint in other letters, without slash');
    my $slashes = results($s, [{ %{ user('slash') }, path => '//Users/' }, { method => 'PATCH', path => "$own/", data => title('slashes') }, { method => 'DELETE', path => '/Users//bulkId:slash' }]);
    is_deeply(statuses($slashes), [qw(201 200 204)], 'B-05: slashes too many, as in URLs');
    is($slashes->[1]{location}, $s->base . $own, '... location has none of them');
    return;
}

sub single_outcomes {
    my ($s) = @_;
    my $there = $s->user(title => 'old', password => 'Correct-Horse-9');
    my $own = "/Users/$there->{id}";
    my $results = results($s, [
        { %{ user('taken', userName => $there->{userName}, password => 'Correct-Horse-9') } },
        { method => 'PATCH', path => $own, version => 'W/"77"', data => title('stale') },
        { method => 'PATCH', path => $own, version => $there->{meta}{version}, data => title('fresh') },
        { method => 'PUT', path => '/Users/nobody', data => { schemas => [USER], userName => name() } },
        { method => 'PUT', path => $own, data => { schemas => [USER], userName => $there->{userName}, title => 'put' } },
        user('bad', emails => 'none'),
    ]);

    is_deeply([map { "$_->{status} " . ($_->{location} // '') } @{ results($s, [map { +{ method => 'DELETE', path => $_ } } '/Nowhere/a b', 'https://x.example/Users/1', '/Users/bulkId:none']) }],
        ['400 ' . $s->base . '/Nowhere/a%20b', '400 ', '400 '], 'B-08: location of what is not there, where there is an address');
    my @refused = map { +{ path => '/Users/bulkId:here', %$_ } } { method => 'PATCH' }, { method => 'PUT', data => 5 }, { method => 'DELETE', version => 5 },
        { method => 'PATCH', data => { schemas => [PATCHOP], Operations => [{ op => 'add', path => ENTERPRISE . ':manager.value', value => 'bulkId:none' }] } };
    my ($here, @of_it) = @{ results($s, [user('here'), @refused]) };
    is_deeply([map { "$_->{status} " . ($_->{location} // '') } @of_it], [("400 $here->{location}") x @refused], 'B-08: location, where the path names a bulkId and nothing is begun');
    is_deeply(statuses($results), [qw(409 412 200 404 200 400)], 'B-09: statuses as of single requests');
    is_deeply($results->[0]{response}, { schemas => [ERROR], status => '409', scimType => 'uniqueness', detail => $results->[0]{response}{detail} }, 'B-09: the error of a single request');
    my $himself = results($s, [user('himself', userName => $there->{userName}, +ENTERPRISE, { manager => { value => 'bulkId:himself' } }), user('beside')]);
    is_deeply([statuses($himself), $himself->[0]{response}{detail}], [[409, 201], $results->[0]{response}{detail}], 'B-09: the same of one who refers to himself');
    is_deeply([map { exists $_->{location} ? 1 : 0 } @$results], [0, 1, 1, 1, 1, 0], 'B-08: location in all but failed POSTs');
    is($results->[4]{location}, $there->{meta}{location}, 'B-08: it is meta.location');
    my $now = $s->get($own)->{json};
    is_deeply([$now->{title}, $now->{meta}{version}], ['put', $results->[4]{version}], 'B-20: the version after it');
    my @guards = map { +{ method => $_->[0], path => $own, version => $_->[1], data => $_->[2] } } ['PATCH', 1, title('no guard')], ['DELETE', 5],
        ['DELETE', ['x']], ['DELETE', ''], ['PUT', {}, { schemas => [USER], userName => $there->{userName} }];
    is_deeply([map { [$_->{status}, $_->{response}{scimType}] } @{ results($s, \@guards) }],
        [map { $_ eq '412' ? [$_, undef] : [$_, 'invalidValue'] } qw(400 400 400 412 400)], 'B-20, E-14: a version that is none is not ignored');
    is_deeply($s->get($own)->{json}, $now, 'B-20, E-14: nothing is changed by it');
    unlike(JSON::PP->new->encode($results), qr/Correct-Horse/, 'B-27: no password in the results');
    ok(!grep({ exists $_->{response} && $_->{status} < 300 } @$results), 'B-09: no response where all went well');

    $results = results($s, [user('u'), { method => 'PATCH', path => '/Users/bulkId:u', data => title('x') }, { method => 'DELETE', path => '/Users/bulkId:u' }]);
    is_deeply(statuses($results), [qw(201 200 204)], 'B-18, RX-18: bulkId in paths; a PatchOp is the data of a PATCH');
    is($s->get($results->[0]{location})->{status}, 404, 'B-23: made, changed and deleted in this order');
    my $name = name();
    my $twice = $s->user(userName => $name);
    is_deeply(statuses(results($s, [{ method => 'DELETE', path => "/Users/$twice->{id}" }, user('again', userName => $name)])), [qw(204 201)], 'B-23: a name that an operation before has set free');
    is_deeply(statuses(results($s, [user('before', userName => $name), { method => 'DELETE', path => "/Users/$twice->{id}" }])), [qw(409 404)], 'B-23: not one behind');
    $name = name();
    is_deeply(statuses(results($s, [user('first', userName => $name), user('second', userName => uc $name)])), [qw(201 409)], 'B-23: of two with one name the first is made');
    return;
}

sub references {
    my ($s) = @_;
    my $results = results($s, [
        group('g', 'bulkId:u', 'bulkId:later'),
        user('u', +ENTERPRISE, { manager => { value => 'bulkId:boss' } }),
        user('boss', displayName => 'bulkId:u', emails => [{ value => 'bulkId:u', type => 'work' }]),
        group('later', 'bulkId:u'),
    ]);
    my ($g, $u, $boss, $later) = map { id_of($_) } @$results;

    is_deeply(statuses($results), [qw(201 201 201 201)], 'B-15: references to what comes later');
    is_deeply(members($s, $results->[0]), [sort $u, $later], 'B-14: members');
    is(shown($s, $results->[1])->{ +ENTERPRISE }{manager}{value}, $boss, 'B-14: an extension');
    is(shown($s, $results->[1])->{ +ENTERPRISE }{manager}{'$ref'}, "Users/$boss", 'B-14: $ref matches');
    is_deeply([shown($s, $results->[2])->{displayName}, shown($s, $results->[2])->{emails}[0]{value}], ['bulkId:u', 'bulkId:u'], 'B-19: other text stays');

    $results = results($s, [group('a', 'bulkId:b'), group('b', 'bulkId:a'), group('own', 'bulkId:own')]);
    is_deeply(statuses($results), [qw(201 201 201)], 'B-16: a circle, and one that names itself');
    is_deeply([map { members($s, $_) } @$results], [[id_of($results->[1])], [id_of($results->[0])], [id_of($results->[2])]], 'B-16: all are linked');
    for my $ref ('bulkId:boss', '../Users/bulkId:boss') {
        $results = results($s, [user('u', +ENTERPRISE, { manager => { '$ref' => $ref } }), user('boss')]);
        my $manager = shown($s, $results->[0])->{ +ENTERPRISE }{manager};
        is($manager->{value}, id_of($results->[1]), "B-14: in \$ref alone: $ref");
        is($manager->{'$ref'}, $ref =~ /^\.\./ ? "../Users/$manager->{value}" : $results->[1]{location}, "B-14, C-30: \$ref leads to the user: $ref");
    }
    $results = results($s, [user('a', +ENTERPRISE, { manager => { value => 'bulkId:b' } }), user('b', +ENTERPRISE, { manager => { value => 'bulkId:a' } })]);
    is_deeply([map { shown($s, $_)->{ +ENTERPRISE }{manager}{value} } @$results], [reverse map { id_of($_) } @$results], 'B-16: each the manager of the other');

    my $group = $s->group(members => [$u]);
    my $path = "/Groups/$group->{id}";
    my $change = sub { return { method => 'PATCH', path => $path, data => { schemas => [PATCHOP], Operations => [@_] } } };
    $results = results($s, [
        $change->({ op => 'add', path => 'members', value => [{ value => 'bulkId:n', '$ref' => '../Users/bulkId:n' }] }, { op => 'remove', path => 'members[value eq "' . $u . '"]' }),
        user('n'), user('m'),
        $change->({ op => 'add', value => { members => [{ value => 'bulkId:m' }] } }),
        $change->({ op => 'remove', path => 'members[value eq "bulkId:n"]' }),
    ]);
    is_deeply(statuses($results), [qw(204 201 201 204 204)], 'B-15: a change that refers to a user who comes later');
    is_deeply(members($s, { location => $s->base . $path }), [id_of($results->[2])], 'B-14: in values with and without path, and in value filters');
    my $leave = sub { return map { $change->({ op => 'remove', path => "members[$_]" }) } @_ };
    for my $filter ('value eq "bulkId:n" or value eq "bulkId:m"', 'type eq "User" and (value eq "bulkId:n" or value eq "bulkId:m")',
        'not (value ne "bulkId:n") or display eq "\\"value eq \\"x" or VALUE eq  "bulkId:m"', '$ref eq "bulkId:n" or $ref eq "bulkId:m"') {
        $results = results($s, [user('n', displayName => 'bulkId:k'), user('m'), user('k'), $change->({ op => 'replace', path => 'members', value => [map { { value => "bulkId:$_" } } qw(n m k)] }),
            $leave->($filter)]);
        is_deeply(members($s, { location => $s->base . $path }), [id_of($results->[2])], "B-14: each reference in a value filter: $filter");
    }
    $results = results($s, [user('n', displayName => 'bulkId:k'), user('k'), $change->({ op => 'replace', path => 'members', value => [{ value => 'bulkId:n' }, { value => 'bulkId:k' }] }),
        $leave->('display eq "bulkId:k"')]);
    is_deeply(members($s, { location => $s->base . $path }), [id_of($results->[1])], 'B-19: a name in a value filter is text');
    $results = results($s, [group('a/g', 'bulkId:a/b'), user('a/b'), { method => 'PATCH', path => '/Users/bulkId:a/b', data => title('slash') }]);
    is_deeply([@{ statuses($results) }, @{ members($s, $results->[0]) }], [201, 201, 200, id_of($results->[1])], 'B-14, B-18: a bulkId may have slashes');
    $results = results($s, [user('x'), { method => 'PATCH', path => '/Users/bulkId:x', data => { schemas => [PATCHOP], Operations => [{ op => 'add', path => ENTERPRISE . ':manager.value', value => 'bulkId:x' }] } }]);
    is(shown($s, $results->[0])->{ +ENTERPRISE }{manager}{value}, id_of($results->[0]), 'B-14: a part named by its path');
    return;
}

sub failed_references {
    my ($s) = @_;
    my $there = $s->user;
    my $results = results($s, [
        group('g', 'bulkId:taken', 'bulkId:fine'),
        user('taken', userName => $there->{userName}),
        user('fine'),
        group('h', 'bulkId:fine'),
        user('report', +ENTERPRISE, { manager => { value => 'bulkId:g' } }),
        group('i', 'bulkId:g'),
        group('odd', 'bulkId:bad'), user('bad', active => 'perhaps', userName => ''),
        { method => 'PATCH', path => '/Users/bulkId:taken', data => title('x') },
    ]);

    is_deeply(statuses($results), [qw(409 409 201 201 409 409 409 400 409)], 'B-17: what refers to a failure fails, and what refers to that; nothing else');
    is($results->[1]{response}{scimType}, 'uniqueness', 'B-17: the failure itself says why');
    like($results->[0]{response}{detail}, qr/bulkId:taken/, 'B-17: the others say what they miss');
    is_deeply(members($s, $results->[3]), [id_of($results->[2])], 'B-17: the rest is linked');
    is($s->get('/Groups' . uri(count => 0, filter => 'members.value co "bulkId"'))->{json}{totalResults}, 0, 'B-17: never stored literally');

    $results = results($s, [group('a', 'bulkId:b'), group('b', 'bulkId:a', 'bulkId:taken'), user('taken', userName => $there->{userName}), group('c')]);
    is_deeply(statuses($results), [qw(409 409 409 201)], 'B-16: a circle that cannot be closed is not made at all');
    $results = results($s, [group('a', 'bulkId:nobody'), group('b', 'bulkId:a'), group('c')], failOnErrors => 3);
    is_deeply(statuses($results), [qw(400 409 201)], 'B-12: a failure to which another operation refers counts once');
    return;
}

sub fail_on_errors {
    my ($s) = @_;
    my $there = $s->user;
    my @names = map { name() } 1 .. 9;
    my $bad = sub { return user('bad' . ++$serial, userName => $there->{userName}) };
    my $count = sub { return $s->get('/Users' . uri(count => 0, filter => 'userName sw "fail-"'))->{json}{totalResults} };
    my $good = sub { return user('good' . ++$serial, userName => 'fail-' . ++$serial) };

    is_deeply(statuses(results($s, [$good->(), $bad->(), $good->()], failOnErrors => 1)), [qw(201 409)], 'B-12: it ends after the first error');
    is($count->(), 1, 'B-12: what was done stays, the rest is not done');
    is_deeply(statuses(results($s, [$good->(), $bad->(), $good->(), $bad->(), $good->()], failOnErrors => 2)), [qw(201 409 201 409)], 'B-12: after the second');
    is($count->(), 3, 'B-12: what was done');
    is_deeply(statuses(results($s, [$good->(), $good->(), $good->()], failOnErrors => 1)), [qw(201 201 201)], 'B-12: no error');
    is_deeply(statuses(results($s, [{ method => 'GET', path => '/Users' }, $good->()], failOnErrors => 1)), [qw(400)], 'B-12: an operation of no sense counts');
    is_deeply(statuses(results($s, [$good->(), { method => 'DELETE', path => '/Users/nobody' }, $good->()], failOnErrors => 1)), [qw(201 404)], 'B-12: a change that fails');
    is($count->(), 7, 'B-12: in all');
    is_deeply(statuses(results($s, [$bad->(), $bad->(), $bad->()], failOnErrors => 2)), [qw(409 409)], 'B-12: two errors');
    return;
}

sub rights {
    my ($s) = @_;
    my $there = $s->user;
    my $other = ScimTest->new(profile => $s->profile);
    my $theirs = $other->user;
    my $reader = ScimTest->new(profile => $s->profile, tenant => $s->tenant, rights => ['read']);

    is_deeply(statuses(results($reader, [user('a'), { method => 'DELETE', path => "/Users/$there->{id}" }])), [qw(403 403)], 'B-24: a token that may only read');
    is_deeply(statuses(results($s, [{ method => 'DELETE', path => "/Users/$theirs->{id}" }])), ['404'], 'B-24: a user of another tenant');
    is($other->get("/Users/$theirs->{id}")->{status}, 200, 'B-24: is still there');
    my $results = results($s, [group('g', $theirs->{id})]);
    ok($results->[0]{status} == 400 || !@{ members($s, $results->[0]) }, 'B-24: nor can that user be a member');
    is_scim_error($s->post('/Bulk', {}, Authorization => undef), 401, undef, 'B-24: without a token');
    is_scim_error($s->post('/Bulk', {}, Authorization => 'Bearer nobodys'), 401, undef, 'B-24: with none of ours');
    return;
}

for my $profile (qw(default rfc)) {
    my $s = ScimTest->new(profile => $profile);

    subtest "$profile: the envelope" => sub { envelope($s) };
    subtest "$profile: what is no operation" => sub { shapes($s) };
    subtest "$profile: as single requests" => sub { single_outcomes($s) };
    subtest "$profile: references" => sub { references($s) };
    subtest "$profile: references to what failed" => sub { failed_references($s) };
    subtest "$profile: failOnErrors" => sub { fail_on_errors($s) };
    subtest "$profile: rights" => sub { rights($s) };
}
done_testing;
