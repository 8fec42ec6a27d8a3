# PATCHes made at random, in both profiles: what rfc accepts has the same outcome in default. The rules of default speak of what the RFC refuses or
# leaves open; one alone changes what the RFC says, drop-bare: an element that loses its value goes altogether.
# SCIM_TEST_SEED in the environment changes which are made, SCIM_TEST_PATCHES how many.
use strict;
use warnings;

use Test::More;
use ScimTest qw(USER);
use ScimTest::Patches;
use ScimTest::Samples qw(one_of);

binmode $_, ':encoding(UTF-8)' for Test::More->builder->output, Test::More->builder->failure_output;

my $seed = $ENV{SCIM_TEST_SEED} // 20260404;
my $count = $ENV{SCIM_TEST_PATCHES} // 2000;
my %of = map { $_ => ScimTest->new(profile => $_) } qw(rfc default);
my $json = $of{rfc}{json};
my ($accepted, $dropped, @wrong) = (0, 0);

srand $seed;
for my $i (1 .. $count) {
    my $state = a_state();
    my @operations = map { an_operation($state) } 1 .. one_of(1, 1, 2, 3);
    my %outcome = map { $_ => patched($of{$_}, $i, $state, \@operations) } qw(rfc default);
    next if $outcome{rfc} =~ /^refused/;
    $accepted++;
    if ($outcome{default} ne $outcome{rfc} && grep { loses_a_value($_) } @operations) {
        $dropped++;
        next if goes_on(@operations);
        $_ = without_bare($_) for values %outcome;
    }
    push @wrong, told(\@operations, $state, @outcome{qw(rfc default)}) if $outcome{default} ne $outcome{rfc};
}
ok(!@wrong, "$count PATCHes, of which rfc accepts $accepted: the outcome is the same in default (seed $seed)") or diag(@wrong);
cmp_ok($accepted, '>', $count / 2, 'rfc accepts most of them');
cmp_ok($dropped, '<', $count / 20, "and only a few take a value from an element: $dropped");
for my $profile (qw(rfc default)) {
    my $u = $of{$profile}->user(emails => [map { { value => $_, type => /^w/ ? 'work' : 'home' } } qw(w1@x.org w2@x.org h@x.org)]);
    my $r = $of{$profile}->patch("/Users/$u->{id}", [{ op => 'remove', path => 'emails[type eq "work"]', value => [{ value => 'w1@x.org' }] }]);
    is_deeply($r->{json}{emails}, [{ value => 'h@x.org', type => 'home' }], "PA-34: $profile: a filter says what is removed, whatever value says");
}
done_testing;

# What becomes of a user of this state.
sub patched {
    my ($s, $i, $state, $operations) = @_;
    my $made = $s->post('/Users', { schemas => [USER], userName => "user$i", %$state });
    my $r = $made->{status} == 201 ? $s->patch("/Users/$made->{json}{id}", $operations) : die "$made->{status} $made->{body}\n";

    return outcome($r->{status} == 200 ? undef : $r->{status}, $r->{json});
}

# Something of an element is removed, or replaced by nothing.
sub loses_a_value {
    my ($operation) = @_;

    return ($operation->{path} // '') =~ /\]\.\w+$/ && ($operation->{op} =~ /remove/i || !defined $operation->{value});
}

# A later operation is about the same list: it finds an element less.
sub goes_on {
    my (@operations) = @_;

    while (my $operation = shift @operations) {
        my ($list) = loses_a_value($operation) ? lc($operation->{path}) =~ /^(\w+)/ : next;
        return 1 if grep { lc($_->{path} // join ' ', keys %{ $_->{value} }) =~ /\b$list\b/ } @operations;
    }
    return 0;
}

# Without elements that say no more than type, primary and display.
sub without_bare {
    my ($outcome) = @_;
    my $resource = $json->decode($outcome);

    for my $list (grep { ref eq 'ARRAY' } values %$resource) {
        @$list = grep { grep { !/^(?:type|primary|display)$/ } keys %$_ } @$list;
    }
    return outcome(undef, $resource);
}
