# Filters made at random, and a plain evaluation of them on the resources themselves: what a search in the database must agree with.
#
#   my $oracle = ScimTest::Oracle->new(attributes => \%attributes, values => \%values);
#   my $filter = $oracle->filter;              # a tree
#   my @filters = $oracle->each_condition;     # each attribute alone with each of its operators, once, or as often as the operator is named
#   $oracle->text($filter); $oracle->matches($filter, $resource);
#   $oracle->loose_text($filter);              # the same with parentheses only where they count, in letters and spaces as they come
#
# attributes: path => { type => string (default), integer, decimal, boolean, dateTime or reference, exact => 1, parts => {...} for a list of
# objects or a single one, list => 1 for a list of simple values, of which each is a part "value", operators => [...] where not all of the
# type are to be used, otherwise => the value of a part that an element does not say }. values: path => what may stand in the data; literals are made from them. clients => 1: also what the grammar of the RFC
# lacks and clients send, a part behind the brackets (F-29) and a list without a part (F-30).
package ScimTest::Oracle;

use strict;
use warnings;
use feature 'fc';

use JSON::PP ();
use Time::Local qw(timegm);
use Unicode::Normalize qw(NFC NFD);

my %OPERATORS = (
    string => [qw(eq ne co sw ew gt ge lt le pr)],
    integer => [qw(eq ne gt ge lt le pr)],
    decimal => [qw(eq ne gt ge lt le pr)],
    dateTime => [qw(eq ne gt ge lt le pr)],
    boolean => [qw(eq ne pr)],
    reference => [qw(eq ne co sw ew gt ge lt le pr)],
);
my $JSON = JSON::PP->new->allow_nonref;

sub new {
    my ($class, %opt) = @_;

    return bless { %opt, paths => [sort keys %{ $opt{attributes} }] }, $class;
}

sub _one_of { return $_[int rand @_] }

# ---- making filters ----

sub filter {
    my ($self, $depth) = @_;
    my $dice = rand;

    $depth //= 0;
    if ($depth < 3 && $dice < 0.45) {
        return { op => _one_of(qw(and or)), left => $self->filter($depth + 1), right => $self->filter($depth + 1) };
    }
    return { op => 'not', left => $self->filter($depth + 1) } if $depth < 3 && $dice < 0.55;
    my $path = _one_of(@{ $self->{paths} });
    my $attr = $self->{attributes}{$path};
    my $parts = $attr->{parts} // ($attr->{list} ? { value => $attr } : undef);
    return $self->_condition($path, $attr) unless $parts;
    return $self->_bracketed($path, $parts) if rand() < 0.6;
    return $self->_condition($path, $attr) if $attr->{list};
    my $part = $self->{clients} && $attr->{parts}{value} && rand() < 0.4 ? 'value' : _one_of(sort keys %{ $attr->{parts} });
    my $condition = $self->_condition("$path.$part", $attr->{parts}{$part});
    $condition->{shown} = $path if $self->{clients} && $part eq 'value' && $condition->{op} ne 'pr' && rand() < 0.7;
    return $condition;
}

# path[...], or path[...].part with a condition, which stands for one more inside.
sub _bracketed {
    my ($self, $path, $parts) = @_;
    my $inner = $self->_inner($path, $parts, 0);

    return { op => '[]', path => $path, left => $inner } unless $self->{clients} && rand() < 0.15;
    return { op => '[]', path => $path, split => 1, left => { op => 'and', left => $inner, right => $self->_part($path, $parts) } };
}

# What stands in brackets: conditions on the parts of one element.
sub _inner {
    my ($self, $path, $parts, $depth) = @_;
    my $dice = rand;

    if ($depth < 2 && $dice < 0.5) {
        return { op => _one_of(qw(and or)), left => $self->_inner($path, $parts, $depth + 1), right => $self->_inner($path, $parts, $depth + 1) };
    }
    return { op => 'not', left => $self->_inner($path, $parts, $depth + 1) } if $depth < 2 && $dice < 0.6;
    return $self->_part($path, $parts);
}

# A condition on a part of the element.
sub _part {
    my ($self, $path, $parts) = @_;
    my $part = _one_of(sort keys %$parts);

    return { %{ $self->_condition("$path.$part", $parts->{$part}) }, path => $part };
}

