# What authentik sends, in its order: a look at what the service can do, users by POST and PUT, groups by POST and PATCH with one member in each
# operation, as many operations as the service says, and PUT for services without PATCH; look-ups only after a conflict.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE GROUP PATCHOP USER uri is_scim_error);
use ScimTest::Fixtures;

my $TYPE = 'application/scim+json';
my @mapped = map { my ($name, $given, $family) = @$_; {
    schemas => [USER], userName => $name, name => { formatted => "$given $family", givenName => $given, familyName => $family },
    displayName => "$given $family", nickName => "$given $family", userType => 'internal', active => TRUE, externalId => "uid-$name",
    locale => 'en-US', emails => [{ value => "$name\@fjordvik.example", type => 'other', primary => TRUE }],
    photos => [{ value => "https://id.example/a/$name.png", type => 'photo' }],
} } [qw(mira Mira Solheim)], [qw(ola Ola Berg)], [qw(kari Kari Dahl)];

for my $profile (qw(default rfc)) {
    subtest $profile => sub {
        my $s = ScimTest->new(profile => $profile);
        my $people = users($s);
        groups($s, @$people);
        discovery($s);
        without_patch($s, @$people);
        leaving($s, @$people);
    };
}
done_testing;

sub send_it {
    my ($s, $method, $path, $body) = @_;

    return $s->request($method, $path, $body, Accept => $TYPE, defined $body ? ('Content-Type' => $TYPE) : ());
}

# One request for so many operations, each about one member.
sub patch_members {
    my ($s, $group, $most, @operations) = @_;
    my @answers;

    while (my @chunk = splice @operations, 0, $most) {
        push @answers, send_it($s, 'PATCH', "/Groups/$group", { schemas => [PATCHOP],
            Operations => [map { +{ op => $_->[0], path => 'members', value => [{ value => $_->[1] }] } } @chunk] });
    }
    return join ' ', map { $_->{status} } @answers;
}

sub members_of {
    my ($s, $group) = @_;

    return ids(send_it($s, 'GET', "/Groups/$group")->{json}{members});
}

sub users {
    my ($s) = @_;
    my $config = send_it($s, 'GET', '/ServiceProviderConfig');
    my @made;

    is($config->{status}, 200, 'ServiceProviderConfig');
    ok($config->{json}{$_}{supported}, "$_ is supported") for qw(patch filter bulk);
    cmp_ok($config->{json}{bulk}{maxOperations}, '>=', 1, 'so many operations are sent in one PATCH');
    for my $user (@mapped) {
        my $r = send_it($s, 'POST', '/Users', $user);
        status_is($r, 201, "create $user->{userName}");
        push @made, $r->{json};
    }
    is_scim_error(send_it($s, 'POST', '/Users', $mapped[0]), 409, 'uniqueness', 'a second time: a conflict');
    my $found = send_it($s, 'GET', '/Users' . uri(filter => 'userName eq "mira"'));
    is_deeply([map { $_->{id} } @{ $found->{json}{Resources} }], [$made[0]{id}], 'and the user is looked up');
    my $changed = { %{ $mapped[0] }, id => $made[0]{id}, displayName => 'Mira Dahl', active => FALSE };
    my $r = send_it($s, 'PUT', "/Users/$made[0]{id}", $changed);
    status_is($r, 200, 'a change is a PUT of everything');
    is_deeply([@{ reread($s, $made[0]) }{qw(displayName active externalId)}], ['Mira Dahl', FALSE, 'uid-mira'], 'and is read back');
    is_deeply(content(reread($s, $made[0])), content($changed), 'nothing else is different');
    is_scim_error(send_it($s, 'PUT', '/Users/0190abcd-ef12-7fff-bfff-000000000001', $changed), 404, undef,
        'PUT of one who is gone: 404, and a new POST');
    return \@made;
}

