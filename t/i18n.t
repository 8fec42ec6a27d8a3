# Characters (I-01 to I-14).
use strict;
use warnings;
use utf8;

use Test::More;
use ScimTest qw(USER uri is_scim_error);
use ScimTest::Fixtures;

binmode $_, ':encoding(UTF-8)' for Test::More->builder->output, Test::More->builder->failure_output, Test::More->builder->todo_output;

my $NFD = "e\x{301}";
my $serial = 0;

for my $profile (qw(default rfc)) {
    subtest $profile => sub {
        my $s = ScimTest->new(profile => $profile);
        my $post = sub { return $s->post('/Users', { schemas => [USER], userName => 'i' . ++$serial . '@example.com', @_ }) };
        my $find = sub { return names($s->get('/Users' . uri(filter => $_[0]))) };

        user_names($s, $post, $find);
        comparisons($s, $find);
        round_trips($s, $post);
        lengths($s, $post);
        passwords($s, $post);
        if ($profile eq 'rfc') {
            is_scim_error($post->(userName => $_->[1]), 400, 'invalidValue', "I-03: $_->[0]")
                for ['zero width space', "a\x{200b}b"], ['BEL', "a\x{7}b"], ['private use', "a\x{e000}b"], ['DEL', "a\x{7f}"],
                    ['a symbol', "a\x{2665}"], ['an emoji', '😀'], ['a no-break space', "a\x{a0}b"], ['a space at the end', 'ab '],
                    ['a ligature', 'ﬁn'], ['left to right in right to left', "\x{5d0}b"];
            is($post->(userName => $_)->{status}, 201, "I-03: $_ is a name") for 'Mira Solheim', "o'neil+x", '用户@例え.jp', 'שלום';
        } else {
            my $r = $post->(userName => "a\x{200b}b");
            is_deeply([$r->{status}, $r->{json}{userName}], [201, "a\x{200b}b"],
                'section 10.3: zero width characters occur in names and are tolerated');
            looks($post, $find);
        }
    };
}
done_testing;

sub user_names {
    my ($s, $post, $find) = @_;

    $post->(userName => $_)->{status} == 201 or die for 'alice', "rené", 'straße', 'ΑΣ', 'ΟΔΥΣΣΕΎΣ';
    for my $case (['full width', 'ａｌｉｃｅ'], ['capitals', 'ALICE'], ['full width capitals', 'ＡＬＩＣＥ'], ['NFD', "ren$NFD"],
        ['final sigma', 'οδυσσεύς'], ['capitals and accents', 'RENÉ'], ['capitals and accents, NFD', "REN" . "E\x{301}"]) {
        is_scim_error($post->(userName => $case->[1]), 409, 'uniqueness', "I-01: $case->[0]");
    }
    is_scim_error($s->post('/Users', qq({"schemas":["@{[USER]}"],"userName":"\\u0061lic\\u0065"})), 409, 'uniqueness',
        'I-07: escapes are the characters');
    is($find->('userName eq "ＡＬＩＣＥ"'), 'alice', 'I-02: full width in a filter');
    is($find->(qq(userName eq "REN$NFD")), 'rené', 'I-02: NFD in a filter');
    is($find->('userName sw "ＡＬ"'), 'alice', 'I-02: sw');
    is($find->('userName eq "\u0061LICE"'), 'alice', 'I-07: an escape in a filter');
    is($post->(userName => 'rene')->{status}, 201, 'I-06: no accent, another name');
    is($post->(userName => 'strasse')->{status}, 201, 'I-01: ß is lower-cased, not folded: Weiß and Weiss are two people');
    is($find->('userName eq "οδυσσεύς"'), 'ΟΔΥΣΣΕΎΣ', 'I-02: final sigma in a filter');
    is($s->get('/Users' . uri(filter => 'userName eq "RENÉ"'))->{json}{Resources}[0]{userName}, 'rené',
        'I-11: the name is returned as it was sent');
    return;
}

# Two names that a reader takes for one are one: nobody can pass for somebody else.
sub looks {
    my ($post, $find) = @_;

    $post->(userName => $_)->{status} == 201 or die for 'admin', 'Mira Solheim', 'fin';
    for my $case (['zero width space', "ad\x{200b}min"], ['soft hyphen', "admin\x{ad}"], ['no-break space at the end', "admin\x{a0}"],
        ['space at the end', 'admin '], ['space at the start', ' Admin'], ['control', "ad\x{7}min"], ['direction marks', "\x{202a}admin\x{202c}"],
        ['variation selector', "admin\x{fe0f}"], ['no-break space inside', "mira\x{a0}solheim"], ['two spaces', 'mira  solheim'],
        ['ligature', 'ﬁn'], ['dot on i', "admi\x{307}n"]) {
        is_scim_error($post->(userName => $case->[1]), 409, 'uniqueness', "I-01: $case->[0]");
    }
    is($find->(qq(userName eq "AD\x{200b}MIN ")), 'admin', 'I-02: the same key in a filter');
    is($find->(qq(userName sw "mira\x{a0}s")), 'Mira Solheim', 'I-02: and in sw');
    is_scim_error($post->(userName => "\x{200b}\x{ad} "), 400, 'invalidValue', 'C-34: a name of which nothing is seen');
    return;
}

