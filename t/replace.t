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
