# What every test uses: a client with a tenant and a token of its own, on the httpd that t/run.pl started.
#
#   my $s = ScimTest->new(profile => 'rfc');
#   my $r = $s->get('/Users' . uri(filter => 'userName eq "x"'));
#   is($r->{status}, 200, 'G-01: found');
#
# Options of new: profile (one that is shipped, by its name), path (another location of the test httpd), tenant (an existing one),
# rights (array of read, write), server (a ScimTest::Server).
package ScimTest;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Encode ();
use Exporter qw(import);
use File::Basename qw(basename);
use JSON::PP ();
use Test::More ();

use ScimTest::Answers;
use ScimTest::Http;
use ScimTest::Postgres;
use ScimTest::WriteBack;

our @EXPORT = qw(is_scim_error uri);
our @EXPORT_OK = qw(TRUE FALSE USER GROUP ENTERPRISE PATCHOP ERROR LIST SEARCH);

use constant {
    TRUE => JSON::PP::true,
    FALSE => JSON::PP::false,
    USER => 'urn:ietf:params:scim:schemas:core:2.0:User',
    GROUP => 'urn:ietf:params:scim:schemas:core:2.0:Group',
    ENTERPRISE => 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
    PATCHOP => 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
    ERROR => 'urn:ietf:params:scim:api:messages:2.0:Error',
    LIST => 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
    SEARCH => 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
};

my %PATH = (default => '/scim/v2', rfc => '/rfc/v2', grouptalk => '/api/scim', talentech => '/talentech/scim/v1', 'lexonis-talentscape' => '/lexonis/scim/v2',
    'talon-one' => '/v1/provisioning/scim', talend => '/talend/scim/v2');
my $serial = 0;

sub new {
    my ($class, %opt) = @_;
    my $profile = $opt{profile} // 'default';
    my $server = $opt{server};
    my $db = $server ? $server->{pg} : ScimTest::Postgres->of_run;
    my $port = $server ? $server->{port} : $ENV{SCIM_TEST_PORT} || die "run the tests with script/test or t/run.pl\n";
    my $path = $opt{path} // $PATH{$profile} // die "no location for profile $profile\n";
    my $self = bless {
        profile => $profile,
        db => $db,
        http => ScimTest::Http->new('127.0.0.1', $port),
        path => $path,
        origin => "http://127.0.0.1:$port",
        json => JSON::PP->new->canonical->allow_nonref->utf8,
    }, $class;

    $self->{tenant} = $opt{tenant} // $self->_fresh('t');
    $self->{token} = $self->new_token($opt{rights});
    return $self;
}

# A name that no other test has.
sub _fresh {
    my ($self, $prefix) = @_;
    my $script = basename($0, '.t') =~ s/[^A-Za-z0-9]+/-/gr;

    return join '-', $prefix, substr($script, 0, 30), $$, ++$serial;
}

