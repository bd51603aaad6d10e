"""The capturing machine's clock is set back by an hour between ordinary traffic and a scan, then forward by a day.

Each scan is named: a repeat is held back for ten minutes only, and a time before the last alarm is none.
"""
import sys

from craft import SYN, TCP, frame, tcp, write_pcap
from talk import browsing

HOUR, DAY = 3600, 86400


def scan(start):
    for port in range(1, 61):
        yield frame(start + port * 0.05, "10.0.0.66", "10.0.5.1", TCP, tcp(41000, port, SYN))


def packets():
    yield from sorted(browsing("10.0.0.11", "10.0.0.1", "198.51.100.80", HOUR, HOUR + 40, seed=4))
    yield from scan(HOUR + 40.5)
    yield from scan(50.5)
    yield from sorted(browsing("10.0.0.11", "10.0.0.1", "198.51.100.80", 60, 90, seed=5))
    yield from scan(DAY + 0.5)


write_pcap(sys.argv[1], packets())
