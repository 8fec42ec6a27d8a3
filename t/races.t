# What a statement does that had to wait, when somebody else has changed the row since it looked; and a request that always comes too late.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

use ScimTest qw(is_scim_error GROUP USER);
use ScimTest::Log;
use ScimTest::Proxy;
use ScimTest::Server;

ScimTest::Log::expect('SCIM102: 503 Too many changes');

my $server = ScimTest::Server->start(threads => 4, pool => 'max=2');
my $s = $server->scim('default');
my @users = map { $s->user->{id} } 1 .. 4;
my $HOLD = 4711;

# Sends the request while a transaction that has done $sql is open, which does $then and commits once somebody waits for a lock.
sub meanwhile {
    my ($sql, $request, $then) = @_;
    my $pid = fork // die "fork: $!\n";

    $then //= 'select';
    if (!$pid) {
        $server->{pg}->sql("begin; $sql; select pg_advisory_xact_lock($HOLD); do \$\$ begin for i in 1 .. 1000 loop
            exit when exists (select from pg_locks where not granted); perform pg_sleep(0.01); end loop; end \$\$; $then; commit");
        POSIX::_exit(0);
    }
    until ($server->{pg}->sql("select count(*) from pg_locks where locktype = 'advisory' and objid = $HOLD and granted")) {
        die "$sql: it failed\n" if waitpid($pid, POSIX::WNOHANG()) > 0;
        sleep 0.02;
    }
    my $r = $request->();
    waitpid $pid, 0;
    return $r;
}

sub members { return join ' ', sort map { $_->{value} } @{ $s->get("/Groups/$_[0]")->{json}{members} // [] } }

my $group = $s->group(members => [$users[0]])->{id};
my $add = "insert into scim.membership (tenant, group_id, member_id, member_type) select r.tenant, '$group', r.id, 'User' from scim.resource r where r.id = '$users[1]'";
my $bump = "update scim.resource set version = version + 1 where id = '$group'";

my $r = meanwhile("$bump; $add", sub { $s->patch("/Groups/$group", [{ op => 'replace', path => 'members', value => [{ value => $users[2] }] }]) });
is($r->{status}, 204, 'replacing all members of a group that somebody adds one to: done');
is(members($group), $users[2], '... and the one is not left over');
is($s->get("/Groups/$group")->{json}{meta}{version}, 'W/"3"', '... after the other change');

$r = meanwhile("$bump; $add", sub { $s->patch("/Groups/$group", [{ op => 'add', path => 'members', value => [{ value => $users[3] }] }]) });
is($r->{status}, 204, 'adding a member to a group that somebody adds one to: done');
is(members($group), join(' ', sort @users[1 .. 3]), '... and both are there');

# ---- what a group shows does not change under one version ----

# The user is added to a group by a transaction that ends while the request waits for it.
for my $case (
    ['a rename', sub { $s->patch("/Users/$_[0]", [{ op => 'replace', path => 'displayName', value => 'Renamed' }]) }, 200],
    ['a rename of one whom another group holds', sub { $s->patch("/Users/$_[0]", [{ op => 'replace', path => 'displayName', value => 'Renamed' }]) }, 200, 1],
    ['a delete', sub { $s->delete("/Users/$_[0]") }, 204],
    ['a delete of one whom another group holds', sub { $s->delete("/Users/$_[0]") }, 204, 1],
) {
    my ($what, $request, $status, $held) = @$case;
    my ($member, $joined) = ($s->user(displayName => 'As before')->{id}, $s->group->{id});
    my $other = $held ? $s->group(members => [$member])->{id} : undef;
    my $before = $other && $s->get("/Groups/$other")->header('ETag');
    my $join = "select 1 from scim.resource where id = '$member' for key share; update scim.resource set version = version + 1 where id = '$joined'; "
        . "insert into scim.membership (tenant, group_id, member_id, member_type) select r.tenant, '$joined', r.id, 'User' from scim.resource r where r.id = '$member'";

    my $answer = meanwhile($join, sub { $request->($member) });
    is($answer->{status}, $status, "$what while somebody adds the user to a group: done");
    is($s->get("/Groups/$joined")->{json}{meta}{version}, 'W/"3"', '... the group has a version for each');
    isnt($s->get("/Groups/$other")->header('ETag'), $before, '... the group that held the user has another one, too') if $held;
}

# A group is given back the name that somebody just takes from it, and other members, while it comes into another group.
{
    my $held = $s->group(displayName => 'Held', members => [$users[0]])->{id};
    my $holder = $s->group->{id};
    my $answer = meanwhile("update scim.resource set version = version + 1, display = 'Other', doc = replace(doc::text, 'Held', 'Other')::json where id = '$held'; "
            . "update scim.resource set version = version + 1 where id = '$holder'; "
            . "insert into scim.membership (tenant, group_id, member_id, member_type) select tenant, '$holder', id, 'Group' from scim.resource where id = '$held'",
        sub { $s->put("/Groups/$held", { schemas => [GROUP], displayName => 'Held', members => [{ value => $users[1] }] }) });

    is($answer->{status}, 200, 'a name and all members of a group that somebody renames and puts into another: done');
    is_deeply([$answer->{json}{displayName}, members($held)], ['Held', $users[1]], '... they are what was asked for');
    is_deeply([map { $s->get("/Groups/$_")->{json}{meta}{version} } $held, $holder], ['W/"3"', 'W/"3"'], '... each change has a version, in the other group, too');
}

my $noted = $s->group(members => [$users[0]])->{id};
$r = meanwhile("update scim.resource set version = version + 1 where id = '$noted'", sub {
    $s->patch("/Groups/$noted", [{ op => 'replace', path => 'members', value => [{ value => $users[1] }] }], 'If-Match' => 'W/"1", W/"2"');
});
is($r->{status}, 204, 'with If-Match that names the version that it waited for as well: done');
is(members($noted), $users[1], '... and that is the member');

my $tag = $s->get("/Groups/$group")->header('ETag');
$r = meanwhile($bump, sub { $s->patch("/Groups/$group", [{ op => 'remove', path => 'members' }], 'If-Match' => $tag) });
is($r->{status}, 412, 'with If-Match: the version that it waited for does not match');
is(members($group), join(' ', sort @users[1 .. 3]), '... and nothing is changed');

$r = meanwhile("update scim.resource set version = version + 1 where id = '$users[0]'", sub { $s->patch("/Users/$users[0]", [{ op => 'replace', path => 'title', value => 'T' }]) });
is($r->{status}, 200, 'changing a user that somebody changes: read again and done');
is($r->{json}{meta}{version}, 'W/"3"', '... after the other change');

$r = meanwhile("delete from scim.resource where id = '$users[2]'", sub { $s->patch("/Groups/$group", [{ op => 'add', path => 'members', value => [{ value => $users[2] }, { value => $users[0] }] }]) });
is($r->{status}, 204, 'adding a member that is just being deleted: skipped, as it would be a moment later');
is(members($group), join(' ', sort @users[0, 1, 3]), '... and the others are there');

my $last = $s->user->{id};
$r = meanwhile("$bump; " . $add =~ s/$users[1]/$last/r, sub { $s->patch("/Groups/$group", [{ op => 'remove', path => 'members' }]) });
is($r->{status}, 204, 'removing all members of a group that somebody adds one to: done');
is(members($group), '', '... and nobody is left over');

# One member, whose id comes before that of the group or behind it.
my $strict = $server->scim('rfc');
my $older = $strict->user->{id};
my $club = $strict->group->{id};
my $younger = $strict->user->{id};
my $state = "select version, (select count(*) from scim.membership m where m.group_id = r.id) from scim.resource r where r.id = '$club'";
for my $case (['comes before that of the group', $older], ['comes behind that of the group', $younger]) {
    my ($where, $id) = @$case;
    my $enter = [{ op => 'add', path => 'members', value => [{ value => $id }] }];
    my $locks = "select 1 from scim.resource where id = any('{%s}') order by id for update";

    $r = meanwhile("insert into scim.membership (tenant, group_id, member_id, member_type) select tenant, '$club', id, 'User' from scim.resource where id = '$id'",
        sub { $strict->patch("/Groups/$club", $enter) });
    is($r->{status}, 204, "the id $where: adding who is just being added: done");
    is(($server->{pg}->sql($state))[0][1], 1, '... once');

    $r = meanwhile("delete from scim.membership where group_id = '$club'", sub { $strict->patch("/Groups/$club", [{ op => 'remove', path => qq(members[value eq "$id"]) }]) });
    is($r->{status}, 204, '... removing who is just being removed: done');
    is(($server->{pg}->sql($state))[0][1], 0, '... nobody is left');

    my ($low, $high) = sort $id, $club;
    $r = meanwhile(sprintf($locks, $low), sub { $strict->patch("/Groups/$club", $enter) }, sprintf($locks, $high));
    is($r->{status}, 204, '... adding while somebody locks both by their ids: done');
    unlike($server->pg_log, qr/deadlock detected/, '... nobody waits for one who waits');

    $server->{pg}->sql("delete from scim.membership where group_id = '$club'");
    $r = meanwhile("delete from scim.resource where id = '$id'", sub { $strict->patch("/Groups/$club", $enter) });
    is_scim_error($r, 400, 'invalidValue', '... adding who is just being deleted: refused');
    is(($server->{pg}->sql($state))[0][1], 0, '... and nobody is added');
}

$r = meanwhile("delete from scim.resource where id = '$group'", sub { $s->patch("/Groups/$group", [{ op => 'replace', path => 'members', value => [{ value => $users[0] }] }]) });
is($r->{status}, 404, 'changing a group that is just being deleted: 404');

# ---- somebody else is always faster ----

my $proxy = ScimTest::Proxy->start("$server->{dir}/proxy", $server->{pg}->service_conninfo);
$server->configure(conninfo => $proxy->conninfo);
$server->stop_httpd;
$server->start_httpd;
$s = $server->scim('default');
my $user = $s->user(active => ScimTest::FALSE);
my $keep = $s->at('/keep/v2');
# The name of a user who is disabled, in any letters: a POST restores him.
my $again = { schemas => [USER], userName => uc $user->{userName}, title => 'late POST' };
my @late = (
    ['PATCH', 'late PATCH', sub { $s->patch("/Users/$user->{id}", [{ op => 'add', path => 'title', value => 'late PATCH' }]) }, 200],
    ['PUT', 'late PUT', sub { $s->put("/Users/$user->{id}", { schemas => [USER], userName => $user->{userName}, title => 'late PUT', active => ScimTest::FALSE }) }, 200],
    ['DELETE that disables', '"active":false', sub { $keep->delete("/Users/$user->{id}") }, 204],
    ['POST that restores', 'late POST', sub { $s->post('/Users', $again) }, 201],
);

sub state_of { return join ' ', map { $_ // '' } map { @$_ } $server->{pg}->sql("select r.active, r.doc::text from scim.resource r where r.id = '$user->{id}'") }

for my $late (@late) {
    my ($what, $text, $send, $status) = @$late;

    $server->{pg}->sql("update scim.resource set active = true, doc = replace(doc::text, '\"active\":false', '\"active\":true')::json where id = '$user->{id}'") if $what =~ /^DELETE/;
    $server->{pg}->sql("update scim.resource set active = false where id = '$user->{id}'") if $what =~ /^POST/;
    my $before = state_of();
    $proxy->before(1, $text, "update scim.resource set version = version + 1 where id = '$user->{id}'", 1_000_000);
    $r = $send->();
    is_scim_error($r, 503, undef, "$what, and somebody is always faster: 503");
    is($r->header('Retry-After'), 1, '... and when to try again');
    is(state_of(), $before, '... nothing is changed');
    $proxy->before(1, 'nothing', 'select 1');
    $r = $send->();
    is($r->{status}, $status, "$what: done when nobody is") or diag($r->{body});
}

$server->is_written_back;
$server->stop;
done_testing;
