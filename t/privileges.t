# Roles: "scimctl database init", what the service's role can and cannot do, readers of views. That the service can do all it has to is what
# every other test shows: their httpd connects as scim_service.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Path qw(make_path remove_tree);
use Test::More;

use ScimTest;
use ScimTest::Server;

my $server = ScimTest::Server->start;
my $pg = $server->{pg};
my $sql = "$ENV{SCIM_TEST_ROOT}/sql";

sub conninfo { my ($database, $user) = @_; return "host=$pg->{dir} dbname=$database user=$user" }

# What a statement gives to this role: its first column, or the error.
sub as {
    my ($user, $statement, $database) = @_;
    my ($status, $out, $err) = ScimTest::Postgres::_capture("$statement;\n", "$pg->{bin}/psql", '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d',
        conninfo($database // 'scim_test', $user));

    return $status == 0 ? $out =~ s/\n\z//r : $err =~ /ERROR:\s+(.*)/ ? $1 : $err;
}

# scimctl as this role; its error, or "".
sub ctl {
    my ($database, $user, @args) = @_;
    my ($status, $out, $err) = $pg->scimctl('--database', conninfo($database, $user), '--sql', $sql, @args);

    return $status == 0 ? '' : $err =~ s/\Ascimctl: |\n\z//gr;
}

# ---- what httpd connects as ----

my $s = $server->scim('default');
my $u = $s->user(userName => 'kim@example.com');
my $other = $server->scim('default');
$other->user(userName => 'somebody@example.com');
for my $statement (
    "insert into scim.tenant (name) values ('mine')",
    "update scim.tenant set state = 'active'",
    'delete from scim.tenant',
    "insert into scim.token (tenant, name, sha256) select id, 'mine', 'x' from scim.tenant limit 1",
    "update scim.token set rights = '{read,write}'",
    'update scim.token set revoked = null',
    'update scim.token set expires = null',
    'delete from scim.token',
    'delete from scim.migration',
    'update scim.secret set created = now()',
    'update scim.integration set state = null',
    "insert into scim.reader (role) values ('scim_service')",
    'select * from scim.users',
    'truncate scim.resource',
    'delete from scim.journal',
    "update scim.journal set actor = 'somebody'",
    'select scim.journal_forget(now())',
    'alter table scim.resource add column x int',
    'drop table scim.resource',
    'create table scim.mine (x int)',
    'create trigger mine before insert on scim.resource for each row execute function mine()',
) {
    like(as('scim_service', $statement), qr/permission denied|must be owner/, "the service cannot: $statement");
}
my %setting = (
    default_transaction_isolation => 'read committed',
    default_transaction_read_only => 'off',
    lock_timeout => '3s',
    statement_timeout => '30s',
    idle_in_transaction_session_timeout => '1min',
    jit => 'off',
    plan_cache_mode => 'force_generic_plan',
    search_path => '""',
    timezone => 'UTC',
);
is(as('scim_service', "show $_"), $setting{$_}, "the service: $_") for sort keys %setting;
unlike($server->error_log, qr/SCIM13:/, 'the service has all settings that are looked for');
is(as('scim_owner', 'show search_path'), '"$user", public', "other roles keep their settings");
my $before = length $server->pg_log;
is($s->post('/Users', { schemas => ['urn:ietf:params:scim:schemas:core:2.0:User'], userName => 'kim@example.com' })->{status}, 409, 'a userName that is taken');
like(substr($server->pg_log, $before), qr/duplicate key value/, "PostgreSQL's log has the error");
unlike(substr($server->pg_log, $before), qr/kim@/, '... and not whose it was');

# ---- a second database of the cluster, and twice ----

$pg->sql('create database second');
is(ctl('second', 'scim', 'database', 'init', '--owner', 'scim_owner', '--service', 'scim_service', '--reader', 'Everybody "1"'), '', 'database init: a second database');
is(as('scim_owner', 'select count(*) from scim.tenant', 'second'), 0, 'a second database: the owner');
is(as('scim_service', 'show lock_timeout', 'second'), '3s', 'a second database: settings');
like(as('scim_service', "insert into scim.tenant (name) values ('mine')", 'second'), qr/permission denied/, 'a second database: no more than needed');
is(ctl('second', 'scim', 'database', 'init', '--owner', 'scim_owner', '--service', 'scim_service'), '', 'database init: once more');
is(ctl('second', 'scim_owner', 'tenant', 'add', 'x'), '', 'the owner makes tenants');
is(as('scim', q(select has_table_privilege('Everybody "1"', 'scim.users', 'select')), 'second'), 't', 'a reader: the views');
is(as('scim', q(select has_table_privilege('Everybody "1"', 'scim.resource', 'select')), 'second'), 'f', 'a reader: no table');
is(ctl('second', 'scim', 'database', 'init', $_, 'only_one'), '', "database init: $_ alone") for qw(--owner --reader);
is(ctl('second', 'scim', 'database', 'init', '--owner', 'scim_owner'), '', 'database init: as before');
like(ctl('second', 'scim', 'database', 'init', '--owner', 'a', '--service', 'a'), qr/service needs a role of its own/, 'owner and service are two');
like(ctl('second', 'scim', 'database', 'init', '--service', $_), qr/role's name has 1 to 63/, 'a bad name') for '', 'x' x 64, "a\nb";

# ---- without a superuser, as on a managed PostgreSQL ----

$pg->sql($_) for 'create role manager login createrole', 'create database managed owner manager', 'create database refused owner manager', 'create role nobody_special login',
    'create database plain owner nobody_special';
is(ctl('managed', 'manager', 'database', 'init', '--owner', 'managed_owner', '--service', 'managed_service', '--reader', 'managed_reader'), '', 'CREATEROLE suffices');
is(as('managed_owner', "select pg_get_userbyid(relowner) from pg_class where oid = 'scim.resource'::regclass", 'managed'), 'managed_owner', 'CREATEROLE: the owner owns');
is(as('managed_service', 'select count(*) from scim.resource', 'managed'), 0, 'CREATEROLE: the service reads');
is(as('managed_service', 'show jit', 'managed'), 'off', 'CREATEROLE: settings');
like(ctl('plain', 'nobody_special', 'database', 'init', '--owner', 'new_owner'), qr/role "new_owner" is not there and cannot be made .*create role "new_owner" login/,
    'no CREATEROLE: told what to run');
$pg->sql($_) for 'create role plain_owner login', 'create role plain_service login', 'grant plain_owner to nobody_special',
    "alter role plain_service in database plain set lock_timeout = '3s'";
like(ctl('plain', 'nobody_special', 'database', 'init', '--owner', 'plain_owner', '--service', 'plain_service'),
    qr/settings of role "plain_service" cannot be made .*alter role "plain_service" in database plain set default_transaction_isolation = 'read committed';/,
    'roles that are there, no CREATEROLE: told which settings');
$pg->sql("alter role plain_service in database plain set $_") for "default_transaction_isolation = 'read committed'", 'default_transaction_read_only = off',
    "statement_timeout = '30s'", "idle_in_transaction_session_timeout = '60s'", 'jit = off', 'plan_cache_mode = force_generic_plan', "search_path = ''", "timezone = 'UTC'";
is(ctl('plain', 'nobody_special', 'database', 'init', '--owner', 'plain_owner', '--service', 'plain_service'), '', 'roles that are there, settings that are there: nothing more is needed');
is(as('plain_service', 'select count(*) from scim.resource', 'plain'), 0, 'roles that are there: the service reads');

# ---- a schema that belonged to somebody else ----

$pg->sql('create database adopted');
is(ctl('adopted', 'scim', 'migrate'), '', 'a schema of the superuser');
is(ctl('adopted', 'scim', 'database', 'init', '--owner', 'scim_owner', '--service', 'scim_service'), '', 'is taken over');
is(as('scim', "select string_agg(distinct pg_get_userbyid(relowner), ' ') from pg_class where relnamespace = 'scim'::regnamespace", 'adopted'), 'scim_owner', 'with all that is in it');
is(as('scim', "select string_agg(distinct pg_get_userbyid(proowner), ' ') from pg_proc where pronamespace = 'scim'::regnamespace", 'adopted'), 'scim_owner', 'functions too');
is(ctl('adopted', 'scim_owner', 'tenant', 'add', 'x'), '', 'the owner works in it');

# ---- later migrations ----

my $dir = "$ENV{SCIM_TEST_ROOT}/privileges.$$";
make_path($dir);
system('cp', glob("$sql/*.sql"), "$dir/") == 0 or die "cp\n";
my ($newest) = map { m{/(\d+)-[^/]*$} ? $1 + 0 : () } reverse sort glob "$sql/*.sql";
{
    open my $out, '>', sprintf('%s/%03d-more.sql', $dir, $newest + 1) or die "$dir: $!\n";
    print $out "create table scim.more (x int);\nrevoke all on scim.unique_value from scim_service;\n";
    close $out or die "$dir: $!\n";
}
is(ctl('second', 'scim', '--sql', $dir, 'migrate'), '', 'a later migration, by the superuser');
is(as('scim', "select pg_get_userbyid(relowner) from pg_class where oid = 'scim.more'::regclass", 'second'), 'scim_owner', "runs as the schema's owner");
is(as('scim_service', 'select count(*) from scim.unique_value', 'second'), 0, 'and renews what the service may do');
like(ctl('second', 'scim', 'migrate'), qr/database is at migration ${\($newest + 1)}, newer than the $newest that are here/, 'a database that is newer is noticed');

# ---- readers ----

is(ctl('scim_test', 'scim', 'reader', 'add', $s->tenant, 'one_reader'), '', 'reader add');
is(ctl('scim_test', 'scim', 'reader', 'add', $s->tenant, 'one_reader'), '', 'reader add: once more');
is(ctl('scim_test', 'scim_owner', 'reader', 'add', $s->tenant, 'one_reader'), '', 'reader add: by the owner');
is(ctl('scim_test', 'scim', 'reader', 'add', '--all', 'all_reader'), '', 'reader add --all');
is(as('one_reader', 'select user_name from scim.users'), 'kim@example.com', 'a reader sees the users of its tenant');
is(as('one_reader', 'select tenant from scim.tenants'), $s->tenant, 'a reader sees its tenant');
is(as('all_reader', 'select count(*) from scim.users'), 2, 'a reader of all sees all');
like(as('one_reader', "select * from scim.$_"), qr/permission denied/, "a reader has no table: $_") for qw(resource membership token tenant reader journal secret);
is(as('one_reader', "create function pg_temp.leak(text) returns boolean cost 0.0001 language plpgsql as 'begin raise notice ''%'', \$1; return true; end'; "
        . 'select count(*) from scim.users where pg_temp.leak(user_name)'), 1, 'a function of the reader sees its tenant only');
like(ctl('scim_test', 'scim', 'reader', 'add', 'nobody', 'x'), qr/no tenant "nobody"/, 'reader add: no such tenant');
like(ctl('scim_test', 'scim', 'reader', 'add', 'only-one'), qr/Say a tenant and a role/, 'reader add: a role is missing');
my (undef, $list) = $pg->scimctl('reader', 'list', '--json');
is($list =~ s/\s//gr, sprintf('[{"role":"all_reader","tenant":null},{"role":"one_reader","tenant":"%s"}]', $s->tenant), 'reader list');
is(ctl('scim_test', 'scim', 'reader', 'remove', $s->tenant, 'one_reader'), '', 'reader remove');
is(as('one_reader', 'select count(*) from scim.users'), 0, 'reader remove: sees nothing any more');
like(ctl('scim_test', 'scim', 'reader', 'remove', $s->tenant, 'one_reader'), qr/role "one_reader" does not read this tenant/, 'reader remove: once more');
is(as('all_reader', 'select count(*) from scim.users'), 2, 'reader remove: others stay');
is(ctl('scim_test', 'scim', 'reader', 'remove', '--all', 'all_reader'), '', 'reader remove --all');
is(as('all_reader', 'select count(*) from scim.users'), 0, 'reader remove --all: sees nothing any more');
like(ctl('scim_test', 'scim', 'reader', 'remove', '--all', 'all_reader'), qr/role "all_reader" does not read all tenants/, 'reader remove --all: once more');

remove_tree($dir);
$server->stop;
done_testing;
