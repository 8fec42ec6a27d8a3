# A <Location> of httpd judges a request by the one canonical spelling of its path: what is closed stays closed in every spelling, and
# the spellings that clients use (rule 1) go on working where nothing is closed.
use strict;
use warnings;

use MIME::Base64 qw(encode_base64);
use Test::More;

use ScimTest qw(GROUP is_scim_error);
use ScimTest::Fixtures;
use ScimTest::Server;

# Five ways to close /Groups, and one that closes writes only; /own/v2 is open. In virtual hosts: the settings that change how httpd reads paths.
my $conf = <<'CONF';
LoadModule authn_core_module "${SCIM_TEST_MODULES}/mod_authn_core.so"
LoadModule authz_user_module "${SCIM_TEST_MODULES}/mod_authz_user.so"
LoadModule rewrite_module "${SCIM_TEST_MODULES}/mod_rewrite.so"
RewriteEngine On
RewriteRule "^/rewritten/v2/Groups(/|$)" - [F]
RewriteRule "^/passed/(.*)" "/own/v2/$1" [PT]
<LocationMatch "^/matched/v2/Groups(/|$)">
    Require all denied
</LocationMatch>
<If "%{REQUEST_URI} =~ m#^/if/v2/Groups(/|$)#">
    Require all denied
</If>
CONF
my @closed = qw(/plain/v2 /matched/v2 /if/v2 /rewritten/v2 /nested/v2);
# Closed by what this module says of a nested Location.
my @own = qw(/named/v2 /encrypted/v2 /handled/v2 /other/v2);
for my $path (@closed, @own, '/reading/v2') {
    $conf .= qq(<Location "$path">\n    SetHandler scim\n    SCIMProfile default\n</Location>\n);
}
$conf .= <<'CONF';
<Location "/plain/v2/Groups">
    Require all denied
</Location>
<Location "/nested/v2/Groups">
    <If "true">
        Require all denied
    </If>
</Location>
<Location "/named/v2/Groups">
    SCIMTenant somebody-else
</Location>
<Location "/encrypted/v2/Groups">
    SCIMRequireTLS on
</Location>
<Location "/handled/v2/Groups">
    SetHandler none
</Location>
<Location "/other/v2/Groups">
    SCIMProfile rfc
</Location>
<Location "/token/v2">
    SetHandler scim
    SCIMProfile default
    SCIMToken configured sha256:0EAFE87A2DA24DD95637D795F1C3352FA83D1F0A7C6821A5D76FD945C63ED11A write
</Location>
<Location "/token/v2/Groups">
    SCIMToken configured sha256:0EAFE87A2DA24DD95637D795F1C3352FA83D1F0A7C6821A5D76FD945C63ED11A read
</Location>
<Location "/token/v2/Users">
    SCIMToken configured sha256:bcd57dbd4130f035d524a91060928f49a15d081f073b0ae99eafb34f2506e634
</Location>
<Location "/schemed/v2">
    SetHandler scim
    SCIMProfile default
    SCIMAuthScheme basic raw
</Location>
<Location "/schemed/v2/Groups">
    SCIMAuthScheme raw
</Location>
<Location "/limited/v2">
    SetHandler scim
    SCIMProfile default
    <Limit DELETE>
        Require all denied
    </Limit>
</Location>
<Location "/known/v2">
    SetHandler scim
    SCIMProfile default
    AuthType SCIM
    Require valid-user
</Location>
<Location "/known/v2/Groups">
    Require user nobody
</Location>
<Location "/reading/v2/Groups">
    <LimitExcept GET>
        Require all denied
    </LimitExcept>
</Location>
CONF
my %hosts = (
    '127.0.0.1' => '',
    'unmerged.example.com' => 'MergeSlashes Off',
    'decoded.example.com' => 'AllowEncodedSlashes On',
    'kept.example.com' => 'AllowEncodedSlashes NoDecode',
);
my $server = ScimTest::Server->start(conf => $conf, location => '    SCIMProfile default');
for my $host ('127.0.0.1', grep { $_ ne '127.0.0.1' } sort keys %hosts) {
    $conf .= <<"CONF";
<VirtualHost *:$server->{port}>
    ServerName $host
    $hosts{$host}
    RewriteEngine On
    RewriteOptions Inherit
</VirtualHost>
CONF
}
$conf .= <<"CONF";
<VirtualHost *:$server->{port}>
    ServerName whole.example.com
    <Location "">
        SetHandler scim
        SCIMProfile default
    </Location>
</VirtualHost>
CONF
$server->configure(conf => $conf);
$server->stop_httpd;
$server->start_httpd;

