"""IPv4 headers with options: ports and payload begin after them.

A parser that takes 20 bytes for granted reads option bytes as ports: here they would look like a scan of 256 ports.
"""
import sys

from craft import ACK, PSH, TCP, UDP, at, ether, ipv4, tcp, udp, write_pcap
from talk import text

RECORD_ROUTE = bytes.fromhex("0727 04") + bytes(36) + b"\x01"
TIMESTAMP = bytes.fromhex("440c0500") + bytes(8)


def packets():
    for n in range(256):
        noisy = RECORD_ROUTE[:4] + n.to_bytes(2, "big") * 18
        sizes = text(50 + n, n)
        yield at(0.5 + n * 0.05), ether(ipv4("10.0.0.5", "10.0.0.6", TCP, tcp(4000, 443, PSH | ACK, sizes), options=noisy))
        yield at(0.52 + n * 0.05), ether(ipv4("10.0.0.6", "10.0.0.5", UDP, udp(53, 4001, sizes), options=TIMESTAMP))


write_pcap(sys.argv[1], packets())
