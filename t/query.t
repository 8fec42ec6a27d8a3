# Lists: envelope, paging, sorting (Q-01 to Q-26) and POST .search (X-01 to X-08).
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE ENTERPRISE LIST SEARCH USER uri is_scim_error);
use ScimTest::Fixtures;

my $ENT = ENTERPRISE;
my $s = ScimTest->new;
my $f = fixtures($s);
my $rfc = $s->at('/rfc/v2');
my ($U1, $U2, $U3) = map { $f->{$_}{userName} } qw(U1 U2 U3);

# ---- envelope and paging ----

my $all = $s->get('/Users');
is($all->{status}, 200, 'Q-01: 200');
is_deeply($all->{json}{schemas}, [LIST], 'Q-01: ListResponse');
like($all->{body}, qr/"totalResults":3[,}]/, 'Q-01: totalResults is an integer');
is(ref $all->{json}{Resources}, 'ARRAY', 'Q-01: Resources');
is_deeply([sort { $a->{id} cmp $b->{id} } @{ $all->{json}{Resources} }], [sort { $a->{id} cmp $b->{id} } @$f{qw(U1 U2 U3)}],
    'Q-25, E-13: entries are what GET gives');
my $none = $s->get('/Users' . uri(filter => 'userName eq "nobody"'));
is_deeply([$none->{status}, $none->{json}],
    [200, { schemas => [LIST], totalResults => 0, startIndex => 1, itemsPerPage => 0, Resources => [] }], 'Q-02: no match');
my $one = $s->get('/Users' . uri(filter => qq(id eq "$f->{U1}{id}")));
is_deeply([ids($one->{json}{Resources}), $one->{json}{totalResults}], [[$f->{U1}{id}], 1], 'Q-03: one match is a list');

