# PATCHes made at random, most of them good, and how their outcomes are told apart.
#
#   my $state = a_state();                     # attributes of a user, as they are sent; srand first
#   my @operations = (an_operation($state), a_group_operation(@users));
#   outcome($refused, $resource);              # a text that is the same for what is the same to a client
#   told(\@operations, $before, $ours, $theirs);
package ScimTest::Patches;

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP ();

use ScimTest qw(TRUE FALSE ENTERPRISE USER);
use ScimTest::Samples qw(maybe one_of);

our @EXPORT = qw(a_group_operation a_state an_operation outcome told);

my $ENT = ENTERPRISE;
my @LISTS = qw(emails phoneNumbers ims roles addresses);
my @values = ('w@x.org', 'h@x.org', 'W@x.org', 'n-1', 'two words', "\x{c9}mile", 'say "x" \\', 'a]b.c[d', 'urn:x:y');
my @types = qw(work home other Work);
my $json = JSON::PP->new->canonical->utf8->allow_nonref;

# ---- outcomes ----

# The operations, and what the two outcomes make of an attribute on which they differ.
sub told {
    my ($operations, $before, $ours, $theirs) = @_;
    my @all = map { /^\{/ ? $json->decode($_) : {} } outcome(undef, $before), $ours, $theirs;
    my %names = map { $_ => 1 } map { keys %$_ } @all;
    my @texts = map { my $name = $_; [$name, map { $json->encode($_->{$name}) } @all] } sort keys %names;

    my @different = $ours =~ /^\{/ && $theirs =~ /^\{/ ? grep { $_->[2] ne $_->[3] } @texts : @texts;

    return join "\n  ", utf8($json->encode($operations)), ($ours =~ /^\{/ ? () : "ours $ours"),
        ($theirs =~ /^\{/ ? () : "theirs $theirs"), map({ utf8("$_->[0]: from $_->[1]\n    ours   $_->[2]\n    theirs $_->[3]") } @different), '';
}

sub utf8 { my ($bytes) = @_; utf8::decode($bytes); return $bytes }

# A refusal, or what a resource says as one text: lists in any order, without what is empty or not primary, and without what is the server's.
sub outcome {
    my ($error, $resource) = @_;

    return "refused: $error" if defined $error;
    return 'no resource' unless ref $resource eq 'HASH';
    my %content = %$resource;
    delete @content{qw(id meta schemas groups)};
    return $json->encode(plain(\%content) // {});
}

sub plain {
    my ($value) = @_;

    return defined $value && $value ne '' ? $value : undef unless ref $value eq 'HASH' || ref $value eq 'ARRAY';
    if (ref $value eq 'ARRAY') {
        my @elements = map { $_->[1] } sort { $a->[0] cmp $b->[0] } map { [$json->encode($_), $_] } grep { defined } map { plain($_) } @$value;
        return @elements ? \@elements : undef;
    }
    my %object = map { $_ => plain($value->{$_}) } grep { !($_ eq 'primary' && !$value->{$_}) } keys %$value;
    delete @object{ grep { !defined $object{$_} } keys %object };
    return %object ? \%object : undef;
}

# ---- users ----

sub a_state {
    my %state = map { maybe(0.6, $_ => one_of(@values)) } qw(displayName title nickName externalId);

    $state{name} = { givenName => one_of(@values), maybe(0.5, familyName => one_of(@values)) } if rand() < 0.6;
    $state{$ENT} = { department => one_of(@values), maybe(0.5, manager => { value => one_of(@values) }) } if rand() < 0.4;
    for my $list (@LISTS) {
        my %there;
        my @elements = grep { !$there{ lc(($_->{value} // $_->{locality}) . ($_->{type} // '')) }++ } map { an_element($list) } 1 .. int rand 4;
        delete $_->{primary} for @elements;
        $elements[0]{primary} = TRUE if @elements && rand() < 0.4;
        $state{$list} = \@elements if @elements;
    }
    return \%state;
}

sub an_element {
    my ($list) = @_;

    return { locality => one_of(@values), maybe(0.6, type => one_of(@types)), maybe(0.3, country => one_of(qw(NO SE))), maybe(0.2, primary => TRUE) }
        if $list eq 'addresses';
    return { value => one_of(@values), maybe(0.7, type => one_of(@types)), maybe(0.3, display => one_of(@values)),
        maybe(0.2, primary => one_of(TRUE, TRUE, FALSE)) };
}

sub an_operation {
    my ($state) = @_;
    my $dice = rand;
    my $op = one_of(qw(add replace remove));

    return a_bad_operation($state) if $dice < 0.06;
    my $operation = $dice < 0.24 ? on_a_value($op) : $dice < 0.36 ? on_the_extension($op) : $dice < 0.46 ? without_path($op) : on_a_list($op, $state);
    # In other letters: names always, operations as some clients write them.
    $operation->{path} =~ s/^([^\[\]]+)/one_of(uc $1, ucfirst $1)/e if defined $operation->{path} && rand() < 0.03;
    $operation->{op} = one_of(ucfirst $op, uc $op) if rand() < 0.05;
    return $operation;
}

sub op { my ($op, $path, $value) = @_; return { op => $op, path => $path, $op eq 'remove' ? () : (value => $value) } }

sub on_a_value {
    my ($op) = @_;
    my $dice = rand;

    return op($op, 'active', one_of(TRUE, FALSE)) if $dice < 0.1 && $op ne 'remove';
    return op($op, 'name', { one_of(qw(givenName middleName)) => one_of(@values), maybe(0.4, familyName => one_of(@values)) }) if $dice < 0.3;
    return op($op, 'name.' . one_of(qw(givenName familyName middleName)), one_of(@values)) if $dice < 0.55;
    return op($op, one_of('', '', '', USER . ':') . one_of(qw(title nickName displayName userType externalId)),
        one_of((one_of(@values)) x 8, undef));
}

sub on_the_extension {
    my ($op) = @_;
    my $dice = rand;

    return op($op, $ENT, { maybe(0.6, department => one_of(@values)), maybe(0.4, employeeNumber => '7'),
        maybe(0.4, manager => { value => one_of(@values) }) })
        if $dice < 0.2;
    return op($op, "$ENT:manager", { value => one_of(@values) }) if $dice < 0.4;
    return op($op, "$ENT:manager.value", one_of(@values)) if $dice < 0.6;
    return op($op, "$ENT:" . one_of(qw(department employeeNumber costCenter)), one_of(@values));
}

sub without_path {
    my ($op) = @_;
    my $list = one_of(@LISTS);
    my %value = (
        maybe(0.5, title => one_of(@values)), maybe(0.3, nickName => one_of(@values)), maybe(0.3, name => { givenName => one_of(@values) }),
        maybe(0.3, $ENT => { department => one_of(@values), maybe(0.3, manager => { value => one_of(@values) }) }),
        maybe(0.4, $list => one_of(some_elements($list), an_element($list))),
    );

    return { op => $op eq 'remove' ? 'add' : $op, value => \%value };
}

sub some_elements {
    my ($list) = @_;
    my %there;

    return [grep { !$there{ lc(($_->{value} // $_->{locality}) . ($_->{type} // '')) }++ } map { an_element($list) } 1 .. one_of(1, 1, 2, 3)];
}

sub on_a_list {
    my ($op, $state) = @_;
    my $list = one_of(@LISTS);
    my @there = @{ $state->{$list} // [] };
    my $dice = rand;

    if ($dice < 0.3) {
        return op($op, $list) if $op eq 'remove' && rand() < 0.7;
        my $element = @there && rand() < 0.4 ? { %{ one_of(@there) } } : an_element($list);
        return { op => $op, path => $list, value => [$element] } if $op eq 'remove';
        return op($op, $list, one_of($element, [$element], some_elements($list), one_of([], some_elements($list))));
    }
    my @parts = $list eq 'addresses' ? qw(locality country region) : qw(value display);
    my $part = one_of(@parts, @parts, 'type', 'primary');
    my $value = $part eq 'primary' ? one_of(TRUE, TRUE, FALSE) : $part eq 'type' ? one_of(@types) : $part eq 'country' ? one_of(qw(NO SE))
        : one_of(@values);
    return op($op, "$list.$part", $value) if $dice < 0.36;
    my $filter = a_filter($list, $part, @there);
    return op($op, "$list\[$filter].$part", one_of(($value) x 12, undef)) if $dice < 0.75;
    my $whole = an_element($list);
    # What adds an element must not contradict the filter that asks for it.
    delete @$whole{ grep { $filter =~ /\b$_\b/ } keys %$whole } if $op eq 'add';
    $whole = { display => 'D' } if !%$whole && $list ne 'addresses';
    $whole = { region => 'R' } if !%$whole;
    return op($op, "$list\[$filter]", $whole);
}

# What finds something more often than not; not by the part that is to be set.
sub a_filter {
    my ($list, $part, @there) = @_;
    my $element = @there && rand() < 0.75 ? one_of(@there) : an_element($list);
    my $main = $list eq 'addresses' ? 'locality' : 'value';
    my @terms = grep { !/^$part / } term($element, 'type'), term($element, 'type'), term($element, $main),
        term($element, $main, one_of(qw(co sw ew))), 'primary eq true';
    my ($one, $other) = (one_of(@terms), one_of(@terms));

    return one_of($one, $one, $one, "$one and $other", "$one or $other", "not ($one)", "$one and not ($other)", "$main pr");
}

sub term {
    my ($element, $part, $op) = @_;
    my $literal = $element->{$part} // one_of($part eq 'type' ? @types : @values);

    $literal = substr $literal, $op eq 'ew' ? -2 : 0, 2 if $op;
    $literal = one_of(uc $literal, lc $literal) if rand() < 0.1;
    return join ' ', $part, $op // 'eq', JSON::PP->new->allow_nonref->encode($literal);
}

# What has to be refused.
sub a_bad_operation {
    my ($state) = @_;
    my $list = one_of(@LISTS[0 .. 3]);

    return one_of(
        op(one_of(qw(add replace)), one_of('shoeSize', "$list.nope", "$list\[type eq \"work\"].nope", 'name.nope', "$ENT:nope"), 'x'),
        op('replace', "$list\[nope eq \"x\"].value", 'x'), op('replace', "$list\[type xx \"work\"].value", 'x'),
        op('replace', "$list\[type eq \"work\".value", 'x'),
        op('replace', one_of(qw(id meta.created)), 'x'), op('remove', 'userName'), op('remove', 'id'), { op => 'remove' },
        { op => 'move', path => 'title', value => 'x' },
        op('replace', 'title', one_of(5, TRUE, ['x'], { value => 'x' })), op('replace', 'active', 'banana'),
        op(one_of(qw(add replace)), $list, one_of('x', ['x'])),
        op('replace', 'userName', undef), { op => one_of(qw(add replace)), path => one_of('title', $list) }, op('replace', 'name', 'Bob'),
        op('add', $list, [{ value => 'p', primary => TRUE }, { value => 'q', primary => TRUE }]), op('add', 'name[givenName eq "x"].familyName', 'x'),
        { op => one_of(qw(add replace)), value => one_of('x', ['x'], { shoeSize => 4 }) },
    );
}

# ---- groups ----

# On members, who are some of these users, and on the name.
sub a_group_operation {
    my (@users) = @_;
    my @some = map { one_of(@users)->{id} } 1 .. one_of(1, 1, 2, 3);
    my %once = map { $_ => 1 } @some;
    my @members = map { +{ value => $_ } } sort keys %once;

    return one_of(
        op('replace', 'displayName', one_of(@values)), op('add', 'members', one_of(\@members, $members[0])), op('add', 'members', \@members),
        op('replace', 'members', \@members), op('remove', 'members'), { op => 'remove', path => 'members', value => \@members },
        op('remove', 'members[' . join(' or ', map { qq(value eq "$_->{value}") } @members) . ']'), op('remove', qq(members[value eq "$some[0]"])),
        { op => one_of(qw(add replace)), value => { displayName => one_of(@values), maybe(0.5, members => \@members) } },
        op('replace', 'shoeSize', 4), op('remove', 'displayName'),
    );
}

1;
