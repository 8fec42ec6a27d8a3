# Paging by index, page after page: where a page has ended is remembered by the machine, and the next begins there. What a client sees is what
# counting would give, or better.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);

use ScimTest qw(TRUE uri);
use ScimTest::Proxy;
use ScimTest::Server;

my $server = ScimTest::Server->start(threads => 16, pool => 'max=1', settings => ["log_statement = 'all'"], conf => 'SCIMTokenCache 300');

sub page {
    my ($s, $endpoint, @parameters) = @_;
    my $r = $s->get($endpoint . uri(@parameters));

    $r->{status} == 200 or die "$endpoint @parameters: $r->{status} $r->{body}\n";
    return $r->{json};
}

sub ids { return join ' ', map { $_->{id} } map { ref eq 'ARRAY' ? @$_ : $_ } @_ }

# How the statements of a request have found their page: counted, or from a place; and how many have counted all.
sub how {
    my ($request) = @_;
    my $before = length $server->pg_log;
    my $result = $request->();
    my @run = grep { /scim\.resource/ } substr($server->pg_log, $before) =~ /LOG:  execute [^:]*: ([^\n]*)/g;
    my $counted = grep { /limit \$\d+::bigint offset \$\d+::bigint/ } @run;
    my $placed = grep { /limit \$\d+::bigint/ && !/limit \$\d+::bigint offset/ } @run;

    return join(' ', ('counted') x $counted, ('placed') x $placed, ('all') x grep { /^select count/ } @run), $result;
}

# All pages by index, one after the other, as a client does that goes by totalResults.
sub walk {
    my ($s, $endpoint, $count, @query) = @_;
    my ($start, $total, @pages) = (1, 1);

    while ($start <= $total && @pages < 100) {
        my $page = page($s, $endpoint, @query, startIndex => $start, count => $count);
        $page->{startIndex} == $start or die "startIndex $page->{startIndex} instead of $start\n";
        push @pages, $page->{Resources};
        ($start, $total) = ($start + $count, $page->{totalResults});
    }
    return @pages;
}

# ---- a walk ----

