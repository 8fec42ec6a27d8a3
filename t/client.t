# A client of other people's, scim2-client, in the newest version that script/test could install, driven by t/external/client.py: discovery, create,
# read, list, sort, page, PATCH, PUT, DELETE, search, groups, each in both profiles. The client itself refuses answers that its reading of the
# standard does not allow.
use strict;
use warnings;

use FindBin;
use Test::More;

use ScimTest;
use ScimTest::Program;

my $python = $ENV{SCIM_TEST_EXTERNAL} ? "$ENV{SCIM_TEST_EXTERNAL}/bin/python" : '';
if (!-e $python || !grep { -d } glob "$ENV{SCIM_TEST_EXTERNAL}/lib/python*/site-packages/scim2_client") {
    plan skip_all => 'scim2-client is not there; script/test installs it for a run of everything and for this file alone';
}

for my $profile (qw(default rfc)) {
    my $s = ScimTest->new(profile => $profile);
    my @lines = answers([], $python, "$FindBin::Bin/external/client.py", $s->base, $s->token);
    my $checks = 0;

    for my $line (@lines) {
        next unless $line =~ /^(not )?ok (.*)/;
        $checks++;
        ok(!$1, "$profile: $2");
    }
    is($lines[-1], 'done', "$profile: all was done");
    cmp_ok($checks, '>=', 35, "$profile: checks: $checks");
}
done_testing;
