# Ten thousand PATCHes made at random on users and groups, each compared with what npm's scim-patch makes of it: the same resource, or a refusal
# by both (PA-02 to PA-04, PA-06 to PA-08, PA-12 to PA-21, PA-23 to PA-39, PA-44, PA-45, V-01, V-03).
#
# The package departs from the RFCs here and there: each departure is a class (t/external/patch.js) with the RFC's word in t/external/README.
# Where it has another outcome, the PATCH has something of a class; and said so that no class plays a part, the outcome is the same.
# SCIM_TEST_SEED in the environment changes which are made, SCIM_TEST_PATCHES how many.
use strict;
use warnings;

use Test::More;
use ScimTest qw(USER);
use ScimTest::Patches;
use ScimTest::Program;
use ScimTest::Samples qw(one_of);

binmode $_, ':encoding(UTF-8)' for Test::More->builder->output, Test::More->builder->failure_output;

my $seed = $ENV{SCIM_TEST_SEED} // 20260303;
# The sanitized pass is about memory: a part will do.
my $count = $ENV{SCIM_TEST_PATCHES} // ($ENV{ASAN_OPTIONS} ? 2_000 : 10_000);
my @package = node_program('patch.js', 'scim-patch', 'scim2-parse-filter')
    or plan skip_all => 'scim-patch is not there; script/test installs it for a run of everything and for this file alone';
my $s = ScimTest->new(profile => 'rfc');
my $json = $s->{json};

note "seed $seed; scim-patch ", package_version('scim-patch');
srand $seed;
my @users = map { $s->user(userName => "member$_") } 1 .. 8;
my @groups = map { $s->group(displayName => "group $_") } 1 .. 4;
my @patches = map { $_ % 10 ? on_a_user($_) : on_a_group() } 1 .. $count;
my @questions = map { +{ type => $_->{type}, resource => $_->{before}, Operations => $_->{operations} } } @patches;
my @answers = map { $json->decode($_) } answers(\@questions, @package);

my ($agreeing, $refused, $changed, %seen, %alone, @unexplained, @wrong) = (0, 0, 0);
for my $i (0 .. $#patches) {
    my ($patch, $answer) = ($patches[$i], $answers[$i]);
    # Of several operations with faults another may be the first to be looked at.
    my ($outcome, $plain, $adapted) = map { @{ $patch->{operations} } > 1 ? s/^refused: \K.*/something/r : $_ }
        outcome($patch->{refused}, $patch->{after}), map { outcome($_->{error}, $_->{resource}) } @$answer{qw(plain adapted)};
    my @classes = @{ $answer->{classes} };

    $refused++ if defined $patch->{refused};
    $changed++ if !defined $patch->{refused} && $outcome ne outcome(undef, $patch->{before});
    # What the package says of a refusal is its own, but for noTarget.
    my $same = $plain eq $outcome || ($plain =~ /^refused/ && $outcome =~ /^refused/ && ($plain !~ /noTarget/ || $outcome =~ /noTarget/));
    $agreeing += $same;
    push @unexplained, told(@$patch{qw(operations before)}, $outcome, $plain) if !$same && !@classes;
    push @wrong, told(@$patch{qw(operations before)}, $outcome . ($patch->{detail} // ''), $adapted) . "  classes: @classes\n" if $adapted ne $outcome;
    next if $same;
    $seen{$_}++ for @classes;
    $alone{ $classes[0] }++ if @classes == 1;
}
ok(!@unexplained, "$count PATCHes: where scim-patch has another outcome, a class says why (seed $seed)")
    or diag(@unexplained[0 .. least(4, $#unexplained)]);
ok(!@wrong, "PA-08, PA-20, PA-21, PA-27, PA-29, PA-31: $count PATCHes: the outcome is that of scim-patch without its departures (seed $seed)")
    or diag(scalar(@wrong), " of them:\n", @wrong[0 .. least(4, $#wrong)]);
if ($count >= 10_000) {
    cmp_ok(scalar @patches, '>=', 10_000, "compared: @{[scalar @patches]}");
    cmp_ok($changed, '>=', 4000, "PATCHes that change something: $changed");
    cmp_ok($refused, '>=', 1000, "and that are refused: $refused");
    cmp_ok($agreeing, '>=', 4000, "and in which scim-patch agrees as it is: $agreeing");
    # Some classes are rare: it is only known of the usual seed that they are met.
    if (!defined $ENV{SCIM_TEST_SEED}) {
        my $said = said_in_readme('scim-patch');
        is_deeply([sort keys %seen], [sort keys %$said], 'the README has a word on each class that was met, and on no other');
        ok($alone{$_}, "$_: in @{[$seen{$_} // 0]} PATCHes it may be why, in @{[$alone{$_} // 0]} it is") for sort keys %$said;
    }
}
done_testing;

sub least { my ($x, $y) = @_; return $x < $y ? $x : $y }

# ---- requests ----

# Forty PATCHes in turn on one user, who then begins anew.
{
    my @people;

    sub on_a_user {
        my ($i) = @_;
        my $at = $i % 20;

        if (!$people[$at] || ++$people[$at]{patched} > 40) {
            my $fresh = { schemas => [USER], userName => "user$i", %{ a_state() } };
            my $r = $people[$at] ? $s->put("/Users/$people[$at]{id}", $fresh) : $s->post('/Users', $fresh);
            $r->{status} =~ /^20[01]$/ or die "$r->{status} $r->{body}\n";
            $people[$at] = { id => $r->{json}{id}, state => $r->{json}, patched => 0 };
        }
        my $state = $people[$at]{state};
        my $patch = { type => 'User', before => $state, operations => [map { an_operation($state) } 1 .. one_of(1, 1, 1, 2, 3)] };
        send_patch($patch, "/Users/$people[$at]{id}");
        $people[$at]{state} = $patch->{after} if $patch->{after};
        return $patch;
    }
}

sub on_a_group {
    my $group = one_of(@groups);
    my $r = $s->get("/Groups/$group->{id}");
    my $patch = { type => 'Group', before => { displayName => $r->{json}{displayName}, members($r->{json}) },
        operations => [map { a_group_operation(@users) } 1 .. one_of(1, 1, 2)] };

    send_patch($patch, "/Groups/$group->{id}?attributes=displayName,members");
    $patch->{after} = { displayName => $patch->{after}{displayName}, members($patch->{after}) } if $patch->{after};
    return $patch;
}

# A member is a reference; what the server adds to it is not compared.
sub members { my ($group) = @_; return $group->{members} ? (members => [map { +{ value => $_->{value} } } @{ $group->{members} }]) : () }

sub send_patch {
    my ($patch, $path) = @_;
    my $r = $s->patch($path, $patch->{operations});

    if ($r->{status} == 200) {
        $patch->{after} = $r->{json};
    } else {
        $patch->{refused} = $r->{status} == 400 ? $r->{json}{scimType} : $r->{status};
        $patch->{detail} = ": $r->{json}{detail}";
    }
    return;
}
