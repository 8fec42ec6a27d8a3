# Talentech: users and groups with five and three attributes; userName is an e-mail address.
use strict;
use warnings;

use Test::More;
use ScimTest;
use EntraStory;

my %on = (active => ScimTest::TRUE);

entra_story(
    name => 'Talentech',
    user => { match => ['userName'], attributes => [qw(userName externalId active name.givenName name.familyName)] },
    group => { match => ['displayName'], attributes => [qw(displayName externalId members)] },
    users => {
        astrid => { %on, userName => 'astrid.moen@nordvik.example', externalId => 'amoen', 'name.givenName' => 'Astrid',
            'name.familyName' => 'Moen' },
        erik => { %on, userName => 'erik.dahl@nordvik.example', externalId => 'edahl', 'name.givenName' => 'Erik', 'name.familyName' => 'Dahl' },
        oyvind => { %on, userName => "o'brien.\x{f8}yvind\@nordvik.example", externalId => '77', 'name.givenName' => "\x{d8}yvind",
            'name.familyName' => "O'Brien" },
    },
    groups => {
        recruiters => { displayName => 'Recruiters', externalId => '5f0c1d6e-8a59-4f0a-9d4e-3f1f6a1b2c01', members => [qw(astrid erik)] },
        managers => { displayName => "Manager's & leaders", externalId => '5f0c1d6e-8a59-4f0a-9d4e-3f1f6a1b2c02', members => ['astrid'] },
    },
    changes => [
        [user => 'astrid', { 'name.familyName' => 'Moen Berg', userName => 'astrid.berg@nordvik.example' }],
        [user => 'erik', { externalId => 'EDAHL' }],
        [user => 'oyvind', { 'name.givenName' => undef }],
        [group => 'recruiters', { displayName => 'Recruiting' }],
    ],
    members => { recruiters => [qw(erik oyvind)], managers => [qw(astrid oyvind)] },
    leaver => 'astrid',
    gone => 'erik',
);

# Public documentation shows roles as serialised JSON, and extensions whose URNs have neither version nor resource name.
my $s = ScimTest->new;
my $role = '{"value":"recruiter"}';
my $odd = 'urn:ietf:params:scim:schemas:extension:talentech:webcruiter:schemaversion';
my $u = $s->user(userName => 'kari@nordvik.example', $odd => { schemadata_roleId => '4' });
my $r = $s->patch("/Users/$u->{id}", [{ op => 'Add', path => 'roles', value => [{ value => $role }] },
    { op => 'Add', path => "$odd:schemadata_roleId", value => '5' }]);
is_deeply([$r->{status}, $r->{json}{roles}], [200, [{ value => $role }]], 'a role as serialised JSON is kept as it is');

done_testing;
