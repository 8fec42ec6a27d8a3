# Attributes with several values (V-01 to V-11).
use strict;
use warnings;

use Test::More;
use ScimTest qw(TRUE FALSE GROUP USER uri is_scim_error);
use ScimTest::Fixtures;

my $serial = 0;

for my $profile (qw(default rfc)) {
    subtest $profile => sub {
        my $s = ScimTest->new(profile => $profile);
        my $post = sub { return $s->post('/Users', { schemas => [USER], userName => 'v' . ++$serial . '@example.com', @_ }) };
        my $emails = sub { my $r = $post->(emails => $_[0]); return $r->{status} == 201 ? $s->get("/Users/$r->{json}{id}")->{json}{emails}
            : "$r->{status} $r->{body}" };
        my $two = [{ value => 'a@x.org', primary => TRUE }, { value => 'b@x.org', primary => TRUE }];
        my $u = $s->user;

        if ($profile eq 'rfc') {
            is_scim_error($post->(emails => $two), 400, 'invalidValue', 'V-01: two primary values, POST');
            is_scim_error($s->put("/Users/$u->{id}", { schemas => [USER], userName => $u->{userName}, emails => $two }), 400,
                'invalidValue', 'V-01: two primary values, PUT');
        } else {
            for my $list ($emails->($two),
                $s->put("/Users/$u->{id}", { schemas => [USER], userName => $u->{userName}, emails => $two })->{json}{emails}) {
                is_deeply([map { $_->{primary} ? $_->{value} : () } @$list], ['b@x.org'], 'V-01: the last of two primary values');
            }
        }
        random_patches($s, $u);
        is_deeply($emails->([{ value => 'a@x.org', type => 'work' }, { value => 'a@x.org', type => 'work' }]),
            [{ value => 'a@x.org', type => 'work' }], 'V-03: a pair that is given twice is there once');
        is(scalar @{ $emails->([{ value => 'a@x.org', type => 'work' }, { value => 'a@x.org', type => 'home' }]) }, 2,
            'V-03: one value with two types');
        is_deeply($emails->([{ value => 'a@x.org', type => 'work' }, { value => 'b@x.org', type => 'work' }]),
            [{ value => 'a@x.org', type => 'work' }, { value => 'b@x.org', type => 'work' }], 'MS-21: two values of one type');
        my $same = $s->user(emails => [{ value => 'a@x.org', type => 'work' }]);
        is(scalar @{ $s->patch("/Users/$same->{id}",
            [{ op => 'add', path => 'emails', value => [{ type => 'work', value => 'a@x.org' }] }])->{json}{emails} }, 1,
            'V-03: a pair that is added again');
        $s->user(userName => "upper$serial", emails => [{ value => 'u@x.org', type => 'WORK' }]);
        is(names($s->get('/Users' . uri(filter => 'emails[type eq "work" and value eq "u@x.org"]'))), "upper$serial",
            'V-04: types are compared without case');
        is_deeply([map { $emails->($_) } [], [{}], [{ value => undef }], [{ value => '' }], [{}, {}]], [(undef) x 5],
            'V-05, V-08: nothing assigned is nothing');
        is_deeply($emails->([{}, { value => 'a@x.org' }, { value => undef, type => undef }]), [{ value => 'a@x.org' }], 'V-08: among others');
        is_scim_error($post->(emails => $_), 400, 'invalidValue', 'V-06: ' . JSON::PP->new->canonical->encode($_))
            for ['a@b'], [undef], [[]], [5], [TRUE], [{ value => 'x' }, 'y'];
        my $many = [map { +{ value => sprintf('m%03d@x.org', $_ * 7 % 100), type => 'other' } } 1 .. 100];
        is_deeply($emails->($many), $many, 'V-07: a hundred values in the order of the request');
        my $address = [{ locality => 'Oslo', primary => TRUE }, { locality => 'Bergen', type => 'home' }];
        is_deeply($post->(addresses => $address)->{json}{addresses}, $address, 'V-09: addresses have a primary');
        my $r = $post->(emails => [map { +{ value => "l$_\@x.org" } } 1 .. 10_000]);
        ok($r->{status} == 201 || $r->{status} == 400 || $r->{status} == 413, "V-11: ten thousand values: $r->{status}");
        is_scim_error($r, $r->{status}, $r->{json}{scimType}, 'V-11: a clean error') unless $r->{status} == 201;
        many_members($s);
    };
}
simple_lists(ScimTest->new(path => $_)) for qw(/acme/v2 /acme-rfc/v2);
done_testing;

