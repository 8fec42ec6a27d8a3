# Talend Cloud: userName is the mail nickname; otherwise the default mapping of an application outside the gallery.
use strict;
use warnings;

use Test::More;
use ScimTest qw(uri);
use ScimTest::Fixtures;
use EntraStory;

my $ENT = ScimTest::ENTERPRISE;
my ($WORK, $OTHER) = ('emails[type eq "work"].value', 'emails[type eq "other"].Value');
my @ADDRESS = map { qq(addresses[type eq "work"].$_) } qw(streetAddress locality region postalCode country formatted);

entra_story(
    name => 'Talend',
    profile => 'talend',
    user => {
        match => ['userName'],
        attributes => [qw(userName active displayName title), $WORK, $OTHER, qw(preferredLanguage name.givenName name.familyName name.formatted),
            @ADDRESS, 'addresses[type eq "other"].Formatted', map({ qq(phoneNumbers[type eq "$_"].value) } qw(work mobile fax)),
            'externalId', map { "$ENT:$_" } qw(employeeNumber department manager)],
    },
    group => { match => ['displayName'], attributes => [qw(displayName externalId members)] },
    users => {
        jroux => {
            userName => 'jroux', active => ScimTest::TRUE, displayName => 'Jeanne Roux', title => 'Data engineer',
                $WORK => 'jeanne.roux@donnees.example',
            $OTHER => 'jr@maison.example', preferredLanguage => 'fr-FR', 'name.givenName' => 'Jeanne', 'name.familyName' => 'Roux',
            'name.formatted' => 'Jeanne Roux', 'addresses[type eq "work"].locality' => 'Nantes', 'addresses[type eq "work"].country' => 'FR',
            'addresses[type eq "other"].Formatted' => 'BP 4', 'phoneNumbers[type eq "mobile"].value' => '+33 6 00 00 00 01',
            externalId => 'jroux-id',
            "$ENT:department" => 'ETL', "$ENT:manager" => \'pmartin',
        },
        pmartin => { userName => 'pmartin', active => ScimTest::TRUE, displayName => 'Paul Martin', externalId => 'pmartin-id' },
        zdupont => { userName => 'zdupont', active => ScimTest::TRUE, displayName => "Zo\x{e9} Dupont", $WORK => 'zoe@donnees.example' },
    },
    groups => {
        admins => { displayName => 'Tenant admins', externalId => 'a-1', members => ['pmartin'] },
        team => { displayName => 'Pipeline team', externalId => 'a-2', members => [qw(jroux zdupont)] },
    },
    changes => [
        [user => 'jroux', { $OTHER => 'jeanne@maison.example', 'addresses[type eq "other"].Formatted' => 'BP 5',
            'name.familyName' => 'Roux-Blanc' }],
        [user => 'zdupont', { "$ENT:manager" => \'pmartin', "$ENT:employeeNumber" => '17', $OTHER => 'zd@maison.example' }],
        [user => 'pmartin', { userName => 'paulm', displayName => 'Paul M.' }],
        [user => 'jroux', { $OTHER => undef, "$ENT:department" => undef, 'addresses[type eq "work"].locality' => undef }],
    ],
    members => { admins => [qw(jroux pmartin)], team => ['zdupont'] },
    leaver => 'pmartin',
    gone => 'zdupont',
);

# The lists of its API: pages, sorting, projection.
my $s = ScimTest->new(profile => 'talend');
$s->user(userName => $_) for qw(carl anna bert);
my @names = map { $_->{userName} } @{ $s->get('/Users' . uri(startIndex => 2, count => 2, sortBy => 'userName',
    attributes => 'userName'))->{json}{Resources} };
is("@names", 'bert carl', 'startIndex, count, sortBy and attributes together');
is(names($s->get('/Users' . uri(sortBy => 'userName', sortOrder => 'descending', count => 1))), 'carl', 'sortOrder');
is(names($s->get('/Users' . uri(filter => 'userName eq "ANNA"'))), 'anna', 'a nickname without @ is found, in any case');

done_testing;