# What an index holds is bounded, in words that tell the attribute and the limit.
sub lengths {
    my ($s, $post) = @_;

    for my $attribute (qw(userName externalId displayName)) {
        for my $case (['x' x 2000, 201], ['ø' x 1000, 201], ['x' x 2001, 400], ['ø' x 1001, 400], ['x' x 300_000, 400],
            [join('', map { chr(0x4e00 + $_ * 7919 % 20000) } 1 .. 700), 400]) {
            my ($text, $status) = @$case;
            my $r = $post->($attribute => $attribute eq 'userName' ? substr($text, 0, -1) . ++$serial % 10 : $text);
            my $length = length $text;

            $status == 201 ? is($r->{status}, 201, "$attribute of $length characters")
                : is_scim_error($r, 400, 'invalidValue', "$attribute of $length characters");
            like($r->{json}{detail}, qr/\b$attribute is too long: at most 2000 bytes/, '... which says what is wrong') if $status == 400;
        }
    }
    # Text of which little or nothing is seen is as long as it is: it stands in every answer that shows it.
    for my $case (['userName', 'zwN' . "\x{200b}" x 700], ['userName', 'zwN' . "\x{200b}" x 500_000], ['displayName', "e\x{301}" x 700],
        ['userName', "\x{fdfa}" x 100], ['userName', "\x{fdfa}" x 500_000], ['displayName', "a\x{301}\x{316}" x 500_000]) {
        my ($attribute, $text) = @$case;
        my $length = length $text;

        # Three bytes of U+FDFA look like 33; PRECIS refuses the character, however often it comes.
        my $r = $post->($attribute => $text);
        is_scim_error($r, 400, 'invalidValue', "$attribute of $length characters");
        like($r->{json}{detail}, qr/\b$attribute is too long: at most 2000 bytes/, '... which says what is wrong')
            unless $length == 100 && $s->profile eq 'rfc';
    }
    my $u = $s->user;
    is_scim_error($s->patch("/Users/$u->{id}", [{ op => 'replace', path => 'displayName', value => 'x' x 2001 }]), 400, 'invalidValue',
        'PATCH: a displayName that is too long');
    is($s->get('/Users' . uri(filter => 'userName eq "' . 'x' x 4000 . '"'))->{status}, 200, 'a filter may be longer');
    return;
}

# OpaqueString (RFC 8265 section 4.2). Its FreeformClass is for rfc: elsewhere people have the passwords that their directory let them have.
sub passwords {
    my ($s, $post) = @_;
    my $u = $s->user;

    my $set = sub { return ($post->(password => $_[0]), $s->patch("/Users/$u->{id}", [{ op => 'replace', path => 'password', value => $_[0] }])) };
    my $refused = sub {
        my ($title, $r) = @_;
        is_scim_error($r, 400, 'invalidValue', "I-04: a password with $title");
        unlike($r->{body}, qr/Zx1/, '... of which nothing is told');
    };

    for my $case (['a variation selector', "Zx1❤\x{fe0f}2"], ['a joined emoji', "Zx1👩\x{200d}💻"], ['a soft hyphen', "Zx1a\x{ad}b"],
        ['a zero width space', "Zx1a\x{200b}b"], ['private use', "Zx1\x{e000}"], ['not assigned', "Zx1\x{378}"],
        ['a line separator', "Zx1a\x{2028}b"], ['a joiner alone', "Zx1a\x{200d}b"]) {
        my ($title, $password) = @$case;
        my ($created, $patched) = $set->($password);
        if ($s->profile eq 'rfc') {
            $refused->($title, $_) for $created, $patched;
        } else {
            is_deeply([map { $_->{status} } $created, $patched], [201, 200], "I-04: tolerated: a password with $title");
        }
    }
    $refused->('a control', $_) for map { $set->("Zx1$_") } "\x{7}", "\t", "\x{7f}", "\x{85}";
    is($post->(password => $_)->{status}, 201, "I-04: the password $_") for 'Zx1 é 用户 ♥ €½', "Zx1\x{a0}😀", 'x' x 511;
    for my $password ('x' x 512, 'é' x 300, "e\x{301}\x{316}" x 500_000) {
        my $r = $post->(password => $password);
        is_scim_error($r, 400, 'invalidValue', 'a password of ' . length($password) . ' characters');
        like($r->{json}{detail}, qr/password is longer than 511 bytes/, '... which says how long it may be');
    }
    return;
}

