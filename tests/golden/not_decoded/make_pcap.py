"""ARP, LLDP and frames cut off at every length: none of them makes a host.

Only 10.0.0.5 and 10.0.0.6 talk. The cut frames claim to come from 10.7.7.7 and 2001:db8::7.
"""
import struct
import sys

from craft import ACK, ICMP, PSH, TCP, UDP, at, ether, icmp, ipv4, ipv6, packed, tcp, udp, write_pcap
from talk import dns

ARP, LLDP = 0x0806, 0x88CC
ETHERNET, IPV4, IPV6 = 14, 20, 40


def broken():
    arp = struct.pack(">HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, bytes(6), packed("10.7.7.7"), bytes(6), packed("10.0.0.6"))
    yield ether(arp + bytes(18), ethertype=ARP)
    yield ether(bytes.fromhex("0207040200000000010403020578060200780000"), ethertype=LLDP)
    v4 = ether(ipv4("10.7.7.7", "10.0.0.6", TCP, tcp(1, 2, PSH | ACK)))
    yield from (v4[:size] for size in range(1, ETHERNET + IPV4 + 20))
    v6 = ether(ipv6("2001:db8::7", "2001:db8::6", UDP, udp(1, 2)))
    yield from (v6[:size] for size in range(1, ETHERNET + IPV6 + 8))
    tagged = ether(ipv4("10.7.7.7", "10.0.0.6", ICMP, icmp(8, 1)), vlans=[5, 6])
    yield from (tagged[:size] for size in range(1, ETHERNET + 8 + IPV4 + 4))
    for first in (0x35, 0x44, 0x65):  # version 3; a header of 16 bytes; version 6 behind IPv4's ethertype
        yield v4[:ETHERNET] + bytes([first]) + v4[ETHERNET + 1:]
    yield v4[:ETHERNET + 2] + struct.pack(">H", 19) + v4[ETHERNET + 4:]  # total length below the header's
    yield v6[:ETHERNET] + b"\x50" + v6[ETHERNET + 1:]


def packets():
    for n in range(8):
        yield from dns(n + 0.2, "10.0.0.5", "10.0.0.6", 4000 + n, n)
    yield from ((at(1 + n * 0.02), data) for n, data in enumerate(broken()))


write_pcap(sys.argv[1], packets())
