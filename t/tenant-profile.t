# The profile belongs to the tenant: no token chooses its rules by choosing a URL.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(is_scim_error uri USER);
use ScimTest::Log;

ScimTest::Log::expect('which no file that is included here defines');

my $LIST = '/scim/v2';

sub extensions {
    my ($r) = @_;

    my ($user) = grep { $_->{name} eq 'User' } @{ $r->{json}{Resources} // [] };
    return join ' ', map { $_->{schema} =~ s/.*extension://r } @{ $user->{schemaExtensions} // [] };
}

subtest 'a tenant with a profile of its own has it everywhere' => sub {
    my $s = ScimTest->new;
    my $user = $s->user;
    my $rfc = $s->at('/rfc/v2');

    $s->sql("update scim.tenant set profile = 'test-kept' where name = ?", $s->tenant);
    $s->{token} = $rfc->{token} = $s->new_token;
    is_scim_error($s->delete("/Users/$user->{id}"), 403, undef, 'DELETE is refused at the Location of another profile');
    is_scim_error($rfc->delete("/Users/$user->{id}"), 403, undef, '... and at one more');
    is($s->get("/Users/$user->{id}")->{status}, 200, 'the user is there');
    is(extensions($rfc->get('/ResourceTypes')), 'enterprise:2.0:User grouptalk:2.0:User', '/ResourceTypes is that of the tenant');
    is($rfc->get('/Schemas/urn:ietf:params:scim:schemas:extension:grouptalk:2.0:User')->{status}, 200, '... and so is /Schemas');
    is(extensions($rfc->get('/ResourceTypes', Authorization => undef)), 'enterprise:2.0:User', 'without a token: that of the Location');
    is_scim_error($s->at('/rfc/v2')->get('/Schemas', Authorization => 'Bearer nonsense'), 401, undef, 'a wrong token is wrong there too');
    is_scim_error($s->at('/only/v2')->get($_), 403, undef, "a Location that says \"only\" refuses tenants of another profile: $_") for '/Users', '/Groups';
};

subtest 'a tenant without one' => sub {
    my $s = ScimTest->new(tenant => 'kept', path => '/kept/v2');
    my $user = $s->user;

    is_scim_error($s->delete("/Users/$user->{id}"), 403, undef, 'has the profile of the Location that pins it');
    is_scim_error($s->at($LIST)->delete("/Users/$user->{id}"), 403, undef, '... at other Locations too');
    is_scim_error($s->at('/rfc/v2')->delete("/Users/$user->{id}"), 403, undef, '... at all of them');
    my $t = ScimTest->new(path => '/only/v2');
    is($t->delete('/Users/' . $t->user->{id})->{status}, 204, 'not pinned anywhere: the profile of the Location');
    is_scim_error($t->at('/kept/v2')->get('/Users'), 401, undef, 'another tenant has no business where one is pinned');
};

subtest 'a profile that is not loaded here' => sub {
    my $s = ScimTest->new;
    $s->sql("update scim.tenant set profile = 'elsewhere' where name = ?", $s->tenant);
    my $r = $s->get('/Users', Authorization => 'Bearer ' . $s->new_token);

    is_scim_error($r, 503, undef, 'is the server\'s fault: an identity provider tries again');
    like($r->header('Retry-After'), qr/^\d+$/, 'Retry-After');
    unlike($r->{body}, qr/elsewhere/, 'the answer does not name it');
};

done_testing;
