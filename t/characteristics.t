# What /Schemas advertises is what happens (D-25, D-26): each attribute of each type is tried by what its definition says.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE USER uri is_scim_error);
use ScimTest::Fixtures;

my %VALUE = (
    string => 'AbC',
    boolean => TRUE,
    integer => 7,
    decimal => 2.5,
    dateTime => '2024-01-01T00:00:00Z',
    reference => 'https://example.com/AbC',
    binary => 'MAgwADAAAwIA/w==',
);
# What does not fit into each type.
my %WRONG = (string => 5, boolean => 'perhaps', integer => 1.5, decimal => 'x', dateTime => '2024-01-01', reference => 5, binary => '%%%',
    complex => 5);
my $serial = 0;
# Values that the schema cannot tell: a country is two letters, a manager someone of this service.
my %SPECIAL = ('addresses.country' => 'no', 'locale' => 'Nb', 'userName' => undef, 'manager.$ref' => '../Users/AbC');

for my $path (qw(/scim/v2 /rfc/v2 /acme/v2 /acme-rfc/v2)) {
    my $s = ScimTest->new(path => $path);
    my %schema = map { $_->{id} => $_ } @{ $s->get('/Schemas')->{json}{Resources} };

    subtest $path => sub {
        for my $type (@{ $s->get('/ResourceTypes')->{json}{Resources} }) {
            common_attributes($schema{ $type->{schema} });
            attributes($s, $type, $schema{ $type->{schema} }, undef);
            attributes($s, $type, $schema{ $_->{schema} }, $_->{schema}) for @{ $type->{schemaExtensions} // [] };
        }
    };
}
sent_parts($_) for qw(/locker/v2 /locker-rfc/v2);
done_testing;

# Parts of elements that are returned on request come back from whatever request they are sent in (P-09).
sub sent_parts {
    my ($path) = @_;
    my $s = ScimTest->new(path => $path);
    my %locker = (schemas => ['urn:ietf:params:scim:schemas:acme:2.0:Locker'], displayName => 'hints');
    my @keys = ({ value => 'k1' }, { value => 'k2', hint => 'on the nail' });
    my $r = $s->post('/Lockers', { %locker, keys => \@keys });
    my $at = "/Lockers/$r->{json}{id}";
    my $hints = sub { return [map { $_->{hint} } @{ $_[0]{json}{keys} }] };

    is_deeply([$r->{status}, $hints->($r)], [201, [undef, 'on the nail']], "P-09: $path: POST");
    is_deeply($hints->($s->get($at)), [undef, undef], '... not when read');
    is_deeply($hints->($s->put($at, { %locker, keys => \@keys })), [undef, 'on the nail'], "P-09: $path: PUT");
    is_deeply($hints->($s->put($at, { %locker, keys => [{ value => 'k1' }, { value => 'k2' }] })), [undef, undef], '... not when it is not sent');
    for my $op ({ op => 'add', path => 'keys', value => [{ value => 'k3' }, { value => 'k4', hint => 'in the pot' }] },
        { op => 'replace', path => 'keys[value eq "k2"]', value => { value => 'k2', hint => 'in the pot' } },
        { op => 'replace', path => 'keys[value eq "k2"].hint', value => 'in the pot' },
        { op => 'replace', value => { keys => [{ value => 'k2', hint => 'in the pot' }] } }) {
        my $answer = $s->patch($at, [$op]);
        is_deeply([$answer->{status}, grep { defined } @{ $hints->($answer) }], [200, ('in the pot') x grep { $_->{hint} } @{ $s->get("$at?attributes=keys.hint")->{json}{keys} }],
            "P-09: $path: PATCH " . JSON::PP->new->canonical->encode($op));
    }
    is_deeply($hints->($s->patch($at, [{ op => 'replace', path => 'displayName', value => 'H' }])), [undef], '... not when something else is sent');
    is_deeply([sort keys %{ $s->patch("$at?attributes=displayName", [{ op => 'add', path => 'keys', value => { value => 'k5', hint => 'x' } }])->{json} }],
        [sort keys %{ $s->get("$at?attributes=displayName")->{json} }], '... nor when the client says what it wants');
    return;
}

# If they are listed, then as RFC 7643 section 3.1 has them.
sub common_attributes {
    my ($schema) = @_;
    my %listed = map { $_->{name} => $_ } @{ $schema->{attributes} };

    is($listed{id}{mutability}, 'readOnly', "D-25: $schema->{name}: id is readOnly") if $listed{id};
    ok($listed{externalId}{caseExact}, "D-25: $schema->{name}: externalId is caseExact") if $listed{externalId};
    is($listed{meta}{mutability}, 'readOnly', "D-25: $schema->{name}: meta is readOnly") if $listed{meta};
    return;
}

sub attributes {
    my ($s, $type, $schema, $urn) = @_;

    for my $attr (@{ $schema->{attributes} }) {
        my $try = { s => $s, type => $type, urn => $urn, attr => $attr, name => $attr->{name} };
        # Members and groups have tests of their own.
        next if $attr->{name} =~ /^(?:members|groups|password)$/;
        if ($attr->{type} eq 'complex') {
            wrong_type($try, $WRONG{complex});
            simple({ %$try, parent => $attr, attr => $_, name => "$attr->{name}.$_->{name}" }) for @{ $attr->{subAttributes} };
        } else {
            simple($try);
        }
    }
    return;
}

sub simple {
    my ($try) = @_;
    my $attr = $try->{attr};

    return read_only($try) if $attr->{mutability} eq 'readOnly';
    wrong_type($try, $WRONG{ $attr->{type} });
    my $value = exists $SPECIAL{ $try->{name} } ? $SPECIAL{ $try->{name} } : $VALUE{ $attr->{type} };
    return unless defined $value;
    my $resource = created($try, $value) or return;
    returned($try, $resource, $value);
    case_exact($try, $resource, $value) if $attr->{type} =~ /^(?:string|reference)$/ && !secret($try);
    untold($try, $resource, $value) if secret($try);
    mutable($try, $resource, $value) if $attr->{type} eq 'string';
    required($try, $resource) if $attr->{required} && !$try->{parent};
    return;
}

# ---- requests about one attribute ----

sub title { my ($try, $what) = @_; return "D-26: $try->{type}{name} $try->{name}: $what" }

# The attribute's path in filters and PATCH.
sub path_of { my ($try) = @_; return ($try->{urn} ? "$try->{urn}:" : '') . $try->{name} }

# A body with the value where it belongs.
sub body_with {
    my ($try, $value) = @_;
    my %body = (schemas => [$try->{type}{schema}, $try->{urn} // ()],
        ($try->{type}{name} eq 'User' ? 'userName' : 'displayName') => 'd26-' . ++$serial);
    my $at = $try->{urn} ? $body{ $try->{urn} } = {} : \%body;
    my $top = $try->{parent} // $try->{attr};

    $value = [$value] if !$try->{parent} && $top->{multiValued} && ref $value ne 'ARRAY';
    if ($try->{parent}) {
        $value = { $try->{attr}{name} => $value };
        $value = [$value] if $top->{multiValued};
    }
    $at->{ $top->{name} } = $value;
    return \%body;
}

# The value of the attribute in a resource.
sub value_in {
    my ($try, $resource) = @_;
    my $at = $try->{urn} ? $resource->{ $try->{urn} } // {} : $resource;
    my $top = $try->{parent} // $try->{attr};
    my $value = $at->{ $top->{name} };

    $value = $value->[0] if ref $value eq 'ARRAY';
    return $try->{parent} && ref $value eq 'HASH' ? $value->{ $try->{attr}{name} } : $value;
}

sub post { my ($try, $value) = @_; return $try->{s}->post($try->{type}{endpoint}, body_with($try, $value)) }
sub at { my ($try, $resource) = @_; return "$try->{type}{endpoint}/$resource->{id}" }

sub patch {
    my ($try, $resource, $op, $value) = @_;

    return $try->{s}->patch(at($try, $resource) . '?attributes=' . path_of($try),
        [{ op => $op, path => path_of($try), @_ > 3 ? (value => $value) : () }]);
}

# ---- what a definition says ----

sub wrong_type {
    my ($try, $wrong) = @_;

    $wrong = [$wrong] if $try->{attr}{multiValued} && !$try->{parent};
    is_scim_error(post($try, $wrong), 400, 'invalidValue', title($try, "type $try->{attr}{type}"));
    return;
}

sub read_only {
    my ($try) = @_;
    my $r = post($try, $VALUE{ $try->{attr}{type} });

    is_deeply([$r->{status}, value_in($try, $r->{json})], [201, undef], title($try, 'readOnly is ignored in POST'));
    return unless $try->{s}->base =~ /rfc/ && $r->{status} == 201;
    is_scim_error(patch($try, $r->{json}, 'replace', $VALUE{ $try->{attr}{type} }), 400, 'mutability', title($try, 'readOnly is refused in PATCH'));
    return;
}

sub created {
    my ($try, $value) = @_;
    my $r = post($try, $value);

    status_is($r, 201, title($try, 'can be set'));
    is(value_in($try, $r->{json}), $value, title($try, 'P-09: returned on request: to who has sent it')) if $try->{attr}{returned} eq 'request' && !secret($try);
    return $r->{status} == 201 ? $r->{json} : undef;
}

# Never seen again: returned never, or writeOnly whatever is said of returned (RFC 7643 section 7).
sub secret {
    my ($try) = @_;

    return $try->{attr}{returned} eq 'never' || $try->{attr}{mutability} eq 'writeOnly';
}

sub returned {
    my ($try, $resource, $value) = @_;
    my $s = $try->{s};
    my %read = (default => $s->get(at($try, $resource))->{json}, named => $s->get(at($try, $resource) . '?attributes=' . path_of($try))->{json});
    my %expected = (default => [1, 1], always => [1, 1], request => [0, 1], never => [0, 0]);
    my $returned = secret($try) ? 'never' : $try->{attr}{returned};

    is_deeply([map { defined value_in($try, $read{$_}) ? 1 : 0 } qw(default named)], $expected{$returned}, title($try, "returned $returned"));
    my @unasked = map { value_in($try, $s->get(at($try, $resource) . "?$_")->{json}) }
        'attributes=schemas', 'excludedAttributes=' . path_of($try) . ',' . ($try->{urn} ? "$try->{urn}:" : '') . ($try->{parent} // $try->{attr})->{name};
    is_deeply(\@unasked, $returned eq 'always' ? [$value, $value] : [undef, undef], title($try, 'G-05: regardless of the request, when returned always'));
    is(value_in($try, $read{named}), $value, title($try, 'comes back as sent')) if $returned ne 'never' && $try->{attr}{type} ne 'dateTime';
    return;
}

# Nor told by a filter or an order, in any reply, with any projection.
sub untold {
    my ($try, $resource, $value) = @_;
    my ($s, $type, $path) = ($try->{s}, $try->{type}{endpoint}, path_of($try));

    is_scim_error($s->get($type . uri(filter => "$path $_")), 400, 'invalidFilter', title($try, "in a filter: $_")) for 'pr', qq(eq "$value");
    is_scim_error($s->get($type . uri(sortBy => $path)), 400, 'invalidValue', title($try, 'in sortBy'));
    unlike($_->{body}, qr/\b\Q$value\E\b/, title($try, 'not in a reply'))
        for $s->get($type . uri(filter => qq(id eq "$resource->{id}"))), $s->get($type . uri(filter => qq(id eq "$resource->{id}"), attributes => $path)),
        $s->put(at($try, $resource), body_with($try, $value));
    is($s->sql('select count(*) from scim.resource where id = ? and folded::text like ?', $resource->{id}, qq(%"$value"%)), 0,
        title($try, 'not among the search keys'));
    return;
}

sub case_exact {
    my ($try, $resource, $value) = @_;
    my $found = sub {
        my ($literal) = @_;
        my $r = $try->{s}->get($try->{type}{endpoint} . uri(filter => path_of($try) . qq( eq "$literal" and id eq "$resource->{id}")));
        return $r->{status} == 200 ? $r->{json}{totalResults} : "$r->{status} $r->{body}";
    };

    is($found->($value), 1, title($try, 'is found'));
    is($found->(lc $value eq $value ? uc $value : lc $value), $try->{attr}{caseExact} ? 0 : 1,
        title($try, 'caseExact ' . ($try->{attr}{caseExact} ? 'true' : 'false')));
    return;
}

sub mutable {
    my ($try, $resource, $value) = @_;
    my $other = $SPECIAL{ $try->{name} } ? 'SE' : 'Other';
    my $r = patch($try, $resource, 'replace', $other);

    if ($try->{attr}{mutability} eq 'immutable') {
        is_scim_error($r, 400, 'mutability', title($try, 'immutable'));
    } elsif (secret($try)) {
        status_is($r, 200, title($try, 'can be changed'));
    } else {
        is_deeply([$r->{status}, value_in($try, $r->{json} // {})], [200, $other], title($try, 'can be changed'));
    }
    return;
}

sub required {
    my ($try, $resource) = @_;
    my $body = body_with($try, 'x');

    delete $body->{ $try->{attr}{name} };
    is_scim_error($try->{s}->post($try->{type}{endpoint}, $body), 400, 'invalidValue', title($try, 'required in POST'));
    is_scim_error($try->{s}->put(at($try, $resource), $body), 400, 'invalidValue', title($try, 'required in PUT'));
    is_scim_error(patch($try, $resource, 'remove'), 400, 'mutability', title($try, 'required, removed by PATCH'));
    return;
}
