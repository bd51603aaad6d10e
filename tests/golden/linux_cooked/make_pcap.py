"""A capture on the interface `any`: 16 bytes of cooked header instead of Ethernet's 14.

Lengths are as if the packet had been seen on Ethernet, so that models mean the same thing.
"""
import sys

from craft import LINUX_COOKED, write_pcap
from talk import browsing


def packets():
    yield from browsing("10.0.0.11", "10.0.0.1", "198.51.100.80", 0, 30, seed=9)
    yield from browsing("2001:db8::11", "2001:db8::53", "2001:db8:1::80", 0, 30, seed=10)


COOKED = bytes.fromhex("0000 0001 0006 020000000001 0000")  # unicast to us, Ethernet, sender; then the ethertype
ETHERTYPE = 12  # where an Ethernet frame has it
write_pcap(sys.argv[1], ((time, COOKED + data[ETHERTYPE:]) for time, data in packets()), link=LINUX_COOKED)
