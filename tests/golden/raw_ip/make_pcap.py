"""A capture without link layer (tun, wg): packets begin with the IP header.

Lengths are as if the packet had been seen on Ethernet, so that models mean the same thing.
"""
import sys

from craft import RAW_IP, write_pcap
from talk import browsing


def packets():
    yield from browsing("10.0.0.11", "10.0.0.1", "198.51.100.80", 0, 30, seed=9)
    yield from browsing("2001:db8::11", "2001:db8::53", "2001:db8:1::80", 0, 30, seed=10)


ETHERNET_HEADER = 14
write_pcap(sys.argv[1], ((time, data[ETHERNET_HEADER:]) for time, data in packets()), link=RAW_IP)
