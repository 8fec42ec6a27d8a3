# Whatever is sent, the answer is a SCIM error with the right status: never a 5xx, never HTML, and nothing is stored.
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE ENTERPRISE PATCHOP USER GROUP uri is_scim_error);
use ScimTest::Fixtures;

my $s = ScimTest->new;
my $u = $s->user(userName => 'kim@example.com', title => 'T');
my $g = $s->group(displayName => 'G', members => [$u->{id}]);
my ($user, $group) = ("/Users/$u->{id}", "/Groups/$g->{id}");
my $nobody = '/Users/01890000-0000-7000-8000-000000000000';
my $schemas = qq("schemas":["@{[USER]}"]);

# [title, status, scimType, method, path, body, headers]
sub refused {
    my ($on, @rows) = @_;

    for my $row (@rows) {
        my ($title, $status, $type, @request) = @$row;
        my $r = $on->request(@request);

        is_scim_error($r, $status, $type, $title);
        # What a browser would render, and what belongs in a log.
        unlike($r->{body}, qr/<html|<!doctype|Apache\/|PG::|SQLSTATE|\bat .* line \d/i, "$title: no page, no trace");
    }
    return;
}

# ---- bodies that are not JSON (H-11, H-24 to H-28) ----

my @not_json = (
    ['nothing', ''], ['a blank', ' '], ['a brace', '{'], ['another brace', '}'], ['brackets crossed', '{"userName":["x"}]'],
    ['a string', '"userName"'], ['a number', '5'],
    ['true', 'true'], ['null', 'null'], ['an array', '[]'], ['an array of objects', qq([{$schemas,"userName":"x"}])], ['text', 'hello'],
    ['XML', '<User><userName>x</userName></User>'],
    ['a form', 'userName=x&active=true'], ['text after the object', qq({$schemas,"userName":"x"}x)],
    ['a second object', qq({$schemas,"userName":"x"}{"a":1})],
    ['a comma at the end', qq({$schemas,"userName":"x",})], ['a comma at the start', qq({,$schemas,"userName":"x"})],
    ['two commas', qq({$schemas,,"userName":"x"})],
    ['a comma at the end of an array', qq({"schemas":["@{[USER]}",],"userName":"x"})], ['no comma', qq({$schemas "userName":"x"})],
    ['no colon', qq({$schemas,"userName" "x"})],
    ['no value', qq({$schemas,"userName":})], ['a name without quotes', qq({$schemas,userName:"x"})],
    ['single quotes', qq({$schemas,'userName':'x'})],
    ['a comment', qq({$schemas,/* */"userName":"x"})], ['a comment at the end of a line', qq({$schemas,// x\n"userName":"x"})],
    ['a shell comment', qq({$schemas,# x\n"userName":"x"})],
    ['NaN', qq({$schemas,"userName":"x","title":NaN})], ['Infinity', qq({$schemas,"userName":"x","title":-Infinity})],
    ['True', qq({$schemas,"userName":"x","active":True})],
    ['undefined', qq({$schemas,"userName":undefined})], ['a leading zero', qq({$schemas,"userName":"x","z":01})],
    ['a plus sign', qq({$schemas,"userName":"x","z":+1})],
    ['a bare point', qq({$schemas,"userName":"x","z":.5})], ['a point at the end', qq({$schemas,"userName":"x","z":1.})],
    ['a hexadecimal number', qq({$schemas,"userName":"x","z":0x1})],
    ['an exponent of nothing', qq({$schemas,"userName":"x","z":1e})], ['a bad escape', qq({$schemas,"userName":"\\x41"})],
    ['a short escape', qq({$schemas,"userName":"\\u12"})],
    ['a bad digit in an escape', qq({$schemas,"userName":"\\u12G4"})], ['a line feed in a string', qq({$schemas,"userName":"a\nb"})],
    ['a tab in a string', qq({$schemas,"userName":"a\tb"})],
    ['an open string', qq({$schemas,"userName":"x)], ['an open string after a backslash', qq({$schemas,"userName":"x\\)],
    ['the same member twice', qq({$schemas,"userName":"x","userName":"y"})],
    ['the same member twice, other case', qq({$schemas,"userName":"x","username":"y"})],
    ['the same member twice, inside', qq({$schemas,"userName":"x","name":{"givenName":"a","givenName":"b"}})],
    ['a NUL byte', qq({$schemas,"userName":"a\0b"})], ['a NUL byte at the end', qq({$schemas,"userName":"x"}\0)],
    ['a byte that is not UTF-8', qq({$schemas,"userName":"a\xffb"})], ['an overlong slash', qq({$schemas,"userName":"a\xc0\xafb"})],
    ['half a character', qq({$schemas,"userName":"a\xc3"})],
    ['a surrogate in UTF-8', qq({$schemas,"userName":"\xed\xa0\x80"})], ['beyond Unicode', qq({$schemas,"userName":"\xf5\x80\x80\x80"})],
    ['Latin-1', qq({$schemas,"userName":"Ren\xe9"})],
    ['UTF-16', "\xff\xfe" . join '', map { "$_\0" } split //, qq({$schemas,"userName":"x"})], ['a page', '<!DOCTYPE html><html></html>'],
    ['H-28: a thousand brackets', '[' x 1000], ['100 000 brackets', '[' x 100_000], ['deep objects', '{"a":' x 5000 . '1' . '}' x 5000],
    ['a BOM in the middle', qq({$schemas,\xef\xbb\xbf"userName":"x"})],
);
refused($s, map { ["POST, not JSON: $_->[0]", 400, 'invalidSyntax', 'POST', '/Users', $_->[1]] } @not_json);
refused($s, map { ["PUT, not JSON: $_->[0]", 400, 'invalidSyntax', 'PUT', $user, $_->[1]] } @not_json[0, 2, 10, 13]);
refused($s, map { ["PATCH, not JSON: $_->[0]", 400, 'invalidSyntax', 'PATCH', $user, $_->[1]] } @not_json[0, 2, 8, 10, 13, 45]);
refused($s, map { [".search, not JSON: $_->[0]", 400, 'invalidSyntax', 'POST', '/Users/.search', $_->[1]] } @not_json[0, 2, 10]);

# ---- values that do not fit (P-05, C-25 to C-29, C-34, V-06, I-03, I-09, I-10) ----

my $post = sub {
    my ($title, $attributes) = @_;
    my $name = $attributes =~ /"userName"/i ? '' : ',"userName":"x"';
    return ["POST: $title", 400, 'invalidValue', 'POST', '/Users', qq({$schemas$name,$attributes})];
};
refused($s,
    ['POST: no userName', 400, 'invalidValue', 'POST', '/Users', qq({$schemas})],
    ['POST: an empty object', 400, 'invalidValue', 'POST', '/Users', '{}'],
    map({ $post->("userName $_", qq("userName":$_)) } '5', 'true', 'null', '""', '" "', "\"\\t\"", '["x","y"]', '{"value":"x","a":1}', '[]', '1.5'),
    map({ $post->("name $_", qq("name":$_)) } '"x"', '5', 'true', '["x"]', '{"givenName":5}', '{"givenName":{}}', '{"givenName":["a","b"]}'),
    map({ $post->("emails $_", qq("emails":$_)) } '"a@b"', '5', 'true', '{}', '["a@b"]', '[null]', '[[]]', '[5]', '[{"value":5}]',
        '[{"value":{}}]', '[{"value":["a","b"]}]',
        '[{"value":"x","primary":"yes"}]', '[{"value":"x","primary":1}]', '[{"value":"x","type":5}]'),
    map({ $post->("active $_", qq("active":$_)) } '"yes"', '1', '0', '"1"', '{}', '[true,false]', '"TRUE "'),
    map({ $post->("displayName $_", qq("displayName":$_)) } '5', 'false', '{"a":"b"}', '["a","b"]', '1e999'),
    map({ $post->("certificate $_", qq("x509Certificates":[{"value":$_}])) } '"%%%"', '5', '"a b!"'),
    $post->('the extension is a string', qq("@{[ENTERPRISE]}":"x")),
    $post->('the extension is an array', qq("@{[ENTERPRISE]}":[{"department":"x"}])),
    $post->('department is a number', qq("@{[ENTERPRISE]}":{"department":5})), $post->('manager is a number', qq("@{[ENTERPRISE]}":{"manager":5})),
    $post->('manager.value is a number', qq("@{[ENTERPRISE]}":{"manager":{"value":5}})),
    $post->('password is a number', '"password":5'), $post->('password is empty', '"password":""'),
    $post->('password is an object', '"password":{}'),
    map({ ["POST /Groups: $_", 400, 'invalidValue', 'POST', '/Groups', qq({"schemas":["@{[GROUP]}"],$_})] } '"displayName":5',
        '"displayName":""', '"displayName":null', '"members":[]',
        '"displayName":"a","members":"x"', '"displayName":"a","members":{}', '"displayName":"a","members":[5]',
        '"displayName":"a","members":[null]', '"displayName":"a","members":[{"value":5}]',
        '"displayName":"a","members":[{"value":{}}]', '"displayName":"a","members":[{}]'),
    ['PUT: no userName', 400, 'invalidValue', 'PUT', $user, qq({$schemas})],
    ['PUT: userName ""', 400, 'invalidValue', 'PUT', $user, qq({$schemas,"userName":""})],
    ['PUT: active', 400, 'invalidValue', 'PUT', $user, qq({$schemas,"userName":"x","active":"maybe"})],
    ['PUT: emails', 400, 'invalidValue', 'PUT', $user, qq({$schemas,"userName":"x","emails":"y"})],
    ['PUT: group without displayName', 400, 'invalidValue', 'PUT', $group, qq({"schemas":["@{[GROUP]}"]})],
);

# Either keyword is right for these (I-09, I-10).
for my $case (['U+0000 in userName', '"userName":"a\u0000b"'], ['U+0000 in displayName', '"userName":"x","displayName":"a\u0000b"'],
    ['U+0000 in a list', '"userName":"x","emails":[{"value":"\u0000"}]'],
    ['U+0000 in a name', '"userName":"x","dis\u0000play":"a"'], ['a lone high surrogate', '"userName":"x","displayName":"\ud83d"'],
    ['a lone low surrogate', '"userName":"x","displayName":"\ude00"'],
    ['surrogates in the wrong order', '"userName":"x","displayName":"\ude00\ud83d"'],
        ['a high surrogate before a letter', '"userName":"x","displayName":"\ud83da"']) {
    my $r = $s->post('/Users', qq({$schemas,$case->[1]}));

    is_scim_error($r, 400, $r->{json}{scimType}, "I-09, I-10: $case->[0]");
    like($r->{json}{scimType} // '', qr/^invalid(?:Syntax|Value)$/, "I-09, I-10: $case->[0]: keyword");
}

# ---- PATCH ----

my $op = sub { return qq({"schemas":["@{[PATCHOP]}"],"Operations":[$_[0]]}) };
my $at = sub { my ($path, $value) = @_; return $op->(qq({"op":"replace","path":"$path","value":$value})) };
refused($s,
    map({ ["PATCH: $_->[0]", 400, 'invalidSyntax', 'PATCH', $user, $_->[1]] } ['no operations member', qq({"schemas":["@{[PATCHOP]}"]})],
        ['an empty object', '{}'],
        ['operations is a string', qq({"schemas":["@{[PATCHOP]}"],"Operations":"add"})],
        ['operations is an object', qq({"schemas":["@{[PATCHOP]}"],"Operations":{"op":"add"}})],
        ['an operation is a number', $op->('5')], ['an operation is null', $op->('null')], ['an operation is an array', $op->('[]')],
        ['no op', $op->('{"path":"title","value":"x"}')],
        ['op is null', $op->('{"op":null,"path":"title","value":"x"}')], ['op is a number', $op->('{"op":1,"path":"title","value":"x"}')],
        ['op is unknown', $op->('{"op":"move","path":"title"}')],
        ['op is empty', $op->('{"op":"","path":"title"}')]),
    map({ ["PATCH: path $_", 400, 'invalidPath', 'PATCH', $user, $at->($_, '"x"')] } 'emails[', 'emails]', 'emails[0]',
        '[type eq \"work\"]', '/title', '.', '..', '...title', 'title.', '.title', 'name..givenName',
        'name.givenName.x.y', 'emails[type eq \"work\"].value.x', 'emails[type eq \"work\"]]', 'title title', 'title,displayName', '$', '*',
        '%00', "title'; drop table scim.resource; --", 'a b',
        'emails[type eq \"work\"] value', 'urn:', ':', 'title\n', ' '),
    ['PATCH: path is a number', 400, 'invalidPath', 'PATCH', $user, $op->('{"op":"replace","path":5,"value":"x"}')],
    ['PATCH: path is an array', 400, 'invalidPath', 'PATCH', $user, $op->('{"op":"replace","path":["title"],"value":"x"}')],
    map({ ["PATCH: filter $_", 400, 'invalidFilter', 'PATCH', $user, $at->("emails[$_].value", '"x"')] } 'type', 'type eq', 'type xx \"a\"',
        'nope eq \"a\"', 'type eq \"a\" and', '(type eq \"a\"', 'type gt true',
        'not type eq \"a\"', 'x[y eq 1]', '(' x 5000),
    map({ ["PATCH: value of $_->[0]: $_->[1]", 400, 'invalidValue', 'PATCH', $user, $at->(@$_)] } ['active', '"banana"'], ['active', '1'],
        ['active', '{}'], ['title', '5'], ['title', '["a","b"]'],
        ['title', '{"x":"y"}'], ['name', '"Bob"'], ['name', '5'], ['name.givenName', '{"a":1}'], ['emails', '"x"'], ['emails', '[5]'],
        ['emails', '["x"]'], ['emails[type eq \"work\"]', '"x"'],
        ['emails[type eq \"work\"].primary', '"perhaps"'], [ENTERPRISE, '"x"'], [ENTERPRISE . ':department', '5'],
        [ENTERPRISE . ':manager', '5'], ['password', '5']),
    ['PATCH: neither path nor value', 400, 'invalidValue', 'PATCH', $user, $op->('{"op":"add"}')],
    ['PATCH: a string without a path', 400, 'invalidValue', 'PATCH', $user, $op->('{"op":"add","value":"x"}')],
    ['PATCH: remove without a path', 400, 'noTarget', 'PATCH', $user, $op->('{"op":"remove"}')],
    ['PATCH: remove userName', 400, 'mutability', 'PATCH', $user, $op->('{"op":"remove","path":"userName"}')],
    ['PATCH: remove displayName of a group', 400, 'mutability', 'PATCH', $group, $op->('{"op":"remove","path":"displayName"}')],
    map({ ["PATCH: members $_", 400, 'invalidValue', 'PATCH', $group, $op->(qq({"op":"add","path":"members","value":$_}))] } '5', 'true',
        '[5]', '[[]]', '[null]', '[{"value":5}]', '[{"value":{}}]', '[{"x":"y"}]'),
    ['PATCH: 10 001 operations', 413, undef, 'PATCH', $user, $op->(join ',', ('{"op":"replace","path":"title","value":"x"}') x 10_001)],
);

# ---- queries ----

my $get = sub { my ($title, $type, $query) = @_; return ["GET: $title", 400, $type, 'GET', "/Users?$query"] };
refused($s,
    map({ $get->("filter $_", 'invalidFilter', "filter=$_") } '%FF', '%', '%2', '%zz', 'userName+eq+%22%FF%22', 'userName+eq+%22%00%22',
        'userName+eq+%22%C0%AF%22', '%00', 'title+eq+%22%5Cu0000%22', '%0A', '%22', '%5B',
        'userName%2Beq%2B%22x%22', 'userName+eq+%22x', '(((((((((((((((((((((((((((((((((', '1', 'true', 'null', "';select+1;--",
        '%F0%9F%98%80', 'userName+eq+%22%ED%A0%80%22', '${jndi}', '..%2F..'),
    map({ $get->($_, 'invalidValue', $_) } qw(count=x count=1.5 count=%FF startIndex=x startIndex=1e3 sortBy=nope sortBy=name
        sortOrder=up&sortBy=id count=1&count=2 attributes=a&excludedAttributes=b),
        'attributes=%FF', 'sortBy=%00', 'count=--1', 'count=1;2'),
    $get->('filter twice', 'invalidFilter', 'filter=id+pr&filter=id+pr'),
    $get->('filter and Filter', 'invalidFilter', 'filter=id+pr&Filter=title+pr'),
);

# ---- paths and methods (H-08, H-14, H-16) ----

refused($s,
    map({ ["GET $_", 404, undef, 'GET', $_] } '/NoSuchEndpoint', '/Userss', '/User', '/Users/x', '/Users/%00', '/Users/%FF',
        '/Users/..%2f..%2fetc', "$user/emails", "$user/x/y", '/Users/' . 'a' x 3000, '/Users/%27%20or%201%3D1', "/Groups/$u->{id}", $nobody,
        '/Users/01890000-0000-7000-8000-00000000000', '/Users/{' . $u->{id} . '}', '/users.json', '/Schemas/nope', '/ResourceTypes/nope',
        '/Users/' . $u->{id} . '%0d%0aX:y', '/%55sers/x', '/v9/Users', '/.env', '/wp-login.php'),
    map({ ["$_->[0] $_->[1]", 405, undef, @$_] } ['PUT', '/Users', '{}'], ['PATCH', '/Users', '{}'], ['DELETE', '/Users'],
        ['DELETE', '/Groups'], ['POST', $user, '{}'], ['PROPFIND', '/Users'], ['PROPFIND', $user], ['MKCOL', $user],
        ['LOCK', $user], ['MOVE', $user], ['PUT', '/Schemas', '{}'], ['POST', '/ServiceProviderConfig', '{}'],
        ['DELETE', '/ResourceTypes/User'], ['GET', '/Users/.search']),
    map({ ["$_->[0] $nobody", 404, undef, $_->[0], $nobody, $_->[1]] } ['PUT', qq({$schemas,"userName":"x"})],
        ['PATCH', $op->('{"op":"replace","path":"title","value":"x"}')], ['DELETE']),
);
for my $method (qw(FOO TRACE CONNECT get), 'A' x 30) {
    my $r = $s->request($method, $user);

    ok($r->{status} == 405 || $r->{status} == 501 || $r->{status} == 400, "method $method: $r->{status}");
    unlike($r->{body}, qr/<html|<!doctype/i, "method $method: no page") unless $method eq 'CONNECT';
}

# ---- credentials, headers, media types (SE-03, SE-05, H-05) ----

my $valid = qq({$schemas,"userName":"never\@example.com"});
refused($s,
    map({ ["Authorization: $_->[0]", 401, undef, 'GET', '/Users', undef, Authorization => $_->[1]] } ['none', undef], ['empty', ''],
        ['Bearer alone', 'Bearer'], ['a wrong token', 'Bearer x'], ['an apikey of nothing', 'Bearer apikey:'],
        ['a token with a blank', 'Bearer ' . $s->token . ' x'], ['a token with a quote', 'Bearer ' . $s->token . '"'],
        ['Basic', 'Basic eDp5'], ['Digest', 'Digest username="x"'], ['8000 characters', 'Bearer ' . 'x' x 7500],
        ['bytes', "Bearer \xff\xfe"], ['injection', "Bearer ' or '1'='1"], ['two tokens', 'Bearer a, Bearer b'],
        ['Negotiate', 'Negotiate abc='], ['a token of another letter case', 'Bearer ' . uc $s->token]),
    map({ ["POST: no credentials: $_->[0]", 401, undef, 'POST', '/Users', $_->[1], Authorization => undef] } ['good body', $valid],
        ['bad body', '{']),
    map({ ["POST: Content-Type $_", 415, undef, 'POST', '/Users', $valid, 'Content-Type' => $_] } 'text/xml', 'text/plain', 'text/html',
        'application/xml', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded',
        'application/scim', 'application/json-patch+json', 'image/png', 'application/scim+json2', 'x'),
    map({ ["POST: Content-Encoding $_", 415, undef, 'POST', '/Users', $valid, 'Content-Encoding' => $_] } 'gzip', 'br', 'deflate', 'x'),
    map({ ["$_->[0]: If-Match $_->[1]", 412, undef, $_->[0], $user, $_->[2], 'If-Match' => $_->[1]] } ['PUT', 'abc', $valid],
        ['PUT', 'W/"', $valid], ['DELETE', 'W/"0"'], ['DELETE', '"'], ['PATCH', 'W/"999"', $at->('title', '"x"')]),
);

# ---- sizes (H-29, H-28) and framing ----

my $small = $s->at('/small/v2');
my $large = qq({$schemas,"userName":"never\@example.com","title":") . 'x' x 3000 . '"}';
my $chunked = sprintf "%x\r\n%s\r\n0\r\n\r\n", length $large, $large;
refused($small,
    ['H-29: POST beyond SCIMMaxBody', 413, undef, 'POST', '/Users', $large],
    ['PATCH beyond SCIMMaxBody', 413, undef, 'PATCH', $user, $at->('title', '"' . 'x' x 3000 . '"')],
    ['PUT beyond SCIMMaxBody', 413, undef, 'PUT', $user, $large], ['.search beyond SCIMMaxBody', 413, undef, 'POST', '/Users/.search', $large],
    ['POST beyond SCIMMaxBody, chunked', 413, undef, 'POST', '/Users', $chunked, 'Transfer-Encoding' => 'chunked'],
    ['a filter beyond SCIMFilterLimits', 400, 'invalidFilter', 'GET', '/Users' . uri(filter => 'userName eq "' . 'x' x 200 . '"')],
    ['a filter deeper than SCIMFilterLimits', 400, 'invalidFilter', 'GET', '/Users' . uri(filter => '((((title pr))))')],
);
refused($s, ['POST of 11 MB', 413, undef, 'POST', '/Users', qq({$schemas,"userName":"x","title":") . 'x' x 11_000_000 . '"}']);
{
    my $head = "Host: x\r\nAuthorization: Bearer " . $s->token . "\r\nContent-Type: application/scim+json\r\n";
    my $raw = sub { my ($title, $bytes) = @_; return [$title, $s->raw($bytes)] };

    for my $case (
        $raw->('a chunk size that is none', "POST /scim/v2/Users HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
        $raw->('a body that ends too early', "POST /scim/v2/Users HTTP/1.1\r\n${head}Content-Length: 500\r\n\r\n{"),
        $raw->('a chunk that ends too early', "POST /scim/v2/Users HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n500\r\n{"),
        $raw->('a header without colon', "GET /scim/v2/Users HTTP/1.1\r\n${head}nonsense\r\n\r\n"),
        $raw->('101 headers', "GET /scim/v2/Users HTTP/1.1\r\n$head" . join('', map { "X-$_: y\r\n" } 1 .. 101) . "\r\n"),
        $raw->('a header of 9000 characters', "GET /scim/v2/Users HTTP/1.1\r\n${head}X: " . 'y' x 9000 . "\r\n\r\n"),
        $raw->('a negative length', "POST /scim/v2/Users HTTP/1.1\r\n${head}Content-Length: -5\r\n\r\n{}"),
        $raw->('two lengths', "POST /scim/v2/Users HTTP/1.1\r\n${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
        $raw->('an unknown transfer coding', "POST /scim/v2/Users HTTP/1.1\r\n${head}Transfer-Encoding: gzip\r\n\r\n{}"),
        $raw->('a request line of 10 000 characters', 'GET /scim/v2/Users?' . 'x' x 10_000 . " HTTP/1.1\r\n$head\r\n"),
        $raw->('HTTP/1.1 without Host', "GET /scim/v2/Users HTTP/1.1\r\n\r\n"),
    ) {
        my ($title, $r) = @$case;
        # A client that went away need not be answered.
        ok($r->{status} == 0 || ($r->{status} >= 400 && $r->{status} <= 499) || $r->{status} == 501, "framing: $title: $r->{status}");
    }
}

# ---- afterwards ----

is_deeply($s->get($user)->{json}, $u = reread($s, $u), 'the user is there');
is($u->{title}, 'T', 'and has not changed');
is($s->get('/Users?count=0')->{json}{totalResults}, 1, 'nobody has been created');
is($s->get('/Groups?count=0')->{json}{totalResults}, 1, 'nor a group');
is_deeply(ids(reread($s, $g)->{members}), [$u->{id}], 'the group has its member');

like($s->post('/Users', $_->[1])->{json}{detail}, qr/^The body is not accepted: $_->[0]/, "I-10, H-24: JSON it is: $_->[0]")
    for ['a string holds U\+0000', '{"userName":"a\u0000b"}'], ['an object has two members', '{"userName":"a","USERNAME":"b"}'],
        ['an integer does not fit 64 bits', '{"userName":123456789012345678901}'];
done_testing;
