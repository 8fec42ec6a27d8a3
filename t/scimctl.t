# The administrator's command: what it does to the database, to requests, and what it says.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256_hex);
use Encode ();
use File::Path qw(make_path);
use Test::More;
use Time::HiRes qw(sleep);

use ScimTest qw(is_scim_error SEARCH USER);
use ScimTest::Log;
use ScimTest::Parallel;
use ScimTest::Server;

binmode $_, ':encoding(UTF-8)' for Test::More->builder->output, Test::More->builder->failure_output;
ScimTest::Log::expect('The tenant is paused');

my $cache = 1;
my $server = ScimTest::Server->start(conf => "SCIMTokenCache $cache", settings => ["log_statement = 'all'", 'log_parameter_max_length = -1']);
my $pg = $server->{pg};
my $sql = "$ENV{SCIM_TEST_ROOT}/sql";
my ($newest) = map { m{/(\d+)-[^/]*$} ? $1 + 0 : () } reverse sort glob "$sql/*.sql";
my $scratch = "$ENV{SCIM_TEST_ROOT}/t/logs/scimctl.$$";
my @shown;

sub ctl { return $pg->scimctl(@_) }

# Exit status 0 and nothing on standard error.
sub succeeds {
    my ($title, $said, @args) = @_;
    my ($status, $out, $err) = ctl(@args);

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    ok($status == 0 && $err eq '' && $out =~ $said, $title) or diag("status $status\n$out\n$err");
    return $out;
}

# This exit status, nothing on standard output, and one line that matches.
sub fails {
    my ($title, $expected, $said, @args) = @_;
    my ($status, $out, $err) = ctl(@args);

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    ok($status == $expected && $out eq '' && $err =~ $said && $err =~ /\Ascimctl: [^\n]+\n\z/, $title) or diag("status $status\n$out\n$err");
    return;
}

# (exit status, all that is shown) of scimctl at a terminal where this is typed.
sub at_terminal {
    my ($typed, @args) = @_;
    local %ENV = (%ENV, SCIM_DATABASE => $pg->owner_conninfo, SCIM_CONFIG => "$ENV{SCIM_TEST_ROOT}/t/conf/scimctl.conf");
    my ($status, $out) = ScimTest::Postgres::_capture($typed, 'script', '--quiet', '--return', '--command', "$ENV{SCIM_TEST_ROOT}/bin/scimctl @args", '/dev/null');

    return ($status, $out);
}

# A new token, as scripts make one.
sub token {
    my ($tenant, @options) = @_;
    my ($status, $out, $err) = ctl('token', 'create', $tenant, '--quiet', @options);

    $status == 0 or die "token create: $err\n";
    chomp $out;
    push @shown, $out;
    return $out;
}

sub id_of { return scalar $pg->sql('select id from scim.token where sha256 = ?', sha256_hex($_[0])) }
sub database { return ('--database', $pg->conninfo =~ s/dbname=\S+/dbname=$_[0]/r) }

# The table that a list prints: a hash for each line.
sub listed {
    my ($status, $out, $err) = ctl(@_);
    my ($head, @lines) = split /\n/, Encode::decode('UTF-8', $out);
    my @names = split ' ', $head;

    return map { my %row; @row{@names} = split ' ', $_, scalar @names; \%row } @lines;
}

# ---- help and usage ----

succeeds('--help', qr/\AUsage: .*migrate.*tenant add.*token revoke.*Exit status/s, '--help');
succeeds('--version', qr/\Ascimctl \d+\.\d+/, '--version');

