# Over HTTP/2, where requests run on connections and threads of mod_http2's own: streams of one connection, large bodies both ways, bodies that come slowly, and
# operations of a Bulk that httpd judges.
use strict;
use warnings;

use File::Path qw(make_path);
use JSON::PP ();
use Test::More;

use ScimTest qw(GROUP PATCHOP USER is_scim_error);
use ScimTest::Server;

my $server = ScimTest::Server->start(threads => 8, conf => <<'CONF');
LoadModule http2_module "${SCIM_TEST_MODULES}/mod_http2.so"
Protocols h2c http/1.1
H2MaxSessionStreams 4
<Location "/scim/v2/Groups">
    <Limit DELETE>
        Require all denied
    </Limit>
</Location>
CONF
my $s = $server->scim('default');
my $json = JSON::PP->new->utf8->canonical;
my $dir = "$ENV{SCIM_TEST_ROOT}/t/logs/http2.$$";
my @user = map { $s->user->{id} } 1 .. 3;
make_path($dir);

# "protocol status" of one request by curl, and what it answers.
sub curl {
    my ($method, $path, $body, @options) = @_;
    my @body = defined $body ? ('-H', 'Content-Type: application/scim+json', '--data-binary', '@' . "$dir/body") : ();

    if (defined $body) {
        open my $out, '>:raw', "$dir/body" or die "$dir/body: $!\n";
        print $out ref $body ? $json->encode($body) : $body;
        close $out or die "$dir/body: $!\n";
    }
    open my $in, '-|', 'curl', '-sS', '--max-time', 30, '--http2-prior-knowledge', '-X', $method, '-o', "$dir/answer", '-w', '%{http_version} %{http_code}', '-H',
        'Authorization: Bearer ' . $s->token, @body, @options, $s->base . $path or die "curl: $!\n";
    my $said = do { local $/; <$in> };
    close $in;
    open my $answer, '<:raw', "$dir/answer" or return ($said, undef);
    my $text = do { local $/; <$answer> };
    unlink "$dir/answer";
    return ($said, $text ne '' ? eval { $json->decode($text) } // $text : undef);
}

my ($said, $answer) = curl('GET', "/Users/$user[0]");
is($said, '2 200', 'GET');
is($answer->{id}, $user[0], '... the user');
($said, $answer) = curl('POST', '/Users', { schemas => [USER], userName => 'over-h2' });
is($said, '2 201', 'POST');
my $id = $answer->{id};
is((curl('PATCH', "/Users/$id", { schemas => [PATCHOP], Operations => [{ op => 'replace', path => 'title', value => 'T' }] }))[0], '2 200', 'PATCH');
is((curl('DELETE', "/Users/$id"))[0], '2 204', 'DELETE');
($said, $answer) = curl('GET', '/Nothing');
is($said, '2 404', 'an error');
is($answer->{status}, '404', '... of SCIM');
is((curl('GET', "/Users/$user[0]", undef, '-H', 'Authorization: Bearer nope'))[0], '2 401', 'no token');

my $many = join ' ', ('x' x 99) x 20;
($said, $answer) = curl('POST', '/Bulk', { schemas => ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations => [
    map({ { method => 'POST', path => '/Users', bulkId => "u$_", data => { schemas => [USER], userName => "bulk-$_", title => $many } } } 1 .. 600),
    { method => 'POST', path => '/Groups', bulkId => 'g', data => { schemas => [GROUP], displayName => 'all', members => [map { { value => "bulkId:u$_" } } 1 .. 600] } },
    { method => 'DELETE', path => '/Groups/bulkId:g' }] });
is($said, '2 200', 'a Bulk of more than a megabyte');
is_deeply([map { $_->{status} } @{ $answer->{Operations} }[0, 599, 600, 601]], [201, 201, 201, 403], '... all are made, and httpd refuses what it would refuse alone');
($said, $answer) = curl('GET', '/Users?count=1000');
is($said, '2 200', 'a list of more than a megabyte');
is(scalar @{ $answer->{Resources} }, 603, '... is whole');
is((curl('POST', '/Users', { schemas => [USER], userName => 'slow', title => $many x 100 }, '--limit-rate', '200k'))[0], '2 201', 'a body that comes slowly');
# The answer comes while the body is still under way, and then the end of the stream, which curl of Debian 12 takes for a fault.
open my $large, '>', "$dir/large" or die "$dir/large: $!\n";
print $large 'x' x 11_000_000;
close $large or die "$dir/large: $!\n";
my $seen = qx(nghttp -nv -t 30 -d $dir/large -H ':method: POST' -H 'content-type: application/scim+json' -H 'authorization: Bearer ${\$s->token}' ${\$s->base}/Users 2>&1);
like($seen, qr/:status: 413/, 'a body that is too large');

# As many streams at once as the server allows, which is less than a tenant's share.
my $load = qx(h2load -n 400 -c 1 -m 4 -H 'authorization: Bearer ${\$s->token}' ${\$s->base}/Users/$user[0] 2>&1);
like($load, qr/400 succeeded, 0 failed.*status codes: 400 2xx/s, 'four hundred GETs, four at once: all answered') or diag($load);
is($s->get("/Users/$user[0]")->{status}, 200, 'and HTTP/1.1 beside');
unlike($server->error_log, qr/exit signal|AH00052/, 'no process of httpd has died');

done_testing;
