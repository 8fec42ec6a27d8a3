# What a profile changes without a line of C: what DELETE means, which attributes can be filtered.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(is_scim_error uri FALSE);

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

done_testing;
