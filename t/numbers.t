# Numbers at and beyond what the database can hold: never a 5xx.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(is_scim_error uri);

my $device = 'urn:ietf:params:scim:schemas:acme:2.0:Device';
my $s = ScimTest->new(path => '/acme-rfc/v2');
my $serial = 0;

sub device { my ($json) = @_; return $s->post('/Devices', qq({"schemas":["$device"],"displayName":"d","serial":"n) . ++$serial . qq(",$json})) }
sub found { my ($filter) = @_; return $s->get('/Devices' . uri(filter => $filter)) }

for my $weight ('0', '-0.5', '3.10', '1e3', '1e-300', '1e308', '123456789012345678901234567890.5') {
    is(device(qq("weight":$weight))->{status}, 201, "decimal $weight: stored");
    is(found("weight eq $weight")->{json}{totalResults}, 1, "decimal $weight: found");
}
for my $weight ('1e400', '-1e400', '1e200000', '1e99999999999', '1' x 400 . '.5') {
    my $short = length $weight > 20 ? substr($weight, 0, 10) . '...' : $weight;

    cmp_ok(device(qq("weight":$weight))->{status}, '<', 500, "decimal $short: no fault of the server");
    cmp_ok(found("weight gt $weight")->{status}, '<', 500, "decimal $short in a filter: no fault of the server");
}
is(device('"shelf":9223372036854775807')->{status}, 201, 'H-27: the largest integer');
like(found('shelf eq 9223372036854775807')->{body}, qr/"shelf":9223372036854775807\b/, 'H-27: digit by digit');
is(device('"shelf":-9223372036854775808')->{status}, 201, 'H-27: the smallest integer');
is_scim_error(device('"shelf":9223372036854775808'), 400, 'invalidSyntax', 'H-27: one more is refused');
is_scim_error(found('shelf eq 9223372036854775808'), 400, 'invalidFilter', 'H-27: in a filter too');
is_scim_error(device('"shelf":1.5'), 400, 'invalidValue', 'C-26: a fraction');
is_scim_error(device('"shelf":1e2'), 400, 'invalidValue', 'C-26: an exponent');

done_testing;
