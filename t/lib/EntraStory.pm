# The life of a directory as one service sees it: tables of attributes and events, told to it by EntraClient in both dialects.
#
#   entra_story(
#       name => 'Talend', profile => 'default', auth => 'Bearer %s',
#       user => { match => ['userName'], attributes => [...] }, group => { match => ['displayName'], attributes => [...] },
#       users => { key => { attribute => value } }, groups => { key => { ..., members => [keys] } },
#       changes => [[user or group => key, { attribute => new value }]], members => { group => [keys] },
#       leaver => key, gone => key,
#   );
#
# leaver is disabled and restored, gone is deleted; keeps => 1: where nobody is, and gone is disabled as well. A new value of undef clears the attribute.
package EntraStory;

use strict;
use warnings;

use Exporter qw(import);
use Test::More;

use EntraClient;
use ScimTest;
use ScimTest::Fixtures;

our @EXPORT = qw(entra_story);

sub entra_story {
    my (%service) = @_;

    for my $dialect (qw(classic conforming)) {
        subtest "$service{name}, $dialect dialect" => sub {
            my $s = ScimTest->new(profile => $service{profile} // 'default', $service{path} ? (path => $service{path}) : ());
            my $c = EntraClient->new(scim => $s, dialect => $dialect, user => $service{user}, group => $service{group},
                auth => sprintf $service{auth} // 'Bearer %s', $s->token);
            my $self = bless { %service, s => $s, c => $c, users => _copy($service{users}), groups => _copy($service{groups}) }, __PACKAGE__;

            $self->$_ for qw(connect first_cycle second_cycle change_attributes change_members disable_and_restore delete_one);
            is_deeply($c->problems, [], 'nothing was answered against expectation');
        };
    }
    return;
}

# Booleans are objects that must stay what they are.
sub _copy {
    my ($table) = @_;

    return { map { my $key = $_; $key => { %{ $table->{$key} } } } keys %$table };
}

sub connect {
    my ($self) = @_;

    is($self->{c}->test_connection, 0, 'connection test: somebody unknown gives an empty list');
    return;
}

# Every attribute of the table is what the source says.
sub is_as_source {
    my ($self, $title) = @_;
    my $c = $self->{c};

    for my $kind (qw(user group)) {
        my $sources = $self->{"${kind}s"};
        for my $key (sort keys %$sources) {
            is_deeply($c->differences($kind, $sources->{$key}, $c->read_resource($kind, $c->id($key))), [], "$title: $key is as at the source");
        }
    }
    for my $key (sort keys %{ $self->{groups} }) {
        my $group = $self->{s}->get('/Groups/' . $c->id($key))->{json};
        is_deeply(ids($group->{members}), [sort map { $c->id($_) } @{ $self->{groups}{$key}{members} }], "$title: members of $key");
    }
    return;
}

# A cycle in which nothing has to change writes nothing.
sub quiet_cycle {
    my ($self, $title) = @_;
    my ($c, $before) = ($self->{c}, versions($self->{s}));

    $c->take_writes;
    $c->cycle($self->{users}, $self->{groups});
    is_deeply([$c->take_writes], [], "$title: the next cycle writes nothing");
    is_deeply(versions($self->{s}), $before, "$title: versions stay");
    return;
}

sub first_cycle {
    my ($self) = @_;
    my $c = $self->{c};

    $c->cycle($self->{users}, $self->{groups});
    my @created = grep { /^POST/ } $c->take_writes;
    is(scalar @created, keys(%{ $self->{users} }) + keys(%{ $self->{groups} }), 'first cycle: everything is created once');
    $self->is_as_source('first cycle');
    return;
}

# Another client object: as after a restart of the job, nothing is remembered.
sub second_cycle {
    my ($self) = @_;

    $self->quiet_cycle('second cycle');
    local $self->{c}{anchor} = {};
    local $self->{c}{sent} = {};
    $self->quiet_cycle('restart of the job');
    return;
}

sub change_attributes {
    my ($self) = @_;
    my $c = $self->{c};

    for my $change (@{ $self->{changes} }) {
        my ($kind, $key, $values) = @$change;
        my $source = $self->{"${kind}s"}{$key};
        my $before = versions($self->{s});

        # The object is known: no look-up, which a new matching value would miss.
        @$source{ keys %$values } = values %$values;
        $c->_patch_differences($kind, $c->id($key), $c->differences($kind, $source, $c->read_resource($kind, $c->id($key))));
        my $after = versions($self->{s});
        # The name of a group is part of its members' representation (E-11), and that of a member part of its groups' (E-10).
        my $now = $self->{s}->get(($kind eq 'group' ? '/Groups/' : '/Users/') . $c->id($key))->{json};
        my %part = map { $_->{value} => 1 } @{ $now->{members} // [] }, @{ $now->{groups} // [] };
        is_deeply([grep { $after->{$_} ne $before->{$_} && !$part{$_} } sort keys %$after], [$c->id($key)],
            "$key changes, nobody else: " . join ', ', sort keys %$values);
        $self->is_as_source("after a change of $key");
    }
    $self->quiet_cycle('after the changes');
    return;
}

sub change_members {
    my ($self) = @_;
    my $c = $self->{c};

    for my $key (sort keys %{ $self->{members} }) {
        my $members = $self->{members}{$key};

        $self->{groups}{$key}{members} = $members;
        $c->take_writes;
        $c->provision_members($key, $members);
        ok(scalar $c->take_writes, "members of $key change");
    }
    $self->is_as_source('after a change of members');
    $self->quiet_cycle('after a change of members');
    return;
}

sub disable_and_restore {
    my ($self) = @_;
    my ($c, $s, $key) = (@$self{qw(c s leaver)});
    my $id = $c->id($key);
    my $groups = ids($s->get("/Users/$id")->{json}{groups});

    cmp_ok(scalar @$groups, '>', 0, "$key is in a group");
    $c->set_active($key, 0);
    my $found = $c->match('user', $self->{users}{$key});
    is($found->{id}, $id, 'disabled: found by the matching attribute');
    is_deeply([JSON::PP::is_bool($found->{active}), !!$found->{active}], [!!1, !!0], 'disabled: active is the boolean false');
    is_deeply(ids($s->get("/Users/$id")->{json}{groups}), $groups, 'disabled: memberships stay');
    $c->set_active($key, 1);
    is(EntraClient::_text($s->get("/Users/$id")->{json}{active}), 'True', 'restored: active');
    is_deeply(ids($s->get("/Users/$id")->{json}{groups}), $groups, 'restored: in the same groups, without another word');
    $self->quiet_cycle('after the restore');
    return;
}

sub is_gone {
    my ($self, $key) = @_;
    my ($c, $s) = @$self{qw(c s)};
    my $id = $c->id($key);

    is($c->delete_resource('user', $key)->{status}, 404, 'deleted twice: 404');
    is($s->get("/Users/$id")->{status}, 404, 'read after that: 404');
    ok(!$c->match('user', $self->{users}{$key}), 'not found by the matching attribute');
    is(scalar(grep { $_->{value} eq $id } map { @{ $s->get('/Groups/' . $c->id($_))->{json}{members} // [] } } keys %{ $self->{groups} }), 0,
        'a member of nothing');
    return;
}

# Where nobody is ever deleted.
sub is_kept {
    my ($self, $key) = @_;
    my ($c, $s) = @$self{qw(c s)};
    my $id = $c->id($key);

    is($c->delete_resource('user', $key)->{status}, 204, 'deleted twice: 204');
    my $user = $s->get("/Users/$id");
    is_deeply([$user->{status}, $user->{json}{active}], [200, ScimTest::FALSE], 'read after that: disabled');
    is($c->match('user', $self->{users}{$key})->{id}, $id, 'found by the matching attribute');
    cmp_ok(scalar @{ $user->{json}{groups} // [] }, '>', 0, 'still a member');
    return;
}

sub delete_one {
    my ($self) = @_;
    my ($c, $s, $key) = (@$self{qw(c s gone)});
    my $id = $c->id($key);

    is($c->delete_resource('user', $key)->{status}, 204, "$key is deleted: 204");
    $self->{keeps} ? $self->is_kept($key) : $self->is_gone($key);
    $c->cycle($self->{users}, $self->{groups});
    is($c->id($key) eq $id ? 'the same' : 'a new one', $self->{keeps} ? 'the same' : 'a new one', 'assigned again: the resource');
    $self->is_as_source('assigned again');
    my ($group) = sort keys %{ $self->{groups} };
    is($c->delete_resource('group', $group)->{status}, 204, "group $group is deleted: 204");
    is($c->delete_resource('group', $group)->{status}, 404, 'deleted twice: 404');
    return;
}

1;
