# Tokens, rights, tenants (SE-01 to SE-11, SE-16, SE-24, SE-25).
use strict;
use warnings;

use MIME::Base64 qw(encode_base64);
use Test::More;
use ScimTest qw(uri is_scim_error);
use ScimTest::Log;

my $s = ScimTest->new;
my $token = $s->token;
my $u = $s->user(userName => 'kim@example.com');

# 401 with a challenge that has, or has not, an error.
sub is_challenge {
    my ($r, $error, $title) = @_;
    my $challenge = $r->header('WWW-Authenticate') // 'none';

    is_scim_error($r, 401, undef, $title);
    like($challenge, qr/^Bearer realm="/, "$title: challenge");
    $error ? like($challenge, qr/error="$error"/, "$title: $error") : unlike($challenge, qr/error=/, "$title: no error");
    return;
}

# ---- credentials ----

is_challenge($s->get('/Users', Authorization => undef), undef, 'SE-01, SE-02: no credentials');
is_challenge($s->post('/Users', { userName => 'x' }, Authorization => undef), undef, 'SE-21: no credentials on POST');
is_challenge($s->get("/Users?access_token=$token", Authorization => undef), undef, 'SE-07: a token in the URL');
is_challenge($s->get('/Users', Authorization => "Bearer ${token}x"), 'invalid_token', 'SE-03: a wrong token');
is_challenge($s->get('/Users', Authorization => 'Bearer ' . 'x' x 7000), 'invalid_token', 'SE-03: a long token');
is_scim_error($s->get('/Users', Authorization => $_->[0]), 401, undef, "SE-05: $_->[1]")
    for ['Bearer', 'an empty token'], ['Bearer   ', 'a token of spaces'], ["Digest $token", 'an unknown scheme'],
    ['Basic ' . encode_base64("x:$token", ''), 'Basic where it is not enabled'];
is_scim_error($s->raw("GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n" . "Authorization: Bearer $token\r\n" x 2 . "\r\n"), 401, undef,
    'SE-05: two Authorization headers');

is($s->get('/Users', Authorization => $_->[0])->{status}, 200, $_->[1])
    for ["Bearer $token", 'Bearer'], ["Bearer\t$token", 'a tab behind Bearer'], ["bearer $token", 'SE-06: in small letters'], ["BEARER  $token", 'SE-06: in capitals, two spaces'],
    ["Bearer apikey:$token", 'an API key'], ["Bearer APIKEY:$token", 'an API key, prefix in capitals'], [$token, 'the bare token'];
is_scim_error($s->at('/rfc/v2')->get('/Users', Authorization => $_->[0]), 401, undef, "$_->[1] where it is not enabled")
    for [$token, 'a bare token'], ["Bearer$token", 'Bearer and a token in one word'];

my $basic = $s->at('/basic/v2');
is($basic->get('/Users', Authorization => 'Basic ' . encode_base64("any:$token", ''))->{status}, 200, 'SE-24: Basic where it is enabled');
is_scim_error($basic->get('/Users', Authorization => $_), 401, undef, "SE-05: bad Basic credentials: $_")
    for 'Basic ', 'Basic !!!', 'Basic ' . encode_base64('nocolon', ''), 'Basic ' . encode_base64("any:${token}x", '');
my $challenge = $basic->get('/Users', Authorization => undef)->header('WWW-Authenticate');
like($challenge, qr/Bearer.*Basic/, 'SE-24: Basic in the challenge');
like($challenge, qr/realm="the \\"test\\" realm"/, 'SCIMRealm, quoted');
is_deeply([sort map { $_->{type} } @{ $basic->get('/ServiceProviderConfig')->{json}{authenticationSchemes} }],
    ['httpbasic', 'oauthbearertoken'], 'SE-24: Basic among the schemes');

# ---- rights ----

my $writer = ScimTest->new(tenant => $s->tenant, rights => ['write']);
my $refused = $writer->get('/Users');
is_scim_error($refused, 403, undef, 'SE-05: a token for writing does not read');
like($refused->{json}{detail}, qr/may not read/, 'SE-05: and is told so');
is($writer->post('/Users', { schemas => [ScimTest::USER], userName => 'written' })->{status}, 201, 'SE-05: it writes');
my $reader = ScimTest->new(tenant => $s->tenant, rights => ['read']);
is($reader->get("/Users/$u->{id}")->{status}, 200, 'SE-04: a token for reading reads');
is($reader->post('/Users/.search', { schemas => [ScimTest::SEARCH], count => 1 })->{status}, 200, 'SE-04: .search is reading');
for my $write (['POST', '/Users', { userName => 'y' }], ['PUT', "/Users/$u->{id}", { userName => 'y' }], ['PATCH', "/Users/$u->{id}", {}],
    ['DELETE', "/Users/$u->{id}"]) {
    my $r = $reader->request(@$write);

    is_scim_error($r, 403, undef, "SE-04: a token for reading: $write->[0]");
    like($r->header('WWW-Authenticate') // '', qr/error="insufficient_scope"/, "SE-04: $write->[0]: insufficient_scope");
}
my $users_only = ScimTest->new(tenant => $s->tenant);
$s->sql('update scim.token set read_endpoints = ?, write_endpoints = ? where name = ?', ('{/Users}') x 2, $users_only->token);
is($users_only->get('/Users')->{status}, 200, 'SE-10: a token for users: users');
is_scim_error($users_only->get('/Groups'), 403, undef, 'SE-10: a token for users: groups');

# ---- expiry and revocation ----

my $expired = $s->new_token;
$s->sql("update scim.token set expires = now() - interval '1 second' where name = ?", $expired);
is_challenge($s->get('/Users', Authorization => "Bearer $expired"), 'invalid_token', 'SE-08, MS-27: an expired token');
my $revoked = $s->new_token;
is($s->get('/Users', Authorization => "Bearer $revoked")->{status}, 200, 'SE-25: before it is revoked');
$s->sql('update scim.token set revoked = now() where name = ?', $revoked);
sleep 6;
is_challenge($s->get('/Users', Authorization => "Bearer $revoked"), 'invalid_token', 'SE-25: after it is revoked, and SCIMTokenCache seconds');
ok($s->sql('select last_used is not null from scim.token where name = ?', $token) eq 't', 'the use of a token is noted');
is(scalar $s->sql('select count(*) from scim.token where sha256 like ? or sha256 !~ ?', '%token%', '^[0-9a-f]{64}$'), 0, 'SE-08: hashes only');

# ---- tenants ----

my $other = ScimTest->new;
is_scim_error($other->get("/Users/$u->{id}"), 404, undef, 'SE-11: a user of another tenant');
my $random = $other->get('/Users/01890000-0000-7000-8000-000000000000')->{body};
is($other->get("/Users/$u->{id}")->{body} =~ s/\Q$u->{id}\E//gr, $random =~ s/01890000-0000-7000-8000-000000000000//gr,
    'SE-11: looks like one that does not exist');
is($other->post('/Users', { schemas => [ScimTest::USER], userName => 'kim@example.com' })->{status}, 201, 'SE-16: the same userName in two tenants');
is($other->get('/Users')->{json}{totalResults}, 1, 'SE-16: counts');

my $pinned = ScimTest->new(tenant => 'pinned', path => '/pinned/v2');
is($pinned->get('/Users')->{status}, 200, 'SCIMTenant: its own token');
is_challenge($pinned->get('/Users', Authorization => "Bearer $token"), 'invalid_token', 'SCIMTenant: the token of another tenant');
my $static = ScimTest->new(tenant => 'static', path => '/static/v2');
is($static->get('/Users', Authorization => "Bearer static-token-for-$_")->{status}, 200, "SCIMToken: $_") for qw(reading writing);
is_scim_error($static->post('/Users', { userName => 'x' }, Authorization => 'Bearer static-token-for-reading'), 403, undef, 'SCIMToken: for reading only');
is($static->post('/Users', { schemas => [ScimTest::USER], userName => "x$$" }, Authorization => 'Bearer static-token-for-writing')->{status}, 201,
    'SCIMToken: for writing');
is_challenge($s->get('/Users', Authorization => 'Bearer static-token-for-reading'), 'invalid_token', 'SCIMToken: not at another location');

ScimTest::Log::expect('The tenant is paused');
my $state = ScimTest->new;
$state->scimctl('tenant', 'pause', $state->tenant);
my $r = $state->get('/Users');
is_scim_error($r, 503, undef, 'a paused tenant');
like($r->header('Retry-After') // '', qr/^\d+$/, 'a paused tenant: Retry-After');
$state->scimctl('tenant', 'disable', $state->tenant);
$state->{token} = $state->new_token;
is_scim_error($state->get('/Users'), 403, undef, 'a disabled tenant');
$state->scimctl('tenant', 'resume', $state->tenant);
$state->{token} = $state->new_token;
is($state->get('/Users')->{status}, 200, 'a resumed tenant');

# ---- scimctl ----

my $made = $s->scimctl('token', 'create', $s->tenant, '--name', 'made', '--quiet');
chomp $made;
like($made, qr/^scim_[A-Za-z0-9]{49}$/, 'SE-08: a token of 256 bits');
is($s->get('/Users', Authorization => "Bearer $made")->{status}, 200, 'a token made by scimctl');
is(scalar $s->sql("select expires between now() + interval '364 days' and now() + interval '366 days' from scim.token where tenant =
    (select id from scim.tenant where name = ?) and name = 'made'", $s->tenant), 't', 'SE-08: limited lifetime');
unlike($s->scimctl('token', 'list', $s->tenant), qr/\Q$made\E/, 'SE-08: not shown again');

done_testing;
