# Search keys made anew: scimctl tenant rekey, and tenant set --profile where the other profile makes other keys.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(is_scim_error uri GROUP);
use ScimTest::Server;

my $server = ScimTest::Server->start(conf => 'SCIMTokenCache 0');
my $pg = $server->{pg};
my $s = $server->scim('default');
my $tenant = $s->tenant;

sub ctl {
    my ($status, $out, $err) = $pg->scimctl(@_);

    return "$status $out$err";
}

sub rekey { return ctl('tenant', 'rekey', $tenant, '--profile', 'default', @_) }
sub found { return $s->get('/Users' . uri(filter => $_[0]))->{json}{totalResults} }
sub id_of { return $_[0]{id} }

# All that a resource has beside its keys.
sub rest {
    return join "\n", map { join ' ', map { $_ // '' } @$_ } $pg->sql('select id, version, created, modified, active, doc from scim.resource where tenant = (select id from scim.tenant where name = ?) order by id', $tenant);
}

my @users = map { $s->user(userName => "User$_\@example.com", externalId => "x$_", displayName => "Name $_", emails => [{ type => 'work', value => "w$_\@example.com" }]) } 1 .. 3;
my $group = $s->group(displayName => 'Crew', members => [$users[0]{id}]);
$pg->sql(<<'SQL', $users[2]{id});
insert into scim.resource
select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'user_name', 'copy' || g, 'write_id', gen_random_uuid(),
        'doc', jsonb_set(r.doc::jsonb, '{userName}', to_jsonb('Copy' || g))))).* from scim.resource r, generate_series(1, 500) g where r.id = ?
SQL
like(rekey(), qr/\A0 504 resources looked at, \d+ keys changed\.\n\z/, 'copies made by SQL have their keys now');
is(rekey(), "0 504 resources looked at, 0 keys changed.\n", 'nothing to do');
is(rekey('--dry-run'), "0 504 resources looked at, 0 keys would change.\n", 'nothing to do: --dry-run');

# ---- keys of another time ----

my $rest = rest();
$pg->sql(<<'SQL', $tenant);
update scim.resource set user_name = case when user_name is not null then 'old ' || id end, external_id = 'old', display_name = 'old', keys = '{1}', folded = '{}'
 where tenant = (select id from scim.tenant where name = ?)
SQL
is(found('userName eq "user1@example.com"'), 0, 'other keys: not found');
is(rekey('--dry-run'), "0 504 resources looked at, 504 keys would change.\n", '--dry-run counts');
is(found('userName eq "user1@example.com"'), 0, '--dry-run changes nothing');
is(rekey(), "0 504 resources looked at, 504 keys changed.\n", 'rekey');
is(found($_), 1, "found: $_") for 'userName eq "USER1@example.com"', 'externalId eq "x1"', 'emails[type eq "work"].value eq "w1@example.com"', 'userName eq "copy500"', 'displayName eq "name 2"';
is($s->get('/Groups' . uri(filter => 'displayName eq "crew"'))->{json}{totalResults}, 1, 'found: a group');
is(rest(), $rest, 'documents, versions and times are as before');

# ---- keys that move from one to the other ----

sub set_key { return $pg->sql('update scim.resource set user_name = ? where id = ?', $_[1], $_[0]{id}) }

# In both directions: resources get their keys in order of ids.
for my $row ([2, 1, 0], [0, 1, 2]) {
    my @row = @users[@$row];
    my @names = map { lc $_->{userName} } @row;
    set_key($row[0], 'elsewhere');
    set_key($row[$_], $names[$_ - 1]) for 1, 2;
    like(rekey(), qr/\A0 504 resources looked at, \d+ keys changed\.\n\z/, 'a row of users, each with the key of another');
    is(found(qq(userName eq "$names[$_]" and id eq "$row[$_]{id}")), 1, "user $_ has its own") for 0 .. 2;
}

# ---- collisions ----

