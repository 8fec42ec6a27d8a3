# What npm's scim2-parse-filter makes of filters otherwise than the RFCs, class by class (the RFC's word for each is in t/external/README), and
# how to ask it all the same: filters and resources said so that the difference plays no part.
#
#   my $other = ScimTest::ParseFilter->new($kind, \@resources);   # attributes as of ScimTest::Oracle
#   my @classes = $other->departures($filter);         # the classes that the filter has something of
#   $oracle->text($other->filter($filter)); $other->resource($resource);
#   my $but = $other->but('case');                     # the same, except that this one departure does play its part
package ScimTest::ParseFilter;

use strict;
use warnings;
use utf8;

use JSON::PP ();
use Time::Local qw(timegm);

use ScimTest::Oracle;

my $JSON = JSON::PP->new->allow_nonref;

sub new {
    my ($class, $attributes, $resources) = @_;
    my $self = bless { attributes => $attributes, but => '' }, $class;

    # The longest list of each attribute.
    for my $path (keys %$attributes) {
        for my $resource (@$resources) {
            my ($object, $name) = _holder($resource, $path);
            my $value = ($object // {})->{$name};
            my $count = ref $value eq 'ARRAY' ? @$value : 0;
            $self->{most}{$path} = $count if $count > ($self->{most}{$path} // 0);
        }
    }
    return $self;
}

sub but { my ($self, $class) = @_; return bless { %$self, but => $class }, ref $self }

sub _is { my ($self, $class) = @_; return $self->{but} ne $class }

sub _type { return $_[0]{attr}{type} // 'string' }

# ---- what a filter has ----

my %DEPARTURES = (
    case => sub { my ($f) = @_; return defined $f->{value} && _type($f) eq 'string' && !$f->{attr}{exact} },
    absent => sub { my ($f) = @_; return defined $f->{value} && $f->{op} eq 'ne' },
    null => sub { my ($f) = @_; return !defined $f->{value} && $f->{op} eq 'eq' },
    instant => sub { my ($f) = @_; return defined $f->{value} && _type($f) eq 'dateTime' },
    reference => sub { my ($f) = @_; return defined $f->{value} && _type($f) eq 'reference' && $f->{op} =~ /^(?:eq|ne)$/ },
    dollar => sub { my ($f) = @_; return $f->{path} =~ /\$/ },
    negative => sub { my ($f) = @_; return defined $f->{value} && _type($f) =~ /^(?:integer|decimal)$/ && $f->{value} < 0 },
    backslash => sub { my ($f) = @_; return defined $f->{value} && _type($f) =~ /^(?:string|reference)$/ && $f->{value} =~ /\\/ },
    value => sub { my ($f) = @_; return $f->{attr}{list} && $f->{path} eq 'value' },
    primary => sub { my ($f) = @_; return defined $f->{value} && defined $f->{attr}{otherwise} },
    list => sub { my ($f) = @_; return defined $f->{shown} },
);

sub classes { return sort keys %DEPARTURES, 'element' }

sub departures {
    my ($self, $f) = @_;
    my %found;

    _find($f, \%found);
    return sort keys %found;
}

sub _find {
    my ($f, $found) = @_;

    # One condition alone in brackets is true of some element or of none.
    $found->{element} = 1 if $f->{op} eq '[]' && $f->{left}{left};
    if ($f->{attr}) {
        $DEPARTURES{$_}->($f) and $found->{$_} = 1 for keys %DEPARTURES;
    }
    _find($_, $found) for grep { defined } @$f{qw(left right)};
    return;
}

# ---- said otherwise ----

sub filter {
    my ($self, $f) = @_;
    my $op = $f->{op};

    return $self->_bracketed($f) if $op eq '[]';
    return { op => $op, map { $_ => $self->filter($f->{$_}) } grep { $f->{$_} } qw(left right) } unless $f->{attr};
    my %attr = %{ $f->{attr} };
    my $path = $self->_is('dollar') ? $f->{path} =~ s/\$ref$/ref/r : $f->{path};
    # A list of plain values becomes one of objects.
    $path .= '.value' if $attr{list} && $path ne 'value' && $self->_is('value');
    $path = $f->{shown} if $f->{shown} && !$self->_is('list');
    $path .= 'said' if defined $f->{value} && defined $attr{otherwise} && $self->_is('primary');
    my $present = { op => 'pr', path => $path, attr => \%attr };
    return $present if $op eq 'pr';
    return $op eq 'eq' && $self->_is('null') ? { op => 'not', left => $present } : { op => $op, path => $path, attr => \%attr, value => undef }
        unless defined $f->{value};
    my $refers = _type($f) eq 'reference' && $op =~ /^(?:eq|ne)$/ && $self->_is('reference');
    my $value = $self->_value(\%attr, $refers ? _same($f->{value}) : $f->{value});
    my $condition = { op => $op, path => $path . ($refers ? 'same' : ''), attr => \%attr, value => $value };
    return $condition unless $op eq 'ne' && $self->_is('absent');
    return { op => 'or', left => $condition, right => { op => 'not', left => $present } };
}

# Each element stands alone as well, as name_0, name_1 and so on.
sub _bracketed {
    my ($self, $f) = @_;
    my $inner = $self->filter($f->{left});
    my $most = $self->{most}{ $f->{path} };

    if (!$self->_is('element') || !$most) {
        # Behind the brackets there is room for one condition.
        return { op => '[]', path => $f->{path}, left => $inner, split => $most && $f->{split} && $inner->{right}{attr} };
    }
    my $all;
    for my $i (0 .. $most - 1) {
        my $one = { op => '[]', path => "$f->{path}_$i", left => $inner };
        $all = $all ? { op => 'or', left => $all, right => $one } : $one;
    }
    return $all;
}

sub resource {
    my ($self, $resource) = @_;
    my $copy = $JSON->decode($JSON->encode($resource));

    for my $path (sort keys %{ $self->{attributes} }) {
        my $attr = $self->{attributes}{$path};
        my ($object, $name) = _holder($copy, $path);
        next unless defined $object && defined $object->{$name};
        if ($attr->{parts}) {
            $self->_parts($attr->{parts}, $_) for ref $object->{$name} eq 'ARRAY' ? @{ $object->{$name} } : $object->{$name};
        } elsif ($attr->{list}) {
            my @values = map { $self->_value($attr, $_) } @{ $object->{$name} };
            $object->{$name} = $self->_is('value') ? [map { +{ value => $_ } } @values] : \@values;
        } else {
            $object->{$name} = $self->_value($attr, $object->{$name});
        }
        my @elements = ref $object->{$name} eq 'ARRAY' ? @{ $object->{$name} } : ();
        $object->{"${name}_$_"} = $elements[$_] for 0 .. $#elements;
    }
    return $copy;
}

sub _holder {
    my ($object, $path) = @_;

    ($object, $path) = ($object->{$1}, $2) if $path =~ /^(urn:.*):([^:]+)$/;
    ($object, $path) = (($object // {})->{$1}, $2) if $path =~ /^(.+)\.(.+)$/;
    return ($object, $path);
}

sub _parts {
    my ($self, $parts, $element) = @_;

    $element->{"${_}said"} = $element->{$_} // $parts->{$_}{otherwise} for grep { defined $parts->{$_}{otherwise} } keys %$parts;
    for my $name (grep { defined $element->{$_} } sort keys %$parts) {
        my $value = $element->{$name};
        my $plain = $name =~ s/^\$//r;
        $element->{$_} = $self->_value($parts->{$name}, $value) for $name, $plain;
        $element->{"${_}same"} = _same($value) for ($parts->{$name}{type} // '') eq 'reference' ? ($name, $plain) : ();
    }
    return;
}

# Text that is equal, contained and in order just as the attribute's values are: folded; with "[" for a backslash, whose neighbour it is and
# which stands in no other value; numbers above zero; times of one offset and length.
sub _value {
    my ($self, $attr, $value) = @_;
    my $type = $attr->{type} // 'string';

    return $value if $type eq 'boolean';
    return $value + ($self->_is('negative') ? 1000 : 0) if $type =~ /^(?:integer|decimal)$/;
    return $self->_is('instant') ? _instant($value) : $value if $type eq 'dateTime';
    my $text = $self->_is('backslash') ? $value =~ tr/\\/[/r : $value;
    return $type eq 'string' && !$attr->{exact} && $self->_is('case') ? ScimTest::Oracle::fold($text) : $text;
}

sub _instant {
    my ($year, $month, $day, $hour, $minute, $second, $fraction, $zone) = $_[0] =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(\.\d+)?(.*)$/;
    my $offset = $zone =~ /^([+-])(\d\d):(\d\d)$/ ? ($1 eq '-' ? -1 : 1) * ($2 * 60 + $3) : 0;

    return sprintf '%012d%-07s', timegm($second, $minute, $hour, $day, $month - 1, $year) - 60 * $offset, ($fraction // '.') =~ s{0+$}{}r;
}

# An absolute URL without the version segment.
sub _same { return $_[0] =~ s{/v[0-9]+(?=/)}{}r }

1;
