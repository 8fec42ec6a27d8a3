# Rules that each answer of the service keeps, whatever a test has asked: form of messages and errors, media type, no null, no attribute that
# /Schemas does not know, values of the types that it tells, meta and ETag in agreement, meta.location leading back. ScimTest shows every
# answer; what is wrong is noted, by whatever process, and fails the run (t/run.pl).
package ScimTest::Answers;

use strict;
use warnings;

use B ();
use Digest::SHA qw(sha256_hex);
use JSON::PP ();

use ScimTest::Http;

my $MESSAGE = 'urn:ietf:params:scim:api:messages:2.0:';
my $CORE = 'urn:ietf:params:scim:schemas:core:2.0:';
my %KEYWORD = map { $_ => 1 } qw(invalidFilter tooMany uniqueness mutability invalidSyntax invalidPath noTarget invalidValue invalidVers sensitive
    invalidCursor expiredCursor invalidCount);
# Locations of ours, but for what a test serves inside; others may say what they like.
my $OURS = qr{^/(?:scim/v2|rfc/v2|api/scim|own/v2)(?!/docs/)(?:[/?]|$)};
# Attributes that work but are not listed: SCIMHide.
my %HIDDEN = (password => 1);
# So many resources of a process are looked up by their meta.location.
my $MOST_LOCATIONS = 15;

my $json = JSON::PP->new->allow_nonref->utf8;
my $owner = $$;
my (%schemas, %parsed, %locations);

# $client: the ScimTest; method, path and headers as they were sent; the reply with its json.
sub check {
    my ($client, $method, $target, $headers, $reply) = @_;

    return if $target !~ $OURS || !$reply->{status};
    my @wrong = _wrong($client, $method, $target, $headers, $reply);
    _note("$method $target: $reply->{status}: $_: " . substr($reply->{body}, 0, 400)) for @wrong;
    return;
}

sub file { return "$ENV{SCIM_TEST_ROOT}/t/logs/wrong_answers" }

sub _note {
    my ($text) = @_;

    open my $out, '>>', file() or die file() . ": $!\n";
    print $out "$0: ", $text =~ s/[\r\n]+/ /gr, "\n";
    close $out or die file() . ": $!\n";
    return;
}

sub _wrong {
    my ($client, $method, $target, $headers, $reply) = @_;
    my $type = $reply->{headers}{'content-type'} // '';
    my $o = $reply->{json};

    if ($reply->{status} == 204 || $reply->{status} == 304 || $method eq 'HEAD' || ($method eq 'OPTIONS' && $reply->{status} < 400)) {
        return length $reply->{body} ? 'a body where none belongs' : ();
    }
    return if ($type !~ /json/ && $reply->{status} >= 300) || $reply->{headers}{'content-encoding'};
    return "the media type $type" unless $type =~ m{^application/(?:scim\+)?json(?:;|$)};
    return 'no JSON object' unless ref $o eq 'HASH';
    return ('null inside') if _has_null($o);
    return 'no schemas' unless ref $o->{schemas} eq 'ARRAY' && @{ $o->{schemas} };
    return _error($reply, $o) if $reply->{status} >= 400;
    return _list($client, $target, $headers, $o) if $o->{schemas}[0] eq "${MESSAGE}ListResponse";
    return _bulk($o) if $o->{schemas}[0] eq "${MESSAGE}BulkResponse";
    return $o->{schemas}[0] =~ /^\Q$CORE\E(?:ServiceProviderConfig|ResourceType|Schema)$/ ? () : _resource($client, $target, $headers, $o, $reply);
}

sub _has_null {
    my ($value) = @_;

    return 1 if !defined $value;
    return grep { _has_null($_) } ref $value eq 'HASH' ? values %$value : ref $value eq 'ARRAY' ? @$value : ();
}

# ---- messages ----

sub _is_number { my $b = B::svref_2object(\$_[0]); return !ref $_[0] && ($b->FLAGS & (B::SVp_IOK | B::SVp_NOK)) && !($b->FLAGS & B::SVp_POK) }

