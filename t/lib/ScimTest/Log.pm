# What must not stand in a log.
package ScimTest::Log;

use strict;
use warnings;

my $CRASH = qr{
    \bAH0005[0-4]\b | exit\ signal | AddressSanitizer | LeakSanitizer | runtime\ error: | stack\ smashing | double\ free
    | malloc\(\): | free\(\): | corrupted\ (?:size|double|unsorted) | Segmentation\ fault | assertion\ ".*"\ failed
}x;
my $ERROR = qr{\[scim:(?:emerg|alert|crit|error)\]};

# Lines that tell of a crash or a memory error.
sub crashes {
    my ($file) = @_;

    return grep { /$CRASH/ } _lines($file);
}

# Errors of the module that no test has announced by ScimTest::Log::expect.
sub errors {
    my ($file) = @_;
    my @expected = _lines(_expectations());

    chomp @expected;
    return grep { my $line = $_; $line =~ $ERROR && !grep { index($line, $_) >= 0 } @expected } _lines($file);
}

# A test that makes the module log an error says so before: any part of the line.
sub expect {
    my ($text) = @_;

    open my $out, '>>', _expectations() or die _expectations() . ": $!\n";
    print $out "$text\n";
    close $out or die _expectations() . ": $!\n";
    return;
}

sub _expectations { return "$ENV{SCIM_TEST_ROOT}/t/logs/expected_errors" }

sub _lines {
    my ($file) = @_;

    open my $in, '<', $file or return;
    return <$in>;
}

1;
