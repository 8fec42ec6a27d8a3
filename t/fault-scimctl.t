# Each round trip of each command of scimctl may be the one that fails, and says why in one line; connections that are lost on the way, rows
# that others write meanwhile, migrations that are none.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Path qw(make_path);
use Test::More;

use ScimTest;
use ScimTest::Proxy;
use ScimTest::Server;

# A full disk: no statement is tried again for it, and what it was part of is undone.
my $FULL = '53100';

my $server = ScimTest::Server->start(children => 1, threads => 2);
my $pg = $server->{pg};
my $sql = "$ENV{SCIM_TEST_ROOT}/sql";
my $s = $server->scim('default');
my $proxy = ScimTest::Proxy->start("$server->{dir}/proxy", $pg->conninfo);

# (exit status, standard error) of scimctl through the proxy; --database may name another database of the cluster, and another role.
sub ctl {
    local $pg->{scimctl_conninfo} = $proxy->conninfo;
    my ($status, undef, $err) = $pg->scimctl(@_);

    return ($status, $err);
}

sub through_proxy { my ($database, $user) = @_; return $proxy->conninfo =~ s/dbname=\S+ user=\S+/dbname=$database user=$user/r }

# The command, with a failure at each of its round trips in turn. $reset undoes what one attempt has done, for those whose later steps depend on
# that. $questions: so many of them ask what server this is, which is asked again when it fails for a while.
sub fails_everywhere {
    my ($title, $command, $reset, $questions) = @_;
    my ($trips, $wrong) = (0, 0);

    for my $which (1 + ($questions // 1) .. 100) {
        $reset->() if $reset;
        my $happened = $proxy->happened;
        $proxy->fail($which, $FULL);
        my ($status, $err) = ctl(@$command);
        $proxy->fail(1_000_000, $FULL);
        if ($proxy->happened == $happened) {
            is($status, 0, "$title: done, after it failed at each of $trips round trips") or diag($err);
            last;
        }
        $trips++;
        $wrong++, diag("round trip $which: status $status, $err") if $status != 1 || $err !~ /\Ascimctl: [^\n]+\n\z/;
    }
    cmp_ok($trips, '>', 0, "$title: did fail");
    is($wrong, 0, "$title: says why, in one line");
    return;
}

my $user = $s->user(userName => 'kim@example.com');
$s->group(displayName => 'Crew', members => [$user->{id}]);
my (undef, $listed) = $pg->scimctl('token', 'list', $s->tenant, '--json');
my ($token) = $listed =~ /"id":\s*(\d+)/;
my @reading = (
    [qw(tenant list)], [qw(token list)], [qw(token list), $s->tenant], [qw(integration list), $s->tenant], [qw(reader list)], [qw(reader list), $s->tenant],
    [qw(tenant rekey --profile default --dry-run), $s->tenant], [qw(check --profile default), $s->tenant],
);
my @commands = (
    [qw(tenant add fragile)], [qw(tenant set fragile --state active)], [qw(tenant pause fragile)], [qw(tenant resume fragile)],
    [qw(tenant rename fragile broken)], [qw(integration add broken app)], [qw(integration set broken app --profile default)],
    [qw(token create broken --integration app --quiet)], [qw(tenant rekey --profile default), $s->tenant],
    [qw(reader add broken scim_reader)], [qw(reader remove broken scim_reader)], [qw(reader add --all scim_reader)], [qw(reader remove --all scim_reader)],
    [qw(integration remove broken app --yes)], [qw(database rotate-key)], [qw(database rotate-key --force)], [qw(migrate --sql), $sql], [qw(database init --service scim_service --sql), $sql],
    [qw(tenant remove broken --yes)], [qw(token revoke), $token], [qw(tenant remove --yes), $s->tenant],
);
fails_everywhere("scimctl @$_", $_) for @reading;

# ---- what was meant for somebody else is not taken for rows of one's own ----

for my $command (@reading) {
    my $wrong = 0;

    for my $which (1 .. 20) {
        my $happened = $proxy->happened;
        $proxy->mix($which, 9, 1);
        my ($status, $err) = ctl(@$command);
        $proxy->fail(1_000_000, $FULL);
        last if $proxy->happened == $happened;
        $wrong++, diag("round trip $which: status $status, $err") if $status != 1 || $err !~ /\Ascimctl: [^\n]+\n\z/;
    }
    is($wrong, 0, "scimctl @$command: somebody else's answer is noticed");
}

# Those that write, where they read: the number of the round trip.
$pg->scimctl(qw(tenant add doomed));
for my $mixed ([[qw(token create doomed --quiet)], 2], [[qw(token create doomed --quiet --name other)], 3], [[qw(tenant remove doomed --yes)], 2], [[qw(tenant remove doomed --yes)], 5],
    [['migrate', '--sql', $sql], 4], [['migrate', '--sql', $sql], 5]) {
    my ($command, $which) = @$mixed;
    my $happened = $proxy->happened;

    $proxy->mix($which, 9, 1);
    my ($status, $err) = ctl(@$command);
    is($proxy->happened, $happened + 1, "scimctl @$command: round trip $which is somebody else's");
    is($status, 1, '... it fails');
    like($err, qr/\Ascimctl: [^\n]+\n\z/, '... and says why');
}
is($pg->sql("select count(*) from scim.tenant where name = 'doomed'"), 1, '... nothing is removed');
$proxy->before(1, 'insert into scim.token', "delete from scim.tenant where name = 'doomed'");
is_deeply([ctl(qw(token create doomed))], [1, qq(scimctl: There is no tenant "doomed"\n)], 'a tenant who is removed while a token is made for it');

fails_everywhere("scimctl @$_", $_) for @commands;
is($s->sql('select count(*) from scim.tenant'), 0, 'what was to be removed is gone');

# ---- roles and a schema that are made by the way ----

$pg->sql('create role manager login createrole');
my @roles = qw(--owner new_owner --service new_service --reader new_reader);

sub fresh { my ($owner) = @_; $pg->sql($_) for 'drop database if exists fresh with (force)', 'drop role if exists new_owner, new_service, new_reader', "create database fresh owner $owner"; return }

fails_everywhere('database init of a new database', ['--database', through_proxy('fresh', 'manager'), '--sql', $sql, qw(database init), @roles], sub { fresh('manager') }, 2);
fails_everywhere('database init of a schema that somebody else made', ['--database', through_proxy('fresh', 'manager'), '--sql', $sql, qw(database init), @roles], sub {
    fresh('manager');
    my ($status, undef, $err) = $pg->scimctl('--database', $pg->conninfo =~ s/dbname=\S+ user=\S+/dbname=fresh user=manager/r, '--sql', $sql, 'migrate');
    $status == 0 or die $err;
});

# ---- migrations ----

# A folder with the migrations there are and one more.
sub with_another {
    my ($file, $text) = @_;
    my $dir = "$server->{dir}/" . $file =~ s/\W//gr;

    make_path($dir);
    system('cp', glob("$sql/*.sql"), "$dir/") == 0 or die "cp\n";
    open my $out, '>', "$dir/$file" or die "$dir/$file: $!\n";
    print $out $text;
    close $out or die "$dir/$file: $!\n";
    return $dir;
}

sub applied { return scalar $pg->sql('select count(*) from scim.migration') }

my $before = applied();
my @fresh = ('--database', through_proxy('fresh', 'scim'));
my $more = with_another('900-more.sql', "create table scim.more (x int);\n");
fails_everywhere('a later migration', [@fresh, '--sql', $more, 'migrate'], sub {
    fresh('scim');
    my ($status, undef, $err) = $pg->scimctl('--database', $pg->conninfo =~ s/dbname=\S+/dbname=fresh/r, '--sql', $sql, qw(database init), @roles);
    $status == 0 or die $err;
});
for my $name (qw(notes.sql 01-short.sql abc-letters.sql 1x1-digits.sql 12x-digits.sql 900_underscore.sql), '901-a b.sql', '90-.sql', '902-more.sql.sql~') {
    is_deeply([ctl('--sql', with_another($name, "no SQL at all;\n"), 'migrate')], [0, ''], "no migration: $name");
}
is(applied(), $before, '... none of which is applied');
my %wrong = (
    '901-fails.sql' => ["create table scim.half_done (x int); do \$\$ begin raise exception 'not on this server'; end \$\$;\n", qr/\Ascimctl: 901-fails\.sql: .*not on this server\n\z/],
    '001-again.sql' => ["select 1;\n", qr/\Ascimctl: Two migrations have the number of 001-\S+\n\z/],
);
for my $file (sort keys %wrong) {
    my ($text, $error) = @{ $wrong{$file} };
    my ($status, $err) = ctl('--sql', with_another($file, $text), 'migrate');

    is($status, 1, "$file: refused");
    like($err, $error, '... and told why');
    is(applied(), $before, '... and not noted as applied');
}
is($pg->sql("select to_regclass('scim.half_done')"), undef, 'what a migration did before it failed is undone');
my ($status, $err) = ctl('--sql', with_another('899-commits.sql', "commit;\n"), 'migrate');
is($status, 1, 'a migration that commits by itself');
like($err, qr/\Ascimctl: 899-commits\.sql: a migration must not commit\n\z/, '... is told not to');
$before = applied();
my $unreadable = with_another('903-unreadable.sql', "select 1;\n");
chmod 0, "$unreadable/903-unreadable.sql";
($status, $err) = ctl('--sql', $unreadable, 'migrate');
is($status, 1, 'a file that cannot be read');
like($err, qr/\Ascimctl: [^\n]*903-unreadable\.sql[^\n]*\n\z/, '... is named');

# A connection that is lost is not replaced: the lock and the limits of time went with it.
for my $loss (['request', 'create table scim.lost'], ['answer', 'create table scim.lost'], ['request', 'to_regclass'], ['answer', 'to_regclass']) {
    my $happened = $proxy->happened;
    $proxy->next(@$loss);
    ($status, $err) = ctl('--sql', with_another('904-lost.sql', "create table scim.lost (x int);\n"), 'migrate');
    is($proxy->happened, $happened + 1, "@$loss lost: it was");
    is($status, 1, "@$loss lost: the migration ends");
    like($err, qr/\Ascimctl: [^\n]+\n\z/, '... and says why, in one line');
    is(applied(), $before, '... is not applied');
}
is_deeply([ctl('--sql', with_another('904-lost.sql', "create table scim.lost (x int);\n"), 'migrate')], [0, ''], '... and can be started again');
is(applied(), $before + 1, '... is applied then');

# ---- others who write meanwhile ----

my $t = $server->scim('default');
my $tenant = "(select id from scim.tenant where name = '@{[$t->tenant]}')";
$pg->sql(<<"SQL");
create function still_running() returns trigger language plpgsql as 'begin
    insert into scim.resource (tenant, id, type, version, created, modified, doc, folded)
    values (old.id, gen_random_uuid(), ''User'', 1, now(), now(), ''{}'', ''{}''); return old; end';
create trigger still_running before delete on scim.tenant for each row execute function still_running()
SQL
($status, $err) = ctl('tenant', 'remove', $t->tenant, '--yes');
is($status, 1, 'a tenant whose requests are still running is not removed');
like($err, qr/\Ascimctl: Requests of tenant "[^"]+" are still running; it is disabled now: try again\n\z/, '... and is told so');
is($pg->sql("select state from scim.tenant where id = $tenant"), 'disabled', '... it is disabled');
$pg->sql('drop trigger still_running on scim.tenant');
is_deeply([ctl('tenant', 'remove', $t->tenant, '--yes')], [0, ''], '... and removed by the next attempt');

$t = $server->scim('default');
my @users = map { $t->user(userName => "User$_\@example.com") } 1 .. 2;
my @rekey = (qw(tenant rekey --profile default), $t->tenant);
# Each has the name of the next: all at once fails, and so does the first of one alone.
fails_everywhere('rekey of keys that others have still', \@rekey, sub {
    $pg->sql("update scim.resource set user_name = id::text where id = '$_->{id}'") for @users;
    $pg->sql("update scim.resource set user_name = 'user1\@example.com' where id = '$users[1]{id}'");
});
$pg->sql("update scim.resource set user_name = 'old' where id = '$users[0]{id}'");
# By the time that keys are written, somebody else has come who is called so.
$proxy->before(1, 'returning t.id) select count(id) from written', "insert into scim.resource select (jsonb_populate_record(r, jsonb_build_object('id', "
    . "'ffffffff-0000-0000-0000-000000000000', 'user_name', 'user1\@example.com', 'write_id', gen_random_uuid()))).* from scim.resource r where r.id = '$users[0]{id}'");
my ($exit, $out, $error) = do {
    local $pg->{scimctl_conninfo} = $proxy->conninfo;
    $pg->scimctl(@rekey);
};
is($exit, 1, 'rekey, and a user of the same name comes meanwhile');
is($out =~ s/\A[^\n]*\n//r, "User $users[0]{id} and another one: userName would be the same\n", '... who is told of');
like($error, qr/\Ascimctl: 1 values collide; nobody was merged/, '... and nobody is merged');

# ---- connection strings ----

# Who connected last, and how he called himself.
sub connected {
    my ($conninfo) = @_;
    my $from = length $server->pg_log;
    my ($status, undef, $err) = $pg->scimctl('--database', $conninfo, 'tenant', 'list');

    return $status == 0 ? (substr($server->pg_log, $from) =~ /connection authorized: (.*)/ ? $1 : 'nobody') : $err;
}

$pg->sql(q(create role "o'br\\ien" login superuser));
is(connected("host=$pg->{dir} dbname=scim_test user=scim"), 'user=scim database=scim_test application_name=mod_scim', 'a connection says whose it is');
is(connected("host=$pg->{dir} dbname=scim_test user=scim fallback_application_name=own"), 'user=scim database=scim_test application_name=own', '... unless it is told otherwise');
like(connected("host=$pg->{dir} dbname=scim_test user='o\\'br\\\\ien'"), qr/\Auser=o'br\\ien database=scim_test /, 'values that have to be quoted');

$server->stop;
done_testing;
