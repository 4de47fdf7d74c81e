use IO::Socket::INET;
$SIG{TERM} = sub { exit 0 };
my $server = IO::Socket::INET->new(LocalPort => 5000, Listen => 5, ReuseAddr => 1) or die $!;
while (1) {
    my $client = $server->accept or next;
    while (<$client>) { last if /^\r?$/ }
    print $client "HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nHello\n";
    close $client;
}