# Whatever is done, never two primary values (V-01). The sequence is the same in each run.
sub random_patches {
    my ($s, $u) = @_;
    my @types = qw(work home other);
    my ($worst, $failed) = (0, 0);

    srand 7;
    for my $i (1 .. 60) {
        my $type = $types[rand 3];
        my @operations = (
            { op => 'add', path => 'emails', value => [{ value => "r$i\@x.org", type => $type, primary => rand() < 0.5 ? TRUE : FALSE }] },
            { op => 'add', path => qq(emails[type eq "$type"].primary), value => TRUE },
            { op => 'add', path => qq(emails[type eq "$type"]), value => { display => "d$i", primary => TRUE } },
            { op => 'remove', path => qq(emails[type eq "$type" and primary eq true]) },
            { op => 'add', value => { emails => [{ value => "q$i\@x.org", primary => TRUE }] } },
        );
        my $r = $s->patch("/Users/$u->{id}", [@operations[map { int rand @operations } 1 .. 2]]);
        # Two elements of a type cannot both be primary: refusing that is right as well.
        $failed++ unless $r->{status} == 200 || ($r->{status} == 400 && ($r->{json}{scimType} // '') eq 'invalidValue');
        my $primary = grep { $_->{primary} } @{ $s->get("/Users/$u->{id}")->{json}{emails} // [] };
        $worst = $primary if $primary > $worst;
    }
    is_deeply([$worst, $failed], [1, 0], 'V-01: at most one primary after 60 random PATCHes');
    return;
}

sub many_members {
    my ($s) = @_;
    my $n = 500;
    my @ids = map { $s->user->{id} } 1 .. $n;
    my $started = time;
    my $g = $s->group(members => \@ids);

    is(scalar @{ reread($s, $g)->{members} }, $n, "V-11: a group of $n members");
    is($s->put("/Groups/$g->{id}",
        { schemas => [GROUP], displayName => $g->{displayName}, members => [map { +{ value => $_ } } @ids[0 .. 9]] })->{status}, 200,
        'V-11: replaced by ten');
    is_deeply(ids(reread($s, $g)->{members}), [sort @ids[0 .. 9]], 'V-11: the ten');
    cmp_ok(time - $started, '<', 20, 'V-11: in bounded time');
    return;
}

sub simple_lists {
    my ($s) = @_;
    my $profile = $s->base =~ /rfc/ ? 'rfc' : 'default';
    my $d = $s->post('/Devices', { schemas => ['urn:ietf:params:scim:schemas:acme:2.0:Device'], displayName => 'd',
        tags => ['a', 'b', 'a'] })->{json};
    my $tags = sub { my $r = $s->patch("/Devices/$d->{id}", [$_[0]]); return $r->{status} == 200 ? $r->{json}{tags} : "$r->{status} $r->{body}" };

    is_deeply($d->{tags}, ['a', 'b'], "V-10: $profile: equal values once");
    is($s->get('/Devices' . uri(filter => 'tags eq "A"'))->{json}{totalResults}, 1, "V-10: $profile: found by a value");
    is_deeply($tags->({ op => 'remove', path => 'tags[value eq "a"]' }), ['b'], "V-10: $profile: remove one");
    is_deeply($tags->({ op => 'add', path => 'tags', value => ['c', 'b'] }), ['b', 'c'], "V-10: $profile: add");
    is_deeply($tags->({ op => 'add', path => 'tags', value => 'd' }), ['b', 'c', 'd'], "V-10: $profile: add one value");
    is_deeply($tags->({ op => 'remove', path => 'tags', value => ['b', 'x'] }), ['c', 'd'], "V-10: $profile: remove by value");
    is_deeply($tags->({ op => 'replace', path => 'tags[value eq "c"]', value => 'C2' }), ['C2', 'd'], "V-10: $profile: replace one");
    is_deeply($tags->({ op => 'replace', path => 'tags', value => ['z'] }), ['z'], "V-10: $profile: replace all");
    is_deeply($tags->({ op => 'remove', path => 'tags' }), undef, "V-10: $profile: remove all");
    return;
}
