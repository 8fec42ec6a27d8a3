# All that the tests before this one have stored: GET, then PUT of just that, is 200 and changes nothing. Runs after them (testrules.yml), and
# after single files too (t/run.pl).
use strict;
use warnings;

use Test::More;

use ScimTest;
use ScimTest::WriteBack;

my $s = ScimTest->new;
my ($looked_at, @faults) = ScimTest::WriteBack::faults($s);

is($looked_at, scalar $s->sql('select count(*) from scim.resource'), 'U-16: each resource in the database is looked at');
note "resources: $looked_at";
is(scalar @faults, 0, 'U-14, U-16: GET, then PUT of that: nothing changes') or diag(map { "$_\n" } @faults[0 .. ($#faults > 9 ? 9 : $#faults)]);
done_testing;
