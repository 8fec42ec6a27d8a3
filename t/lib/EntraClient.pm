# What Microsoft Entra ID's provisioning service does on the wire, as far as a service can tell: connection test, matching look-up,
# GET and compare, POST or PATCH of the differences, references after that, members one by one or together, disable, restore, delete.
#
#   my $c = EntraClient->new(scim => $s, dialect => 'classic', user => { match => ['userName'], attributes => [...] }, group => {...});
#   $c->cycle({ mira => { userName => ..., ... } }, { sales => { displayName => ..., members => ['mira'] } });
#
# Attributes are named as in the mapping tables: name.givenName, emails[type eq "work"].value, urn:...:User:department. A value that is
# a reference to a string is a reference to the user of that key (manager). Dialects: classic is what a Tenant URL without a flag gets,
# conforming what aadOptscim062020 asks for. Nothing dies: what a service answers against expectation is collected in problems.
package EntraClient;

use strict;
use warnings;

use ScimTest;

my %KIND = (
    user => { endpoint => '/Users', urn => ScimTest::USER, lookup => '', patched => [200, 204] },
    group => { endpoint => '/Groups', urn => ScimTest::GROUP, lookup => 'excludedAttributes=members&', patched => [204, 200] },
);

sub new {
    my ($class, %opt) = @_;

    return bless { auth => 'Bearer ' . $opt{scim}->token, dialect => 'classic', anchor => {}, sent => {}, writes => [], problems => [],
        %opt }, $class;
}

sub problems { return $_[0]{problems} }
sub id { my ($self, $key) = @_; return $self->{anchor}{$key} }

# The writes since the last call, as "METHOD /path".
sub take_writes {
    my ($self) = @_;

    return splice @{ $self->{writes} };
}

# ---- requests ----

# GETs come without Accept and Content-Type; bodies are labelled with a charset.
sub _request {
    my ($self, $method, $path, $body) = @_;

    push @{ $self->{writes} }, "$method $path" if $method ne 'GET';
    return $self->{scim}->request($method, $path, $body, Authorization => $self->{auth}, Accept => undef, ADSCIMVersion => '5.0',
        defined $body ? ('Content-Type' => 'application/scim+json; charset=utf-8') : ());
}

# Form encoding: a space is a plus sign.
sub _encoded {
    my ($text) = @_;

    utf8::encode($text);
    return $text =~ s/([^A-Za-z0-9._~ -])/sprintf '%%%02X', ord $1/ger =~ tr/ /+/r;
}

sub _expect {
    my ($self, $r, $what, @statuses) = @_;

    return 1 if grep { $r->{status} == $_ } @statuses;
    push @{ $self->{problems} }, "$what: $r->{status} $r->{body}";
    return 0;
}

# The resources that a filter finds.
sub query {
    my ($self, $kind, $filter, $parameters) = @_;
    my $k = $KIND{$kind};
    my $path = "$k->{endpoint}?" . ($parameters // $k->{lookup}) . 'filter=' . _encoded($filter);
    my $r = $self->_request('GET', $path);

    return [] unless $self->_expect($r, "GET $path", 200);
    my $list = $r->{json};
    if (ref $list ne 'HASH' || ref $list->{Resources} ne 'ARRAY' || $list->{totalResults} != @{ $list->{Resources} }) {
        push @{ $self->{problems} }, "GET $path: not a list: $r->{body}";
        return [];
    }
    return $list->{Resources};
}

# ---- attributes ----

# (container, attribute, type of the element, sub-attribute), in the schema's spelling.
sub _parse {
    my ($path) = @_;
    my $urn = $path =~ s/^(urn:.*)://i ? $1 : '';

    return ($urn, $1, $2, lcfirst $3) if $path =~ /^(\w+)\[type eq "([^"]*)"\]\.(\w+)$/;
    return ($urn, $1, undef, $2) if $path =~ /^(\w+)\.(\w+)$/;
    return ($urn, $path);
}