$pg->sql(q(update scim.resource set doc = replace(doc::text, 'User2@', 'USER1@')::json where id = ?), $users[1]{id});
my $pair = join '|', map { quotemeta } "$users[0]{id} and $users[1]{id}", "$users[1]{id} and $users[0]{id}";
for my $dry ('--dry-run', '') {
    like(rekey($dry || ()), qr/\A1 504 resources looked at, 0 keys .*\nUser (?:$pair): userName would be the same\nscimctl: 1 values collide; nobody was merged/, "two of one name $dry");
}
is(found(qq(id eq "$_->{id}")), 1, 'both are there') for @users[0, 1];
is(scalar $pg->sql('select user_name from scim.resource where id = ?', $users[1]{id}), 'user2@example.com', 'the key stays as it was');
is($s->delete("/Users/$users[1]{id}")->{status}, 204, 'one is removed');
like(rekey(), qr/\A0 503 resources/, 'and all is well');

# ---- while clients write ----

$pg->sql(q(update scim.resource set keys = '{1}' where user_name like 'copy%'));
my $writer = fork // die "fork: $!\n";
if (!$writer) {
    my $own = $s->at('/scim/v2');
    my $bad = 0;
    for my $n (1 .. 60) {
        my $target = $n % 2 ? $users[0] : $users[2];
        $bad++ if $own->patch("/Users/$target->{id}", [{ op => 'replace', path => 'title', value => "T$n" }])->{status} != 200;
    }
    POSIX::_exit($bad ? 1 : 0);
}
like(rekey(), qr/\A0 503 /, 'while clients write');
waitpid $writer, 0;
is($?, 0, 'no client notices');
is(found('title eq "T59"'), 1, 'what they write is found');
is(rekey(), "0 503 resources looked at, 0 keys changed.\n", 'and all keys are right');

# ---- another profile ----

is(ctl('tenant', 'rekey', $tenant), qq(1 scimctl: Tenant "$tenant" has no profile of its own: say --profile, that of its Location\n), 'a tenant without a profile');
is(ctl('tenant', 'rekey', 'nobody'), qq(1 scimctl: There is no tenant "nobody"\n), 'no such tenant');
like(ctl('tenant', 'rekey', $tenant, '--profile', 'nope'), qr/\A1 scimctl: There is no <SCIMProfile nope>/, 'no such profile');

my $lookalike = $s->user(userName => "gre\x{301}ta\x{2161}");
like(ctl('tenant', 'set', $tenant, '--profile', 'rfc'), qr/\A0 .* is changed/s, 'tenant set --profile: other keys');
is_deeply([$pg->sql('select profile, state from scim.tenant where name = ?', $tenant)], [['rfc', 'active']], 'tenant set --profile: set, and active');
is(found(qq(userName eq "gr\x{e9}ta\x{2161}")), 1, 'tenant set --profile: found by the keys of the profile');
is(scalar $pg->sql('select count(*) from scim.unique_value'), 0, 'tenant set --profile: what need not be unique any more is not');
is($s->post('/Groups', { schemas => [GROUP], displayName => 'CREW' })->{status}, 201, 'two groups of one name');
like(ctl('tenant', 'set', $tenant, '--profile', 'default'), qr/\A1 Group \S+ and \S+: displayName would be the same\nscimctl: 1 values collide/, 'tenant set --profile: refused');
is_deeply([$pg->sql('select profile, state from scim.tenant where name = ?', $tenant)], [['rfc', 'active']], 'tenant set --profile: refused, nothing changed');
is($s->delete("/Groups/$group->{id}")->{status}, 204, 'one is removed');
like(ctl('tenant', 'set', $tenant, '--profile', 'default', '--state', 'paused'), qr/\A0 .* is changed/s, 'tenant set --profile --state');
is_deeply([$pg->sql('select profile, state from scim.tenant where name = ?', $tenant)], [['default', 'paused']], 'tenant set --profile --state: both');
is(scalar $pg->sql('select count(*) from scim.unique_value'), 1, 'tenant set --profile: what must be unique now is');
is(ctl('tenant', 'rekey', $tenant), "0 504 resources looked at, 0 keys changed.\n", 'by the profile of the tenant');

$server->stop;
done_testing;
