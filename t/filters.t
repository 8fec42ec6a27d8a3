# Filters (F-01 to F-41) on the fixtures of users and groups, in the strict profile and in the tolerant one.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE ENTERPRISE USER uri is_scim_error);
use ScimTest::Fixtures;

my $ENT = ENTERPRISE;
my ($U1, $U2, $U3) = ('bjensen@example.com', 'mpepperidge', 'jsmith');
my $ALL = join ' ', sort $U1, $U2, $U3;
my $bad = \'invalidFilter';

# [ids, filter, names found or a reference to the scimType], on /Users. {U1} stands for the id of U1, {U1.lastModified} for part of its meta.
my @strict = (
    ['F-01 eq', 'userName eq "bjensen@example.com"', $U1],
    ['F-01 dotted', 'name.familyName co "Jens"', $U1],
    ['F-01 sw', 'userName sw "J"', $U3],
    ['F-01 ew', 'userName ew "SMITH"', $U3],
    ['F-01 URN', USER . ':userName sw "j"', $U3],
    ['F-01 pr', 'title pr', $U1],
    ['F-01 gt', 'meta.lastModified gt "2011-05-13T04:42:34Z"', $ALL],
    ['F-01 ge', 'meta.lastModified ge "2011-05-13T04:42:34Z"', $ALL],
    ['F-01 lt', 'meta.lastModified lt "2011-05-13T04:42:34Z"', ''],
    ['F-01 le', 'meta.lastModified le "2011-05-13T04:42:34Z"', ''],
    ['F-01 and', 'title pr and active eq true', $U1],
    ['F-01 or', 'title pr or active eq false', "$U1 $U2"],
    ['F-01 schemas', qq(schemas eq "$ENT"), $U1],
    ['F-01 and, or, parentheses', 'active eq true and (emails co "example.com" or emails.value co "example.org")', $U1],
    ['F-01 and, not', 'active eq true and not (emails co "example.com" or emails.value co "example.org")', $U3],
    ['F-01 brackets', 'active eq true and emails[type eq "work" and value co "@example.com"]', $U1],
    ['F-01 brackets, or', 'emails[type eq "work" and value co "@example.com"] or emails[type eq "work" and value co "@x.org"]', "$U1 $U3"],
    ['F-02 capitals', 'USERNAME EQ "bjensen@example.com" AND Active Eq true', $U1],
    ['F-02 capitals of pr, not and brackets', 'NOT (TITLE PR) AND EMAILS[TYPE EQ "work"]', $U3],
    ['F-03 and before or', 'title pr or userName sw "j" and active eq false', $U1],
    ['F-03 parentheses first', '(title pr or userName sw "j") and active eq false', ''],
    ['F-03 not before and', 'not (title pr) and active eq true', $U3],
    map({ ['F-04', $_, $bad] } 'userName eq', '(userName pr', 'userName pr x', 'eq "a"', 'userName pr)', 'userName', 'and',
        'userName pr and', 'userName pr or or title pr',
        'userName pr userName pr', '()', 'userName eq "a" "b"', 'userName eq "a', 'userName eq a"', '"a" eq userName', 'not userName pr',
        '[type eq "a"]', 'emails[]', 'emails[type eq "a"',
        'emails type eq "a"]', 'userName == "a"', 'userName = "a"', 'userName eq "a";', 'userName eq "a" -- x', 'userName. eq "a"',
        '.userName eq "a"', 'user name eq "a"',
        'userName eq ["a"]', 'emails[0].value eq "a"', '*', '%', "\x{1}", 'userName eq "\x"', 'userName eq "\u12"', 'userName eq "\ud83d"',
        'active eq truex', 'meta.created gt 2011'),
    map({ ['F-05 nothing', $_, $bad] } '', ' ', '   '),
    map({ ["F-06 operator $_", qq(userName $_ "x"), $bad] } qw(regex like neq equals in eqq contains == !=)),
    ['F-07 not, space', 'not (active eq true)', $U2],
    ['F-07, RX-10 not, no space', 'not(active eq true)', $U2],
    ['F-07 not twice', 'not (not (active eq true))', "$U1 $U3"],
    ['F-07 not, no parentheses', 'not active eq true', $bad],
    ['F-08, RX-12 single quotes', q(userName eq 'x'), $bad],
    ['F-09 caseExact false', 'userName co "JENSEN"', $U1],
    map({ ["F-09 caseExact true, $_->[0]", "externalId $_->[0] \"$_->[1]\"", $_->[2]] } ['eq', 'AbC', $U1], ['eq', 'abc', ''],
        ['sw', 'ab', ''], ['sw', 'Ab', $U1], ['ew', 'BC', ''],
        ['ew', 'bC', $U1], ['co', 'B', ''], ['co', 'b', $U1], ['ne', 'abc', $ALL], ['ne', 'AbC', "$U3 $U2"], ['gt', 'AbB', $U1],
        ['lt', 'Abc', $U1], ['ge', 'abc', '']),
    map({ ["F-09 caseExact false, $_->[0]", "displayName $_->[0] \"$_->[1]\"", $_->[2]] } ['eq', 'BABS jensen', $U1],
        ['ne', 'BABS jensen', "$U3 $U2"], ['sw', 'bABS', $U1], ['ew', 'SEN', $U1],
        ['co', 'S J', $U1], ['gt', 'babs JENSEN', $U3], ['ge', 'BABS JENSEN', "$U1 $U3"], ['lt', 'ED SMITH', $U1], ['le', 'ed smith', "$U1 $U3"]),
    map({ ["F-11 $_ of the whole string", qq(userName $_ "$U1"), $U1] } qw(sw ew co)),
    map({ ["F-12 $_ is literal", qq(userName $_), ''] } 'sw "%"', 'co "_"', 'co "*"', 'ew "%"', 'eq "%"', 'co "b%n"', 'sw "bjensen_"', 'co ".*"'),
    ['F-13 eq ""', 'title eq ""', ''],
    map({ ["F-13 $_ \"\"", qq(title $_ ""), $U1] } qw(co sw ew)),
    ['F-14 meta.created', 'meta.created lt "2999-01-01T00:00:00Z"', $ALL],
    map({ ["F-15 $_", $_, $bad] } 'active gt false', 'active le true', 'x509Certificates.value le "AA=="', 'emails.primary ge true'),
    ['F-16 another offset', 'meta.created ge "{U1.created+02:00}" and id eq "{U1}"', $U1],
    ['F-16 instant, eq', 'meta.created eq "{U1.created}"', $U1],
    ['F-16 instant, eq, another offset', 'meta.created eq "{U1.created+02:00}"', $U1],
    map({ ['F-16 no dateTime', "meta.lastModified gt $_", $bad] } '"yesterday"', '"2020-01-01"', '"2020-13-01T00:00:00Z"', '""', '5', 'true'),
    map({ ['F-17 wrong literal', $_, $bad] } 'active eq "maybe"', 'userName eq true', 'active eq 1', 'active eq 0', 'emails.primary eq "x"',
        'emails[primary eq 1]'),
    map({ ['F-18', $_, $bad] } 'active co true', 'active sw "t"', 'meta.created co "2020"', 'meta.created sw "2020"', 'meta.created ew "Z"',
        'x509Certificates.value co "AA"'),
    ['F-21 emails', 'emails pr', "$U1 $U3"],
    ['F-21 a boolean false', 'active pr', $ALL],
    ['F-21 complex', 'name pr', $U1],
    ['F-21 extension', "$ENT:employeeNumber pr", $U1],
    ['F-21 nothing', 'roles pr', ''],
    ['F-21 not pr', 'not (emails pr)', $U2],
    ['F-21 common attributes', 'id pr and meta pr and meta.created pr and schemas pr', $ALL],
    ['F-23 eq null', 'title eq null', "$U3 $U2"],
    ['F-23 ne null', 'title ne null', $U1],
    map({ ["F-23 $_ null", "title $_ null", $bad] } qw(gt ge lt le co sw ew)),
    ['F-24 ne', 'title ne "Tour Guide"', "$U3 $U2"],
    ['F-24 ne of a boolean', 'active ne true', $U2],
    ['F-25 ne of a list', 'emails.type ne "work"', "$U1 $U2"],
    ['F-25 not eq of a list', 'not (emails.type eq "work")', $U2],
    ['F-26 one element', 'emails[type eq "work" and value co "jensen.org"]', ''],
    ['F-26 any elements', 'emails.type eq "work" and emails.value co "jensen.org"', $U1],
    ['F-27, RX-10 not, or, parentheses', 'emails[not (type eq "work") or (primary eq true and value ew ".com")]', $U1],
    ['F-27 pr', 'emails[primary pr]', $U1],
    ['F-27 or', 'emails[type eq "home" or value sw "js"]', "$U1 $U3"],
    ['V-01 not primary, or does not say so', 'emails[primary eq false]', "$U1 $U3"],
    ['V-01 ne true', 'emails[primary ne true]', "$U1 $U3"],
    ['V-01 ne false', 'emails[primary ne false]', $U1],
    ['V-01 one element', 'emails[type eq "work" and primary eq false]', $U3],
    ['V-01 not', 'emails[not (primary eq false)]', $U1],
    ['V-01 without brackets', 'emails.primary eq false', "$U1 $U3"],
    ['V-01 ne true without brackets', 'emails.primary ne true', $ALL],
    ['V-01 ne false without brackets', 'emails.primary ne false', "$U1 $U2"],
    ['V-01 what is said', 'emails[primary eq null]', "$U1 $U3"],
    ['F-28, RX-10 nested', 'emails[type eq "a" and x[y eq "b"]]', $bad],
    ['F-29, MS-07 part after the bracket', 'emails[type eq "work"].value eq "js@x.org"', $U3],
    ['F-29 part after the bracket, other element', 'emails[type eq "home"].value eq "js@x.org"', ''],
    ['F-29 part after the bracket, co', 'emails[type eq "work"].value co "EXAMPLE.com" and active eq true', $U1],
    ['F-29 part after the bracket, pr', 'emails[type eq "home"].value pr', $U1],
    ['F-30 a list means its values', 'emails co "jensen.org"', $U1],
    ['F-30 a list, eq', 'emails eq "JS@x.org"', $U3],
    ['F-30 complex without a value', 'name eq "x"', $bad],
    ['F-31 URN and part', USER . ':name.familyName eq "Jensen"', $U1],
    ['F-31 extension', "$ENT:employeeNumber eq \"701984\"", $U1],
    ['F-31 extension and part', "$ENT:manager.value pr", ''],
    ['F-31 URN and bracket', USER . ':emails[type eq "home"]', $U1],
    ['F-32 URN in capitals', uc(USER) . ':USERNAME pr', $ALL],
    ['F-33 schemas', qq(schemas eq "$ENT"), $U1],
    ['F-33 the base schema', 'schemas eq "' . USER . '"', $ALL],
    ['F-34 id', 'id eq "{U1}"', $U1],
    ['F-34 id, another', 'id eq "01890000-0000-7000-8000-000000000000"', ''],
    ['F-34 id, no UUID', 'id eq "x"', ''],
    ['C-05 id in capitals', 'id eq "{U1:uc}" and id ne "{U1}"', ''],
    ['F-34 two ids', 'id eq "{U1}" or id eq "{U2}"', "$U1 $U2"],
    ['F-34 id ne', 'id ne "{U1}"', "$U3 $U2"],
    ['F-34 lastModified', 'meta.lastModified ge "{U1.lastModified}" and id eq "{U1}"', $U1],
    ['F-34 resourceType', 'meta.resourceType eq "User"', $ALL],
    ['F-34 another resourceType', 'meta.resourceType eq "Group"', ''],
    ['F-36 unknown attribute', 'shoeSize eq 4', $bad],
    ['F-36 unknown part', 'name.nope eq "x"', $bad],
    ['F-36 unknown in brackets', 'emails[nope eq "x"]', $bad],
    ['F-36 unknown in the extension', "$ENT:nope eq \"x\"", $bad],
    ['F-36 unknown URN', 'urn:example:nope:attr eq "x"', $bad],
    ['F-36 an attribute of groups', 'members pr', $bad],
    map({ ["F-37 $_", $_, $bad] } 'password eq "x"', 'password sw "a"', 'password pr', 'password gt "a"', 'not (password pr)',
        USER . ':password eq "x"'),
    ['F-40 spaces', '  userName  eq   "jsmith"  ', $U3],
    ['F-40 tabs', "userName\teq\t\"jsmith\"", $U3],
    ['F-40 spaces in brackets', 'emails[ type  eq "work"  and value ew "x.org" ]', $U3],
    ['F-40 parentheses without spaces', '(userName eq "jsmith")or(title pr)', "$U1 $U3"],
    ['GM-13 groups.value', 'groups.value eq "{G1}"', "$U1 $U3"],
    ['GM-13 groups', 'groups eq "{G1}"', "$U1 $U3"],
    ['GM-13 groups in brackets', 'groups[value eq "{G1}"]', "$U1 $U3"],
    ['GM-13 groups.display', 'groups.display eq "tour guides"', "$U1 $U3"],
    ['F-19 groups.$ref', 'groups.$ref eq "{G1.location}"', "$U1 $U3"],
    ['F-19 groups.$ref, relative', 'groups.$ref eq "../Groups/{G1}"', "$U1 $U3"],
    ['F-19 groups.$ref, a user', 'groups.$ref eq "../Users/{G1}"', ''],
    ['F-19 groups.$ref, co', 'groups.$ref co "/Groups/" and not (groups.$ref co "/Users/")', "$U1 $U3"],
    ['F-27 a singular complex attribute', 'name[familyName eq "Jensen" and givenName sw "B"]', $U1],
    ['F-27 meta in brackets', 'meta[resourceType eq "User"]', $ALL],
    map({ ["F-27 meta in brackets, $_", "meta[resourceType $_ \"User\"]", /^(?:eq|co|sw|ew|ge|le)$/ ? $ALL : ''] } qw(eq ne co sw ew gt ge lt le)),
    ['F-27 meta in brackets, pr', 'meta[version pr and location pr and created pr]', $ALL],
    ['F-27 meta in brackets, times', 'meta[created lt "2999-01-01T00:00:00Z" and not (lastModified lt "2011-05-13T04:42:34Z")]', $ALL],
    ['F-27 meta in brackets, none', 'meta[resourceType eq "Group" or created gt "2999-01-01T00:00:00Z"]', ''],
    ['F-27 not meta in brackets', 'not (meta[resourceType eq "Group"])', $ALL],
    ['F-29 meta, part after the bracket', 'meta[resourceType eq "User"].created eq "{U1.created}"', $U1],
    ['F-33 schemas in brackets', qq(schemas[value eq "$ENT"]), $U1],
    ['F-33 not schemas in brackets', qq(not (schemas[value eq "$ENT"])), "$U3 $U2"],
    ['F-33 schemas in brackets, not', 'schemas[not (value eq "' . USER . '")]', $U1],
    ['F-33 schemas in brackets, ne', 'schemas[value ne "' . USER . '"]', $U1],
    ['F-33 schemas in brackets, one of them', 'schemas[value co "enterprise" and value co "core"]', ''],
    ['F-33 schemas in brackets, or', 'schemas[value co "ENTERPRISE" or value co "nothing"]', $U1],
    ['F-33 schemas in brackets, pr', 'schemas[value pr]', $ALL],
    ['F-13 schemas in brackets, co ""', 'schemas[value co ""]', $ALL],
    ['F-34 location', 'meta.location eq "{U1.location}"', $U1],
    ['F-34 location in brackets', 'meta[location eq "{U1.location}"]', $U1],
    ['F-19 location, relative', 'meta.location eq "/Users/{U1}"', $U1],
    ['F-19 location, another type', 'meta.location eq "../Groups/{U1}"', ''],
    ['F-19 location, another host', 'meta.location eq "http://evil.example/Groups/{U1}" or meta.location eq "http://evil.example/Users/{U1}"', ''],
    ['F-19 location, a bare id', 'meta.location eq "{U1}"', ''],
    ['F-19 location, ne', 'meta.location ne "{U1.location}"', "$U3 $U2"],
    ['F-19 location, ne of another host', 'meta.location ne "http://evil.example/Users/{U1}"', $ALL],
    ['F-19 location, ew', 'meta.location ew "/Users/{U1}"', $U1],
    ['F-19 location, co', 'meta.location co "/Groups/"', ''],
    ['F-19 location, sw', 'meta.location sw "http://127.0.0.1:"', $ALL],
    ['F-19 location, gt', 'meta.location gt "http://0" and meta.location lt "https"', $ALL],
    map({ ["E-10 meta.version $_", "meta.version $_ \"W/\\\"1\\\"\"", $bad] } qw(co sw ew gt ge lt le)),
);