sub _is_string { return !ref $_[0] && !_is_number($_[0]) }

sub _error {
    my ($reply, $o) = @_;
    my @wrong;

    push @wrong, 'schemas of an error' unless "@{ $o->{schemas} }" eq "${MESSAGE}Error";
    push @wrong, 'status of an error' unless _is_string($o->{status}) && $o->{status} eq $reply->{status};
    push @wrong, 'detail of an error' unless defined $o->{detail} && length $o->{detail};
    push @wrong, "scimType $o->{scimType}" if exists $o->{scimType} && !$KEYWORD{ $o->{scimType} };
    push @wrong, "\"$_\" in an error" for grep { !/^(?:schemas|status|detail|scimType)$/ } keys %$o;
    return @wrong;
}

sub _list {
    my ($client, $target, $headers, $o) = @_;
    my $resources = $o->{Resources} // [];
    my @wrong;

    push @wrong, 'totalResults' if exists $o->{totalResults} && !_is_number($o->{totalResults});
    push @wrong, 'itemsPerPage' if exists $o->{itemsPerPage} && !(_is_number($o->{itemsPerPage}) && $o->{itemsPerPage} == @$resources);
    push @wrong, 'more resources than totalResults' if exists $o->{totalResults} && @$resources > $o->{totalResults};
    push @wrong, "\"$_\" in a list" for grep { !/^(?:schemas|totalResults|startIndex|itemsPerPage|Resources|nextCursor|previousCursor)$/ } keys %$o;
    return @wrong if $target =~ m{/(?:Schemas|ResourceTypes)\b};
    return @wrong, map { _resource($client, $target, $headers, $_) } @$resources > 20 ? @$resources[0 .. 19] : @$resources;
}

sub _bulk {
    my ($o) = @_;
    my @wrong;

    for my $result (@{ $o->{Operations} }) {
        push @wrong, 'status of a result' unless _is_string($result->{status}) && $result->{status} =~ /^\d{3}$/;
        push @wrong, 'a failure without response' if $result->{status} >= 400 && ref $result->{response} ne 'HASH';
        push @wrong, map { "$_ of a result" } _error($result, $result->{response}) if $result->{status} >= 400;
        push @wrong, "\"$_\" in a result" for grep { !/^(?:method|bulkId|version|location|status|response)$/ } keys %$result;
    }
    return @wrong;
}

# ---- resources ----

