"""One port at 50 hosts within 10 s, TCP (v4, v6) and, at 70, UDP: each scanner is named once. Searching for a service at 30 hosts is none.

The hosts refuse, ignore or, of UDP, are silent; one in ten accepts and is reset as half-open scanners do.
"""
import sys

from craft import ACK, RST, SYN, TCP, UDP, frame, tcp, udp, write_pcap
from talk import RTT, browsing


def half_open_scan(source, network, hosts, start):
    for n in range(hosts):
        now, target = start + n * 0.15, f"{network}{n + 1:x}" if ":" in network else f"{network}{n + 1}"
        yield frame(now, source, target, TCP, tcp(41000, 445, SYN))
        if n % 10 == 0:
            yield frame(now + RTT, target, source, TCP, tcp(445, 41000, SYN | ACK))
            yield frame(now + RTT + 0.0001, source, target, TCP, tcp(41000, 445, RST))
        elif n % 2:
            yield frame(now + RTT, target, source, TCP, tcp(445, 41000, RST | ACK))


def packets():
    yield from browsing("10.0.0.11", "10.0.0.1", "198.51.100.80", 0, 40, seed=4)
    yield from half_open_scan("10.0.0.66", "10.0.5.", 50, 10.5)
    yield from half_open_scan("2001:db8::66", "2001:db8:5::", 50, 10.5)
    yield from half_open_scan("10.0.0.67", "10.0.6.", 30, 10.5)  # looks for a file server
    for n in range(70):
        yield frame(20.5 + n * 0.1, "10.0.0.68", f"10.0.7.{n + 1}", UDP, udp(41000, 161, b"public"))


write_pcap(sys.argv[1], sorted(packets()))
