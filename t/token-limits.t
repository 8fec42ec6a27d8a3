# What a token is limited to: networks, endpoints for reading and for writing, its integration's state and profile; and how long what is known
# of it is remembered.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256_hex);
use Test::More;

use ScimTest qw(is_scim_error uri USER);
use ScimTest::Server;

# Where requests come from is what the one proxy that is trusted says (mod_remoteip).
my $server = ScimTest::Server->start(location => "SCIMProfile default\nSCIMTokenCache 300", conf => <<'CONF');
SCIMTokenCache 0
LoadModule remoteip_module "${SCIM_TEST_MODULES}/mod_remoteip.so"
RemoteIPHeader X-Client
RemoteIPInternalProxy 127.0.0.1
CONF
my $s = $server->scim('default');
my $user = $s->user;

# Sets columns of the client's token.
sub limit {
    my ($set, @bind) = @_;

    $s->sql("update scim.token set $set where name = ?", @bind, $s->token);
    return;
}

sub status { return $s->get("/Users/$user->{id}", @_)->{status} }

subtest 'sources' => sub {
    limit("sources = '{10.0.0.0/8,192.0.2.7/32}'");
    is_scim_error($s->get("/Users/$user->{id}"), 401, undef, 'from elsewhere a token is no token');
    limit("sources = '{10.0.0.0/8,127.0.0.0/8}'");
    is(status(), 200, 'one of several networks');
    limit("sources = '{127.0.0.1/32}'");
    is(status(), 200, 'one address');
    limit("sources = '{2001:db8::/32}'");
    is(status(), 401, 'a network of the other family');
    limit("sources = '{}'");
    is(status(), 401, 'no network at all');
    limit("sources = '{0.0.0.0/0}'");
    is(status(), 200, 'every address of this family');
    limit("sources = '{::/0}'");
    is(status(), 401, 'every address of the other family');
    limit('sources = null');
    is(status(), 200, 'unlimited');
};

subtest 'sources behind a proxy' => sub {
    my @near = ('X-Client' => '192.0.2.7');
    my @far = ('X-Client' => '2001:db8::7');

    limit("sources = '{127.0.0.1/32}'");
    is(status(@near), 401, 'the address of the proxy does not count');
    limit("sources = '{192.0.2.0/24}'");
    is(status(@near), 200, '... but that of the client');
    is(status(@far), 401, 'one of the other family');
    limit("sources = '{2001:db8::/32}'");
    is(status(@far), 200, 'IPv6: a network');
    limit("sources = '{2001:db8::7/128}'");
    is(status(@far), 200, 'IPv6: one address');
    is(status(@near), 401, 'IPv6: not for IPv4');
    limit("sources = '{::/0}'");
    is(status(@far), 200, 'IPv6: every address');
    is(status(@near), 401, 'IPv6: every address: none of IPv4');
    limit("sources = '{0.0.0.0/0}'");
    is(status(@far), 401, 'IPv4: every address: none of IPv6');
    limit('sources = null');
};

subtest 'endpoints' => sub {
    limit("read_endpoints = '{/Users,/Groups}', write_endpoints = '{/Groups}'");
    is(status(), 200, 'a type that may be read');
    is_scim_error($s->patch("/Users/$user->{id}", [{ op => 'replace', path => 'title', value => 'x' }]), 403, undef, '... but not written');
    is($s->post('/Groups', { displayName => 'G' })->{status}, 201, 'a type that may be written');
    is($s->post('/Users/.search', { schemas => [ScimTest::SEARCH], count => 0 })->{status}, 200, 'searching is reading, whatever the method');
    limit("read_endpoints = '{/Groups}', write_endpoints = null");
    is_scim_error($s->get('/Users'), 403, undef, 'a type that may not be read');
    limit('read_endpoints = null');
};

