# What Google Workspace's automatic provisioning sends: users only, bodies as application/json, a look-up by userName, POST, then PATCH or PUT;
# a leaver is suspended, at once or days later, and deleted at the end.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE ENTERPRISE LIST PATCHOP USER uri is_scim_error);
use ScimTest::Fixtures;

my $FOREIGN = 'urn:ietf:params:scim:schemas:extension:vendor:2.0:User';

for my $profile (qw(default rfc)) {
    subtest $profile => sub { story(ScimTest->new(profile => $profile)) };
}
done_testing;

sub send_it {
    my ($s, $method, $path, $body) = @_;

    return $s->request($method, $path, $body, 'User-Agent' => 'Google-Auto-Provisioning', Accept => undef, defined $body
        ? ('Content-Type' => 'application/json') : ());
}

sub found {
    my ($s, $name) = @_;
    my $r = send_it($s, 'GET', '/Users' . uri(filter => qq(userName eq "$name")));

    is_deeply([$r->{status}, $r->{json}{schemas}], [200, [LIST]], "looked for $name");
    return $r->{json}{Resources};
}

sub a_user {
    my ($name, %more) = @_;

    return { schemas => [USER], userName => "$name\@fjordvik.example", name => { givenName => ucfirst $name, familyName => 'Solheim' },
        emails => [{ value => "$name\@fjordvik.example", type => 'work', primary => TRUE }], active => TRUE, %more };
}

sub story {
    my ($s) = @_;
    my $rfc = $s->profile eq 'rfc';
    my $probe = send_it($s, 'GET', '/Users?count=1');

    is_deeply([$probe->{status}, @{ $probe->{json} }{qw(totalResults Resources)}], [200, 0, []], 'credentials are tried with a list of one');
    is_scim_error($s->get('/Users?count=1', Authorization => 'Bearer wrong', 'User-Agent' => 'Google-Auto-Provisioning'), 401, undef,
        'and wrong ones are refused');

    is_deeply(found($s, 'mira@fjordvik.example'), [], 'nobody yet');
    my $r = send_it($s, 'POST', '/Users', a_user('mira', externalId => '1017'));
    status_is($r, 201, 'created');
    like($r->header('Content-Type'), qr{^application/scim\+json}, 'the answer is SCIM');
    my $u = $r->{json};
    is_deeply([map { $_->{id} } @{ found($s, 'Mira@Fjordvik.example') }], [$u->{id}], 'and found, in whatever letters');
    is_scim_error(send_it($s, 'POST', '/Users', a_user('mira')), 409, 'uniqueness', 'a second time: a conflict');

    # Another vendor's entry in the catalogue brings that vendor's extension along.
    my $foreign = a_user('ola', schemas => [USER, $FOREIGN], $FOREIGN => { costCenter => 'N-4' });
    $r = send_it($s, 'POST', '/Users', $foreign);
    if ($rfc) {
        is_scim_error($r, 400, 'invalidValue', 'a schema that nobody knows is refused');
        $r = send_it($s, 'POST', '/Users', a_user('ola'));
    }
    status_is($r, 201, 'a second user');
    is_deeply([$r->{json}{schemas}, $r->{json}{$FOREIGN}], [[USER], undef], 'without what no schema has');
    my $ola = $r->{json};

    $r = send_it($s, 'PATCH', "/Users/$u->{id}", { schemas => [PATCHOP],
        Operations => [{ op => 'replace', path => 'name.familyName', value => 'Dahl' },
        { op => 'replace', value => { displayName => 'Mira Dahl', $rfc ? () : ('name.givenName' => 'M') } },
            { op => 'add', path => ENTERPRISE . ':department', value => 'Sales' }] });
    status_is($r, 200, 'changed by PATCH');
    is_deeply([@{ reread($s, $u) }{qw(displayName name)}, reread($s, $u)->{ +ENTERPRISE }],
        ['Mira Dahl', { givenName => $rfc ? 'Mira' : 'M', familyName => 'Dahl' }, { department => 'Sales' }], 'all of it');
    $r = send_it($s, 'PUT', "/Users/$u->{id}", { %{ a_user('mira', displayName => 'Mira', externalId => '1017') }, id => $u->{id} });
    status_is($r, 200, 'changed by PUT');
    is_deeply(content(reread($s, $u)), content(a_user('mira', displayName => 'Mira', externalId => '1017')), 'only what was sent is left');

    for my $change (['PATCH', { schemas => [PATCHOP], Operations => [{ op => 'replace', path => 'active', value => FALSE }] }],
        ['PUT', a_user('mira', active => FALSE)]) {
        status_is(send_it($s, 'PUT', "/Users/$u->{id}", a_user('mira')), 200, 'active');
        status_is(send_it($s, $change->[0], "/Users/$u->{id}", $change->[1]), 200, "suspended by $change->[0]");
        is_deeply([map { $_->{active} } reread($s, $u), @{ found($s, 'mira@fjordvik.example') }], [FALSE, FALSE], 'and still to be read and found');
    }

    $s->user(userName => "page$_") for 1 .. 5;
    my @paged = map { @{ send_it($s, 'GET', "/Users?startIndex=$_&count=3")->{json}{Resources} } } 1, 4, 7;
    is_deeply([map { $_->{id} } @paged], [map { $_->{id} } @{ $s->get('/Users?count=100')->{json}{Resources} }], 'page after page');
    is(join(' ', map { $_->{userName} } @{ send_it($s, 'GET', '/Users?sortBy=userName&sortOrder=descending&count=2')->{json}{Resources} }),
        'page5 page4', 'in order');

    is(send_it($s, 'DELETE', "/Users/$u->{id}")->{status}, 204, 'deleted at the end');
    is_scim_error(send_it($s, 'DELETE', "/Users/$u->{id}"), 404, undef, 'a second time: done already');
    is_deeply(found($s, 'mira@fjordvik.example'), [], 'nobody is found');
    status_is(send_it($s, 'POST', '/Users', a_user('mira')), 201, 'and the name is free');
    is_deeply(reread($s, $ola), $ola, 'the other user is untouched');
    return;
}
