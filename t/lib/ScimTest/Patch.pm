# Tables of PATCH cases: from a state, by operations, to a state. The whole resource is compared, so that nothing else may change.
#
#   patch_table($s, \%state, [$title, \@operations, \%change], ...);
#
# state and change name attributes of a user as they are sent; a changed value of undef is an attribute that is absent afterwards.
# In place of %change: a string is the scimType of a 400 that must leave everything as it was.
package ScimTest::Patch;

use strict;
use warnings;

use Exporter qw(import);
use Test::More;

use ScimTest;
use ScimTest::Fixtures;

our @EXPORT = qw(add patch_case patch_table put_in remove replace);

# Operations: (path, value), or (value) alone for one without a path.
sub _operation {
    my ($op, @rest) = @_;

    return { op => $op, @rest > 1 ? (path => $rest[0], value => $rest[1]) : (value => $rest[0]) };
}

sub add { return _operation(add => @_) }
sub replace { return _operation(replace => @_) }

sub remove {
    my ($path, @value) = @_;

    return { op => 'remove', defined $path ? (path => $path) : (), @value ? (value => $value[0]) : () };
}

# An operation in the older dialect's spelling.
sub put_in {
    my ($op, @rest) = @_;

    return { %{ $op eq 'Remove' ? remove(@rest) : _operation($op, @rest) }, op => $op };
}

# A user of the state, as content() shows it.
sub _from {
    my ($s, $state) = @_;
    my $u = $s->user(%$state);

    return ($u, content($u));
}

# What content() is expected to show after the change.
sub _expected {
    my ($before, $change) = @_;
    my %expected = (%$before, %$change);

    delete @expected{ grep { !defined $expected{$_} } keys %expected };
    $expected{schemas} = [sort { $a cmp $b } ScimTest::USER, grep { /^urn:/ } keys %expected];
    return \%expected;
}

# The resource is as it was, to the last byte.
sub _is_untouched {
    my ($s, $u, $title) = @_;

    is_deeply($s->get("/Users/$u->{id}")->{json}, $u, "$title: nothing is changed");
    return;
}

sub patch_case {
    my ($s, $state, $title, $operations, $change) = @_;
    my ($u, $before) = _from($s, $state);
    my $r = $s->patch("/Users/$u->{id}", $operations);

    if (ref $change) {
        my $expected = _expected($before, $change);
        my $read = $s->get("/Users/$u->{id}")->{json};

        status_is($r, 200, "$title: status");
        is_deeply(content($read), $expected, "$title: what is read");
        is_deeply($r->{json}, $read, "$title: the answer is what is read");
        is($read->{meta}{version} eq $u->{meta}{version}, !%$change, "$title: the version " . (%$change ? 'changes' : 'stays'))
            if $r->{status} == 200;
    } else {
        is_scim_error($r, 400, $change, "$title: $change");
        _is_untouched($s, $u, $title);
    }
    return $u;
}

sub patch_table {
    my ($s, $state, @cases) = @_;

    patch_case($s, $state, @$_) for @cases;
    return;
}

1;
