# Whatever is stored: GET, then PUT of just that, is 200 and changes nothing (U-14, U-16), by the rules under which it was stored. ScimTest tells
# each write, so that the Location of each resource is known; t/99-identity.t asks when all other tests have ended. A test with a server of
# its own asks for itself.
#
#   ScimTest::WriteBack::except($id, 'put there by SQL: a country that is refused today');
#   my ($looked_at, @faults) = ScimTest::WriteBack::faults($s, $s->tenant);
package ScimTest::WriteBack;

use strict;
use warnings;

use ScimTest::Http;

my $UUID = qr/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
# Other Locations of the same profile: one takes small bodies only, one has tokens of its own.
my %INSTEAD = ('/small/v2' => '/scim/v2', '/static/v2' => '/scim/v2');
# Where what has come by SQL is looked for.
my %ENDPOINT = (User => '/scim/v2/Users', Group => '/scim/v2/Groups');

my ($out, $owner);

# After each request.
sub note {
    my ($client, $method, $target, $reply) = @_;

    return if $reply->{status} !~ /^2/ || $method !~ /^(?:POST|PUT|PATCH)$/;
    my $path = $target =~ s{[?#].*}{}sr =~ s{/+\z}{}r;
    my $json = ref $reply->{json} eq 'HASH' ? $reply->{json} : {};

    if ($method eq 'POST' && $json->{Operations}) {
        _write($_) for map { ($_->{location} // '') =~ m{^https?://[^/]+(/.*/$UUID)$} ? $1 : () } grep { ref && ($_->{status} // '') =~ /^2/ } @{ $json->{Operations} };
    } elsif ($method eq 'POST') {
        _write("$path/$json->{id}") if $json->{id} && !$json->{Resources};
    } elsif ($path =~ m{/$UUID$}) {
        _write($path);
    }
    return;
}

# The resource does not come back as it is: why.
sub except { my ($id, $why) = @_; return _write("except $id $why") }

sub _file { return "$ENV{SCIM_TEST_ROOT}/t/logs/written" }

# A line in one piece, whatever other processes write.
sub _write {
    my ($line) = @_;

    if (!$out || $owner != $$) {
        open $out, '>>', _file() or die _file() . ": $!\n";
        $owner = $$;
    }
    syswrite $out, "$line\n" or die _file() . ": $!\n";
    return;
}

# id -> path of the last write, id -> reason of an exception
sub _written {
    my (%path, %except);

    open my $in, '<', _file() or return (\%path, \%except);
    while (my $line = <$in>) {
        if ($line =~ /^except ($UUID) (.*)/) {
            $except{ lc $1 } = $2;
        } elsif ($line =~ m{^(.*)/($UUID)$}) {
            my ($path, $id) = ($1, $2);
            $path =~ s{^(/[^/]+/v2)}{$INSTEAD{$1} // $1}e;
            $path{ lc $id } = "$path/$id";
        }
    }
    return (\%path, \%except);
}

# A condition on a tenant's id, for two parameters: names with commas between, or nothing for all.
my $CHOSEN = q(in (select n.id from scim.tenant n where ? = '' or n.name = any (string_to_array(?, ','))));

# What the database holds, to the last bit.
sub _state {
    my ($db, $tenants) = @_;

    return map { scalar $db->sql("select count(*) || ' ' || coalesce(md5(string_agg(md5(r::text), '' order by $_->[1])), '') from scim.$_->[0] r where r.tenant $CHOSEN", ($tenants) x 2) }
        ['resource', 'tenant, id'], ['membership', 'tenant, group_id, member_id'];
}

# How many resources of the client's server were looked at, and what is wrong. Of these tenants alone, if any are named.
sub faults {
    my ($s, @tenants) = @_;
    my $db = $s->{db};
    my ($path, $except) = _written();
    my $name = "write-back-$$-" . time;
    my (@faults, @late);

    $db->sql(q(insert into scim.token (tenant, name, sha256) select id, ?, encode(sha256(convert_to(? || id, 'UTF8')), 'hex') from scim.tenant), $name, $name);
    # Those that a test has stopped.
    $db->sql(q(update scim.tenant set state = 'active' where state <> 'active')) unless @tenants;
    my $chosen = join ',', @tenants;
    my @rows = $db->sql("select r.id, r.type, t.id, t.name from scim.resource r join scim.tenant t on t.id = r.tenant where t.id $CHOSEN order by t.id, r.id", ($chosen) x 2);
    my @before = _state($db, $chosen);
    my $http = ScimTest::Http->new('127.0.0.1', $s->{http}{port});
    for my $row (@rows) {
        my ($id, $type, $tenant, $tenant_name) = @$row;
        my $at = $path->{$id} // ($ENDPOINT{$type} ? "$ENDPOINT{$type}/$id" : undef);
        if ($except->{$id}) {
            push @late, [$id, $at, "$name$tenant"];
            next;
        }
        my $fault = $at ? _fault($http, $at, "$name$tenant") : 'nobody knows where it was stored';
        push @faults, "$tenant_name: $type " . ($at // $id) . ": $fault" if $fault;
    }
    my @after = _state($db, $chosen);
    push @faults, "the database has changed: $before[$_], then $after[$_]" for grep { $before[$_] ne $after[$_] } 0, 1;
    for (@late) {
        my ($id, $at, $token) = @$_;
        push @faults, "$at: comes back as it is, although: $except->{$id}" unless _fault($http, $at, $token);
    }
    return (scalar @rows, @faults);
}

# What is wrong with GET, then PUT of that; '' for nothing.
sub _fault {
    my ($http, $at, $token) = @_;
    my @headers = (Authorization => "Bearer $token", Accept => 'application/scim+json');
    my $read = $http->request('GET', $at, undef, @headers);

    return "GET: $read->{status} $read->{body}" if $read->{status} != 200;
    my $put = $http->request('PUT', $at, $read->{body}, @headers, 'Content-Type' => 'application/scim+json');
    return "PUT: $put->{status} $put->{body}" if $put->{status} != 200;
    return "PUT: $read->{headers}{etag} becomes $put->{headers}{etag}" if $put->{headers}{etag} ne $read->{headers}{etag};
    return $put->{body} eq $read->{body} ? '' : "PUT answers\n  $put->{body}\nto\n  $read->{body}";
}

1;
