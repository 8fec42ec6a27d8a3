# What a profile changes without a line of C: what DELETE means, which attributes can be filtered, what a PATCH of a group answers, which types
# there are.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(is_scim_error uri FALSE USER);
use ScimTest::Fixtures;

my $s = ScimTest->new(path => '/keep/v2');
my $u = $s->user(emails => [{ type => 'work', value => 'w@example.com' }]);
my $g = $s->group(members => [$u->{id}]);

is($s->delete("/Users/$u->{id}", 'If-Match' => 'W/"9"')->{status}, 412, 'DELETE that disables: If-Match');
is($s->delete("/Users/$u->{id}")->{status}, 204, 'DELETE that disables');
my $now = $s->get("/Users/$u->{id}");
is_deeply([$now->{status}, $now->{json}{active}], [200, FALSE], 'the user is there, inactive');
is(scalar @{ $now->{json}{groups} }, 1, 'and still a member');
is($s->delete("/Users/$u->{id}")->{status}, 204, 'again');
is($s->get("/Users/$u->{id}")->header('ETag'), $now->header('ETag'), 'nothing changes then');
is_scim_error($s->delete('/Users/01890000-0000-7000-8000-000000000000'), 404, undef, 'nobody to disable');
my $users = $s->at('/people/v2');
my $plain = $users->user;
is($plain->{active}, undef, 'a user of whom nothing is said');
is($s->delete("/Users/$plain->{id}")->{status}, 204, '... is disabled as well');
is($s->get("/Users/$plain->{id}")->{json}{active}, FALSE, '... by a value of his own');
is_scim_error($s->delete("/Groups/$g->{id}"), 403, undef, 'DELETE that is refused');
is($s->get("/Groups/$g->{id}")->{status}, 200, 'the group is there');

my %filter = (
    'userName eq "x"' => 200, 'id eq "x"' => 200, 'emails.value eq "w@example.com"' => 200, 'emails[type eq "work"].value eq "w@example.com"' => 200,
    'emails[type eq "work" and value eq "w@example.com"]' => 200, 'emails.type eq "work"' => 400, 'displayName eq "x"' => 400, 'externalId eq "x"' => 400,
    'name.familyName pr' => 400, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "x"' => 400,
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr' => 400,
);
for my $filter (sort keys %filter) {
    is($s->get('/Users' . uri(filter => $filter))->{status}, $filter{$filter}, "filterable: $filter");
}

# What cannot be searched can be changed.
{
    my $v = $s->user(phoneNumbers => [{ type => 'work', value => '1' }], emails => [{ type => 'home', value => 'h@example.com' }]);
    my $r = $s->patch("/Users/$v->{id}", [map { { op => 'replace', path => "$_->[0]\[type eq \"$_->[1]\"].$_->[2]", value => $_->[3] } } ['phoneNumbers', 'work', 'value', '2'], ['addresses', 'work', 'locality', 'Oslo'], ['emails', 'home', 'value', 'i@example.com']]);
    is($r->{status}, 200, 'PATCH by value paths of what is not filterable');
    is_deeply([$r->{json}{phoneNumbers}[0]{value}, $r->{json}{addresses}[0]{locality}, $r->{json}{emails}[0]{value}], ['2', 'Oslo', 'i@example.com'], '... is done');
    is_scim_error($s->get('/Users' . uri(filter => 'phoneNumbers[type eq "work"].value eq "2"')), 400, 'invalidFilter', '... and still cannot be searched');
}

# ---- a PATCH of a group that is answered with the group ----

my $full = $s->at('/full/v2');
my $r = $full->patch("/Groups/$g->{id}", [{ op => 'replace', path => 'displayName', value => 'Full' }]);
is_deeply([$r->{status}, $r->{json}{displayName}, ids($r->{json}{members})], [200, 'Full', [$u->{id}]], 'the name changed: the group, with its members');
my $other = $full->user;
$r = $full->patch("/Groups/$g->{id}", [{ op => 'add', path => 'members', value => [{ value => $other->{id} }] }]);
is_deeply([$r->{status}, $r->{json}{displayName}, ids($r->{json}{members})], [200, 'Full', [sort $u->{id}, $other->{id}]], 'members alone: the same');
is($s->patch("/Groups/$g->{id}", [{ op => 'remove', path => 'members' }])->{status}, 204, '... and 204 where the profile does not say so');

# ---- a profile without groups ----

$full->patch("/Groups/$g->{id}", [{ op => 'add', path => 'members', value => [{ value => $other->{id} }] }]);
$r = $users->get("/Users/$other->{id}");
is_deeply([$r->{status}, $r->{json}{userName}], [200, $other->{userName}], 'a profile without groups: a user');
is_deeply([map { [sort keys %$_] } @{ $r->{json}{groups} }], [[qw(display type value)]], '... whose groups have no URL here');
$s->delete("/Users/$plain->{id}");
$r = $users->post('/Users', { schemas => [USER], userName => $plain->{userName} });
is_deeply([$r->{status}, @{ $r->{json} }{qw(id active)}], [201, $plain->{id}, undef], '... who is restored without a word of active');
is($users->post('/Users', { schemas => [USER], userName => $plain->{userName} })->{status}, 409, '... and is in use then');
is($users->get('/Groups')->{status}, 404, '... and nothing else');
is_deeply([map { $_->{id} } @{ $users->get('/ResourceTypes')->{json}{Resources} }], ['User'], '... as it says');

# ---- filters in URLs ----

my $q = ScimTest->new(path => '/no-url-filters/v2');
my $found = $q->user(userName => 'sensitive@example.com');
my $filter = 'userName eq "sensitive@example.com"';
$r = $q->get('/Users' . uri(filter => $filter));
is_scim_error($r, 403, 'sensitive', 'X-07, RX-19: a filter in the URL');
like($r->{json}{detail}, qr{POST to /Users/\.search$}, '... points to .search');
unlike($r->{body}, qr/sensitive\@/, '... and does not say it again');
is_scim_error($q->get('/Groups' . uri(count => 1, filter => 'displayName pr')), 403, 'sensitive', 'X-07: whatever it says');
is_scim_error($q->get("/Users/$found->{id}" . uri(filter => $filter)), 403, 'sensitive', 'X-07: on one resource');
is($q->post('/Users/.search', { schemas => [ScimTest::SEARCH], filter => $filter })->{json}{totalResults}, 1, 'X-07: .search takes it');
is($q->post('/Users/.search' . uri(filter => 'x'), { schemas => [ScimTest::SEARCH], filter => $filter })->{json}{totalResults}, 1,
    'X-05: parameters of its URL are ignored as ever');
is($q->get('/Users?count=1&sortBy=userName&attributes=userName')->{status}, 200, 'X-07: other parameters name nobody');
is_scim_error($q->get('/Schemas?filter=x'), 403, undef, 'D-19: discovery has its own rule');
is($q->at('/scim/v2')->get('/Users' . uri(filter => $filter))->{status}, 200, 'X-07: off by default');

done_testing;
