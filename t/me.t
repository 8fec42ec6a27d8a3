# /Me: the user whom a token stands for (RFC 7644 section 3.11).
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Test::More;
use ScimTest qw(TRUE FALSE USER GROUP ENTERPRISE uri is_scim_error);
use ScimTest::Fixtures;
use ScimTest::Server;

my $server = ScimTest::Server->start(conf => <<'CONF');
SCIMTokenCache 300
<SCIMProfile test-me-off>
    SCIMInherit default
    SCIMMe off
</SCIMProfile>
<SCIMProfile test-me-open>
    SCIMInherit default
    SCIMSelf User userName roles password active name.givenName urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department
    SCIMDelete User disable
</SCIMProfile>
<SCIMProfile test-me-none>
    SCIMInherit default
    SCIMResourceType User /People urn:ietf:params:scim:schemas:core:2.0:User
    SCIMDelete User refuse
</SCIMProfile>
<SCIMProfile test-me-nobody>
    SCIMMe on
    SCIMResourceType Group /Groups urn:ietf:params:scim:schemas:core:2.0:Group
</SCIMProfile>
<Location "/uncached/v2">
    SetHandler scim
    SCIMProfile default
    SCIMTokenCache 0
</Location>
CONF
my $s = $server->scim('default');
my $serial = 0;

# A client with a token of its own that stands for the user; columns of scim.token beside.
sub client {
    my ($user, %columns) = @_;
    my $token = $s->new_token;
    my %set = (person => $user->{id}, %columns);

    $s->sql('update scim.token set ' . join(', ', map { "$_ = ?" } sort keys %set) . ' where sha256 = ?', @set{ sort keys %set }, sha256_hex($token));
    return bless { %{ $s->at('/scim/v2') }, token => $token }, ref $s;
}

sub person {
    my (%attr) = @_;

    return $s->user(userName => 'person' . ++$serial . '@example.com', displayName => 'P', roles => [{ value => 'clerk' }], password => 'correct horse',
        emails => [{ type => 'work', value => "p$serial\@example.com" }], ENTERPRISE, { employeeNumber => '7', department => 'D' }, %attr);
}

# The answer's headers that name the resource.
sub named { my ($r) = @_; return [map { $r->header($_) } qw(Location Content-Location)] }

my $u = person();
my $me = client($u);
my $url = $s->base . "/Users/$u->{id}";

subtest 'reading' => sub {
    my ($mine, $plain) = ($me->get('/Me'), $s->get("/Users/$u->{id}"));

    is_deeply([$mine->{status}, $mine->{json}], [200, $plain->{json}], 'ME-04: GET shows what the permanent URL shows');
    is_deeply(named($mine), [$url, $url], 'ME-03: Location and Content-Location are the permanent URL');
    is($mine->{status}, 200, 'ME-02: answered there and then, not by a redirect');
    is($mine->{json}{meta}{location}, $url, 'C-16: so is meta.location');
    is($mine->header('ETag'), $plain->header('ETag'), 'ME-04: ETag');
    is_deeply([sort keys %{ $me->get('/Me' . uri(attributes => 'userName'))->{json} }], [qw(id schemas userName)], 'ME-04: attributes');
    ok(!exists $me->get('/Me' . uri(excludedAttributes => 'emails'))->{json}{emails}, 'ME-04: excludedAttributes');
    is_scim_error($me->get('/Me' . uri(filter => 'userName pr')), 400, 'invalidFilter', 'G-17: a filter is refused as for any single resource');
    my $same = $me->get('/Me', 'If-None-Match' => $mine->header('ETag'));
    is_deeply([$same->{status}, $same->{body}, $same->header('Location')], [304, '', $url], 'ME-04: If-None-Match: 304, with Location');
    is_scim_error($me->get('/Me', 'If-Match' => 'W/"99"'), 412, undef, 'ME-04: If-Match');
    my $head = $me->head('/Me');
    is_deeply([@$head{qw(status body)}, $head->header('Content-Length')], [200, '', $mine->header('Content-Length')], 'HEAD');
    is($me->get("/$_")->{status}, 200, "in any spelling: $_") for qw(me ME me/ /Me);
    is_scim_error($me->get("/Me/$_"), 404, undef, "nothing is below it: /Me/$_") for 'x', '.search', $u->{id};
};

