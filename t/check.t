# scimctl check: what is stored and would not come in today.
use strict;
use warnings;

use Test::More;
use ScimTest qw(USER);
use ScimTest::WriteBack;

my $s = ScimTest->new(path => '/locker-rfc/v2');
my $pg = ScimTest::Postgres->of_run;
my $locker = 'urn:ietf:params:scim:schemas:acme:2.0:Locker';

sub check {
    my ($status, $out, $err) = $pg->scimctl('check', $s->tenant, @_);

    return "$status $out$err";
}

my $l = $s->post('/Lockers', { schemas => [$locker], displayName => 'one' })->{json};
my $u = $s->post('/Users', { schemas => [USER], userName => 'mira', password => 'Passw0rd', title => 'T', addresses => [{ country => 'NO' }] })->{json};
my $v = $s->post('/Users', { schemas => [USER], userName => 'ola', password => 'Passw0rd', title => 'T' })->{json};

is(check('--profile', 'test-locker-rfc'), "0 3 resources looked at.\n", 'nothing to find');
is(check('--profile', 'test-locker-later'), "1 Locker $l->{id}: owner is required\n3 resources looked at.\n"
    . "scimctl: 1 resources would be refused or changed today; they are served as they are\n", 'a rule that came later');
$s->sql('update scim.resource set doc = replace(doc::text, \'"NO"\', \'"Norway"\')::json where id = ?', $u->{id});
ScimTest::WriteBack::except($u->{id}, 'put there by SQL: a country that is refused today');
my $fault = 'addresses[0].country must be an ISO 3166-1 code of two letters';
is(check('--profile', 'test-locker-rfc'), "1 User $u->{id}: $fault\n3 resources looked at.\n"
    . "scimctl: 1 resources would be refused or changed today; they are served as they are\n", 'a form');
is(check('--profile', 'test-locker'), "0 3 resources looked at.\n", 'which another profile takes');
my ($status, $out) = $pg->scimctl('check', $s->tenant, '--profile', 'test-locker-rfc', '--json');
is_deeply(JSON::PP->new->decode($out), [{ type => 'User', id => $u->{id}, fault => $fault }], '--json');
like(check(), qr/\A1 scimctl: Tenant ".*" has no profile of its own/, 'a tenant without a profile');
like(join(' ', $pg->scimctl('check', 'nobody')), qr/There is no tenant "nobody"/, 'no such tenant');
$s->sql('update scim.resource set doc = replace(doc::text, \'"title":"T"\', \'"title":"T","emails":[{"value":"a@x.org"},{"value":"A@x.org"}]\')::json where id = ?', $v->{id});
ScimTest::WriteBack::except($v->{id}, 'put there by SQL: the same address twice');
is(check('--profile', 'test-locker'), "1 User $v->{id}: emails would be stored in another form\n3 resources looked at.\n"
    . "scimctl: 1 resources would be refused or changed today; they are served as they are\n", 'V-01: a value that is there twice');
# Deeper than any schema: nothing of the program's makes it.
$s->sql('update scim.resource set doc = (select repeat(\'{"x":\', 100) || 1 || repeat(\'}\', 100))::json where id = ?', $v->{id});
is(check('--profile', 'test-locker'), "1 scimctl: The document of resource $v->{id} cannot be read\n", 'a document that cannot be read');
$s->sql('delete from scim.resource where id = ?', $v->{id});
done_testing;