subtest 'its integration' => sub {
    $s->sql("insert into scim.integration (tenant, name) select id, 'sync' from scim.tenant where name = ?", $s->tenant);
    limit('integration = (select i.id from scim.integration i join scim.tenant t on t.id = i.tenant where t.name = ?)', $s->tenant);
    is(status(), 200, 'active');
    $s->sql("update scim.integration set state = 'paused'");
    my $r = $s->get("/Users/$user->{id}");
    is_scim_error($r, 503, undef, 'paused: try again later');
    like($r->header('Retry-After'), qr/^\d+$/, 'Retry-After');
    $s->sql("update scim.integration set state = 'disabled'");
    is_scim_error($s->get("/Users/$user->{id}"), 403, undef, 'disabled');
    $s->sql("update scim.integration set state = 'active', profile = 'rfc'");
    is_scim_error($s->patch("/Users/$user->{id}", [{ op => 'replace', path => 'nope', value => 'x' }]), 400, 'invalidPath',
        'its profile goes before that of the tenant');
    limit("profile = 'default'");
    is($s->patch("/Users/$user->{id}", [{ op => 'replace', path => 'nope', value => 'x' }])->{status}, 200, '... and that of the token before both');
    limit('integration = null, profile = null');
};

subtest 'the reason is in the log, not in the answer' => sub {
    my $r = $s->get('/Users', Authorization => 'Bearer unknown');
    my $detail = $r->{json}{detail};

    limit('revoked = now(), last_used = null');
    is($s->get('/Users')->{json}{detail}, $detail, 'revoked');
    ok($server->logged(qr/a revoked token/, 'error_log'), '... says the log');
    is($s->sql('select last_used from scim.token where name = ?', $s->token), undef, '... and it does not count as used');
    limit("revoked = null, expires = now() - interval '1 minute'");
    is($s->get('/Users')->{json}{detail}, $detail, 'expired');
    ok($server->logged(qr/an expired token/, 'error_log'), '... says the log');
};

# At /scim/v2 nothing is remembered for longer than a request; at /own/v2 for 300 seconds.
subtest 'what is remembered' => sub {
    # Over the same connection: a process remembers, and where there are no threads each connection has another one.
    my $at = bless { %$s, path => '/own/v2' }, ref $s;
    my $status = sub { my ($client, $token) = @_; return $client->get('/Users?count=0', Authorization => "Bearer $token")->{status} };
    my $unknown = 'imported-token';

    limit('revoked = null, expires = null');
    is($status->($at, $unknown), 401, 'an unknown token');
    $s->sql('insert into scim.token (tenant, name, sha256) select id, ?, ? from scim.tenant where name = ?', 'imported', sha256_hex($unknown), $s->tenant);
    is($status->($at, $unknown), 401, '... is remembered as such after it was made known');
    is($status->($s, $unknown), 200, '... where that is not believed any more it is looked up');
    is($status->($at, $unknown), 200, '... and what was found is remembered from then on');

    my $short = $s->new_token;
    $s->sql("update scim.token set expires = now() + interval '2 seconds' where name = ?", $short);
    is($status->($at, $short), 200, 'a token that ends soon');
    sleep 3;
    is($status->($at, $short), 401, '... is not remembered beyond its end');

    my $revoked = $s->new_token;
    is($status->($at, $revoked), 200, 'a token');
    $s->sql('update scim.token set revoked = now() where name = ?', $revoked);
    is($status->($at, $revoked), 200, '... that is revoked while it is remembered');
    my $requests = look_up_anew(10_001);
    is($requests, 10_001, 'ten thousand look-ups later');
    is($status->($at, $revoked), 401, '... it is forgotten: the memory is bounded');
    is($status->($at, $unknown), 200, 'other tokens are looked up again');
};

done_testing;

# So many requests that look their token up, on the client's connection, some at a time. Returns how many were answered as they should.
sub look_up_anew {
    my ($n) = @_;
    my $socket = $s->{http}{socket} or die "no connection\n";
    my $request = "HEAD /scim/v2/ResourceTypes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${\$s->token}\r\n\r\n";
    my $done = 0;

    while ($done < $n) {
        my ($some, $answers, $seen) = ($n - $done < 100 ? $n - $done : 100, '', 0);
        print $socket $request x $some;
        $socket->flush;
        while (($seen = () = $answers =~ m{\r\n\r\n}g) < $some) {
            sysread $socket, $answers, 65536, length $answers or return $done;
        }
        $done += () = $answers =~ m{^HTTP/1\.1 200 }mg or return $done;
    }
    return $done;
}
