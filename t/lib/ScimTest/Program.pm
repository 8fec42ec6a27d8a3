# Programs that tests ask for a second opinion: t/oracle's, and those of other people that script/test fetched.
#
#   my @answers = answers(\@questions, $program, @arguments);   # lines; a question that is a reference is sent as JSON
#   my @node = node_program('filter.js', 'scim2-parse-filter'); # a command, or nothing when the package is not there
package ScimTest::Program;

use strict;
use warnings;

use Exporter qw(import);
use File::Temp ();
use JSON::PP ();

our @EXPORT = qw(answers node_program package_version said_in_readme);

my $JSON = JSON::PP->new->canonical->utf8;

# Dies when the program fails.
sub answers {
    my ($questions, @command) = @_;
    my $file = File::Temp->new;

    print $file map { (ref $_ ? $JSON->encode($_) : $_) . "\n" } @$questions;
    close $file or die "$file: $!\n";
    my $pid = open my $out, '-|';
    defined $pid or die "fork: $!\n";
    if (!$pid) {
        open STDIN, '<', $file->filename or die "$file: $!\n";
        exec @command or die "$command[0]: $!\n";
    }
    my @answers = <$out>;
    close $out or die "@command: exit status " . ($? >> 8) . "\n";
    chomp @answers;
    return @answers;
}

sub _modules { return ($ENV{SCIM_TEST_EXTERNAL} // '') . '/node/node_modules' }

# A script of t/external, where the packages it needs are there.
sub node_program {
    my ($script, @packages) = @_;

    return if grep { !-e _modules() . "/$_/package.json" } @packages;
    return ('env', 'NODE_PATH=' . _modules(), 'node', "$ENV{SCIM_TEST_ROOT}/t/external/$script");
}

sub package_version {
    my ($package) = @_;

    open my $in, '<', _modules() . "/$package/package.json" or return;
    local $/;
    return $JSON->decode(<$in>)->{version};
}

# The indented lines "tool: class: what it does" of t/external/README: class => what it does.
sub said_in_readme {
    my ($tool) = @_;
    my %said;

    open my $in, '<', "$ENV{SCIM_TEST_ROOT}/t/external/README" or die "t/external/README: $!\n";
    while (<$in>) {
        $said{$1} = $2 if /^    \Q$tool\E: (\S+): (.+)$/;
    }
    return \%said;
}

1;