my $s = $server->scim('default', path => '/own/v2');
my $u = $s->user;
my $g = $s->group(members => [$u->{id}]);
my $id = $g->{id};

# What stands for the collection, BASE being the path of the Location.
my @tolerated = map { [$_, "BASE$_"] } qw(
    /Groups /groups /GROUPS /gROUPs /%67roups /%47roups /G%72oups /%67%72%6f%75%70%73 //Groups //groups ///GROUPS /Groups/ /groups/
    /groups// //groups// /Groups? /groups?count=1 /groups/?count=1&x
);
push @tolerated, ['doubled in front', '/BASE/groups'], ['tripled in front', '//BASE/Groups'], ['doubled within', 'DOUBLED/groups'],
    ['all doubled', '/DOUBLED//groups//'], ['absolute', 'http://127.0.0.1BASE/groups'];
my @refused = map { [$_, "BASE$_"] } qw(
    /Users/../groups /Users/../Groups /./groups /groups/. /groups/./ /%2e/groups /%2E/Groups /Users/%2e%2e/groups /Users/.%2E/groups
    /Users/x/../../groups /groups/x/.. /Groups; /Groups;x /groups;x=1 /groups%3Bx /Users/..;/groups /Groups%2F /groups%2f /%2FGroups
    /%2fgroups /Users%2F..%2Fgroups /Users/..%2Fgroups /Groups%00 /Groups%20 /groups%0a /groups%09 /%5Cgroups /%2567roups /groups%252f
    /.groups /Groups. /Group%C5%BF /%C4%A0roups
);
push @refused, ['from outside', '/x/..BASE/groups'], ['a dot in front', '/.BASE/groups'], ['a dot within', 'DOTTED/groups'];

