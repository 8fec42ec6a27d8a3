# Lexonis TalentScape: the whole enterprise user; manager is mapped as text, which may be an id or a name.
use strict;
use warnings;

use Test::More;
use ScimTest qw(uri is_scim_error);
use EntraStory;

my $ENT = ScimTest::ENTERPRISE;
my @WORK = map { qq(addresses[type eq "work"].$_) } qw(formatted streetAddress locality region postalCode country);
my @PHONES = map { qq(phoneNumbers[type eq "$_"].value) } qw(work mobile fax);
my $MAIL = 'emails[type eq "work"].value';

entra_story(
    name => 'Lexonis TalentScape',
    profile => 'lexonis-talentscape',
    user => {
        match => ['userName'],
        attributes => [qw(userName active displayName title), $MAIL, qw(preferredLanguage name.givenName name.familyName), @WORK, @PHONES,
            'externalId', map { "$ENT:$_" } qw(employeeNumber department manager)],
    },
    group => { match => ['displayName'], attributes => [qw(displayName externalId members)] },
    users => {
        ingrid => {
            userName => 'ingrid.lund@skogsby.example',
            active => ScimTest::TRUE,
            displayName => 'Ingrid Lund',
            title => 'Head of Learning',
            $MAIL => 'ingrid.lund@skogsby.example',
            preferredLanguage => 'sv-SE',
            'name.givenName' => 'Ingrid',
            'name.familyName' => 'Lund',
            'addresses[type eq "work"].formatted' => "Storgatan 1\n411 38 G\x{f6}teborg",
            'addresses[type eq "work"].streetAddress' => 'Storgatan 1',
            'addresses[type eq "work"].locality' => "G\x{f6}teborg",
            'addresses[type eq "work"].region' => "V\x{e4}stra G\x{f6}taland",
            'addresses[type eq "work"].postalCode' => '411 38',
            'addresses[type eq "work"].country' => 'SE',
            'phoneNumbers[type eq "work"].value' => '+46 31 000 01',
            'phoneNumbers[type eq "mobile"].value' => '+46 70 000 01',
            'phoneNumbers[type eq "fax"].value' => '031-00002',
            externalId => 'ilund',
            "$ENT:employeeNumber" => '0042',
            "$ENT:department" => 'People & Culture',
            "$ENT:manager" => 'Bo Ek, CEO',
        },
        nils => {
            userName => 'nils.falk@skogsby.example',
            active => ScimTest::TRUE,
            displayName => 'Nils Falk',
            externalId => 'nfalk',
            'addresses[type eq "work"].country' => 'Sverige',
            "$ENT:manager" => \'ingrid',
        },
        vera => { userName => 'vera.holm@skogsby.example', active => ScimTest::TRUE, displayName => 'Vera Holm', externalId => 'vholm' },
    },
    groups => {
        mentors => { displayName => 'Mentors', externalId => 'c0ffee00-0000-4000-8000-000000000001', members => [qw(ingrid nils)] },
        staff => { displayName => 'All staff', externalId => 'c0ffee00-0000-4000-8000-000000000002', members => [qw(ingrid nils vera)] },
    },
    changes => [
        [user => 'ingrid', { title => 'Chief Learning Officer', $MAIL => 'ingrid@skogsby.example', "$ENT:department" => 'Executive',
            'addresses[type eq "work"].streetAddress' => 'Hamngatan 3', 'phoneNumbers[type eq "fax"].value' => undef }],
        # Several parts of an address that is not there yet, and phones likewise.
        [user => 'vera', { $MAIL => 'vera@skogsby.example', 'addresses[type eq "work"].locality' => 'Lund',
            'addresses[type eq "work"].country' => 'SE', 'addresses[type eq "work"].postalCode' => '222 22',
            'phoneNumbers[type eq "mobile"].value' => '55555555555', "$ENT:employeeNumber" => '0099', 'name.givenName' => 'Vera' }],
        [user => 'nils', { "$ENT:manager" => \'vera' }],
        [user => 'ingrid', { preferredLanguage => undef, "$ENT:manager" => undef, title => undef }],
        [group => 'mentors', { displayName => 'Mentors 2026' }],
    ],
    members => { mentors => [qw(vera)] },
    leaver => 'nils',
    gone => 'nils',
);

# externalId is required, the manager is whatever text the mapping sends.
my $s = ScimTest->new(profile => 'lexonis-talentscape');
is_scim_error($s->post('/Users', { schemas => [ScimTest::USER], userName => 'ulf@skogsby.example' }), 400, 'invalidValue', 'POST without externalId');
my $r = $s->post('/Users', { schemas => [ScimTest::USER], userName => 'ulf@skogsby.example', externalId => 'ulf', $ENT => { manager => 'Bo Ek, CEO' } });
is_deeply([$r->{status}, $r->{json}{$ENT}{manager}], [201, { value => 'Bo Ek, CEO' }], 'a manager by name');
is_scim_error($s->patch("/Users/$r->{json}{id}", [{ op => 'Remove', path => 'externalId' }]), 400, 'mutability', 'PATCH that removes externalId');
is_scim_error($s->put("/Users/$r->{json}{id}", { schemas => [ScimTest::USER], userName => 'ulf@skogsby.example' }), 400, 'invalidValue', 'PUT without it');
is_scim_error($s->post('/Groups', { schemas => [ScimTest::GROUP] }), 400, 'invalidValue', 'a group without displayName');
is_scim_error($s->get('/Users' . uri(filter => 'title eq "x"')), 400, 'invalidFilter', 'filters: userName, and the manager for the look at who it is');

done_testing;
