# Clients that write while something breaks, and what must be true afterwards.
#
#   my $load = ScimTest::Load->run($server, clients => 6, seconds => 5, meanwhile => sub { ...; $server->stop_pg('immediate') });
#   $load->exactly_once('database away');
#
# Each client makes users and groups (groups of the strict profile, whose names no rule keeps apart: a doubled one would be seen) and
# changes a user of its own. Each request has a connection of its own: on an idle one that httpd is just closing, a request may be lost
# without anybody's fault.
package ScimTest::Load;

use strict;
use warnings;

use POSIX ();
use Test::More ();
use Time::HiRes qw(sleep time);

use ScimTest qw(uri);

my $serial = 0;

# Options: clients (6), seconds (5), meanwhile (code that runs beside the clients), lost (a request without an answer is no fault: the
# process that worked on it was killed).
sub run {
    my ($class, $server, %opt) = @_;
    my $self = bless { clients => 6, seconds => 5, %opt, server => $server, s => $server->scim('default'), answers => [] }, $class;
    my $until = time + $self->{seconds};
    my (@pids, @files);

    $self->{user} = [map { $self->{s}->user } 1 .. $self->{clients}];
    for my $i (1 .. $self->{clients}) {
        push @files, "$ENV{SCIM_TEST_ROOT}/t/logs/load.$$." . ++$serial;
        my $pid = fork // die "fork: $!\n";
        if (!$pid) {
            open my $out, '>', $files[-1] or POSIX::_exit(1);
            $out->autoflush(1);
            $self->_client($i, $until, $out);
            POSIX::_exit(0);
        }
        push @pids, $pid;
    }
    $opt{meanwhile}->();
    waitpid $_, 0 for @pids;
    for my $file (@files) {
        open my $in, '<', $file or die "$file: $!\n";
        push @{ $self->{answers} }, map { chomp; my %a; @a{qw(what marker status at wrong)} = split /\t/; \%a } <$in>;
        unlink $file;
    }
    return $self;
}

# Tells "what marker status time wrong" for each request.
sub _client {
    my ($self, $i, $until, $out) = @_;
    my $strict = $self->{s}->at('/rfc/v2');
    my $mine = $self->{user}[$i - 1]{id};
    my $n = 0;
    my %requests = (
        user => sub { $self->{s}->post('/Users', { schemas => [ScimTest::USER], userName => $_[0], externalId => $_[0] }) },
        group => sub { $strict->post('/Groups', { schemas => [ScimTest::GROUP], displayName => $_[0], externalId => $_[0] }) },
        change => sub { $self->{s}->patch("/Users/$mine", [{ op => 'replace', path => 'title', value => $_[0] }]) },
        look => sub { $self->{s}->get('/Users' . uri(filter => 'userName eq "' . $_[0] . '"')) },
    );

    while (time < $until) {
        my $marker = "m$i-$$-" . ++$n;
        for my $what (qw(user group change look)) {
            $_->{http} = ScimTest::Http->new('127.0.0.1', $self->{server}{port}) for $self->{s}, $strict;
            my $r = eval { $requests{$what}->($marker) };
            print $out join("\t", $what, $what eq 'change' ? $i : $marker, $r && $r->{status} || 0, sprintf('%.2f', time), _wrong($r)), "\n";
        }
        sleep 0.005;
    }
    return;
}

# Why an answer is neither a success nor a proper 503, or nothing.
sub _wrong {
    my ($r) = @_;

    return 'no answer' unless $r && $r->{status};
    return '' if $r->{status} =~ /^20/;
    return "$r->{status}: " . $r->{body} =~ s/\s+/ /gr unless $r->{status} eq '503' && ($r->{json}{status} // '') eq '503';
    return ($r->header('Retry-After') // '') =~ /^\d+$/ ? '' : '503 without Retry-After';
}

# How often each status came; 0 stands for no answer.
sub statuses {
    my ($self) = @_;
    my %count;

    $count{ $_->{status} }++ for @{ $self->{answers} };
    return \%count;
}

# Seconds in which no request succeeded, at most, after the time given.
sub longest_gap {
    my ($self, $from) = @_;
    my $gap = 0;

    for my $at (sort { $a <=> $b } map { $_->{at} } grep { $_->{status} =~ /^20/ && $_->{at} >= $from } @{ $self->{answers} }) {
        $gap = $at - $from if $at - $from > $gap;
        $from = $at;
    }
    return $gap;
}

sub _marked {
    my ($self, $what, $success) = @_;

    return grep { $_->{what} eq $what && ($_->{status} =~ /^20/ ? 1 : 0) == $success } @{ $self->{answers} };
}

# Tests: every answer is a success or a 503 with Retry-After; what was acknowledged is there once, and nothing is there twice.
sub exactly_once {
    my ($self, $title, $s) = @_;
    my %view = (user => 'users', group => 'groups');

    $s //= $self->{s};
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $statuses = $self->statuses;
    Test::More::note("$title: ", join ', ', map { "$_: $statuses->{$_}" } sort keys %$statuses);
    my @wrong = grep { $_->{wrong} && !($self->{lost} && $_->{wrong} eq 'no answer') } @{ $self->{answers} };
    Test::More::is(scalar @wrong, 0, "$title: only successes and 503 with Retry-After")
        or Test::More::diag(map { "$_->{what} $_->{wrong}\n" } @wrong[0 .. ($#wrong > 5 ? 5 : $#wrong)]);
    for my $what (sort keys %view) {
        my %there = map { @$_ } $s->sql("select external_id, count(*) from scim.$view{$what} where tenant = ? and external_id is not null group by 1", $s->tenant);
        my @acknowledged = map { $_->{marker} } $self->_marked($what, 1);
        Test::More::cmp_ok(scalar @acknowledged, '>', 20, "$title: ${what}s were acknowledged: " . @acknowledged);
        Test::More::is(scalar(grep { !$there{$_} } @acknowledged), 0, "$title: every acknowledged $what is there");
        Test::More::is(scalar(grep { $_ > 1 } values %there), 0, "$title: no $what is there twice");
    }
    Test::More::is_deeply([grep { $_ } map { $self->_changes_wrong($s, $_) } 1 .. $self->{clients}], [], "$title: changes were made once");
    return;
}

# A user's version counts its changes: all that were acknowledged, and of the others each at most once.
sub _changes_wrong {
    my ($self, $s, $i) = @_;
    my $acknowledged = grep { $_->{marker} == $i } $self->_marked('change', 1);
    my $other = grep { $_->{marker} == $i } $self->_marked('change', 0);
    my $tag = $s->get("/Users/$self->{user}[$i - 1]{id}")->{json}{meta}{version} // '';
    my $changes = $tag =~ /"(\d+)/ ? $1 - 1 : return "user $i: no version ($tag)";

    return if $changes >= $acknowledged && $changes <= $acknowledged + $other;
    return "user $i: $changes changes, $acknowledged acknowledged, $other without success";
}

1;