sub target {
    my ($base, $form) = @_;
    my %say = (BASE => $base, DOUBLED => $base =~ s{/v2}{//v2}r, DOTTED => $base =~ s{/v2}{/./v2}r);

    return $form =~ s/(BASE|DOUBLED|DOTTED)/$say{$1}/r;
}

# Sends exactly this path.
sub ask {
    my ($method, $target, $host, $body) = @_;

    return $s->request($method, "http://$host$target", $body, Host => $host) if $target !~ /^http:/;
    my $text = defined $body ? $s->{json}->encode($body) : '';
    return $s->raw("$method $target HTTP/1.1\r\nHost: $host\r\nAuthorization: Bearer ${\$s->token}\r\nConnection: close\r\n"
        . 'Content-Type: application/scim+json' . "\r\nContent-Length: ${\length $text}\r\n\r\n$text");
}

my $serial = 0;
my $new = sub { return { schemas => [GROUP], displayName => 'New ' . ++$serial } };
my $search = { schemas => ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] };
my $patch = { schemas => [ScimTest::PATCHOP], Operations => [{ op => 'replace', path => 'displayName', value => 'Taken over' }] };

# Every request that a spelling of the collection makes possible: [method, target, body, status where nothing is closed].
sub requests {
    my ($base, $form) = @_;
    my $at = target($base, $form);
    my ($path, $query) = $at =~ /^([^?]*)(\?.*)?/;
    my $below = $path =~ s{/*$}{/}r;

    return (['GET', $at, undef, 200], ['POST', $at, $new->(), 201], ['HEAD', $at, undef, 200], ['GET', "$below$id", undef, 200], ['PATCH', "$below$id/", $patch, 204],
        ['POST', "$below.search", $search, 200], ['POST', "$below/.SEARCH", $search, 200], ['POST', "$below%2eSearch", $search, 200]);
}

# That the virtual hosts are what they are called.
ask('GET', '/elsewhere//x', $_) for sort keys %hosts;
ok($server->logged(qr{GET /elsewhere//x" 404}), 'MergeSlashes Off: slashes are left');
ok($server->logged(qr{GET /elsewhere/x" 404}), 'usually they are merged');

# ---- open: the tolerated ones work, the others are 404 ----

my $groups = sub { return $server->{pg}->sql('select count(*) from scim.groups') };
for my $host (sort keys %hosts) {
    for my $case (@tolerated) {
        my ($title, $form) = @$case;
        my @wrong = grep { $_->[4] != $_->[3] } map { [@$_, ask(@$_[0, 1], $host, $_->[2])->{status}] } requests('/own/v2', $form);

        is_deeply([map { "$_->[0] $_->[1]: $_->[4]" } @wrong], [], "rule 1: $host: open: $title");
    }
    my $before = $groups->();
    for my $case (@refused) {
        my ($title, $form) = @$case;
        my @wrong = grep { $_->[4] !~ /^40[04]$/ } map { [@$_, ask(@$_[0, 1], $host, $_->[2])->{status}] } requests('/own/v2', $form);

        is_deeply([map { "$_->[0] $_->[1]: $_->[4]" } @wrong], [], "$host: refused: $title");
    }
    is($groups->(), $before, "$host: refused: nothing was written");
}
is_scim_error($s->get('/Users/../Groups'), 404, undef, 'a dot segment: a SCIM error');
is($s->get('/%67roups?x=%2e%2e/;')->{status}, 200, 'in a query all of them may be');
is($s->get("/$_")->{status}, 400, "a fragment is httpd's to refuse: $_") for 'Groups#x', 'Groups;#x', '%67roups#;';
is_scim_error($s->get('/Groups;x'), 404, undef, 'a path parameter: a SCIM error');
is_scim_error($s->get('/Groups%2Fx'), 404, undef, 'an encoded slash: a SCIM error');

# ---- a Location without a path has all paths below it; * is none, and httpd's to answer ----

is($s->raw("GET $_->[0] HTTP/1.1\r\nHost: whole.example.com\r\nConnection: close\r\n\r\n")->{status}, $_->[1], "all of a virtual host: $_->[0]")
    for ['/Users', 401], ['/users/', 401], ['/ServiceProviderConfig', 200];
for my $case (['OPTIONS', qr/^200$/], ['GET', qr/^4\d\d$/], ['POST', qr/^4\d\d$/]) {
    my $r = $s->raw("$case->[0] * HTTP/1.1\r\nHost: whole.example.com\r\nConnection: close\r\n\r\n");
    like($r->{status}, $case->[1], "all of a virtual host: $case->[0] *");
    is($r->{json}, undef, '... is none of ours');
}
like(ask('GET', '/elsewhere', '127.0.0.1')->header('Content-Type') // '', qr{^text/html}, 'all of a virtual host: others go on answering for themselves');

# ---- closed: in every spelling ----

my $name = $s->get("/Groups/$id")->{json}{displayName};
my $before = $groups->();
for my $base (@closed) {
    for my $host (sort keys %hosts) {
        my (@wrong, @open);

        for my $case (@tolerated) {
            push @wrong, map { "$_->[0] $_->[1]: $_->[4]" } grep { $_->[4] != 403 }
                map { [@$_, ask(@$_[0, 1], $host, $_->[2])->{status}] } requests($base, $case->[1]);
        }
        for my $case (@refused) {
            push @open, map { "$_->[0] $_->[1]: $_->[4]" } grep { $_->[4] !~ /^40[034]$/ }
                map { [@$_, ask(@$_[0, 1], $host, $_->[2])->{status}] } requests($base, $case->[1]);
        }
        is_deeply(\@wrong, [], "$base: $host: closed in all tolerated spellings");
        is_deeply(\@open, [], "$base: $host: and in all others");
        is(ask('GET', "$base//users", $host)->{status}, 200, "$base: $host: /Users is open");
    }
}
is($groups->(), $before, 'closed: nothing was written');
is($s->get("/Groups/$id")->{json}{displayName}, $name, 'closed: nothing was changed');

my $reading = $s->at('/reading/v2');
# Operations inside a Bulk are judged like requests of their own.
my $bulk = sub {
    my ($client, @operations) = @_;
    my $r = $client->post('/Bulk', { schemas => ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations => \@operations });

    return join ' ', map { $_->{status} } @{ $r->{json}{Operations} // [] };
};
my $inside = $server->scim('default', path => '/own/v2');
my ($one, $many) = ($inside->user, $inside->group);
for my $path (@closed) {
    my $client = $inside->at($path);
    is($bulk->($client, { method => 'POST', path => '/Groups', bulkId => 'g', data => $new->() }, { method => 'DELETE', path => "/Groups/$many->{id}" }, { method => 'DELETE', path => "/groups/$many->{id}" },
        { method => 'PATCH', path => "/Users/$one->{id}", data => { schemas => [ScimTest::PATCHOP], Operations => [{ op => 'add', path => 'title', value => $path }] } }),
        '403 403 403 200', "$path: closed to a Bulk, too, and /Users open");
}
for my $path (@own) {
    my $client = $inside->at($path);
    my $members = { schemas => [ScimTest::PATCHOP], Operations => [{ op => 'add', path => 'members', value => [{ value => $one->{id} }] }] };
    isnt($client->get('/Groups')->{status}, 200, "$path: closed by what a nested Location says") if $path ne '/other/v2';
    isnt($client->get("/Groups/$many->{id}")->{status}, 200, "$path: ... its resources, too");
    is($bulk->($client, { method => 'POST', path => '/Groups', bulkId => 'g', data => $new->() }, { method => 'PATCH', path => "/Groups/$many->{id}", data => $members },
        { method => 'DELETE', path => "/Groups/$many->{id}" }, { method => 'PATCH', path => "/Users/$one->{id}", data => { schemas => [ScimTest::PATCHOP], Operations => [{ op => 'add', path => 'title', value => $path }] } }),
        '403 403 403 200', "$path: closed to a Bulk, too, and /Users open");
    is_deeply([grep { $_->{displayName} && $_->{meta}{resourceType} eq 'Group' } @{ $client->get('/')->{json}{Resources} }], [], "$path: and not in the list of all");
}
my $configured = $server->scim('default', tenant => 'configured', path => '/token/v2');
$configured->{token} = 'static-token-for-writing';
is($configured->get('/Groups')->{status}, 200, 'a token that a nested Location has for reading: reads');
is($bulk->($configured, { method => 'POST', path => '/Groups', bulkId => 'g', data => $new->() }, { method => 'POST', path => '/Users', bulkId => 'u', data => { schemas => [ScimTest::USER], userName => 'token' } }),
    '403 403', '... does not write by a Bulk; nor where another nested Location does not have it');
my $schemed = $inside->at('/schemed/v2');
for my $case (['Basic ' . encode_base64('any:' . $schemed->token, ''), 401, '403 201'], [$schemed->token, 200, '201 201'], ['Bearer ' . $schemed->token, 200, '201 201']) {
    my ($header, $status, $inside_bulk) = @$case;
    my ($scheme) = $header =~ /^(\w+) / ? $1 : 'the bare token';
    my $r = $schemed->post('/Bulk', { schemas => ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations => [
        { method => 'POST', path => '/Groups', bulkId => 'g', data => $new->() },
        { method => 'POST', path => '/Users', bulkId => 'u', data => { schemas => [ScimTest::USER], userName => "by $scheme" =~ s/ /-/gr } },
    ] }, Authorization => $header);

    is($schemed->get('/Groups', Authorization => $header)->{status}, $status, "SCIMAuthScheme of a nested Location: $scheme");
    is(join(' ', map { $_->{status} } @{ $r->{json}{Operations} }), $inside_bulk, '... the same in a Bulk');
}
is($bulk->($inside->at('/reading/v2'), { method => 'POST', path => '/Groups', bulkId => 'g', data => $new->() }), '403', 'LimitExcept GET: closed to a POST in a Bulk');
is($bulk->($inside->at('/limited/v2'), { method => 'DELETE', path => "/Users/$one->{id}" }, { method => 'POST', path => '/Users', bulkId => 'u', data => { schemas => [ScimTest::USER], userName => 'limited' } }),
    '403 201', 'Limit DELETE around everything: closed to a DELETE in a Bulk');
is($bulk->($inside->at('/known/v2'), { method => 'DELETE', path => "/Groups/$many->{id}" }, { method => 'POST', path => '/Users', bulkId => 'u', data => { schemas => [ScimTest::USER], userName => 'known' } }),
    '403 201', 'AuthType SCIM with Require: judged by who asks');
is($inside->get("/Groups/$many->{id}")->{status}, 200, 'nothing of that was deleted');
is($reading->get($_)->{status}, 200, "LimitExcept GET: $_ is open to GET") for '/Groups', '/groups/', '//%67roups';
is($reading->post($_, $new->())->{status}, 403, "LimitExcept GET: $_ is closed to POST") for '/Groups', '/groups/', '//%67roups';

# ---- what others see ----

$s->get("//groups//$id/");
ok($server->logged(qr{GET /own/v2/Groups/$id" 200}), 'the log has the canonical path');
is($s->get('/groups/' . uc $id)->{status}, $id eq uc $id ? 200 : 404, 'an id keeps its case');
is($s->get('/schemas/urn:ietf:params:scim:schemas:core:2.0:user')->{json}{id}, ScimTest::USER, 'a schema by its URN in any letter case');
is($s->get('/resourcetypes/user')->{json}{id}, 'User', 'a resource type in any letter case');
is($s->get('/SERVICEPROVIDERCONFIG/')->{status}, 200, 'ServiceProviderConfig in any letter case');
is($s->at('')->get($_)->{status}, 200, "a path that mod_rewrite passes on: $_") for '/passed/Groups', '/passed//groups/', "/passed/USERS/$u->{id}";
is_scim_error($s->at('')->get('/passed/Users;x'), 404, undef, 'a path that mod_rewrite passes on: a path parameter');

done_testing;
