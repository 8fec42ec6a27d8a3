# PATCHes made at random, good and bad. Whatever they are: all or nothing (PA-07), the answer is what is read (PA-09), schemas say what is
# there (C-21), at most one primary value (V-01), nothing empty (C-24), no part lost that nobody named (PA-27), a PUT
# of what was read changes nothing (U-14, U-16), never a 5xx.
# SCIM_TEST_PATCHES and SCIM_TEST_SEED in the environment change how many and which.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE ENTERPRISE USER uri);
use ScimTest::WriteBack;

my $count = $ENV{SCIM_TEST_PATCHES} // 400;
my $seed = $ENV{SCIM_TEST_SEED} // 20260101;
my $ENT = ENTERPRISE;

my @strings = ('a', 'B', '', 'x y', '{"a":1}', "\x{e9}", 'True', 'false', '0', 'w@x.org', 'h@x.org', 'm-1');
my @filters = (
    map({ qq([type eq "$_"]) } qw(work home WORK other)),
    '[primary eq true]', '[primary eq "True"]', '[value eq "w@x.org"]', '[value pr]', '[not (type eq "work")]',
    '[type eq "work" and value eq "w@x.org"]', '[type eq "work" or type eq "home"]', '[type', '[nope eq "x"]', '[]', '[value co "x"]',
);
my @lists = qw(emails phoneNumbers addresses roles ims photos entitlements);
my @parts = qw(value type primary display formatted locality nope Value $ref);
my @singular = (
    qw(title displayName nickName userType locale timezone active profileUrl externalId password userName id meta schemas groups nope),
    qw(name name.givenName name.familyName name.formatted NAME.middleName),
    ('name', "$ENT:manager") x 3,
    map { "$ENT:$_" } qw(department employeeNumber manager manager.value manager.displayName nope),
);