# Another token of the tenant, which is made when it is not there yet. Rights: read and write unless told.
sub new_token {
    my ($self, $rights) = @_;
    my $token = $self->_fresh('token');

    $self->sql(<<'SQL', $self->{tenant});
insert into scim.tenant (name) values (?) on conflict (name) do nothing
SQL
    $self->sql(<<'SQL', $token, sha256_hex($token), '{' . join(',', @{ $rights // ['read', 'write'] }) . '}', $self->{tenant});
insert into scim.token (tenant, name, sha256, rights)
select t.id, ?, ?, ?::text[] from scim.tenant t where t.name = ?
SQL
    return $token;
}

sub tenant { return $_[0]{tenant} }
sub token { return $_[0]{token} }
sub profile { return $_[0]{profile} }
sub base { return $_[0]{origin} . $_[0]{path} }
sub origin { return $_[0]{origin} }

# The same tenant and token at another location.
sub at {
    my ($self, $path) = @_;

    return bless { %$self, path => $path, http => ScimTest::Http->new('127.0.0.1', $self->{http}{port}) }, ref $self;
}

# ---- requests ----

sub get { my ($self, $path, @h) = @_; return $self->request('GET', $path, undef, @h) }
sub head { my ($self, $path, @h) = @_; return $self->request('HEAD', $path, undef, @h) }
sub options { my ($self, $path, @h) = @_; return $self->request('OPTIONS', $path, undef, @h) }
sub delete { my ($self, $path, @h) = @_; return $self->request('DELETE', $path, undef, @h) }
sub post { my ($self, $path, $data, @h) = @_; return $self->request('POST', $path, $data, @h) }
sub put { my ($self, $path, $data, @h) = @_; return $self->request('PUT', $path, $data, @h) }

# $data: an array of operations is put into a PatchOp.
sub patch {
    my ($self, $path, $data, @h) = @_;

    $data = { schemas => [PATCHOP], Operations => $data } if ref $data eq 'ARRAY';
    return $self->request('PATCH', $path, $data, @h);
}

# A path that starts with "http://" or has no leading slash is not made relative to the base URL ("*", "//x" through raw).
# Headers: name => value, an array reference for several, undef to leave out one that is sent by default.
sub request {
    my ($self, $method, $path, $data, @h) = @_;
    my %known = map { lc($h[$_]) => 1 } grep { $_ % 2 == 0 } 0 .. $#h;
    my @headers;
    my $body = defined $data ? (ref $data ? $self->{json}->encode($data) : _bytes($data)) : undef;

    push @headers, Authorization => "Bearer $self->{token}" unless $known{authorization};
    push @headers, Accept => 'application/scim+json' unless $known{accept};
    push @headers, 'Content-Type' => 'application/scim+json' if defined $body && !$known{'content-type'};
    my $target = $path =~ m{^http://} ? $path =~ s{^http://[^/]+}{}r : $self->{path} . $path;
    my $reply = $self->_reply($self->{http}->request($method, _bytes($target), $body, @headers, @h));
    ScimTest::Answers::check($self, $method, $target, [@headers, @h], $reply);
    ScimTest::WriteBack::note($self, $method, $target, $reply);
    return $reply;
}

# Bytes as they are on a connection of their own; the connection is half closed after them unless keep_open is given.
sub raw {
    my ($self, $bytes, %opt) = @_;

    return $self->_reply(ScimTest::Http->new('127.0.0.1', $self->{http}{port})->raw($bytes, %opt));
}

sub _bytes {
    my ($text) = @_;

    return utf8::is_utf8($text) ? Encode::encode('UTF-8', $text) : $text;
}

sub _reply {
    my ($self, $reply) = @_;

    $reply->{json} = length $reply->{body} ? eval { $self->{json}->decode($reply->{body}) } : undef;
    return bless $reply, 'ScimTest::Reply';
}

# ---- resources ----

# POST /Users; dies unless it is 201. What is not given is filled in: schemas, userName.
sub user {
    my ($self, %attr) = @_;

    $attr{schemas} //= [USER, grep({ exists $attr{$_} } ENTERPRISE)];
    $attr{userName} //= $self->_fresh('user') . '@example.com';
    return $self->_create('/Users', \%attr);
}

# POST /Groups; members may be ids.
sub group {
    my ($self, %attr) = @_;

    $attr{schemas} //= [GROUP];
    $attr{displayName} //= $self->_fresh('Group');
    $attr{members} = [map { ref $_ ? $_ : { value => $_ } } @{ $attr{members} }] if $attr{members};
    return $self->_create('/Groups', \%attr);
}

sub _create {
    my ($self, $path, $data) = @_;
    my $r = $self->post($path, $data);

    $r->{status} == 201 or die "POST $path: $r->{status} $r->{body}\n";
    return $r->{json};
}

# ---- beside HTTP ----

# Rows as array references; in scalar context the first column of the first row. Every ? stands for one of @bind; undef is NULL.
sub sql {
    my ($self, $sql, @bind) = @_;

    return $self->{db}->sql($sql, @bind);
}

# Standard output of scimctl on the database of the test; dies when it fails.
sub scimctl {
    my ($self, @args) = @_;
    my ($status, $out, $err) = $self->scimctl_try(@args);

    $status == 0 or die "scimctl @args: exit status $status: $err\n";
    return $out;
}

# (exit status, standard output, standard error)
sub scimctl_try {
    my ($self, @args) = @_;

    return $self->{db}->scimctl(@args);
}

# ---- functions ----

# "?filter=...&count=2". The order is that of the arguments.
sub uri {
    my (@pairs) = @_;
    my @out;

    while (my ($name, $value) = splice @pairs, 0, 2) {
        push @out, join '=', map { Encode::encode('UTF-8', $_) =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger } $name, $value;
    }
    return @out ? '?' . join('&', @out) : '';
}

# One test: the reply is a SCIM error (RFC 7644 section 3.12) with this status and scimType (undef: none).
sub is_scim_error {
    my ($r, $status, $type, $title) = @_;
    my $json = ref $r->{json} eq 'HASH' ? $r->{json} : {};
    my @wrong;
    my $is = sub {
        my ($what, $actual, $expected) = @_;
        my ($a, $e) = map { $_ // 'nothing' } $actual, $expected;

        push @wrong, "$what: $a, expected $e" if $a ne $e;
    };

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    $is->('status', $r->{status}, $status);
    push @wrong, 'media type: ' . ($r->header('Content-Type') // 'none')
        unless ($r->header('Content-Type') // '') =~ m{^application/(?:scim\+)?json\b};
    $is->('schemas', join(' ', @{ ref $json->{schemas} eq 'ARRAY' ? $json->{schemas} : [] }), ERROR);
    $is->('status member', $json->{status}, $status);
    push @wrong, 'status member is a number' if $r->{body} =~ /"status"\s*:\s*\d/;
    $is->('scimType', $json->{scimType}, $type);
    push @wrong, 'no detail' unless defined $json->{detail} && length $json->{detail};
    return Test::More::ok(!@wrong, $title) || (Test::More::diag(join "\n", @wrong, $r->{body}), 0)[1];
}

package ScimTest::Reply;

use strict;
use warnings;

# The value of a header; several are joined by ", ".
sub header {
    my ($self, $name) = @_;

    return $self->{headers}{ lc $name };
}

1;