subtest 'methods' => sub {
    is_scim_error($me->post('/Me', { schemas => [USER], userName => 'new@example.com' }), 501, undef, 'ME-06: POST: nobody can register');
    is_scim_error($s->post('/Me', '{'), 501, undef, '... whatever the token and the body');
    my $options = $me->options('/Me');
    is_deeply([$options->{status}, $options->header('Allow')], [204, 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'], 'OPTIONS');
    my $r = $me->request('FOO', '/Me');
    is_scim_error($r, 405, undef, 'a method that nobody knows');
    is($r->header('Allow'), 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS', '... Allow');
};

subtest 'who has no /Me' => sub {
    for my $method (qw(GET PUT PATCH DELETE)) {
        my $r = $s->request($method, '/Me', $method =~ /^P/ ? {} : undef);
        is_scim_error($r, 404, undef, "ME-05: $method with a token that stands for nobody");
        is_deeply(named($r), [undef, undef], '... and names nobody');
    }
    my $r = $s->get('/Me', Authorization => undef);
    is_scim_error($r, 401, undef, 'ME-05: no credentials');
    like($r->header('WWW-Authenticate'), qr/^Bearer realm="[^"]*"$/, 'SE-02: a challenge');
};

subtest 'writing' => sub {
    my $r = $me->patch('/Me', [{ op => 'replace', path => 'displayName', value => 'Patched' }]);
    is_deeply([$r->{status}, $r->{json}{displayName}], [200, 'Patched'], 'ME-04: PATCH');
    is_deeply(named($r), [$url, $url], 'ME-03: Location and Content-Location');
    is($s->get("/Users/$u->{id}")->{json}{displayName}, 'Patched', '... the user has it');
    my $stale = $me->patch('/Me', [{ op => 'replace', path => 'displayName', value => 'X' }], 'If-Match' => $u->{meta}{version});
    is_scim_error($stale, 412, undef, 'ME-04: PATCH with a stale If-Match');
    is($stale->header('Location'), $url, 'ME-03: any response has Location');
    my $body = $me->get('/Me')->{json};
    my $put = $me->put('/Me', { %$body, name => { givenName => 'Ada' } }, 'If-Match' => $body->{meta}{version});
    is_deeply([$put->{status}, $put->{json}{name}], [200, { givenName => 'Ada' }], 'ME-04: PUT with If-Match');
    is_deeply(named($put), [$url, $url], 'ME-03: PUT');
    my $again = $me->put('/Me', $put->{json});
    is_deeply([$again->{status}, $again->{json}], [200, $put->{json}], 'U-14: PUT of what was read changes nothing');
    is_scim_error($me->put('/Me', { schemas => [USER] }), 400, 'invalidValue', 'U-09: PUT needs what is required');
    is_scim_error($me->patch('/Me', { schemas => ['x'] }), 400, 'invalidSyntax', 'ME-04: PATCH that is none');
};

subtest 'what people may not change of themselves' => sub {
    my $body = $me->get('/Me')->{json};
    my %values = (
        userName => 'root@example.com', active => FALSE, roles => [{ value => 'admin' }], entitlements => [{ value => 'all' }], externalId => 'x',
        emails => [{ value => 'root@example.com' }], phoneNumbers => [{ value => '1' }], password => 'tr0ub4dor', userType => 'Boss', title => 'Boss',
        x509Certificates => [{ value => 'MAgwADAAAwIA/w==' }], ENTERPRISE . ':department' => 'Board', ENTERPRISE . ':manager' => { value => $u->{id} },
    );
    for my $name (sort keys %values) {
        my $value = $values{$name};
        for my $op ({ op => 'replace', path => $name, value => $value }, { op => 'add', path => $name, value => $value },
            $name =~ /:/ ? () : { op => 'replace', value => { $name => $value } }) {
            my $r = $me->patch('/Me', [$op, { op => 'replace', path => 'displayName', value => 'too' }]);
            is_scim_error($r, 403, undef, "ME-07: PATCH: $op->{op} $name");
            like($r->{json}{detail}, qr/^\Q$name\E(?:\.value)? cannot be changed through \/Me/, '... says the detail');
            is($r->header('Location'), $url, 'ME-03: any response has Location');
        }
        next if $name =~ /:/;
        is_scim_error($me->put('/Me', { %$body, $name => $value }), 403, undef, "ME-07: PUT: $name");
        next if $name !~ /^(?:roles|emails)$/;
        my %without = %$body;
        delete $without{$name};
        is_scim_error($me->put('/Me', \%without), 403, undef, "ME-07: PUT without $name");
        is_scim_error($me->patch('/Me', [{ op => 'remove', path => $name }]), 403, undef, "ME-07: PATCH: remove $name");
    }
    is_scim_error($me->put('/Me', { %$body, ENTERPRISE, { employeeNumber => '8' } }), 403, undef, 'ME-07: PUT: an extension');
    my %bare = %$body;
    delete $bare{ (ENTERPRISE) };
    is_scim_error($me->put('/Me', \%bare), 403, undef, 'ME-07: PUT without an extension');
    is_deeply($me->get('/Me')->{json}, $body, 'ME-07: nothing has changed');
    is($me->patch('/Me', [{ op => 'replace', path => 'roles', value => [{ value => 'clerk' }] }, { op => 'replace', path => 'nickName', value => 'N' }])->{status}, 200,
        'what stays as it is may be said');
    my $r = $me->patch('/Me', [{ op => 'add', path => 'groups', value => [{ value => $u->{id} }] }]);
    ok($r->{status} == 400 || !$me->get('/Me')->{json}{groups}, 'groups are read-only as ever');
};

subtest 'what a profile leaves to people' => sub {
    my $p = person();
    my $own = client($p, profile => 'test-me-open');

    for my $op ({ path => 'roles', value => [{ value => 'boss' }] }, { path => 'userName', value => "me-$$\@example.com" }, { path => 'password', value => 'new one 1' },
        { path => 'name.givenName', value => 'G' }, { path => ENTERPRISE . ':department', value => 'E' }) {
        status_is($own->patch('/Me', [{ op => 'replace', %$op }]), 200, "SCIMSelf names it: $op->{path}");
    }
    for my $op ({ path => 'displayName', value => 'D' }, { path => 'name.familyName', value => 'F' }, { path => 'name', value => { givenName => 'H', familyName => 'F' } },
        { path => ENTERPRISE . ':employeeNumber', value => '9' }) {
        is_scim_error($own->patch('/Me', [{ op => 'replace', %$op }]), 403, undef, "what an inherited SCIMSelf named is not meant any more: $op->{path}");
    }
    is(scalar $s->sql('select password <> ? from scim.resource where id = ?', '', $p->{id}), 't', 'the password was set');
};

subtest 'DELETE' => sub {
    my $p = person();
    my $own = client($p);
    is_scim_error($own->delete('/Me', 'If-Match' => 'W/"99"'), 412, undef, 'ME-04: If-Match');
    is_scim_error($own->delete('/Me', 'If-None-Match' => $p->{meta}{version}), 412, undef, 'ME-04: If-None-Match');
    my $r = $own->delete('/Me');
    is_deeply([@$r{qw(status body)}, $r->header('Location')], [204, '', $p->{meta}{location}], 'ME-04: DELETE');
    is_scim_error($s->get("/Users/$p->{id}"), 404, undef, '... the user is gone');

    $p = person();
    $own = client($p, profile => 'test-me-open');
    is($own->delete('/Me')->{status}, 204, 'DELETE that disables');
    is($s->get("/Users/$p->{id}")->{json}{active}, FALSE, '... and has');
    is_scim_error($own->get('/Me'), 401, undef, 'ME-08: that was the end');

    $p = person();
    is_scim_error(client($p, profile => 'test-me-none')->delete('/Me'), 403, undef, 'DELETE that is refused');
    is($s->get("/Users/$p->{id}")->{status}, 200, '... has done nothing');
};

# The token is remembered for 300 seconds here.
subtest 'deleted and inactive people' => sub {
    for my $end (['inactive', sub { $s->patch("/Users/$_[0]{id}", [{ op => 'replace', path => 'active', value => FALSE }]) }],
        ['deleted', sub { $s->delete("/Users/$_[0]{id}") }]) {
        my ($state, $do) = @$end;
        my $p = person();
        my $own = client($p);
        is($own->get('/Me')->{status}, 200, 'first he is there');
        $do->($p);
        for my $request (['GET'], ['PATCH', [{ op => 'replace', path => 'displayName', value => 'X' }]], ['PUT', $p], ['DELETE']) {
            my ($method, $body) = @$request;
            my $r = $method eq 'PATCH' ? $own->patch('/Me', $body) : $own->request($method, '/Me', $body);
            is_scim_error($r, 401, undef, "ME-08: $state: $method, at once");
            like($r->header('WWW-Authenticate') // '', qr/error="invalid_token"/, 'SE-03: a challenge');
            is_deeply(named($r), [undef, undef], '... and no word of where he was');
        }
        my $r = $own->at('/uncached/v2')->get('/Users');
        is_scim_error($r, 401, undef, "ME-08: $state: nor is the token good for anything else, once it is looked up again");
        like($r->header('WWW-Authenticate') // '', qr/error="invalid_token"/, 'SE-03: a challenge');
        ok($server->logged(qr/SCIM103: 401 .*a token of a user who is \Q$state\E/, 'error_log'), '... the log says why');
    }
    ok($server->logged(qr/SCIM103: 401 .*a token of a user who is deleted or inactive/, 'error_log'), '... also of what was looked up');
    my $p = person();
    my $own = client($p);
    $s->patch("/Users/$p->{id}", [{ op => 'replace', path => 'active', value => FALSE }]);
    is_scim_error($own->get('/Me'), 401, undef, 'ME-08: inactive from the beginning');
    $s->patch("/Users/$p->{id}", [{ op => 'replace', path => 'active', value => TRUE }]);
    is($own->at('/uncached/v2')->get('/Me')->{status}, 200, 'active again');
    my $g = $s->group(displayName => 'No person');
    is_scim_error(client($g)->get($_), 401, undef, "a group is no person: $_") for '/Me', '/Users';
    my $other = $server->scim('default');
    my $stranger = $other->user;
    is_scim_error(client($stranger)->get($_), 401, undef, "SE-16: nor is a user of another tenant: $_") for '/Me', '/Users';
};

subtest 'what a token may do' => sub {
    my $only = client($u, read_endpoints => '{/Me}', write_endpoints => '{/Me}');
    is($only->get('/Me')->{status}, 200, 'SE-10: for /Me: reads it');
    is($only->patch('/Me', [{ op => 'replace', path => 'nickName', value => 'Only' }])->{status}, 200, '... and writes it');
    for my $r ($only->get("/Users/$u->{id}"), $only->get('/Users'), $only->get('/Groups'), $only->patch("/Users/$u->{id}", []),
        $only->get('/'), $only->post('/.search', { schemas => [ScimTest::SEARCH] })) {
        is_scim_error($r, 403, undef, 'SE-10: but nothing else, not even by the permanent URL');
        like($r->header('WWW-Authenticate') // '', qr/error="insufficient_scope"/, 'SE-04: a challenge');
    }
    my $users = client($u, read_endpoints => '{/Users}', write_endpoints => '{/Users}');
    my $r = $users->get('/Me');
    is_scim_error($r, 403, undef, 'a token for /Users: not /Me');
    is_deeply(named($r), [undef, undef], '... nor who that is');
    my $reader = client($u, rights => '{read}');
    is($reader->get('/Me')->{status}, 200, 'a token for reading: reads');
    is_scim_error($reader->patch('/Me', [{ op => 'replace', path => 'nickName', value => 'R' }]), 403, undef, '... and no more');
    is($reader->get("/Users/$u->{id}")->{status}, 200, 'its rights elsewhere are those of any token');
};

subtest 'profiles' => sub {
    is_scim_error(client($u, profile => 'test-me-off')->request($_, '/Me', /^P/ ? {} : undef), 501, undef, "ME-01: SCIMMe off: $_") for qw(GET POST PUT PATCH DELETE);
    is_scim_error(client($u, profile => 'test-me-nobody')->get('/Me'), 501, undef, 'ME-01: no users: 501');
    is(client($u, profile => 'test-me-none')->get('/Me')->header('Location'), $s->base . "/People/$u->{id}", 'ME-03: where the profile has users');
    is(client($u, profile => 'rfc')->get('/Me')->{status}, 200, 'rfc');
};

# ---- scimctl ----

subtest 'scimctl' => sub {
    my ($t, $p) = ($s->tenant, person());
    my $with = sub { my ($token, $path) = @_; return $s->get($path, Authorization => "Bearer $token")->{status} };
    my $create = sub { my $token = $s->scimctl('token', 'create', $t, '--quiet', @_); chomp $token; return $token };
    my $by_name = $create->('--user', uc $p->{userName});
    is_deeply([map { $with->($by_name, $_) } '/Me', '/Users', "/Users/$p->{id}"], [200, 403, 403], '--user NAME: for /Me alone');
    my $by_id = $create->('--user', $p->{id}, '--endpoint', '/me', '--endpoint', '/groups');
    is_deeply([map { $with->($by_id, $_) } '/Me', '/Groups', '/Users'], [200, 200, 403], '--user ID, with --endpoint');
    is($s->get('/Me', Authorization => "Bearer $by_id")->{json}{id}, $p->{id}, '... who it is');
    my $reader = $create->('--user', $p->{id}, '--read-only');
    is($s->patch('/Me', [{ op => 'replace', path => 'nickName', value => 'x' }], Authorization => "Bearer $reader")->{status}, 403, '--user with --read-only');
    my $json = JSON::PP->new;
    my $made = $json->decode($s->scimctl('token', 'create', $t, '--json', '--user', $p->{id}, '--name', 'pocket'));
    is_deeply([@$made{qw(user readEndpoints writeEndpoints)}], [$p->{id}, ['/Me'], ['/Me']], '--json');
    my ($listed) = grep { $_->{name} eq 'pocket' } @{ $json->decode($s->scimctl('token', 'list', $t, '--json')) };
    is($listed->{user}, $p->{id}, 'token list --json');
    like($s->scimctl('token', 'list', $t), qr/^\d+ .* \Q$p->{id}\E .* pocket$/m, 'token list');
    my ($unbound) = grep { $_->{name} ne 'pocket' && !$_->{user} } @{ $json->decode($s->scimctl('token', 'list', $t, '--json')) };
    ok($unbound && exists $unbound->{user}, '... of a token that stands for nobody: null');
    for my $case (['nobody', qr/has no user "nobody"/, '--user', 'nobody'], ['an id of nobody', qr/has no user "01890000/, '--user', '01890000-0000-7000-8000-000000000000'],
        ['no name', qr/has no user ""/, '--user', ''],
        ['/Me without --user', qr/stands for a user: say --user/, '--endpoint', '/Me'], ['to be read', qr/say --user/, '--endpoint', '/Users', '--read-endpoint', '/ME']) {
        my ($what, $message, @options) = @$case;
        my ($status, undef, $err) = $s->scimctl_try('token', 'create', $t, @options);
        is($status, 1, "--user: $what");
        like($err, $message, '... says why');
    }
    my $twin = person(userName => "fin-$$\@example.com");
    is($with->($create->('--user', "\xef\xac\x81n-$$\@example.com"), '/Me'), 200, 'as the names are compared');
    $twin = $s->at('/rfc/v2')->user(userName => "nik\x{3bf}\x{3c2}");
    is($with->($create->('--user', "NIK\xce\xbf\xcf\x82"), '/Me'), 200, '... by another profile, too');
};

$server->is_written_back;
$server->stop;
done_testing;
