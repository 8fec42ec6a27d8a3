# Paging by cursor (RFC 9865; K-01 to K-20).
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep);

use ScimTest qw(TRUE FALSE ENTERPRISE LIST SEARCH is_scim_error uri);

my $UNRESERVED = qr/^[A-Za-z0-9._~-]+$/;

# A page; dies unless it is one.
sub page {
    my ($s, $endpoint, @parameters) = @_;
    my $r = $s->get($endpoint . uri(@parameters));

    $r->{status} == 200 or die "$endpoint @parameters: $r->{status} $r->{body}\n";
    return $r->{json};
}

# All pages by cursor, as the lists of their resources.
sub walk {
    my ($s, $endpoint, @parameters) = @_;
    my ($cursor, @pages) = ('');

    while (defined $cursor && @pages < 100) {
        my $page = page($s, $endpoint, @parameters, cursor => $cursor);
        push @pages, $page->{Resources};
        $cursor = $page->{nextCursor};
    }
    return @pages;
}

sub ids { return join ' ', map { $_->{id} } map { ref eq 'ARRAY' ? @$_ : $_ } @_ }

# ---- pages ----

my $s = ScimTest->new;
my @users = map { $s->user(userName => "user$_\@example.com") } 1 .. 5;
my $first = page($s, '/Users', cursor => '', count => 2);
is_deeply([sort keys %$first], [qw(Resources itemsPerPage nextCursor schemas totalResults)], 'K-01, K-03: the first page: no startIndex, no previousCursor');
is_deeply([@$first{qw(totalResults itemsPerPage)}, $first->{schemas}], [5, 2, [LIST]], 'K-01, K-10: numbers of the first page');
is(ids($first->{Resources}), ids(@users[0, 1]), 'K-01: resources of the first page');
is($s->get('/Users?cursor&count=2')->{json}{itemsPerPage}, 2, 'K-01: a cursor without a value');
is($s->get('/Users?cursor=+&count=2')->{json}{itemsPerPage}, 2, 'K-01: a cursor that is blank');
like($first->{nextCursor}, $UNRESERVED, 'K-04: unreserved characters');
my $second = page($s, '/Users', cursor => $first->{nextCursor}, count => 2);
is(ids($second->{Resources}), ids(@users[2, 3]), 'K-02: the second page');
is($second->{totalResults}, 5, 'K-10: the second page says how many there were');
ok(!exists $second->{previousCursor}, 'K-03: no previousCursor');
my $third = page($s, '/Users', cursor => $second->{nextCursor}, count => 2);
is(ids($third->{Resources}), ids($users[4]), 'K-02: the last page');
is_deeply([exists $third->{nextCursor}, $third->{itemsPerPage}, $third->{totalResults}], ['', 1, 5], 'K-02: the last page has no nextCursor');
is(ids(walk($s, '/Users', count => 5)), ids(@users), 'K-02: a page that holds all');
is(scalar(walk($s, '/Users', count => 5)), 1, 'K-02: a page that is just full is the last');
$s->delete("/Users/$users[4]{id}");
pop @users;
is_deeply([map { scalar @$_ } walk($s, '/Users', count => 2)], [2, 2], 'K-02: 4 users by 2 are two pages');
is_deeply([map { scalar @$_ } walk($s, '/Users', count => 1)], [1, 1, 1, 1], 'K-02: pages of one');
is(ids(page($s, '/Users', cursor => $first->{nextCursor})->{Resources}), ids(@users[2, 3]), 'K-08: who does not say count means that of the first page');
my $none = page($s, '/Users', cursor => '', filter => 'userName eq "nobody"');
is_deeply($none, { schemas => [LIST], totalResults => 0, itemsPerPage => 0, Resources => [] }, 'K-02: nobody: one page');
is_deeply(page($s, '/Users', cursor => '', filter => 'userName eq "user1@example.com"', count => 1)->{Resources}, [$users[0]], 'K-02: one by a look-up');
for my $count (0, -1) {
    is_deeply(page($s, '/Users', cursor => '', count => $count), { schemas => [LIST], totalResults => 4, itemsPerPage => 0, Resources => [] },
        "K-05: count=$count: the number alone");
}
is(page($s->at('/small/v2'), '/Users', cursor => '', count => 100)->{itemsPerPage}, 3, 'K-05, RX-27: count is capped');
is(ids(walk($s->at('/small/v2'), '/Users', count => 100)), ids(@users), 'K-05: a count that is capped is the same in each request');

