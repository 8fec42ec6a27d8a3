# PATCHes made at random for a type that has each characteristic, from what /Schemas says of it. Whatever they are: all or nothing (PA-07), what
# may not change does not (PA-41), what is required is there (PA-38), at most one primary value (V-01), and what is stored then can be read
# and written back without a change, to what is not shown either (U-06, U-14, U-16).
# SCIM_TEST_PATCHES and SCIM_TEST_SEED in the environment change how many and which.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE);
use ScimTest::Advertised;

my $count = $ENV{SCIM_TEST_PATCHES} // 400;
my $seed = $ENV{SCIM_TEST_SEED} // 20260101;
my ($s, $service, $type, @attributes, @tops);

srand $seed;
for my $path (qw(/inventory/v2 /inventory-rfc/v2)) {
    $s = ScimTest->new(path => $path);
    $service = ScimTest::Advertised->new($s);
    ($type) = grep { $_->{name} eq 'Asset' } @{ $service->types };
    @attributes = @{ $service->attributes($type) };
    @tops = grep { !$_->{parent} && $_->{mutability} ne 'readOnly' } @attributes;
    my (%status, @wrong, $id);

    for my $i (1 .. $count) {
        # Some series on one resource, so that odd states build up; the first has everything.
        $id = an_asset($i == 1) if $i % 20 == 1;
        my @operations = map { an_operation() } 1 .. 1 + int rand 3;
        my $before = stored($id);
        my $r = $s->patch("/Assets/$id", \@operations);
        my $after = stored($id);

        $status{ $r->{status} . (($r->{json} // {})->{scimType} ? " $r->{json}{scimType}" : '') }++;
        my @faults = faults($id, $r, $before, $after);
        push @wrong, map { "$_: " . $s->{json}->encode(\@operations) . "\n  from $before\n  to $after\n  by $r->{body}" } @faults;
        last if @wrong > 3;
    }
    ok(!@wrong, "$path: $count random PATCHes (seed $seed)") or diag(join "\n", @wrong);
    cmp_ok($status{200} // 0, '>', $count / 10, "$path: enough of them are good") unless @wrong;
    note "$path: $_: $status{$_}" for sort keys %status;
}
done_testing;

# Some cannot be made: two values may be primary.
sub an_asset {
    my ($all) = @_;

    for (1 .. 20) {
        my $r = $s->post('/Assets', $service->body($type, map { [$_, a_value($_, 1)] } grep { $all || rand() < 0.4 } @tops));
        return $r->{json}{id} if $r->{status} == 201;
    }
    die "no asset can be made\n";
}

sub one_of { return $_[int rand @_] }

# Everything that is kept of it.
sub stored { return $s->{db}->ask("select (version, doc::text)::text from scim.resource where id = '$_[0]'") }
sub document { return $s->{json}->decode($s->{db}->ask("select doc::text from scim.resource where id = '$_[0]'")) }

# Mostly one that fits; unless it must, also something else.
sub a_value {
    my ($attr, $fits) = @_;
    my $dice = $fits ? 0 : rand;

    return one_of(undef, '', [], {}, 'x', 5, TRUE) if $dice > 0.95;
    return one_of(grep { !/RAW/ } $service->wrong($attr)) if $dice > 0.9;
    return $service->value($attr, int rand 3) unless $attr->{multi};
    return $service->single($attr, int rand 3) if $dice > 0.8;
    my @list = map { some_of($attr, $service->single($attr, $_)) } grep { rand() < 0.6 } 0 .. 3;
    return @list ? \@list : [$service->single($attr, 0)];
}

# Some parts of an element, those that it needs among them.
sub some_of {
    my ($attr, $element) = @_;
    my %required = map { $_->{name} => $_->{required} } @{ $attr->{def}{subAttributes} // [] };

    return $element unless ref $element eq 'HASH';
    return { map { $_ => $_ eq 'primary' ? one_of(TRUE, FALSE, FALSE, FALSE) : $element->{$_} } grep { $required{$_} || rand() < 0.5 } keys %$element };
}

sub an_operation {
    my $attr = one_of(@attributes);
    my ($op, $path) = (one_of(qw(add replace remove)), $attr->{path});
    my $element = !$attr->{parent} && $attr->{multi} ? $attr : $attr->{list} ? $service->parent($attr) : undef;

    if ($element && rand() < 0.5) {
        my $by = $element->{kind} eq 'complex' ? one_of(grep { $_->{type} ne 'complex' } @{ $element->{def}{subAttributes} }) : { %{ $element->{def} }, name => 'value', multiValued => 0 };
        my $value = $s->{json}->encode($service->single({ %$element, def => $by, name => "$element->{name}.$by->{name}", kind => $by->{type}, parent => $element->{def}, unique => 0 }, int rand 3));
        $path = $element->{path} . '[' . one_of("$by->{name} eq $value", "$by->{name} pr", "not ($by->{name} eq $value)") . ']' . ($attr == $element ? '' : ".$attr->{def}{name}");
        $attr = { %$attr, multi => 0 } if $attr == $element;
    }
    return { op => $op, value => { $attr->{urn} ? ($attr->{urn} => { $attr->{def}{name} => a_value($attr) }) : ($attr->{name} => a_value($attr)) } }
        if $op ne 'remove' && !$attr->{parent} && rand() < 0.1;
    return { op => $op, path => $path, $op eq 'remove' ? () : (value => a_value($attr)) };
}

sub faults {
    my ($id, $r, $before, $after) = @_;
    my @faults;

    return "status $r->{status}" unless $r->{status} == 200 || $r->{status} == 400 || $r->{status} == 409;
    return $before eq $after ? () : 'refused, and yet something is changed' if $r->{status} != 200;
    my $doc = document($id);
    my $was = $before =~ /^\(\d+,"(.*)"\)$/s ? $s->{json}->decode($1 =~ s/""/"/gr =~ s/\\\\/\\/gr) : {};
    for my $attr (grep { $_->{mutability} eq 'immutable' && !$_->{list} } @attributes) {
        my ($old, $new) = map { $service->find($attr, $_) } $was, $doc;
        push @faults, "$attr->{path} has changed" if defined $old && $s->{json}->encode($old) ne $s->{json}->encode($new);
    }
    for my $attr (grep { $_->{def}{required} } @attributes) {
        my $holder = $attr->{parent} ? $service->find($service->parent($attr), $doc) : $attr->{urn} ? $doc->{ $attr->{urn} } : $doc;
        push @faults, "$attr->{path} is missing" if grep { !exists $_->{ $attr->{def}{name} } } ref $holder eq 'ARRAY' ? @$holder : $holder // ();
    }
    for my $list (grep { ref eq 'ARRAY' } values %$doc) {
        push @faults, 'several primary values' if (grep { ref eq 'HASH' && $_->{primary} } @$list) > 1;
    }
    my $read = $s->get("/Assets/$id");
    my $put = $s->put("/Assets/$id", $read->{body});
    push @faults, "PUT of what was read: $put->{status} $put->{body}" unless $put->{status} == 200 && $put->header('ETag') eq $read->header('ETag');
    push @faults, 'PUT of what was read changes what is not shown: ' . stored($id) if stored($id) ne $after;
    return @faults;
}