sub groups {
    my ($s, @people) = @_;
    my %group = (schemas => [GROUP], externalId => 'pk-1', displayName => 'Nordic Sales');
    my $r = send_it($s, 'POST', '/Groups', \%group);
    my $id = $r->{json}{id};

    status_is($r, 201, 'a group, without members');
    like(patch_members($s, $id, 2, map { ['add', $_->{id}] } @people), qr/^20[04] 20[04]$/, 'members in two requests, one in each operation');
    is_deeply(members_of($s, $id), ids(\@people), 'all are there');
    like(patch_members($s, $id, 100, ['add', $people[0]{id}]), qr/^20[04]$/, 'one is added again');
    like(patch_members($s, $id, 100, ['remove', $people[0]{id}], ['remove', $people[1]{id}]), qr/^20[04]$/, 'removal by a value array');
    is_deeply(members_of($s, $id), [$people[2]{id}], 'only those named are gone');
    like(patch_members($s, $id, 100, ['add', $people[0]{id}], ['remove', $people[2]{id}], ['remove', $people[1]{id}]), qr/^20[04]$/,
        'additions, then removals');
    is_deeply(members_of($s, $id), [$people[0]{id}], 'one who was no member is no fault');
    $r = send_it($s, 'PATCH', "/Groups/$id", { schemas => [PATCHOP], Operations => [{ op => 'replace',
        value => { %group, id => $id, displayName => 'Sales' } }] });
    like($r->{status}, qr/^20[04]$/, 'the whole group without a path, id and schemas included') or diag($r->{body});
    is_deeply([$s->get("/Groups/$id")->{json}{displayName}, @{ members_of($s, $id) }], ['Sales', $people[0]{id}], 'has the new name, and its member');
    $r = send_it($s, 'PATCH', "/Groups/$id", { schemas => [PATCHOP], Operations => [{ op => 'replace', path => 'displayName', value => 'Sales Nord' },
        { op => 'replace', path => 'externalId', value => 'pk-1' }] });
    like($r->{status}, qr/^20[04]$/, 'in its mode for AWS: an operation for each attribute');
    is($s->get("/Groups/$id")->{json}{displayName}, 'Sales Nord', 'renamed');
    $r = send_it($s, 'POST', '/Groups', { %group, displayName => 'Sales Nord' });
    if ($s->profile eq 'default') {
        is_scim_error($r, 409, 'uniqueness', 'the group again: a conflict');
    } else {
        status_is($r, 201, 'the group again: another of the name');
        send_it($s, 'DELETE', "/Groups/$r->{json}{id}");
    }
    is_deeply([map { $_->{id} } @{ send_it($s, 'GET', '/Groups' . uri(filter => 'displayName eq "Sales Nord"'))->{json}{Resources} }], [$id],
        'and it is looked up');
    is_deeply([map { $_->{display} } @{ reread($s, $people[0])->{groups} }], ['Sales Nord'], 'the member has the group');
    return;
}

# All groups, page after page: the next page begins behind what has been seen.
sub discovery {
    my ($s) = @_;
    my ($seen, %met) = (0);

    $s->group(displayName => "Found $_") for 1 .. 130;
    my $page = send_it($s, 'GET', '/Groups')->{json};
    my $all = $page->{totalResults};
    for (1 .. 200) {
        $met{ $_->{id} }++ for @{ $page->{Resources} };
        $seen += @{ $page->{Resources} };
        last if $seen >= $all || !@{ $page->{Resources} };
        $page = send_it($s, 'GET', '/Groups?startIndex=' . ($seen + 1))->{json};
    }
    is_deeply([$seen, scalar keys %met], [$all, 131], 'discovery meets each group once');
    return;
}

# A service that said it has no PATCH gets the whole group, members and all; older versions left members out when there were none.
sub without_patch {
    my ($s, @people) = @_;
    my %group = (schemas => [GROUP], externalId => 'pk-2', displayName => 'By PUT');
    my $id = send_it($s, 'POST', '/Groups', { %group, members => [map { +{ value => $_->{id} } } @people] })->{json}{id};

    is_deeply(members_of($s, $id), ids(\@people), 'POST with members');
    status_is(send_it($s, 'PUT', "/Groups/$id", { %group, id => $id, members => [map { +{ value => $_->{id} } } @people[0, 1]] }), 200,
        'PUT with two of them');
    is_deeply(members_of($s, $id), ids([@people[0, 1]]), 'two are left');
    status_is(send_it($s, 'PUT', "/Groups/$id", { %group, id => $id }), 200, 'PUT without members');
    is_deeply(members_of($s, $id), $s->profile eq 'default' ? ids([@people[0, 1]]) : [],
        'says nothing of them in default, and that there are none in rfc');
    status_is(send_it($s, 'PUT', "/Groups/$id", { %group, id => $id, members => [] }), 200, 'PUT with an empty list');
    is_deeply(members_of($s, $id), [], 'nobody is left');
    is(send_it($s, 'DELETE', "/Groups/$id")->{status}, 204, 'the group is deleted');
    is(send_it($s, 'GET', "/Groups/$id")->{status}, 404, 'and gone');
    return;
}

sub leaving {
    my ($s, @people) = @_;

    is(send_it($s, 'DELETE', "/Users/$people[0]{id}")->{status}, 204, 'a user is deleted');
    is_scim_error(send_it($s, 'DELETE', "/Users/$people[0]{id}"), 404, undef, 'a second time: 404, which it takes for done');
    status_is(send_it($s, 'POST', '/Users', $mapped[0]), 201, 'created anew');
    is(send_it($s, 'GET', '/Users' . uri(filter => 'userName eq "mira"'))->{json}{totalResults}, 1, 'and found once');
    return;
}
