# Talentech: users and groups with five and three attributes; userName is an e-mail address.
use strict;
use warnings;

use Test::More;
use ScimTest qw(uri is_scim_error);
use EntraStory;

my %on = (active => ScimTest::TRUE);

entra_story(
    name => 'Talentech',
    profile => 'talentech',
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

# ---- what Talentech's own documentation says ----

my $s = ScimTest->new(profile => 'talentech');
my $name = 0;
sub made { return $s->post('/Users', { schemas => [ScimTest::USER], userName => 'p' . ++$name . '@nordvik.example', @_ }) }

is_scim_error($s->post('/Users', { schemas => [ScimTest::USER], userName => 'kari' }), 400, 'invalidValue', 'userName is an e-mail address');

# Without "active" a new user is not active; a PUT without it leaves it as it is.
my $kari = made()->{json};
my $at = "/Users/$kari->{id}";
is($kari->{active}, ScimTest::FALSE, 'absent active on POST is stored as false');
is($s->get('/Users' . uri(filter => "userName eq \"$kari->{userName}\""))->{json}{Resources}[0]{active}, ScimTest::FALSE, '... and shown so');
$s->patch($at, [{ op => 'Replace', path => 'active', value => 'True' }]);
is($s->put($at, { schemas => [ScimTest::USER], userName => $kari->{userName} })->{json}{active}, ScimTest::TRUE, 'PUT without active keeps it');

# Roles: Add brings the complete set, each role as an object packed into a text.
my $packed = sub { return [map { { value => qq({"value":"$_"}) } } @_] };
my $roles = sub { return join ' ', map { $_->{value} } @{ $s->get($at)->{json}{roles} // [] } };
my $r = $s->patch($at, [{ op => 'Add', path => 'roles', value => $packed->('recruiter', 'manager') }]);
is_deeply($r->{json}{roles}, [{ value => 'recruiter' }, { value => 'manager' }], 'roles: a text that is an object is that role');
$s->patch($at, [{ op => 'Add', path => 'roles', value => $packed->('manager', 'leader') }]);
is($roles->(), 'manager leader', 'roles: Add sets');
my $version = $s->get($at)->{json}{meta}{version};
is($s->patch($at, [{ op => 'Add', path => 'roles', value => $packed->('manager', 'leader') }])->{json}{meta}{version}, $version, 'roles: the same set is no change');
$s->patch($at, [{ op => 'Add', value => { roles => $packed->('owner') } }]);
is($roles->(), 'owner', 'roles: Add without a path, too');
$s->patch($at, [{ op => 'Replace', path => 'title', value => 'Leader' }]);
is($roles->(), 'owner', 'Replace is for all other attributes');
$s->patch($at, [{ op => 'Add', path => 'roles', value => [{ value => 'one', display => 'One', type => 't' }] }, { op => 'Add', path => 'roles[value eq "one"]', value => { primary => ScimTest::TRUE } }]);
is_deeply($s->get($at)->{json}{roles}, [{ value => 'one', display => 'One', type => 't', primary => ScimTest::TRUE }], 'Add to a chosen one adds to it');
is_deeply(made(emails => [{ value => '{"value":"x"}' }])->{json}{emails}, [{ value => '{"value":"x"}' }], 'what is no role is what it says');
is_deeply(made(roles => $packed->('a', 'b'))->{json}{roles}, [{ value => 'a' }, { value => 'b' }], 'roles: POST');
is_deeply(made(roles => [{ value => 'plain' }, { value => '{"display":"x"}' }, { value => '{broken' }])->{json}{roles}, [map { { value => $_ } } 'plain', '{"display":"x"}', '{broken'],
    'roles: what is no such object is text');
$s->patch($at, [{ op => 'Add', path => 'emails', value => [{ value => 'a@nordvik.example', type => 'work' }] }, { op => 'Add', path => 'emails', value => [{ value => 'b@nordvik.example', type => 'home' }] }]);
is(scalar @{ $s->get($at)->{json}{emails} }, 2, 'Add of anything else adds');

# Whoever does not say so gets neither: "SCIMDialect all" leaves both out.
my $default = ScimTest->new;
my $ola = $default->user(roles => $packed->('a'));
$default->patch("/Users/$ola->{id}", [{ op => 'Add', path => 'roles', value => $packed->('b') }]);
is_deeply([map { $_->{value} } @{ $default->get("/Users/$ola->{id}")->{json}{roles} }], ['{"value":"a"}', '{"value":"b"}'], 'in default a role is what it says, and Add adds');

# Extensions of products, whose URNs have neither version nor resource type.
for my $product (qw(webcruiter talentrecruiter)) {
    my $urn = "urn:ietf:params:scim:schemas:extension:talentech:$product:schemaversion";
    my $made = made($urn => { schemadata_roleId => '4', schemadata_externalDepartmentId => 'D-1' })->{json};

    is_deeply($made->{$urn}, { schemadata_roleId => '4', schemadata_externalDepartmentId => 'D-1' }, "$product: POST");
    ok((grep { $_ eq $urn } @{ $made->{schemas} }), '... is in schemas');
    $r = $s->patch("/Users/$made->{id}", [{ op => 'Replace', path => "$urn:schemadata_roleId", value => '5' }, { op => 'Remove', path => "$urn:schemadata_externalDepartmentId" }]);
    is_deeply($r->{json}{$urn}, { schemadata_roleId => '5' }, '... PATCH');
}

is_scim_error($s->get('/Users' . uri(filter => 'title eq "Leader"')), 400, 'invalidFilter', 'filters: userName alone');

done_testing;
