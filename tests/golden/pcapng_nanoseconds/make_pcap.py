"""A pcapng file whose clock counts nanoseconds.

Read as microseconds, its times would lie 50,000 years ahead.
"""
import sys

from craft import pcapng_bytes, write
from talk import browsing


def packets():
    yield from browsing("10.0.0.11", "10.0.0.1", "198.51.100.80", 0, 30, seed=9)
    yield from browsing("2001:db8::11", "2001:db8::53", "2001:db8:1::80", 0, 30, seed=10)


write(sys.argv[1], pcapng_bytes(sorted(packets())))