my @groups = (
    ['displayName', 'displayName eq "tour GUIDES"', 'Tour Guides'],
    ['GM-13 members.value', 'members.value eq "{U1}"', 'Tour Guides'],
    ['GM-13 members in brackets', 'members[value eq "{U1}"]', 'Tour Guides'],
    ['F-30 members', 'members eq "{U1}"', 'Tour Guides'],
    ['F-19, F-20, RX-11 members.$ref', 'members.$ref eq "{U1.location}"', 'Tour Guides'],
    ['F-19 members.$ref, another version', 'members.$ref eq "{U1.location/v1}"', 'Tour Guides'],
    ['F-19 members.$ref, no version', 'members.$ref eq "{U1.location/}"', 'Tour Guides'],
    ['F-19 members.$ref, relative', 'members.$ref eq "../Users/{U1}"', 'Tour Guides'],
    ['F-19 members.$ref, another type', 'members.$ref eq "../Groups/{U1}"', ''],
    ['F-19 members.$ref, another host', 'members.$ref eq "http://evil.example/Users/{U1}"', ''],
    ['F-19 members.$ref, another type and host', 'members[$ref eq "http://z/Groups/{U1}"]', ''],
    ['F-19 members.$ref, a bare id', 'members.$ref eq "{U1}"', ''],
    ['F-19 members.$ref, sw a bare id', 'members.$ref sw "{U1}"', ''],
    ['F-19 members.$ref in brackets', 'members[$ref eq "{U1.location}" and type eq "User"]', 'Tour Guides'],
    ['F-19 members.$ref in brackets, not', 'members[not ($ref eq "{U1.location}")]', 'Employees Tour Guides'],
    ['F-19 members.$ref, ne', 'members.$ref ne "{U1.location}"', 'Employees Empty Tour Guides'],
    ['F-19 members.$ref, ne in brackets', 'members[$ref ne "{G1.location}"]', 'Tour Guides'],
    ['F-19 members.$ref, ne of another type', 'members[$ref ne "../Users/{G1}" and type eq "Group"]', 'Employees'],
    ['F-27 not of ne in brackets', 'members[not (display ne "Tour Guides")]', 'Employees'],
    ['F-09 members.$ref, co', 'members.$ref co "/Groups/"', 'Employees'],
    ['F-09 members.$ref, co, users', 'members[$ref co "/Users/"]', 'Tour Guides'],
    ['F-09 members.$ref, co, another scheme', 'members.$ref co "https://"', ''],
    ['F-09 members.$ref, sw', 'members.$ref sw "http://127"', 'Employees Tour Guides'],
    ['F-09 members.$ref, sw another host', 'members.$ref sw "http://evil.example/"', ''],
    ['F-09 members.$ref, ew', 'members.$ref ew "/{U3}"', 'Tour Guides'],
    ['F-09 members.$ref, case', 'members.$ref co "/users/"', ''],
    ['F-11 members.$ref, the whole', 'members[$ref sw "{U1.location}" and $ref ew "{U1.location}" and $ref co "{U1.location}"]', 'Tour Guides'],
    ['F-13 members.$ref, co ""', 'members.$ref co ""', 'Employees Tour Guides'],
    ['F-14 members.$ref, gt', 'members.$ref gt "http://0" and members.$ref le "https"', 'Employees Tour Guides'],
    ['F-21 members.$ref pr', 'members.$ref pr', 'Employees Tour Guides'],
    ['members.type', 'members.type eq "Group"', 'Employees'],
    ['members pr', 'members pr', 'Employees Tour Guides'],
    ['no members', 'not (members pr)', 'Empty'],
    ['membership check', 'id eq "{G1}" and members eq "{U3}"', 'Tour Guides'],
    ['membership check, the other way round', 'members eq "{U2}" and id eq "{G1}"', ''],
    ['F-36 an attribute of users', 'userName pr', $bad],
);

