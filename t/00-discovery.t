# /ServiceProviderConfig, /ResourceTypes, /Schemas (RFC 7644 section 4; D-01 to D-30).
use strict;
use warnings;

use Test::More;
use ScimTest qw(uri is_scim_error);

my $SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:';

for my $profile (qw(default rfc grouptalk)) {
    subtest $profile => sub { discovery(ScimTest->new(profile => $profile), $profile) };
}
done_testing;

sub discovery {
    my ($s, $profile) = @_;

    config($s);
    resource_types($s, $profile);
    schemas($s, $profile);
    read_only($s);
    return;
}

sub config {
    my ($s) = @_;
    my $r = $s->get('/ServiceProviderConfig', Authorization => undef);
    my $c = $r->{json};

    is($r->{status}, 200, 'D-05: /ServiceProviderConfig is read without credentials');
    like($r->header('Content-Type'), qr{^application/scim\+json}, 'H-01: media type');
    is($c->{schemas}[0], $SCHEMA . 'ServiceProviderConfig', 'D-01: schema of the configuration');
    ok(!exists $c->{Resources}, 'D-01: not a list');
    ok(JSON::PP::is_bool($c->{$_}{supported}), "D-02: $_.supported is a boolean") for qw(patch bulk filter changePassword sort etag);
    like($r->{body}, qr/"$_"\s*:\s*\d+[,}\s]/, "D-03: $_ is an integer") for qw(maxOperations maxPayloadSize maxResults);
    my @schemes = @{ $c->{authenticationSchemes} };
    ok(scalar @schemes, 'D-02: authentication schemes');
    for my $scheme (@schemes) {
        ok(length($scheme->{name}) && length($scheme->{description}), "D-04: $scheme->{type} has a name and a description");
        like($scheme->{type}, qr/^(?:oauth|oauth2|oauthbearertoken|httpbasic|httpdigest)$/, 'D-04: type of a scheme');
    }
    cmp_ok(scalar(grep { $_->{primary} } @schemes), '<=', 1, 'D-04: at most one primary scheme');
    is($c->{meta}{resourceType}, 'ServiceProviderConfig', 'D-07: meta.resourceType');
    is($c->{meta}{location}, $s->base . '/ServiceProviderConfig', 'D-07: meta.location');
    ok($c->{changePassword}{supported}, 'D-06: passwords are taken, also where /Schemas does not list the attribute');
    ok($c->{patch}{supported} && $c->{filter}{supported} && $c->{etag}{supported}, 'D-06: PATCH, filters and ETags are there');
    is_scim_error($s->get('/ServiceProviderConfig/x'), 404, undef, 'D-07: nothing below the configuration');
    return;
}

# The three numbers of a list that is not paged.
sub is_list {
    my ($json, $title) = @_;
    my $n = @{ $json->{Resources} };

    is_deeply([@$json{qw(schemas totalResults itemsPerPage startIndex)}], [[ScimTest::LIST], $n, $n, 1], "D-28, RX-22: $title: numbers of the list");
    return;
}

