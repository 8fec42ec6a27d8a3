# Resources made at random for filters made at random (ScimTest::Oracle): what they hold is what tells comparisons apart.
#
#   my ($attributes, $values) = (kind('user'), values_of('user'));      # for ScimTest::Oracle->new
#   my $user = a_user($i);                                              # as it is sent; srand first
#
# Kinds: user and device (which needs the types of t/conf/extra/acme.conf), made here; group and member, a group and a user as the server
# shows them, with who belongs to what.
package ScimTest::Samples;

use strict;
use warnings;
use utf8;

use Exporter qw(import);

use ScimTest qw(TRUE FALSE ENTERPRISE GROUP USER);
use ScimTest::Oracle;

our @EXPORT = qw(a_device a_membership a_user kind maybe one_of values_of);

my $ENT = ENTERPRISE;
my $DEVICE = 'urn:ietf:params:scim:schemas:acme:2.0:Device';

my @words = ('Anna', 'anna', 'Bo', 'bob', 'a_b', 'axb', '100%', 'O\'Malley "x" \\', 'Émile', 'emile', 'Zoë Ek', 'two words', ' x ',
    'Straße', 'STRASSE', "E\x{301}mile", 'ΣΊΣΥΦΟΣ', 'σίσυφος', 'İzmir', "\x{1F600} x", '9', '10', 'true', '$.a', 'null');
my @times = ('2024-03-01T00:00:00Z', '2024-03-01T01:00:00+02:00', '2024-02-29T23:30:00Z', '2024-03-01T00:00:00.5Z', '2024-03-02T12:00:00-05:00');

# What the server adds: the same for all types. Tags have operators of their own: their versions are numbers (E-10).
my %reference = (type => 'reference', exact => 1, operators => [('eq') x 9, qw(ne co sw ew gt ge lt le pr)]);
my %refers = (value => { exact => 1 }, '$ref' => \%reference, type => {}, display => {});
my %common = (
    id => { exact => 1 },
    meta => { parts => {
        resourceType => { exact => 1 }, location => \%reference, created => { type => 'dateTime' }, lastModified => { type => 'dateTime' },
        version => { exact => 1, operators => ['pr'] },
    } },
    schemas => { list => 1 },
);
my %kinds = (
    user => {
        (map { $_ => {} } qw(displayName title nickName name.givenName name.familyName), "$ENT:department"),
        externalId => { exact => 1 },
        "$ENT:manager.value" => { exact => 1 },
        active => { type => 'boolean' },
        emails => { parts => { value => {}, type => {}, primary => { type => 'boolean', otherwise => FALSE }, display => { sometimes => 1 } } },
        addresses => { parts => { locality => {}, country => { sometimes => 1 } } },
    },
    device => {
        displayName => {}, serial => { exact => 1 }, shelf => { type => 'integer' }, weight => { type => 'decimal' },
        bought => { type => 'dateTime' }, lent => { type => 'boolean' }, tags => { list => 1 },
    },
    group => { displayName => {}, members => { parts => \%refers }, %common },
    member => {
        displayName => {}, groups => { parts => \%refers }, %common,
        name => { parts => { givenName => { sometimes => 1 }, familyName => { sometimes => 1 } } },
    },
);
my %values = (
    user => {
        (map { $_ => \@words } keys %{ $kinds{user} }, qw(emails.value emails.display addresses.locality)),
        active => [TRUE, FALSE],
        'emails.type' => [qw(work home other WORK)],
        'emails.primary' => [TRUE, FALSE],
        'addresses.country' => [qw(NO SE no)],
    },
    device => {
        displayName => \@words, serial => \@words, shelf => [-1, 0, 9, 10, 100], weight => [0.5, 2.25, 10, 9.5], bought => \@times,
        lent => [TRUE, FALSE], tags => \@words,
    },
);

sub one_of { return $_[int rand @_] }
sub maybe { my ($chance, @pair) = @_; return rand() < $chance ? @pair : () }

# Attributes of a kind, and what may stand in them, as ScimTest::Oracle wants them.
sub kind { return $kinds{ $_[0] } }
sub values_of { return $values{ $_[0] } }

