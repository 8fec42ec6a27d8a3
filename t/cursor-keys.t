# The keys that cursors are sealed with: one after the other, the same for all machines, and never in the way of a walk.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(decode_base64);
use Test::More;

use ScimTest qw(is_scim_error uri);
use ScimTest::Log;
use ScimTest::Server;

ScimTest::Log::expect($_) for 'permission denied for table secret', 'scim\.secret: ';

my $server = ScimTest::Server->start(threads => 4, conf => 'SCIMTokenCache 300');
my $pg = $server->{pg};
my $s = $server->scim('default');
my @users = map { $s->user } 1 .. 3;

sub first_cursor {
    my $r = $s->get('/Users?cursor=&count=2');

    return $r->{json}{nextCursor} // "$r->{status} $r->{body}";
}

# The number of the key, which is the beginning of a cursor.
sub key_of { return unpack 'N', decode_base64($_[0] =~ tr{-_}{+/}r . '==') }
sub is_good { my ($cursor, $title) = @_; return is($s->get('/Users' . uri(cursor => $cursor, count => 2))->{json}{itemsPerPage}, 1, $title) }
sub keys_there { return [map { $_->[0] } $pg->sql('select id from scim.secret order by id')] }
sub age { my ($id, $age) = @_; $pg->sql("update scim.secret set created = now() - interval '$age' where id = $id"); return }

# httpd's processes remember keys for a while; new ones do not.
sub forget { $server->stop_httpd; $server->start_httpd; return }

my $old = first_cursor();
is_deeply([keys_there(), key_of($old)], [[1], 1], 'the schema comes with a key');
my ($status, $out) = $pg->scimctl('database', 'rotate-key');
is_deeply([$status, keys_there()], [0, [1, 2]], 'rotate-key: a second one');
like($out, qr/within two minutes; those that clients have stay valid/, 'rotate-key says what it does');
forget();
is(key_of(first_cursor()), 1, 'a key that some may not have read yet is not used');
age(1, '1 hour');
age(2, '20 seconds');
forget();
is(key_of(first_cursor()), 1, 'nor after 20 seconds');
age(2, '61 seconds');
is(key_of(first_cursor()), 1, 'who has read the keys remembers them');
forget();
my $new = first_cursor();
is(key_of($new), 2, 'after a minute it is');
is_good($_, 'K-17: cursors of the key before, and of this one, are good') for $old, $new;

($status, $out) = $pg->scimctl('database', 'rotate-key', '--force');
is_deeply([$status, keys_there()], [0, [3]], 'rotate-key --force: the others are gone');
like($out, qr/refused within half a minute/, 'rotate-key --force says what it does');
forget();
is_scim_error($s->get('/Users' . uri(cursor => $_, count => 2)), 400, 'invalidCursor', 'K-17: cursors of a key that is gone') for $old, $new;
my $third = first_cursor();
is(key_of($third), 3, 'the only key is used at once');
is_good($third, 'and is good');
is(($pg->scimctl('--quiet', 'database', 'rotate-key'))[1], '', 'rotate-key --quiet');

# ---- by age ----

age(3, '3 weeks');
age(4, '8 days');
forget();
is(key_of(first_cursor()), 4, 'the newest is used');
is_deeply(keys_there(), [4, 5], 'a week old, it gets a successor; the one that was replaced long ago goes');
forget();
first_cursor();
is_deeply(keys_there(), [4, 5], 'one successor is enough');
age(5, '1 day');
forget();
is(key_of(first_cursor()), 5, 'the successor is used');
is_deeply(keys_there(), [4, 5], 'what was replaced a day ago stays');
$pg->sql('delete from scim.secret');
forget();
is_good(first_cursor(), 'without any key, one is made');
my ($id) = @{ keys_there() };

# ---- when the database takes no writes, or does not show them ----

age($id, '8 days');
$pg->sql('alter role scim_service in database scim_test set default_transaction_read_only = on');
forget();
is_good(first_cursor(), 'a server that takes no writes: the old key goes on');
is_deeply(keys_there(), [$id], 'and has no successor');
$pg->sql('alter role scim_service in database scim_test set default_transaction_read_only = off');
$pg->sql('revoke select on scim.secret from scim_service');
forget();
is_scim_error($s->get('/Users?cursor='), 500, undef, 'keys that cannot be read: an error of the server');
is($s->get('/Users?count=2')->{status}, 200, 'paging by index needs none');
$pg->sql('grant select on scim.secret to scim_service');

# ---- keys that somebody has put there by hand ----

$pg->sql('alter table scim.secret drop constraint secret_key');
$pg->sql(q(update scim.secret set key = 'short'));
forget();
my $seen = length $server->error_log;
is_scim_error($s->get('/Users?cursor='), 500, undef, 'a key of another length: an error of the server');
like(substr($server->error_log, $seen), qr/scim\.secret: a key has not 32 bytes/, '... whose cause is in the log');
$pg->sql('delete from scim.secret');
$pg->sql('create rule none as on insert to scim.secret do instead nothing');
forget();
$seen = length $server->error_log;
is_scim_error($s->get('/Users?cursor='), 500, undef, 'no key, and none can be made: an error of the server');
like(substr($server->error_log, $seen), qr/scim\.secret: there is no key/, '... whose cause is in the log');

$server->stop;
done_testing;
