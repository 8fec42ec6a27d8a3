# HTTP (H-01 to H-29): media types, methods, errors, query strings. Bodies that are no JSON are in badinput.t.
use strict;
use warnings;

use Test::More;
use ScimTest qw(USER GROUP uri is_scim_error);
use ScimTest::Fixtures;

my $s = ScimTest->new;
my $rfc = $s->at('/rfc/v2');
my $u = $s->user(userName => 'a+b@x.org', displayName => "\x{e9}t\x{e9}");
my $path = "/Users/$u->{id}";
my $scim = qr{^application/scim\+json\b};
my $serial = 0;
my $body = sub { return { schemas => [USER], userName => 'h' . ++$serial . '@example.com', @_ } };

# ---- media types (H-01 to H-05) ----

for my $case (['a resource', $path, 200], ['a list', '/Users', 200], ['a missing resource', '/Users/nope', 404],
    ['a bad filter', '/Users?filter=x', 400], ['discovery', '/Schemas', 200]) {
    my $r = $s->get($case->[1]);
    like($r->header('Content-Type'), $scim, "H-01, MS-29: $case->[0]");
    is($r->{status}, $case->[2], "H-01: $case->[0]: $case->[2]");
}
like($s->get('/Users', Authorization => undef)->header('Content-Type'), $scim, 'H-01: 401');
for my $case ([undef, $scim], ['*/*', $scim], ['application/scim+json', $scim], ['application/*', $scim],
    ['application/scim+json, application/json;q=0.9', $scim], ['text/html, */*', $scim], ['application/json, application/*;q=0.5', $scim],
    ['application/json, */*;q=0.5', $scim], ['application/json', qr{^application/json\b}],
    ['application/json; charset=utf-8', qr{^application/json\b}], ['text/html', qr{^application/(?:scim\+)?json\b}],
        ['nonsense', qr{^application/(?:scim\+)?json\b}], ['application/json, application/scim+json', $scim], ['application/json, */*;q=0.1', $scim],
        ['application/json, application/*', $scim], ["application/json\t;q=1", qr{^application/json\b}], ['application/yaml', $scim],
        ['application/yaml, application/json', qr{^application/json\b}], ['application/json;q=0', $scim], ['application/json; Q=0.000', $scim],
        ['application/json ; x=y ;q=0 , text/html', $scim], ['application/json;q=0.001', qr{^application/json\b}], ['application/json;q=', qr{^application/json\b}],
        ['application/scim+json;q=0, application/json', qr{^application/json\b}], ['application/scim+json;q=0,*/*', qr{^application/json\b}],
        ['application/json, */*;q=0', qr{^application/json\b}], ['application/json, application/*;q=0.0, */*', qr{^application/json\b}],
        ['application/json;q=0, */*', $scim], ['application/scim+json;q=0', $scim], ['application/json;q=0.9, application/scim+json;q=0.1', $scim]) {
    my ($accept, $type) = @$case;
    my $r = $s->get($path, Accept => $accept);
    my $title = 'Accept ' . ($accept // 'absent');
    is($r->{status}, 200, "H-02, H-03: $title");
    like($r->header('Content-Type'), $type, "H-02, rule 4: $title: type of the answer");
}
like($rfc->get($path, Accept => 'application/json')->header('Content-Type'), $scim, 'H-01: rfc: always application/scim+json');
is_scim_error($s->get('/Users/nope', Accept => 'application/json'), 404, undef, 'rule 4: an error in application/json');
my $media = $s->at('/media/v2');
for my $r (map { $media->get($path, Accept => $_) } 'application/scim+json', '*/*', undef) {
    is_deeply([$r->{status}, $r->header('Content-Type') =~ s/;.*//r, $r->header('Vary')], [200, 'application/json', undef], 'SCIMMediaType json: always application/json');
}
is($media->get('/Users/nope')->header('Content-Type') =~ s/;.*//r, 'application/json', 'SCIMMediaType json: errors too');
# What httpd itself refuses, knowing the Location or not yet.
for my $case ([$media, qr{^application/json$}, ''], [$rfc, qr{^application/scim\+json$}, ''], [$s, qr{^application/(?:scim\+)?json$}, 'Accept']) {
    my ($t, $type, $vary) = @$case;
    my ($at, $long) = ($t->base =~ s{^\w+://[^/]*}{}r, 'x' x 9000);
    for my $refused (
        [404, 'a path with an encoded slash', "GET $at/%2f HTTP/1.1\r\nHost: x"], [405, 'TRACE', "TRACE $at/Users HTTP/1.1\r\nHost: x"],
        [400, 'a request line of too many words', "GET $at/Users x HTTP/1.1\r\nHost: x"],
        [400, 'a request line with a character that is none', "GET $at/Us\x01ers HTTP/1.1\r\nHost: x"],
        [400, 'a request without Host', "GET $at/Users HTTP/1.1"], [400, 'a bad header', "GET $at/Users HTTP/1.1\r\nHost: x\r\nbad header: x"],
        [400, 'a header that is too long', "GET $at/Users HTTP/1.1\r\nHost: x\r\nX: $long"],
        [414, 'a URL that is too long', "GET $at/Users?filter=$long HTTP/1.1\r\nHost: x"],
        [414, 'an absolute URL that is too long', "GET http://x$at/Users?filter=$long HTTP/1.1\r\nHost: x"],
        [417, 'an expectation that nobody has', "GET $at/Users HTTP/1.1\r\nHost: x\r\nExpect: wonders"],
        [403, 'Require', "GET $at/Groups/closed HTTP/1.1\r\nHost: x"], [404, 'a Location inside with another handler', "GET $at/Groups/files HTTP/1.1\r\nHost: x"],
        [403, 'Limit', "DELETE $at/Groups/limited HTTP/1.1\r\nHost: x"],
        [413, 'LimitRequestBody', "PUT $at/Groups/limited HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${\$t->token}\r\nContent-Length: 5000"],
    ) {
        my ($status, $title, $request) = @$refused;
        my $r = $t->raw("$request\r\nAccept: application/json\r\n\r\n" . ($status == 413 ? ' ' x 5000 : ''));
        is_scim_error($r, $status, undef, "$at, refused by httpd: $title");
        like(($r->header('Content-Type') // '') =~ s/;.*//r, $type, '... its media type');
        is($r->header('Vary') // '', $vary, '... and Vary');
    }
}
my $elsewhere = $s->raw('GET /' . 'x' x 9000 . " HTTP/1.1\r\nHost: x\r\n\r\n");
is_deeply([$elsewhere->{status}, $elsewhere->header('Content-Type') =~ s/;.*//r], [414, 'text/html'], 'a URL that is too long and none of a Location: as usual');
for my $type ('application/scim+json', 'application/json', 'application/scim+json; charset=utf-8', 'application/json;charset=UTF-8',
    'APPLICATION/SCIM+JSON', 'Application/Json ; charset="utf-8"', 'application/json;x=y; charset=us-ascii', 'application/json;', undef, '',
    map { "application/json; $_" } 'charset=', 'charset=""', 'charset=;x=y', 'charset=ascii', "charset='utf-8'", 'charset= utf-8',
        'charset=utf-8,application/json', 'charset=UTF-8, application/json; charset=UTF-8', 'x="a;charset=latin1"; charset=utf-8',
        'x="a\\";charset=latin1"', 'x="', 'x="\\', 'xcharset=latin1', 'charset') {
    status_is($s->post('/Users', $body->(), 'Content-Type' => $type), 201, 'H-04, rule 3: Content-Type ' . ($type // 'absent'));
}
is_scim_error($s->post('/Users', $body->(), 'Content-Type' => $_), 415, undef, "H-05: $_")
    for map({ "application/scim+json; charset=$_" } 'utf-16', '"UTF-16LE"', 'iso-8859-1', 'utf-80', 'utf', q('utf-16'), ' utf-16',
        '; charset=utf-16', 'iso-8859-1,application/json'), map { "application/json;$_" } 'x=y ; CharSet=utf-32', 'x="a;b"; charset=latin1',
        'x="\\\\";charset=latin1';
is_scim_error($s->post('/Users', $body->(), 'Content-Type' => $_), 415, undef, "H-05: $_, as long as a type that is taken")
    for 'application/xhtml+xml', 'application/yaml', 'application/jsonx';
is_scim_error($_->post('/Users', $body->(), 'Content-Type' => 'text/xml'), 415, undef, 'H-05: ' . $_->base =~ s{.*//[^/]+}{}r) for $s, $rfc;

# ---- errors (H-06 to H-12) ----

my @errors = ($s->get('/Users/nope'), $s->get('/NoSuchEndpoint'), $s->get('/Users?filter=x'), $s->post('/Users', '{'),
    $s->put('/Users', {}), $s->post('/Users', $body->(userName => $u->{userName})));
my %registered = map { $_ => 1 } qw(invalidFilter tooMany uniqueness mutability invalidSyntax invalidPath noTarget invalidValue invalidVers
    sensitive);
for my $r (@errors) {
    like($r->{body}, qr/"status":\s*"$r->{status}"/, "H-06, RX-20: status $r->{status} is a string");
    ok(!defined $r->{json}{scimType} || $registered{ $r->{json}{scimType} }, "H-07: $r->{status}: scimType " . ($r->{json}{scimType} // 'none'));
}
is_scim_error($errors[1], 404, undef, 'H-08: an unknown endpoint');
is_scim_error($s->get($_), 404, undef, "MS-30: $_, in the singular") for qw(/User /Group);
is_scim_error($s->post('/Users', '{'), 400, 'invalidSyntax', 'H-11: no JSON');
is_scim_error($s->put('/Users/01890000-0000-7000-8000-000000000000', $body->()), 404, undef, 'H-13: PUT never creates');

# ---- methods (H-14, H-15) ----

for my $case (['PUT', '/Users', 'GET HEAD POST'], ['DELETE', '/Users', 'GET HEAD POST'], ['PATCH', '/Groups', 'GET HEAD POST'],
    ['POST', $path, 'DELETE GET HEAD PATCH PUT'], ['FOO', $path, 'DELETE GET HEAD PATCH PUT']) {
    my ($method, $at, $allowed) = @$case;
    my $r = $s->request($method, $at, $method =~ /^P/ ? {} : undef);
    is_scim_error($r, 405, undef, "H-14: $method $at");
    is(join(' ', sort grep { $_ ne 'OPTIONS' } split /\s*,\s*/, $r->header('Allow') // ''), $allowed, "H-14: $method $at: Allow");
}
my $trace = $s->request('TRACE', '/Users');
is_scim_error($trace, 405, undef, 'TRACE');
is($trace->header('Allow') // '', 'GET, HEAD, POST, OPTIONS', 'TRACE: Allow');
for my $at ($path, '/Users', '/Users' . uri(filter => 'userName pr'), '/ServiceProviderConfig', '/Schemas', '/Users/nope') {
    my ($get, $head) = ($s->get($at), $s->head($at));
    is_deeply([$head->{status}, $head->{body}, map({ $head->header($_) } qw(Content-Type ETag Content-Length))],
        [$get->{status}, '', map { $get->header($_) } qw(Content-Type ETag Content-Length)],
        "H-15: HEAD $at");
}
# A range of what a write answers would say that it failed, or how it ended for a part of it alone.
my $ranged = $s->user;
my $one = "/Users/$ranged->{id}";
for my $range ('bytes=0-3', 'bytes=-5', 'bytes=0-1,4-5', 'bytes=1000000-') {
    my $patch = { op => 'replace', path => 'title', value => "Range $range" };
    for my $case (['GET', $one], ['HEAD', $one], ['GET', '/Users'], ['GET', '/Schemas'], ['PUT', $one, $ranged], ['PATCH', $one, { schemas => [ScimTest::PATCHOP], Operations => [$patch] }],
        ['POST', '/.search', { schemas => [ScimTest::SEARCH], count => 1 }],
        ['POST', '/Bulk', { schemas => ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations => [{ method => 'DELETE', path => '/Users/nope' }] }]) {
        my ($method, $at, $data) = @$case;
        my $r = $s->request($method, $at, $data, Range => $range, 'Request-Range' => $range);
        is_deeply([$r->{status}, $r->header('Content-Range'), $method eq 'HEAD' ? 'none' : ref $r->{json}], [200, undef, $method eq 'HEAD' ? 'none' : 'HASH'],
            "H-09, H-15: $method $at, Range $range: the answer is whole");
    }
}
my $options = $s->options($path);
ok($options->{status} == 200 || $options->{status} == 204, "OPTIONS: $options->{status}");
like($options->header('Allow') // '', qr/\bPATCH\b/, 'OPTIONS: Allow');

# ---- caches between ----

is($s->get($path, Accept => $_)->header('Vary') // '', 'Accept', "Vary: a reply to $_") for 'application/json', 'application/scim+json';
is($s->get($path, 'If-None-Match' => $s->get($path)->header('ETag'))->header('Vary') // '', 'Accept', 'Vary: 304');
is($s->get('/Users/nope')->header('Vary') // '', 'Accept', 'Vary: an error');
is($s->request('TRACE', '/Users')->header('Vary') // '', 'Accept', "Vary: an error of httpd's");
is($rfc->get('/Users')->header('Vary') // '', '', 'Vary: not where the profile has one media type');

# ---- URLs (H-16 to H-20, H-23; rule 1) ----

is_scim_error($s->get("/Users/$_"), 404, undef, "H-16: id $_") for qw(not-a-uuid %00 %2e%2e 1 -1 null), 'x' x 500;
is($s->get($_)->{status}, 200, "H-17, rule 1: $_")
    for '/Users?foo=bar', '/Users?', '/Users?&', '/Users?filter=userName+pr&', '/Users?aadOptscim062020', '/Users?aadOptscim062020&count=1',
        '/Users?AzureAdScimPatch062020', "$path?x", '/Users?=', '/Users?=x&&&y', '/users', '/USERS', '/Users/',
    '//Users', '//Users//', "//Users//$u->{id}", "$path/", "/uSERS/$u->{id}";
is($s->at('/scim/v2/')->get("/Users/$u->{id}")->{status}, 200, 'rule 1: a base URL with a slash at the end');
ok($s->get('/v9/Users')->{status} =~ /^4/, 'H-18: a version that is not there');
my $unversioned = $s->at('/api/scim');
is_deeply([map { $_->{schemas}[0] } @{ $unversioned->get('/Users?count=1')->{json}{Resources} }], [USER], 'H-19: a base URL without a version: the newest is served');
is($unversioned->get("/Users/$u->{id}")->{json}{meta}{location}, $unversioned->base . "/Users/$u->{id}", 'H-19: and stays without one');
for my $at ('', '/', '/Users/', '//Users', '/users', '/Me', '/me/', "$path/", '/Schemas/', '/ServiceProviderConfig/', '/Users/nope', '/nope') {
    my @redirected = grep { $s->request($_, $at, /^P/ ? {} : undef)->{status} =~ /^3/ } qw(GET HEAD POST PUT PATCH OPTIONS);
    is("@redirected", '', "H-10: no redirect, which clients might follow by another method: " . ($at || 'the base URL'));
}
for my $case (['+ for space', 'filter=userName+eq+%22a%2Bb%40x.org%22', 1], ['%20 for space', 'filter=userName%20eq%20%22a%2Bb%40x.org%22',
    1], ['a raw plus sign is a space', 'filter=userName+eq+%22a+b%40x.org%22', 0],
    ['raw quotes and @', 'filter=userName+eq+"a%2Bb@x.org"', 1], ['raw brackets', 'filter=emails[type+eq+"work"]', 0],
    ['all escaped', join('', 'filter=', map { sprintf '%%%02x', ord } split //, 'userName eq "a+b@x.org"'), 1],
    ['name of the parameter escaped', '%66ilter=userName+eq+%22a%2Bb%40x.org%22', 1], ['UTF-8', 'filter=displayName+eq+%22%C3%A9t%C3%A9%22', 1]) {
    my ($title, $query, $total) = @$case;
    my $r = $s->get("/Users?$query");
    is_deeply([$r->{status}, ($r->{json} // {})->{totalResults}], [200, $total], "H-20, I-12, rule 2: $title");
}

# ---- status lines and framing (H-21, H-22) ----

my $created = $s->post('/Users', $body->());
my $url = $created->{json}{meta}{location};
my $named = sub { return [map { $_[0]->header($_) } qw(Location Content-Location)] };
is_deeply($named->($created), [$url, $url], 'H-21, C-15, P-01: Location and Content-Location on 201 are meta.location');
is($s->get($url)->{json}{id}, $created->{json}{id}, 'C-15: where it is');
my $tag = $created->header('ETag');
for my $case (['GET', $s->get($url)], ['GET, a part', $s->get("$url?attributes=userName")], ['304', $s->get($url, 'If-None-Match' => $tag)], ['PUT', $s->put($url, $created->{json})],
    ['PATCH', $s->patch($url, [{ op => 'add', path => 'title', value => 'T' }])], ['PATCH, nothing new', $s->patch($url, [{ op => 'add', path => 'title', value => 'T' }])]) {
    is_deeply($named->($case->[1]), [undef, $url], "C-15, RX-16: $case->[0]: Content-Location is meta.location");
}
my $crew = $s->post('/Groups?excludedAttributes=members', { schemas => [GROUP], displayName => 'Crew', members => [{ value => $u->{id} }] });
is_deeply($named->($crew), [($crew->{json}{meta}{location}) x 2], 'H-21: of a group that is made without showing its members');
is_deeply($named->($s->get("/Groups/$crew->{json}{id}")), [undef, $crew->{json}{meta}{location}], 'C-15: of a group with members');
is_deeply($named->($_), [undef, undef], 'C-15: no single resource, no Content-Location')
    for $s->get('/Users?count=1'), $s->patch("/Groups/$crew->{json}{id}", [{ op => 'remove', path => 'members' }]), $s->get('/Users/nope'),
        $s->put($url, $created->{json}, 'If-Match' => 'W/"99"');
my $deleted = $s->delete("/Users/$created->{json}{id}");
is_deeply([$deleted->{status}, $deleted->{body}, $deleted->header('Content-Length') || 0], [204, '', 0], 'H-22: 204 has no body');
my $same = $s->get($path, 'If-None-Match' => $u->{meta}{version});
is_deeply([$same->{status}, $same->{body}], [304, ''], 'H-22: 304 has no body');

# ---- bodies ----

is($s->post('/Users', "\xef\xbb\xbf" . qq({"schemas":["@{[USER]}"],"userName":"bom\@example.com"}))->{status}, 201,
    'H-25: a BOM at the start is skipped');
unlike($s->get($path)->{body}, qr/^\xef\xbb\xbf/, 'H-25: and never sent');
my $text = qq({"schemas":["@{[USER]}"],"userName":"chunked\@example.com"});
my $chunks = join '', map({ sprintf "%x\r\n%s\r\n", length, $_ } $text =~ /(.{1,7})/gs), "0\r\n\r\n";
status_is($s->request('POST', '/Users', $chunks, 'Transfer-Encoding' => 'chunked'), 201, 'H-04: a body in chunks');
status_is($s->post('/Users', " \r\n\t" . qq({ "schemas" : [ "@{[USER]}" ] , "userName" : "blanks\@example.com" }) . "\n\n"), 201,
    'H-26: white space');
status_is($s->post('/Users', $body->(shoeSize => { a => [1, 2, { b => undef }] }, z => '9' x 400)), 201, 'P-12: unknown attributes of any kind');

done_testing;
