"""Large UDP datagrams in fragments, IPv4 and IPv6: only the first has ports, all are packets and payload.

Read as ports, the bytes of later fragments (they count up) would be 400 distinct ones: a feature gone wild.
"""
import struct
import sys

from craft import UDP, at, ether, ipv4, ipv6, udp, write_pcap

MORE, FRAGMENT, DATAGRAMS = 0x2000, 44, 100


def body(n):
    return b"".join(struct.pack(">H", 1000 + n * 4 + k) * 500 for k in range(4))


def packets():
    for n in range(DATAGRAMS):
        whole = udp(4000, 53, body(n))
        pieces = [whole[k:k + 1480] for k in range(0, len(whole), 1480)]
        for k, piece in enumerate(pieces):
            offset, more, now = k * 1480, k < len(pieces) - 1, 0.1 + n * 0.15 + k * 0.001
            yield at(now), ether(ipv4("10.0.0.5", "10.0.0.6", UDP, piece, fragment=(MORE if more else 0) | offset // 8))
            header = struct.pack(">BBHI", UDP, 0, offset | more, n)
            yield at(now + 0.0005), ether(ipv6("2001:db8::5", "2001:db8::6", FRAGMENT, header + piece))


write_pcap(sys.argv[1], packets())
