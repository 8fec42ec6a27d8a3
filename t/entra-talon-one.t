# Talon.One: an API key as Secret Token ("apikey:<key>"), which expires and is good for listed endpoints only.
use strict;
use warnings;

use Test::More;
use ScimTest qw(uri is_scim_error);
use EntraStory;

my $PARTS = [qw(userName active displayName name.formatted)];

entra_story(
    name => 'Talon.One',
    profile => 'talon-one',
    auth => 'Bearer apikey:%s',
    user => { match => ['userName'], attributes => $PARTS },
    group => { match => ['displayName'], attributes => [qw(displayName members)] },
    users => {
        rosa => { userName => 'rosa.klein@laden.example', active => ScimTest::TRUE, displayName => 'Rosa Klein', 'name.formatted' => 'Rosa Klein' },
        tomas => { userName => 'tomas.wolf@laden.example', active => ScimTest::TRUE, displayName => 'Tomas Wolf',
            'name.formatted' => 'Dr. Tomas Wolf' },
    },
    groups => { admins => { displayName => 'Campaign admins', members => ['rosa'] },
        readers => { displayName => 'Readers', members => [qw(rosa tomas)] } },
    changes => [
        [user => 'rosa', { displayName => 'Rosa Gross', 'name.formatted' => 'Rosa Gross' }],
        [user => 'tomas', { userName => 'thomas.wolf@laden.example' }],
        [user => 'tomas', { 'name.formatted' => undef }],
        [group => 'readers', { displayName => 'Everybody' }],
    ],
    members => { admins => [qw(tomas)] },
    leaver => 'tomas',
    gone => 'tomas',
    keeps => 1,
);

# ---- the key ----

my $s = ScimTest->new(profile => 'talon-one');
my $key = sub { [Authorization => 'Bearer apikey:' . $_[0]] };
my $probe = '/Users' . uri(filter => 'userName eq "nobody"');

is($s->get($probe, @{ $key->($s->token) })->{status}, 200, 'the key, with its prefix');
is_scim_error($s->get($probe, @{ $key->('') }), 401, undef, 'the prefix alone');
is_scim_error($s->get($probe, @{ $key->('x' . $s->token) }), 401, undef, 'another key');

# /v1/provisioning/scim/ and "Select all" give five endpoints; a key for users only does not read groups.
my $users_only = $s->new_token;
$s->sql('update scim.token set read_endpoints = ?, write_endpoints = ? where name = ?', ('{/Users}') x 2, $users_only);
is($s->get($probe, @{ $key->($users_only) })->{status}, 200, 'a key for users: users');
is_scim_error($s->get('/Groups', @{ $key->($users_only) }), 403, undef, 'a key for users: groups');

my $expired = $s->new_token;
$s->sql("update scim.token set expires = now() - interval '1 minute' where name = ?", $expired);
my $r = $s->get($probe, @{ $key->($expired) });
is_scim_error($r, 401, undef, 'a key past its date');
like($r->header('WWW-Authenticate') // '', qr/^Bearer .*error="invalid_token"/, 'a key past its date: the challenge says so');

# Ids are strings, whatever they look like; the answer to POST carries one.
my $u = $s->post('/Users', { schemas => [ScimTest::USER], userName => 'new@laden.example' }, @{ $key->($s->token) });
is($u->{status}, 201, 'created by key');
like($u->{body}, qr/"id":"[^"]+"/, 'the id is a string');

done_testing;
