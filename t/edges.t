# HTTP, filters and pages at the edges of their rules: what a fault of one line would move and no ordinary case shows.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(is_scim_error uri);
use ScimTest::Fixtures;

my $s = ScimTest->new;
my $f = fixtures($s);
my ($U1, $U2, $U3, $G1, $G2, $G3) = map { $f->{$_} } qw(U1 U2 U3 G1 G2 G3);
my $token = $s->token;

# ---- credentials ----

is_scim_error($s->get('/Users', Authorization => "Bearer $token x"), 401, undef, 'SE-05: something behind the token');
is_scim_error($s->at('/basic/v2')->get('/Users', Authorization => $token), 401, undef, 'a bare token where it is not enabled');
unlike($s->get('/Users', Authorization => undef)->header('WWW-Authenticate'), qr/Basic/, 'Basic is not offered where it is not taken');
is_scim_error(ScimTest->new(tenant => 'static', path => '/static/v2')->get('/Users', Authorization => 'Bearer static-token-for-nobody'), 401, undef,
    'SCIMToken: a hash that differs in its first digit, and one in its last');
is_scim_error(ScimTest->new(rights => ['read'])->post('/Users', { schemas => [ScimTest::USER], userName => 'x' }), 403, undef, 'a token for reading');

# ---- routes ----

is_scim_error($s->request(@$_[0, 1]), 404, undef, "nothing is at @$_")
    for ['POST', '/Users/.search/x'], ['GET', '/Schemas/' . ScimTest::USER . '/x'], ['GET', '/ServiceProviderConfig/x'], ['GET', '/ResourceTypes/User/x'];
