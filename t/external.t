# Other people's software against the service: scim2-tester (through scim2-cli) and scim-sanity, in the newest versions that script/test could
# install. Where the standard is on our side, t/external/README says so: what stands there is expected to fail, and nothing else.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest;
use ScimTest::Server;

my $bin = $ENV{SCIM_TEST_EXTERNAL} ? "$ENV{SCIM_TEST_EXTERNAL}/bin" : '';
if (!-e "$bin/scim" || !-e "$bin/scim-sanity") {
    plan skip_all => 'scim2-cli and scim-sanity are not there; script/test installs them for a run of everything';
}

# Lines "tool, profile: check: pattern of the reason" of the README, under a text that says why.
sub expected {
    my %expected;

    open my $in, '<', "$FindBin::Bin/external/README" or die "t/external/README: $!\n";
    while (<$in>) {
        push @{ $expected{"$1, $2"} }, [$3, $4] if /^    (\S+), (\S+): (.+?): (.+)$/;
    }
    return \%expected;
}

sub output {
    my ($tool, @arguments) = @_;
    my @command = ("$bin/python", "$bin/$tool", @arguments);

    open my $out, '-|', @command or die "$tool: $!\n";
    my @lines = <$out>;
    close $out;
    chomp @lines;
    s/\e\[[0-9;]*m//g for @lines;
    return @lines;
}

my $server = ScimTest::Server->start(threads => 8, conf => <<'CONF');
<SCIMProfile replies>
    SCIMInherit default
    SCIMGroupPatchReply full
</SCIMProfile>
<SCIMProfile rfc-replies>
    SCIMInherit rfc
    SCIMGroupPatchReply full
</SCIMProfile>
<Location "/rfc-replies/v2">
    SetHandler scim
    SCIMProfile rfc-replies
</Location>
<Location "/replies/v2">
    SetHandler scim
    SCIMProfile replies
</Location>
CONF
my $expected = expected();
my %seen;

# What a tool found wrong: [check, reason].
sub judge {
    my ($tool, $profile, $passed, @faults) = @_;
    my $list = $expected->{"$tool, $profile"} // [];

    cmp_ok($passed, '>=', 20, "$tool, $profile: $passed checks passed");
    for my $fault (@faults) {
        my ($known) = grep { $fault->[0] eq $list->[$_][0] && $fault->[1] =~ /$list->[$_][1]/ } 0 .. $#$list;
        $seen{"$tool, $profile, $known"} = 1 if defined $known;
        ok(defined $known, "$tool, $profile: $fault->[0]" . (defined $known ? ': the standard is on our side' : '')) or diag($fault->[1]);
    }
    ok($seen{"$tool, $profile, $_"}, "$tool, $profile: $list->[$_][0] is still expected to fail") for 0 .. $#$list;
    return;
}

note(join ', ', grep { /^(?:scim|httpx|pydantic)/i } output('pip', 'list', '--disable-pip-version-check', '--format=freeze'));
for my $profile (qw(default rfc)) {
    my $s = $server->scim($profile);
    my ($passed, $check, @faults) = (0);
    for my $line (output('scim', '--url', $s->base, '--header', 'Authorization: Bearer ' . $s->token, 'test')) {
        if ($line =~ /^([A-Z]+) (\S.*)/) {
            $check = $1 eq 'SUCCESS' || $1 eq 'COMPLIANT' || $1 eq 'ACCEPTABLE' ? undef : [$2, ''];
            $passed++ unless $check;
            push @faults, $check if $check;
        }
        elsif ($check) {
            $check->[1] .= "$line ";
        }
    }
    judge('scim2-tester', $profile, $passed, @faults);
}
for my $case (['default', '/replies/v2'], ['rfc', '/rfc-replies/v2']) {
    my ($profile, $path) = @$case;
    my $s = $server->scim($profile, path => $path);
    my ($passed, $check, @faults) = (0);
    for my $line (output('scim-sanity', 'probe', $s->base, '--token', $s->token, '--strict', '--i-accept-side-effects')) {
        if ($line =~ /^  \[(PASS|FAIL|WARN)\] (.+)/) {
            $check = $1 eq 'PASS' ? undef : [$2, ''];
            $passed++ unless $check;
            push @faults, $check if $check;
        }
        elsif ($check && $line =~ /^ {9}/) {
            $check->[1] .= $line =~ s/^ +//r . ' ';
        }
        else {
            $check = undef;
        }
    }
    judge('scim-sanity', $profile, $passed, @faults);
}

$server->stop;
done_testing;
