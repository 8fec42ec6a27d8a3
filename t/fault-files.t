# Large answers for which there is no temporary file: 503, or done and said without what is too large; and nothing of it is left behind.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(is_scim_error uri);
use ScimTest::Log;
use ScimTest::Server;

use constant { GROUPS => 40, MEMBERS => 200, BLOCK => 65536 };

ScimTest::Log::expect($_) for 'temporary file of a reply', 'SCIM110';

my $server = ScimTest::Server->start(threads => 4, conf => 'SCIMTokenCache 300');
my $s = $server->scim('default');
my $user = $s->user(userName => 'first@example.com', displayName => 'N' x 100);
my $group = $s->group(displayName => 'First');

$s->sql(<<'SQL', GROUPS - 1, $group->{id});
insert into scim.resource
select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'write_id', gen_random_uuid()))).*
from scim.resource r, generate_series(1, cast(? as integer)) n where r.id = cast(? as uuid)
SQL
$s->sql(<<'SQL', MEMBERS * GROUPS - 1, $user->{id});
insert into scim.resource
select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'write_id', gen_random_uuid(), 'user_name', 'copy' || n))).*
from scim.resource r, generate_series(1, cast(? as integer)) n where r.id = cast(? as uuid)
SQL
# The first group has them all, the others some of them each.
$s->sql(<<'SQL', $group->{id}, MEMBERS);
insert into scim.membership (tenant, group_id, member_id, member_type)
select g.tenant, g.id, u.id, 'User'
from scim.resource g join (select r.tenant, r.id, row_number() over (order by r.id) as n from scim.resource r where r.type = 'User') u on u.tenant = g.tenant
where g.type = 'Group' and (g.id = cast(? as uuid) or u.n <= cast(? as integer))
SQL
$s->sql('analyze scim.resource, scim.membership');

# What each process of httpd may do from now on; what it has open stays open. (It ignores the signal of a file that grows too large.)
sub limit {
    my ($what, $value) = @_;
    my (undef, @children) = $server->httpd_pids;

    for my $pid (@children) {
        system('prlimit', "--pid=$pid", "--$what=$value:") == 0 or die "prlimit $what\n";
    }
    return;
}

sub refused {
    my ($path, $title) = @_;
    my $r = $s->get($path);

    is_scim_error($r, 503, undef, $title);
    is($r->header('Retry-After'), 10, '... and when to try again');
    like($r->{json}{detail}, qr/cannot keep so large an answer now/, '... and why');
    return;
}

my $one = "/Groups/$group->{id}";
my $list = '/Groups' . uri(count => GROUPS, filter => "id ne \"$group->{id}\"");
my $answer = $s->get($one);
my $page = $s->get($list);
cmp_ok(length $_->{body}, '>', 3 << 19, 'an answer of more than a megabyte and a half') for $answer, $page;

# The client's connection is open already; httpd closes it after such an answer, and could take no further one.
limit(nofile => 3);
refused($one, 'a group, and no file can be opened');
limit(nofile => 1024);
is($s->get($one)->{body}, $answer->{body}, '... and all, when there are files again');

# The bytes of a list in front of the first resource are not in the file.
my $in_file = length($page->{body}) - index($page->{body}, '"Resources":[') - length '"Resources":[';
my %limits = (
    'less than a megabyte' => [8 * BLOCK, 8 * BLOCK],
    'less than there is' => [20 * BLOCK, 20 * BLOCK],
    'all but the last block' => [int(length($answer->{body}) / BLOCK) * BLOCK, int($in_file / BLOCK) * BLOCK],
);
for my $what (sort keys %limits) {
    limit(fsize => $limits{$what}[0]);
    refused($one, "a group, and a file that holds $what");
    limit(fsize => $limits{$what}[1]);
    refused($list, "groups, and a file that holds $what");
}

# What has been written is not answered with an error.
for my $what (sort keys %limits) {
    my $version = $s->sql('select version from scim.resource where id = cast(? as uuid)', $group->{id});

    limit(fsize => $limits{$what}[0]);
    my $r = $s->patch($one . uri(attributes => 'members'), [{ op => 'remove', path => "members[value eq \"$user->{id}\"]" }, { op => 'add', path => 'externalId', value => $what }]);
    is($r->{status}, 200, "a PATCH, and a file that holds $what");
    is_deeply([$r->{json}{id}, $r->{json}{members}], [$group->{id}, undef], '... its answer has no members');
    is($s->sql('select version from scim.resource where id = cast(? as uuid)', $group->{id}), $version + 1, '... it is done');
    is($r->header('ETag'), 'W/"' . ($version + 1) . '"', '... and the version is told');
}
my $log = $server->error_log;
like($log, qr/temporary file of a reply: File too large/, 'the log says what happened to the file');
like($log, qr/SCIM110.*temporary file of a reply/, '... to answers of what was done as well');

limit(fsize => 'unlimited');
is($s->get($list)->{body}, $page->{body}, 'all is as before when there is room');
$server->stop;
done_testing;
