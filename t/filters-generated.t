# Some thousand filters made at random, each answered by the database and by a plain evaluation: both find the same.
# SCIM_TEST_FILTERS and SCIM_TEST_SEED in the environment change how many and which.
use strict;
use warnings;
use utf8;
use feature qw(fc);

use Test::More;
use ScimTest qw(TRUE FALSE ENTERPRISE SEARCH USER);
use ScimTest::Oracle;

binmode $_, ':encoding(UTF-8)' for Test::More->builder->output, Test::More->builder->failure_output;

my $count = $ENV{SCIM_TEST_FILTERS} // 1000;
my $seed = $ENV{SCIM_TEST_SEED} // 20260101;
my $ENT = ENTERPRISE;
my $DEVICE = 'urn:ietf:params:scim:schemas:acme:2.0:Device';

my @words = ('Anna', 'anna', 'Bo', 'bob', 'a_b', 'axb', '100%', 'O\'Malley "x" \\', 'Émile', 'emile', 'Zoë Ek', 'two words', ' x ',
    'Straße', '9', '10', 'true', '$.a', 'null');
my @times = ('2024-03-01T00:00:00Z', '2024-03-01T01:00:00+02:00', '2024-02-29T23:30:00Z', '2024-03-01T00:00:00.5Z', '2024-03-02T12:00:00-05:00');

my %user = (
    (map { $_ => {} } qw(displayName title nickName name.givenName name.familyName), "$ENT:department"),
    externalId => { exact => 1 },
    "$ENT:manager.value" => { exact => 1 },
    active => { type => 'boolean' },
    emails => { parts => { value => {}, type => {}, primary => { type => 'boolean', sometimes => 1 }, display => { sometimes => 1 } } },
    addresses => { parts => { locality => {}, country => { sometimes => 1 } } },
);
my %user_values = (
    (map { $_ => \@words } keys %user, qw(emails.value emails.display addresses.locality)),
    active => [TRUE, FALSE],
    'emails.type' => [qw(work home other WORK)],
    'emails.primary' => [TRUE, FALSE],
    'addresses.country' => [qw(NO SE no)],
);
my %device = (
    displayName => {}, serial => { exact => 1 }, shelf => { type => 'integer' }, weight => { type => 'decimal' }, bought => { type => 'dateTime' },
    lent => { type => 'boolean' }, tags => { list => 1 },
);
my %device_values = (
    displayName => \@words, serial => \@words, shelf => [-1, 0, 9, 10, 100], weight => [0.5, 2.25, 10, 9.5], bought => \@times,
    lent => [TRUE, FALSE], tags => \@words,
);

# What the server adds: the same for all types. Tags have operators of their own: their versions are numbers (E-10).
my %common = (
    id => { exact => 1 },
    meta => { parts => {
        resourceType => { exact => 1 }, location => { type => 'reference', exact => 1 }, created => { type => 'dateTime' }, lastModified => { type => 'dateTime' },
        version => { exact => 1, operators => ['pr'] },
    } },
    schemas => { list => 1 },
);
my %refers = (value => { exact => 1 }, '$ref' => { type => 'reference', exact => 1 }, type => {}, display => {});
my %group = (displayName => {}, members => { parts => \%refers }, %common);
my %member = (displayName => {}, groups => { parts => \%refers }, name => { parts => { givenName => { sometimes => 1 }, familyName => { sometimes => 1 } } }, %common);

srand $seed;
agree('/Users', 'users', \%user, \%user_values, map { a_user($_) } 1 .. 60);
agree('/Devices', 'devices', \%device, \%device_values, map { a_device($_) } 1 .. 40);
agree_on_memberships();
done_testing;

sub one_of { return $_[int rand @_] }
sub maybe { my ($chance, @pair) = @_; return rand() < $chance ? @pair : () }

