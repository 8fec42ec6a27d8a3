# Some thousand filters made at random, each answered by the database and by a plain evaluation: both find the same.
# SCIM_TEST_FILTERS and SCIM_TEST_SEED in the environment change how many and which.
use strict;
use warnings;

use Test::More;
use ScimTest qw(SEARCH);
use ScimTest::Oracle;
use ScimTest::Samples;

binmode $_, ':encoding(UTF-8)' for Test::More->builder->output, Test::More->builder->failure_output;

my $count = $ENV{SCIM_TEST_FILTERS} // 1000;
my $seed = $ENV{SCIM_TEST_SEED} // 20260101;

srand $seed;
agree('/Users', 'users', kind('user'), values_of('user'), map { a_user($_) } 1 .. 60);
agree('/Devices', 'devices', kind('device'), values_of('device'), map { a_device($_) } 1 .. 40);
agree_on_memberships();
done_testing;

sub agree {
    my ($endpoint, $title, $attributes, $values, @data) = @_;
    my $s = ScimTest->new(path => '/acme-rfc/v2');
    my %id;

    for my $resource (@data) {
        my $r = $s->post($endpoint, $resource);
        $r->{status} == 201 or die "$endpoint: $r->{status} $r->{body}";
        $id{ $r->{json}{id} } = $resource;
    }
    compare($s, $endpoint, $title, $attributes, $values, %id);
    return;
}

# Users and groups in groups, as the server shows them. References are also compared with relative ones and with what is none.
sub agree_on_memberships {
    my $s = ScimTest->new(profile => 'rfc');
    my ($users, $groups) = a_membership($s, 30, 15);
    my @relative = ((map { $_->{meta}{location} =~ m{(/[^/]+/[^/]+)$} } map { one_of(@$users, @$groups) } 1 .. 6), 'x', map { $_->{id} } @$users[0, 1]);

    for my $kind (['/Groups', 'group', 'members', $groups], ['/Users', 'member', 'groups', $users]) {
        my ($endpoint, $name, $list, $shown) = @$kind;
        my %values = %{ values_of($name) };
        $values{$_} = [@{ $values{$_} }, @relative] for "$list.\$ref", 'meta.location';
        compare($s, $endpoint, "$endpoint: $list, meta and schemas", kind($name), \%values, map { $_->{id} => $_ } @$shown);
    }
    return;
}

# Random filters at the endpoint, against what they find of these resources.
sub compare {
    my ($s, $endpoint, $title, $attributes, $values, %id) = @_;
    my $oracle = ScimTest::Oracle->new(attributes => $attributes, values => $values);
    my @differences;
    my $found = 0;

    for my $i (1 .. $count) {
        my $filter = $oracle->filter;
        my $text = $oracle->text($filter);
        my $r = $s->post("$endpoint/.search", { schemas => [SEARCH], filter => $text, attributes => ['id'], count => 1000 });
        my $expected = join ' ', sort grep { $oracle->matches($filter, $id{$_}) } keys %id;
        my $actual = $r->{status} == 200 ? join ' ', sort map { $_->{id} } @{ $r->{json}{Resources} } : "$r->{status} $r->{body}";

        $found++ if $expected;
        next if $actual eq $expected;
        my %odd = map { $_ => 1 } split ' ', $r->{status} == 200 ? $actual : '';
        $odd{$_} ? delete $odd{$_} : ($odd{$_} = 1) for split ' ', $expected;
        my ($example) = sort keys %odd;
        push @differences, "$text\n  " . ($r->{status} == 200 && $example ? ScimTest->new->{json}->utf8(0)->encode($id{$example}) . ' is '
            . ($actual =~ /$example/ ? 'found' : 'not found') : $actual);
        last if @differences >= 5;
    }
    ok(!@differences, "$title: $count filters (seed $seed), $found of them find something") or diag(join "\n", @differences);
    cmp_ok($found, '>', $count / 4, "$title: most of them say something") unless @differences;
    return;
}