my @misuse = (
    ['one name of two', qr/needs a name/, 'tenant', 'rename', 'x'],
    ['JSON of what is no list', qr/option/, 'tenant', 'add', 'x', '--json'],
    ['no command', qr/say a command/],
    ['an unknown command', qr/"tenants"/, 'tenants'],
    ['an unknown verb', qr/"delete"/, 'tenant', 'delete', 'x'],
    ['no verb', qr/command/, 'tenant'],
    ['no name', qr/needs a name/, 'tenant', 'add'],
    ['no id', qr/needs a name or id/, 'token', 'revoke'],
    ['an argument too many', qr/"extra"/, 'tenant', 'add', 'x', 'extra'],
    ['an argument of migrate', qr/"now"/, 'migrate', 'now'],
    ["another command's option", qr/option/, 'tenant', 'add', 'x', '--read-only'],
    ['an endpoint to a list', qr/option/, 'token', 'list', '--endpoint', '/Users'],
);
fails("usage: $_->[0]", 2, $_->[1], @$_[2 .. $#$_]) for @misuse;
for my $case (['an unknown option', '--nope'], ['an option without its value', 'token', 'create', 'x', '--name'], ['a value to a flag', '--quiet=1', 'migrate']) {
    my ($title, @args) = @$case;
    my ($status, $out, $err) = ctl(@args);

    ok($status == 2 && $out eq '' && $err =~ /\A[^\n]+\n\z/, "usage: $title") or diag("status $status\n$out\n$err");
}
is(scalar $pg->sql('select count(*) from scim.tenant'), 0, 'usage: nothing was done');

# ---- migrate ----

$pg->sql("create database $_") for qw(fresh race broken empty);
succeeds('migrate: a new database', qr/\A$newest migrations? applied; the database is at number $newest\.\n\z/, database('fresh'), '--sql', $sql, 'migrate');
succeeds('migrate: once more', qr/\A0 migrations applied; the database is at number $newest\.\n\z/, database('fresh'), '--sql', $sql, 'migrate');
succeeds('migrate --quiet', qr/\A\z/, '--quiet', database('fresh'), '--sql', $sql, 'migrate');
is_deeply(in_parallel(4, sub { my ($status, $out) = ctl(database('race'), '--sql', $sql, 'migrate'); return "$status " . $out =~ s/ .*//rs }),
    { "0 $newest" => 1, '0 0' => 3 }, 'migrate: four at once, one does it');

make_path("$scratch/sql", "$scratch/twice", "$scratch/none");
system('cp', glob("$sql/*.sql"), "$scratch/sql/") == 0 or die "cp\n";
write_file(sprintf('%s/sql/%03d-broken.sql', $scratch, $newest + 1), "create table scim.half (a int);\nselect nonsense;\n");
write_file("$scratch/twice/001-$_.sql", "select 1;\n") for qw(one two);
fails('migrate: a broken one', 1, qr/-broken\.sql: .*nonsense/, database('broken'), '--sql', "$scratch/sql", 'migrate');
succeeds('migrate: those before it are there', qr/\A0 migrations applied; the database is at number $newest\./, database('broken'), '--sql', $sql, 'migrate');
write_file(sprintf('%s/sql/%03d-broken.sql', $scratch, $newest + 1), "create table scim.half (a int);\n");
succeeds('migrate: mended, it is applied as a whole', qr/\A1 migration applied; .* ${\($newest + 1)}\./, database('broken'), '--sql', "$scratch/sql", 'migrate');
fails('migrate: two of one number', 1, qr/number/, database('empty'), '--sql', "$scratch/twice", 'migrate');
fails('migrate: an empty folder', 1, qr/no migrations in .*none/, database('empty'), '--sql', "$scratch/none", 'migrate');
fails('migrate: no folder', 1, qr/cannot read the folder .*nowhere/, database('empty'), '--sql', "$scratch/nowhere", 'migrate');

sub write_file {
    my ($name, $text) = @_;

    open my $out, '>', $name or die "$name: $!\n";
    print $out $text;
    close $out or die "$name: $!\n";
    return;
}

# ---- what goes wrong with the database ----

$pg->sql('create role guest login');
fails('no such host', 1, qr/./, '--database', 'host=/nowhere dbname=x', 'tenant', 'list');
fails('no such database', 1, qr/absent/, database('absent'), 'tenant', 'list');
fails('no connection string', 1, qr/connection string/, '--database', 'host', 'tenant', 'list');
fails('not migrated yet', 1, qr/scimctl migrate/, database('empty'), 'tenant', 'list');
fails('a role without rights', 1, qr/permission denied/, '--database', $pg->conninfo =~ s/user=\S+/user=guest/r, 'tenant', 'list');
my (undef, undef, $said) = ctl('--database', 'host=127.0.0.1 port=1 user=scim password=verysecret', 'tenant', 'list');
unlike($said, qr/verysecret/, 'a password is not repeated');

# ---- tenants ----

my @empty = listed('tenant', 'list');
is(scalar @empty, 0, 'tenant list: none yet');
succeeds('tenant add', qr/"fjordvik" is added.*token create fjordvik/, 'tenant', 'add', 'fjordvik');
succeeds('tenant add --quiet', qr/\A\z/, 'tenant', 'add', 'Other_1.example-x', '--quiet');
fails('tenant add: twice', 1, qr/"fjordvik" exists already/, 'tenant', 'add', 'fjordvik');
fails("tenant add: the name '$_->[1]'", 1, qr/name has 1 to 63/, 'tenant', 'add', $_->[0])
    for ['', 'empty'], ['a b', 'a b'], ["x';drop table scim.tenant;--", 'SQL'], ['x' x 64, '64 letters'], ["a\nb", 'two lines'], ["\xc3\xa5", 'not ASCII'];
fails("tenant $_: unknown", 1, qr/no tenant "nobody"/, 'tenant', $_, 'nobody') for qw(pause resume disable);
is_deeply([map { "$_->{NAME} $_->{STATE} $_->{USERS} $_->{GROUPS}" } listed('tenant', 'list')], ['Other_1.example-x active 0 0', 'fjordvik active 0 0'], 'tenant list');

my $s = $server->scim('default', tenant => 'fjordvik');
my $other = $server->scim('default', tenant => 'Other_1.example-x');

# A request with this token.
sub with { my ($token, $method, $path, @rest) = @_; return $s->request($method, $path, $rest[0], Authorization => "Bearer $token") }

# What was changed holds when each process has forgotten what it knew.
sub forgotten { return sleep $cache + 0.2 }

my $u = $s->user(userName => 'kim@example.com');
$s->group(members => [$u->{id}]);
my ($row) = grep { $_->{NAME} eq 'fjordvik' } listed('tenant', 'list');
is("$row->{USERS} $row->{GROUPS}", '1 1', 'tenant list counts');
like($row->{CREATED}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'tenant list: a time without fraction');

succeeds('tenant pause', qr/"fjordvik" is paused/, 'tenant', 'pause', 'fjordvik');
forgotten();
my $r = $s->get("/Users/$u->{id}");
is_scim_error($r, 503, undef, 'paused: 503');
like($r->header('Retry-After') // '', qr/^[1-9]\d*$/, 'paused: Retry-After');
is_scim_error($s->post('/Users', { schemas => [USER], userName => 'late@example.com' }), 503, undef, 'paused: writing');
is($other->get('/Users')->{status}, 200, 'paused: other tenants are served');
succeeds('tenant disable', qr/"fjordvik" is disabled/, 'tenant', 'disable', 'fjordvik');
forgotten();
is_scim_error($s->get("/Users/$u->{id}"), 403, undef, 'disabled: 403');
is_deeply([map { "$_->{NAME} $_->{STATE}" } listed('tenant', 'list')], ['Other_1.example-x active', 'fjordvik disabled'], 'tenant list tells states');
succeeds('tenant resume', qr/"fjordvik" is active/, 'tenant', 'resume', 'fjordvik');
forgotten();
is($s->get("/Users/$u->{id}")->{json}{userName}, 'kim@example.com', 'resumed: served, nothing lost');

# ---- tokens ----

my $out = succeeds('token create', qr/\AToken \d+ "Entra ID" of tenant "fjordvik", for reading and writing, valid until \S+Z\.\n\nSecret Token: scim_[0-9A-Za-z]{49}\n\n/,
    'token', 'create', 'fjordvik', '--name', 'Entra ID');
my ($full) = $out =~ /^Secret Token: (scim_[0-9A-Za-z]{49})$/m;
push @shown, $full;
is(with($full, 'GET', '/Users')->{status}, 200, 'SE-08: the token reads');
is(with($full, 'POST', '/Users', { schemas => [USER], userName => 'written@example.com' })->{status}, 201, 'SE-08: the token writes');
isnt(token('fjordvik'), token('fjordvik'), 'SE-08: each token is another');
is(scalar $pg->sql('select count(*) from scim.token where sha256 = ? and name = ?', sha256_hex($full), 'Entra ID'), 1, 'SE-08: its hash is stored');

for my $case (['365d', undef], ['90d', '90d'], ['12 hours', '12h'], ['4 weeks', '4w'], ['730 days', '2y']) {
    my ($interval, $option) = @$case;
    my $id = id_of(token('fjordvik', defined $option ? ('--expires', $option) : ()));
    my $off = $pg->sql('select abs(extract(epoch from expires - created - ?::interval)) < 60 from scim.token where id = ?', $interval =~ s/d$/ days/r, $id);

    is($off, 't', '--expires ' . ($option // 'left out') . ": $interval");
}
is(scalar $pg->sql('select expires from scim.token where id = ?', id_of(token('fjordvik', '--expires', 'never'))), undef, '--expires never');
is(scalar $pg->sql("select expires at time zone 'UTC' from scim.token where id = ?", id_of(token('fjordvik', '--expires', '2099-01-31'))), '2099-01-31 00:00:00',
    '--expires with a date');
is(scalar $pg->sql("select expires at time zone 'UTC' from scim.token where id = ?", id_of(token('fjordvik', '--expires', '2099-01-31T12:00:00+02:00'))),
    '2099-01-31 10:00:00', '--expires with a time');
fails("--expires $_", 1, qr/"\Q$_\E" is no time/, 'token', 'create', 'fjordvik', '--expires', $_)
    for '', 'soon', '0d', '-1d', '90', '90m', '1.5d', '101y', '900000h', '999999999999999999999d', '2027-13-01', '90d ';
fails('--expires in the past', 1, qr/2020-01-01 is in the past/, 'token', 'create', 'fjordvik', '--expires', '2020-01-01');
fails('--name empty', 1, qr/name has 1 to 63/, 'token', 'create', 'fjordvik', '--name', '');
fails('--name of two lines', 1, qr/name has 1 to 63/, 'token', 'create', 'fjordvik', '--name', "a\nb");
fails('--name that is no UTF-8', 1, qr/name has 1 to 63/, 'token', 'create', 'fjordvik', '--name', "\xff");
fails("--endpoint $_", 1, qr/"\Q$_\E" is no endpoint of any profile/, 'token', 'create', 'fjordvik', '--endpoint', $_)
    for 'Users', '/', '/Users/', '/a b', '/a,b', '', '/Userz', '/Schemas';
fails('token create: no such tenant', 1, qr/no tenant "nobody"/, 'token', 'create', 'nobody');
is(id_of(token('fjordvik', '--name', Encode::encode('UTF-8', 'Å "1"; --'))) > 0, 1, '--name in any letters');

my $reader = token('fjordvik', '--read-only', '--name', 'reader');
is(with($reader, 'GET', "/Users/$u->{id}")->{status}, 200, '--read-only: reads');
is(with($reader, 'POST', '/Users/.search', { schemas => [SEARCH] })->{status}, 200, '--read-only: searches');
for my $write (['POST', '/Users', { schemas => [USER], userName => 'x' }], ['DELETE', "/Users/$u->{id}"]) {
    $r = with($reader, @$write);
    is_scim_error($r, 403, undef, "--read-only: $write->[0]");
    like($r->header('WWW-Authenticate') // '', qr/error="insufficient_scope"/, "--read-only: $write->[0]: insufficient_scope");
}
my $users = token('fjordvik', '--endpoint', '/Users');
is(with($users, 'GET', '/Users')->{status}, 200, '--endpoint: there');
is_scim_error(with($users, $_->[0], $_->[1], $_->[2]), 403, undef, "--endpoint: not elsewhere: $_->[0]")
    for ['GET', '/Groups'], ['POST', '/Groups', { schemas => [ScimTest::GROUP], displayName => 'x' }];
is(with($users, 'GET', '/ServiceProviderConfig')->{status}, 200, '--endpoint: discovery is open');
my $both = token('fjordvik', '--endpoint', '/Users', '--endpoint', '/Groups');
is(with($both, 'GET', $_)->{status}, 200, "--endpoint, twice: $_") for '/Users', '/Groups';

my $writes_users = token('fjordvik', '--endpoint', '/Users', '--read-endpoint', '/Groups');
is(with($writes_users, 'GET', $_)->{status}, 200, "--read-endpoint: reads $_") for '/Users', '/Groups';
is_scim_error(with($writes_users, 'POST', '/Groups', { schemas => [ScimTest::GROUP], displayName => 'x' }), 403, undef, '--read-endpoint: does not write there');
is(with($writes_users, 'POST', '/Users', { schemas => [USER], userName => 'by-endpoint@example.com' })->{status}, 201, '--read-endpoint: writes where --endpoint says');
is(with(token('fjordvik', '--source', '192.0.2.0/24', '--source', '127.0.0.1'), 'GET', '/Users')->{status}, 200, '--source: from there');
is(with(token('fjordvik', '--source', '192.0.2.0/24'), 'GET', '/Users')->{status}, 401, '--source: not from elsewhere');
succeeds('integration add', qr/has the integration "Entra"/, 'integration', 'add', 'fjordvik', 'Entra');
my $entra = token('fjordvik', '--integration', 'Entra');
is(with($entra, 'GET', '/Users')->{status}, 200, '--integration: served');
succeeds('integration set', qr/is changed/, 'integration', 'set', 'fjordvik', 'Entra', '--state', 'disabled');
forgotten();
is_scim_error(with($entra, 'GET', '/Users'), 403, undef, '--integration: disabled');
is($s->get('/Users')->{status}, 200, '--integration: other tokens of the tenant are served');
succeeds('integration remove', qr/is removed/, 'integration', 'remove', 'fjordvik', 'Entra', '--yes');
forgotten();
is_scim_error(with($entra, 'GET', '/Users'), 401, undef, '--integration: removed');

my $short = token('fjordvik', '--expires', '1h');
is(with($short, 'GET', '/Users')->{status}, 200, 'before it expires');
$pg->sql("update scim.token set expires = now() + interval '1 second' where id = ?", id_of($short));
forgotten();
$r = with($short, 'GET', '/Users');
is_scim_error($r, 401, undef, 'SE-08: expired: 401');
like($r->header('WWW-Authenticate') // '', qr/error="invalid_token"/, 'SE-08: expired: invalid_token');

my $revoked = token('fjordvik', '--name', 'old');
is(with($revoked, 'GET', '/Users')->{status}, 200, 'before it is revoked');
my $id = id_of($revoked);
succeeds('token revoke', qr/\AToken $id is revoked; /, 'token', 'revoke', $id);
forgotten();
is_scim_error(with($revoked, 'GET', '/Users'), 401, undef, 'SE-25: revoked: 401');
my $when = $pg->sql('select revoked from scim.token where id = ?', $id);
succeeds('token revoke: once more', qr/is revoked/, 'token', 'revoke', $id);
is(scalar $pg->sql('select revoked from scim.token where id = ?', $id), $when, 'token revoke: the first time stays');
fails('token revoke: unknown', 1, qr/no token 999999999/, 'token', 'revoke', '999999999');
fails("token revoke $_", 1, qr/"\Q$_\E" is no token's id/, 'token', 'revoke', $_) for 'x', '1x', '', '99999999999999999999';

my %list = map { $_->{ID} => $_ } listed('token', 'list', 'fjordvik');
is_deeply([@{ $list{$id} }{qw(TENANT STATE RIGHTS WRITES NAME)}], ['fjordvik', 'revoked', 'read,write', 'all', 'old'], 'token list: revoked');
is($list{ id_of($short) }{STATE}, 'expired', 'token list: expired');
is_deeply([@{ $list{ id_of($reader) } }{qw(STATE RIGHTS NAME)}], ['valid', 'read', 'reader'], 'token list: for reading');
is($list{ id_of($both) }{READS}, '/Users,/Groups', 'token list: endpoints');
is($list{ id_of($full) }{NAME}, 'Entra ID', 'token list: a name of two words');
like($list{ id_of($full) }{USED}, qr/^\d{4}-.*Z$/, 'token list: used');
my ($unused) = grep { $_->{NAME} =~ /^Å/ } values %list;
is("$unused->{USED} $unused->{NAME}", '- Å "1"; --', 'token list: not used yet; a name in any letters');
is(scalar(grep { $_->{TENANT} eq 'Other_1.example-x' } values %list), 0, "token list: one tenant's");
my %of = map { $_->{TENANT} => 1 } listed('token', 'list');
is_deeply([sort keys %of], ['Other_1.example-x', 'fjordvik'], 'token list: all');
fails('token list: no such tenant', 1, qr/no tenant "nobody"/, 'token', 'list', 'nobody');

# What the database holds, before the tenant goes.
my $dump = `'$pg->{bin}/pg_dump' -d '@{[$pg->conninfo]}'`;
like($dump, qr/\Q@{[sha256_hex($full)]}\E/, 'the dump of the database is complete');

# ---- renaming and removing a tenant ----

succeeds('tenant rename', qr/"Other_1\.example-x" is now "renamed"/, 'tenant', 'rename', 'Other_1.example-x', 'renamed');
fails('tenant rename: taken', 1, qr/"fjordvik" exists already/, 'tenant', 'rename', 'renamed', 'fjordvik');
fails('tenant rename: a bad name', 1, qr/name has 1 to 63/, 'tenant', 'rename', 'renamed', 'a b');
fails('tenant rename: unknown', 1, qr/no tenant "nobody"/, 'tenant', 'rename', 'nobody', 'somebody');
is($other->get('/Users')->{status}, 200, 'tenant rename: its tokens stay valid');

my $stays = $other->user(userName => 'kim@example.com');
my $big = $s->group(displayName => 'Big', members => [$u->{id}]);
$pg->sql(<<'SQL', $u->{id}, $big->{id});
insert into scim.resource
select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'user_name', 'copy' || g))).* from scim.resource r, generate_series(1, 2500) g where r.id = ?;
insert into scim.membership (tenant, group_id, member_id, member_type)
select r.tenant, ?, r.id, 'User' from scim.resource r where r.user_name like 'copy%'
SQL
fails('tenant remove: nobody to be asked', 1, qr/say --yes to remove tenant "fjordvik"/, 'tenant', 'remove', 'fjordvik');
fails('tenant remove: unknown', 1, qr/no tenant "nobody"/, 'tenant', 'remove', 'nobody', '--yes');
is($s->get("/Users/$u->{id}")->{status}, 200, 'tenant remove: not yet');

# Whoever sits at a terminal is asked for the name.
for my $case (['another name', "fjordvi\n"], ['nothing', "\n"], ['no line at all', "\x04"]) {
    my ($title, $typed) = @$case;
    my ($status, $said) = at_terminal($typed, 'tenant', 'remove', 'fjordvik');
    ok($status == 1 && $said =~ /This removes tenant "fjordvik" with all it has\. Type its name to go on: .*scimctl: Nothing was removed\r?\n\z/s, "tenant remove: asked, and told $title")
        or diag("status $status: $said");
}
is($s->get("/Users/$u->{id}")->{status}, 200, '... it is not removed');
ctl('tenant', 'add', 'asked', '--quiet');
my ($status, $asked) = at_terminal("asked\n", 'tenant', 'remove', 'asked');
ok($status == 0 && $asked =~ /Tenant "asked" is removed\./, 'tenant remove: asked, and told its name') or diag("status $status: $asked");
is(scalar $pg->sql("select count(*) from scim.tenant where name = 'asked'"), 0, '... it is removed');

my $before = () = $server->pg_log =~ /with gone as/g;
succeeds('tenant remove', qr/"fjordvik" is removed/, 'tenant', 'remove', 'fjordvik', '--yes');
cmp_ok((() = $server->pg_log =~ /with gone as/g) - $before, '>=', 7, 'tenant remove: in batches');
is(scalar $pg->sql("select count(*) from scim.tenant where name = 'fjordvik'"), 0, 'tenant remove: gone');
is(scalar $pg->sql('select count(*) from scim.resource where tenant <> (select id from scim.tenant where name = ?)', 'renamed'), 0, 'tenant remove: with all it had');
forgotten();
is_scim_error($s->get("/Users/$u->{id}"), 401, undef, 'tenant remove: its tokens are none any more');
is($other->get("/Users/$stays->{id}")->{status}, 200, 'tenant remove: other tenants are as before');
succeeds('tenant add: the name is free again', qr/is added/, 'tenant', 'add', 'fjordvik');

# ---- --quiet: what is done is not told ----

for my $command ('tenant add hushed', 'tenant set hushed --state paused', 'tenant set hushed --profile default', 'tenant pause hushed', 'tenant resume hushed', 'tenant disable hushed',
    'tenant rename hushed silent', 'integration add silent app', 'integration set silent app --state paused', 'tenant rekey silent --profile default', 'check silent --profile default',
    'reader add silent guest', 'reader remove silent guest', 'reader add --all guest', 'reader remove --all guest', 'integration remove silent app --yes', 'tenant remove silent --yes',
    "database init --sql $sql --owner scim_owner --service scim_service --reader guest") {
    succeeds("--quiet: $command", qr/\A\z/, split(' ', $command), '--quiet');
}
my $created = token('fjordvik');
succeeds('--quiet: token revoke', qr/\A\z/, 'token', 'revoke', id_of($created), '--quiet');
succeeds('reader list of one tenant', qr/\AROLE +TENANT\n\z/, 'reader', 'list', 'fjordvik');
like(succeeds('token create --expires never --read-only', qr/./, 'token', 'create', 'fjordvik', '--name', 'forever', '--expires', 'never', '--read-only'),
    qr/\AToken \d+ "forever" of tenant "fjordvik", for reading only, valid for ever\.\n/, '... says so');

# ---- what is nowhere ----

my %place = ('the database' => $dump, "PostgreSQL's log" => $server->pg_log, "httpd's error log" => $server->error_log, "httpd's access log" => $server->access_log);
for my $place (sort keys %place) {
    is(scalar(grep { index($place{$place}, substr $_, 5) >= 0 } @shown), 0, "SE-08: no token in $place");
}
like($place{"httpd's access log"}, qr/tenant=fjordvik token=Entra ID/, 'the name of the token is in the access log');

system('rm', '-r', $scratch);
$server->stop;
done_testing;