sub a_user {
    my ($i) = @_;
    my %name = (maybe(0.5, givenName => one_of(@words)), maybe(0.4, familyName => one_of(@words)));
    my %ent = (maybe(0.5, department => one_of(@words)), maybe(0.4, manager => { value => one_of(@words) }));
    my %pair;
    # Values that are the same twice would be stored once (V-03).
    my @emails = grep { !$pair{ fc($_->{value}) . "\n$_->{type}" }++ } map { +{
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
    my @tags = grep { !$seen{ fc $_ }++ } map { one_of(@words) } 1 .. int rand 4;

    return {
        schemas => [$DEVICE], displayName => one_of(@words), maybe(0.4, serial => one_of(@words) . $i),
            maybe(0.7, shelf => one_of(@{ $device_values{shelf} })),
        maybe(0.7, weight => one_of(@{ $device_values{weight} })), maybe(0.7, bought => one_of(@times)), maybe(0.6, lent => one_of(TRUE, FALSE)),
        @tags ? (tags => \@tags) : (),
    };
}

sub agree {
    my ($endpoint, $title, $attributes, $values, @data) = @_;
    my $s = ScimTest->new(path => '/acme-rfc/v2');
    my %id;

    for my $resource (@data) {
        my $r = $s->post($endpoint, $resource);
        $r->{status} == 201 or die "$endpoint: $r->{status} $r->{body}";
        $id{ $r->{json}{id} } = $resource;
    }
    compare($s, $endpoint, $title, $attributes, $values, %id);
    return;
}

# Users and groups in groups, as the server shows them.
sub agree_on_memberships {
    my $s = ScimTest->new(profile => 'rfc');
    my @users = map { $s->user(userName => "m$_", displayName => one_of(@words), maybe(0.5, name => { givenName => one_of(@words) }), maybe(0.4, ENTERPRISE, { department => 'x' })) } 1 .. 30;
    my @groups;

    for my $i (1 .. 15) {
        my %members = map { $_->{id} => 1 } map { one_of(@users, @groups) } 1 .. int rand 5;
        push @groups, $s->group(displayName => one_of(@words), members => [sort keys %members]);
    }
    for my $kind (['/Groups', \%group, 'members'], ['/Users', \%member, 'groups']) {
        my ($endpoint, $attributes, $list) = @$kind;
        my @shown = @{ $s->get("$endpoint?count=1000")->{json}{Resources} };
        my @urls = map { $_->{meta}{location} } @users[0 .. 9], @groups;
        my @references = (@urls, map({ (m{(/[^/]+/[^/]+)$}, s{/v2/}{/v1/}r, s{/v2/}{/}r, s{//[^/]+}{//evil.example}r, s{/(Users|Groups)/}{$1 eq 'Users' ? '/Groups/' : '/Users/'}er) }
            @urls[map { int rand @urls } 1 .. 6]), 'x', map { $_->{id} } @users[0, 1]);
        my %values = (
            displayName => \@words, 'name.givenName' => \@words, 'name.familyName' => \@words, id => [map { $_->{id} } @users[0 .. 4], @groups],
            "$list.value" => [map { $_->{id} } @users[0 .. 9], @groups], "$list.display" => \@words, "$list.type" => [qw(User Group direct indirect)], 'meta.version' => ['x'],
            "$list.\$ref" => \@references, 'meta.location' => \@references, 'meta.resourceType' => ['User', 'Group'],
            map({ my $time = $_; "meta.$time" => [map { $_->{meta}{$time} } @shown[0 .. 4]] } qw(created lastModified)),
            schemas => [USER, ScimTest::GROUP, ENTERPRISE],
        );
        compare($s, $endpoint, "$endpoint: $list, meta and schemas", $attributes, \%values, map { $_->{id} => $_ } @shown);
    }
    return;
}

# Random filters at the endpoint, against what they find of these resources.
sub compare {
    my ($s, $endpoint, $title, $attributes, $values, %id) = @_;
    my $oracle = ScimTest::Oracle->new(attributes => $attributes, values => $values);
    my @differences;
    my $found = 0;

    for my $i (1 .. $count) {
        my $filter = $oracle->filter;
        my $text = $oracle->text($filter);
        my $r = $s->post("$endpoint/.search", { schemas => [SEARCH], filter => $text, attributes => ['id'], count => 1000 });
        my $expected = join ' ', sort grep { $oracle->matches($filter, $id{$_}) } keys %id;
        my $actual = $r->{status} == 200 ? join ' ', sort map { $_->{id} } @{ $r->{json}{Resources} } : "$r->{status} $r->{body}";

        $found++ if $expected;
        next if $actual eq $expected;
        my %odd = map { $_ => 1 } split ' ', $r->{status} == 200 ? $actual : '';
        $odd{$_} ? delete $odd{$_} : ($odd{$_} = 1) for split ' ', $expected;
        my ($example) = sort keys %odd;
        push @differences, "$text\n  " . ($r->{status} == 200 && $example ? ScimTest->new->{json}->utf8(0)->encode($id{$example}) . ' is '
            . ($actual =~ /$example/ ? 'found' : 'not found') : $actual);
        last if @differences >= 5;
    }
    ok(!@differences, "$title: $count filters (seed $seed), $found of them find something") or diag(join "\n", @differences);
    cmp_ok($found, '>', $count / 4, "$title: most of them say something") unless @differences;
    return;
}
