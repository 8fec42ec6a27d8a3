# Database round trips of each kind of request, counted in PostgreSQL's own log: what the README says about them.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(is_scim_error uri USER GROUP);
use ScimTest::Server;

# One process with one database connection; the statements of each kind are prepared by a first request that is not counted.
my $server = ScimTest::Server->start(threads => 4, pool => 'max=1', settings => ["log_statement = 'all'"], location => "SCIMProfile default\nSCIMTokenCache 0",
    conf => 'SCIMTokenCache 300');
my $s = $server->scim('default');

sub statements { return scalar(() = $server->pg_log =~ /LOG:  (?:execute|statement)/g) }

# How many statements the request runs; its answer must be a success.
sub trips {
    my ($request) = @_;
    my $before = statements();
    my $r = $request->();

    $r->{status} < 300 or diag("$r->{status} $r->{body}");
    return $r->{status} < 300 ? statements() - $before : "status $r->{status}";
}

my $n = 0;
sub new_user { return { schemas => [USER], userName => 'u' . ++$n . '@example.com', emails => [{ type => 'work', value => "w$n\@example.com" }], externalId => "x$n" } }

my @users = map { $s->user(%{ new_user() }) } 1 .. 12;
my $group = $s->group(displayName => 'Crew', members => [$users[0]{id}]);
my ($u, $g) = ("/Users/$users[0]{id}", "/Groups/$group->{id}");
my $id = sub { $users[$n++ % @users]{id} };
my @in;                                # members that came one by one
my @spare = map { $s->user(%{ new_user() })->{id} } 1 .. 8;
my $somebody = sub { push @in, pop @spare; return $in[-1] };
my ($cursor, $sorted) = map { $s->get('/Users' . uri(cursor => '', count => 2, @$_))->{json}{nextCursor} } [], [sortBy => 'externalId'];
my $title = sub { return { op => 'replace', path => 'title', value => 'T' . ++$n } };