sub comparisons {
    my ($s, $find) = @_;

    $s->user(userName => 'cmp1', displayName => 'émile', title => 'İstanbul', nickName => 'I');
    $s->user(userName => 'cmp2', displayName => 'José', title => 'Straße', nickName => 'ﬁn');
    is($find->('displayName eq "ÉMILE"'), 'cmp1', 'I-05: letter case beyond ASCII');
    is($find->(qq(displayName eq "${NFD}mile")), 'cmp1', 'I-05: NFD');
    is($find->('displayName sw "ÉM" and displayName ew "LE" and displayName co "MIL"'), 'cmp1', 'I-05: sw, ew, co');
    is($find->('displayName eq "Jose"'), '', 'I-06: accents matter');
    is($find->('nickName eq "i"'), 'cmp1', 'I-05: I is i, whatever the locale');
    is($find->('TITLE pr and NICKNAME eq "I"'), 'cmp1', 'I-05: names of attributes, whatever the locale');
    is($find->('displayName eq "JOSÉ"'), 'cmp2', 'I-05: capitals');
    is(names($s->get('/Users?filter=displayName+eq+%22jos%C3%A9%22')), 'cmp2', 'I-12: percent-encoded UTF-8');
    is_scim_error($s->get('/Users?filter=displayName+eq+%22jos%E9%22'), 400, 'invalidFilter', 'I-12: Latin-1');
    is_scim_error($s->get('/Users?filter=%FF'), 400, 'invalidFilter', 'I-12: %FF');
    is_scim_error($s->get('/Users' . uri(filter => 'displayName eq "\u0000"')), 400, 'invalidFilter', 'I-10: U+0000 in a filter');
    is_scim_error($s->get('/Users' . uri(filter => 'displayName eq "\ud83d"')), 400, 'invalidFilter', 'I-09: a lone surrogate in a filter');
    return;
}

sub round_trips {
    my ($s, $post) = @_;

    for my $case (['I-08: beyond the BMP', '😀👍🏽'], ['I-11: NFD', "Ren$NFD"], ['I-11: blanks at the ends', '  x  '],
        ['I-11: right to left', "\x{200f}שלום\x{202e}x"], ['I-11: lines and tabs', "a\nb\r\n\tc"], ['I-11: markup', '<b>&amp;</b>'],
        ['I-11: controls', "a\x{1}\x{1f}\x{7f}b"], ['I-11: line separator', "a\x{2028}b"], ['I-11: quotes and backslashes', q("\\/'`)],
        ['I-11: combining characters', "o\x{308}\x{304}\x{323}"], ['I-11: full width', 'Ｆｕｌｌ'],
        ['I-11: noncharacters', "a\x{fdd0}b"], ['I-08: the last code point', "\x{10fffd}"], ['I-11: long', 'ø' x 1000]) {
        my ($title, $text) = @$case;
        my $r = $post->(displayName => $text, addresses => [{ formatted => $text }], externalId => $text);
        my $read = $r->{status} == 201 ? $s->get("/Users/$r->{json}{id}")->{json} : {};
        is_deeply([$r->{status}, $read->{displayName}, $read->{addresses}[0]{formatted}, $read->{externalId}], [201, $text, $text, $text], $title);
    }
    my $r = $s->post('/Users', qq({"schemas":["@{[USER]}"],"userName":"esc$serial${\$s->profile}","displayName":"\\ud83d\\ude00 \\u00e9"}));
    is($r->{json}{displayName}, '😀 é', 'I-07, I-08: escapes are decoded');
    $r = $post->(emails => [{ value => '用户@例え.jp' }], phoneNumbers => [{ value => '٠١٢٣' }]);
    is_deeply([$r->{status}, $r->{json}{emails}[0]{value}], [201, '用户@例え.jp'], 'I-14: international addresses');
    is(scalar $s->get('/Users' . uri(filter => 'emails.value eq "用户@例え.JP"'))->{json}{totalResults}, 1, 'I-14: are found');
    my @order = ('Zoe', 'a', 'Émile', 'z', 'ä');
    my $t = ScimTest->new(profile => $s->profile);
    $t->user(userName => "o$_", displayName => $order[$_]) for 0 .. $#order;
    my @sorted = map { $_->{displayName} } @{ $t->get('/Users?sortBy=displayName')->{json}{Resources} };
    is_deeply(\@sorted, ['a', 'z', 'Zoe', 'ä', 'Émile'], 'I-13: order of code points, without case, without a locale');
    return;
}
