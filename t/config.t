# What "apachectl configtest" says: every fault has one clear sentence, and nothing faulty starts.
use strict;
use warnings;

use File::Path qw(make_path);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

my $root = $ENV{SCIM_TEST_ROOT} or die "run the tests with script/test or t/run.pl\n";
my $dir = "$root/t/logs/config.$$";
make_path("$dir/logs", "$dir/schemas");

sub file {
    my ($name, $text) = @_;

    open my $out, '>', "$dir/$name" or die "$name: $!\n";
    print $out $text;
    close $out or die "$name: $!\n";
    return "$dir/$name";
}

# (exit status, output) of httpd -t; the RFC's schemas and profiles are there, and a database is named.
sub configtest {
    my ($text) = @_;
    my $conf = file('httpd.conf', <<"CONF");
Define SCIM_TEST_MPM $ENV{SCIM_TEST_MPM}
ServerRoot "$dir"
DefaultRuntimeDir "$dir/logs"
PidFile "$dir/logs/httpd.pid"
Listen 127.0.0.1:1
ServerName 127.0.0.1
ErrorLog "$dir/logs/error_log"
Include "$root/t/conf/common.inc"
$text
CONF
    my $out = `'$ENV{SCIM_TEST_HTTPD}' -t -f '$conf' 2>&1`;

    return ($? >> 8, $out);
}

my $database = qq(SCIMDatabase "host=/nowhere dbname=scim"\n);
my $user = 'urn:ietf:params:scim:schemas:core:2.0:User';
sub location { return $database . "<Location /scim>\nSetHandler scim\nSCIMProfile default\n$_[0]\n</Location>" }
sub profile { return "<SCIMProfile p>\nSCIMInherit default\n$_[0]\n</SCIMProfile>\n" }
sub schema {
    my ($name, $text) = @_;

    return 'SCIMSchemas "' . file("schemas/$name.json", $text) . '"';
}

