# Answers of many megabytes: complete, exact in length and tag, and no burden on anybody else.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Test::More;

use ScimTest qw(is_scim_error uri USER GROUP);
use ScimTest::Log;
use ScimTest::Server;

my $MEMBERS = 60_000;

my $server = ScimTest::Server->start(threads => 16);
my $s = $server->scim('default');
my $other = $server->scim('default');
my $user = $s->user(userName => 'first@example.com');
my $group = $s->group(displayName => 'All', members => [$user->{id}]);

# Copies of the user, whatever columns a row has.
$s->sql(<<'SQL', $MEMBERS - 1, $user->{id});
insert into scim.resource
select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'user_name', 'copy' || n))).*
from scim.resource r, generate_series(1, cast(? as integer)) n where r.id = cast(? as uuid)
SQL
$s->sql(<<'SQL', $group->{id}, $group->{id});
insert into scim.membership (tenant, group_id, member_id, member_type)
select g.tenant, g.id, u.id, 'User' from scim.resource g join scim.resource u on u.tenant = g.tenant and u.type = 'User'
where g.id = cast(? as uuid) and u.id not in (select member_id from scim.membership where group_id = cast(? as uuid))
SQL
$s->sql('analyze scim.resource, scim.membership');

subtest 'a group with many members' => sub {
    my $r = $s->get("/Groups/$group->{id}");
    my %values = map { $_->{value} => 1 } @{ $r->{json}{members} };

    is($r->{status}, 200, 'is read');
    cmp_ok(length $r->{body}, '>', 1 << 20, 'its representation passes what is kept in memory');
    is($r->header('Content-Length'), length $r->{body}, 'Content-Length');
    is(scalar @{ $r->{json}{members} }, $MEMBERS, 'all members');
    is(keys %values, $MEMBERS, '... each once');
    is($r->{json}{meta}{version}, $r->header('ETag'), 'the tag in the representation is that in the header');
    my $h = $s->head("/Groups/$group->{id}");
    is($h->header('Content-Length'), $r->header('Content-Length'), 'HEAD tells the same length');
    is($h->header('ETag'), $r->header('ETag'), '... and tag');
    my $unchanged = $s->get("/Groups/$group->{id}", 'If-None-Match' => $r->header('ETag'));
    is_deeply([@$unchanged{qw(status body)}], [304, ''], 'If-None-Match');
    is_scim_error($s->get("/Groups/$group->{id}", 'If-Match' => 'W/"99999"'), 412, undef, 'If-Match');
    is(scalar @{ $s->get("/Groups/$group->{id}" . uri(attributes => 'members.value'))->{json}{members} }, $MEMBERS, 'all of them under a projection');
    is_deeply([sort keys %{ $s->get("/Groups/$group->{id}" . uri(attributes => 'members.type'))->{json}{members}[-1] }], ['type'],
        '... which shows what it names');
};

subtest 'a list with such a group' => sub {
    my $small = $s->group(members => [$user->{id}]);
    my $r = $s->get('/Groups' . uri(count => 10));
    my %members = map { $_->{id} => scalar @{ $_->{members} } } @{ $r->{json}{Resources} };

    is_deeply(\%members, { $group->{id} => $MEMBERS, $small->{id} => 1 }, 'each group has its members');
    is($r->{json}{totalResults}, 2, 'totalResults');
    is($r->header('Content-Length'), length $r->{body}, 'Content-Length');
};

# Members are gathered up to so much before they go on; one alone is more, if somebody has put it there.
subtest 'a member with a long name' => sub {
    my $long = $other->user;
    my $short = $other->user;
    $other->sql(q(update scim.resource set display = repeat('x', 40000) where id = cast(? as uuid)), $long->{id});
    my $r = $other->get('/Groups/' . $other->group(members => [$short->{id}, $long->{id}, $other->user->{id}])->{id});

    is_deeply([map { length $_->{display} } grep { $_->{value} eq $long->{id} } @{ $r->{json}{members} }], [40_000], 'is shown');
    is(scalar @{ $r->{json}{members} }, 3, '... with the others');
};

# Highest resident size of httpd's processes so far, in kB.
sub peak {
    my (undef, @children) = $server->httpd_pids;
    my $most = 0;

    for my $pid (@children) {
        open my $in, '<', "/proc/$pid/status" or next;
        while (<$in>) {
            $most = $1 if /^VmHWM:\s+(\d+)/ && $1 > $most;
        }
    }
    return $most;
}

subtest 'memory' => sub {
    my $before = peak();
    my @pids = map {
        my $pid = fork // die "fork: $!\n";
        if (!$pid) {
            # Nothing is made of the JSON: twelve trees of 60,000 members would take more memory than all of httpd.
            my $r = ScimTest::Http->new('127.0.0.1', $server->{port})
                ->request('GET', '/scim/v2/Groups' . ($_ % 2 ? "/$group->{id}" : ''), undef, Authorization => 'Bearer ' . $s->token);
            POSIX::_exit($r->{status} == 200 && length $r->{body} == $r->{headers}{'content-length'} ? 0 : 1);
        }
        $pid;
    } 1 .. 12;
    my $failed = grep { waitpid($_, 0); $? } @pids;

    is($failed, 0, 'twelve at once are answered');
    # The sanitizers keep what was freed.
    my $most = $ENV{ASAN_OPTIONS} ? 1 << 20 : 48 << 10;
    cmp_ok(peak() - $before, '<', $most, 'they cost httpd less than they weigh together (kB)');
};