sub read_attribute {
    my ($resource, $path) = @_;
    my ($urn, $attr, $type, $sub) = _parse($path);
    my $value = ($urn && $urn ne ScimTest::USER ? $resource->{$urn} // {} : $resource)->{$attr};

    if (defined $type) {
        ($value) = grep { lc($_->{type} // '') eq lc $type } @{ $value // [] };
    }
    $value = $value->{$sub} if defined $sub && ref $value eq 'HASH';
    return ref $value eq 'HASH' ? $value->{value} : $value;
}

sub _write_attribute {
    my ($body, $path, $value) = @_;
    my ($urn, $attr, $type, $sub) = _parse($path);
    my $at = $urn ? $body->{$urn} //= {} : $body;

    if (defined $type) {
        my ($element) = grep { $_->{type} eq $type } @{ $at->{$attr} };
        push @{ $at->{$attr} }, $element = { type => $type, primary => $attr eq 'emails' && $type eq 'work' ? ScimTest::TRUE : undef }
            unless $element;
        $element->{$sub} = $value;
    } elsif (defined $sub) {
        $at->{$attr}{$sub} = $value;
    } else {
        $at->{$attr} = $value;
    }
    return;
}

sub _text {
    my ($value) = @_;

    return !defined $value ? '' : JSON::PP::is_bool($value) ? ($value ? 'True' : 'False') : "$value";
}

# What the source says of an attribute; references become ids.
sub _source_value {
    my ($self, $source, $path) = @_;
    my $value = $source->{$path};

    return ref $value eq 'SCALAR' ? $self->{anchor}{$$value} : $value;
}

# [path, value, is it there] for each attribute of the table that is not what the source says.
sub differences {
    my ($self, $kind, $source, $resource) = @_;
    my @differences;

    for my $path (grep { $_ ne 'members' } @{ $self->{$kind}{attributes} }) {
        next unless exists $source->{$path};
        my ($wanted, $found) = ($self->_source_value($source, $path), read_attribute($resource, $path));
        push @differences, [$path, $wanted, defined $found] if _text($wanted) ne _text($found);
    }
    return \@differences;
}

# ---- operations ----

sub _classic {
    my ($self, $differences) = @_;

    return [map {
        my ($path, $value, $there) = @$_;
        +{ op => $there ? 'Replace' : 'Add', path => $path, value => _text($value) }
    } @$differences];
}

# Paths with brackets stay operations of their own; the rest goes into one value.
sub _conforming {
    my ($self, $differences) = @_;
    my (@operations, %value);

    for my $difference (@$differences) {
        my ($path, $value, $there) = @$difference;

        if ($path =~ /\[/) {
            push @operations, { op => $there ? 'replace' : 'add', path => $path, value => $value // '' };
        } else {
            $value{$path} = $value // '';
        }
    }
    push @operations, { op => 'replace', value => \%value } if %value;
    return \@operations;
}

sub _patch {
    my ($self, $kind, $id, $operations) = @_;
    my $path = "$KIND{$kind}{endpoint}/$id";
    my $r = $self->_request('PATCH', $path, { schemas => [ScimTest::PATCHOP], Operations => $operations });

    return $self->_expect($r, "PATCH $path", @{ $KIND{$kind}{patched} });
}

sub _patch_differences {
    my ($self, $kind, $id, $differences) = @_;

    return @$differences ? $self->_patch($kind, $id, $self->{dialect} eq 'classic' ? $self->_classic($differences)
        : $self->_conforming($differences)) : 1;
}

# ---- what the service does ----

# Somebody and a group that nobody has, asked for by each matching attribute.
sub test_connection {
    my ($self) = @_;
    my $nobody = join '-', map { sprintf '%04x' x $_, map { int rand 65536 } 1 .. $_ } 2, 1, 1, 1, 3;
    my $found = 0;

    for my $kind (qw(user group)) {
        $found += @{ $self->query($kind, qq($_ eq "$nobody")) } for @{ $self->{$kind}{match} };
    }
    return $found;
}

# The resource that matches the source: the matching attributes one after the other.
sub match {
    my ($self, $kind, $source) = @_;

    for my $path (@{ $self->{$kind}{match} }) {
        my $value = $source->{$path} // next;
        my $found = $self->query($kind, qq($path eq "$value"));
        push @{ $self->{problems} }, "$path eq \"$value\": several match" if @$found > 1;
        return $found->[0] if @$found;
    }
    return;
}

sub read_resource {
    my ($self, $kind, $id) = @_;
    my $path = "$KIND{$kind}{endpoint}/$id" . ($kind eq 'group' ? '?excludedAttributes=members' : '');
    my $r = $self->_request('GET', $path);

    return $self->_expect($r, "GET $path", 200) ? $r->{json} : {};
}

sub _create {
    my ($self, $kind, $source) = @_;
    my $k = $KIND{$kind};
    my %body = (schemas => [$k->{urn}], meta => { resourceType => ucfirst $kind }, $kind eq 'user' ? (roles => []) : ());

    push @{ $body{schemas} }, ScimTest::ENTERPRISE if grep { index($_, ScimTest::ENTERPRISE) == 0 } keys %$source;
    push @{ $body{schemas} }, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group' if $kind eq 'group';
    for my $path (@{ $self->{$kind}{attributes} }) {
        _write_attribute(\%body, $path, $source->{$path})
            if defined $source->{$path} && !ref $source->{$path} || JSON::PP::is_bool($source->{$path});
    }
    my $r = $self->_request('POST', $k->{endpoint}, \%body);
    return $self->_expect($r, "POST $k->{endpoint}", 201) ? $r->{json} : {};
}

# Brings one object up to date: creates it when nothing matches.
sub provision {
    my ($self, $kind, $key, $source) = @_;
    my $found = $self->match($kind, $source);
    my $resource = $found ? $self->read_resource($kind, $found->{id}) : $self->_create($kind, $source);

    $self->{anchor}{$key} = $resource->{id} // return 0;
    my @differences = @{ $self->differences($kind, $source, $resource) };
    # References are sent when everybody is there.
    @differences = grep { ref $source->{ $_->[0] } ne 'SCALAR' } @differences;
    return $self->_patch_differences($kind, $resource->{id}, \@differences);
}

# Managers: checked by a filter, as the service does.
sub provision_references {
    my ($self, $key, $source) = @_;
    my $id = $self->{anchor}{$key};

    for my $path (grep { ref $source->{$_} eq 'SCALAR' } keys %$source) {
        my $wanted = $self->_source_value($source, $path);
        next if @{ $self->query('user', qq(id eq "$id" and $path eq "$wanted"), 'attributes=id&') };
        $self->_patch_differences('user', $id, [[$path, $wanted, 0]]);
    }
    return;
}

sub is_member {
    my ($self, $group, $user) = @_;

    return scalar @{ $self->query('group', qq(id eq "$group" and members eq "$user"), 'attributes=id&') };
}

sub provision_members {
    my ($self, $key, $members) = @_;
    my $id = $self->{anchor}{$key};
    my %wanted = map { $self->{anchor}{$_} => 1 } @$members;
    my @add = sort grep { !$self->is_member($id, $_) } keys %wanted;
    my @remove = sort grep { !$wanted{$_} && $self->is_member($id, $_) } keys %{ $self->{sent}{$key} // {} };
    my $values = sub { [map { +{ $self->{dialect} eq 'classic' ? ('$ref' => undef) : (), value => $_ } } @_] };

    $self->{sent}{$key} = \%wanted;
    $self->_patch('group', $id, [{ op => $self->{dialect} eq 'classic' ? 'Add' : 'add', path => 'members', value => $values->(@add) }]) if @add;
    return unless @remove;
    return $self->_patch('group', $id, $self->{dialect} eq 'classic'
        ? [{ op => 'Remove', path => 'members', value => $values->(@remove) }]
        : [map { +{ op => 'remove', path => qq(members[value eq "$_"]) } } @remove]);
}

# One cycle over all users and groups.
sub cycle {
    my ($self, $users, $groups) = @_;

    $self->provision('user', $_, $users->{$_}) for sort keys %$users;
    $self->provision_references($_, $users->{$_}) for sort keys %$users;
    $self->provision('group', $_, $groups->{$_}) for sort keys %$groups;
    $self->provision_members($_, $groups->{$_}{members}) for sort keys %$groups;
    return;
}

# Unassigned, or disabled at the source.
sub set_active {
    my ($self, $key, $active) = @_;

    return $self->_patch_differences('user', $self->{anchor}{$key}, [['active', $active ? ScimTest::TRUE : ScimTest::FALSE, 1]]);
}

sub delete_resource {
    my ($self, $kind, $key) = @_;

    return $self->_request('DELETE', "$KIND{$kind}{endpoint}/$self->{anchor}{$key}");
}

1;
