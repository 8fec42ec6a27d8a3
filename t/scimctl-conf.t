# scimctl's own settings, and the profiles and schemas that it reads as httpd does.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Cwd ();
use File::Path qw(make_path remove_tree);
use JSON::PP qw(decode_json);
use Test::More;

use ScimTest;
use ScimTest::Postgres;

my $pg = ScimTest::Postgres->of_run;
my $dir = "$ENV{SCIM_TEST_ROOT}/scimctl-conf.$$";
our $conf = "$dir/scimctl.conf";
my $n = 0;

make_path("$dir/profiles", "$dir/schemas", "$dir/empty");

sub write_file {
    my ($name, $text) = @_;

    open my $out, '>', $name or die "$name: $!\n";
    print $out $text;
    close $out or die "$name: $!\n";
    return;
}

sub ctl {
    my (@args) = @_;
    local $ENV{SCIM_CONFIG} = $conf;

    return $pg->scimctl(@args);
}

# The error of scimctl, which must be one line; "" for success.
sub error_of {
    my ($status, $out, $err) = ctl(@_);

    return '' if $status == 0;
    return $status == 1 && $out eq '' && $err =~ /\Ascimctl: ([^\n]+)\n\z/ ? $1 : "status $status: $out$err";
}

sub fresh { return "conf-$$-" . ++$n }

sub json {
    my ($status, $out, $err) = ctl(@_);

    $status == 0 or die "scimctl @_: $err\n";
    return decode_json($out);
}

my $shipped = "Schemas $ENV{SCIM_TEST_ROOT}/conf/schemas\nProfiles $ENV{SCIM_TEST_ROOT}/conf/profiles\n";

# ---- the file itself ----

write_file($conf, '');
is(error_of('tenant', 'list'), '', 'an empty file');
is(error_of('--config', "$dir/missing.conf", 'tenant', 'list'), "cannot read $dir/missing.conf: No such file or directory", 'a file that is named must be there');
my @bad = (
    ['an unknown directive', "\nDatabas x\n", 'line 2: Databas is no directive of scimctl.conf'],
    ['a variable without end', 'Database ${HOME', undef],
    ['a second variable that is not set', 'Database ${PATH}${SCIM_NOT_SET}', 'line 1: the environment has no variable SCIM_NOT_SET'],
    ['no argument', 'Database', 'line 1: Database: wrong number of arguments'],
    ['too many', 'Database "a" b', 'line 1: Database: wrong number of arguments'],
    ['a URL without host', 'PublicURL https:///scim', 'line 1: PublicURL must be an http or https URL with a host and without a query'],
    (map { ["the URL $_", "PublicURL $_", 'line 1: PublicURL must be an http or https URL with a host and without a query'] }
        'https://', 'https://:8443/scim', 'ftp://scim.example.com/', 'https://scim.example.com/?x', 'http://scim.example.com/#x'),
    ['a path that no file has', 'Profiles ' . 'x' x 5000, 'line 1: Profiles: bad path ' . 'x' x 5000],
    ['a path', 'PublicURL /scim', 'line 1: PublicURL must be an http or https URL with a host and without a query'],
    ['a variable that is not set', "# comment\nDatabase \${SCIM_NOT_SET}", 'line 2: the environment has no variable SCIM_NOT_SET'],
    ['the line that ends it', "# a \\\n comment\nDatabase \\\n  a \\\n  b", 'line 5: Database: wrong number of arguments'],
);
for my $case (@bad) {
    my ($title, $text, $error) = @$case;

    write_file($conf, $text);
    is(error_of('tenant', 'list'), defined $error ? "$conf $error" : '', defined $error ? "bad: $title" : "text as it is: $title");
}
write_file($conf, "a\0b\n");
is(error_of('tenant', 'list'), "$conf is no text", 'bad: a NUL');
is(error_of('--config', $dir, 'tenant', 'list'), "cannot read $dir: Is a directory", 'bad: a folder');
write_file("$dir/huge.conf", '');
truncate "$dir/huge.conf", 1 << 30 or die "huge.conf: $!\n";
like(error_of('--config', "$dir/huge.conf", 'tenant', 'list'), qr{\Acannot read $dir/huge\.conf: No space}, 'bad: a file that is too large to be one');
write_file($conf, "PublicURL HTTP://scim.example.com\n# the end \\");
is(error_of('tenant', 'list'), '', 'a file that ends in a backslash; a scheme in capitals');