# [parameters, totalResults, startIndex, itemsPerPage]
for my $case (
    ['Q-04', 'count=1', 3, 1, 1], ['Q-05', 'count=2', 3, 1, 2], ['Q-05', 'startIndex=3&count=2', 3, 3, 1],
    ['Q-06', 'startIndex=0', 3, 1, 3], ['Q-06', 'startIndex=-5', 3, 1, 3],
    ['Q-07', 'count=0', 3, 1, 0], ['Q-07', 'count=-1', 3, 1, 0], ['Q-08', 'count=3', 3, 1, 3], ['Q-09', 'count=999999', 3, 1, 3],
    ['Q-10', 'startIndex=1000', 3, 1000, 0],
    ['Q-11', 'count=99999999999', 3, 1, 3], ['Q-10', 'startIndex=2147483648', 3, 2147483648, 0], ['rule 1', 'count=', 3, 1, 3],
    ['rule 1', 'startIndex=&count=2', 3, 1, 2],
) {
    my ($id, $parameters, @expected) = @$case;
    my $r = $s->get("/Users?$parameters");

    is_deeply([@{ $r->{json} }{qw(totalResults startIndex itemsPerPage)}, scalar @{ $r->{json}{Resources} }], [@expected, $expected[2]],
        "$id: $parameters");
    unlike($r->{body}, qr/"(?:totalResults|startIndex|itemsPerPage)":"/, "$id: $parameters: integers");
}
is_scim_error($s->get("/Users?$_"), 400, 'invalidValue', "Q-11: $_")
    for qw(count=abc startIndex=1.5 count=1e2 count=0x10 startIndex=one count=1%202 startIndex=-), 'count=%D9%A1';
is_scim_error($s->get("/Users?$_"), 400, 'invalidValue', "H-23: $_")
    for 'count=1&count=2', 'startIndex=1&startIndex=1', 'sortBy=id&sortBy=id', 'attributes=id&attributes=id';
is_scim_error($s->get('/Users?filter=title+pr&filter=id+pr'), 400, 'invalidFilter', 'H-23: filter twice');

my $small = ScimTest->new(path => '/small/v2');
my @made = map { $small->user->{id} } 1 .. 20;
my $first = $small->get('/Users')->{json};
is_deeply([@$first{qw(totalResults startIndex itemsPerPage)}], [20, 1, 2], 'rule 10: without parameters a first page');
is($small->get('/Users?count=100')->{json}{itemsPerPage}, 3, 'Q-09: count is capped');
my @paged;
for (my $start = 1; $start <= 20; $start += 3) {
    my $page = $small->get('/Users' . uri(startIndex => $start, count => 3))->{json};
    push @paged, map { $_->{id} } @{ $page->{Resources} };
    is($page->{startIndex}, $start, "rule 10: startIndex $start is echoed");
}
is_deeply([sort @paged], [sort @made], 'Q-12: every resource once');
my @sorted;
for (my $start = 1; $start <= 20; $start += 3) {
    push @sorted, map { $_->{id} } @{ $small->get('/Users' . uri(startIndex => $start, count => 3, sortBy => 'title'))->{json}{Resources} };
}
is_deeply([sort @sorted], [sort @made], 'Q-12: every resource once when all are equal in the order');

# ---- sorting ----

sub order {
    my ($endpoint, %parameters) = @_;
    my $r = $s->get($endpoint . uri(map { $_ => $parameters{$_} } sort keys %parameters));

    return $r->{status} == 200 ? join ' ', map { $_->{userName} // $_->{displayName} } @{ $r->{json}{Resources} }
        : "status $r->{status}: $r->{body}";
}

is(order('/Users', sortBy => 'userName'), "$U1 $U3 $U2", 'Q-16: ascending by default');
is(order('/Users', sortBy => 'userName', sortOrder => 'ascending'), "$U1 $U3 $U2", 'Q-16: ascending');
is(order('/Users', sortBy => 'userName', sortOrder => 'descending'), "$U2 $U3 $U1", 'Q-16: descending');
is(order('/Users', sortBy => 'USERNAME', sortOrder => 'DESCENDING'), "$U2 $U3 $U1", 'Q-16, Q-21: in capitals');
my $letters = ScimTest->new;
$letters->user(userName => $_, nickName => $_) for "z\x{e9}", "\x{e9}z", 'zz', 'a-b', 'ab';
is(join(' ', map { $_->{userName} } @{ $letters->get('/Users' . uri(sortBy => 'nickName'))->{json}{Resources} }), "a-b ab zz z\x{e9} \x{e9}z",
    'I-13: by code points, whatever the language of the database');
is_scim_error($s->get('/Users' . uri(sortBy => 'userName', sortOrder => $_)), 400, 'invalidValue', "Q-16: sortOrder $_") for qw(up asc 1);
like(order('/Users', sortBy => 'title'), qr/^\Q$U1\E /, 'Q-18: without a value: last when ascending');
like(order('/Users', sortBy => 'title', sortOrder => 'descending'), qr/ \Q$U1\E$/, 'Q-18: first when descending');
is(order('/Users', sortBy => 'emails.value'), "$U1 $U3 $U2", 'Q-19: primary, else first value');
is(order('/Users', sortBy => 'emails'), "$U1 $U3 $U2", 'Q-19: a list means its values');
like(order('/Users', sortBy => 'name.familyName'), qr/^\Q$U1\E /, 'Q-20: a part');
is_scim_error($s->get('/Users' . uri(sortBy => 'name')), 400, 'invalidValue', 'Q-20: a complex attribute');
like(order('/Users', sortBy => "$ENT:employeeNumber"), qr/^\Q$U1\E /, 'Q-21: URN');
like(order('/Users', sortBy => USER . ':name.familyName'), qr/^\Q$U1\E /, 'Q-21: URN of the base schema and a part');
is_scim_error($s->get('/Users' . uri(sortBy => $_)), 400, 'invalidValue', "Q-22: sortBy $_")
    for 'nope', 'emails.nope', 'emails[type eq "work"].value', 'urn:x:y', 'a b';
is_scim_error($rfc->get('/Users' . uri(sortBy => 'password')), 400, 'invalidValue', 'Q-23: sortBy password');
is(order('/Users', sortBy => 'meta.created'), "$U1 $U2 $U3", 'Q-17: dateTimes');
is(order('/Users', sortBy => 'meta.lastModified', sortOrder => 'descending'), "$U3 $U2 $U1", 'Q-17: dateTimes, descending');
is(order('/Users', sortBy => 'id'), "$U1 $U2 $U3", 'Q-17: ids');
like(order('/Users', sortBy => 'active'), qr/^\Q$U2\E /, 'Q-17: false before true');
is(order('/Groups', sortBy => 'displayName'), 'Employees Empty Tour Guides', 'Q-16: groups');
{
    # Page by page, each order the mirror of the other.
    my $t = ScimTest->new;
    my %id = map { my ($name, $external) = @$_; ($t->user(userName => $name, defined $external ? (externalId => $external) : ())->{id} => $name) }
        ['a', 'x2'], ['b'], ['c', 'x1'], ['d'], ['e', 'X0'];
    my $walk = sub {
        return join ' ', map { my $start = $_; map { $id{ $_->{id} } } @{ $t->get('/Users' . uri(sortBy => 'externalId', count => 2, startIndex => $start, @_))->{json}{Resources} } } 1, 3, 5;
    };

    is($walk->(), 'e c a b d', 'Q-18: page by page, without externalId last');
    is($walk->(sortOrder => 'descending'), 'd b a c e', 'Q-18: page by page, without externalId first when descending');
}
{
    my $t = ScimTest->new;
    my @rows = (['b', 'aB'], ['A', 'ab'], ['c', 'AB'], ["\x{e9}", "Z"]);
    $t->user(userName => $_->[0], externalId => $_->[1]) for @rows;
    my $by = sub { join ' ', map { $_->{externalId} } @{ $t->get('/Users' . uri(@_))->{json}{Resources} } };
    is($by->(sortBy => 'userName'), 'ab aB AB Z', 'Q-17: strings without case');
    is($by->(sortBy => 'externalId'), 'AB Z aB ab', 'Q-17, I-13: strings with case, by code point');
}
{
    my $t = ScimTest->new(path => '/acme/v2');
    my $device = 'urn:ietf:params:scim:schemas:acme:2.0:Device';
    my %bought = (a => '2024-03-01T01:00:00+02:00', b => '2024-02-29T23:30:00Z', c => '2024-03-01T00:00:00+01:00');
    my %shelf = (a => 10, b => 9, c => -1);
    $t->post('/Devices', { schemas => [$device], displayName => $_, shelf => $shelf{$_}, weight => $shelf{$_} / 4,
        bought => $bought{$_} })->{status} == 201 or die for qw(a b c);
    my $by = sub { join ' ', map { $_->{displayName} } @{ $t->get('/Devices' . uri(sortBy => $_[0]))->{json}{Resources} } };
    is($by->('shelf'), 'c b a', 'Q-17: integers');
    is($by->('weight'), 'c b a', 'Q-17: decimals');
    is($by->('bought'), 'a c b', 'Q-17: dateTimes of several offsets, by instant, then by age');
}

{
    # Each kind of attribute, with two resources that have no value, in both directions.
    my $device = 'urn:ietf:params:scim:schemas:acme:2.0:Device';
    my %kind = (
        'strings with case' => ['serial', 'b', 'A', 'a', 'C', 'A C a b'],
        integers => ['shelf', 10, 9, -1, 0, '-1 0 9 10'],
        decimals => ['weight', 2.5, 10, -0.25, 1e-3, '-0.25 0.001 2.5 10'],
        references => ['manual', 'https://b.example/', 'https://A.example/', 'https://a.example/', 'urn:x', 'https://A.example/ https://a.example/ https://b.example/ urn:x'],
        binaries => ['key', 'BBBB', 'AAAA', 'CCCC', 'AAAB', 'AAAA AAAB BBBB CCCC'],
        'several values, without case' => ['tags', ['m', 'a'], ['K'], ['z', 'b'], ['l', 'l2'], 'K l m z'],
    );
    for my $kind (sort keys %kind) {
        my ($name, @values) = @{ $kind{$kind} };
        my $tenant = ScimTest->new(path => '/acme/v2');
        my $expected = "$values[4] - -";
        for my $value (undef, @values[0 .. 3], undef) {
            my $r = $tenant->post('/Devices', { schemas => [$device], displayName => 'd', (defined $value ? ($name => $value) : ()) });
            $r->{status} == 201 or die "$kind: $r->{status} $r->{body}\n";
        }
        my $by = sub { my ($direction) = @_;
            return join ' ', map { my $v = $_->{$name}; !defined $v ? '-' : ref $v ? $v->[0] : $v }
                @{ $tenant->get('/Devices' . uri(sortBy => $name, sortOrder => $direction))->{json}{Resources} } };
        is($by->('ascending'), $expected, "Q-17, Q-18: $kind, ascending");
        is($by->('descending'), join(' ', reverse split / /, $expected), "Q-17, Q-18: $kind, descending");
    }
}

# ---- deletion ----

{
    my $t = ScimTest->new;
    my @ids = map { $t->user->{id} } 1 .. 3;
    $t->delete("/Users/$ids[1]");
    my $list = $t->get('/Users')->{json};
    is_deeply([$list->{totalResults}, ids($list->{Resources})], [2, [sort @ids[0, 2]]], 'Q-26: a deleted resource is not in lists');
}

# ---- .search ----

my $search = sub { my ($endpoint, %body) = @_; return $s->post("$endpoint/.search", { schemas => [SEARCH], %body }) };
my $before = $s->get('/Users?count=0')->{json}{totalResults};
my $found = $search->('/Users', filter => 'emails pr');
is_deeply([$found->{status}, names($found), $found->{header}{location}], [200, "$U1 $U3", undef], 'X-01: a query');
is($s->get('/Users?count=0')->{json}{totalResults}, $before, 'X-01: nothing is created');
is_scim_error($s->post('/Users/.search', $_->[1]), 400, 'invalidSyntax', "X-02: $_->[0]")
    for ['no schemas', { filter => 'id pr' }], ['another URN', { schemas => [USER], filter => 'id pr' }], ['not JSON', '{'], ['an array', '[]'];
for my $case ([filter => 'title pr'], [sortBy => 'userName', sortOrder => 'descending'], [startIndex => 2, count => 1], [count => 0], []) {
    my %p = @$case;
    is_deeply($search->('/Users', %p)->{json}, $s->get('/Users' . uri(@$case))->{json}, "X-03: the same as GET: @$case");
}
is_deeply($search->('/Users', attributes => ['userName', 'emails.value'], sortBy => 'userName')->{json},
    $s->get('/Users' . uri(attributes => 'userName,emails.value', sortBy => 'userName'))->{json}, 'X-03: attributes');
is_deeply($search->('/Groups', excludedAttributes => ['members'])->{json}, $s->get('/Groups?excludedAttributes=members')->{json},
    'X-03: excludedAttributes, groups');
is_scim_error($rfc->post('/Users/.search', { schemas => [SEARCH], @$_ }), 400, 'invalidValue', "X-03: $_->[0] is a number") for [count => '1'], [startIndex => '1'];
is($rfc->post('/Users/.search', { schemas => [SEARCH], startIndex => 1.0, count => 2 })->{status}, 200, 'X-03: numbers');
# [in the body, in a URL]
for my $number (map({ [$_, $_] } '9223372036854775808', '-9223372036854775809', '99999999999999999999', '-99999999999999999999', '1' x 400),
    ['1e30', '1' . '0' x 30], ['-1e400', '-1' . '0' x 400], ['99999999999999999999.5e1', '999999999999999999995']) {
    for my $name (qw(count startIndex)) {
        my $url = $s->get("/Users?$name=$number->[1]");
        for my $at ('/Users/.search', '/.search') {
            my $r = $s->post($at, qq({"schemas":["${\SEARCH}"],"$name":$number->[0]}));
            my @page = map { my $page = $_->{json}; [$_->{status}, @$page{qw(startIndex itemsPerPage)}] } $r, $url;
            $page[0][2] = $page[1][2] if $at eq '/.search';
            is_deeply($page[0], $page[1], 'X-03, Q-11: ' . substr("$at, $name $number->[0]", 0, 60) . ': as in a URL');
        }
    }
}
is($search->('/Users', @$_)->{status}, 200, "X-03: $_->[0] as other libraries write it") for [count => '10'], [startIndex => 1.0];
is_scim_error($search->('/Users', @$_[0, 1]), 400, $_->[2], "X-04: $_->[0] " . (ref $_->[1] ? ref $_->[1] : $_->[1]))
    for [filter => 'x y z', 'invalidFilter'], [count => 'ten', 'invalidValue'], [count => 1.5, 'invalidValue'],
        [startIndex => 'x', 'invalidValue'], [sortBy => 'nope', 'invalidValue'],
    [sortBy => ['userName'], 'invalidValue'], [filter => 5, 'invalidFilter'], [filter => {}, 'invalidFilter'],
    [attributes => {}, 'invalidValue'], [attributes => [1], 'invalidValue'],
    [filter => '', 'invalidFilter'];
is_deeply($search->('/Users', attributes => 'userName,emails', sortBy => 'id')->{json},
    $s->get('/Users' . uri(attributes => 'userName,emails', sortBy => 'id'))->{json},
    'X-05: a string with commas');
is(names($s->post('/Users/.search?filter=userName+eq+%22nobody%22', { schemas => [SEARCH], filter => 'title pr' })), $U1,
    'X-05: parameters of the URL are ignored');
for my $method (qw(GET PUT PATCH DELETE)) {
    my $r = $s->request($method, '/Users/.search', $method =~ /PUT|PATCH/ ? {} : undef);

    is_scim_error($r, 405, undef, "X-08: $method");
    like($r->header('Allow') // '', qr/\bPOST\b/, "X-08: $method: Allow");
}

done_testing;