# what, configuration, what the output must say
my @faults = (
    ['a profile that is not there', $database . "<Location /scim>\nSCIMProfile nope\n</Location>", qr/httpd\.conf line \d+: there is no <SCIMProfile nope>/],
    ['a profile without database', "<Location /scim>\nSCIMProfile default\n</Location>", qr/no SCIMDatabase/],
    ['a profile outside a Location', "SCIMProfile default", qr/SCIMProfile not allowed here/],
    ['a profile in LocationMatch', "<LocationMatch ^/scim>\nSCIMProfile default\n</LocationMatch>", qr/plain path/],
    ['a profile in Location ~', "<Location ~ ^/scim>\nSCIMProfile default\n</Location>", qr/plain path/],
    ['a profile in Directory', "<Directory /tmp>\nSCIMProfile default\n</Directory>", qr/<Location>/],
    ['a connection string', 'SCIMDatabase "hots=x"', qr/SCIMDatabase: .*hots/],
    ['a connection URI', 'SCIMDatabase "postgresql://[x"', qr/SCIMDatabase: /],
    ['a database in a Location', "<Location /scim>\nSCIMDatabase x\n</Location>", qr/SCIMDatabase not allowed/],
    ['pool: a word', 'SCIMDatabasePool most=3', qr/"most=3" is not min=, keep=, max=, idle= or wait=/],
    ['pool: no number', 'SCIMDatabasePool max=many', qr/"many" is not a whole number from 1 to 1000/],
    ['pool: zero', 'SCIMDatabasePool max=0', qr/"0" is not a whole number/],
    ['pool: wait', 'SCIMDatabasePool wait=3600', qr/"3600" is not a whole number from 1 to 60/],
    ['a schema file that is not there', 'SCIMSchemas /nowhere/x.json', qr{cannot read /nowhere/x\.json}],
    ['a schema that is no JSON', schema('nojson', '{'), qr/nojson\.json: .*not valid JSON/],
    ['a schema without id', schema('noid', '{"attributes":[]}'), qr/noid\.json: .*no id/],
    ['a schema id that is no URN', schema('nourn', '{"id":"x y","attributes":[]}'), qr/is no URN/],
    ['a schema without attributes', schema('noattr', '{"id":"urn:x"}'), qr/has no attributes/],
    ['D-24: an attribute name', schema('name', '{"id":"urn:x","attributes":[{"name":"1abc"}]}'), qr/"1abc".*begins with a letter/],
    ['D-24: a dot in an attribute name', schema('dot', '{"id":"urn:x","attributes":[{"name":"a.b"}]}'), qr/"a\.b"/],
    ['a type', schema('type', '{"id":"urn:x","attributes":[{"name":"a","type":"text"}]}'), qr/type "text" is not known/],
    ['a mutability', schema('mut', '{"id":"urn:x","attributes":[{"name":"a","mutability":"never"}]}'), qr/mutability "never" is not known/],
    ['a flag', schema('flag', '{"id":"urn:x","attributes":[{"name":"a","required":"yes"}]}'), qr/required must be true or false/],
    ['D-23: complex in complex', schema('deep', '{"id":"urn:x","attributes":[{"name":"a","type":"complex","subAttributes":[{"name":"b","type":"complex","subAttributes":[{"name":"c"}]}]}]}'), qr/cannot be part of a complex/],
    ['D-23: parts of a string', schema('parts', '{"id":"urn:x","attributes":[{"name":"a","subAttributes":[{"name":"b"}]}]}'), qr/subAttributes belong/],
    ['complex without parts', schema('noparts', '{"id":"urn:x","attributes":[{"name":"a","type":"complex"}]}'), qr/needs subAttributes/],
    ['a unique list', schema('unique', '{"id":"urn:x","attributes":[{"name":"a","multiValued":true,"uniqueness":"server"}]}'), qr/singular attributes only/],
    ['a name twice', schema('twice', '{"id":"urn:x","attributes":[{"name":"a"},{"name":"A"}]}'), qr/stands twice/],
    ['a URN twice', schema('again', qq({"id":"$user","attributes":[]})), qr/loaded twice/],
    ['a profile twice', profile('') . profile(''), qr/<SCIMProfile p> is there twice/],
    ['a profile that is not closed', "<SCIMProfile p>\nSCIMInherit default\n", qr/has no <\/SCIMProfile>/],
    ['a profile without name', "<SCIMProfile>\n</SCIMProfile>", qr/needs a name/],
    ['a base that is not there', profile('SCIMInherit nope'), qr/there is no profile "nope"/],
    ['profiles in a circle', "<SCIMProfile a>\nSCIMInherit b\n</SCIMProfile>\n<SCIMProfile b>\nSCIMInherit a\n</SCIMProfile>", qr/inherits from itself/],
    ['a profile without types', "<SCIMProfile p>\nSCIMDialect none\n</SCIMProfile>", qr/no SCIMResourceType/],
    ['an unknown line', profile('SCIMFoo bar'), qr/SCIMFoo is no directive of <SCIMProfile>/],
    ['a line with too few arguments', profile('SCIMRequire User'), qr/SCIMRequire: wrong number of arguments/],
    ['a resource type without schema', profile('SCIMResourceType Thing /Things urn:nope'), qr/no schema urn:nope is loaded/],
    ['an endpoint', profile("SCIMResourceType Thing Things $user"), qr/endpoint "Things"/],
    ['an extension without schema', profile('SCIMExtension User urn:nope'), qr/SCIMExtension: no schema urn:nope/],
    ['an extension of nothing', profile("SCIMExtension Thing $user"), qr/no resource type "Thing"/],
    ['an extension that is neither', profile("SCIMExtension User $user maybe"), qr/required or optional/],
    ['an unknown attribute', profile('SCIMRequire User shoeSize'), qr/SCIMRequire: resource type User has no attribute "shoeSize"/],
    ['a default of the wrong type', profile('SCIMDefault User active "yes"'), qr/SCIMDefault: .*"active"/],
    ['a default that is no JSON', profile('SCIMDefault User title {'), qr/SCIMDefault: /],
    ['a unique list in a profile', profile('SCIMUnique User emails'), qr/SCIMUnique: "emails" is not a singular attribute/],
    ['a way to delete', profile('SCIMDelete User shred'), qr/"shred" is not remove, disable or refuse/],
    ['disable without active', profile('SCIMDelete Group disable'), qr/Group has no attribute "active"/],
    ['a form of userName', profile('SCIMUserName short'), qr/"short" is not one of any, email, nickname/],
    ['a media type', profile('SCIMMediaType xml'), qr/"xml" is not one of negotiate, scim, json/],
    ['a scheme', profile('SCIMAuthScheme digest'), qr/"digest" is not one of bearer, raw, basic/],
    ['a dialect rule', profile('SCIMDialect +magic'), qr/no dialect rule "\+magic"/],
    ['a base URL', location('SCIMBaseURL ftp://x'), qr/must be an http or https URL/],
    ['a base URL with a query', location('SCIMBaseURL http://x/y?z'), qr/plain URL/],
    ['a token in clear', location('SCIMToken t secret'), qr/sha256: and 64 hexadecimal digits/],
    ['rights of a token', location('SCIMToken t sha256:' . 'a' x 64 . ' all'), qr/rights are read or write/],
    ['a body limit', location('SCIMMaxBody 10'), qr/"10" is not a whole number from 1024/],
    ['a page size', location('SCIMPageSize 100 10'), qr/"100" is not a whole number from 1 to 10/],
    ['filter limits', location('SCIMFilterLimits 1000 0'), qr/"0" is not a whole number/],
    ['a cache time', location('SCIMTokenCache never'), qr/"never" is not a whole number/],
);