# ---- the run ----

my $leaked = 0;

# Resolves {U1} and the like.
sub resolved {
    my ($filter, $f) = @_;
    my $shifted = sub {
        my ($date, $hour, $rest) = $_[0] =~ /^(.{11})(\d\d)(.*)Z$/;
        return $hour < 22 ? sprintf('%s%02d%s+02:00', $date, $hour + 2, $rest) : sprintf('%s%02d%s-02:00', $date, $hour - 2, $rest);
    };

    $filter =~ s/\{(\w\d):uc\}/uc $f->{$1}{id}/ge;
    $filter =~ s/\{(\w\d)\.(\w+)\+02:00\}/$shifted->($f->{$1}{meta}{$2})/ge;
    # References without the version segment, or with another one.
    $filter =~ s{\{(\w\d)\.location/(\w*)\}}{my $version = $2 ? "/$2" : ''; $f->{$1}{meta}{location} =~ s,/v2(?=/),$version,r}ge;
    $filter =~ s/\{(\w\d)\.(\w+)\}/$f->{$1}{meta}{$2}/ge;
    return $filter =~ s/\{(\w\d)\}/$f->{$1}{id}/gr;
}

sub run_table {
    my ($s, $f, $endpoint, @rows) = @_;

    for my $row (@rows) {
        my ($title, $filter, $expected) = @$row;
        my $r = $s->get($endpoint . uri(filter => resolved($filter, $f)));
        $title .= ": $filter";

        if (ref $expected) {
            is_scim_error($r, 400, $$expected, $title);
            $leaked++ if $r->{body} =~ /"Resources"/;
        } else {
            is(names($r), $expected, $title);
        }
    }
    return;
}