sub _resource {
    my ($client, $target, $headers, $o, $reply) = @_;
    my ($meta, @wrong) = ($o->{meta});
    my %seen;

    push @wrong, 'a schema twice' if grep { $seen{ lc $_ }++ } @{ $o->{schemas} };
    push @wrong, 'id' unless defined $o->{id} && _is_string($o->{id});
    push @wrong, _unknown($client, $target, $o);
    if (ref $meta eq 'HASH' && defined $meta->{location}) {
        push @wrong, "meta.location $meta->{location}" unless $meta->{location} =~ m{/\Q$o->{id}\E$};
        _remember($client, $headers, $o) if @wrong == 0;
    }
    push @wrong, 'ETag and meta.version' if $reply && ref $meta eq 'HASH' && defined $meta->{version} && ($reply->{headers}{etag} // '') ne $meta->{version};
    return @wrong;
}

# Where meta.location leads is looked at when the test is over: it may count requests. Servers of its own are gone by then.
sub _remember {
    my ($client, $headers, $o) = @_;
    my %h = @$headers % 2 ? () : @$headers;
    my ($path) = $o->{meta}{location} =~ m{^https?://[^/]+(/.*)};

    return if $client->{http}{port} != ($ENV{SCIM_TEST_PORT} // 0) || !$path || $path !~ $OURS || ref $h{Authorization} || $h{Host};
    $locations{$path} = [$client->{http}{host}, $h{Authorization}, $o->{id}] if $h{Authorization} && keys %locations < $MOST_LOCATIONS;
    return;
}

# With the token of the request, it shows the same resource.
sub _follow {
    my ($path) = @_;
    my ($host, $authorization, $id) = @{ $locations{$path} };
    my $r = ScimTest::Http->new($host, $ENV{SCIM_TEST_PORT})->request('GET', "$path?attributes=id", undef, Authorization => $authorization);
    my $o = $r->{status} == 200 ? $json->decode($r->{body}) : return;

    _note("meta.location $path: leads to another resource: $r->{body}") unless $o->{id} eq $id;
    return;
}

END {
    local ($?, $@);
    $$ == $owner && eval { _follow($_); 1 } for sort keys %locations;
}

sub _unknown {
    my ($client, $target, $o) = @_;
    my ($base) = $target =~ m{^(/(?:scim/v2|rfc/v2|api/scim|own/v2))};
    my $known = _schemas($client, $base) or return;
    my @wrong = _misfits($known, $o);

    # A tenant may have a profile of its own.
    if (@wrong) {
        $known = _schemas($client, $base, $client->{token});
        @wrong = $known ? _misfits($known, $o) : ();
    }
    return @wrong;
}

sub _misfits {
    my ($known, $o) = @_;
    my %attrs = map { %{ $known->{$_} // {} } } grep { !_is_extension($_, $o) } @{ $o->{schemas} };
    my @wrong;

    for my $name (sort keys %$o) {
        next if $name =~ /^(?:schemas|id|externalId|meta)$/;
        if ($name =~ /^urn:/i) {
            push @wrong, "$name is not in schemas" unless grep { $_ eq $name } @{ $o->{schemas} };
            push @wrong, _of_types($known->{$name}, $o->{$name}, $name) if $known->{$name};
            push @wrong, "$name is in no schema" unless $known->{$name};
            next;
        }
        push @wrong, _of_types(\%attrs, { $name => $o->{$name} }, '');
    }
    return @wrong;
}

sub _is_extension { my ($urn, $o) = @_; return exists $o->{$urn} }

sub _of_types {
    my ($attrs, $object, $where) = @_;
    my @wrong;

    return "$where is no object" unless ref $object eq 'HASH';
    for my $name (sort keys %$object) {
        my ($attr, $value, $path) = ($attrs->{$name}, $object->{$name}, length $where ? "$where.$name" : $name);
        next if $HIDDEN{$name} && !$attr;
        if (!$attr) {
            push @wrong, "$path is in no schema";
            next;
        }
        push @wrong, $attr->{multiValued} ? "$path is no array" : "$path is an array" if !!$attr->{multiValued} != (ref $value eq 'ARRAY');
        for my $one (ref $value eq 'ARRAY' ? @$value : $value) {
            push @wrong, _of_type($attr, $one, $path);
        }
    }
    return @wrong;
}

sub _of_type {
    my ($attr, $value, $path) = @_;
    my $type = $attr->{type};

    if ($type eq 'complex') {
        return _of_types({ map { $_->{name} => $_ } @{ $attr->{subAttributes} } }, $value, $path);
    }
    my $fits = $type eq 'boolean' ? JSON::PP::is_bool($value) : $type eq 'integer' || $type eq 'decimal' ? _is_number($value) : _is_string($value);
    return $fits ? () : "$path is no $type";
}

# URN -> name -> attribute, as /Schemas tells; nothing where it cannot be asked.
sub _schemas {
    my ($client, $base, $token) = @_;
    my $port = $client->{http}{port};

    return $schemas{"$port $base " . ($token // '')} //= eval {
        my $r = ScimTest::Http->new($client->{http}{host}, $port)->request('GET', "$base/Schemas", undef, $token ? (Authorization => "Bearer $token") : ());
        $r->{status} == 200 ? _parse($r->{body}) : undef;
    };
}

sub _parse {
    my ($body) = @_;

    return $parsed{ sha256_hex($body) } //= { map { $_->{id} => { map { $_->{name} => $_ } @{ $_->{attributes} } } } @{ $json->decode($body)->{Resources} } };
}

1;
