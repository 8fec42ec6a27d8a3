# What is wrong in a configuration is told before httpd starts, in one sentence; what is right merges as it does everywhere in httpd.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Path qw(make_path remove_tree);
use Test::More;

use ScimTest qw(is_scim_error uri USER);
use ScimTest::Server;

my $dir = "$ENV{SCIM_TEST_ROOT}/config.$$";
make_path("$dir/logs", "$dir/empty");

my $CORE = 'urn:ietf:params:scim:schemas:core:2.0';
my $OWN = 'urn:example:params:scim:schemas:own:2.0:Thing';

sub write_file {
    my ($name, $text) = @_;

    open my $out, '>', $name or die "$name: $!\n";
    print $out $text;
    close $out or die "$name: $!\n";
    return;
}

# (exit status, output) of httpd -t. Parts: schema (text of a schema file), profile (lines of a profile "own", inheriting from "default"
# unless they say otherwise), server and location (lines; undef: no Location), end (lines after all), options (of httpd).
sub configtest {
    my (%part) = @_;
    my $profile = $part{profile} // '';
    my $schemas = '';
    my $location = exists $part{location} && !defined $part{location} ? '' : <<"LOCATION";
<Location "/scim/v2">
    SetHandler scim
    SCIMProfile own
    @{[$part{location} // '']}
</Location>
LOCATION

    $profile = "SCIMInherit default\n$profile" unless $profile =~ /SCIMInherit|SCIMResourceType User /;
    if (defined $part{schema}) {
        write_file("$dir/own.json", $part{schema});
        $schemas = qq(SCIMSchemas "$dir/own.json");
    }
    write_file("$dir/httpd.conf", <<"CONF");
Define SCIM_TEST_MPM $ENV{SCIM_TEST_MPM}
ServerRoot "$dir"
DefaultRuntimeDir "$dir/logs"
Listen 127.0.0.1:1
ServerName 127.0.0.1
ErrorLog "$dir/logs/error_log"
Include "$ENV{SCIM_TEST_ROOT}/t/conf/common.inc"
@{[$part{database} // 'SCIMDatabase "host=/nowhere dbname=scim"']}
$schemas
<SCIMProfile own>
$profile
</SCIMProfile>
@{[$part{server} // '']}
$location@{[$part{end} // '']}
CONF
    my $out = `'$ENV{SCIM_TEST_HTTPD}' -t -f '$dir/httpd.conf' @{[$part{options} // '']} 2>&1`;
    return ($? >> 8, $out);
}

# A virtual host of a database, whose Location has a profile and pins the tenant "a".
sub pinned {
    my ($database, $profile) = @_;

    return "<VirtualHost *:1>\nSCIMDatabase $database\n<Location /pin>\nSetHandler scim\nSCIMProfile $profile\nSCIMTenant a\n</Location>\n</VirtualHost>\n";
}

# One schema with these attributes, as JSON text.
sub schema { return qq({"schemas":["$CORE:Schema"],"id":"$OWN","name":"Thing","attributes":[$_[0]]}) }

my %ATTRIBUTE = (name => '"size"', type => '"string"', multiValued => 'false');

sub attribute {
    my %a = (%ATTRIBUTE, @_);

    return schema('{' . join(',', map { qq("$_":$a{$_}) } sort keys %a) . '}');
}

# ---- what is right ----

my $THING = "SCIMResourceType Thing /Things $OWN";
my @good = (
    ['nothing but a profile'],
    ['a profile with everything', profile => <<'OWN'],
SCIMInherit default
# A comment, an empty line, a long line, and any letter case.

scimextension user urn:ietf:params:scim:schemas:extension:grouptalk:2.0:User \
    required
SCIMRequire User externalId name.familyName urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department
SCIMOptional Group displayName
SCIMDefault User active false
SCIMDefault User title "\"Dr.\""
SCIMDefault User roles "[{\"value\":\"reader\"}]"
SCIMUnique User nickName name.formatted
SCIMFilterable User userName emails
SCIMHide User password photos
SCIMSelf User name password emails externalId
SCIMDelete User disable
SCIMDelete Group REFUSE
SCIMUserName email
SCIMMediaType json
SCIMInactiveConflict refuse
SCIMUnknownMembers refuse
SCIMAbsentMembers clear
SCIMGroupPatchReply full
SCIMMe on
SCIMDialect none +upsert string-boolean -upsert
OWN
    ['a location with everything', location => <<'LOCATION' . '    SCIMToken fjordvik sha256:' . 'aB' x 32 . " read\n    SCIMToken fjordvik sha256:" . '0' x 64],
SCIMBaseURL https://scim.example.com:8443/scim/v2/
SCIMTenant fjordvik
SCIMRealm "Our \"own\" realm"
SCIMAuthScheme bearer raw basic
SCIMMaxBody 1024
SCIMPageSize 1 100000
SCIMPaging cursor INDEX
SCIMCursorTimeout 86400
SCIMFilterLimits 64 100
SCIMTokenCache 0
SCIMDocumentation https://scim.example.com/help
LOCATION
    ['the same in the server', server => "SCIMBaseURL request\nSCIMTenant x\nSCIMRealm x\nSCIMMaxBody 1073741824\nSCIMPageSize 100 100\nSCIMBulk 100000\nSCIMPaging Index\nSCIMCursorTimeout 1\nSCIMTokenCache 300"],
    ['a database as URI', database => 'SCIMDatabase postgresql://scim@/scim?host=/nowhere'],
    ['a pool', server => 'SCIMDatabasePool min=0 keep=1 max=1000 idle=1 wait=60'],
    ['a virtual host', end => "<VirtualHost *:1>\nSCIMDatabase dbname=other\n<Location /x>\nSetHandler scim\nSCIMProfile rfc\n</Location>\n</VirtualHost>"],
    ['the database in the virtual host alone', database => '', end => "<VirtualHost *:1>\nSCIMDatabase dbname=other\n</VirtualHost>"],
    ['two locations of one profile', end => "<Location /x/>\nSetHandler scim\nSCIMProfile own\n</Location>"],
    ['the root', end => "<Location />\nSetHandler scim\nSCIMProfile own\n</Location>"],
    ['a folder without schemas', server => qq(SCIMSchemas "$dir/empty")],
    ['a resource type', schema => attribute(), profile => $THING],
    ['a profile that is defined later', end => "<Location /x>\nSetHandler scim\nSCIMProfile later\n</Location>\n<SCIMProfile later>\nSCIMInherit own\n</SCIMProfile>"],
    ['a profile in IfDefine', end => "<IfDefine !NOPE>\n<SCIMProfile later>\nSCIMInherit own\n</SCIMProfile>\n</IfDefine>"],
    ['a Location for everything', end => "<Location \"\">\nSetHandler scim\nSCIMProfile own\n</Location>\n<Location /a>\nSCIMTenant a\n</Location>"],
    ['a Location that is spelled like an endpoint', end => "<Location /users/groups>\nSetHandler scim\nSCIMProfile own\n</Location>"],
    ['nested Locations', end => <<'NESTED'],
<Location /scim/v2/Groups>
    Require all denied
</Location>
<Location /scim/v2/Groups/>
    Require all denied
</Location>
<Location /scim/v2/Users/AbC>
    Require all denied
</Location>
<Location /scim/v2/docs/Read.me>
    SetHandler none
</Location>
<Location /scim/v2/schemas>
    SetHandler server-status
</Location>
<Location /scim/v2/inner>
    SCIMProfile own
    SCIMBaseURL https://inner.example.com
</Location>
<LocationMatch ^/scim/v2/users>
    Require all denied
</LocationMatch>
NESTED
    ['a handler from another section', end => "<Location /a>\nSetHandler scim\n<Location /a/b>\nSCIMProfile own\n</Location>" =~ s/\n<Location/\nSCIMProfile own\n<\/Location>\n<Location/r],
    ['a handler from a pattern', end => "<Location /a>\nSCIMProfile own\n</Location>\n<LocationMatch ^/a>\nSetHandler scim\n</LocationMatch>"],
    ['a handler from an expression', end => "<Location /a>\nSCIMProfile own\nSetHandler \"%{env:HANDLER}\"\n</Location>"],
    ['a handler in quotes', end => "<Location /a>\nSCIMProfile own\nSetHandler \"scim\"\n</Location>"],
    ['a handler from an If', end => "<Location /a>\nSCIMProfile own\n<If true>\nSetHandler scim\n</If>\n</Location>"],
    ['a handler from a Location with a pattern', end => "<Location /a>\nSCIMProfile own\n</Location>\n<Location /[ab]>\nSetHandler scim\n</Location>"],
    ['a handler from an expression in a pattern', end => "<Location /a>\nSCIMProfile own\n</Location>\n<LocationMatch ^/a>\nSetHandler %{env:HANDLER}\n</LocationMatch>"],
    ['another handler in Directory', end => "<Directory /x>\nSetHandler none\n</Directory>"],
    ['no Location', location => undef],
    ['no Location and no database', location => undef, database => ''],
    ['an URL without TLS', location => 'SCIMBaseURL http://scim.example.com/v2'],
    ['an origin in the server, without a slash', server => 'SCIMBaseURL https://scim.example.com'],
    ['an origin in the server', server => 'SCIMBaseURL https://scim.example.com/'],
    ['a tenant with a profile in each of two databases', end => pinned('dbname=a', 'own') . pinned('dbname=b', 'default')],
    ['a tenant with one profile in two virtual hosts', end => pinned('dbname=a', 'own') . pinned('dbname=a', 'own')],
    ['a section of the command line', options => join ' ', map { "'$_'" } map({ (-C => $_) } 'LogLevel info', 'LogLevel warn', 'LogLevel info'),
        map { (-c => $_) } '<Location /line>', 'SCIMProfile own', 'SetHandler scim', '</Location>'],
    ['what IfDefine leaves out', end => "<IfDefine NOPE>\n<SCIMProfile later>\nSCIMNonsense\n</SCIMProfile>\n</IfDefine>"],
);
for my $case (@good) {
    my ($title, @parts) = @$case;
    my ($status, $out) = configtest(@parts);

    ok($status == 0 && $out =~ /\ASyntax OK\n\z/, "good: $title") or diag("status $status: $out");
}

# The examples of the annotated reference stand directly behind #, or three spaces after it; its words, one or four.
sub reference {
    open my $in, '<', "$ENV{SCIM_TEST_ROOT}/conf/scim.conf" or die "scim.conf: $!\n";
    return join '', grep { !/^(?:SCIMSchemas|Include) / } map { /^#(?:   )?([<A-Z].*)/s } <$in>;
}

write_file("$dir/reference.conf", reference());
my ($status, $out) = configtest(end => qq(Include "$dir/reference.conf"));
is("$status $out", "0 Syntax OK\n", 'good: the examples of conf/scim.conf');

# ---- what is wrong ----

my @bad = (
    # The server
    ['SCIMDatabase: no connection string', qr/SCIMDatabase: .*nonsense/, database => 'SCIMDatabase "host=x nonsense"'],
    ['SCIMDatabase: unknown keyword', qr/SCIMDatabase: .*"hots"/, database => 'SCIMDatabase "hots=x"'],
    ['SCIMDatabase: a bad URI', qr/SCIMDatabase: /, database => 'SCIMDatabase "postgresql://[x"'],
    ['SCIMDatabase: missing', qr/no SCIMDatabase is configured/, database => ''],
    ['SCIMDatabase: without argument', qr/SCIMDatabase takes one argument/, database => 'SCIMDatabase'],
    ['SCIMDatabase: in a Location', qr/SCIMDatabase .*not allowed/, location => 'SCIMDatabase dbname=x'],
    ['SCIMDatabasePool: unknown setting', qr/SCIMDatabasePool: "most=3"/, server => 'SCIMDatabasePool most=3'],
    ['SCIMDatabasePool: no number', qr/SCIMDatabasePool: "many" is not a whole number/, server => 'SCIMDatabasePool max=many'],
    ['SCIMDatabasePool: nothing', qr/SCIMDatabasePool: "" is not a whole number/, server => 'SCIMDatabasePool max='],
    ['SCIMDatabasePool: no connection', qr/SCIMDatabasePool: "0" .* from 1 /, server => 'SCIMDatabasePool max=0'],
    ['SCIMDatabasePool: too long', qr/SCIMDatabasePool: "3600" .* to 60\b/, server => 'SCIMDatabasePool wait=3600'],
    ['SCIMDatabasePool: negative', qr/SCIMDatabasePool: "-1"/, server => 'SCIMDatabasePool wait=-1'],
    ['SCIMDatabasePool: a fraction', qr/SCIMDatabasePool: "1.5"/, server => 'SCIMDatabasePool wait=1.5'],
    ['SCIMDatabase: in If', qr/SCIMDatabase .*not allowed/, server => "<If true>\nSCIMDatabase dbname=x\n</If>"],
    ['SCIMDatabase: missing in a virtual host', qr/httpd\.conf line \d+: SCIMProfile is used, but this virtual host has no SCIMDatabase/, database => '',
        end => "<VirtualHost *:1>\n<Location /x>\nSetHandler scim\nSCIMProfile own\n</Location>\n</VirtualHost>"],
    ['SCIMDatabasePool: in a Location', qr/SCIMDatabasePool .*not allowed/, location => 'SCIMDatabasePool max=3'],
    ['SCIMSchemas: no such file', qr/SCIMSchemas: cannot read .*missing\.json: No such file/, server => 'SCIMSchemas missing.json'],
    ['SCIMSchemas: in a virtual host', qr/SCIMSchemas .*(?:not allowed|cannot occur)/, end => "<VirtualHost *:1>\nSCIMSchemas missing.json\n</VirtualHost>"],

    ['SCIMSchemas: a name that no file has', qr/SCIMSchemas: bad path xxx/, server => 'SCIMSchemas ' . 'x' x 5000],

    # Schemas
    ['schema: no JSON', qr/own\.json: /, schema => '{"id":'],
    ['schema: empty', qr/own\.json: /, schema => ''],
    ['schema: an array', qr/own\.json: /, schema => '[]'],
    ['schema: a member twice', qr{own.json: The body is not accepted: an object has two members}, schema => qq({"id":"$OWN","id":"x:y","attributes":[]})],
    ['schema: no id', qr/own\.json: .*no id/, schema => '{"attributes":[]}'],
    ['schema: no URN', qr/own\.json: .*"thing" is no URN/, schema => '{"id":"thing","attributes":[]}'],
    ['schema: no attributes', qr/own\.json: .*$OWN has no attributes/, schema => qq({"id":"$OWN"})],
    ['schema: loaded twice', qr/own\.json: .*$CORE:User is loaded twice/, schema => qq({"id":"$CORE:User","attributes":[]})],
    ['schema: unknown type', qr/attribute "size": type "number" is not known/, schema => attribute(type => '"number"')],
    ['schema: unknown mutability', qr/mutability "writable" is not known/, schema => attribute(mutability => '"writable"')],
    ['schema: unknown returned', qr/returned "sometimes" is not known/, schema => attribute(returned => '"sometimes"')],
    ['schema: unknown uniqueness', qr/uniqueness "yes" is not known/, schema => attribute(uniqueness => '"yes"')],
    ['schema: writeOnly and returned', qr/"size": what is writeOnly is never returned/, schema => attribute(mutability => '"writeOnly"', returned => '"always"')],
    ['schema: a flag that is a string', qr/"size": multiValued must be true or false/, schema => attribute(multiValued => '"true"')],
    ['schema: a bad name', qr/attribute "my size": a name begins/, schema => attribute(name => '"my size"')],
    ['D-24: a dot in a name', qr/attribute "a\.b": a name begins/, schema => attribute(name => '"a.b"')],
    ['D-24: a digit before a name', qr/attribute "1a": a name begins/, schema => attribute(name => '"1a"')],
    ['schema: no name', qr/a name begins/, schema => schema('{"type":"string"}')],
    ['schema: a name twice', qr/"Size": the name stands twice/, schema => schema('{"name":"size","type":"string"},{"name":"Size","type":"string"}')],
    ['schema: complex without parts', qr/"size": .*needs subAttributes/, schema => attribute(type => '"complex"')],
    ['schema: parts of a string', qr/"size": subAttributes belong/, schema => attribute(subAttributes => '[{"name":"a","type":"string"}]')],
    ['schema: complex in complex', qr/"size\.a": .*cannot be part of/, schema => attribute(type => '"complex"', subAttributes => '[{"name":"a","type":"complex"}]')],
    ['schema: uniqueness of a list', qr/"size": uniqueness works for singular/, schema => attribute(multiValued => 'true', uniqueness => '"server"')],
    ['schema: canonicalValues', qr/"size": canonicalValues must be an array/, schema => attribute(canonicalValues => '"a"')],
    ['schema: referenceTypes of a string', qr/"size": referenceTypes belong/, schema => attribute(referenceTypes => '["external"]')],

    # Profiles
    ['profile: unknown directive', qr/SCIMNonsense is no directive/, profile => 'SCIMNonsense x'],
    ['profile: a directive of Locations', qr/SCIMPageSize is no directive/, profile => 'SCIMPageSize 1 2'],
    ['profile: twice', qr/<SCIMProfile own> is there twice/, server => "<SCIMProfile own>\nSCIMInherit default\n</SCIMProfile>"],
    ['profile: no name', qr/needs a name/, server => "<SCIMProfile>\n</SCIMProfile>"],
    ['profile: not closed by >', qr/not closed by/, server => "<SCIMProfile x\n</SCIMProfile>"],
    ['profile: two names', qr/SCIMProfile/, server => "<SCIMProfile x y>\nSCIMInherit default\n</SCIMProfile>"],
    ['profile: no end', qr/<SCIMProfile x> has no <\/SCIMProfile>/, end => "<SCIMProfile x>\nSCIMInherit default"],
    ['profile: empty', qr/<SCIMProfile x>: .*no SCIMResourceType/, server => "<SCIMProfile x>\n</SCIMProfile>"],
    ['SCIMInherit: unknown', qr/<SCIMProfile own>: SCIMInherit: there is no profile "nobody"/, profile => 'SCIMInherit nobody'],
    ['SCIMInherit: itself', qr/profile own inherits from itself/, profile => 'SCIMInherit own'],
    ['SCIMInherit: a loop', qr/inherits from itself/, profile => 'SCIMInherit x', server => "<SCIMProfile x>\nSCIMInherit own\n</SCIMProfile>"],
    ['SCIMInherit: without name', qr/SCIMInherit: wrong number of arguments/, profile => 'SCIMInherit'],
    ['SCIMResourceType: unknown schema', qr/SCIMResourceType: no schema urn:x:y is loaded/, profile => 'SCIMResourceType X /X urn:x:y'],
    ['SCIMResourceType: bad endpoint', qr/endpoint "Things" must be/, schema => attribute(), profile => "SCIMResourceType Thing Things $OWN"],
    ['SCIMResourceType: deep endpoint', qr/endpoint "\/a\/b" must be/, schema => attribute(), profile => "SCIMResourceType Thing /a/b $OWN"],
    ['SCIMResourceType: an endpoint twice', qr/SCIMResourceType: User and Thing have the same endpoint \/users/, schema => attribute(), profile => "SCIMResourceType Thing /users $OWN"],
    ['SCIMResourceType: a taken endpoint', qr/SCIMResourceType: the endpoint \/Schemas of Thing/, schema => attribute(), profile => "SCIMResourceType Thing /Schemas $OWN"],
    ['SCIMResourceType: an endpoint spelled otherwise elsewhere', qr/<SCIMProfile (?:own|x)>: "things" is spelled "Things"|<SCIMProfile (?:own|x)>: "Things" is spelled "things"/,
        schema => attribute(), profile => $THING, server => "<SCIMProfile x>\nSCIMInherit default\nSCIMResourceType Thing /things $OWN\n</SCIMProfile>"],
    ['SCIMResourceType: a name spelled otherwise elsewhere', qr/<SCIMProfile (?:own|x)>: "([Tt])hing" is spelled "(?!\1)[Tt]hing" by another profile/,
        schema => attribute(), profile => $THING, server => "<SCIMProfile x>\nSCIMInherit default\nSCIMResourceType thing /Things $OWN\n</SCIMProfile>"],
    ['SCIMResourceType: arguments', qr/SCIMResourceType: wrong number/, profile => 'SCIMResourceType X /X'],
    ['SCIMExtension: unknown schema', qr/SCIMExtension: no schema urn:x:y is loaded/, profile => 'SCIMExtension User urn:x:y'],
    ['SCIMExtension: unknown type', qr/SCIMExtension: .*no resource type "Robot"/, profile => 'SCIMExtension Robot urn:x:y'],
    ['SCIMExtension: third argument', qr/SCIMExtension: the third argument/, profile => 'SCIMExtension User urn:x:y maybe'],
    ['SCIMExtension: the base schema', qr/SCIMExtension: .*$CORE:User/, profile => "SCIMExtension User $CORE:User"],
    (map { ["$_: unknown attribute", qr/$_: resource type User has no attribute "shoeSize"/, profile => "$_ User userName shoeSize"] }
        qw(SCIMRequire SCIMOptional SCIMFilterable SCIMHide SCIMUnique SCIMSelf)),
    (map { ["$_: unknown type", qr/$_: .*no resource type "Robot"/, profile => "$_ Robot userName"] } qw(SCIMRequire SCIMUnique SCIMHide)),
    ['SCIMRequire: no attribute', qr/SCIMRequire: wrong number/, profile => 'SCIMRequire User'],
    ['SCIMRequire: read-only', qr/SCIMRequire: .*"groups" is read-only/, profile => 'SCIMRequire User groups'],
    ['SCIMRequire: a read-only part', qr/SCIMRequire: .*"meta.created" is read-only/, profile => 'SCIMRequire User meta.created'],
    ['SCIMRequire: unknown part', qr/SCIMRequire: .*"name\.nope"/, profile => 'SCIMRequire User name.nope'],
    ['SCIMUnique: a list', qr/SCIMUnique: "emails" is not a singular/, profile => 'SCIMUnique User emails'],
    ['SCIMUnique: a part of a list', qr/SCIMUnique: "emails\.value" is not a singular/, profile => 'SCIMUnique User emails.value'],
    ['SCIMUnique: externalId', qr/SCIMUnique: the attribute "externalId" cannot/, profile => 'SCIMUnique User externalId'],
    ['SCIMUnique: complex', qr/SCIMUnique: "name" is not a singular/, profile => 'SCIMUnique User name'],
    ['SCIMDefault: no JSON', qr/SCIMDefault: Doctor is no JSON value .*"title"/, profile => 'SCIMDefault User title Doctor'],
    ['SCIMDefault: another type', qr/SCIMDefault: 1 is no JSON value .*"active"/, profile => 'SCIMDefault User active 1'],
    ['SCIMDefault: null', qr/SCIMDefault: null is no JSON value/, profile => 'SCIMDefault User title null'],
    ['SCIMDefault: one value for a list', qr/SCIMDefault: .*"roles"/, profile => 'SCIMDefault User roles "{\"value\":\"x\"}"'],
    ['SCIMDefault: a list of something else', qr/SCIMDefault: .*"roles"/, profile => 'SCIMDefault User roles "[1]"'],
    ['SCIMDefault: text behind it', qr/SCIMDefault: .*"active"/, profile => 'SCIMDefault User active "true false"'],
    ['SCIMDefault: unknown attribute', qr/SCIMDefault: .*no attribute "nope"/, profile => 'SCIMDefault User nope 1'],
    ['SCIMDefault: read-only', qr/SCIMDefault: the attribute "groups" takes no default/, profile => 'SCIMDefault User groups []'],
    ['SCIMDefault: without what is required', qr/SCIMDefault: the default of name would be refused: name\.familyName is required/,
        profile => qq(SCIMDefault User name '{"givenName":"G"}'\nSCIMRequire User name.familyName)],
    ['SCIMDefault: too long', qr/SCIMDefault: the default of displayName would be refused: displayName is too long/,
        profile => 'SCIMDefault User displayName ' . "'\"" . 'x' x 2001 . "\"'"],
    ['SCIMDefault: a secret', qr/SCIMDefault: the attribute "password" takes no default/, profile => 'SCIMDefault User password "\\"x\\""'],
    ['SCIMDefault: arguments', qr/SCIMDefault: wrong number/, profile => 'SCIMDefault User title'],
    ['SCIMDelete: unknown', qr/SCIMDelete: "archive" is not remove/, profile => 'SCIMDelete User archive'],
    ['SCIMDelete: cannot be disabled', qr/SCIMDelete: Group has no attribute "active"/, profile => 'SCIMDelete Group disable'],
    ['SCIMUserName', qr/SCIMUserName: "mail" is not one of any, email, nickname/, profile => 'SCIMUserName mail'],
    ['SCIMMediaType', qr/SCIMMediaType: "xml" is not one of/, profile => 'SCIMMediaType xml'],
    ['SCIMInactiveConflict', qr/SCIMInactiveConflict: "x" is not one of refuse, restore/, profile => 'SCIMInactiveConflict x'],
    ['SCIMUnknownMembers', qr/SCIMUnknownMembers: "keep" is not one of/, profile => 'SCIMUnknownMembers keep'],
    ['SCIMAbsentMembers', qr/SCIMAbsentMembers: "on" is not one of/, profile => 'SCIMAbsentMembers on'],
    ['SCIMFilterInURL', qr/SCIMFilterInURL: "off" is not one of allow, refuse/, profile => 'SCIMFilterInURL off'],
    ['SCIMRequireTLS', qr/SCIMRequireTLS must be On or Off/, location => 'SCIMRequireTLS always'],
    ['SCIMMe', qr/SCIMMe: "yes" is not one of off, on/, profile => 'SCIMMe yes'],
    ['SCIMSelf: another type', qr/SCIMSelf: only what is a User can be reached through \/Me/, profile => 'SCIMSelf Group displayName'],
    ['SCIMSelf: read-only', qr/SCIMSelf: the attribute "groups" is read-only/, profile => 'SCIMSelf User groups'],
    ['SCIMSelf: schemas', qr/SCIMSelf: the attribute "schemas" is read-only/, profile => 'SCIMSelf User schemas'],
    ['SCIMSelf: a part of what is read-only', qr/SCIMSelf: the attribute "meta.version" is read-only/, profile => 'SCIMSelf User meta.version'],
    ['SCIMSelf: a part of many', qr/SCIMSelf: "emails.value" is a part of many values; name emails as a whole/, profile => 'SCIMSelf User emails.value'],
    ['SCIMGroupPatchReply', qr/SCIMGroupPatchReply: "200" is not one of/, profile => 'SCIMGroupPatchReply 200'],
    ['SCIMAuthScheme', qr/SCIMAuthScheme: "digest" is not one of/, location => 'SCIMAuthScheme bearer digest'],
    ['SCIMDialect', qr/SCIMDialect: there is no dialect rule "-upsertt"/, profile => 'SCIMDialect all -upsertt'],
    ['SCIMAuthScheme: nothing', qr/SCIMAuthScheme: say bearer, raw or basic/, location => 'SCIMAuthScheme'],
    ['SCIMDialect: nothing', qr/SCIMDialect: wrong number/, profile => 'SCIMDialect'],

    # Locations
    ['SCIMProfile: not defined', qr/httpd\.conf line \d+: there is no <SCIMProfile Own>/, location => 'SCIMProfile Own'],
    ['SCIMProfile: in LocationMatch', qr/SCIMProfile belongs into a <Location>/, end => "<LocationMatch ^/x>\nSCIMProfile own\n</LocationMatch>"],
    ['SCIMProfile: in <Location ~>', qr/SCIMProfile belongs into a <Location>/, end => "<Location ~ ^/x>\nSCIMProfile own\n</Location>"],
    ['SCIMProfile: in a Location with a pattern', qr/SCIMProfile belongs into a <Location>/, end => "<Location /x*>\nSCIMProfile own\n</Location>"],
    ['SCIMProfile: in Directory', qr/SCIMProfile belongs into a <Location>/, end => "<Directory /x>\nSCIMProfile own\n</Directory>"],
    ['SCIMProfile: in If', qr/SCIMProfile belongs into a <Location>/, location => "<If true>\nSCIMProfile own\n</If>"],
    ['SCIMProfile: in the server', qr/SCIMProfile (?:belongs|not allowed)/, server => 'SCIMProfile own'],
    ['SCIMProfile: without SetHandler', qr/<Location \/x>: SCIMProfile needs "SetHandler scim"/, end => "<Location /x>\nSCIMProfile own\n</Location>"],
    ['SCIMProfile: with another handler', qr/<Location \/x>: SCIMProfile needs "SetHandler scim"/, end => "<Location /x>\nSetHandler server-status\nSCIMProfile own\n</Location>"],
    ['SCIMProfile: beside patterns that say nothing of it', qr/<Location \/x>: SCIMProfile needs "SetHandler scim"/,
        end => "<Location /x>\nSCIMProfile own\n</Location>\n<LocationMatch ^/x>\nSCIMRealm x\n</LocationMatch>\n<Location /?>\nSetHandler none\n</Location>"],
    ['SCIMProfile: beside a handler of a longer name', qr/<Location \/x>: SCIMProfile needs "SetHandler scim"/,
        end => "<Location /x>\nSCIMProfile own\n</Location>\n<Location /scim/v2/x>\nSetHandler scim\n</Location>"],
    ['SCIMProfile: without SetHandler, in a virtual host', qr/<Location \/x>: SCIMProfile needs "SetHandler scim"/,
        end => "<VirtualHost *:1>\nSCIMDatabase dbname=x\n<Location /x>\nSCIMProfile own\n</Location>\n</VirtualHost>"],
    ['SetHandler: without SCIMProfile', qr/<Location \/x>: SetHandler scim needs SCIMProfile/, end => "<Location /x>\nSetHandler scim\n</Location>"],
    ['SetHandler: in the server', qr/SetHandler scim belongs into the <Location>/, end => 'SetHandler scim'],
    ['SetHandler: in Directory', qr/SetHandler scim belongs into the <Location>.* not into <Directory \/x/, end => "<Directory /x>\nSetHandler scim\n</Directory>"],
    (map { ["Location: $_->[0]", qr/<Location \Q$_->[0]\E> would never apply: paths are compared in the form \Q$_->[1]\E$/, end => "<Location $_->[0]>\nRequire all denied\n</Location>"] }
        ['/scim/v2/groups', '/scim/v2/Groups'], ['/scim/v2/GROUPS/', '/scim/v2/Groups'], ['/scim/v2/users/x', '/scim/v2/Users/x'],
        ['/scim/v2/Users/.SEARCH', '/scim/v2/Users/.search'], ['/scim/v2/me', '/scim/v2/Me']),
    ['Location: a dot segment', qr/<Location \/scim\/v2\/\.\.\/x> would never apply/, end => "<Location /scim/v2/../x>\nRequire all denied\n</Location>"],
    (map { ["Location: $_->[1]", qr/<Location \Q$_->[0]\E> would never apply: no path has /, end => "<Location $_->[0]>\nSetHandler scim\nSCIMProfile own\n</Location>"] }
        ['/a//b', 'two slashes'], ['/a/./b', 'a dot segment of its own'], ['/a;b', 'a path parameter']),
    ['Location: a path parameter', qr/<Location \/scim\/v2\/Users;x> would never apply: no path has .* or ';'/, end => "<Location /scim/v2/Users;x>\nRequire all denied\n</Location>"],
    (map { my $line = $_; my ($name) = /^(\S+)/;
        map { ["$name: in $_", qr/$name cannot occur within <$_>|$name not allowed/, end => "<$_ /x>\n$line\n</$_>"] } qw(Directory Files) }
        'SCIMTenant x', 'SCIMRealm x', 'SCIMMaxBody 2000', 'SCIMPageSize 1 2', 'SCIMBulk off', 'SCIMPaging cursor', 'SCIMCursorTimeout 60', 'SCIMFilterLimits 100 2', 'SCIMTokenCache 1', 'SCIMDocumentation x',
        'SCIMAuthScheme raw', 'SCIMRequireTLS on', 'SCIMToken x sha256:' . 'a' x 64),
    ['SCIMTenant: without SCIMProfile', qr/<Location \/x>: SCIMTenant has no effect/, end => "<Location /x>\nSCIMTenant x\n</Location>"],
    ['SCIMTenant: where a path only begins like one with SCIMProfile', qr/<Location \/scim\/v2x>: SCIMTenant has no effect/,
        end => "<Location /scim/v2x>\nSCIMTenant x\n</Location>"],
    ['SCIMBaseURL: in Directory', qr/SCIMBaseURL belongs into/, end => "<Directory /x>\nSCIMBaseURL https://example.com\n</Directory>"],
    ['SCIMBaseURL: without SCIMProfile', qr/<Location \/x>: SCIMBaseURL belongs into/, end => "<Location /x>\nSCIMBaseURL https://example.com\n</Location>"],
    ['SCIMBaseURL: in a nested Location', qr/<Location \/scim\/v2\/Users>: SCIMBaseURL belongs into/, end => "<Location /scim/v2/Users>\nSCIMBaseURL https://example.com\n</Location>"],
    ['SCIMBaseURL: a path, in the server', qr/SCIMBaseURL in a server is an origin/, server => 'SCIMBaseURL https://example.com/scim'],
    ['SCIMBaseURL: a path', qr/SCIMBaseURL must be an http or https URL/, location => 'SCIMBaseURL /scim/v2'],
    ['SCIMBaseURL: another scheme', qr/SCIMBaseURL must be an http/, location => 'SCIMBaseURL ftp://example.com/'],
    ['SCIMBaseURL: a query', qr/SCIMBaseURL must be a plain URL/, location => 'SCIMBaseURL https://example.com/?x'],
    ['SCIMBaseURL: no host', qr/SCIMBaseURL must be /, location => 'SCIMBaseURL https://'],
    ['SCIMToken: no hash', qr/SCIMToken: the token is given as sha256:/, location => 'SCIMToken x secret'],
    ['SCIMToken: a short hash', qr/SCIMToken: the token is given as sha256:/, location => 'SCIMToken x sha256:' . 'a' x 63],
    ['SCIMToken: no hexadecimal', qr/SCIMToken: the token is given as sha256:/, location => 'SCIMToken x sha256:' . 'g' x 64],
    ['SCIMToken: rights', qr/SCIMToken: rights are read or write/, location => 'SCIMToken x sha256:' . 'a' x 64 . ' admin'],
    ['SCIMToken: one argument', qr/SCIMToken takes two or three arguments/, location => 'SCIMToken x'],
    ['SCIMMaxBody: too small', qr/SCIMMaxBody: "10" is not .* from 1024/, location => 'SCIMMaxBody 10'],
    ['SCIMMaxBody: a unit', qr/SCIMMaxBody: "10M"/, location => 'SCIMMaxBody 10M'],
    ['SCIMMaxBody: huge', qr/SCIMMaxBody: "9{30}"/, location => 'SCIMMaxBody ' . '9' x 30],
    ['SCIMPageSize: one number', qr/SCIMPageSize takes two arguments/, location => 'SCIMPageSize 10'],
    ['SCIMPageSize: more than most', qr/SCIMPageSize: "20" is not .* to 10\b/, location => 'SCIMPageSize 20 10'],
    ['SCIMBulk: none', qr/SCIMBulk: "0"/, location => 'SCIMBulk 0'],
    ['SCIMBulk: a word', qr/SCIMBulk: "on"/, location => 'SCIMBulk on'],
    ['SCIMBulk: two arguments', qr/SCIMBulk takes one argument/, location => 'SCIMBulk 1 2'],
    ['SCIMPageSize: none', qr/SCIMPageSize: "0"/, location => 'SCIMPageSize 0 10'],
    (map { ["SCIMPaging: $_", qr/SCIMPaging: say index, cursor, or both/, location => "SCIMPaging $_"] } 'pages', 'cursor pages', 'cursor cursor', 'index index'),
    ['SCIMPaging: three words', qr/SCIMPaging takes 1-2 arguments/, location => 'SCIMPaging index cursor index'],
    ['SCIMCursorTimeout: more than a day', qr/SCIMCursorTimeout: "86401" is not .* from 1 to 86400/, location => 'SCIMCursorTimeout 86401'],
    ['SCIMCursorTimeout: none', qr/SCIMCursorTimeout: "0"/, location => 'SCIMCursorTimeout 0'],
    ['SCIMFilterLimits: no number', qr/SCIMFilterLimits: "x"/, location => 'SCIMFilterLimits 100 x'],
    ['SCIMFilterLimits: no depth', qr/SCIMFilterLimits: "0"/, location => 'SCIMFilterLimits 100 0'],
    ['SCIMTokenCache: too long', qr/SCIMTokenCache: "3600" is not .* to 300/, location => 'SCIMTokenCache 3600'],
    ['SCIMTenant: two profiles', qr/SCIMTenant a stands beside SCIMProfile \w+ here and beside SCIMProfile \w+ elsewhere/, location => 'SCIMTenant a',
        end => "<Location /two>\nSetHandler scim\nSCIMProfile default\nSCIMTenant a\n</Location>"],
    ['SCIMTenant: two profiles, in virtual hosts of one database', qr/SCIMTenant a stands beside SCIMProfile \w+ here and beside SCIMProfile \w+ elsewhere/,
        end => pinned('dbname=a', 'own') . pinned('dbname=a', 'default')],
    ['SCIMProfile: a word behind it', qr/the second argument is "only"/, end => "<Location /two>\nSCIMProfile own alone\n</Location>"],
    ['SCIMTenant: two', qr/SCIMTenant takes one argument/, location => 'SCIMTenant a b'],
);
for my $case (@bad) {
    my ($title, $said, @parts) = @$case;
    my ($status, $out) = configtest(@parts);
    # Where it is, and one line that says what.
    my @lines = grep { !/^AH00526: Syntax error on line \d+ of |^AH00014: Configuration check failed/ } split /\n/, $out;

    ok($status == 1 && @lines == 1 && $lines[0] =~ $said, "bad: $title") or diag("status $status: $out");
}

# ---- how it merges ----

my $server = ScimTest::Server->start(settings => ['max_connections = 20'], threads => 32, pool => 'max=32', conf => <<'CONF', location => <<'LOCATION');
SCIMPageSize 3 5
SCIMRealm server
SCIMMaxBody 2048
SCIMDocumentation https://example.com/server
SCIMFilterLimits 100 3
SCIMTokenCache 0
CONF
SCIMProfile default
SCIMPageSize 2 2
SCIMRealm location
SCIMBaseURL https://scim.example.com/public/
SCIMDocumentation https://example.com/location
</Location>
<Location "/misspelled">
    SetHandler scim
    SCIMProfile default
    SCIMTenant fjodrvik
    SCIMToken nobody sha256:0eafe87a2da24dd95637d795f1c3352fa83d1f0a7c6821a5d76fd945c63ed11a
</Location>
<Location "/own/v2/Groups">
    SCIMRealm groups
</Location>
<Location "/own/v2/inner">
    SCIMProfile rfc
LOCATION
my $pg = $server->{pg};
my $s = $server->scim('default');
my $own = $s->at('/own/v2');
$s->user for 1 .. 6;
like($server->error_log, $ENV{SCIM_TEST_MPM} eq 'prefork' ? qr/SCIM2: 32 processes with up to 1 database connections .* has 17:/
    : qr/SCIM2: 1 processes with up to 32 database connections .* has 17:/, 'more connections than the database has: a warning');

like($server->error_log, qr/SCIM10: $_: the database has no such tenant/, "$_: no such tenant: a warning") for 'SCIMTenant fjodrvik', 'SCIMToken nobody';

# What a location does: page sizes, realm, documentation, largest body, longest filter.
sub told {
    my ($client, @headers) = @_;
    my $config = $client->get('/ServiceProviderConfig', @headers)->{json};

    return {
        usual => scalar @{ $client->get('/Users', @headers)->{json}{Resources} },
        most => scalar @{ $client->get('/Users?count=50', @headers)->{json}{Resources} },
        promised => $config->{filter}{maxResults},
        help => $config->{documentationUri},
        realm => $client->get('/Users', Authorization => undef, @headers)->header('WWW-Authenticate') =~ /realm="(.*?)"/ ? $1 : 'none',
        body => $client->post('/Users', { schemas => [USER], userName => 'x', title => 'x' x 3000 }, @headers)->{status},
        filter => $client->get('/Users' . uri(filter => 'userName eq "' . 'x' x 100 . '"'), @headers)->{status},
    };
}

my %main = (usual => 3, most => 5, promised => 5, help => 'https://example.com/server', realm => 'server', body => 413, filter => 400);
is_deeply(told($s), \%main, 'a location has what the server says');
is_deeply(told($own), { %main, usual => 2, most => 2, promised => 2, help => 'https://example.com/location', realm => 'location' }, 'what it says itself goes first');
my $u = $own->user;
is($u->{meta}{location}, "https://scim.example.com/public/Users/$u->{id}", 'SCIMBaseURL: in meta.location');
is($s->get("/Users/$u->{id}")->{json}{meta}{location}, $s->base . "/Users/$u->{id}", 'SCIMBaseURL: not at other locations');

is($own->get('/Groups', Authorization => undef)->header('WWW-Authenticate'), 'Bearer realm="groups"', 'a nested location has what it says');
is($own->group->{meta}{location} =~ s/[^\/]*$//r, 'https://scim.example.com/public/Groups/', 'SCIMBaseURL: in locations below');
is($s->at('/own/v2/inner')->get("/Users/$u->{id}")->{json}{meta}{location}, $s->at('/own/v2/inner')->base . "/Users/$u->{id}",
    'SCIMBaseURL: not in one with a profile of its own');

# A virtual host has the main server's locations with its own settings; these have databases of their own as well.
$pg->sql("create database $_") for qw(second empty);
my $conninfo = $pg->conninfo =~ s/dbname=\S+/dbname=second/r;
my (undef, undef, $said) = $pg->scimctl('--database', $conninfo, '--sql', "$ENV{SCIM_TEST_ROOT}/sql", 'migrate');
is($said, '', 'a second database');
$pg->scimctl('--database', $conninfo, 'tenant', 'add', 'second');
my (undef, $token) = $pg->scimctl('--database', $conninfo, 'token', 'create', 'second', '--quiet');
chomp $token;
# A backslash, for libpq and then for httpd.
my $named = q( application_name='back\\\\\\\\slash');
my $empty = $pg->conninfo =~ s/dbname=\S+/dbname=empty/r;
$server->configure(conf => <<"CONF");
SCIMPageSize 3 5
SCIMTokenCache 60
<VirtualHost *:$server->{port}>
    ServerName 127.0.0.1
</VirtualHost>
<VirtualHost *:$server->{port}>
    ServerName second.example.com
    SCIMDatabase "$conninfo$named"
    SCIMPageSize 1 1
</VirtualHost>
<VirtualHost *:$server->{port}>
    ServerName empty.example.com
    SCIMDatabase "$empty"
</VirtualHost>
<VirtualHost *:$server->{port}>
    ServerName forwarded.example.com
    <Location /scim/v2>
        SCIMBaseURL request
    </Location>
</VirtualHost>
<VirtualHost *:$server->{port}>
    ServerName named.example.com
</VirtualHost>
<VirtualHost *:$server->{port}>
    ServerName https://front.example.com
    ServerAlias front.example.com
</VirtualHost>
<VirtualHost *:$server->{port}>
    ServerName origin.example.com
    SCIMBaseURL https://public.example.com:8443/
</VirtualHost>
<VirtualHost *:$server->{port}>
    ServerName requested.example.com
    SCIMBaseURL request
</VirtualHost>
CONF
$server->graceful;

# Until the new process is there, the old one answers.
until_true(sub { !$s->at('/scim/v2')->get('/ServiceProviderConfig')->{json}{documentationUri} });
$s = $s->at('/scim/v2');
my @second = (Host => 'second.example.com', Authorization => "Bearer $token");
is($s->get('/Users')->{json}{itemsPerPage}, 3, 'virtual host: the usual one');
is($s->get('/Users', @second)->{json}{totalResults}, 0, 'virtual host: its own database');
is($pg->sql('select datname from pg_stat_activity where application_name = ?', 'back\\slash'), 'second', 'virtual host: its connection string is taken as it is');
is($s->get('/ServiceProviderConfig', @second)->{json}{filter}{maxResults}, 1, 'virtual host: its own page size');
is_scim_error($s->get('/Users', Authorization => "Bearer $token"), 401, undef, "SE-11: a token of the second virtual host's database is none in the first");
is_scim_error($s->get('/Users', Host => 'second.example.com'), 401, undef, "SE-11: a token of the first virtual host's database is none in the second");
is_scim_error($s->get('/Users', Host => 'empty.example.com'), 500, undef, 'a database that is not migrated: 500');
like($server->error_log, qr/SCIM3: the database is at migration 0, .*run "scimctl migrate"/, 'a database that is not migrated: told at start');
is($s->get("/Users/$u->{id}", Host => 'forwarded.example.com')->{json}{meta}{location}, "http://forwarded.example.com/scim/v2/Users/$u->{id}",
    'SCIMBaseURL request: in a virtual host');

for my $case (['named.example.com', "http://named.example.com:$server->{port}", 'the port of the virtual host'],
    ['front.example.com', 'https://front.example.com', 'scheme of ServerName'],
    ['origin.example.com', 'https://public.example.com:8443', 'SCIMBaseURL of the virtual host: an origin'],
    ['requested.example.com', 'http://requested.example.com', 'SCIMBaseURL request: of the virtual host']) {
    my ($host, $origin, $title) = @$case;

    for my $at ($s, $s->at('/rfc/v2')) {
        my $path = $at->base =~ s{^http://[^/]*}{}r . "/Users/$u->{id}";
        is($at->get("/Users/$u->{id}", Host => $host)->{json}{meta}{location}, $origin . $path, "$title: $path");
    }
}

# A faulty change is refused; what runs goes on.
$server->configure(conf => 'SCIMPageSize 0 0');
($out, $status) = $server->httpd('-k', 'graceful');
ok($status != 0 && $out =~ /SCIMPageSize: "0"/, 'graceful restart with a faulty configuration: refused');
is($s->get('/Users')->{json}{itemsPerPage}, 3, 'and served on as before');

$server->stop;
remove_tree($dir);
done_testing;

sub until_true {
    my ($done) = @_;

    for (1 .. 100) {
        return if $done->();
        select undef, undef, undef, 0.1;
    }
    return;
}