for my $profile (qw(rfc default)) {
    my $s = ScimTest->new(profile => $profile);
    my $f = fixtures($s);
    my @tolerated = (
        ['F-08, MS-09 a bare word', 'userName eq jsmith', $U3],
        ['MS-02 boolean as string', 'active eq "False"', $U2],
        ['P15 boolean as string in brackets', 'emails[primary eq "True"]', $U1],
        ['old form of the e-mail look-up', 'emails[type eq "work"] eq "js@x.org"', $U3],
        ['MS-10 manager as string', 'manager eq "m-1"', ''],
        ['manager with its URN', "$ENT:manager eq \"m-1\"", ''],
    );

    subtest $profile => sub {
        run_table($s, $f, '/Users', @strict);
        run_table($s, $f, '/Groups', @groups);
        if ($profile eq 'rfc') {
            run_table($s, $f, '/Users', map { [$_->[0], $_->[1], $bad] } @tolerated[0 .. 3]);
            # Where bare words are strings, these are such words.
            run_table($s, $f, '/Users', map { ['F-04, F-08, F-17', "userName eq $_", $bad] } qw({} 01 - 5 1.5e3));
            run_table($s, $f, '/Users', ['F-30 singular complex', "$ENT:manager eq \"m-1\"", '']);
        } else {
            run_table($s, $f, '/Users', @tolerated);
            # Names are compared by their looks here, and this one looks like nothing.
            run_table($s, $f, '/Users', map { ["F-09 $_ of nothing that counts", qq(userName $_ "\\u00ad"), $bad] } qw(co sw ew));
        }
    };
}

