# What plugins of Keycloak send: one that creates and replaces whole resources, or patches with values as strings and empties a group by null; and
# one whose PATCH carries a whole resource under the name of its schema. Import is a list of everything; nothing is looked up before a POST.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE GROUP PATCHOP USER uri is_scim_error);
use ScimTest::Fixtures;

my $s = ScimTest->new;
my @people = map { created('/Users', a_user($_)) } qw(mira ola kari);

for my $type ('application/scim+json', 'application/json') {
    subtest "$type" => sub { whole_resources($type) };
}
subtest 'PATCH, by path' => \&by_path;
subtest 'PATCH, the whole resource under its schema' => \&wrapped;
subtest 'import' => \&import_all;
subtest 'to the letter' => \&strictly;
done_testing;

# As its library writes requests.
sub send_it {
    my ($method, $path, $body, $type) = @_;

    return $s->request($method, $path, $body, Accept => 'application/scim+json, application/json', defined $body
        ? ('Content-Type' => $type // 'application/scim+json') : ());
}

sub created {
    my ($endpoint, $resource, $type) = @_;
    my $r = send_it('POST', $endpoint, $resource, $type);

    return $r->{status} == 201 ? $r->{json} : die "$r->{status} $r->{body}\n";
}

# E-mail addresses have no type; roles are values alone; lists are sent empty.
sub a_user {
    my ($name, %more) = @_;

    return { schemas => [USER], externalId => "kc-$name", userName => $name, displayName => ucfirst $name, active => TRUE,
        emails => [{ value => "$name\@fjordvik.example", primary => TRUE }], roles => [], %more };
}

sub member { my ($user) = @_; return { value => $user->{id}, '$ref' => "Users/$user->{id}" } }

sub whole_resources {
    my ($type) = @_;
    my $name = 'w' . length $type;
    my $u = created('/Users', a_user($name, roles => [{ value => 'editor' }, { value => 'reader' }]), $type);

    is_deeply($u->{emails}, [{ value => "$name\@fjordvik.example", primary => TRUE }], 'an address without a type');
    is_deeply([map { $_->{value} } @{ $u->{roles} }], [qw(editor reader)], 'roles');
    is_scim_error(send_it('POST', '/Users', a_user($name), $type), 409, 'uniqueness', 'the same again: a conflict');
    my $r = send_it('PUT', "/Users/$u->{id}", { %{ a_user($name, active => FALSE, displayName => 'New') }, id => $u->{id},
        meta => { location => "Users/$u->{id}" } }, $type);
    status_is($r, 200, 'replaced, with a location of its own in meta');
    is_deeply([@{ $r->{json} }{qw(displayName active roles)}, $r->{json}{meta}{location}], ['New', FALSE, undef, $u->{meta}{location}],
        'and the location is ours');
    my $g = created('/Groups', { schemas => [GROUP], externalId => "kc-$name", displayName => "Group $name",
        members => [map { member($_) } @people[0, 1]] }, $type);
    is_deeply(ids($g->{members}), ids([@people[0, 1]]), 'a group with relative references');
    $r = send_it('PUT', "/Groups/$g->{id}", { schemas => [GROUP], id => $g->{id}, externalId => "kc-$name", displayName => "Group $name",
        members => [member($people[2])], meta => { location => "Groups/$g->{id}" } }, $type);
    status_is($r, 200, 'replaced');
    is_deeply(ids($s->get("/Groups/$g->{id}")->{json}{members}), [$people[2]{id}], 'by one other member');
    $r = send_it('PUT', "/Groups/$g->{id}", { schemas => [GROUP], id => $g->{id}, displayName => "Group $name" }, $type);
    status_is($r, 200, 'without members');
    is_deeply(ids($s->get("/Groups/$g->{id}")->{json}{members}), [$people[2]{id}], 'they stay');
    is(send_it('DELETE', "/Groups/$g->{id}")->{status}, 204, 'the group is deleted');
    is(send_it('DELETE', "/Users/$u->{id}")->{status}, 204, 'the user is deleted');
    is_scim_error(send_it('GET', "/Users/$u->{id}"), 404, undef, 'and gone');
    return;
}

sub by_path {
    my $u = created('/Users', a_user('patched'));
    my $patch = sub { my ($path, @operations) = @_; return send_it('PATCH', $path, { schemas => [PATCHOP], Operations => \@operations }) };
    my $replace = sub { my ($path, $value) = @_; return { op => 'replace', path => $path, value => $value } };

    for my $active (['false', FALSE], ['true', TRUE]) {
        my $r = $patch->("/Users/$u->{id}", $replace->(active => $active->[0]), $replace->(userName => 'patched2'),
            $replace->(displayName => 'Patched'));
        status_is($r, 200, "active is the string $active->[0]");
        is_deeply([@{ reread($s, $u) }{qw(active userName displayName)}], [$active->[1], 'patched2', 'Patched'], 'as a boolean');
    }
    my $g = created('/Groups', { schemas => [GROUP], externalId => 'kc-44', displayName => 'Sales' });
    my @names = ($replace->(displayName => 'Nordic Sales'), $replace->(externalId => 'kc-44'));
    like($patch->("/Groups/$g->{id}", $replace->(members => [map { member($_) } @people]), @names)->{status}, qr/^20[04]$/, 'all members replaced');
    is_deeply(ids($s->get("/Groups/$g->{id}")->{json}{members}), ids(\@people), 'they are there');
    like($patch->("/Groups/$g->{id}", { op => 'remove', path => 'members', value => undef }, @names)->{status}, qr/^20[04]$/,
        'members removed with null');
    is_deeply([@{ $s->get("/Groups/$g->{id}")->{json} }{qw(displayName externalId members)}], ['Nordic Sales', 'kc-44', undef], 'the group is empty');
    return;
}

# A PATCH of one operation without a path, or with the schema as path.
sub wrapped {
    my $g = created('/Groups', { schemas => [GROUP], displayName => 'Wrapped', members => [member($people[0])] });

    for my $case (
        ['as a member of the value', {}, { GROUP, { displayName => 'Wrapped 2', members => [map { member($_) } @people[1, 2]] } }, 'Wrapped 2',
            [@people[1, 2]]],
        ['as the path', { path => GROUP }, { displayName => 'Wrapped 3', members => [member($people[0])] }, 'Wrapped 3', [$people[0]]],
        ['not at all', {}, { schemas => [GROUP], id => $g->{id}, displayName => 'Wrapped 4', members => [map { member($_) } @people] }, 'Wrapped 4',
            \@people],
    ) {
        my ($title, $path, $value, $name, $members) = @$case;
        my $r = send_it('PATCH', "/Groups/$g->{id}", { schemas => [PATCHOP], Operations => [{ op => 'replace', %$path, value => $value }] });
        like($r->{status}, qr/^20[04]$/, "the schema $title") or diag($r->{body});
        my $read = $s->get("/Groups/$g->{id}")->{json};
        is_deeply([$read->{displayName}, ids($read->{members})], [$name, ids($members)], 'the group is as sent');
    }
    return;
}

# A list without filter and count; then page by page, and by POST.
sub import_all {
    my $all = $s->get('/Users?count=1000')->{json};
    my $list = send_it('GET', '/Users');

    is_deeply([$list->{status}, $list->{json}{totalResults}], [200, $all->{totalResults}], 'a list of everything');
    is_deeply([map { $_->{id} } @{ $list->{json}{Resources} }], [map { $_->{id} } @{ $all->{Resources} }], 'all of them');
    my @paged = map { @{ send_it('GET', "/Users?startIndex=$_&count=2")->{json}{Resources} } } map { 1 + 2 * $_ } 0 .. $all->{totalResults} / 2;
    is_deeply([map { $_->{id} } @paged], [map { $_->{id} } @{ $all->{Resources} }], 'page by page');
    my $r = send_it('POST', '/Users/.search', { schemas => [ScimTest::SEARCH], filter => 'emails.value ew "fjordvik.example"', sortBy => 'userName',
        sortOrder => 'ascending',
        startIndex => 1, count => 2, attributes => ['userName'] });
    is_deeply([$r->{status}, map { $_->{userName} } @{ $r->{json}{Resources} }], [200, 'kari', 'mira'], 'its library can search by POST, sorted');
    is(names(send_it('GET', '/Users' . uri(filter => 'externalId eq "kc-ola"'))), 'ola', 'and by what Keycloak calls it');
    return;
}

# To the letter of the RFC a string is no boolean, and null names nothing.
sub strictly {
    $s = ScimTest->new(profile => 'rfc');
    my $u = created('/Users', a_user('strict'));
    my $g = created('/Groups', { schemas => [GROUP], displayName => 'Strict', members => [{ value => $u->{id} }] });

    is_scim_error(send_it('PATCH', "/Users/$u->{id}", { schemas => [PATCHOP],
        Operations => [{ op => 'replace', path => 'active', value => 'true' }] }), 400,
        'invalidValue', 'active as a string is refused');
    is_scim_error(send_it('PATCH', "/Groups/$g->{id}", { schemas => [PATCHOP],
        Operations => [{ op => 'remove', path => 'members', value => undef }] }), 400,
        'invalidValue', 'null in the place of members is refused');
    is_deeply(ids($s->get("/Groups/$g->{id}")->{json}{members}), [$u->{id}], 'and nobody is lost');
    is(send_it('PUT', "/Users/$u->{id}", { %{ a_user('strict', displayName => 'S') }, id => $u->{id} })->{status}, 200, 'whole resources are good');
    is(send_it('DELETE', "/Users/$u->{id}")->{status}, 204, 'and DELETE');
    return;
}