sub resource_types {
    my ($s, $profile) = @_;
    my $r = $s->get('/ResourceTypes');

    is($r->{status}, 200, 'D-08: /ResourceTypes');
    is_list($r->{json}, 'types');
    my %type = map { $_->{name} => $_ } @{ $r->{json}{Resources} };
    ok($type{User} && $type{Group}, 'D-08: User and Group');
    for my $type (values %type) {
        is($s->get("/Schemas/$type->{schema}")->{status}, 200, "D-10: schema of $type->{name}");
        is($type->{meta}{location}, $s->base . "/ResourceTypes/$type->{name}", "$type->{name}: meta.location");
        for my $extension (@{ $type->{schemaExtensions} // [] }) {
            is($s->get("/Schemas/$extension->{schema}")->{status}, 200, "D-10: extension $extension->{schema}");
            ok(JSON::PP::is_bool($extension->{required}), 'D-10: required is a boolean');
        }
    }
    is($type{User}{endpoint}, '/Users', 'D-11: endpoint');
    is($s->get($type{User}{endpoint})->{status}, 200, 'D-11: base and endpoint');
    is_deeply($s->get('/ResourceTypes/User')->{json}, $type{User}, 'D-09: one type');
    is_scim_error($s->get('/ResourceTypes/Nope'), 404, undef, 'D-09: no such type');
    if ($profile eq 'grouptalk') {
        is(scalar(grep { $_->{schema} =~ /grouptalk/ } map { @{ $_->{schemaExtensions} } } @type{qw(User Group)}), 2,
            'GroupTalk: an extension of its own for each type');
    }
    return;
}

sub schemas {
    my ($s, $profile) = @_;
    my $r = $s->get('/Schemas');
    my %schema = map { $_->{id} => $_ } @{ $r->{json}{Resources} };

    is($r->{status}, 200, 'D-14: /Schemas');
    unlike($r->{body}, qr/:\s*null\b/, 'MS-26: no null in /Schemas');
    is_list($r->{json}, 'schemas');
    ok($schema{$_}, "D-14, D-15: $_") for map({ $SCHEMA . $_ } qw(User Group ServiceProviderConfig ResourceType Schema)), ScimTest::ENTERPRISE;
    is(scalar(grep { /:api:/ } keys %schema), 0, 'D-16: messages are no schemas');
    is_scim_error($s->get('/Schemas/' . ScimTest::PATCHOP), 404, undef, 'D-16: a message is not found');
    my $user = ScimTest::USER;
    is_deeply($s->get("/Schemas/$user")->{json}, $schema{$user}, 'D-17: one schema');
    is_deeply($s->get('/Schemas/' . $user =~ s/:/%3A/gr)->{json}, $schema{$user}, 'D-17: one schema, colons escaped');
    for my $id (sort keys %schema) {
        my $one = $schema{$id};

        is_deeply($one->{schemas}, [$SCHEMA . 'Schema'], "D-18: $id: schemas");
        is_deeply([@{ $one->{meta} }{qw(resourceType location)}], ['Schema', $s->base . "/Schemas/$id"], "D-18: $id: meta");
        my @wrong = map { definition_errors($_, '', $id eq $SCHEMA . 'Schema') } @{ $one->{attributes} };
        is_deeply(\@wrong, [], "D-22, D-23, MS-26: $id: definitions of attributes");
    }
    choices(\%schema, $profile);
    return;
}

# Where RFC 7643 contradicts itself.
sub choices {
    my ($schema, $profile) = @_;
    my $find = sub {
        my ($id, @path) = @_;
        my $at = $schema->{$id};
        for my $name (@path) {
            ($at) = grep { $_->{name} eq $name } @{ $at->{subAttributes} // $at->{attributes} };
        }
        return $at // {};
    };
    my ($user, $group, $config, $type, $meta) = (ScimTest::USER, ScimTest::GROUP, map { $SCHEMA . $_ } qw(ServiceProviderConfig ResourceType Schema));

    ok($find->($group, 'displayName')->{required}, 'RX-01: the name of a group is required') unless $profile eq 'grouptalk';
    is($find->($config, 'authenticationSchemes', 'type')->{type}, 'string', 'RX-02: type of authentication schemes');
    is($find->($config, 'etag', 'supported')->{type}, 'boolean', 'RX-02: etag');
    ok($find->(@$_)->{caseExact}, "RX-03: $_->[-1] of $_->[-2] is case-exact")
        for [$user, 'profileUrl'], [$user, 'photos', 'value'], [$user, 'x509Certificates', 'value'], [$group, 'members', '$ref'];
    is_deeply([@{ $find->($type, 'schemaExtensions') }{qw(multiValued required)}], [ScimTest::TRUE, ScimTest::FALSE], 'RX-04: schemaExtensions is a list');
    ok($find->($meta, @$_, 'referenceTypes')->{multiValued}, "RX-05: referenceTypes of @$_") for ['attributes'], ['attributes', 'subAttributes'];
    is(scalar(grep { $_ eq 'binary' } @{ $find->($meta, @$_, 'type')->{canonicalValues} }), 1, "RX-05: binary, @$_") for ['attributes'], ['attributes', 'subAttributes'];
    is($find->($user, 'addresses', 'primary')->{type}, 'boolean', 'RX-06: addresses.primary');
    is($find->($group, 'members', 'display')->{mutability}, 'readOnly', 'RX-06, RX-07: members.display');
    is($find->($user, 'groups', 'display')->{mutability}, 'readOnly', 'RX-07: groups.display');
    is($find->($user, $_, 'display')->{mutability}, 'readWrite', "RX-07: $_.display") for qw(emails phoneNumbers ims);
    like($find->($user, 'preferredLanguage')->{description}, qr/\ben-US\b/, 'RX-09: a language tag in the description');
    return;
}

# What is wrong with an attribute's definition and those below it.
sub definition_errors {
    my ($attr, $parent, $nesting_allowed) = @_;
    my $name = $parent . $attr->{name};
    my @wrong;
    my $check = sub { my ($ok, $what) = @_; push @wrong, "$name: $what" unless $ok; return };

    $check->(defined $attr->{$_} && length $attr->{$_}, "no $_") for qw(name type description mutability returned);
    $check->(JSON::PP::is_bool($attr->{$_}), "$_ is no boolean") for qw(multiValued required);
    $check->($attr->{type} =~ /^(?:string|boolean|decimal|integer|dateTime|binary|reference|complex)$/, 'type');
    $check->($attr->{mutability} =~ /^(?:readOnly|readWrite|immutable|writeOnly)$/, 'mutability');
    $check->($attr->{returned} =~ /^(?:always|never|default|request)$/, 'returned');
    $check->($attr->{uniqueness} =~ /^(?:none|server|global)$/, 'uniqueness') if $attr->{type} eq 'string';
    $check->(JSON::PP::is_bool($attr->{caseExact}), 'caseExact') if $attr->{type} =~ /^(?:string|reference|binary)$/;
    $check->(!exists $attr->{referenceTypes} || $attr->{type} eq 'reference', 'referenceTypes on something else');
    $check->(($attr->{type} eq 'complex') == exists $attr->{subAttributes}, 'subAttributes');
    $check->($parent eq '' || $attr->{type} ne 'complex' || $nesting_allowed, 'complex inside complex');
    return (@wrong, map { definition_errors($_, "$name.", $nesting_allowed) } @{ $attr->{subAttributes} // [] });
}

# RFC 7643 section 2.4: what the usual parts of attributes are, and section 3.1: common attributes.
my %USUAL = (type => ['string'], primary => ['boolean'], display => ['string'], '$ref' => ['reference'], value => [qw(string reference binary dateTime integer decimal boolean)]);

sub usual_parts {
    my ($schema) = @_;
    my (@wrong, @common);

    for my $attr (@{ $schema->{attributes} }) {
        push @common, $attr->{name} if $attr->{name} =~ /^(?:id|externalId|meta)$/i;
        for my $part ($attr->{multiValued} ? @{ $attr->{subAttributes} // [] } : ()) {
            my $types = $USUAL{ $part->{name} } or next;
            push @wrong, "$attr->{name}.$part->{name} is $part->{type}" unless grep { $_ eq $part->{type} } @$types;
        }
    }
    is_deeply(\@wrong, [], "V-02: $schema->{name}: usual parts are what they are everywhere");
    is_deeply(\@common, [], "D-25: $schema->{name}: common attributes are not listed") if $schema->{id} =~ /:(?:User|Group)$/;
    return;
}

sub read_only {
    my ($s) = @_;
    my $all = $s->get('/Schemas')->{json};

    usual_parts($_) for @{ $all->{Resources} };

    is_scim_error($s->get($_ . uri(filter => 'id eq "x"')), 403, undef, "D-19: filter on $_") for qw(/Schemas /ResourceTypes /ResourceTypes/User), '/Schemas/' . ScimTest::USER;
    my $config = $s->get('/ServiceProviderConfig' . uri(filter => 'x eq "y"'));
    $s->profile eq 'rfc' ? is_scim_error($config, 403, undef, 'D-19: filter on /ServiceProviderConfig')
        : is($config->{status}, 200, 'D-19: a filter on /ServiceProviderConfig, which is no list, is ignored');
    is_deeply($s->get('/ServiceProviderConfig')->{json}{pagination}, { cursor => ScimTest::TRUE, index => ScimTest::TRUE,
        defaultPaginationMethod => 'index', defaultPageSize => 100, maxPageSize => 1000, cursorTimeout => 3600 }, 'D-29: pagination');
    ok(!exists $s->get('/ServiceProviderConfig')->{json}{securityEvents}, 'D-30: without securityEvents: there are none');
    is_deeply($s->get('/Schemas' . uri(startIndex => 2, count => 1, sortBy => 'id'))->{json}, $all, 'D-20: paging and sorting are ignored');
    for my $case ([POST => '/Schemas'], [PUT => '/ResourceTypes/User'], [PATCH => '/ServiceProviderConfig'], [DELETE => '/Schemas/' . ScimTest::USER]) {
        my $r = $s->request(@$case, $case->[0] eq 'DELETE' ? undef : {});

        is_scim_error($r, 405, undef, "D-21: @$case");
        like($r->header('Allow') // '', qr/^(?=.*\bGET\b)(?=.*\bHEAD\b)(?!.*\b(?:POST|PUT|PATCH|DELETE)\b)/, "D-21: @$case: Allow");
    }
    return;
}