# ---- characters (F-10, F-12), unassigned values (F-22), size (F-39), defaults (F-35), combinations (F-41) ----

my $s = ScimTest->new(profile => 'rfc');
my $odd = qq(O'Malley "x" \\);
$s->user(userName => 'a_b', displayName => $odd);
$s->user(userName => 'axb', displayName => 'Plain', title => '');
$s->user(userName => '100%', nickName => "l1\nl2\ttab");
run_table($s, {}, '/Users',
    ['F-10 escapes', 'displayName eq "O\u0027Malley \"x\" \\\\"', 'a_b'],
    ['F-10 a quote', 'displayName co "\""', 'a_b'],
    ['F-10 a backslash', 'displayName ew "\\\\"', 'a_b'],
    ['F-10 a slash', 'displayName co "\/"', ''],
    ['F-10 line feed and tab', 'nickName eq "l1\nl2\ttab"', '100%'],
    ['F-10 a part with an apostrophe', q(displayName sw "O'M"), 'a_b'],
    ['F-12 underscore', 'userName co "a_b"', 'a_b'],
    ['F-12 underscore, sw', 'userName sw "a_"', 'a_b'],
    ['F-12 per cent', 'userName ew "%"', '100%'],
    ['F-12 per cent, eq', 'userName eq "100%"', '100%'],
    ['F-12 backslash', 'userName co "\\\\"', ''],
    ['F-12 in a list', 'emails.value co "%"', ''],
    ['F-12 regular expressions', 'displayName co ".*"', ''],
    ['F-22 "" is unassigned', 'title pr', ''],
    ['F-35 a default', 'active eq true', '100% a_b axb'],
    ['SE-18 injection', q(userName eq "x' OR '1'='1"), ''],
    ['SE-18 injection, co', q(displayName co "'; drop table scim.resource; --"), ''],
    ['SE-18 injection of jsonpath', 'emails[value eq "x\") || (1 == 1"]', ''],
);
for my $long (['10 000 parentheses', '(' x 10_000], ['10 000 parentheses, closed', '(' x 10_000 . 'title pr' . ')' x 10_000],
    ['10 000 times not', 'not (' x 10_000 . 'title pr' . ')' x 10_000], ['50 levels', '(' x 50 . 'title pr' . ')' x 50],
    ['100 000 characters', 'userName eq "' . 'x' x 100_000 . '"'], ['1000 conditions', join ' or ', ('userName eq "x"') x 1000]) {
    my ($title, $filter) = @$long;
    my $started = time;
    # What does not fit into a request line is httpd's own refusal; the rest comes by .search.
    my $r = $s->get('/Users?filter=' . $filter =~ s/ /+/gr =~ s/"/%22/gr);

    ok($r->{status} == 414 || $r->{status} == 400, "F-39: $title: " . $r->{status});
    $r = $s->post('/Users/.search', { schemas => [ScimTest::SEARCH], filter => $filter });
    is_scim_error($r, 400, 'invalidFilter', "F-39: $title by .search");
    cmp_ok(time - $started, '<', 5, "F-39: $title: quickly");
}
{
    my $t = ScimTest->new(profile => 'rfc');
    fixtures($t);
    my $r = $t->get('/Users' . uri(filter => 'emails pr', sortBy => 'userName', count => 1, attributes => 'userName'));
    is_deeply([$r->{json}{totalResults}, [map { join ' ', sort keys %$_ } @{ $r->{json}{Resources} }], names($r)],
        [2, ['id schemas userName'], $U1], 'F-41: all parameters together');
}

# ---- custom attributes ----

my $d = ScimTest->new(path => '/acme-rfc/v2');
my $device = 'urn:ietf:params:scim:schemas:acme:2.0:Device';
my %device = (
    nine => { shelf => 9, weight => 2.5, bought => '2024-03-01T00:00:00+02:00', tags => ['a', 'B'], lent => FALSE, key => 'AAEC',
        manual => 'https://example.com/M' },
    ten => { shelf => 10, weight => 10, bought => '2024-03-01T00:00:00.5Z', tags => ['b', 'c'], lent => TRUE },
    zero => { shelf => 0, weight => 0.5 },
);
$d->post('/Devices', { schemas => [$device], displayName => $_, %{ $device{$_} } })->{status} == 201 or die "device $_" for sort keys %device;
run_table($d, {}, '/Devices',
    ['F-14 integers', 'shelf gt 9', 'ten'], ['F-14 integers, ge', 'shelf ge 9', 'nine ten'],
    ['F-14 integers, lt', 'shelf lt 10', 'nine zero'], ['F-14 integer eq', 'shelf eq 9', 'nine'],
    ['F-14 integer and decimal', 'shelf eq 9.0', 'nine'], ['F-14 decimals', 'weight gt 2.25', 'nine ten'],
    ['F-14 decimals, exponent', 'weight lt 1e1', 'nine zero'],
    ['F-14 negative', 'shelf gt -1', 'nine ten zero'], ['F-21 the number 0', 'shelf pr', 'nine ten zero'],
    ['F-21 the boolean false', 'lent pr', 'nine ten'],
    ['F-16 instant', 'bought eq "2024-02-29T22:00:00Z"', 'nine'], ['F-16 fraction', 'bought gt "2024-03-01T00:00:00.4Z"', 'ten'],
    ['F-16 between', 'bought ge "2024-02-29T22:00:00.000Z" and bought lt "2024-03-01T00:00:00Z"', 'nine'],
    ['V-10 list of strings', 'tags eq "b"', 'nine ten'], ['V-10 list of strings, co', 'tags co "A"', 'nine'],
    ['V-10 list of strings, ne', 'tags ne "b"', 'nine ten zero'],
    ['V-10 value path', 'tags[value eq "c"]', 'ten'], ['F-15 binary, eq', 'key eq "AAEC"', 'nine'],
    ['F-15 binary, case', 'key eq "aaec"', ''], ['F-15 binary, gt', 'key gt "AAEC"', $bad],
    ['F-19 reference', 'manual eq "https://example.com/M"', 'nine'], ['F-19 reference, case', 'manual eq "https://example.com/m"', ''],
    ['F-17 integer', 'shelf eq "9"', $bad],
    ['F-18 integer', 'shelf co 9', $bad], ['F-37 a writeOnly attribute', 'pin pr', $bad], ['F-23 null', 'shelf eq null', ''],
    ['F-23 ne null', 'lent ne null', 'nine ten'],
    ['F-17 dateTime', 'bought eq 5', $bad], ['F-24 ne of an integer', 'shelf ne 9', 'ten zero'],
);

run_table($d, {}, '/Devices',
    map({ ["F-14 beyond 64 bits, $_->[0]", "shelf $_->[0]", $_->[1]] } ['lt 99999999999999999999999', 'nine ten zero'],
        ['gt 99999999999999999999999', ''], ['gt -99999999999999999999999', 'nine ten zero'], ['eq 99999999999999999999999', ''],
        ['ne 99999999999999999999999', 'nine ten zero'], ['lt 1e400', 'nine ten zero']),
    map({ ["F-04 no number, $_", "shelf eq $_", $bad] } '-', '1e', '00', '99999999999999999999999x', '99999999999999999999999e'));

# ---- versions (E-10): the number is that of the resource, what follows it that of its groups ----

{
    my $t = ScimTest->new(profile => 'rfc');
    my $u = $t->user(userName => 'v');
    my $g = $t->group(displayName => 'G', members => [$t->user(userName => 'in')->{id}]);
    my ($own) = $t->get('/Users' . uri(filter => 'userName eq "in"'))->{json}{Resources}[0]{meta}{version} =~ /"(1-[0-9a-f]{16})"/;
    my $tag = sub { return 'meta.version ' . $_[0] . ' "W/\\"' . $_[1] . '\\""' };

    run_table($t, {}, '/Users',
        ['the tag', $tag->(eq => 1), 'in v'], ['the tag, ne', $tag->(ne => 1), ''], ['another version', $tag->(eq => 2), ''],
        ['another version, ne', $tag->(ne => 2), 'in v'],
        ['with groups', $tag->(eq => $own), 'in v'], ['in brackets', 'meta[version eq "W/\\"1\\""]', 'in v'],
        ['no tag, ne', 'meta.version ne "x1"', 'in v'],
        map({ ["no tag", $_, ''] } 'meta.version eq "x1"', 'meta.version eq "1"', 'meta.version eq "\\"1\\""', 'meta.version eq ""',
            map { $tag->(eq => $_) } '1-zzz', '01', '+1', '1-', '1x', ' 1', '1-0123456789ABCDEF', '1-0123456789abcde', '1-0123456789abcdef0',
                '18446744073709551617'));
}

# ---- the same comparisons choose what PATCH removes (PA-34) ----

{
    my $t = ScimTest->new(profile => 'rfc');
    my @users = map { $t->user(userName => "m$_")->{id} } 1 .. 3;
    my $inner = $t->group(displayName => 'Inner')->{id};
    my $base = $t->base;
    my $left = sub {
        my ($filter) = @_;
        my $g = $t->group(displayName => 'G', members => [@users, $inner]);
        my $r = $t->patch("/Groups/$g->{id}", [{ op => 'remove', path => "members[$filter]" }]);
        my %place = (map({ $users[$_] => $_ + 1 } 0 .. 2), $inner => 'G');

        return $r->{status} == 204 ? join ' ', sort map { $place{ $_->{value} } } @{ $t->get("/Groups/$g->{id}")->{json}{members} // [] } : $r->{body};
    };

    is($left->($_->[0]), $_->[1], "PA-34 remove members[$_->[0]]")
        for ['$ref co "/Groups/"', '1 2 3'], ['$ref co "/Users/"', 'G'], ['$ref sw "http://evil.example/"', '1 2 3 G'], ['$ref co "https://"', '1 2 3 G'],
        ["\$ref sw \"$users[0]\"", '1 2 3 G'], ["\$ref ew \"$users[0]\"", '2 3 G'], ["\$ref eq \"http://z/Groups/$users[0]\"", '1 2 3 G'],
        ["\$ref eq \"http://z/Users/$users[0]\"", '1 2 3 G'], ["\$ref eq \"../Users/$users[0]\"", '2 3 G'],
        ["\$ref eq \"$base/Users/$users[0]\"", '2 3 G'], ["\$ref eq \"$base/Groups/$inner\"", '1 2 3'],
        ["\$ref ne \"$base/Users/$users[0]\"", '1'], ["\$ref eq \"$users[0]\"", '1 2 3 G'], ['$ref gt "https"', '1 2 3 G'], ['$ref pr', ''], ['$ref co ""', ''];
}

is($leaked, 0, 'F-38: no filter that was refused brought resources');

done_testing;
