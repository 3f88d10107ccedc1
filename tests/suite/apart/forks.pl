#!/usr/bin/perl
# Perl, a process for each connection, with nothing but what Perl comes with.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use POSIX qw(strftime);

$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';

my %account_of = ('pl-4d2a9c17b0' => '20160128', 'pl-77e01f3b5a' => '20160129');
my %size_of    = ('east' => 17, 'west' => 3);
my %agent      = map { $_ => 1 } qw(default perlcloud);
my %phrase     = (200 => 'OK', 400 => 'Bad Request', 401 => 'Unauthorized', 403 => 'Forbidden',
                  404 => 'Not Found', 405 => 'Method Not Allowed');

my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 64, ReuseAddr => 1)
    or die "cannot listen: $!";

$| = 1;
print encode_json({
    base_url => 'http://127.0.0.1:' . $listener->sockport, party => 'perlcloud', sp_agent => 'perlcloud',
    token => 'pl-4d2a9c17b0', tenant_id => '20160128', region => 'east',
    other_token => 'pl-77e01f3b5a', other_tenant_id => '20160129', other_region => 'west',
}), "\n";

my $select = IO::Select->new($listener, \*STDIN);
while (1) {
    for my $ready ($select->can_read) {
        if ($ready != $listener) {
            exit 0 unless sysread STDIN, my $ignored, 4096;
            next;
        }
        my $client = $listener->accept or next;
        my $pid = fork;
        if (defined $pid && $pid == 0) {
            close $listener;
            attend($client);
            POSIX::_exit(0);
        }
        close $client;
    }
}

sub attend {
    my ($client) = @_;
    $client->autoflush(0);
    local $/ = "\r\n";
    while (defined(my $line = <$client>)) {
        chomp $line;
        my ($method, $target, $version) = $line =~ m{^([A-Z]+) (\S+) HTTP/(1\.[01])$} or return;
        my %header;
        while (defined(my $field = <$client>)) {
            chomp $field;
            last if $field eq '';
            my ($name, $value) = $field =~ /^([^:\s]+):[ \t]*(.*?)[ \t]*$/ or next;
            $header{lc $name} = $value;
        }
        if (my $length = $header{'content-length'}) { read $client, my $body, $length }
        my $keep = $version eq '1.1' && lc($header{connection} // '') ne 'close';
        my ($status, $body, %extra) = respond($method, $target, \%header);
        my $text = encode_json($body);
        my %said = ('Content-Type' => 'application/json', 'Content-Length' => length $text,
                    'Date' => strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime), 'Cache-Control' => 'private',
                    'Connection' => $keep ? 'keep-alive' : 'close', %extra);
        print $client "HTTP/1.1 $status $phrase{$status}\r\n", map({ "$_: $said{$_}\r\n" } sort keys %said), "\r\n";
        print $client $text unless $method eq 'HEAD';
        $client->flush;
        return unless $keep;
    }
}

sub refuse {
    my ($status, $msg, %extra) = @_;
    return ($status, { code => $status, msg => $msg }, %extra);
}

sub respond {
    my ($method, $target, $header) = @_;
    my ($path, $query) = split /\?/, $target, 2;
    return refuse(404, 'no such page') unless $path eq '/mana_api/vm';
    return refuse(405, 'GET only', Allow => 'GET, HEAD') unless $method =~ /^(GET|HEAD)$/;
    return refuse(400, 'Sp-Agent is not known') unless $agent{ $header->{'sp-agent'} // '' };
    my $account = $account_of{ $header->{'x-auth-token'} // '' }
        or return refuse(401, 'X-Auth-Token is not known', 'WWW-Authenticate' => 'Token realm="vm"');
    my %asked;
    for my $pair (split /&/, $query // '') {
        my ($name, $value) = map { tr/+/ /; s/%([0-9A-Fa-f]{2})/chr hex $1/ger } (split(/=/, $pair, 2), '')[0, 1];
        return refuse(400, 'a parameter stands there twice') if exists $asked{$name};
        $asked{$name} = $value;
    }
    for my $name (qw(tenant_id region)) {
        return refuse(400, "$name is missing") unless ($asked{$name} // '') =~ /\S/;
    }
    return refuse(403, 'tenant_id is not yours') unless $asked{tenant_id} eq $account;
    my $size = $size_of{ $asked{region} } // 0;
    my ($from, $to) = (1, $size);
    for ([f => \$from], [t => \$to]) {
        my ($name, $point) = @$_;
        next unless exists $asked{$name};
        return refuse(400, "$name is not a whole number") unless $asked{$name} =~ /\A-?[0-9]+\z/;
        $$point = 0 + $asked{$name};
    }
    # A range of Perl's wraps around where its ends are beyond an integer.
    $from = $from < 1 ? 1 : $from > $size ? $size + 1 : $from;
    $to   = $to > $size ? $size : $to < 0 ? 0 : $to;
    my $at = 0;
    return (200, { vm_servers => { map { 'vm' . $at++ => machine($account, $asked{region}, $_) } $from .. $to } });
}

sub machine {
    my ($account, $region, $n) = @_;
    return {
        instance_name => "db$n", instance_id => "$account/$region/$n",
        cpu_num => 1 + $n % 8, mem_size => 2 * $n, disk_size => 100,
        lan_ip_set => join(',', map { "10.1.$_.$n" } 1 .. 1 + $n % 2),
        wan_ip_set => [ map { "100.64.$_.$n" } 1 .. $n % 3 ],
        status => $n % 6 ? 'ACTIVE' : 'BUILD',
        create_at => sprintf('2018-05-%02d 10:11:12', $n), update_at => sprintf('2018-06-%02d 10:11:12', $n),
    };
}
