# Values that a profile declares unique, beside userName.
use strict;
use warnings;

use Test::More;
use ScimTest qw(USER is_scim_error);

my $s = ScimTest->new(path => '/full/v2');
my $locker = 'urn:ietf:params:scim:schemas:acme:2.0:Locker';
my $serial = 0;

sub user { return $s->post('/Users', { schemas => [USER], userName => 'u' . ++$serial, @_ }) }
sub locker { return $s->post('/Lockers', { schemas => [$locker], displayName => 'l' . ++$serial, @_ }) }

# The detail names what is taken, or all that it can be.
sub is_taken {
    my ($r, $names, $title) = @_;

    is_scim_error($r, 409, 'uniqueness', $title);
    is($r->{json}{detail}, "$names: the value is taken by another $_[3]", '... and what it is');
    return;
}

my $first = user(nickName => 'Ed')->{json};
is(user(nickName => 'Bo', title => 'T')->{status}, 201, 'other values');
is(user()->{status}, 201, 'none at all');
is(user()->{status}, 201, '... for another as well');
is_deeply([sort map { $_->[0] } $s->sql('select u.attribute from scim.unique_value u join scim.tenant t on t.id = u.tenant where t.name = ?', $s->tenant)], [qw(nickName nickName title)],
    'a row for each value, none for userName, which has a column of its own');
is_taken(user(nickName => 'ED'), 'nickName', 'a value that is taken', 'User');
is_taken(user(nickName => 'ed', title => 'x'), 'One of nickName,title', 'one of two', 'User');
is_taken(user(nickName => 'x', title => 't'), 'One of nickName,title', 'the other of two', 'User');

my $at = "/Users/$first->{id}";
is_taken($s->patch($at, [{ op => 'add', path => 'title', value => 't' }]), 'One of nickName,title', 'PATCH', 'User');
is($s->patch($at, [{ op => 'remove', path => 'nickName' }])->{status}, 200, 'a value is given up');
is($s->get($at)->{json}{nickName}, undef, '... it is gone');
my $second = user(nickName => 'ed');
is($second->{status}, 201, '... and free');
is_taken($s->put($at, { schemas => [USER], userName => 'u1', nickName => 'Ed' }), 'nickName', 'PUT', 'User');
is($s->delete("/Users/$second->{json}{id}")->{status}, 204, 'with its resource');
is($s->put($at, { schemas => [USER], userName => 'u1', nickName => 'Ed' })->{status}, 200, '... it is free as well');

# One that stands inside another, and whose letters' case counts.
my $sealed = locker(box => { seal => 'S-1', colour => 'red' });
is($sealed->{status}, 201, 'a part');
is(locker()->{status}, 201, 'a resource without it');
is(locker(box => { colour => 'red' })->{status}, 201, 'parts that may be the same');
is(locker(box => { seal => 's-1' })->{status}, 201, 'another case');
is_taken(locker(box => { seal => 'S-1' }), 'box.seal', 'a part that is taken', 'Locker');
is($s->patch("/Lockers/$sealed->{json}{id}", [{ op => 'replace', path => 'displayName', value => 'renamed' }])->{status}, 200, 'its owner keeps it');
is_taken(locker(box => { seal => 'S-1' }), 'box.seal', '... after a change as well', 'Locker');

done_testing;
