# What a service advertises in /ResourceTypes and /Schemas, as a list of attributes, and values for each of them.
#
#   my $service = ScimTest::Advertised->new($s);
#   for my $type (@{ $service->types }) {
#       for my $attr (@{ $service->attributes($type) }) { $attr->{path}; $attr->{mutability}; ... }
#   }
#   my $body = $service->body($type, [$attr, $service->value($attr, 1)]);
#
# An attribute: type (of the resource), urn (of its extension, or undef), def and parent (definitions; parent undef at the top), path (for
# filters and PATCH), name (without the URN), mutability, returned and secret (with what the parent says), unique, list (values stand in a
# list of elements), exact.
package ScimTest::Advertised;

use strict;
use warnings;

use JSON::PP ();

my $TRUE = JSON::PP::true;
my $FALSE = JSON::PP::false;
my $serial = 0;

# Values that the schema cannot tell.
my %SPECIAL = (
    'addresses.country' => [qw(dk NO se)],
    'locale' => [qw(da-DK nb-NO sv-SE)],
    'preferredLanguage' => [qw(da-DK nb-NO sv-SE)],
    'timezone' => [qw(America/Lima Europe/Oslo Pacific/Guam)],
    'x509Certificates.value' => [map { "MAgwADAAAwIA$_" } qw(AA== Aw== /w==)],
);

sub new {
    my ($class, $s) = @_;
    my %schemas = map { $_->{id} => $_ } @{ $s->get('/Schemas')->{json}{Resources} };

    return bless { s => $s, schemas => \%schemas, types => $s->get('/ResourceTypes')->{json}{Resources}, users => [] }, $class;
}

sub types { return $_[0]{types} }
sub schema { return $_[0]{schemas}{ $_[1] } }

# externalId is the one common attribute that clients write; no schema lists it.
my $EXTERNAL_ID = { name => 'externalId', type => 'string', multiValued => $FALSE, required => $FALSE, caseExact => $TRUE, mutability => 'readWrite',
    returned => 'default', uniqueness => 'none' };

