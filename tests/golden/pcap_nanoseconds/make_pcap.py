"""The classic format with nanosecond stamps (magic 0xa1b23c4d).

Fractions of a second are a thousand times larger numbers than usual.
"""
import sys

from craft import write_pcap
from talk import browsing


def packets():
    yield from browsing("10.0.0.11", "10.0.0.1", "198.51.100.80", 0, 30, seed=9)
    yield from browsing("2001:db8::11", "2001:db8::53", "2001:db8:1::80", 0, 30, seed=10)


write_pcap(sys.argv[1], packets(), nanoseconds=True)