# what, at least, at most, the request. What locks groups ahead of a rename or a delete counts, but goes with it in one round trip.
my @kinds = (
    ['GET of a user by id', 1, 1, sub { $s->get($u) }],
    ['GET of a group by id, with members', 1, 1, sub { $s->get($g) }],
    ['GET of a group without members', 1, 1, sub { $s->get("$g?excludedAttributes=members") }],
    ['look-up by userName', 1, 1, sub { $s->get('/Users' . uri(filter => 'userName eq "u1@example.com"')) }],
    ['look-up by userName, nobody', 1, 1, sub { $s->get('/Users' . uri(filter => 'userName eq "nobody"')) }],
    ['look-up by externalId', 1, 1, sub { $s->get('/Users' . uri(filter => 'externalId eq "x1"')) }],
    ['look-up by work e-mail', 1, 1, sub { $s->get('/Users' . uri(filter => 'emails[type eq "work"].value eq "w1@example.com"')) }],
    ['look-up of a group', 1, 1, sub { $s->get('/Groups' . uri(excludedAttributes => 'members', filter => 'displayName eq "Crew"')) }],
    ['a page that is not full', 1, 1, sub { $s->get('/Users' . uri(count => 100)) }],
    ['a full page', 2, 2, sub { $s->get('/Users' . uri(count => 2)) }],
    ['a page of nothing', 1, 1, sub { $s->get('/Users' . uri(count => 0)) }],
    ['one by userName in a page of one', 1, 1, sub { $s->get('/Users' . uri(count => 1, filter => 'userName eq "u1@example.com"')) }],
    ['a page by cursor that is the last', 1, 1, sub { $s->get('/Users' . uri(cursor => '', count => 100)) }],
    ['the first page by cursor', 2, 2, sub { $s->get('/Users' . uri(cursor => '', count => 2)) }],
    ['a later page by cursor', 1, 1, sub { $s->get('/Users' . uri(cursor => $cursor, count => 2)) }],
    ['a later page by cursor, sorted', 1, 1, sub { $s->get('/Users' . uri(cursor => $sorted, count => 2, sortBy => 'externalId')) }],
    ['POST of a user', 1, 1, sub { $s->post('/Users', new_user()) }],
    ['POST of a group without members', 1, 1, sub { $s->post('/Groups', { schemas => [GROUP], displayName => 'E' . ++$n }) }],
    ['POST of a group with members, which are shown', 2, 2, sub { $s->post('/Groups', { schemas => [GROUP], displayName => 'G' . ++$n, members => [{ value => $id->() }] }) }],
    ['PUT of a user', 1, 2, sub { $s->put($u, { %{ $users[0] }, title => 'P' . ++$n }) }],
    ['PUT without change', 1, 1, sub { $s->put("$g?excludedAttributes=members", { schemas => [GROUP], displayName => 'Crew' }) }],
    ['PUT without change, members shown', 2, 2, sub { $s->put($g, { schemas => [GROUP], displayName => 'Crew' }) }],
    ['PATCH of one attribute', 1, 2, sub { $s->patch($u, [$title->()]) }],
    ['PATCH of many attributes', 1, 2, sub { $s->patch($u, [$title->(), { op => 'add', path => 'nickName', value => "N$n" }, { op => 'replace', path => 'emails[type eq "work"].value', value => "v$n\@example.com" }]) }],
    ['PATCH of a name that no group shows', 1, 3, sub { $s->patch("/Users/$users[-2]{id}", [{ op => 'replace', path => 'displayName', value => 'D' . ++$n }]) }],
    ['PATCH of a name that a group shows', 1, 5, sub { $s->patch($u, [{ op => 'replace', path => 'displayName', value => 'D' . ++$n }]) }],
    ['PATCH without change', 1, 1, sub { $s->patch($u, [{ op => 'replace', path => 'active', value => 'True' }]) }],
    ['one member more', 1, 1, sub { $s->patch($g, [{ op => 'add', path => 'members', value => [{ value => $somebody->() }] }]) }],
    ['one member more that is there', 2, 2, sub { $s->patch($g, [{ op => 'add', path => 'members', value => [{ value => $in[-1] }] }]) }],
    ['one member less', 1, 1, sub { $s->patch($g, [{ op => 'remove', path => 'members[value eq "' . (pop @in) . '"]' }]) }],
    ['one member less that is not there', 2, 2, sub { $s->patch($g, [{ op => 'remove', path => 'members[value eq "' . ('0' x 8) . substr($users[0]{id}, 8) . '"]' }]) }],
    ['two members more', 1, 1, sub { $s->patch($g, [{ op => 'add', path => 'members', value => [map { { value => $somebody->() } } 1, 2] }]) }],
    ['members out and in', 1, 1, sub { $s->patch($g, [{ op => 'remove', path => 'members', value => [{ value => $id->() }] }, { op => 'add', path => 'members', value => [{ value => $id->() }] }]) }],
    ['all members replaced', 1, 1, sub { $s->patch($g, [{ op => 'replace', path => 'members', value => [{ value => $id->() }] }]) }],
    ['a new name and a member', 1, 3, sub { $s->patch($g, [{ op => 'replace', value => { displayName => 'Crew' . ++$n } }, { op => 'add', path => 'members', value => [{ value => $id->() }] }]) }],
    ['members out by their type', 1, 2, sub { $s->patch($g, [{ op => 'remove', path => 'members[type eq "User"]' }, { op => 'add', path => 'members', value => [{ value => $id->() }] }]) }],
    ['members in, and out by their type', 2, 3, sub { $s->patch($g, [{ op => 'add', path => 'members', value => [{ value => $id->() }] }, { op => 'remove', path => 'members[type eq "Group"]' }]) }],
    ['DELETE', 2, 2, sub { $s->delete('/Users/' . (pop @users)->{id}) }],
    ['discovery', 0, 0, sub { $s->get('/Schemas') }],
);

for my $kind (@kinds) {
    my ($what, $least, $most, $request) = @$kind;

    $request->();
    my $trips = trips($request);
    ok($trips =~ /^\d+$/ && $trips >= $least && $trips <= $most, "$what: $trips round trips") or diag("expected $least to $most");
}

# What goes ahead of a statement is prepared like the statement itself.
{
    my $before = length $server->pg_log;
    $s->patch($u, [{ op => 'replace', path => 'displayName', value => 'Once more' }]);
    $s->delete('/Users/' . (pop @users)->{id});
    my @run = substr($server->pg_log, $before) =~ /LOG:  execute ([^:]*): ([^\n]*)/g;
    cmp_ok(scalar @run, '>=', 8, 'a rename and a delete: what goes ahead is in the log');
    is_deeply([grep { $_ eq '<unnamed>' } @run], [], '... and none is planned anew');
}

# Do statements of the request read members?
sub reads_members {
    my ($path) = @_;
    my $before = length $server->pg_log;

    $s->get($path)->{status} == 200 or return 'failed';
    return substr($server->pg_log, $before) =~ /scim\.membership/ ? 1 : 0;
}

is(reads_members($g), 1, 'a group: its members are read');
is(reads_members("$_?excludedAttributes=members"), 0, "$_ without members: none is read") for $g, '/Groups';