like($s->options('/Users')->header('Allow') // '', qr/\bHEAD\b/, 'Allow names HEAD');

# ---- filters whose answers come from columns and rows ----

my $v = $U1->{meta}{version} =~ s/"/\\"/gr;
my $location = $U1->{meta}{location};
my $created = $U1->{meta}{created};
for (
    ['meta.version ne', qq(meta.version ne "$v" and id eq "$U1->{id}"), ''],
    ['meta.version eq', qq(meta.version eq "$v" and id eq "$U1->{id}"), 'bjensen@example.com'],
    ['meta.location eq', qq(meta.location eq "$location"), 'bjensen@example.com'],
    ['meta.location ne', qq(meta.location ne "$location"), 'jsmith mpepperidge'],
    ['meta.created eq', qq(meta.created eq "$created" and id eq "$U1->{id}"), 'bjensen@example.com'],
    ['meta.created ne', qq(meta.created ne "$created" and id eq "$U1->{id}"), ''],
    ['meta.created ge', qq(meta.created ge "$created" and id eq "$U1->{id}"), 'bjensen@example.com'],
    ['meta.created gt', qq(meta.created gt "$created" and id eq "$U1->{id}"), ''],
    ['id ne of no id', qq(id ne "nobody" and userName sw "j"), 'jsmith'],
    ['id eq of no id', qq(id eq "nobody"), ''],
    ['active ne true', 'active ne true', 'mpepperidge'],
    ['active ne false', 'active ne false', 'bjensen@example.com jsmith'],
    ['schemas eq', 'schemas eq "' . ScimTest::ENTERPRISE . '"', 'bjensen@example.com'],
    ['schemas ne', 'schemas ne "' . ScimTest::USER . '"', 'bjensen@example.com'],
    ['schemas sw', 'schemas sw "urn:ietf:params:scim:schemas:extension"', 'bjensen@example.com'],
    ['schemas ew', 'schemas ew "core:2.0:User"', 'bjensen@example.com jsmith mpepperidge'],
    ['schemas co', 'schemas co "nothing"', ''],
    ['schemas gt', 'schemas gt "' . ScimTest::ENTERPRISE . '"', ''],
    ['externalId ne', 'externalId ne "AbC"', 'jsmith mpepperidge'],
    ['a column co at its beginning', 'userName co "mpep"', 'mpepperidge'],
    ['not of a column without value', 'not (externalId eq "AbC")', 'jsmith mpepperidge'],
    ['a column and a part of the document', 'title pr and userName sw "bj"', 'bjensen@example.com'],
    ['a part of the document or a column', 'title eq "Tour Guide" or userName eq "jsmith"', 'bjensen@example.com jsmith'],
    ['a part of the document and not of it', 'title eq "Tour Guide" and not (emails.type eq "other")', 'bjensen@example.com'],
    ['ew with a dot', 'emails.value ew "x.org"', 'jsmith'],
    ['ew: a dot is a dot', 'emails.value ew "x-org"', ''],
    ['ew: a dot in the operand is a dot', 'emails.value ew "example.co."', ''],
    ['co: no expression', 'emails.value co "b.*s"', ''],
) {
    my ($title, $filter, $expected) = @$_;
    is(names($s->get('/Users' . uri(filter => $filter))), $expected, "$title: $filter");
}
for (
    ['and inside members', qq(members[value eq "$U1->{id}" and type eq "Group"]), ''],
    ['or inside members', qq(members[value eq "$U1->{id}" or type eq "Group"]), 'Employees Tour Guides'],
    ['not inside members', qq(members[not (type eq "User")]), 'Employees'],
    ['a member that is no id', 'members.value eq "nobody"', ''],
    ['no member is that one', qq(members.value ne "$U1->{id}"), 'Employees Empty Tour Guides'],
    ['no display is that one', 'members.display ne "nobody"', 'Employees Empty Tour Guides'],
) {
    my ($title, $filter, $expected) = @$_;
    is(names($s->get('/Groups' . uri(filter => $filter))), $expected, "$title: $filter");
}
is_scim_error($s->get("/Groups/$U1->{id}$_"), 404, undef, "a user is not found among groups: $_") for '', '?excludedAttributes=members';

# ---- pages ----

my $sorted = sub { return $s->get('/Users' . uri(sortBy => 'userName', @_))->{json} };
is_deeply([map { $_->{userName} } @{ $sorted->(startIndex => $_, count => 1)->{Resources} }], [(qw(bjensen@example.com jsmith mpepperidge))[$_ - 1]],
    "page $_ of one") for 1 .. 3;
is($sorted->(startIndex => 3, count => 2)->{totalResults}, 3, 'the total on a last page that is not full');
is($sorted->(startIndex => 9, count => 2)->{totalResults}, 3, 'the total beyond the end');
is_deeply([@{ $sorted->(filter => 'userName eq "jsmith"', startIndex => 2) }{qw(totalResults startIndex itemsPerPage)}], [1, 2, 0], 'one who is found is on the first page alone');
is_deeply($sorted->(count => 0), { schemas => [ScimTest::LIST], totalResults => 3, startIndex => 1, itemsPerPage => 0, Resources => [] }, 'a page of nothing');

my $t = ScimTest->new;
my $a = $t->user(userName => 'a', emails => [{ value => 'm@x', display => 'a' }, { value => 'a@x', primary => ScimTest::TRUE }]);
my $b = $t->user(userName => 'b', emails => [{ value => 'b@x', display => 'b' }, { value => 'z@x' }, { value => '0@x' }]);
my $order = sub { return join ' ', map { $_->{userName} } @{ $t->get('/Users' . uri(@_))->{json}{Resources} } };
is($order->(sortBy => 'emails.value'), 'a b', 'Q-19: by the primary value, which is not the first');
is($order->(sortBy => 'emails.value', sortOrder => 'descending'), 'b a', 'Q-19: by the first value where none is primary');
is($order->(sortBy => 'emails.display'), 'b a', 'Q-18, Q-19: a primary value that lacks the part has nothing to sort by');
is($order->(sortBy => 'emails.display', sortOrder => 'descending'), 'a b', 'Q-18, Q-19: descending');
$t->patch("/Users/$a->{id}", [{ op => 'replace', path => 'title', value => 'x' }]);
is($order->(sortBy => 'meta.lastModified'), 'b a', 'by the last change');
is($order->(sortBy => 'meta.created'), 'a b', 'by creation');
is($order->(filter => qq(meta.lastModified gt "$b->{meta}{created}")), 'a', 'filtered by the last change');
is($order->(filter => qq(meta.created ge "$b->{meta}{created}")), 'b', 'filtered by creation');

# ---- a member with a name that is longer than what is accepted today ----

my $g = $t->group(members => [$a->{id}, $b->{id}]);
$t->sql("update scim.resource set display = repeat('n', 300000) where id = ?", $a->{id});
is_deeply([map { length $_->{display} } @{ $t->get("/Groups/$g->{id}")->{json}{members} }], [300000, 1], 'a member with a very long name');

# ---- versions ----

my $tag = $G1->{meta}{version};
is_scim_error($s->get("/Groups/$G1->{id}", 'If-Match' => 'W/"99"'), 412, undef, 'GET of a group with a stale If-Match');
is($s->get("/Groups/$G1->{id}", 'If-None-Match' => $tag)->{status}, 304, 'GET of a group that is unchanged');
is($s->get("/Groups/$G1->{id}", 'If-None-Match' => $tag)->{body}, '', '... without a body');
is_scim_error($s->patch("/Groups/$G1->{id}", [{ op => 'remove', path => 'members', value => [{ value => $U3->{id} }] }], 'If-None-Match' => $tag), 412,
    undef, 'If-None-Match on a change of members');
is_scim_error($s->patch("/Groups/$G1->{id}", [{ op => 'remove', path => 'members', value => [{ value => $U3->{id} }] }], 'If-None-Match' => '*'), 412,
    undef, 'If-None-Match: * on a change of members');
is_scim_error($s->delete("/Users/$U3->{id}", 'If-None-Match' => '*'), 412, undef, 'If-None-Match on DELETE');
is_scim_error($s->delete("/Users/$U3->{id}", 'If-Match' => 'W/"99"'), 412, undef, 'DELETE with a stale If-Match');
is($s->get("/Users/$U3->{id}")->{status}, 200, '... and nothing is deleted');
is($s->delete("/Users/$U3->{id}")->{status}, 204, 'DELETE');
isnt(reread($s, $G1)->{meta}{version}, $tag, 'its groups have another version');
is($s->patch("/Groups/$G1->{id}" . uri(attributes => 'displayName'), [{ op => 'replace', path => 'externalId', value => 'x' }])->{status}, 200,
    'PA-09: a PATCH of a group that asks for attributes is answered with them');

done_testing;
