# What the run left in the logs. Runs after the other tests (testrules.yml).
use strict;
use warnings;

use Test::More;
use ScimTest::Log;

my $logs = "$ENV{SCIM_TEST_ROOT}/t/logs";

ok(-s "$logs/error_log", 'there is an error log');
for my $file (glob "$logs/error_log*") {
    my $name = $file =~ s{.*/}{}r;

    is_deeply([ScimTest::Log::crashes($file)], [], "$name: no crash, no memory error");
}
# Those of ScimTest::Server stop PostgreSQL on purpose.
is_deeply([ScimTest::Log::errors("$logs/error_log")], [], 'no error that no test has announced');
is_deeply([glob "$ENV{SCIM_TEST_ROOT}/asan/report*"], [], 'no report of a sanitizer');
open my $access, '<', "$logs/access_log" or die "access_log: $!\n";
is(scalar(grep { /[?]/ } <$access>), 0, 'SE-15: no query string in the access log');
open my $error, '<', "$logs/error_log" or die "error_log: $!\n";
my @error = <$error>;
is(scalar(grep { /authorization:|bearer [a-z0-9_-]{8}|filter=/i } @error), 0, 'SE-15: no credentials and no query in the error log');
is_deeply([grep { /SCIM10[23]: / && /\@/ } @error], [], 'SE-15: no address in the reason for an error');

done_testing;
