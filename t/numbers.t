# Numbers and times at and beyond what can be held: exactly as they were sent, or refused; never a 5xx.
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

for my $weight ('0', '-0.5', '3.10', '1e3', '1e-300', '1e308', '123456789012345678901234567890.5', '1e400', '-1e400',
    '0.10000000000000000555', '9007199254740993') {
    is(device(qq("weight":$weight))->{status}, 201, "decimal $weight: stored");
    is(found("weight eq $weight")->{json}{totalResults}, 1, "decimal $weight: found");
}
for my $weight ('1e1001', '-1e-1001', '1e200000', '1e99999999999', '1' x 1001 . '.5') {
    my $short = length $weight > 20 ? substr($weight, 0, 10) . '...' : $weight;
    my $r = device(qq("weight":$weight));

    is_scim_error($r, 400, 'invalidValue', "C-27: decimal $short: refused");
    like($r->{json}{detail}, qr/weight/, "C-27: decimal $short: the attribute is named");
    is_scim_error(found("weight gt $weight"), 400, 'invalidFilter', "C-27: decimal $short in a filter");
}

# A change below the precision of a double is a change, and another text of the same number is none.
my $own = device('"weight":0.1')->{json};
for my $change (['0.10000000000000000555', 1], ['1e400', 1], ['1e401', 1], ['10e400', 0], ['9007199254740993', 1], ['9007199254740993.0', 0],
    ['9007199254740992.0', 1], ['3.10', 1], ['3.1', 0]) {
    my ($weight, $changes) = @$change;
    my $r = $s->patch("/Devices/$own->{id}", qq({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],) .
        qq("Operations":[{"op":"replace","path":"weight","value":$weight}]}));

    is($r->{status}, 200, "C-27: weight becomes $weight");
    is($r->{json}{meta}{version} ne $own->{meta}{version} ? 1 : 0, $changes, "C-27: $weight: " . ($changes ? 'a change' : 'the same number'));
    like($r->{body}, qr/"weight":\Q$weight\E[,}]/, "C-27: $weight is read back digit by digit") if $changes;
    is(found("weight eq $weight and id eq \"$own->{id}\"")->{json}{totalResults}, 1, "C-27: $weight is found");
    $own = $r->{json};
}
is(device('"shelf":9223372036854775807')->{status}, 201, 'H-27: the largest integer');
like(found('shelf eq 9223372036854775807')->{body}, qr/"shelf":9223372036854775807\b/, 'H-27: digit by digit');
is(device('"shelf":-9223372036854775808')->{status}, 201, 'H-27: the smallest integer');
is_scim_error(device('"shelf":9223372036854775808'), 400, 'invalidSyntax', 'H-27: one more is refused');
is(found('shelf eq 9223372036854775808')->{json}{totalResults}, 0, 'F-14: a filter compares with one more than there can be: none has it');
cmp_ok(found('shelf lt 9223372036854775808')->{json}{totalResults}, '>=', 2, 'F-14: and all are less');
is_scim_error(device('"shelf":1.5'), 400, 'invalidValue', 'C-26: a fraction');
is_scim_error(device('"shelf":1e2'), 400, 'invalidValue', 'C-26: an exponent');

# Times keep a year of four digits once they are in UTC.
for my $time ('9999-12-31T23:59:59-14:00', '9999-12-31T24:00:00Z', '0001-01-01T00:00:00+14:00', '0000-12-31T23:59:59Z') {
    is_scim_error(device(qq("bought":"$time")), 400, 'invalidValue', "C-28: $time is refused");
    is_scim_error(found(qq(bought gt "$time")), 400, 'invalidFilter', "C-28: $time in a filter");
}
for my $time (['9999-12-31T09:59:59.999999-14:00', '9999-12-31T23:59:59.999999Z'], ['0001-01-01T14:00:00+14:00', '0001-01-01T00:00:00Z']) {
    my $r = device(qq("bought":"$time->[0]"));

    is($r->{json}{bought}, $time->[1], "C-28: $time->[0] in UTC");
    is($s->put("/Devices/$r->{json}{id}", $r->{json})->{status}, 200, "U-16: $time->[1] can be written back");
    is(found(qq(bought eq "$time->[1]"))->{json}{totalResults}, 1, "F-16: $time->[1] is found");
}

done_testing;