# ---- faults ----

my $cursor = page($s, '/Users', cursor => '', count => 2)->{nextCursor};
is_scim_error($s->get('/Users' . uri(cursor => $_)), 400, 'invalidCursor', 'K-06: a bad cursor: ' . substr $_, 0, 40)
    for 'garbage', '-', 'A', 'AAAA', '....', '%', "\x{e9}", 'A' x 80, 'A' x 4000, substr($cursor, 0, -1), $cursor . 'A', "$cursor=", " x$cursor";
is_scim_error($s->get('/Users?cursor=%FF'), 400, 'invalidCursor', 'K-06: no UTF-8');
is_scim_error($s->get('/Users?cursor=&cursor='), 400, 'invalidCursor', 'H-23: cursor twice');
is_scim_error($s->get('/Users' . uri(cursor => $cursor, count => $_)), 400, 'invalidCount', "K-08: count=$_ after count=2") for 0, 1, 3, 1000;
is_scim_error($s->get('/Users' . uri(cursor => $_, count => 'two')), 400, 'invalidCount', 'K-08: a count that is no number') for '', $cursor;
is_scim_error($s->get('/Users' . uri(count => 'two')), 400, 'invalidValue', 'Q-11: without a cursor the keyword is that of RFC 7644');
is_scim_error($s->get($_->[0] . uri(cursor => $cursor, count => 2, @$_[1 .. $#$_])), 400, 'invalidCursor', "K-09: with @$_")
    for ['/Groups'], ['/Users', filter => 'userName pr'], ['/Users', sortBy => 'userName'], ['/Users', sortBy => 'id'];
{
    my $by_name = page($s, '/Users', cursor => '', count => 2, sortBy => 'userName', filter => 'userName pr')->{nextCursor};

    is(ids(page($s, '/Users', cursor => $by_name, SORTBY => 'USERNAME', filter => 'userName pr', attributes => 'id')->{Resources}), ids(@users[2, 3]),
        'K-09: the same query in other words, and other attributes of it');
    is_scim_error($s->get('/Users' . uri(cursor => $by_name, @$_)), 400, 'invalidCursor', "K-09: with @$_")
        for [sortBy => 'userName', filter => 'userName pr', sortOrder => 'descending'], [sortBy => 'displayName', filter => 'userName pr'],
        [sortBy => 'userName'], [sortBy => 'userName', filter => 'id pr'];
}
is_scim_error($s->get("/Users?cursor=$_&startIndex=5"), 400, 'invalidValue', 'K-19: cursor and startIndex') for '', $cursor;
my ($tail) = $cursor =~ /(.)$/;
for my $at (0 .. length($cursor) - 1) {
    my $flipped = $cursor;

    substr($flipped, $at, 1) = substr($cursor, $at, 1) eq 'A' ? 'B' : 'A';
    my $r = $s->get('/Users' . uri(cursor => $flipped, count => 2));
    $r->{status} == 400 && $r->{json}{scimType} eq 'invalidCursor' or fail("K-17: character $at changed: $r->{status} $r->{body}");
}
for my $other (grep { $_ ne $tail } 'A' .. 'Z', 'a' .. 'z', 0 .. 9, '-', '_') {
    my $r = $s->get('/Users' . uri(cursor => $cursor =~ s/.$/$other/r, count => 2));

    $r->{status} == 400 or fail("K-17: the last character becomes $other: $r->{status}");
}
is(page($s, '/Users', cursor => $cursor, count => 2)->{itemsPerPage}, 2, 'K-17: every character counts; as it was given, the cursor is good');

# ---- whose ----

{
    my $t2 = ScimTest->new;
    my @theirs = map { $t2->user } 1 .. 3;
    my $foreign = $t2->get('/Users' . uri(cursor => $cursor, count => 2));
    my $forged = $t2->get('/Users' . uri(cursor => $cursor =~ s/(.)(.)$/$2$1/r =~ s/^(.)/$1 eq 'A' ? 'B' : 'A'/er, count => 2));

    is_scim_error($foreign, 400, 'invalidCursor', 'K-15: a cursor of another tenant');
    is($foreign->{body}, $forged->{body}, 'K-16: nobody is told that it is another tenant\'s');
    is($t2->get('/Users' . uri(cursor => $cursor, count => 3))->{body}, $forged->{body}, 'K-16: nor what count it has');
    my $reader = $s->new_token(['write']);
    is($s->get('/Users' . uri(cursor => $cursor, count => 2), Authorization => "Bearer $reader")->{status}, 403, 'K-15, K-17: a token that may not read');
    my $another = $s->new_token(['read']);
    is($s->get('/Users' . uri(cursor => $cursor, count => 2), Authorization => "Bearer $another")->{status}, 200, 'K-15: another token of the tenant');
}
is_scim_error($s->at('/api/scim')->get('/Users' . uri(cursor => $cursor, count => 2)), 400, 'invalidCursor', 'K-09: at another Location, with another profile');
is_scim_error($s->at('/small/v2')->get('/Users' . uri(cursor => $cursor, count => 2)), 400, 'invalidCursor', 'K-09: at another Location, with other URLs');
{
    # 5,000 cursors, and the first is good: nothing of them is kept.
    my $r;
    for (1 .. 5000) {
        $r = $s->get('/Users?cursor=&count=1');
    }
    is($r->{status}, 200, 'K-18: thousands of cursors');
    is(page($s, '/Users', cursor => $cursor, count => 2)->{itemsPerPage}, 2, 'K-18: none takes the place of another');
}

# ---- lifetime ----

{
    my $short = $s->at('/short-cursor/v2');
    my ($now, $before) = (page($short, '/Users', cursor => '', count => 2)->{nextCursor}) x 2;

    is($short->get('/ServiceProviderConfig')->{json}{pagination}{cursorTimeout}, 1, 'D-29: cursorTimeout as configured');
    sleep 2.1;
    is_scim_error($short->get('/Users' . uri(cursor => $before, count => 2)), 400, 'expiredCursor', 'K-07: after its time');
    my $t2 = ScimTest->new(path => '/short-cursor/v2');
    is_scim_error($t2->get('/Users' . uri(cursor => $before, count => 2)), 400, 'invalidCursor', 'K-16: another tenant does not learn that it was one');
    is_scim_error($short->get('/Users' . uri(cursor => $before, count => 2, sortBy => 'id')), 400, 'invalidCursor', 'K-09: nor does another query');
}

# ---- .search ----

my $search = sub { my %body = @_; return $s->post('/Users/.search', { schemas => [SEARCH], %body }) };
my $found = $search->(cursor => '', count => 2, sortBy => 'userName')->{json};
is_deeply([ids($found->{Resources}), @$found{qw(totalResults itemsPerPage)}], [ids(@users[0, 1]), 4, 2], 'K-14: .search by cursor');
$found = $search->(cursor => $found->{nextCursor}, count => 2, sortBy => 'userName')->{json};
is_deeply([ids($found->{Resources}), $found->{nextCursor}], [ids(@users[2, 3]), undef], 'K-14: .search: the second page');
is(ids($search->(cursor => $cursor, count => 2)->{json}{Resources}), ids(@users[2, 3]), 'K-14, X-03: the cursor of a GET goes on in .search');
is_scim_error($search->(cursor => 'x'), 400, 'invalidCursor', 'K-06: .search');
is_scim_error($search->(cursor => 5), 400, 'invalidCursor', 'K-06: .search: a cursor that is a number');
is_scim_error($search->(cursor => $cursor, count => 3), 400, 'invalidCount', 'K-08: .search');
for my $count (1.5, TRUE, [2], { a => 2 }, 'two') {
    is_scim_error($search->(cursor => '', count => $count), 400, 'invalidCount', 'K-08, X-04: .search: a count that is no number: ' . JSON::PP->new->allow_nonref->encode($count));
    is_scim_error($search->(count => $count), 400, 'invalidValue', '... and without a cursor');
}
is_scim_error($s->at('/rfc/v2')->post('/Users/.search', { schemas => [SEARCH], cursor => '', count => '2' }), 400, 'invalidCount', 'K-08, X-04: .search: a count in quotes');
is_scim_error($search->(cursor => '', startIndex => 1), 400, 'invalidValue', 'K-19: .search');

# ---- which method ----

ok(exists page($s, '/Users')->{startIndex}, 'K-12: by index where nothing is said');
is_deeply($s->get('/ServiceProviderConfig')->{json}{pagination},
    { cursor => TRUE, index => TRUE, defaultPaginationMethod => 'index', defaultPageSize => 100, maxPageSize => 1000, cursorTimeout => 3600 },
    'D-29, K-12: pagination');
{
    my $only = $s->at('/cursor-only/v2');

    is_deeply([@{ $only->get('/ServiceProviderConfig')->{json}{pagination} }{qw(cursor index defaultPaginationMethod)}], [TRUE, FALSE, 'cursor'],
        'K-13: pagination of a service by cursor alone');
    ok(exists page($only, '/Users', count => 2)->{nextCursor}, 'K-13: a plain query has a nextCursor');
    ok(exists page($only, '/Users', startIndex => 1, count => 2)->{nextCursor}, 'K-13: so has the first page by index');
    is_scim_error($only->get('/Users?startIndex=2'), 400, 'invalidValue', 'K-13: there is no second one');
    my $first_by = $s->at('/cursor-first/v2');
    is_deeply([@{ $first_by->get('/ServiceProviderConfig')->{json}{pagination} }{qw(cursor index defaultPaginationMethod defaultPageSize maxPageSize)}],
        [TRUE, TRUE, 'cursor', 2, 3], 'K-12: pagination of a service by cursor first');
    ok(exists page($first_by, '/Users')->{nextCursor}, 'K-01: where it is the usual method, cursor may be left out');
    is(page($first_by, '/Users', startIndex => 3)->{startIndex}, 3, 'K-12: by index where startIndex is sent');
    is(page($first_by, '/Users', startIndex => 1)->{startIndex}, 1, 'K-12: the first page, too');
    my $index = $s->at('/index-only/v2');
    ok(!exists $index->get('/ServiceProviderConfig')->{json}{pagination}, 'D-29: without cursors there is no pagination');
    is_scim_error($index->get("/Users?cursor=$_"), 400, 'invalidCursor', 'K-13: cursors that are not offered') for '', $cursor;
    is(page($index, '/Users')->{startIndex}, 1, 'K-12: by index');
}

# ---- orders: the pages together are the list ----

sub same_as_list {
    my ($t, $endpoint, $title, @query) = @_;
    my $all = ids(page($t, $endpoint, @query, count => 1000)->{Resources});

    for my $count (1, 2, 5) {
        my $ids = ids(walk($t, $endpoint, @query, count => $count));
        $ids eq $all or return is($ids, $all, "$title, $count in a page");
    }
    return ok($all =~ /\S+ \S+ \S+/, $title);
}

{
    my $t = ScimTest->new;
    my $n = 0;
    for my $title (qw(Guide cook), undef, 'Guide', undef, 'guide', "\x{e9}clair", undef, 'Cook', 'Zebra', undef) {
        $n++;
        $t->user(userName => 'u' . ($n * 7 % 11), (defined $title ? (title => $title) : ()), ($n % 3 ? (externalId => 'x' . $n % 4) : ()),
            ($n % 4 ? (displayName => 'D' . $n % 5) : ()), ($n % 2 ? (name => { familyName => 'F' . $n % 3 }) : ()),
            emails => $n % 5 == 0 ? [] : [{ value => "a$n\@x.org" }, { value => 'p' . $n % 2 . '@x.org', primary => TRUE }], active => $n % 3 == 0 ? FALSE : TRUE,
            ($n % 2 ? (schemas => [ScimTest::USER, ENTERPRISE], ENTERPRISE, { employeeNumber => '1' . $n % 2 }) : ()));
    }
    my $one = page($t, '/Users', count => 1)->{Resources}[0]{id};
    $t->patch("/Users/$one", [{ op => 'add', path => 'nickName', value => $_ }]) for 1 .. 3;
    for my $by (qw(userName externalId displayName id active title name.familyName emails.value meta.created meta.lastModified meta.version
        meta.resourceType meta.location), ENTERPRISE . ':employeeNumber') {
        for my $direction (qw(ascending descending)) {
            same_as_list($t, '/Users', "K-11, Q-18: $by, $direction", sortBy => $by, sortOrder => $direction);
            same_as_list($t, '/Users', "K-11, F-41: $by, $direction, those that an index finds", sortBy => $by, sortOrder => $direction, filter => 'title eq "guide" or title eq "cook"');
            same_as_list($t, '/Users', "K-11, F-41: $by, $direction, those that are looked for", sortBy => $by, sortOrder => $direction, filter => 'emails pr');
        }
    }
    same_as_list($t, '/Users', 'K-11: without sortBy');
    my @titles = map { $_->{title} // '-' } map { @$_ } walk($t, '/Users', sortBy => 'title', count => 3);
    like(join(' ', @titles), qr/^(?:cook Cook|Cook cook)(?: [Gg]uide){3} Zebra \x{e9}clair - - - -$/, 'K-11, Q-18: ascending, those without a title last');
    @titles = map { $_->{title} // '-' } map { @$_ } walk($t, '/Users', sortBy => 'title', sortOrder => 'descending', count => 3);
    like(join(' ', @titles), qr/^- - - - \x{e9}clair Zebra/, 'K-11, Q-18: descending, those without a title first');
}
{
    my $t = ScimTest->new(path => '/acme/v2');
    my $device = 'urn:ietf:params:scim:schemas:acme:2.0:Device';
    for my $n (1 .. 7) {
        my $r = $t->post('/Devices', { schemas => [$device], displayName => "d$n", ($n % 3 ? (shelf => $n * 5 % 7 - 3) : ()), ($n % 4 ? (weight => "1.$n" * 10**$n) : ()),
            ($n % 2 ? (bought => "2024-03-01T0$n:00:00+0$n:00") : ()), ($n % 5 ? (lent => $n % 2 ? TRUE : FALSE) : ()), ($n % 3 ? (manual => "https://example.com/$n") : ()),
            ($n > 4 ? (tags => ["t$n", 'a']) : ()), ($n % 2 ? (key => 'AA==') : ()) });
        $r->{status} == 201 or die "$r->{status} $r->{body}\n";
    }
    for my $by (qw(displayName serial shelf weight bought lent manual tags key)) {
        same_as_list($t, '/Devices', "K-11, Q-17: $by, $_", sortBy => $by, sortOrder => $_) for qw(ascending descending);
    }
}
{
    # Long values: their beginnings order them, and cursors stay short enough for a URL.
    my $t = ScimTest->new;
    my @made = map { $t->user(nickName => $_) } map { ("\x{1F600}" x 499) . $_ x 3000 } qw(b a c a);
    my ($page) = page($t, '/Users', cursor => '', count => 1, sortBy => 'nickName');

    cmp_ok(length $page->{nextCursor}, '<', 4000, 'K-04: a cursor with a long key fits in a URL');
    is(ids(walk($t, '/Users', count => 1, sortBy => 'nickName')), ids(@made[1, 3, 0, 2]), 'K-11: long values');
    unlike($page->{nextCursor}, qr/nick|user/i, 'K-17: nothing can be read in it');
}

# ---- groups ----

{
    my $t = ScimTest->new;
    my @members = map { $t->user } 1 .. 4;
    my @groups = map { my $n = $_; $t->group(displayName => "G$n", members => [map { $_->{id} } @members[0 .. $n - 1]]) } 1 .. 4;
    my $outer = $t->group(displayName => 'Outer', members => [$groups[0]{id}]);
    my @pages = walk($t, '/Groups', count => 2, sortBy => 'displayName');

    is_deeply([map { [map { scalar @{ $_->{members} } } @$_] } @pages], [[1, 2], [3, 4], [1]], 'K-02: groups with their members, and of those only');
    is_deeply([map { @$_ } @pages], page($t, '/Groups', sortBy => 'displayName')->{Resources}, 'K-02: groups as in the whole list');
    is_deeply([map { @$_ } walk($t, '/Groups', count => 2, excludedAttributes => 'members')], page($t, '/Groups', excludedAttributes => 'members')->{Resources},
        'K-02: groups without members');
    is_deeply([map { @$_ } walk($t, '/Users', count => 1)], page($t, '/Users')->{Resources}, 'K-02: users in groups of groups');
    is_deeply([map { @$_ } walk($t, '/Users', count => 3)], page($t, '/Users')->{Resources}, 'K-02: users in groups of groups, several in a page');
}

# ---- changes between pages ----

{
    my $t = ScimTest->new;
    my @all = map { $t->user(displayName => sprintf 'D%02d', $_) } 1 .. 12;
    my $next = sub { my ($page, @query) = @_; return page($t, '/Users', count => 3, @query, cursor => $page->{nextCursor}) };
    my $one = page($t, '/Users', cursor => '', count => 3);

    $t->delete("/Users/$all[0]{id}");
    my $two = $next->($one);
    is(ids($two->{Resources}), ids(@all[3 .. 5]), 'K-20: a resource of the first page is gone: the second is complete');
    is($two->{totalResults}, 12, 'K-10: totalResults is that of the first page');
    $t->delete("/Users/$all[5]{id}");
    $t->delete("/Users/$all[7]{id}");
    my $late = $t->user(displayName => 'D99');
    my $three = $next->($two);
    is(ids($three->{Resources}), ids(@all[6, 8, 9]), 'K-20: where the page ended, and one behind it, is nobody any more');
    is(ids($next->($three)->{Resources}), ids(@all[10, 11], $late), 'K-20: who came meanwhile is at the end');

    my @rest = (@all[1 .. 4, 6, 8 .. 11], $late);
    my @by = (sortBy => 'displayName');
    $one = page($t, '/Users', cursor => '', count => 3, @by);
    my $between = $t->user(displayName => 'D04a');
    $t->patch("/Users/$rest[0]{id}", [{ op => 'replace', path => 'title', value => 'Changed' }]);
    $t->user(displayName => 'D00');
    $t->delete("/Users/$rest[2]{id}");
    $two = $next->($one, @by);
    is(ids($two->{Resources}), ids($between, @rest[3, 4]), 'K-20: in the order of names, new ones before and behind the place');
    $t->patch("/Users/$rest[5]{id}", [{ op => 'remove', path => 'displayName' }]);
    my @last = (@{ $next->($two, @by)->{Resources} });
    is(ids(@last), ids(@rest[6 .. 8]), 'K-20: who loses the name goes to the end');
    my $end = page($t, '/Users', count => 3, @by, cursor => $next->($two, @by)->{nextCursor});
    is(ids($end->{Resources}), ids($late, $rest[5]), 'K-20: and is met there');
    is($end->{totalResults}, 10, 'K-10: the last page says what the first has said, although there are 11 now');
    is(page($t, '/Users', count => 0)->{totalResults}, 11, '... which is so');
}

done_testing;