for my $fault (@faults) {
    my ($what, $text, $says) = @$fault;
    my ($status, $out) = configtest($text);

    isnt($status, 0, "$what: refused");
    like($out, $says, "$what: says why");
}

my @sound = (
    ['a plain Location', location('')],
    ['all settings of a Location', location("SCIMBaseURL https://x.example/scim/\nSCIMTenant t\nSCIMRealm \"A realm\"\nSCIMToken t sha256:" . 'A' x 64
        . " read\nSCIMMaxBody 1048576\nSCIMPageSize 10 20\nSCIMFilterLimits 100 5\nSCIMTokenCache 0\nSCIMDocumentation https://x.example/doc")],
    ['settings of the server', "SCIMRealm x\nSCIMTokenCache 1\n" . location('')],
    ['a database of a virtual host', "<VirtualHost *:1>\n" . location('') . "\n</VirtualHost>"],
    ['every line of a profile', profile(join "\n", 'SCIMRequire User externalId name.familyName', 'SCIMOptional Group displayName', 'SCIMDefault User userType \'"Employee"\'',
        'SCIMUnique User externalId', 'SCIMFilterable User userName emails.value', 'SCIMHide User nickName', 'SCIMDelete User disable', 'SCIMUserName email',
        'SCIMMediaType json', 'SCIMInactiveConflict refuse', 'SCIMUnknownMembers refuse', 'SCIMAbsentMembers clear', 'SCIMGroupPatchReply full',
        'SCIMAuthScheme bearer raw basic', 'SCIMDialect none +upsert -upsert string-boolean') . location('')],
    ['profiles in any order', "<SCIMProfile a>\nSCIMInherit b\n</SCIMProfile>\n" . "<SCIMProfile b>\nSCIMInherit default\n</SCIMProfile>"],
    ['an own schema', schema('own', '{"id":"urn:own:2.0:User","name":"Own","attributes":[{"name":"size","type":"integer"}]}') . "\n" . profile('SCIMExtension User urn:own:2.0:User required')],
);

for my $sound (@sound) {
    my ($status, $out) = configtest($sound->[1]);

    is($status, 0, "$sound->[0]: accepted") or diag($out);
}

done_testing;
