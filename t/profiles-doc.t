# doc/profiles.md: its example is what it says, word for word.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ScimTest qw(FALSE TRUE is_scim_error);
use ScimTest::Server;

my $URN = 'urn:ietf:params:scim:schemas:extension:ferries:2.0:User';
my $dir = "$ENV{SCIM_TEST_ROOT}/profiles-doc";
my (%file, @requests);

open my $in, '<', "$ENV{SCIM_TEST_ROOT}/doc/profiles.md" or die "doc/profiles.md: $!\n";
my $text = do { local $/; <$in> };
while ($text =~ /^```(\w+) ?(\S*)\n(.*?)^```$/msg) {
    $1 eq 'requests' ? push @requests, split /\n/, $3 : ($file{$2} = $3);
}
is_deeply([sort keys %file], [qw(crew-user.json crew.conf location.conf)], 'the files of the example');
mkdir $dir or die "$dir: $!\n";
for my $name (keys %file) {
    open my $out, '>', "$dir/$name" or die "$dir/$name: $!\n";
    print $out $file{$name};
    close $out or die "$dir/$name: $!\n";
}

my $server = ScimTest::Server->start(threads => 4, conf => qq(SCIMSchemas "$dir/crew-user.json"\nInclude "$dir/crew.conf"\nInclude "$dir/location.conf"));
my $s = $server->scim('default')->at('/ferries/scim');
$s->sql('update scim.tenant set profile = ? where name = ?', 'ferries', $s->tenant);
my ($id, @shown);

for my $line (@requests) {
    $line =~ /\A([A-Z]+) (\S+)(?: (\{.*\}))? (\d+)(?: (\w+))?\z/ or die "no request: $line\n";
    my ($method, $path, $body, $status, $type) = ($1, $2, $3, $4, $5);
    s/\$X/$URN/g, s/\$1/$id \/\/ 'nobody'/ge for grep { defined } $path, $body;
    my $r = $s->request($method, $path, $body);

    $id //= $r->{json}{id};
    push @shown, $r->{json};
    $type ? is_scim_error($r, $status, $type, $line) : is($r->{status}, $status, $line);
}
cmp_ok(scalar @requests, '>', 10, 'the requests of the example');
is_deeply([map { $_->{active} } @shown[0, 7, -1]], [FALSE, TRUE, FALSE], 'active as it is said');
is_deeply([map { $_->{$URN}{bookNumber} } @shown[1, 2, 7]], [undef, 'N-1', undef], 'bookNumber as it is said');
is($shown[10]{totalResults}, 1, 'found by an attribute of the extension');

my ($status, $out) = $server->{pg}->scimctl('profile', 'departures', 'ferries', '--schemas', "$ENV{SCIM_TEST_ROOT}/conf/schemas", '--schemas', "$dir/crew-user.json", '--profiles', "$ENV{SCIM_TEST_ROOT}/conf/profiles",
    '--profiles', "$dir/crew.conf");
is($status, 0, 'scimctl profile departures');
like($out, qr/SCIMDelete User disable/, '... says that nobody is deleted');
$server->stop;
done_testing;
