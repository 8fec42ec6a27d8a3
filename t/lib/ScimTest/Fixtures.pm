# The users and groups that the tables of tests refer to by name, and ways to look at answers.
package ScimTest::Fixtures;

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP ();
use Test::More ();

use ScimTest;

our @EXPORT = qw(fixtures content ids names reread status_is versions);

# U1 to U3 and G1 to G3 as they are read back; a fresh tenant each time.
#   U1 bjensen@example.com, everything; U2 mpepperidge, inactive, nothing else; U3 jsmith, one e-mail address
#   G1 Tour Guides (U1, U3); G2 Employees (G1); G3 Empty
sub fixtures {
    my ($s) = @_;
    my %f;

    $f{U1} = $s->user(
        userName => 'bjensen@example.com',
        externalId => 'AbC',
        displayName => 'Babs Jensen',
        name => { givenName => 'Barbara', familyName => 'Jensen' },
        title => 'Tour Guide',
        active => ScimTest::TRUE,
        emails => [
            { value => 'bjensen@example.com', type => 'work', primary => ScimTest::TRUE },
            { value => 'babs@jensen.org', type => 'home' },
        ],
        ScimTest::ENTERPRISE() => { employeeNumber => '701984' },
    );
    $f{U2} = $s->user(userName => 'mpepperidge', active => ScimTest::FALSE);
    $f{U3} = $s->user(userName => 'jsmith', displayName => 'Ed Smith', active => ScimTest::TRUE,
        emails => [{ value => 'js@x.org', type => 'work' }]);
    $f{G1} = $s->group(displayName => 'Tour Guides', members => [$f{U1}{id}, $f{U3}{id}]);
    $f{G2} = $s->group(displayName => 'Employees', members => [$f{G1}{id}]);
    $f{G3} = $s->group(displayName => 'Empty');
    return { map { $_ => reread($s, $f{$_}) } keys %f };
}

# The resource as it is now.
sub reread {
    my ($s, $resource) = @_;
    my $r = $s->get($resource->{meta}{location} =~ s/^\Q${\$s->base}\E//r);

    return $r->{status} == 200 ? $r->{json} : die "$resource->{meta}{location}: $r->{status} $r->{body}\n";
}

# What a resource says, without what the server adds (id, meta, groups, references of members); "primary": false is the same as nothing.
sub content {
    my ($resource) = @_;
    my %content = %$resource;

    delete @content{qw(id meta groups)};
    for my $list (grep { ref eq 'ARRAY' } values %content) {
        $list = [map { ref eq 'HASH' ? _element($_) : $_ } @$list];
    }
    $content{schemas} = [sort @{ $content{schemas} // [] }];
    $content{members} = [sort { $a->{value} cmp $b->{value} } map { +{ value => $_->{value} } } @{ $content{members} }] if $content{members};
    return \%content;
}

sub _element {
    my ($element) = @_;
    my %copy = %$element;

    delete $copy{primary} if exists $copy{primary} && !$copy{primary};
    return \%copy;
}

# The sorted ids of members, groups, or the resources of a list.
sub ids {
    my ($elements) = @_;

    return [sort map { $_->{value} // $_->{id} } @{ $elements // [] }];
}

# The sorted names (userName, else displayName) of what a query found, or the status when it failed.
sub names {
    my ($r) = @_;

    return "status $r->{status}: $r->{body}" unless $r->{status} == 200 && $r->{json};
    return join ' ', sort map { $_->{userName} // $_->{displayName} // '?' } @{ $r->{json}{Resources} // [] };
}

# One test on the status that shows the body when it fails.
sub status_is {
    my ($r, $status, $title) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return Test::More::is($r->{status}, $status, $title) || (Test::More::diag($r->{body}), 0)[1];
}

# The version of each resource of both endpoints, by id.
sub versions {
    my ($s) = @_;
    my %versions;

    for my $endpoint (qw(/Users /Groups)) {
        my $list = $s->get($endpoint . uri(count => 1000, attributes => 'meta.version'))->{json};
        $versions{ $_->{id} } = $_->{meta}{version} for @{ $list->{Resources} };
    }
    return \%versions;
}

1;
