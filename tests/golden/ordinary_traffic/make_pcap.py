"""Three people browse, resolve names and ping for two minutes, over IPv4 and IPv6: nothing may alarm.

The one property that an operator notices first. Several windows, so that rules with a memory have one.
"""
import sys

from craft import write_pcap
from talk import browsing

END = 120


def packets():
    yield from browsing("10.0.0.11", "10.0.0.1", "198.51.100.80", 0, END, seed=1)
    yield from browsing("10.0.0.12", "10.0.0.1", "203.0.113.9", 0, END, seed=2)
    yield from browsing("2001:db8::11", "2001:db8::53", "2001:db8:1::80", 0, END, seed=3)


write_pcap(sys.argv[1], packets())
