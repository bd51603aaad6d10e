"""Extension headers, alone and stacked, before TCP, UDP and ICMPv6; a chain that is too long is not decoded.

The transport header lies behind all of them. Four are followed; five are more than anyone sends in earnest, and the
host 2001:db8::5 that sends them has no window.
"""
import struct
import sys

from craft import ACK, ICMP6, PSH, TCP, UDP, at, ether, icmp, ipv6, tcp, udp, write_pcap
from talk import text

HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION = 0, 43, 44, 51, 60


def extension(following, size=8):
    """Hop-by-hop, routing and destination options all look like this."""
    return struct.pack(">BBHI", following, size // 8 - 1, 0x0104, 0) + bytes(size - 8)


def authentication(following):
    return struct.pack(">BBHIII", following, 4, 0, 1, 1, 1) + bytes(8)


def whole_fragment(following):
    """An atomic fragment (RFC 6946): the header is there, the packet is whole."""
    return struct.pack(">BBHI", following, 0, 0, 7)


def chains(proto, payload):
    yield HOP_BY_HOP, extension(proto) + payload
    yield DESTINATION, extension(proto, 24) + payload
    yield AUTHENTICATION, authentication(proto) + payload
    yield FRAGMENT, whole_fragment(proto) + payload
    four = extension(ROUTING) + extension(DESTINATION, 24) + extension(AUTHENTICATION, 16) + authentication(proto)
    yield HOP_BY_HOP, four + payload


def packets():
    now = 0.1
    for n in range(20):
        body = text(30 + n, n)
        transports = (TCP, tcp(5000, 443, PSH | ACK, body)), (UDP, udp(5001, 53, body)), (ICMP6, icmp(128, n, body))
        for proto, payload in transports:
            for following, chain in chains(proto, payload):
                now += 0.03
                yield at(now), ether(ipv6("2001:db8::1", "2001:db8::2", following, chain))
        too_long = extension(DESTINATION) * 4 + extension(TCP) + tcp(5000, 443, ACK)
        yield at(now), ether(ipv6("2001:db8::5", "2001:db8::2", DESTINATION, too_long))


write_pcap(sys.argv[1], packets())