{
    local $ENV{SCIM_TEST_WHERE} = $pg->{dir};
    write_file($conf, "  database   'host=\${SCIM_TEST_WHERE} dbname=scim_test \\\r\n user=scim'  \r\n");
    my ($status, $out, $err) = with_environment(undef, 'tenant', 'list');
    is("$status $err", '0 ', 'Database: any letter case, quotes, a line that goes on, a variable, CR LF');
    ($status, $out, $err) = with_environment('host=/nowhere', 'tenant', 'list');
    like($err, qr{/nowhere}, 'Database: the variable SCIM_DATABASE goes first');
    ($status, $out, $err) = with_environment('host=/nowhere', '--database', "host=$pg->{dir} dbname=scim_test user=scim", 'tenant', 'list');
    is("$status $err", '0 ', 'Database: --database goes before all');
}

# scimctl with this SCIM_DATABASE, or none.
sub with_environment {
    my ($database, @args) = @_;
    local %ENV = %ENV;

    delete $ENV{SCIM_DATABASE};
    $ENV{SCIM_DATABASE} = $database if defined $database;
    $ENV{SCIM_CONFIG} = $conf;
    return ScimTest::Postgres::_capture('', "$ENV{SCIM_TEST_ROOT}/bin/scimctl", @args);
}

# ---- profiles and schemas ----

