# Groups in groups, changed and deleted at the same time: one lock order.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);

use ScimTest qw(uri);
use ScimTest::Parallel;
use ScimTest::Server;

use constant { CLIENTS => 8, SECONDS => 4 };

my $server = ScimTest::Server->start(threads => 16, pool => 'max=10', settings => ['log_error_verbosity = default']);
my $s = $server->scim('rfc');

# Clients that add and remove members, delete groups and users and make new ones. nested: members are groups as well, circles included.
# How many requests were answered, and which answers were wrong.
sub run {
    my ($nested) = @_;
    my @users = map { $s->user->{id} } 1 .. 6;
    my @groups = map { $s->group->{id} } 1 .. 6;
    my $answers = in_parallel(CLIENTS, sub {
        my ($client) = @_;
        my ($until, $n, @wrong) = (time + SECONDS, 0);
        srand 1000 + $client;
        my $any = sub { $_[rand @_] };
        # Of its own, and shared with all.
        my ($group, $user) = ($s->group->{id}, $s->user->{id});
        while (time < $until) {
            my $g = $any->(@groups, $group);
            my @members = map { { value => $_ } } map { $any->(@users, $user, $nested ? (@groups, $group) : ()) } 1 .. 3;
            my $r = rand;
            my $answer = $r < 0.5 ? $s->patch("/Groups/$g", [{ op => 'add', path => 'members', value => \@members }])
                : $r < 0.8 ? $s->patch("/Groups/$g", [map { { op => 'remove', path => "members[value eq \"$_->{value}\"]" } } @members[0, 1]])
                : $r < 0.85 ? $s->patch("/Groups/$g", [{ op => 'replace', path => 'displayName', value => "N$n" }])
                : $r < 0.95 ? $s->delete("/Groups/$group") : $s->delete("/Users/$user");
            $n++;
            push @wrong, "$answer->{status} $answer->{body}" unless $answer->{status} =~ /^(?:20.|400|404)$/;
            $group = $s->group->{id} if $r >= 0.85 && $r < 0.95;
            $user = $s->user->{id} if $r >= 0.95;
        }
        return join "\t", $n, @wrong[0 .. ($#wrong > 2 ? 2 : $#wrong)];
    });
    my @told = map { [split /\t/] } map { ($_) x $answers->{$_} } keys %$answers;
    my $total = 0;
    $total += $_->[0] for @told;
    return ($total, map { @$_[1 .. $#$_] } @told);
}

sub deadlocks { return $server->{pg}->sql('select deadlocks from pg_stat_database where datname = current_database()') }

my ($flat, @flat_wrong) = run(0);
is(scalar @flat_wrong, 0, "without nesting: $flat requests, all answered") or diag(join "\n", @flat_wrong);
my $before = deadlocks();
my ($nested, @wrong) = run(1);
is(scalar @wrong, 0, "with nesting: $nested requests, all answered") or diag(join "\n", @wrong);
# PostgreSQL itself lets two statements wait for one another now and then that want the same single row while it is being updated and shared.
cmp_ok(deadlocks() - $before, '<', 1 + $nested / 50, 'with nesting: hardly a deadlock') or diag($server->pg_log =~ /(deadlock detected\n.*?CONTEXT:[^\n]*)/gs);
cmp_ok($nested, '>', $flat / 10, "with nesting: they do not bring each other to a stop ($nested, $flat)");

# ---- the version of a group follows what it shows of its members (E-10, GM-17) ----

my $user = $s->user(displayName => 'Before', title => 'T');
my $inner = $s->group(displayName => 'Inner');
my $outer = $s->group(members => [$user->{id}, $inner->{id}]);
my $tag = sub { $s->get("/Groups/$outer->{id}")->header('ETag') };
my $tag0 = $tag->();
$s->patch("/Users/$user->{id}", [{ op => 'replace', path => 'title', value => 'Other' }]);
is($tag->(), $tag0, "GM-17: a member's title changes: the group does not");
$s->patch("/Users/$user->{id}", [{ op => 'replace', path => 'displayName', value => 'After' }]);
my $tag1 = $tag->();
isnt($tag1, $tag0, "GM-17: a member's name changes: so does the group's ETag");
is($s->get("/Groups/$outer->{id}", 'If-None-Match' => $tag0)->{status}, 200, 'E-10: and the old one is not taken for the present one');
$s->patch("/Groups/$inner->{id}", [{ op => 'replace', path => 'displayName', value => 'Inside' }]);
isnt($tag->(), $tag1, 'GM-17: the same for a group in a group');

# ---- lists show the groups of each user as the user alone does ----

# Those who are in groups of groups come last, so that a page is half written when it turns out.
my @plain = map { $s->user(userName => "plain$_\@example.com")->{id} } 1 .. 3;
my $deep = $s->user(userName => 'deep@example.com')->{id};
$s->group(displayName => 'Flat', members => [$plain[1], $deep]);
my $chain = $s->group(displayName => 'Chain 0', members => [$deep, $plain[2]]);
$chain = $s->group(displayName => "Chain $_", members => [$chain->{id}]) for 1 .. 5;
my $list = $s->get('/Users' . uri(sortBy => 'id', filter => join ' or ', map { qq(id eq "$_") } @plain, $deep));
my %groups = map { my $u = $_; $u->{id} => $u } @{ $list->{json}{Resources} };
is($list->{json}{totalResults}, 4, 'a list with users in groups of groups: all of them');
is_deeply($groups{$_}, $s->get("/Users/$_")->{json}, "... each as it is alone") for @plain, $deep;
is_deeply([map { scalar @{ $groups{$_}{groups} // [] } } @plain, $deep], [0, 1, 6, 7], '... with all its groups');
is_deeply([map { $_->{id} } @{ $s->get('/Users' . uri(sortBy => 'id', sortOrder => 'descending', count => 2, filter => qq(id eq "$plain[0]" or id eq "$deep" or id eq "$plain[2]")))->{json}{Resources} }], [$deep, $plain[2]],
    'several ids: in order, and no more than asked for');
is_deeply([sort map { keys %$_ } @{ $s->get('/Users' . uri(attributes => 'userName', filter => qq(id eq "$deep")))->{json}{Resources} }],
    [qw(id schemas userName)], 'a list that shows no groups');

# A chain of groups in groups above many users.
my @many = map { $s->user->{id} } 1 .. 20;
my $top = $s->group(members => \@many);
$top = $s->group(members => [$top->{id}]) for 1 .. 150;
my $long = $s->get('/Users' . uri(count => 20, filter => qq(groups.value eq "$top->{id}")));
is_deeply([$long->{status}, map { scalar @{ $_->{groups} } } @{ $long->{json}{Resources} }], [200, (151) x 20], 'a chain of 150 groups: all of them');

$server->is_written_back;
$server->stop;
done_testing;
