"""The operator's own scanner, a muted host and a host in maintenance scan as an intruder does: only the intruder is named.

The capture begins at craft's START, 2023-11-14 22:13:20 UTC.
"""
import sys

from craft import SYN, TCP, frame, tcp, write_pcap


def scan(source, start):
    for port in range(1, 61):
        yield frame(start + port * 0.05, source, "10.0.5.1", TCP, tcp(41000, port, SYN))


def packets():
    for source in ("10.0.0.5", "2001:db8::5", "10.0.0.6", "10.0.0.7", "10.0.0.8", "10.0.0.66"):
        if ":" not in source:
            yield from scan(source, 0.5)
        else:
            for port in range(1, 61):
                yield frame(0.5 + port * 0.05, source, "2001:db8:5::1", TCP, tcp(41000, port, SYN))


write_pcap(sys.argv[1], sorted(packets()))