write_file($conf, $shipped);
my $tenant = fresh();
is(error_of('tenant', 'add', $tenant, '--profile', 'grouptalk'), '', 'tenant add --profile');
is(scalar $pg->sql('select profile from scim.tenant where name = ?', $tenant), 'grouptalk', 'tenant add --profile: it is stored');
like(error_of('tenant', 'add', fresh(), '--profile', 'Grouptalk'), qr/\AThere is no <SCIMProfile Grouptalk> in \S+conf\/profiles \(Profiles in scimctl\.conf /,
    'a profile that is not there: refused');
my $forced = fresh();
is(error_of('tenant', 'add', $forced, '--profile', 'elsewhere', '--force'), '', '--force: not looked for');
is(scalar $pg->sql('select count(*) from scim.tenant where name = ?', "conf-$$-2"), 0, 'a profile that is not there: no tenant');
is(error_of('--profiles', "$ENV{SCIM_TEST_ROOT}/conf/profiles/rfc.conf", 'tenant', 'add', fresh(), '--profile', 'rfc'), '', '--profiles: one file');
like(error_of('--profiles', "$ENV{SCIM_TEST_ROOT}/conf/profiles/rfc.conf", 'tenant', 'add', fresh(), '--profile', 'default'), qr/\AThere is no/,
    '--profiles goes before the file');

# The same text in httpd's configuration gives the same sentence; t/config.t has them all.
my $CORE = 'urn:ietf:params:scim:schemas:core:2.0';
my @profiles = (
    ['fine', "<SCIMProfile own>\nSCIMInherit default\n</SCIMProfile>\n", ''],
    ['a tab before its name', "<SCIMProfile\town>\nSCIMInherit default\n</SCIMProfile>\n", ''],
    ['a section of a longer name', "<SCIMProfileSet x>\n</SCIMProfileSet>\n<SCIMProfile own>\nSCIMInherit default\n</SCIMProfile>\n", ''],
    ['nothing behind its name', "<SCIMProfile\n", "FILE line 1: <SCIMProfile is not closed by '>'"],
    ['a variable in it that is not set', "<SCIMProfile own>\nSCIMInherit \${SCIM_NOT_SET}\n</SCIMProfile>\n", 'FILE line 2: the environment has no variable SCIM_NOT_SET'],
    ['a variable before it that is not set', "Define X \${SCIM_NOT_SET}\n", 'FILE line 1: the environment has no variable SCIM_NOT_SET'],
    ['no text', "a\0b", 'FILE is no text'],
    ['other directives around it', "SetEnvIf X y z\n<Location /x>\nSCIMProfile own\n</Location>\n<SCIMProfile own>\nSCIMInherit default\n</SCIMProfile>\n", ''],
    ['a condition before it', "<IfModule x>\nListen 1\n</IfModule>\n<SCIMProfile own>\nSCIMInherit default\n</SCIMProfile>\n", ''],
    ['a long line', "<SCIMProfile own>\nSCIMInherit \\\n   default\n# a comment \\\n SCIMNonsense\n  SCIMDefault User title \"\\\"Dr.\\\"\"\n</scimprofile>\n", ''],
    ['an unknown directive', "<SCIMProfile own>\nSCIMInherit default\nSCIMNonsense x\n</SCIMProfile>\n", 'FILE line 3: SCIMNonsense is no directive of <SCIMProfile>'],
    ['a wrong word', "<SCIMProfile own>\nSCIMUserName mail\n</SCIMProfile>\n", 'FILE line 2: SCIMUserName: "mail" is not one of any, email, nickname'],
    ['no name', "<SCIMProfile>\n</SCIMProfile>\n", 'FILE line 1: <SCIMProfile> needs a name, and one only'],
    ['not closed', "\n<SCIMProfile x\n</SCIMProfile>\n", "FILE line 2: <SCIMProfile is not closed by '>'"],
    ['no end', "<SCIMProfile own>\nSCIMInherit default\n", 'FILE line 2: <SCIMProfile own> has no </SCIMProfile>'],
    ['twice', "<SCIMProfile own>\nSCIMInherit default\n</SCIMProfile>\n" x 2, 'FILE line 4: <SCIMProfile own> is there twice'],
    ['an unknown base', "<SCIMProfile own>\nSCIMInherit nobody\n</SCIMProfile>\n", '<SCIMProfile own>: SCIMInherit: there is no profile "nobody"; include its file'],
    ['an unknown attribute', "<SCIMProfile own>\nSCIMInherit default\nSCIMHide User shoeSize\n</SCIMProfile>\n",
        '<SCIMProfile own>: SCIMHide: resource type User has no attribute "shoeSize"'],
    ['inside a condition', "<IfDefine X>\n<SCIMProfile own>\nSCIMInherit default\n</SCIMProfile>\n</IfDefine>\n",
        'FILE line 2: only httpd can tell whether this <SCIMProfile> counts: put it into a file that is included as a whole'],
);
my $own = "$dir/profiles/own.conf";
write_file($conf, "$shipped\nProfiles profiles\nSchemas schemas\n");
for my $case (@profiles) {
    my ($title, $text, $error) = @$case;

    write_file($own, $text);
    is(error_of('tenant', 'add', fresh(), '--profile', 'own'), $error =~ s/^FILE/$own/r, "profiles: $title");
}
write_file($own, "<SCIMProfile own>\nSCIMInherit default\nSCIMExtension User urn:example:own\n</SCIMProfile>\n");
write_file("$dir/schemas/own.json", qq({"schemas":["$CORE:Schema"],"id":"urn:example:own","name":"Own","attributes":[{"name":"size","type":"nothing"}]}));
write_file("$dir/schemas/own.txt", 'no schema');
is(error_of('tenant', 'add', fresh(), '--profile', 'own'), qq($dir/schemas/own.json: Schema urn:example:own, attribute "size": type "nothing" is not known), 'schemas: the error names the file');
write_file("$dir/schemas/own.json", qq({"schemas":["$CORE:Schema"],"id":"urn:example:own","name":"Own","attributes":[{"name":"size","type":"string"}]}));
is(error_of('tenant', 'add', fresh(), '--profile', 'own'), '', 'schemas: a folder of one\'s own');
write_file($conf, "$shipped\nProfiles profiles/o*.conf\nSchemas schemas/*.json\n");
is(error_of('tenant', 'add', fresh(), '--profile', 'own'), '', 'patterns');
write_file($conf, "$shipped\nProfiles nothing/*.conf\n");
like(error_of('tenant', 'add', fresh(), '--profile', 'rfc'), qr{\Acannot read the folder $dir/nothing: No such}, 'a pattern in no folder');
write_file($conf, "$shipped\nProfiles empty/*.conf\n");
is(error_of('tenant', 'add', fresh(), '--profile', 'rfc'), "cannot read $dir/empty/*.conf: no file matches", 'a pattern that matches nothing');
like(error_of('--profiles', '/nothing*.conf', 'tenant', 'add', fresh(), '--profile', 'rfc'), qr{\Acannot read /nothing\*\.conf: no file matches}, 'a pattern at the root');
is(error_of('--profiles', 'nothing*.conf', 'tenant', 'add', fresh(), '--profile', 'rfc'), 'cannot read nothing*.conf: no file matches', 'a pattern where scimctl runs');
is(error_of('--profiles', 'nothing.conf', 'tenant', 'add', fresh(), '--profile', 'rfc'), 'cannot read nothing.conf: No such file or directory', 'a file where scimctl runs');
write_file($conf, "${shipped}Schemas empty/*.json\n");
is(error_of('tenant', 'add', fresh(), '--profile', 'rfc'), "cannot read $dir/empty/*.json: no file matches", 'a pattern of schemas that matches nothing');
for my $command (['tenant', 'add', fresh(), '--profile', 'rfc'], ['token', 'create', $tenant, '--endpoint', '/Users'], ['tenant', 'rekey', $tenant, '--profile', 'rfc']) {
    is(error_of(@$command), "cannot read $dir/empty/*.json: no file matches", "@$command[0, 1]: schemas that cannot be read");
}

# Whether a file says it or the environment names none: paths are relative to the file.
{
    my $here = Cwd::getcwd();
    chdir $dir or die "$dir: $!\n";
    write_file($conf, "$shipped\nProfiles profiles\nSchemas schemas\n");
    local $conf = 'scimctl.conf';
    is(error_of('tenant', 'add', fresh(), '--profile', 'own'), '', 'a file where scimctl runs: its paths');
    $conf = '';
    like(error_of('tenant', 'add', fresh(), '--profile', 'own'), qr/\A(?:There is no <SCIMProfile own>|cannot read )/, 'no file: profiles of one\'s own are unknown');
    is(error_of('tenant', 'list'), '', 'no file: none is needed');
    chdir $here or die "$here: $!\n";
}
write_file($conf, "$shipped\nProfiles empty\n");
is(error_of('tenant', 'add', fresh(), '--profile', 'rfc'), '', 'a folder without profiles');

# ---- endpoints of tokens ----

write_file($conf, $shipped . "Profiles $ENV{SCIM_TEST_ROOT}/t/conf/extra/acme.conf\nSchemas $ENV{SCIM_TEST_ROOT}/t/conf/extra/acme-device.json $ENV{SCIM_TEST_ROOT}/t/conf/extra/acme-user.json\n");
is_deeply(json('token', 'create', $tenant, '--json', '--endpoint', '/users', '--endpoint', '/Groups')->{writeEndpoints}, ['/Users', '/Groups'],
    'endpoints: in any letter case, as the profile spells them');
is(error_of('token', 'create', $tenant, '--endpoint', '/Userz'), '"/Userz" is no endpoint of profile grouptalk: say for example /Users', 'endpoints: of the profile');
is(error_of('token', 'create', $tenant, '--endpoint', '/Devices'), '"/Devices" is no endpoint of profile grouptalk: say for example /Users',
    'endpoints: not those of another profile');
my $any = fresh();
is(error_of('tenant', 'add', $any), '', 'a tenant without a profile');
is_deeply(json('token', 'create', $any, '--json', '--endpoint', '/Devices')->{readEndpoints}, ['/Devices'], 'endpoints: of any profile, where the tenant has none');
is(error_of('token', 'create', $forced, '--endpoint', '/Users'), "There is no <SCIMProfile elsewhere> in $ENV{SCIM_TEST_ROOT}/conf/profiles "
        . "$ENV{SCIM_TEST_ROOT}/t/conf/extra/acme.conf (Profiles in scimctl.conf names the files)", 'endpoints: of a profile that is not there');
is(error_of('token', 'create', $tenant, '--endpoint', '/Users', '--read-endpoint', '/Groupz'), '"/Groupz" is no endpoint of profile grouptalk: say for example /Users',
    'endpoints: those for reading too');
is(error_of('integration', 'add', $forced, 'x', '--profile', 'rfc'), '', 'a profile beside one that is not there: not compared');
is(error_of('token', 'create', $forced), '', 'no endpoints: no profile is needed');

# ---- names of tokens ----

is(error_of('token', 'create', $any, '--name', 'entra'), '', 'a name');
is(error_of('token', 'create', $any, '--name', 'entra'), qq(Tenant "$any" has a token named "entra" already: choose another --name, or revoke it), 'a name twice: refused');
is(error_of('token', 'create', $tenant, '--name', 'entra'), '', 'the same name in another tenant');
my ($first) = map { $_->{id} } grep { $_->{name} eq 'entra' } @{ json('token', 'list', $any, '--json') };
is(error_of('token', 'revoke', $first), '', 'revoked');
is(error_of('token', 'create', $any, '--name', 'entra'), '', 'the name of a revoked token is free');
my $third = fresh();
ctl('tenant', 'add', $third);
is_deeply([map { json('token', 'create', $third, '--json')->{name} } 1 .. 3], ['default', 'default-2', 'default-3'], 'without a name: one that is free');

# ---- the Tenant URL ----

sub url_of { return json('token', 'create', @_, '--json')->{tenantUrl} }

write_file($conf, $shipped);
is(url_of($third), undef, 'Tenant URL: none is configured');
write_file($conf, "${shipped}PublicURL https://talk.example.com/api/scim grouptalk\nPublicURL https://scim.example.com/{tenant}/scim/{tenant}\n");
is(url_of($third), "https://scim.example.com/$third/scim/$third", 'Tenant URL: with the name of the tenant');
is(url_of($tenant), 'https://talk.example.com/api/scim', "Tenant URL: of the tenant's profile");
is(url_of($forced), "https://scim.example.com/$forced/scim/$forced", 'Tenant URL: of no other profile');
is(url_of($third, '--public-url', 'http://127.0.0.1:8080/scim/v2'), 'http://127.0.0.1:8080/scim/v2', 'Tenant URL: --public-url goes first');
like(error_of('token', 'create', $third, '--public-url', 'scim.example.com'), qr/PublicURL must be/, 'Tenant URL: a bad --public-url');
my (undef, $out) = ctl('token', 'create', $tenant);
like($out, qr{^Tenant URL: https://talk\.example\.com/api/scim\nSecret Token: scim_\w{49}$}m, 'Tenant URL and token: to be copied');
like((ctl('tenant', 'add', fresh(), '--profile', 'grouptalk'))[1], qr{with profile grouptalk\. Tenant URL: https://talk\.example\.com/api/scim Next: }, 'Tenant URL: told with a new tenant');

# ---- JSON ----

my ($row) = grep { $_->{name} eq $tenant } @{ json('tenant', 'list', '--json') };
is_deeply([sort keys %$row], [sort qw(id name state profile users groups created)], 'tenant list --json: members');
is_deeply([@$row{qw(state profile users groups)}], ['active', 'grouptalk', 0, 0], 'tenant list --json: values');
my ($bare) = grep { $_->{name} eq $any } @{ json('tenant', 'list', '--json') };
is($bare->{profile}, undef, 'tenant list --json: no profile is null');
my $made = json('token', 'create', $any, '--json', '--name', "\"quoted\" \\ \xc3\xa5", '--expires', 'never', '--read-only', '--endpoint', '/Users');
is_deeply([@$made{qw(tenant name rights readEndpoints expires)}], [$any, "\"quoted\" \\ \x{e5}", ['read'], ['/Users'], undef], 'token create --json');
like($made->{token}, qr/\Ascim_\w{49}\z/, 'token create --json: the token');
my ($listed) = grep { $_->{id} == $made->{id} } @{ json('token', 'list', $any, '--json') };
is_deeply([@$listed{qw(tenant state rights readEndpoints expires lastUsed name)}], [$any, 'valid', ['read'], ['/Users'], undef, undef, $made->{name}], 'token list --json');
is_deeply(json('token', 'list', $forced, '--json')->[0]{writeEndpoints}, undef, 'token list --json: all endpoints are null');
my $none = fresh();
ctl('tenant', 'add', $none);
is_deeply(json('token', 'list', $none, '--json'), [], 'token list --json: none');

# ---- tenant set ----

is(error_of('tenant', 'set', $none, '--profile', 'rfc', '--state', 'paused'), '', 'tenant set');
is_deeply([$pg->sql('select profile, state from scim.tenant where name = ?', $none)], [['rfc', 'paused']], 'tenant set: profile and state');
is(error_of('tenant', 'set', $none, '--state', 'active'), '', 'tenant set --state');
is_deeply([$pg->sql('select profile, state from scim.tenant where name = ?', $none)], [['rfc', 'active']], 'tenant set: the rest stays');
is(error_of('tenant', 'set', $none, '--no-profile'), '', 'tenant set --no-profile');
is_deeply([$pg->sql('select profile, state from scim.tenant where name = ?', $none)], [[undef, 'active']], 'tenant set --no-profile: none any more');
is(error_of('tenant', 'set', $none, '--profile', 'default', '--no-profile'), '', 'tenant set --profile --no-profile');
is_deeply([$pg->sql('select profile, state from scim.tenant where name = ?', $none)], [[undef, 'active']], '... the last word is that it has none');
is(error_of('tenant', 'set', $none, '--profile', 'nowhere', '--force'), '', 'tenant set --profile --force: not looked for');
is_deeply([$pg->sql('select profile, state from scim.tenant where name = ?', $none)], [['nowhere', 'active']], '... it is stored');
is(error_of('tenant', 'set', $none, '--profile', 'rfc'), '', 'tenant set --profile');
is(error_of('tenant', 'set', $none, '--profile', 'rfc', '--state', 'paused'), '', 'tenant set --profile: the one it has');
is_deeply([$pg->sql('select profile, state from scim.tenant where name = ?', $none)], [['rfc', 'paused']], '... and another state');
is(error_of('tenant', 'set', $none, '--no-profile', '--state', 'active'), '', 'tenant set --no-profile --state');
is(error_of('tenant', 'set', $none, '--state', 'asleep'), '"asleep" is no state: say active, paused or disabled', 'tenant set: an unknown state');
like(error_of('tenant', 'set', $none, '--profile', 'nope'), qr/\AThere is no <SCIMProfile nope>/, 'tenant set: an unknown profile');
like(error_of('tenant', 'set', $none), qr/\ASay what to set/, 'tenant set: nothing');
is(error_of('tenant', 'set', 'nobody', '--state', 'active'), 'There is no tenant "nobody"', 'tenant set: no such tenant');

# ---- integrations, and what else limits a token ----

my ($first_integration, $second_integration) = ('Entra ID', "Payroll \xc3\xa5");
is(error_of('integration', 'add', $third, $first_integration), '', 'integration add');
is(error_of('integration', 'add', $third, $second_integration, '--profile', 'rfc'), '', 'integration add --profile');
is(error_of('integration', 'add', $third, $first_integration), 'The tenant has an integration "Entra ID" already', 'integration add: twice');
is(error_of('integration', 'add', $none, $first_integration), '', 'integration add: the same name in another tenant');
like(error_of('integration', 'add', $third, $_), qr/\AAn integration's name has 1 to 63/, 'integration add: a bad name') for '', "a\nb", 'x' x 64;
like(error_of('integration', 'add', $third, 'x', '--profile', 'nope'), qr/\AThere is no <SCIMProfile nope>/, 'integration add: an unknown profile');
is(error_of('integration', 'add', 'nobody', 'x'), 'There is no tenant "nobody"', 'integration add: no such tenant');
my $limited = json('token', 'create', $third, '--json', '--integration', $first_integration, '--endpoint', '/Users', '--read-endpoint', '/groups', '--source', '192.0.2.7', '--source',
    '2001:db8::/32', '--profile', 'grouptalk');
is_deeply([@$limited{qw(integration readEndpoints writeEndpoints sources profile rights)}],
    [$first_integration, ['/Users', '/Groups'], ['/Users'], ['192.0.2.7', '2001:db8::/32'], 'grouptalk', ['read', 'write']], 'token create: all limits');
my ($stored) = grep { $_->{id} == $limited->{id} } @{ json('token', 'list', $third, '--json') };
is_deeply([@$stored{qw(integration readEndpoints writeEndpoints sources profile)}],
    [$first_integration, ['/Users', '/Groups'], ['/Users'], ['192.0.2.7/32', '2001:db8::/32'], 'grouptalk'], 'token list: all limits');
is_deeply(json('token', 'create', $third, '--json', '--read-endpoint', '/Users')->{rights}, ['read'], '--read-endpoint alone: for reading only');
is(error_of('token', 'create', $third, '--integration', 'nope'), qq(Tenant "$third" has no integration "nope"), 'token create: an unknown integration');
is(error_of('token', 'create', $third, '--source', $_), qq("$_" is no network: say for example 192.0.2.0/24 or 2001:db8::1), "token create --source $_")
    for '', 'localhost', '192.0.2.0/33', '192.0.2.0/', '300.1.1.1', '10.1', '192.0.2.0/255.255.255.0', '192.0.2.0/24 ', 'fe80::1%lo', '::ffff:192.0.2.7';
is_deeply([map { $_->{sources} } grep { $_->{name} eq 'anywhere' } @{ json('token', 'list', $third, '--json') }], [['0.0.0.0/0', '::/0']], 'token create: from everywhere')
    if is(error_of('token', 'create', $third, '--name', 'anywhere', '--source', '0.0.0.0/0', '--source', '::/0'), '', '--source: all addresses');
like(error_of('token', 'create', $third, '--profile', 'nope'), qr/\AThere is no <SCIMProfile nope>/, 'token create: an unknown profile');
is(error_of('token', 'create', $tenant, '--profile', 'rfc'), 'Profile rfc cannot be used beside the tenant\'s profile grouptalk, because of the schemas of User: '
        . 'clients of the one would not find what the other writes', 'token create: a profile that makes other keys');
like(error_of('integration', 'add', $tenant, 'x', '--profile', 'default'), qr/\AProfile default cannot be used beside the tenant's profile grouptalk/, 'integration add: likewise');
is(error_of('integration', 'add', $tenant, 'x', '--profile', 'default', '--force'), '', 'integration add --force');
like(error_of('integration', 'set', $tenant, 'x', '--profile', 'rfc'), qr/\AProfile rfc cannot be used/, 'integration set: likewise');
is(error_of('token', 'create', $third, '--integration', $second_integration, '--endpoint', '/Userz'), '"/Userz" is no endpoint of profile rfc: say for example /Users',
    'endpoints: of the profile of the integration');
my @integrations = @{ json('integration', 'list', $third, '--json') };
is_deeply([map { "$_->{name} $_->{state} $_->{tokens} " . ($_->{profile} // '-') } @integrations], ['Entra ID active 1 -', "Payroll \x{e5} active 0 rfc"], 'integration list');
is(error_of('integration', 'set', $third, $second_integration, '--state', 'paused', '--no-profile'), '', 'integration set');
is_deeply([map { "$_->{state} " . ($_->{profile} // '-') } @{ json('integration', 'list', $third, '--json') }], ['active -', 'paused -'], 'integration set: that one');
is(error_of('integration', 'set', $third, 'nope', '--state', 'paused'), 'The tenant has no integration "nope"', 'integration set: no such one');
like(error_of('integration', 'set', $third, $first_integration), qr/\ASay what to set/, 'integration set: nothing');
is(error_of('integration', 'remove', $third, $first_integration), qq(Nobody is there to be asked: say --yes to remove integration "Entra ID" of tenant "$third" with its tokens),
    'integration remove: nobody to be asked');
is(error_of('integration', 'remove', $third, $first_integration, '--yes'), '', 'integration remove');
is(scalar(grep { $_->{id} == $limited->{id} } @{ json('token', 'list', $third, '--json') }), 0, 'integration remove: its tokens go');
is(scalar(@{ json('integration', 'list', $none, '--json') }), 1, "integration remove: another tenant's stays");
is(error_of('integration', 'remove', $third, $first_integration, '--yes'), 'The tenant has no integration "Entra ID"', 'integration remove: once more');

# ---- the system user ----

my ($status, undef, $err) = with_environment("host=$pg->{dir} dbname=scim_test", 'tenant', 'list');
like($err, qr/\Ascimctl: .*"(\w+)".* \(\1 is the system user that scimctl runs as: run it as the user that owns the database/, 'no role of the system user: a hint');

remove_tree($dir);
done_testing;
