# GroupTalk: three ways to match a user, extensions of users and groups, a Tenant URL that ends in a slash.
use strict;
use warnings;

use Test::More;
use ScimTest;
use ScimTest::Fixtures;
use EntraStory;

my $ENT = ScimTest::ENTERPRISE;
my $LABEL = 'urn:ietf:params:scim:schemas:extension:grouptalk:2.0:User';
my $GROUP = 'urn:ietf:params:scim:schemas:extension:grouptalk:2.0:Group';
my ($MAIL, $MOBILE) = ('emails[type eq "work"].value', 'phoneNumbers[type eq "mobile"].value');

# Each of the filterable attributes as the matching one. The base URL as it is pasted, with and without the slash.
for my $service (['userName', undef], [$MAIL, '/api/scim/'], [$MOBILE, '/api/scim/']) {
    my ($match, $path) = @$service;

    entra_story(
        name => "GroupTalk, matching by $match",
        profile => 'grouptalk',
        $path ? (path => $path) : (),
        user => {
            match => [$match],
            attributes => ['userName', $MOBILE, $MAIL, qw(active name.givenName name.familyName externalId), "$ENT:costCenter", "$ENT:organization",
                map { "$LABEL:label$_" } 1 .. 5],
        },
        group => { match => ['displayName'], attributes => [qw(displayName members externalId), "$GROUP:description"] },
        users => {
            lasse => { userName => 'lasse.berg@taxi.example', $MOBILE => '+46 70 000 11', $MAIL => 'lasse@taxi.example', active => ScimTest::TRUE,
                'name.givenName' => 'Lasse', 'name.familyName' => 'Berg', externalId => 'lberg', "$ENT:costCenter" => '100',
                "$ENT:organization" => 'Taxi North', map { ("$LABEL:label$_" => "Label $_") } 1 .. 5 },
            mona => { userName => 'mona.ask@taxi.example', $MOBILE => '+46 70 000 12', $MAIL => 'mona@taxi.example', active => ScimTest::TRUE,
                externalId => 'mask', "$LABEL:label3" => 'Zone 4' },
            olof => { userName => 'olof.sund@taxi.example', $MOBILE => '+46 70 000 13', $MAIL => 'olof@taxi.example', active => ScimTest::TRUE },
        },
        groups => {
            dispatch => { displayName => 'Dispatch', externalId => 'd-1', "$GROUP:description" => 'Everybody at the desk',
                members => [qw(lasse mona)] },
            north => { displayName => 'Zone North', externalId => 'd-2', members => ['olof'] },
        },
        changes => [
            [user => 'lasse', { "$LABEL:label1" => 'A7', "$LABEL:label5" => undef, "$ENT:costCenter" => '200' }],
            [user => 'mona', { $MAIL => 'mona.ask@taxi.example', $MOBILE => '+46 70 000 22', 'name.givenName' => 'Mona' }],
            [user => 'olof', { "$LABEL:label2" => 'first one', externalId => 'osund' }],
            [user => 'mona', { "$LABEL:label3" => undef }],
            [group => 'dispatch', { "$GROUP:description" => 'The desk', displayName => 'Dispatch desk' }],
            [group => 'north', { "$GROUP:description" => 'Drivers' }],
        ],
        members => { dispatch => [qw(mona olof)], north => [qw(lasse mona)] },
        leaver => 'mona',
        gone => 'olof',
    );
}

# The extension is not named in schemas on POST, and is in the answer.
my $s = ScimTest->new(profile => 'grouptalk');
my $u = $s->user(schemas => [ScimTest::USER], userName => 'siv@taxi.example', $LABEL => { label1 => 'x' });
is_deeply([sort @{ $u->{schemas} }], [sort { $a cmp $b } ScimTest::USER, $LABEL], 'schemas of the answer name the extension');
my $r = $s->patch("/Users/$u->{id}", [{ op => 'Remove', path => "$LABEL:label1" }]);
is_deeply([$r->{status}, $r->{json}{schemas}, $r->{json}{$LABEL}], [200, [ScimTest::USER], undef], 'and name it no more when it is empty');
is(names($s->get('/Users' . uri(filter => qq($LABEL:label1 eq "x")))), '', 'nothing has the label now');

done_testing;