# What a write answers goes the same way as what is read.
subtest 'answers to writes' => sub {
    my $before = peak();
    my $r = $s->patch("/Groups/$group->{id}" . uri(attributes => 'members'), [{ op => 'replace', path => 'displayName', value => 'Renamed' }]);
    my $most = $ENV{ASAN_OPTIONS} ? 1 << 20 : 48 << 10;

    is(scalar @{ $r->{json}{members} }, $MEMBERS, 'PATCH: all members');
    cmp_ok(peak() - $before, '<', $most, '... cost httpd less than they weigh (kB)');
    my $some = 8000;
    my @members = map { { value => $_->{value} } } @{ $r->{json}{members} }[1 .. $some];
    my $post = $s->post('/Groups', { schemas => [GROUP], displayName => 'Second', members => \@members });
    my $path = "/Groups/$post->{json}{id}";
    my %answers = (
        POST => $post,
        'PATCH that changes nothing' => $s->patch($path . uri(attributes => 'members'), [{ op => 'add', path => 'members', value => [$members[0]] }]),
        PUT => $s->put($path, { schemas => [GROUP], displayName => 'Third' }),
        'PUT that changes nothing' => $s->put($path, { schemas => [GROUP], displayName => 'Third' }),
    );
    for my $what (sort keys %answers) {
        like($answers{$what}{status}, qr/^20[01]$/, "$what: is answered");
        is(scalar @{ $answers{$what}{json}{members} // [] }, $some, '... with all members');
        is($answers{$what}->header('Content-Length'), length $answers{$what}{body}, '... and their length');
    }
    is($answers{PUT}{json}{meta}{version}, $answers{'PUT that changes nothing'}->header('ETag'), 'the version is what was written');
};

subtest 'clients that do not read' => sub {
    my @open;

    for (1 .. 12) {
        my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die "no connection: $!\n";
        print $socket "GET /scim/v2/Groups/$group->{id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ", $s->token, "\r\n\r\n";
        $socket->flush;
        push @open, $socket;
    }
    sleep 2;
    is($other->user->{active}, ScimTest::TRUE, "request $_ of another tenant") for 1 .. 5;
    my $busy = 1;
    for (1 .. 60) {
        $busy = $other->sql("select count(*) from pg_stat_activity where application_name like 'mod_scim%' and state <> 'idle'") or last;
        sleep 1;
    }
    is($busy, 0, 'once the answers have been read, no connection waits for a client');
    close $_ for @open;
};

# The room of a tenant's files is that of one answer, even where that has to be begun anew.
subtest 'an answer that is begun anew' => sub {
    my $t = $server->scim('default');
    my $first = $t->user(userName => 'large@example.com', title => 'x' x 9_000_000);

    $t->sql(<<'SQL', $first->{id});
insert into scim.resource
select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'user_name', 'large' || n))).*
from scim.resource r, generate_series(1, 15) n where r.id = cast(? as uuid)
SQL
    my $deep = $t->user(userName => 'zz');
    my $inner = $t->group(members => [$deep->{id}]);
    $t->group(members => [$inner->{id}]);
    # And once more: an answer that has gone has given its room back.
    for my $time (1, 2) {
        my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die "no connection: $!\n";
        print $socket "GET /scim/v2/Users?count=100 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ", $t->token, "\r\n\r\n";
        $socket->flush;
        my ($head, $length) = ('', 0);
        while (sysread $socket, my $bytes, 1 << 20) {
            $head .= substr $bytes, 0, 1000 if length $head < 1000;
            $length += length $bytes;
        }
        like($head, qr{^HTTP/1.1 200 }, "more than half of the room, and groups of groups at the end ($time)");
        my ($told) = $head =~ /^Content-Length: (\d+)/m;
        is($length - index($head, "\r\n\r\n") - 4, $told, '... all of it comes') or diag(substr $head, 0, 300);
    }
};

# The second database is a copy: its tenants have the ids of the first one's.
subtest 'tenants of two databases' => sub {
    plan skip_all => 'the room is that of a process, which has one answer at a time' if $ENV{SCIM_TEST_MPM} eq 'prefork';
    my $port = ScimTest::Server::free_port();
    my ($second, @open) = $server->{pg}->service_conninfo =~ s/dbname=\K\w+/copy/r;
    my $ask = sub {
        my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $_[0]) or die "no connection: $!\n";
        print $socket "GET /scim/v2/Groups/$group->{id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ", $s->token, "\r\n\r\n";
        $socket->flush;
        push @open, $socket;
        my $answer = '';
        sysread $socket, $answer, 2000 if IO::Select->new($socket)->can_read(60);
        return $answer;
    };
    my (%first, %other, $refused);

    ScimTest::Log::expect('Too many large answers');
    $server->stop_httpd;
    $s->sql('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
    $server->{pg}->_run('createdb', '-h', $server->{pg}{dir}, '-U', 'scim', '-T', $server->{pg}->database, 'copy');
    $server->configure(threads => 48, pool => 'max=8 wait=20', conf => <<"CONF");
Listen 127.0.0.1:$port
<VirtualHost 127.0.0.1:$port>
    ServerName other:$port
    SCIMDatabase "$second"
</VirtualHost>
CONF
    $server->start_httpd;
    # Some megabytes each, which nobody reads.
    for (1 .. 60) {
        my $answer = $ask->($server->{port});
        $first{ substr $answer, 0, 12 }++;
        $refused = $answer if $answer =~ /^\S+ 503/;
        last if $refused;
    }
    is_deeply([sort keys %first], ['HTTP/1.1 200', 'HTTP/1.1 503'], 'one fills the room of a tenant') or diag(explain(\%first));
    unlike($refused // 'ETag: ', qr/^(?:ETag|Location|Content-Location): /m, '... and is told nothing of the group');
    $other{ substr $ask->($port), 0, 12 }++ for 1 .. 3;
    is_deeply(\%other, { 'HTTP/1.1 200' => 3 }, 'the tenant of the same id in the other database has its own');
    close $_ for @open;
};

done_testing;
