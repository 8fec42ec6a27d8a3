# DELETE (DE-01 to DE-09), in the strict profile and in the tolerant one.
use strict;
use warnings;

use Test::More;
use ScimTest qw(ENTERPRISE USER uri is_scim_error);
use ScimTest::Fixtures;

for my $profile (qw(default rfc)) {
    subtest $profile => sub {
        my $s = ScimTest->new(profile => $profile);
        my $f = fixtures($s);
        my ($u, $path) = ($f->{U2}, "/Users/$f->{U2}{id}");
        my $r = $s->delete($path);

        is_deeply([$r->{status}, $r->{body}], [204, ''], 'DE-01: 204 without body');
        my %then = (GET => undef, HEAD => undef, PUT => { schemas => [USER], userName => 'mpepperidge' },
            PATCH => { schemas => [ScimTest::PATCHOP], Operations => [{ op => 'remove', path => 'title' }] }, DELETE => undef);
        is($s->request($_, $path, $then{$_})->{status}, 404, "DE-02: $_ after that") for sort keys %then;
        is_scim_error($s->delete($path), 404, undef, 'DE-02, rule 25: a second DELETE');
        is($s->get('/Users' . uri(filter => $_))->{json}{totalResults}, 0, "DE-03: $_") for qq(id eq "$u->{id}"), 'userName eq "mpepperidge"';
        is($s->get('/Users?count=0')->{json}{totalResults}, 2, 'DE-03: counts');
        isnt($s->user(userName => 'mpepperidge')->{id}, $u->{id}, 'DE-04: the name is free');

        is_scim_error($s->delete("/Users/$f->{U1}{id}", 'If-Match' => 'W/"0"'), 412, undef, 'DE-05: a stale version');
        is($s->get("/Users/$f->{U1}{id}")->{status}, 200, 'DE-05: still there');
        is_scim_error($s->delete("/Users/$f->{U1}{id}", 'If-None-Match' => $_), 412, undef, "DE-05: If-None-Match: $_") for '*', 'W/"1"', 'W/"0", W/"1"';
        is_scim_error($s->delete('/Users/01890000-0000-7000-8000-000000000000', 'If-None-Match' => '*'), 404, undef, 'DE-05: If-None-Match, and nobody there');
        is($s->delete('/Users/' . $s->user->{id}, 'If-None-Match' => 'W/"0"')->{status}, 204, 'DE-05: If-None-Match: another version');
        is_scim_error($s->delete("/Groups/$f->{U1}{id}"), 404, undef, 'DE-09: a user under /Groups');
        is_scim_error($s->delete("/Users/$f->{G1}{id}"), 404, undef, 'DE-09: a group under /Users');
        is_deeply([map { $s->get($_)->{status} } "/Users/$f->{U1}{id}", "/Groups/$f->{G1}{id}"], [200, 200], 'DE-09: nothing is deleted');
        is_scim_error($s->delete($_), 405, undef, "DE-08: DELETE $_") for qw(/Users /Groups);

        my $managed = $s->user(ENTERPRISE() => { manager => { value => $f->{U1}{id} } });
        my $before = reread($s, $f->{G1});
        is($s->delete("/Users/$f->{U1}{id}", 'If-Match' => reread($s, $f->{U1})->{meta}{version})->{status}, 204, 'DE-05: the present version');
        my $after = reread($s, $f->{G1});
        is_deeply(ids($after->{members}), [$f->{U3}{id}], 'DE-06: no member of the group any more');
        isnt($after->{meta}{version}, $before->{meta}{version}, 'DE-06: the group has a new version');
        cmp_ok($after->{meta}{lastModified}, 'gt', $before->{meta}{lastModified}, 'DE-06: and was modified');
        is(reread($s, $managed)->{ ENTERPRISE() }{manager}{value}, $f->{U1}{id}, 'DE-07: manager.value is kept');

        $before = reread($s, $f->{G2});
        is($s->delete("/Groups/$f->{G1}{id}")->{status}, 204, 'DE-01: a group');
        is_deeply([reread($s, $f->{G2})->{members}, reread($s, $f->{U3})->{groups}], [undef, undef],
            'DE-06: gone from its parent and from its members');
        isnt(reread($s, $f->{G2})->{meta}{version}, $before->{meta}{version}, 'DE-06: the parent has a new version');
        is($s->request('DELETE', "/Groups/$f->{G3}{id}", '{"ignored":true}')->{status}, 204, 'DE-08: a body is ignored');
        is($s->group(displayName => 'Empty')->{displayName}, 'Empty', 'DE-04: the name of a group is free as well');
    };
}
done_testing;