srand $seed;
for my $profile (qw(default rfc)) {
    my $s = ScimTest->new(profile => $profile);
    my (%status, @wrong, $u);

    for my $i (1 .. $count) {
        # Some series on one user, so that odd states build up.
        $u = $s->user(userName => "random$i\@example.com", name => { givenName => 'G', familyName => 'F' },
            $ENT => { manager => { value => 'm-1', '$ref' => '../Users/m-1' } }) if $i % 20 == 1;
        my @operations = map { an_operation() } 1 .. 1 + int rand 3;
        my $before = $s->get("/Users/$u->{id}")->{json};
        my $r = $s->patch("/Users/$u->{id}", \@operations);
        my $after = $s->get("/Users/$u->{id}")->{json};

        $status{ $r->{status} . ($r->{json}{scimType} ? " $r->{json}{scimType}" : '') }++;
        my ($sent, $from, $to) = map { $s->{json}->encode($_) } \@operations, $before, $after;
        push @wrong, map { "$_: $sent\n  from $from\n  to $to\n  by $r->{body}" } faults($s, $r, $before, $after, $sent =~ /password/), lost(\@operations, $before, $after);
        last if @wrong > 3;
    }
    ok(!@wrong, "$profile: $count random PATCHes (seed $seed)") or diag(join "\n", @wrong);
    cmp_ok($status{200} // 0, '>', $count / 10, "$profile: enough of them are good") unless @wrong;
    note "$profile: $_: $status{$_}" for sort keys %status;
    my ($users, @changed) = ScimTest::WriteBack::faults($s, $s->tenant);
    is_deeply([$users > 1 ? 1 : 0, @changed], [1], "U-14, U-16: $profile: whatever it has made: GET, PUT of that: nothing changes");
}
done_testing;

sub one_of { return $_[int rand @_] }

sub a_value {
    my ($depth) = @_;
    my $dice = rand;

    return one_of(@strings) if $dice < 0.4 || $depth > 2;
    return one_of(TRUE, FALSE, undef, 5, 1.5) if $dice < 0.55;
    return [map { a_value($depth + 1) } 1 .. int rand 3] if $dice < 0.75;
    return { map { $_ => a_value($depth + 1) } grep { rand() < 0.3 } @parts, qw(givenName familyName department) };
}

sub an_element {
    return { value => one_of(@strings), type => one_of(qw(work home other)), rand() < 0.4 ? (primary => one_of(TRUE, FALSE, 'True')) : () };
}

sub a_path {
    my $dice = rand;

    return one_of(@singular) if $dice < 0.4;
    my $list = one_of(@lists);
    return $list if $dice < 0.5;
    return "$list." . one_of(@parts) if $dice < 0.6;
    return $list . one_of(@filters) if $dice < 0.75;
    return $list . one_of(@filters) . '.' . one_of(@parts) if $dice < 0.97;
    return one_of($ENT, USER, "$ENT.department", '', 'a[b', "$ENT:manager[value eq \"m-1\"].value", 'name[givenName eq "a"].familyName');
}

sub an_operation {
    my $op = one_of((qw(add replace remove Add Replace Remove)) x 3, 'move');
    my $path = a_path();
    my $value = rand() < 0.5 ? a_value(0) : $path =~ /^(?:@{[join '|', @lists]})$/ ? one_of(an_element(), [an_element(), an_element()])
        : one_of(@strings, TRUE);

    return { op => $op, path => $path, value => { map { $_ => one_of('x', '', undef) } one_of(qw(givenName familyName formatted $ref displayName)) } }
        if $path =~ /^(?:name|\Q$ENT\E:manager)$/ && rand() < 0.7;
    return { op => $op, value => { map { a_path() => a_value(1) } 1 .. 1 + int rand 3 } } if rand() < 0.15;
    return { op => $op, path => $path, $op =~ /remove/i && rand() < 0.7 ? () : (value => $value) };
}

# What is wrong with the outcome.
sub faults {
    my ($s, $r, $before, $after, $password) = @_;
    my $same = sub { return $s->{json}->encode($_[0]) eq $s->{json}->encode($_[1]) };
    my @faults;

    return ("status $r->{status}") unless $r->{status} == 200 || $r->{status} == 400 || $r->{status} == 409;
    if ($r->{status} != 200) {
        return $same->($before, $after) ? () : 'refused, and yet something is changed';
    }
    push @faults, 'the answer is not what is read' unless $same->($r->{json}, $after);
    # A new password is a change that is not seen.
    my $changed = !$same->(map { +{ %$_, meta => undef } } $before, $after);
    push @faults, 'the version' if $changed != ($before->{meta}{version} ne $after->{meta}{version}) && !$password;
    push @faults, 'schemas' unless $same->([sort @{ $after->{schemas} }], [sort { $a cmp $b } USER, grep { /^urn:/ } keys %$after]);
    push @faults, 'something is empty' if has_empty($after);
    for my $list (grep { ref eq 'ARRAY' } values %$after) {
        push @faults, 'several primary values' if (grep { ref eq 'HASH' && $_->{primary} } @$list) > 1;
    }
    my $manager = ($after->{$ENT} // {})->{manager} // {};
    push @faults, 'another manager in $ref' if exists $manager->{value} && ($manager->{'$ref'} // $manager->{value}) !~ m{(?:^|/)\Q$manager->{value}\E$|%};
    my $put = $s->put("/Users/$after->{id}", $after);
    push @faults, "PUT of what was read: $put->{status} $put->{body}" unless $put->{status} == 200 && $same->($put->{json}, $after);
    return @faults;
}

# Parts of a complex value that are gone although nobody spoke of them, where a PATCH of one operation names only others (PA-27, rule 17).
sub lost {
    my ($operations, $before, $after) = @_;
    my ($op, @more) = @$operations;
    my ($attribute) = ($op->{path} // '') =~ /^(name|\Q$ENT\E:manager)$/ or return;
    my ($from, $to) = map { ($attribute eq 'name' ? $_->{name} : ($_->{$ENT} // {})->{manager}) // {} } $before, $after;

    return if @more || $op->{op} =~ /remove/i || ref $op->{value} ne 'HASH' || exists $op->{value}{value} || exists $op->{value}{Value};
    return map { "$attribute.$_ is gone" } grep { !exists $op->{value}{$_} && !exists $to->{$_} } keys %$from;
}

sub has_empty {
    my ($value) = @_;

    return !defined $value || $value eq '' unless ref $value && !JSON::PP::is_bool($value);
    my @parts = ref $value eq 'HASH' ? values %$value : @$value;
    return !@parts || grep { has_empty($_) } @parts;
}
