# Where profiles part from the RFCs: what scimctl tells of them.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use ScimTest::Postgres;

my $pg = ScimTest::Postgres->of_run;

my ($status, $out, $err) = $pg->scimctl('profile', 'departures', 'test-keep', '--json');
is($status, 0, 'a profile of ones own') or diag($err);
is_deeply([map { [$_->{by}, @{ $_->{requirements} }] } grep { $_->{by} =~ /SCIMDelete/ } @{ JSON::PP->new->decode($out) }], [['SCIMDelete User disable', 'DE-02', 'DE-03'], ['SCIMDelete Group refuse', 'DE-01']],
    '... DELETE that disables, and what that gives up');
($status, $out, $err) = $pg->scimctl('profile', 'departures', 'rfc', '--json');
is($out, "[]\n", 'profile rfc departs in nothing');
($status, $out, $err) = $pg->scimctl('profile', 'departures', '--json');
my ($upsert) = grep { $_->{profile} eq 'default' && $_->{by} eq 'SCIMDialect upsert' } @{ JSON::PP->new->decode($out) };
is_deeply($upsert->{requirements}, ['PA-31'], 'a dialect rule, and what it gives up');
($status, $out, $err) = $pg->scimctl('profile', 'departures', 'nobody');
is($status, 1, 'a profile that is not there');
like($err, qr/There is no <SCIMProfile nobody>/, '... is told');
($status, $out, $err) = $pg->scimctl('profile', 'departures', 'default');
like($out, qr/^PROFILE +BY +GIVES UP +WHAT +FOR\ndefault +SCIMInactiveConflict restore +C-35,P-03 +POST /, 'for people, a table');
($status, $out, $err) = $pg->scimctl('profile', 'departures', '--database', 'host=/nowhere dbname=nothing');
is($status, 0, 'no database is asked') or diag($err);

done_testing;