my $s = $server->scim('default');
my @users = map { $s->user(userName => sprintf 'u%02d', $_) } 1 .. 23;
is(ids(walk($s, '/Users', 5)), ids(@users), 'Q-12: each once');
{
    # Totals are remembered for five seconds: a walk that took longer is done again.
    my (@how, $from);
    for (1 .. 20) {
        $from = time;
        @how = map { my $start = $_; (how(sub { page($s, '/Users', startIndex => $start, count => 5) }))[0] } 1, 6, 11, 16, 21;
        last if time - $from < 4;
    }
    is($how[0], 'counted all', 'the first page of a walk counts all');
    is_deeply([@how[1 .. 4]], [('placed') x 4], 'the others begin where the one before has ended, and count nothing');
}
is((how(sub { page($s, '/Users', startIndex => 12, count => 5) }))[0], 'counted all', 'a page that no other has ended before is counted to');
my ($how, $page) = how(sub { page($s, '/Users', startIndex => 17, count => 3) });
is(ids($page->{Resources}), ids(@users[16 .. 18]), 'Q-12: behind a jump, with another count');
is($how =~ s/ all//r, 'placed', 'behind a jump, the walk goes on');
is(ids(page($s, '/Users', startIndex => 20, count => 100)->{Resources}), ids(@users[19 .. 22]), 'Q-12: the rest in a page');
is(ids(page($s, '/Users', startIndex => 20, count => 2)->{Resources}), ids(@users[19, 20]), 'the same place again, which a lost answer may need');
($how, $page) = how(sub { page($s, '/Users', startIndex => 23, count => 5) });
is_deeply([$how, @$page{qw(totalResults itemsPerPage)}], ['counted', 23, 1], 'Q-05: the last page, jumped to: it tells the total');
($how, $page) = how(sub { page($s, '/Users', startIndex => 5, filter => 'userName eq "u01"') });
is_deeply([@$page{qw(totalResults itemsPerPage)}], [1, 0], 'Q-10: behind the only one');
is_deeply([@{ page($s, '/Users', startIndex => 24, count => 5) }{qw(totalResults itemsPerPage startIndex)}], [23, 0, 24], 'Q-10: behind the end');

# ---- no list is taken for another ----

page($s, '/Users', startIndex => 1, count => 5);
for my $query ([sortBy => 'id'], [sortBy => 'userName'], [sortBy => 'id', sortOrder => 'descending'], [filter => 'userName pr'], [filter => 'not (title pr)']) {
    ($how, $page) = how(sub { page($s, '/Users', startIndex => 6, count => 5, @$query) });
    is($how, 'counted all', "another list: @$query");
    is(ids($page->{Resources}), ids("@$query" =~ /desc/ ? (reverse @users)[5 .. 9] : @users[5 .. 9]), "Q-12: its own page: @$query");
}
my $t2 = $server->scim('default');
my @theirs = map { $t2->user } 1 .. 7;
is(ids(page($t2, '/Users', startIndex => 6, count => 5)->{Resources}), ids(@theirs[5, 6]), 'the list of another tenant');
my $rfc = $s->at('/rfc/v2');
($how, $page) = how(sub { page($rfc, '/Users', startIndex => 6, count => 5) });
is($how, 'counted all', 'the list of another Location and profile');

# ---- rows that change ----

page($s, '/Users', startIndex => 1, count => 5);
$s->delete("/Users/$users[1]{id}");
($how, $page) = how(sub { page($s, '/Users', startIndex => 6, count => 5) });
is(ids($page->{Resources}), ids(@users[5 .. 9]), 'K-20: one of the first page is gone: the second misses nobody');
is($page->{totalResults}, 22, 'Q-26: the total is of now');
is($how, 'placed all', 'what is written makes the total be counted anew');
$s->delete("/Users/$users[9]{id}");
$s->delete("/Users/$users[12]{id}");
my $late = $s->user(userName => 'late');
$page = page($s, '/Users', startIndex => 11, count => 5);
is(ids($page->{Resources}), ids(@users[10, 11, 13 .. 15]), 'K-20: where the page ended, and one behind it, is nobody any more');
is($page->{totalResults}, 21, 'Q-05: the total');
$page = page($s, '/Users', startIndex => 16, count => 100);
is(ids($page->{Resources}), ids(@users[16 .. 22], $late), 'K-20: to the end, with who came meanwhile');
is($page->{totalResults}, 21, 'Q-05: the total, although the last page ends at 23');
my @left = (@users[0, 2 .. 8, 10, 11, 13 .. 22], $late);
is(ids(walk($s, '/Users', 4)), ids(@left), 'Q-12: a walk from the beginning sees what is there now');

# Somebody else, on another machine: nothing is known of it here.
page($s, '/Users', startIndex => 1, count => 10);
page($s, '/Users', startIndex => 11, count => 10);
$s->sql('delete from scim.resource where id = ?::uuid', $late->{id});
$page = page($s, '/Users', startIndex => 21, count => 10);
is_deeply([@$page{qw(totalResults itemsPerPage)}], [20, 0], 'Q-05: a total that cannot be is counted anew');

# ---- another walk ----

{
    my $t = $server->scim('default');
    my @all = map { $t->user } 1 .. 20;
    my $read = sub { my ($start, @query) = @_; return page($t, '/Users', startIndex => $start, count => 4, @query)->{Resources} };

    # The first has come to 13 when it ends; then some of those before are no more.
    $read->($_) for 1, 5, 9;
    $t->delete("/Users/$all[$_]{id}") for 1, 6;
    my @now = @all[0, 2 .. 5, 7 .. 19];
    my $stranger = $t->new_token(['read']);
    is(ids($t->get('/Users?startIndex=13&count=4', Authorization => "Bearer $stranger")->{json}{Resources}), ids(@now[12 .. 15]), 'Q-12: another token gets what counting gives');
    is(ids($read->(13)), ids(@all[12 .. 15]), 'K-20: the one that walks goes on where it was');
    page($t, '/Users', startIndex => 9, count => 0);
    is(ids(map { $read->($_) } 17, 13, 9, 5, 1), ids(map { @now[grep { $_ < @now } $_ .. $_ + 3] } 16, 12, 8, 4, 0), 'Q-12: who begins anew by the number alone may read backwards');
    $read->($_) for 1, 5, 9;
    $t->delete("/Users/$now[0]{id}");
    shift @now;
    is(ids(map { $read->($_) } 1, 13, 5, 17, 9), ids(map { @now[grep { $_ < @now } $_ .. $_ + 3] } 0, 12, 4, 16, 8), 'Q-12: who begins with the first page may read the others in any order');
    $read->($_) for 1, 5, 9, 13, 17;
    $t->delete("/Users/$now[3]{id}");
    splice @now, 3, 1;
    is(ids(map { $read->($_) } 13, 9), ids(map { @now[$_ .. $_ + 3] } 12, 8), 'Q-12: what was walked to its end is forgotten');
}

# ---- orders ----

{
    my $t = $server->scim('default');
    my $n = 0;
    for my $title (qw(Guide cook), undef, 'Guide', undef, 'guide', "\x{e9}clair", undef, 'Cook') {
        $n++;
        $t->user(userName => 'u' . ($n * 7 % 10), (defined $title ? (title => $title) : ()), ($n % 3 ? (externalId => 'x' . $n % 4) : ()),
            emails => $n % 4 == 0 ? [] : [{ value => "a$n\@x.org" }, { value => 'p' . $n % 2 . '@x.org', primary => TRUE }]);
    }
    for my $by (qw(userName externalId displayName id active title emails.value meta.created meta.lastModified meta.version)) {
        for my $direction (qw(ascending descending)) {
            for my $filter ([], [filter => 'title eq "guide" or title eq "cook"'], [filter => 'emails pr']) {
                my @query = (sortBy => $by, sortOrder => $direction, @$filter);
                is(ids(walk($t, '/Users', 2, @query)), ids(page($t, '/Users', @query)->{Resources}), "Q-12, Q-18: @query");
            }
        }
    }
    my @groups = map { $t->group(displayName => "G$_", members => [map { $_->{id} } @{ page($t, '/Users', count => $_)->{Resources} }]) } 1 .. 5;
    is_deeply([map { @$_ } walk($t, '/Groups', 2, sortBy => 'displayName')], page($t, '/Groups', sortBy => 'displayName')->{Resources}, 'Q-12, Q-25: groups with their members');
    $t->user(externalId => $_ x 900) for 'a' .. 'e';
    is(ids(walk($t, '/Users', 2, sortBy => 'externalId')), ids(page($t, '/Users', sortBy => 'externalId')->{Resources}), 'Q-12: sort keys that are too long to be remembered');
}

# ---- what is remembered is bounded, for each tenant ----

{
    my @others = map { $server->scim('default') } 1 .. 8;
    for my $t (@others) {
        $t->user for 1 .. 3;
        page($t, '/Users', startIndex => 1, count => 2);
    }
    page($s, '/Users', startIndex => 1, count => 2, filter => qq(title ne "$_")) for 1 .. 2500;
    my $known = grep { (how(sub { page($_[0] // $_, '/Users', startIndex => 3, count => 2) }))[0] =~ /placed/ } @others;
    cmp_ok($known, '>=', 4, "places of other tenants are kept, however many lists one reads: $known of 8");
    is(ids(walk($s, '/Users', 4)), ids(@left[0 .. $#left - 1]), 'Q-12: and the walk goes on as ever');
}

# ---- a new configuration begins with nothing ----

page($s, '/Users', startIndex => 1, count => 5);
$server->stop_httpd;
$server->start_httpd;
($how, $page) = how(sub { page($s, '/Users', startIndex => 6, count => 5) });
is($how, 'counted all', 'after a restart, the place is counted to');
is(ids($page->{Resources}), ids(@left[5 .. 9]), 'Q-12: after a restart');

$server->stop;

# ---- a total that takes long to count ----

$server = ScimTest::Server->start(threads => 4, pool => 'max=1 prepare=off', conf => 'SCIMTokenCache 300');
my $proxy = ScimTest::Proxy->start("$server->{dir}/proxy", $server->{pg}->service_conninfo);
$server->configure(conninfo => $proxy->conninfo);
$server->stop_httpd;
$server->start_httpd;
$s = $server->scim('default');
@users = map { $s->user } 1 .. 10;
is(page($s, '/Users', startIndex => 1, count => 3)->{totalResults}, 10, 'Q-05: the total');
$s->user;
is(page($s, '/Users', startIndex => 4, count => 3)->{totalResults}, 11, 'Q-05: a total that is counted at once is that of now');
# It is told for twenty times as long.
$proxy->next(hold => 'select count(*)', 0.5);
is(page($s, '/Users', startIndex => 1, count => 3)->{totalResults}, 11, 'Q-05: the total, counted slowly');
$s->user;
is(page($s, '/Users', startIndex => 4, count => 3)->{totalResults}, 11, 'a total that took half a second is told for a while, whatever is written');
is(page($s, '/Users', startIndex => 7, count => 3)->{totalResults}, 11, 'on later pages, too');
is(page($s, '/Users', startIndex => 1, count => 3)->{totalResults}, 12, 'Q-05: the first page counts always');
$server->stop;

# ---- all processes of a machine ----

$server = ScimTest::Server->start(mpm => 'prefork', children => 2, settings => ["log_statement = 'all'"], conf => 'SCIMTokenCache 300');
$s = $server->scim('default');
@users = map { $s->user } 1 .. 10;
page($s, '/Users', startIndex => 1, count => 5);
# Each client keeps a process for itself.
my $second = $s->at('/scim/v2');
($how, $page) = how(sub { page($second, '/Users', startIndex => 6, count => 4) });
is($how =~ s/ all//r, 'placed', 'another process knows the place');
is(ids($page->{Resources}), ids(@users[5 .. 8]), 'Q-12: and shows what comes behind it');
$s->delete("/Users/$users[0]{id}");
is(page($second, '/Users', startIndex => 10, count => 4)->{totalResults}, 9, 'Q-26: and knows that something was written');

$server->stop;
done_testing;
