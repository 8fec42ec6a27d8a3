# Secrets, injection, hosts, caches (SE-11 to SE-26). Credentials, rights and tenants are in 01-auth.t, logs in 99-log.t.
use strict;
use warnings;

use Test::More;
use ScimTest qw(USER GROUP uri is_scim_error);
use ScimTest::Fixtures;
use ScimTest::Parallel;
use Time::HiRes qw(time);

my $s = ScimTest->new;
my $secret = 'Sup3r-secret-Passw0rd';
my $u = $s->user(userName => 'kim@example.com', password => $secret);
my $path = "/Users/$u->{id}";

# ---- passwords (SE-12 to SE-14, I-04) ----

my @answers = ($s->get($path), $s->get('/Users'), $s->get("$path?attributes=password"), $s->get("$path?excludedAttributes=userName"),
    $s->put($path, { schemas => [USER], userName => 'kim@example.com', password => $secret }),
    $s->patch($path, [{ op => 'replace', path => 'password', value => $secret }]),
    $s->patch($path, [{ op => 'replace', value => { password => $secret } }]),
    $s->post('/Users', { schemas => [USER], userName => 'kim@example.com', password => $secret }),
    $s->patch($path, [{ op => 'replace', path => "x[$secret" , value => $secret }]), $s->get('/Users' . uri(filter => qq(password eq "$secret"))),
    $s->post('/Users', qq({"schemas":["@{[USER]}"],"userName":"p\@example.com","password":"$secret"x)),
        $s->get('/Users' . uri(sortBy => 'password')));
for my $i (0 .. $#answers) {
    my $allowed = $i == 8 ? qr/(?!)/ : qr/\Q$secret\E|\$y\$/;
    unlike($answers[$i]{body}, $allowed, "SE-12: answer $i ($answers[$i]{status}) shows no password and no hash");
    my $json = $answers[$i]{json} // {};
    is(scalar(grep { exists $_->{password} } $json, @{ $json->{Resources} // [] }), 0, "SE-12: answer $i has no member password");
}
my $other = $s->user(password => $secret);
my @hashes = map { scalar $s->sql('select password from scim.resource where id = ?', $_) } $u->{id}, $other->{id};
like($_, qr{^\$y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{22}\$[./A-Za-z0-9]{43}$}, 'SE-13: yescrypt') for @hashes;
isnt($hashes[0], $hashes[1], 'SE-13: salted: equal passwords differ');
is(crypt($secret, $hashes[0]), $hashes[0], 'SE-13: the hash is that of the password');
isnt(crypt(uc $secret, $hashes[0]), $hashes[0], 'I-04: in its own letter case only');
is($s->sql('select count(*) from scim.resource where doc::text like ? or folded::text ilike ?', "%$secret%", "%$secret%"), 0,
    'SE-13: nowhere in clear');
is_scim_error($s->get('/Users' . uri(filter => $_)), 400, 'invalidFilter', "SE-14: $_")
    for qq(password eq "$secret"), 'password eq "wrong"', 'password pr', 'userName pr and password ne "x"';
is_scim_error($s->post('/Users', { schemas => [USER], userName => 'q@example.com', password => '' }), 400, 'invalidValue',
    'I-04: an empty password');
my $hash_of = sub { return scalar $s->sql('select password from scim.resource where id = ?', $_[0]{id}) };
my $long = $s->user(password => 'x' x 510 . 'y');
my $setting = $hash_of->($long);
is(crypt('x' x 510 . 'y', $setting), $setting, 'SE-13: 511 bytes of a password count');
isnt(crypt('x' x 510 . 'z', $setting), $setting, 'SE-13: the last one too');
is_scim_error($s->post('/Users', { schemas => [USER], userName => 'q@example.com', password => 'x' x 512 }), 400, 'invalidValue',
    'a longer one is refused');
is($s->get('/Users' . uri(filter => 'userName eq "q@example.com"'))->{json}{totalResults}, 0, '... and makes no user');

# A hash is made once for a request, however often the write is tried again, and nobody waits for it with a connection in hand.
my $started = time;
is_deeply(in_parallel(16, sub { my ($i) = @_; persist(sub { $s->patch($path, [{ op => 'replace', path => 'password', value => "Passw0rd-$i" }]) }) }),
    { 200 => 16 }, 'sixteen password changes of one user at once');
my $took = time - $started;
cmp_ok($took, '<', 15, "... take the time of sixteen hashes, not of all their attempts: $took s");
my $now = $hash_of->($u);
is(scalar(grep { crypt("Passw0rd-$_", $now) eq $now } 0 .. 15), 1, '... and one of them holds');

# ---- tenants (SE-11, SE-16, SE-17) ----

my $t = ScimTest->new;
my $mine = $t->user(userName => 'kim@example.com');
my $group = $s->group(displayName => 'G', members => [$u->{id}]);
for my $request (['GET', $path], ['PUT', $path, { schemas => [USER], userName => 'z' }],
    ['PATCH', $path, { schemas => [ScimTest::PATCHOP], Operations => [{ op => 'remove', path => 'title' }] }], ['DELETE', $path],
    ['GET', "/Groups/$group->{id}"],
    ['DELETE', "/Groups/$group->{id}"],
        ['PATCH', "/Groups/$group->{id}", { schemas => [ScimTest::PATCHOP], Operations => [{ op => 'remove', path => 'members' }] }]) {
    is_scim_error($t->request(@$request), 404, undef, "SE-11, SE-16: $request->[0] of what another tenant has");
}
is(names($t->get('/Users' . uri(filter => $_))), 'kim@example.com', "SE-16: $_ finds one's own only")
    for 'userName eq "kim@example.com"', 'userName pr', 'title eq null or title ne null', 'userName pr or userName pr';
is(names($t->get('/Users' . uri(filter => qq(id eq "$u->{id}")))), '', 'SE-16: an id of another tenant');
is(names($t->get('/Users' . uri(filter => qq(id eq "$u->{id}" or id eq "$mine->{id}")))), 'kim@example.com', 'SE-16: both ids');
is(names($t->get('/Users' . uri(filter => qq(groups.value eq "$group->{id}")))), '', 'SE-16: members of a group of another tenant');
my $theirs = $t->group(displayName => 'G');
is($t->patch("/Groups/$theirs->{id}", [{ op => 'add', path => 'members', value => [{ value => $u->{id} }] }])->{status}, 204,
    'SE-16: a member of another tenant is unknown, and skipped');
is(reread($t, $theirs)->{members}, undef, 'SE-16: and no member');
is_scim_error($t->at('/rfc/v2')->patch("/Groups/$theirs->{id}", [{ op => 'add', path => 'members', value => [{ value => $u->{id} }] }]),
    400, 'invalidValue', 'SE-16: refused where unknown members are');
is_deeply([reread($s, $group), reread($s, $u)->{groups}[0]{value}], [reread($s, $group), $group->{id}], 'SE-16: the other tenant has what it had');
my %seen;
$seen{ substr $_, 19 }++ for map { $s->user->{id} } 1 .. 50;
is(scalar keys %seen, 50, 'SE-17: the random part of ids differs');

# ---- injection (SE-18) ----

for my $text (q(x' OR '1'='1), q('; drop table scim.resource cascade; --), q(x"; select 1), '<script>alert(1)</script>',
    "a\r\nSet-Cookie: x=y", '${jndi:ldap://x}', '%s%s%n', '../../etc/passwd', "\\'; --", '$.emails[*] ? (@.x == 1)', 'a\"b', "{}[]()") {
    my $made = $s->user(displayName => $text, emails => [{ value => $text, type => $text }], externalId => $text);
    my $r = $s->get("/Users/$made->{id}");
    is_deeply([$r->{json}{displayName}, $r->{json}{emails}[0]{value}, $r->{json}{externalId}], [$text, $text, $text],
        'SE-18: data comes back as sent: ' . ($text =~ s/[\r\n]/./gr));
    my $literal = JSON::PP->new->allow_nonref->encode($text);
    is_deeply(ids($s->get('/Users' . uri(filter => $_))->{json}{Resources}), [$made->{id}], 'SE-18: and is found as text')
        for "displayName eq $literal", "externalId eq $literal", "emails.value eq $literal",
            "emails[type eq $literal and value sw $literal]", "displayName co $literal";
    is($r->header('Set-Cookie'), undef, 'SE-18: no header is made from it');
}

# ---- hosts (SE-19) ----

for my $host ('evil.example', 'evil.example:80', 'x" onload="', '[::1]', 'EVIL') {
    my $r = $s->get($path, Host => $host, 'X-Forwarded-Host' => 'evil.example', 'X-Forwarded-Proto' => 'https', Forwarded => 'host=evil.example');
    ok($r->{status} =~ /^4/ || ($r->{json}{meta}{location} // '') eq $s->base . $path, "SE-19: Host $host: $r->{status}, locations do not follow");
}
my $made = $s->post('/Users', { schemas => [USER], userName => 'host@example.com' }, Host => 'evil.example');
is($made->header('Location'), $s->base . "/Users/$made->{json}{id}", 'SE-19: Location does not follow Host');
unlike($s->get("/Groups/$group->{id}", Host => 'evil.example')->{body}, qr/evil/, 'SE-19: nor $ref');
unlike($s->get('/Schemas', Host => 'evil.example')->{body}, qr/evil/, 'SE-19: nor the locations of schemas');

# ---- caches and other headers (SE-22, SE-23) ----

for my $r ($s->get($path), $s->get('/Users'), $s->get('/Users/nope'),
    $s->post('/Users', { schemas => [USER], userName => 'cache@example.com' }), $s->get($path, Authorization => undef)) {
    like($r->header('Cache-Control') // '', qr/\b(?:no-store|private)\b/, "SE-22: Cache-Control of $r->{status}");
    is($r->header('Set-Cookie'), undef, 'SE-23: no cookies');
}
is($s->get('/Users', Authorization => undef, Cookie => 'token=' . $s->token)->{status}, 401, 'SE-23: a cookie is no credential');
is($s->get('/Users?token=' . $s->token, Authorization => undef)->{status}, 401, 'SE-07: nor is a parameter');

# ---- what errors tell (H-12) ----

for my $r ($s->get('/Users?filter=x'), $s->post('/Users', '{'), $s->get('/Users', Authorization => 'Bearer x'),
    $s->patch($path, [{ op => 'add', path => 'active', value => 'x' }]), $s->post('/Users', { schemas => [USER], userName => 'kim@example.com' })) {
    unlike($r->{body}, qr/select |insert |scim\.resource|pg_|libpq|\.c:\d|\Q${\$s->token}\E|Bearer x/i,
        "H-12: an error $r->{status} tells nothing of the inside");
}

done_testing;
