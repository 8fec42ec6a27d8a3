# Pages by index a long way from the beginning: what is nearer to the end is counted from there, and looks the same.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(uri);
use ScimTest::Server;

use constant MANY => 24_000;

my $server = ScimTest::Server->start(threads => 4, pool => 'max=1', settings => ["log_statement = 'all'"], conf => 'SCIMTokenCache 300');
my $s = $server->scim('default');

# A seventh has no displayName, and ten share each externalId.
my $first = $s->user(userName => 'first');
my $group = $s->group(displayName => 'First', members => [$first->{id}]);
my $fill = <<'SQL';
insert into scim.resource
select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'user_name', case when r.user_name is not null then md5(g::text) end, 'write_id', gen_random_uuid(),
        'external_id', 'x' || g / 10, 'display_name', case when g % 7 > 0 then md5((-g)::text) end, 'created', r.created + (g % 1000) * interval '1 second'))).*
  from scim.resource r, generate_series(2, cast(? as integer)) g where r.id = cast(? as uuid)
SQL
$s->sql($fill, MANY, $_->{id}) for $first, $group;
$s->sql('vacuum analyze scim.resource');

sub page {
    my ($endpoint, @parameters) = @_;
    my $r = $s->get($endpoint . uri(@parameters, attributes => 'id'));

    $r->{status} == 200 or die "$endpoint @parameters: $r->{status} $r->{body}\n";
    return $r->{json};
}

sub ids { return join ' ', map { $_->{id} } @_ }

# By cursor, from the first to the last.
sub all_by_cursor {
    my ($endpoint, @query) = @_;
    my ($cursor, @all) = ('');

    while (defined $cursor) {
        my $page = page($endpoint, @query, cursor => $cursor, count => 1000);
        push @all, @{ $page->{Resources} };
        $cursor = $page->{nextCursor};
    }
    return @all;
}

# How the statements of a request have found their page: from the beginning or the end; and how often all were counted.
sub how {
    my ($request) = @_;
    my $before = length $server->pg_log;
    my $result = $request->();
    my @run = grep { /scim\.resource/ } substr($server->pg_log, $before) =~ /LOG:  execute [^:]*: ([^\n]*)/g;

    return join ' ', map { /^select count/ ? 'all' : /order by sort_key desc(?:, r\.id desc)? limit/ ? 'descending' : 'ascending' } @run;
}

for my $endpoint ('/Users', '/Groups') {
    for my $query ([], [sortOrder => 'descending'], [sortBy => 'externalId'], ([sortBy => 'userName']) x ($endpoint eq '/Users'),
        [sortBy => 'displayName', sortOrder => 'descending'], [sortBy => 'meta.created']) {
        my @all = all_by_cursor($endpoint, @$query);
        my $what = "$endpoint @$query";
        is(scalar @all, MANY, "K-01: $what: all by cursor");
        for my $start (10_000, 10_001, 11_990, 12_000, 12_001, 12_002, 18_000, MANY - 50, MANY - 10, MANY) {
            my $page = page($endpoint, @$query, startIndex => $start, count => 40);
            my $last = $start + 39 < MANY ? $start + 39 : MANY;
            is(ids(@{ $page->{Resources} }), ids(@all[$start - 1 .. $last - 1]), "Q-12, Q-18: $what: from $start on");
            is_deeply([@$page{qw(totalResults startIndex)}], [MANY, $start], "Q-05, Q-11: $what: from $start on: how many there are");
        }
        for my $start (MANY + 1, 10 * MANY) {
            my $page = page($endpoint, @$query, startIndex => $start, count => 40);
            is_deeply([@$page{qw(totalResults itemsPerPage startIndex)}], [MANY, 0, $start], "Q-10: $what: behind the end: from $start on");
        }
    }
}
for ([9_000, 'ascending all'], [11_000, 'all ascending'], [13_000, 'all descending'], [MANY - 5, 'all descending'], [10 * MANY, 'all descending']) {
    my ($start, $expected) = @$_;
    is(how(sub { page('/Users', startIndex => $start, count => 10) }), $expected, "from $start on: each counted once, and from the nearer end");
}
is(how(sub { page('/Users', startIndex => 13_000, count => 10, sortOrder => 'descending', sortBy => 'userName') }), 'all ascending', 'what descends is read upwards from its end');
page('/Users', startIndex => 13_000, count => 10);
is(how(sub { page('/Users', startIndex => 13_010, count => 10) }) =~ s/ ?all//r, 'ascending', 'Q-12: the page behind a jump begins where that has ended');
{
    my $page = page('/Users', startIndex => 20_001, count => 10, filter => 'userName pr');
    is(scalar @{ $page->{Resources} }, 10, 'with a filter');
    is(ids(@{ page('/Users', startIndex => 20_001, count => 10)->{Resources} }), ids(@{ $page->{Resources} }), 'with a filter that all match: the same page');
}
{
    my $page = $s->get('/Groups' . uri(startIndex => 20_001, count => 3))->{json}{Resources};
    my @own = map { $s->get("/Groups/$_->{id}")->{json} } @$page;
    is_deeply($page, \@own, 'Q-12: groups as a GET shows them, from the end');
}

$server->stop;
done_testing;