sub a_user {
    my ($i) = @_;
    my %name = (maybe(0.5, givenName => one_of(@words)), maybe(0.4, familyName => one_of(@words)));
    my %ent = (maybe(0.5, department => one_of(@words)), maybe(0.4, manager => { value => one_of(@words) }));
    my %pair;
    # Values that are the same twice would be stored once (V-03).
    my @emails = grep { !$pair{ ScimTest::Oracle::fold($_->{value}) . "\n$_->{type}" }++ } map { +{
        value => one_of(@words), type => one_of(qw(work home other)), maybe(0.3, display => one_of(@words)),
        $_ == 1 ? maybe(0.5, primary => TRUE) : maybe(0.3, primary => FALSE),
    } } 1 .. int rand 4;
    my @addresses = map { +{ locality => one_of(@words), maybe(0.5, country => one_of(qw(NO SE))) } } 1 .. int rand 3;

    return {
        schemas => [USER], userName => "u$i", active => one_of(TRUE, FALSE),
        map({ maybe(0.6, $_ => one_of(@words)) } qw(displayName title nickName externalId)),
        %name ? (name => \%name) : (), %ent ? ($ENT => \%ent) : (), @emails ? (emails => \@emails) : (),
            @addresses ? (addresses => \@addresses) : (),
    };
}

sub a_device {
    my ($i) = @_;
    my %seen;
    my @tags = grep { !$seen{ ScimTest::Oracle::fold($_) }++ } map { one_of(@words) } 1 .. int rand 4;

    return {
        schemas => [$DEVICE], displayName => one_of(@words), maybe(0.4, serial => one_of(@words) . $i),
            maybe(0.7, shelf => one_of(@{ $values{device}{shelf} })),
        maybe(0.7, weight => one_of(@{ $values{device}{weight} })), maybe(0.7, bought => one_of(@times)), maybe(0.6, lent => one_of(TRUE, FALSE)),
        @tags ? (tags => \@tags) : (),
    };
}

# Makes users, and groups of them and of earlier groups, in the tenant of $s. What the server shows of both: (users, groups).
sub a_membership {
    my ($s, $users, $groups) = @_;
    my @users = map { $s->user(userName => "m$_", displayName => one_of(@words), maybe(0.5, name => { givenName => one_of(@words) }),
        maybe(0.4, ENTERPRISE, { department => 'x' })) } 1 .. $users;
    my @groups;

    for my $i (1 .. $groups) {
        my %members = map { $_->{id} => 1 } map { one_of(@users, @groups) } 1 .. int rand 5;
        push @groups, $s->group(displayName => one_of(@words), members => [sort keys %members]);
    }
    my @shown = map { $s->get("$_?count=1000")->{json}{Resources} } qw(/Users /Groups);
    _remember(@shown);
    return @shown;
}

# What may stand in the attributes of members and groups, now that they are there.
sub _remember {
    my ($users, $groups) = @_;
    my @ids = ((map { $_->{id} } @$users[0 .. 9]), map { $_->{id} } @$groups);
    my @urls = map { $_->{meta}{location} } @$users[0 .. 9], @$groups;
    # The same resource in another version or none of the service, others on another host or of another type.
    my @absolute = (@urls, map({ (s{/v2/}{/v1/}r, s{/v2/}{/}r) } @urls),
        map({ (s{//[^/]+}{//evil.example}r, s{/(Users|Groups)/}{$1 eq 'Users' ? '/Groups/' : '/Users/'}er) } @urls[map { int rand @urls } 1 .. 6]));

    for my $kind (['group', 'members', $groups], ['member', 'groups', $users]) {
        my ($name, $list, $shown) = @$kind;
        $values{$name} = {
            displayName => \@words, 'name.givenName' => \@words, 'name.familyName' => \@words, id => \@ids,
            "$list.value" => \@ids, "$list.display" => \@words, "$list.type" => [qw(User Group direct indirect)], 'meta.version' => ['x'],
            "$list.\$ref" => \@absolute, 'meta.location' => \@absolute, 'meta.resourceType' => ['User', 'Group'],
            map({ my $time = $_; "meta.$time" => [map { $_->{meta}{$time} } @$shown[0 .. 4]] } qw(created lastModified)),
            schemas => [USER, GROUP, ENTERPRISE],
        };
    }
    return;
}

1;