# Where the last users were in no group, the next is asked only whether it is in any.
{
    my ($loner, $boss) = map { $s->user(%{ new_user() }) } 1, 2;
    my $at = "/Users/$loner->{id}";
    my %read = (
        'by id' => sub { $s->get($at)->{json} },
        'by userName' => sub { $s->get('/Users' . uri(filter => "userName eq \"$loner->{userName}\""))->{json}{Resources}[0] },
        'by PATCH' => sub { $s->patch($at, [$title->()])->{json} },
        'by cursor' => sub { $s->get('/Users' . uri(cursor => '', filter => "userName eq \"$loner->{userName}\""))->{json}{Resources}[0] },
    );
    for my $how (sort keys %read) {
        my ($shown, $trips, $before);
        my $alone = sub { $s->get("/Users/$boss->{id}") for 1 .. 10 };
        my $look = sub { $before = statements(); $shown = $read{$how}->(); $trips = statements() - $before; return [map { "$_->{type} $_->{display}" } @{ $shown->{groups} // [] }] };

        $alone->();
        is_deeply($look->(), [], "$how: in no group");
        my $crew = $s->group(displayName => 'Crew of one', members => [{ value => $loner->{id} }]);
        $alone->();
        is_deeply($look->(), ['direct Crew of one'], "$how: in a group, after many who are in none");
        my $first = $trips;
        is_deeply($look->(), ['direct Crew of one'], '... and once more');
        is($trips, $first - 1, "... with a round trip less than the first time: $first") if $how ne 'by PATCH';
        my $fleet = $s->group(displayName => 'Fleet', members => [{ value => $crew->{id} }]);
        $alone->();
        is_deeply([sort @{ $look->() }], ['direct Crew of one', 'indirect Fleet'], "$how: in a group of a group, after many who are in none");
        is_deeply([sort @{ $look->() }], ['direct Crew of one', 'indirect Fleet'], '... and once more');
        my $tag = $s->get($at)->{headers}{etag};
        $alone->();
        is($s->get($at, 'If-None-Match' => $tag)->{status}, 304, '... under the same version');
        $s->delete("/Groups/$_->{id}") for $fleet, $crew;
        is_deeply($look->(), [], "$how: in none any more");
    }
}

is(trips(sub { $s->get($u) }), 1, 'authentication: none while the token is remembered');
my $forgetful = $s->at('/own/v2');
$forgetful->get($u);
is(trips(sub { $forgetful->get($u) }), 2, 'authentication: one where tokens are not remembered');


# ---- tokens that are none ----

sub refused {
    my ($token) = @_;
    my $before = statements();
    my $r = $s->get($u, Authorization => "Bearer $token");

    return "$r->{status} after " . (statements() - $before);
}

my ($status, $made, $err) = $server->{pg}->scimctl('token', 'create', $s->tenant, '--quiet');
chomp $made;
is(refused($made), '200 after 3', 'a token of scimctl: looked up, and that it was used is noted, once a minute at most');
is(refused(substr($made, 0, -1) . ($made =~ /x\z/ ? 'y' : 'x')), '401 after 0', 'a token with a character changed: nobody asks the database');
is(refused(substr($made, 0, 30)), '401 after 0', 'half a token: nobody asks the database');
is(refused('0123456789abcdef' x 2), '401 after 1', 'a token of another form: only the database can tell');
my $ended = $s->new_token;
$s->sql("update scim.token set expires = now() - interval '1 minute' where name = ?", $ended);
is(refused($ended), '401 after 1', 'a token that has expired: the database tells');
is(refused($ended), '401 after 0', '... once');
my $ending = $s->new_token;
$s->sql("update scim.token set expires = now() + interval '4 seconds' where name = ?", $ending);
like(refused($ending), qr/^200 /, 'a token that is about to expire');
select undef, undef, undef, 0.1 until $s->sql('select count(*) from scim.token where name = ? and expires < now()', $ending);
is(refused($ending), '401 after 1', '... has an end, however long tokens are remembered');

# ---- a token that stands for a user ----

sub bound {
    my ($user) = @_;
    my $token = $s->new_token;

    $s->sql('update scim.token set person = ?, last_used = now() where name = ?', $user, $token);
    return $token;
}

# The first makes all statements known.
$s->get('/Me', Authorization => 'Bearer ' . bound($users[0]{id}));
my ($person, $machine) = (bound($users[0]{id}), bound(undef));
is(trips(sub { $s->get($u, Authorization => "Bearer $machine") }), 2, "ME-08: a token that is nobody's: one to look it up, one to read");
is(trips(sub { $s->get('/Me', Authorization => "Bearer $person") }), 3, "ME-08: a user's: one more for the user");
is(trips(sub { $s->get('/Me', Authorization => "Bearer $person") }), 1, '... and none while the token is remembered');

$server->is_written_back;
$server->stop;
done_testing;
