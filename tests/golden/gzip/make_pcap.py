"""A compressed capture.

Captures are kept compressed; nobody should have to unpack them first.
"""
import sys

from craft import gzipped, pcap_bytes, write
from talk import browsing


def packets():
    yield from browsing("10.0.0.11", "10.0.0.1", "198.51.100.80", 0, 30, seed=9)
    yield from browsing("2001:db8::11", "2001:db8::53", "2001:db8:1::80", 0, 30, seed=10)


write(sys.argv[1], gzipped(pcap_bytes(sorted(packets()))))