sub attributes {
    my ($self, $type) = @_;
    my @attributes = $self->_attribute($type, undef, $EXTERNAL_ID);

    for my $urn ($type->{schema}, map { $_->{schema} } @{ $type->{schemaExtensions} // [] }) {
        my $own = $urn eq $type->{schema} ? undef : $urn;
        for my $def (@{ $self->{schemas}{$urn}{attributes} }) {
            push @attributes, $self->_attribute($type, $own, $def), map { $self->_attribute($type, $own, $_, $def) } @{ $def->{subAttributes} // [] };
        }
    }
    return \@attributes;
}

sub _attribute {
    my ($self, $type, $urn, $def, $parent) = @_;
    my $name = $parent ? "$parent->{name}.$def->{name}" : $def->{name};
    my ($stiff) = grep { $_ ne 'readWrite' } $parent ? $parent->{mutability} : (), $def->{mutability};
    my $secret = grep { $_ && ($_->{returned} eq 'never' || $_->{mutability} eq 'writeOnly') } $def, $parent;

    return {
        type => $type, urn => $urn, def => $def, parent => $parent, name => $name, path => $urn ? "$urn:$name" : $name,
        kind => $def->{type}, mutability => $stiff // 'readWrite', secret => $secret ? 1 : 0,
        returned => $secret ? 'never' : $def->{returned}, unique => ($def->{uniqueness} // 'none') ne 'none' ? 1 : 0,
        list => $parent && $parent->{multiValued} ? 1 : 0, multi => $def->{multiValued} ? 1 : 0,
        exact => $def->{caseExact} || $def->{type} eq 'binary' ? 1 : 0,
    };
}

# ---- values ----

# A user's id.
sub user {
    my ($self, $n) = @_;

    return $self->{users}[$n] //= $self->{s}->user(userName => 'd26-' . ++$serial . '@example.com')->{id};
}

my %FROM_NUMBER = (
    # Ordered without regard to case; where case counts, the capital comes first.
    string => sub { return ('alpha', 'Bravo', 'charlie', 'Delta')[$_[0] % 4] . ($_[0] > 3 ? " $_[0]" : ' x') },
    boolean => sub { return $_[0] % 2 ? $TRUE : $FALSE },
    # As texts they would be in another order.
    integer => sub { return (-20, 9, 10, 1000)[$_[0] % 4] + 10_000 * int($_[0] / 4) },
    decimal => sub { return (-2.5, 9.25, 10.5, 1000.125)[$_[0] % 4] + 10_000 * int($_[0] / 4) },
    dateTime => sub { return sprintf '%04d-02-03T04:05:06Z', 1995 + $_[0] },
    reference => sub { return 'https://example.com/' . ('alpha', 'Bravo', 'charlie', 'Delta')[$_[0] % 4] . "/$_[0]" },
    binary => sub { return sprintf 'QUJ%s', ('D', 'E', 'F', 'G')[$_[0] % 4] x (1 + 4 * int($_[0] / 4)) },
);

# Value number n of the attribute, without the list around it where it is multi-valued; in the order of the numbers.
sub single {
    my ($self, $attr, $n) = @_;
    my $def = $attr->{def};

    return $self->_complex($attr, $n) if $def->{type} eq 'complex';
    return $SPECIAL{ $attr->{name} }[$n] // $SPECIAL{ $attr->{name} }[0] if $SPECIAL{ $attr->{name} };
    my $refers = $attr->{parent} && grep { $_->{name} eq '$ref' && grep { $_ eq 'User' } @{ $_->{referenceTypes} // [] } } @{ $attr->{parent}{subAttributes} };
    return $self->user($n) if $refers && $def->{name} eq 'value';
    return $self->{s}->base . '/Users/' . $self->user($n) if $refers && $def->{name} eq '$ref';
    return $FALSE if $attr->{list} && $def->{name} eq 'primary';
    return $FROM_NUMBER{ $def->{type} }->($n) . " $$." . ++$serial if $attr->{unique} && $def->{type} eq 'string';
    return $FROM_NUMBER{ $def->{type} }->($n) + 100_000 * ++$serial if $attr->{unique};
    return $FROM_NUMBER{ $def->{type} }->($n);
}

# All parts that clients can write; those of a single value that may not change are the same in all of them.
sub _complex {
    my ($self, $attr, $n) = @_;

    return { value => $self->user($n) } if $attr->{name} eq 'members';
    return { map { my $sub = $self->_attribute($attr->{type}, $attr->{urn}, $_, $attr->{def}); ($_->{name} => $self->value($sub, $_->{mutability} eq 'immutable' && !$attr->{multi} ? 0 : $n)) }
        grep { $_->{mutability} ne 'readOnly' } @{ $attr->{def}{subAttributes} } };
}

sub value {
    my ($self, $attr, $n) = @_;
    my $value = $self->single($attr, $n);

    return $attr->{multi} ? [$value] : $value;
}

# What is no value of the attribute, in any profile. Texts "RAW:..." stand for what Perl has no value for.
my %WRONG = (
    string => [5, $TRUE, { a => 1 }, ['a', 'b']],
    boolean => ['perhaps', 5, [$TRUE, $FALSE]],
    integer => [1.5, '5', $TRUE, 'RAW:1e2', { a => 1 }],
    decimal => ['5', $TRUE, [1, 2]],
    dateTime => ['2024-01-01', 'yesterday', 5, '2024-13-01T00:00:00Z'],
    reference => [5, $TRUE, ['a', 'b']],
    binary => ['%%%', 5, $TRUE],
    complex => [5, $TRUE, ['x', 'y']],
);
# What only a tolerant profile takes.
my %LOOSE = (boolean => ['true', [$TRUE]], reference => ['no uri at all'], map({ $_ => [] } qw(string integer decimal dateTime binary complex)));

sub wrong {
    my ($self, $attr) = @_;
    my $strict = $self->{s}->base =~ /rfc/;
    my @wrong = (@{ $WRONG{ $attr->{kind} } }, $strict ? @{ $LOOSE{ $attr->{kind} } } : ());

    if ($attr->{multi}) {
        my @each = grep { ref ne 'ARRAY' } @wrong;
        return (map({ [$_] } @each), [undef], [[]], $self->single($attr, 1), 5);
    }
    return (@wrong, $strict && $attr->{kind} ne 'boolean' ? [$self->single($attr, 1)] : ());
}

# Another spelling of a text: the same value where letter case does not count.
sub other_case { my ($self, $text) = @_; return $text =~ /\p{Lower}/ ? uc $text : lc $text }

# ---- bodies ----

# The least that a resource of the type needs.
sub least {
    my ($self, $type) = @_;
    my %body = (schemas => [$type->{schema}]);

    for my $attr (grep { $_->{def}{required} && !$_->{parent} && !$_->{urn} && $_->{mutability} ne 'readOnly' } @{ $self->attributes($type) }) {
        $body{ $attr->{name} } = $attr->{kind} eq 'string' ? 'd26-' . ++$serial : $self->value($attr, 1);
    }
    return \%body;
}

# A body with these attributes: pairs of attribute and value. What their extension and parent require comes with them.
sub body {
    my ($self, $type, @pairs) = @_;
    my $body = $self->least($type);

    $self->set($body, @$_) for @pairs;
    return $body;
}

sub set {
    my ($self, $body, $attr, $value) = @_;
    my $at = $body;

    if ($attr->{urn}) {
        push @{ $body->{schemas} }, $attr->{urn} unless grep { $_ eq $attr->{urn} } @{ $body->{schemas} };
        $at = $body->{ $attr->{urn} } //= { map { ($_->{name} => 'required') } grep { $_->{required} } @{ $self->{schemas}{ $attr->{urn} }{attributes} } };
    }
    $value = $self->around($attr, $value) if $attr->{parent};
    my $top = $attr->{parent} // $attr->{def};
    $at->{ $top->{name} } = $value;
    return;
}

# A value of the parent with this part, and what it requires beside it.
sub around {
    my ($self, $attr, $value) = @_;
    my $top = $self->_attribute($attr->{type}, $attr->{urn}, $attr->{parent});
    my %all = %{ $self->_complex($top, 0) };
    my %object = map { ($_->{name} => $all{ $_->{name} }) } grep { $_->{required} } @{ $attr->{parent}{subAttributes} };

    $object{ $attr->{def}{name} } = $value;
    # Both name one resource.
    $object{value} = $1 if $attr->{def}{name} eq '$ref' && $object{value} && (ref $value eq 'ARRAY' ? $value->[0] : $value // '') =~ m{^http.*/([^/]+)$};
    return $attr->{list} ? [\%object] : \%object;
}

# A body without the attribute, but with all that has to stand beside it.
sub without {
    my ($self, $attr) = @_;
    my ($required) = $attr->{urn} ? grep { $_->{required} } @{ $self->{schemas}{ $attr->{urn} }{attributes} } : ();

    return $self->body($attr->{type}, $required ? [$self->_attribute($attr->{type}, $attr->{urn}, $required), 'required'] : ());
}

# The parent of a part, as an attribute.
sub parent { my ($self, $attr) = @_; return $self->_attribute($attr->{type}, $attr->{urn}, $attr->{parent}) }

# The attribute's value in a resource; of a part in a list, that of the first element.
sub find {
    my ($self, $attr, $resource) = @_;
    my $at = $attr->{urn} ? ($resource // {})->{ $attr->{urn} } : $resource;
    my $value = ref $at eq 'HASH' ? $at->{ ($attr->{parent} // $attr->{def})->{name} } : undef;

    return $value unless $attr->{parent};
    $value = $value->[0] if ref $value eq 'ARRAY';
    return ref $value eq 'HASH' ? $value->{ $attr->{def}{name} } : undef;
}

1;
