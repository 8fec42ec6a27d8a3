# Queries of all resource types: GET of the Location itself, and POST /.search there (Q-13 to Q-15, X-06).
use strict;
use warnings;

use Digest::SHA ();
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(TRUE FALSE ENTERPRISE LIST SEARCH USER GROUP is_scim_error uri);
use ScimTest::Fixtures;
use ScimTest::Server;

my $ENT = ENTERPRISE;
my $s = ScimTest->new;
my $f = fixtures($s);
my %name = map { $f->{$_}{id} => $_ } keys %$f;

sub page {
    my ($t, @parameters) = @_;
    my $r = $t->get('/' . uri(@parameters));

    $r->{status} == 200 or die "/ @parameters: $r->{status} $r->{body}\n";
    return $r->{json};
}

sub ids_of { return join ' ', map { $_->{id} } map { ref eq 'ARRAY' ? @$_ : $_ } @_ }

# The fixtures in a list, in its order; or sorted.
sub shown { return join ' ', map { $name{ $_->{id} } // '?' } @{ $_[0]{Resources} } }
sub found { my ($json) = @_; return $json->{totalResults} . ': ' . join ' ', sort split / /, shown($json) }

# ---- all ----

my $all = page($s);
is_deeply([@$all{qw(schemas totalResults startIndex itemsPerPage)}], [[LIST], 6, 1, 6], 'Q-13: users and groups in one list');
is_deeply([sort { $a->{id} cmp $b->{id} } @{ $all->{Resources} }], [sort { $a->{id} cmp $b->{id} } values %$f], 'Q-13, Q-25: each as it is by itself');
is(shown($all), 'U1 U2 U3 G1 G2 G3', 'Q-12: in order of creation');
is_deeply($s->get('')->{json}, $all, 'Q-13: the Location without a slash at its end');
is_deeply($s->at('/scim/v2/')->get('')->{json}, $all, 'Q-13: and with one');
is_deeply($s->post('/.search', { schemas => [SEARCH] })->{json}, $all, 'X-06: the same by .search');
is_deeply([map { $s->head('/')->header($_) } qw(Content-Type)], ['application/scim+json'], 'H-01: HEAD');
my $alone = ScimTest->new;
is_deeply(page($alone), { schemas => [LIST], totalResults => 0, startIndex => 1, itemsPerPage => 0, Resources => [] }, 'Q-02: a tenant that has nothing');

# ---- who may ask what ----

for my $method (qw(POST PUT PATCH DELETE)) {
    my $r = $s->request($method, '/', $method eq 'DELETE' ? undef : { schemas => [SEARCH] });

    is_scim_error($r, 405, undef, "H-M: $method /");
    is($r->header('Allow'), 'GET, HEAD, OPTIONS', "H-M: $method /: Allow");
}
for my $method (qw(GET PUT PATCH DELETE)) {
    my $r = $s->request($method, '/.search', $method =~ /^P/ ? {} : undef);

    is_scim_error($r, 405, undef, "X-08: $method /.search");
    is($r->header('Allow'), 'POST, OPTIONS', "X-08: $method /.search: Allow");
}
is_scim_error($s->get($_), 404, undef, "no such endpoint: $_") for '/.search/x', '/x', '/.searchx';
is_scim_error($s->get('/', Authorization => undef), 401, undef, 'SE-01: no token');
is_scim_error($s->post('/.search', { schemas => [SEARCH] }, Authorization => undef), 401, undef, 'SE-01: .search without a token');
{
    my $writer = $s->new_token(['write']);
    is($s->get('/', Authorization => "Bearer $writer")->{status}, 403, 'SE-02: a token that may not read');
    my $reader = $s->new_token(['read']);
    is($s->post('/.search', { schemas => [SEARCH] }, Authorization => "Bearer $reader")->{status}, 200, 'X-01: who may read may search');

    # Endpoints that a token may read: what is in the list, and nothing else.
    my %token = map { $_ => $s->new_token(['read']) } qw(groups none);
    $s->sql("update scim.token set read_endpoints = '{/Groups}' where sha256 = ?", Digest::SHA::sha256_hex($token{groups}));
    $s->sql("update scim.token set read_endpoints = '{/Nothing}' where sha256 = ?", Digest::SHA::sha256_hex($token{none}));
    my @groups = (Authorization => "Bearer $token{groups}");
    is(found($s->get('/', @groups)->{json}), '3: G1 G2 G3', 'Q-24: a token for groups alone');
    is(found($s->get('/' . uri(filter => 'userName pr'), @groups)->{json}), '0: ', 'Q-24: it learns of no users');
    is(found($s->get('/' . uri(filter => 'not (userName pr)', sortBy => 'displayName'), @groups)->{json}), '3: G1 G2 G3', 'Q-24: nor by what they are not');
    is_scim_error($s->get('/' . uri(sortBy => 'userName'), @groups), 400, 'invalidValue', 'Q-22: nor can it sort by what only they have');
    is_scim_error($s->get('/', Authorization => "Bearer $token{none}"), 403, undef, 'Q-24: a token that may read nothing here');
    my $cursor = page($s, cursor => '', count => 2)->{nextCursor};
    is_scim_error($s->get('/' . uri(cursor => $cursor), @groups), 400, 'invalidCursor', 'K-15, K-17: the cursor of a token that may read more');
    is_scim_error($s->get('/Users' . uri(cursor => $cursor)), 400, 'invalidCursor', 'K-09: a cursor of all types at /Users');
}
{
    # What httpd is told about an endpoint holds here as well.
    my $server = ScimTest::Server->start(threads => 4, settings => ["log_statement = 'all'"], pool => 'max=1',
        conf => "SCIMTokenCache 300\n<Location /rfc/v2/Groups>\nRequire all denied\n</Location>");
    my $t = $server->scim('default');
    my $user = $t->user;
    my $group = $t->group(members => [$user->{id}]);
    is(ids_of($t->get('/')->{json}{Resources}), "$user->{id} $group->{id}", 'all that a Location may show');
    is(ids_of($t->at('/rfc/v2')->get('/')->{json}{Resources}), $user->{id}, 'what httpd denies at /Groups is not in the list of all');

    # One statement for each page.
    my $before = length $server->pg_log;
    $t->get('/' . uri(filter => 'displayName pr or userName pr', sortBy => 'displayName', count => 10));
    my @run = grep { /scim\.resource/ } substr($server->pg_log, $before) =~ /LOG:  execute [^:]*: ([^\n]*)/g;
    is(scalar @run, 1, 'a page of all types is one statement');
    $server->stop;
}

# ---- filters: what a type does not have has no value ----

my @filters = (
    ['Q-13', 'meta.resourceType eq "User" or meta.resourceType eq "Group"', '6: G1 G2 G3 U1 U2 U3'],
    ['Q-13', 'meta.resourceType eq "User"', '3: U1 U2 U3'], ['Q-13', 'meta.resourceType eq "user"', '0: '], ['Q-13', 'meta.resourceType ne "User"', '3: G1 G2 G3'],
    ['Q-13', 'meta.resourceType co "rou"', '3: G1 G2 G3'], ['Q-13', 'meta.resourceType sw "U"', '3: U1 U2 U3'], ['Q-13', 'meta.resourceType gt "Group"', '3: U1 U2 U3'],
    ['Q-13', 'meta.resourceType pr', '6: G1 G2 G3 U1 U2 U3'], ['Q-13', 'meta.resourceType eq null', '0: '], ['Q-13', 'not (meta.resourceType eq "User")', '3: G1 G2 G3'],
    ['Q-13', 'meta[resourceType eq "Group" and created pr]', '3: G1 G2 G3'], ['Q-13', 'meta.resourceType eq "Role"', '0: '],
    ['Q-13', 'meta.resourceType eq "Group" and displayName sw "e"', '2: G2 G3'],
    ['Q-14', 'userName pr', '3: U1 U2 U3'], ['Q-14', 'not (userName pr)', '3: G1 G2 G3'], ['Q-14', 'userName eq "jsmith"', '1: U3'],
    ['Q-14', 'userName ne "jsmith"', '5: G1 G2 G3 U1 U2'], ['Q-14', 'userName eq null', '3: G1 G2 G3'], ['Q-14', 'userName ne null', '3: U1 U2 U3'],
    ['Q-14', 'userName co ""', '3: U1 U2 U3'], ['Q-14', 'userName gt "a"', '3: U1 U2 U3'],
    ['X-06', 'displayName sw "E"', '3: G2 G3 U3'], ['Q-14', 'displayName sw "E" and userName pr', '1: U3'], ['Q-14', 'displayName eq "empty" or title eq "tour guide"', '2: G3 U1'],
    ['Q-14', 'members pr', '2: G1 G2'], ['Q-14', 'not (members pr)', '4: G3 U1 U2 U3'], ['Q-14', qq(members.value eq "$f->{U1}{id}"), '1: G1'],
    ['Q-14', 'members[type eq "Group"]', '1: G2'], ['Q-14', 'emails[type eq "work"]', '2: U1 U3'], ['Q-14', 'not (emails[type eq "work"])', '4: G1 G2 G3 U2'],
    ['Q-14', 'emails[type eq "work"].value ew "org"', '1: U3'], ['Q-14', 'emails[nothing pr]', '0: '], ['Q-14', 'emails[not (nothing pr)]', '2: U1 U3'],
    ['Q-14', 'emails.nothing pr', '0: '], ['Q-14', 'title ne "Tour Guide"', '5: G1 G2 G3 U2 U3'], ['Q-14', 'title eq null', '5: G1 G2 G3 U2 U3'],
    ['Q-14', qq($ENT:employeeNumber eq "701984"), '1: U1'], ['Q-14', "$ENT pr", '1: U1'], ['Q-14', "not ($ENT pr)", '5: G1 G2 G3 U2 U3'],
    ['Q-14', USER . ':displayName pr', '2: U1 U3'], ['Q-14', GROUP . ':displayName pr', '3: G1 G2 G3'], ['F-33', qq(schemas eq "${\GROUP}"), '3: G1 G2 G3'],
    ['Q-14', 'shoeSize eq 4', '0: '], ['Q-14', 'shoeSize pr', '0: '], ['Q-14', 'not (shoeSize pr)', '6: G1 G2 G3 U1 U2 U3'], ['Q-14', 'shoeSize ne "x"', '6: G1 G2 G3 U1 U2 U3'],
    ['Q-14', 'shoeSize eq null', '6: G1 G2 G3 U1 U2 U3'], ['Q-14', 'shoeSize ne null', '0: '], ['Q-14', 'shoeSize gt 4 or shoeSize co "4"', '0: '],
    ['Q-14', 'shoes[size eq 4 or not (size eq 4)]', '0: '], ['Q-14', 'shoes[size eq 4].colour ne "red"', '0: '],
    ['Q-14', 'shoeSize pr or active eq false', '1: U2'], ['Q-14', 'shoeSize pr and active eq true', '0: '], ['Q-14', 'not (shoeSize pr) and active eq true', '2: U1 U3'],
    ['F-34', qq(id eq "$f->{G2}{id}" or id eq "$f->{U2}{id}"), '2: G2 U2'], ['F-34', 'externalId eq "AbC"', '1: U1'], ['F-34', 'meta.created gt "2020-01-01T00:00:00Z"', '6: G1 G2 G3 U1 U2 U3'],
    ['F-19', qq(meta.location eq "$f->{G1}{meta}{location}"), '1: G1'],
);
for my $case (@filters) {
    my ($id, $filter, $expected) = @$case;

    is(found(page($s, filter => $filter)), $expected, "$id: $filter");
    is(page($s, filter => $filter, count => 0)->{totalResults} . ':', $expected =~ s/ .*//r, "$id: counted: $filter");
}
is_scim_error($s->get('/' . uri(filter => $_)), 400, 'invalidFilter', "F-04: $_")
    for '', 'shoeSize', 'shoeSize eq', 'shoeSize like 4', 'shoeSize eq 4 5', 'shoeSize gt null', 'shoes[size eq 4', 'shoes[size eq]', '(shoeSize pr',
    'shoes[a[b pr]]', 'shoeSize eq "x', 'active gt true', 'name eq "x"', 'password eq "x"';
is_scim_error($s->at('/rfc/v2')->get('/' . uri(filter => $_)), 400, 'invalidFilter', "F-08, F-17: strictly: $_")
    for 'shoeSize eq big', 'shoeSize eq {', 'userName eq 5', 'meta.resourceType eq 5';
is($s->get('/' . uri(filter => 'shoeSize eq big'))->{json}{totalResults}, 0, 'F-08: a bare word');
is_scim_error($s->get('/Users' . uri(filter => 'shoeSize eq 4')), 400, 'invalidFilter', 'F-36: of one type an attribute that it does not have is a fault');
is_deeply($s->post('/.search', { schemas => [SEARCH], filter => 'displayName sw "E"', sortBy => 'displayName', attributes => ['displayName'] })->{json},
    page($s, filter => 'displayName sw "E"', sortBy => 'displayName', attributes => 'displayName'), 'X-03, X-06: .search says what GET says');

# ---- orders ----

is(shown(page($s, sortBy => 'displayName')), 'U1 U3 G2 G3 G1 U2', 'Q-16, Q-18: by what both have; without it last');
is(shown(page($s, sortBy => 'displayName', sortOrder => 'descending')), 'U2 G1 G3 G2 U3 U1', 'Q-18: descending, without it first');
is(shown(page($s, sortBy => 'userName')), 'U1 U3 U2 G1 G2 G3', 'Q-18: by what groups do not have: they come last');
is(shown(page($s, sortBy => 'userName', sortOrder => 'descending')), 'G3 G2 G1 U2 U3 U1', 'Q-18: or first');
is(shown(page($s, sortBy => 'meta.resourceType')), 'G1 G2 G3 U1 U2 U3', 'Q-17: by the name of the type');
is(shown(page($s, sortBy => 'meta.location', sortOrder => 'descending')), 'U3 U2 U1 G3 G2 G1', 'Q-17: by location');
is(shown(page($s, sortBy => 'meta.created', sortOrder => 'descending')), 'G3 G2 G1 U3 U2 U1', 'Q-17: by creation');
is(shown(page($s, sortBy => 'userName', filter => 'meta.resourceType eq "Group"')), 'G1 G2 G3', 'Q-18: where nobody is left who has it');
is_scim_error($s->get('/' . uri(sortBy => $_)), 400, 'invalidValue', "Q-20, Q-22, Q-23: sortBy $_") for qw(nope name password members groups schemas), 'a b';

# ---- projection ----

is_deeply([map { join ' ', sort keys %$_ } @{ page($s, attributes => 'userName,members.value')->{Resources} }],
    [('id schemas userName') x 3, ('id members schemas') x 2, 'id schemas'], 'G-10: attributes: of each type its own');
ok(!grep({ exists $_->{members} || exists $_->{emails} || !exists $_->{meta} } @{ page($s, excludedAttributes => 'members,emails')->{Resources} }),
    'G-05: excludedAttributes: of each type its own');
is_deeply([map { $_->{schemas} } @{ page($s, attributes => 'shoeSize')->{Resources} }], [map { $f->{$_}{schemas} } qw(U1 U2 U3 G1 G2 G3)],
    'G-15, X-06: each with its own schemas');
is_scim_error($s->get('/?attributes=id&excludedAttributes=id'), 400, 'invalidValue', 'G-13: both');

# ---- pages ----

my @resources = @{ $all->{Resources} };
is_deeply([@{ page($s, count => 2, startIndex => 3) }{qw(totalResults startIndex itemsPerPage)}], [6, 3, 2], 'Q-05: numbers of a page');
is(shown(page($s, count => 2, startIndex => 3)), 'U3 G1', 'Q-12: a page in the middle');
is_deeply(page($s, count => 0), { schemas => [LIST], totalResults => 6, startIndex => 1, itemsPerPage => 0, Resources => [] }, 'Q-07: count=0');
is_deeply([@{ page($s, startIndex => 7) }{qw(totalResults itemsPerPage)}], [6, 0], 'Q-10: beyond the end');

# By cursor and by index, the pages together are the list.
sub walks {
    my ($t, $title, @query) = @_;
    my $list = ids_of(page($t, @query, count => 1000)->{Resources});

    for my $count (1, 2, 5) {
        my ($cursor, $start, $total, @by_cursor, @by_index) = ('', 1, 1);
        while (defined $cursor && @by_cursor < 100) {
            my $page = page($t, @query, count => $count, cursor => $cursor);
            push @by_cursor, @{ $page->{Resources} };
            $cursor = $page->{nextCursor};
        }
        while ($start <= $total && @by_index < 100) {
            my $page = page($t, @query, count => $count, startIndex => $start);
            push @by_index, @{ $page->{Resources} };
            ($start, $total) = ($start + $count, $page->{totalResults});
        }
        ids_of(@by_cursor) eq $list or return is(ids_of(@by_cursor), $list, "$title: by cursor, $count in a page");
        ids_of(@by_index) eq $list or return is(ids_of(@by_index), $list, "$title: by index, $count in a page");
    }
    return ok($list =~ /\S+ \S+ \S+/, $title);
}

my $mixed = ScimTest->new(path => '/mixed/v2');
my $thing = 'urn:ietf:params:scim:schemas:mixed:2.0:Thing';
for my $n (1 .. 5) {
    $mixed->user(userName => 'u' . $n * 3 % 5, ($n % 2 ? (displayName => "N$n") : ()), ($n % 3 ? (title => 'T' . $n % 2) : ()), ($n > 2 ? (externalId => "x$n") : ()),
        ($n % 2 ? (emails => [{ value => "m$n\@x.org" }]) : ()), active => $n % 2 ? TRUE : FALSE, ($n == 3 ? (nickName => 'Nick') : ()));
    my $r = $mixed->post('/Things', { schemas => [$thing], displayName => 'N' . (6 - $n), ($n % 2 ? (title => 10 * $n) : ()), ($n > 2 ? (active => "a$n") : ()),
        ($n % 2 ? (nickName => $n > 2 ? TRUE : FALSE) : ()), ($n < 4 ? (size => 10 / $n) : ()), ($n < 3 ? (externalId => "x$n") : ()) });
    $r->{status} == 201 or die "$r->{status} $r->{body}\n";
    $mixed->group(displayName => 'N' . $n * 7 % 5, members => [map { $_->{id} } @{ $mixed->get('/Users' . uri(count => $n))->{json}{Resources} }]);
}
for my $by ('', qw(id userName displayName externalId title active nickName size emails.value meta.created meta.lastModified meta.version meta.resourceType meta.location)) {
    for my $direction ($by ? qw(ascending descending) : '') {
        my @order = $by ? (sortBy => $by, sortOrder => $direction) : ();
        walks($mixed, "Q-12, K-11: @order", @order);
        walks($mixed, "Q-12, K-11: @order, filtered", @order, filter => 'displayName pr');
        walks($mixed, "Q-12, K-11: @order, some by an index", @order, filter => 'externalId eq "x1" or title eq null or meta.resourceType eq "Group"');
    }
}
is_scim_error($mixed->get('/' . uri(filter => 'title eq "T1"')), 400, 'invalidFilter', 'F-17: a value that does not fit the attribute of one type');
is(join(' ', map { $_->{title} // '-' } @{ page($mixed, sortBy => 'title')->{Resources} }), '10 30 50 T0 T0 T1 T1 - - - - - - - -',
    'Q-17: where two types have it of different kinds, as text');
is(join(' ', map { $_->{size} // '-' } @{ page($mixed, sortBy => 'size', filter => 'meta.resourceType ne "Group"')->{Resources} }),
    join(' ', map({ 0 + $_ } 10 / 3, 5, 10), ('-') x 7), 'Q-17: where one type has it, as what it is');
is_deeply([map { scalar @{ $_->{members} } } grep { $_->{members} } @{ page($mixed)->{Resources} }], [1 .. 5], 'groups have their members');

done_testing;
