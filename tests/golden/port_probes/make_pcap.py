"""Searches through one host by other means than SYN, each name their source: 10.0.0.61 by UDP, 10.0.0.62 by SCTP, 10.0.0.63 by FIN+ACK, 10.0.0.64 by protocols of IP, 10.0.0.65 slowly by SYN: 30 ports in 60 s.

Not named: a traceroute, a media server to half of whose ports nothing comes back, a server that closes 40 connections which one client forgot, and 29 closed ports in 60 s.
"""
import sys

from craft import ACK, FIN, RST, SCTP, TCP, UDP, frame, tcp, udp, write_pcap
from talk import RTT, browsing, refused


def closing(now, client, server, sport, dport):
    yield frame(now, client, server, TCP, tcp(sport, dport, FIN | ACK))
    yield frame(now + RTT, server, client, TCP, tcp(dport, sport, RST))


def packets():
    yield from browsing("10.0.0.5", "10.0.0.1", "198.51.100.80", 0, 60, seed=4)
    for n in range(40):
        now = 31 + n * 0.2
        yield frame(now, "10.0.0.61", "10.0.0.80", UDP, udp(50000, 100 + n, bytes(20)))
        yield frame(now, "10.0.0.62", "10.0.0.80", SCTP, udp(50000, 100 + n, bytes(12)))  # ports lie where UDP's do
        yield from closing(now, "10.0.0.63", "10.0.0.80", 50000, 100 + n)
        yield frame(now, "10.0.0.64", "10.0.0.80", 140 + n, bytes(20))
        yield frame(now, "10.0.0.71", "10.0.0.80", UDP, udp(50000, 33434 + n, bytes(20)))
        yield frame(now, "10.0.0.72", "10.0.0.80", UDP, udp(40000 + n, 20000 + n, bytes(180)))
        if n % 2 == 0:
            yield frame(now + RTT, "10.0.0.80", "10.0.0.72", UDP, udp(20000 + n, 40000 + n, bytes(180)))
        yield from closing(now, "10.0.0.73", "10.0.0.80", 443, 2000 + n)
    for n in range(30):
        yield from refused(1 + n * 1.98, "10.0.0.65", "10.0.0.80", 40000 + n, 1 + n)
        if n != 0:
            yield from refused(1 + n * 1.98, "10.0.0.75", "10.0.0.80", 40000 + n, 1 + n)


write_pcap(sys.argv[1], sorted(packets()))
