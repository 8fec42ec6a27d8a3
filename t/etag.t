# Entity tags and conditional requests (E-01 to E-15).
use strict;
use warnings;

use Test::More;
use ScimTest qw(USER uri is_scim_error);
use ScimTest::Fixtures;
use ScimTest::Parallel;

my $s = ScimTest->new;
my $u = $s->user(title => 'T');
my $path = "/Users/$u->{id}";
my $tag = sub { return $s->get($path)->header('ETag') };
my $retitle = sub { my ($title, @h) = @_; return $s->patch($path, [{ op => 'replace', path => 'title', value => $title }], @h) };
my $body = sub { return { schemas => [USER], userName => $u->{userName}, title => $_[0] } };

# ---- tags (E-01 to E-03, E-10, E-11, E-13) ----

for my $r ($s->get($path), $s->head($path), $s->post('/Users', { schemas => [USER], userName => 'e@example.com' }),
    $s->put($path, $body->('T')), $retitle->('T')) {
    like($r->header('ETag') // '', qr{^W/"[^"\x00-\x20\x7f]+"$}, 'E-01, E-02, C-14: a weak tag');
}
is($s->get("$path?attributes=userName")->header('ETag'), $tag->(), 'E-03: whatever the projection');
my $first = $tag->();
is($tag->(), $first, 'E-10: reading does not change it');
$retitle->('T');
is($tag->(), $first, 'E-10: nor does a PATCH without effect');
$retitle->('U');
isnt($tag->(), $first, 'E-10: a change does');
is($s->get('/Users' . uri(filter => qq(id eq "$u->{id}")))->{json}{Resources}[0]{meta}{version}, $tag->(), 'E-13: entries of lists have it');

my $g = $s->group;
my $before = $tag->();
$s->patch("/Groups/$g->{id}", [{ op => 'add', path => 'members', value => [{ value => $u->{id} }] }]);
isnt($tag->(), $before, 'E-11: a membership changes the tag of the user');
for my $names ([attributes => 'meta.version'], [attributes => 'meta'], [attributes => 'userName,META'], [attributes => USER . ':meta'],
    [excludedAttributes => 'groups'], [excludedAttributes => 'groups,meta.created']) {
    is($s->get('/Users' . uri(filter => qq(id eq "$u->{id}"), @$names))->{json}{Resources}[0]{meta}{version}, $tag->(),
        "E-11, E-13: in a list as well, @$names");
}
my $r = $s->get($path, 'If-None-Match' => $before);
is_deeply([$r->{status}, ids($r->{json}{groups})], [200, [$g->{id}]], 'E-11: so that the new groups are read');
is($retitle->('V', 'If-Match' => $before)->{status}, 200, 'E-11: groups are not written: If-Match of before is still good');

# ---- If-None-Match on reads (E-04) ----

my $current = $tag->();
my $strong = $current =~ s{^W/}{}r;
for my $case (['the tag', $current, 304], ['without W/', $strong, 304], ['a list', qq("x", $current), 304],
    ['a list without spaces', qq(W/"x",$current,"y"), 304], ['*', '*', 304], ['another', 'W/"0"', 200], ['a list of others', '"a", W/"b"', 200],
    ['unquoted', $current =~ s/"//gr, 200], ['part of it', substr($current, 0, -2) . '"', 200]) {
    my ($title, $header, $status) = @$case;
    for my $method (qw(GET HEAD)) {
        my $r = $s->request($method, $path, undef, 'If-None-Match' => $header);
        is_deeply([$r->{status}, $r->header('ETag')], [$status, $current], "E-04: $method, $title: $status");
        is($r->{body}, '', "E-04: $method, $title: no body") if $status == 304;
    }
}

# ---- If-Match on reads ----

for my $at ($path, "/Groups/$g->{id}", "/Groups/$g->{id}?excludedAttributes=members") {
    is($s->get($at, 'If-Match' => $_)->{status}, 200, "E-05: GET of $at, If-Match: $_") for '*', $s->get($at)->header('ETag');
    is_scim_error($s->get($at, 'If-Match' => 'W/"0"'), 412, undef, "E-05: GET of $at, another version");
}

# ---- If-Match on writes (E-05 to E-08, E-12, E-14) ----

my $serial = 0;
my %write = (
    PUT => sub { return $s->put($path, $body->('put ' . ++$serial), @_) },
    PATCH => sub { return $retitle->('patch ' . ++$serial, @_) },
);
for my $method (sort keys %write) {
    for my $case (['stale', 'W/"0"'], ['stale, strong', '"0"'], ['a list of others', '"a", W/"b"'], ['unquoted', 'abc'], ['a number', '1'],
        ['half a tag', 'W/"'], ['empty', '""']) {
        my $was = $s->get($path)->{json};
        is_scim_error($write{$method}->('If-Match' => $case->[1]), 412, undef, "E-05, E-14, RX-14: $method, $case->[0]");
        is_deeply($s->get($path)->{json}, $was, "E-05: $method, $case->[0]: nothing is changed");
    }
    for my $case (['the tag', sub { $_[0] }], ['without W/', sub { $_[0] =~ s{^W/}{}r }], ['*', sub { '*' }], ['a list', sub { qq("a", $_[0]) }]) {
        is($write{$method}->('If-Match' => $case->[1]->($tag->()))->{status}, 200, "E-06, E-07, RX-15: $method, $case->[0]");
    }
    is_scim_error($write{$method}->('If-None-Match' => $_->($tag->())), 412, undef, "E-12: $method, If-None-Match") for sub { '*' }, sub { $_[0] };
    is($write{$method}->('If-None-Match' => 'W/"0"')->{status}, 200, "E-12: $method, If-None-Match of another version");
}
is_scim_error($s->delete($path, 'If-Match' => 'W/"0"'), 412, undef, 'E-05: DELETE');
my $members = sub { my ($value, @h) = @_; return $s->patch("/Groups/$g->{id}", [{ op => 'replace', path => 'members', value => $value }], @h) };
is_scim_error($members->([], 'If-Match' => 'W/"0"'), 412, undef, 'E-05: members alone');
is_deeply(ids(reread($s, $g)->{members}), [$u->{id}], 'E-05: members stay');
is($members->([], 'If-Match' => reread($s, $g)->{meta}{version})->{status}, 204, 'E-06: members alone, the present version');
is($members->([{ value => $u->{id} }], 'If-Match' => '*')->{status}, 204, 'E-07: members alone, *');
is_deeply(ids(reread($s, $g)->{members}), [$u->{id}], 'E-07: done');
is($members->([], 'If-Match' => '*')->{status}, 204, 'E-07: and undone');
my $enter = [{ op => 'add', path => 'members', value => [{ value => $u->{id} }] }];
my $leave = [{ op => 'remove', path => qq(members[value eq "$u->{id}"]) }];
my $change = sub { my ($operations, $tag) = @_; return $s->patch("/Groups/$g->{id}", $operations, 'If-Match' => $tag) };
is_scim_error($change->($enter, 'W/"0"'), 412, undef, 'E-05: one member more');
is_deeply(ids(reread($s, $g)->{members}), [], 'E-05: nobody comes');
is($change->($enter, reread($s, $g)->{meta}{version})->{status}, 204, 'E-06: one member more, the present version');
is_scim_error($change->($leave, 'W/"0"'), 412, undef, 'E-05: one member less');
is_deeply(ids(reread($s, $g)->{members}), [$u->{id}], 'E-05: nobody goes');
is($change->($leave, reread($s, $g)->{meta}{version})->{status}, 204, 'E-06: one member less, the present version');
for my $missing ('/Users/01890000-0000-7000-8000-000000000000', '/Users/none') {
    is_scim_error($s->put($missing, $body->('x'), 'If-Match' => '*'), 404, undef, "E-08: PUT $missing: 404 first");
    is_scim_error($s->patch($missing, [{ op => 'remove', path => 'title' }], 'If-Match' => 'W/"1"'), 404, undef, "E-08: PATCH $missing");
    is_scim_error($s->delete($missing, 'If-Match' => 'W/"1"'), 404, undef, "E-08: DELETE $missing");
}

# ---- one atomic step (E-09) ----

for my $round (1 .. 3) {
    my $now = $tag->();
    is_deeply(in_parallel(10, sub { $retitle->("race $round $_[0]", 'If-Match' => $now)->{status} }), { 200 => 1, 412 => 9 },
        "E-09: PATCH, round $round: one of ten");
    $now = $tag->();
    is_deeply(in_parallel(10, sub { $s->put($path, $body->("put $round $_[0]"), 'If-Match' => $now)->{status} }), { 200 => 1, 412 => 9 },
        "E-09: PUT, round $round: one of ten");
}
my @users = map { $s->user->{id} } 1 .. 20;
is_deeply(in_parallel(20, sub { my @with = @_; persist(sub { $s->patch("/Groups/$g->{id}",
    [{ op => 'add', path => 'members', value => [{ value => $users[$with[0]] }] }]) }) }), { 204 => 20 },
    'fleet#50724: twenty members added at the same time');
is_deeply(ids(reread($s, $g)->{members}), [sort @users], 'none is lost');
is_deeply(in_parallel(20, sub { my @with = @_; persist(sub { $s->patch("/Groups/$g->{id}",
    [{ op => 'remove', path => qq(members[value eq "$users[$with[0]]"]) }]) }) }), { 204 => 20 }, 'and removed at the same time');
is(reread($s, $g)->{members}, undef, 'none stays');
my @parts = qw(title nickName userType locale timezone preferredLanguage displayName profileUrl);
is_deeply(in_parallel(8, sub { $s->patch($path, [{ op => 'replace', path => $parts[$_[0]], value => "x$_[0]" }])->{status} }), { 200 => 8 },
    'eight attributes changed at the same time');
my $end = $s->get($path)->{json};
is_deeply([@$end{@parts}], [map { "x$_" } 0 .. 7], 'all changes are there');

# ETags cannot be turned off, so nobody's If-Match is passed over; nobody is asked for one either.
for my $profile (qw(default rfc grouptalk)) {
    my $t = ScimTest->new(profile => $profile);
    my $of = $t->user;
    my $put = sub { return $t->put("/Users/$of->{id}", { schemas => [USER], userName => $of->{userName}, title => 'E' }, @_)->{status} };
    is_deeply($t->get('/ServiceProviderConfig')->{json}{etag}, { supported => ScimTest::TRUE }, "E-15: $profile: ETags are advertised");
    is($put->('If-Match' => '"99"'), 412, "E-15: $profile: and looked at");
    is($put->(), 200, "E-16: $profile: a write without a precondition is carried out");
}

# If-Match is a failed precondition on a resource that is gone.
is($s->delete($path, 'If-Match' => $tag->())->{status}, 204, 'E-06: DELETE, the present version');

done_testing;