sub each_condition {
    my ($self) = @_;
    my (%leaf, @conditions);

    for my $path (@{ $self->{paths} }) {
        my $attr = $self->{attributes}{$path};
        %leaf = (%leaf, $attr->{parts} ? map { ("$path.$_" => $attr->{parts}{$_}) } keys %{ $attr->{parts} } : ($path => $attr));
    }
    for my $path (sort keys %leaf) {
        my $attr = $leaf{$path};
        push @conditions, map { $self->_condition($path, $attr, $_) } @{ $attr->{operators} // $OPERATORS{ $attr->{type} // 'string' } };
    }
    return @conditions;
}

sub _condition {
    my ($self, $path, $attr, $op) = @_;
    my $type = $attr->{type} // 'string';

    $op //= _one_of(@{ $attr->{operators} // $OPERATORS{$type} });

    # Of an element that lacks a part it is a matter of taste whether the part differs from something.
    $op = 'eq' if $op eq 'ne' && $attr->{sometimes};
    my $value = $self->_literal($path, $type, $op);
    $value = undef if $op =~ /^(?:eq|ne)$/ && !$attr->{sometimes} && rand() < 0.08;
    return { op => $op, path => $path, attr => $attr, $op eq 'pr' ? () : (value => $value) };
}

sub _literal {
    my ($self, $path, $type, $op) = @_;
    my $value = _one_of(@{ $self->{values}{$path} // $self->{values}{ $path =~ s/\.value$//r } });

    return $value if $type eq 'boolean' || $type eq 'dateTime';
    return $value + _one_of(0, 0, 0, 1, -1) if $type ne 'string' && $type ne 'reference';
    if ($op =~ /^(?:co|sw|ew)$/) {
        my $length = 1 + int rand length $value;
        my $start = $op eq 'sw' ? 0 : $op eq 'ew' ? length($value) - $length : int rand(1 + length($value) - $length);
        $value = substr $value, $start, $length;
    }
    return _one_of($value, $value, $value, uc $value, lc $value, _one_of('%', '_', '\\', '"', '', '*', "$value ", 'zzz'));
}

# ---- as text ----

sub text {
    my ($self, $f) = @_;
    my $op = $f->{op};

    return '(' . $self->text($f->{left}) . ") $op (" . $self->text($f->{right}) . ')' if $op eq 'and' || $op eq 'or';
    return 'not (' . $self->text($f->{left}) . ')' if $op eq 'not';
    return "$f->{path}\[" . $self->text($f->{left}{left}) . '].' . $self->text($f->{left}{right}) if $f->{split};
    return "$f->{path}\[" . $self->text($f->{left}) . ']' if $op eq '[]';
    return join ' ', $f->{shown} // $f->{path}, $op, $op eq 'pr' ? () : _literal_text($f);
}

sub _literal_text {
    my ($f) = @_;
    my $number = defined $f->{value} && ($f->{attr}{type} // 'string') =~ /^(?:integer|decimal)$/;

    return $JSON->encode($number ? $f->{value} + 0 : $f->{value});
}

# and binds more than or. level: what the text stands in, 0 nothing, 1 or, 2 and.
sub loose_text {
    my ($self, $f, $level) = @_;
    my $op = $f->{op};
    my $s = _one_of((' ') x 9, '  ');

    if ($op eq 'and' || $op eq 'or') {
        my $own = $op eq 'or' ? 1 : 2;
        my $text = join $s, $self->loose_text($f->{left}, $own), _cased($op), $self->loose_text($f->{right}, $own);
        return $own < ($level // 0) || rand() < 0.1 ? "($text)" : $text;
    }
    return _cased('not') . _one_of('', $s) . '(' . $self->loose_text($f->{left}) . ')' if $op eq 'not';
    return _cased($f->{path}) . '[' . $self->loose_text($f->{left}{left}) . '].' . $self->loose_text($f->{left}{right}, 2) if $f->{split};
    return _cased($f->{path}) . '[' . $self->loose_text($f->{left}) . ']' if $op eq '[]';
    return join $s, _cased($f->{shown} // $f->{path}), _cased($op), $op eq 'pr' ? () : _literal_text($f);
}

# In letters as they come, mostly in the usual ones.
sub _cased { return _one_of((sub { $_[0] }) x 6, sub { uc $_[0] }, sub { ucfirst $_[0] })->($_[0]) }

# ---- the truth ----

sub matches {
    my ($self, $f, $resource) = @_;
    my $op = $f->{op};

    return $self->matches($f->{left}, $resource) && $self->matches($f->{right}, $resource) if $op eq 'and';
    return $self->matches($f->{left}, $resource) || $self->matches($f->{right}, $resource) if $op eq 'or';
    return !$self->matches($f->{left}, $resource) if $op eq 'not';
    if ($op eq '[]') {
        my $elements = _at($resource, $f->{path}) // [];
        return scalar grep { $self->matches($f->{left}, $_) } ref $elements eq 'ARRAY' ? @$elements : $elements;
    }
    return _compare($f, _values($resource, $f->{path}, defined $f->{value} ? $f->{attr}{otherwise} : undef));
}

# The attribute of a resource; an extension's path is its URN, a colon and the name.
sub _at {
    my ($resource, $path) = @_;

    ($resource, $path) = ($resource->{$1} // {}, $2) if $path =~ /^(urn:.*):([^:]+)$/;
    return $resource->{$path};
}

sub _values {
    my ($resource, $path, $otherwise) = @_;

    # The part "value" of a simple value is that value.
    return ($resource) unless ref $resource;
    ($resource, $path) = ($resource->{$1} // {}, $2) if $path =~ /^(urn:.*):([^:]+)$/;
    my @values = ($resource);
    my @names = split /\./, $path;
    for my $i (0 .. $#names) {
        @values = map { ref $_ eq 'ARRAY' ? @$_ : $_ } grep { defined } map { $_->{ $names[$i] } // ($i == $#names ? $otherwise : undef) }
            grep { ref $_ eq 'HASH' } @values;
    }
    return @values;
}

sub _compare {
    my ($f, @values) = @_;
    my $op = $f->{op};

    return @values > 0 if $op eq 'pr';
    return $op eq 'eq' ? !@values : !!@values unless defined $f->{value};
    return 1 if $op eq 'ne' && !@values;
    my ($wanted) = _keys($f->{attr}, $f->{value});
    return scalar grep { _holds($op, $f->{attr}{type} // 'string', $_, $wanted) } _keys($f->{attr}, @values);
}

sub _keys {
    my ($attr, @values) = @_;
    my $type = $attr->{type} // 'string';

    return map { $_ ? 1 : 0 } @values if $type eq 'boolean';
    return map { _instant($_) } @values if $type eq 'dateTime';
    return $type eq 'string' && !$attr->{exact} ? map { fold($_) } @values : @values;
}

# Without case; letters with marks are the same whether they are one character or several.
sub fold { return NFC(fc NFD($_[0])) }

# Seconds, with their fraction.
sub _instant {
    my ($year, $month, $day, $hour, $minute, $second, $fraction, $zone) = $_[0] =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(\.\d+)?(.*)$/;
    my $offset = $zone =~ /^([+-])(\d\d):(\d\d)$/ ? ($1 eq '-' ? -1 : 1) * ($2 * 60 + $3) : 0;

    return timegm($second, $minute, $hour, $day, $month - 1, $year) - 60 * $offset + ($fraction // 0);
}

# Do two references name the same resource? The version segment does not count; of a relative one only the last two segments do.
sub _same {
    my (@urls) = map { s{/v[0-9]+(?=/)}{}gr } @_;

    @urls = map { join '/', (split m{/}, $_, -1)[-2, -1] } map { m{/} ? $_ : "none/$_" } @urls if grep { !m{://} } @urls;
    return $urls[0] eq $urls[1] ? 1 : 0;
}

sub _holds {
    my ($op, $type, $a, $b) = @_;

    return index($a, $b) >= 0 if $op eq 'co';
    return index($a, $b) == 0 if $op eq 'sw';
    return length $b <= length $a && substr($a, length($a) - length $b) eq $b if $op eq 'ew';
    return _same($a, $b) == ($op eq 'eq') if $type eq 'reference' && $op =~ /^(?:eq|ne)$/;
    my $order = $type eq 'string' || $type eq 'reference' ? $a cmp $b : $a <=> $b;
    return { eq => $order == 0, ne => $order != 0, gt => $order > 0, ge => $order >= 0, lt => $order < 0, le => $order <= 0 }->{$op};
}

1;
