"""A ping flood: 800 echo requests to one host in a window, each answered.

The sender is named. The host that answers sends as many packets, but answers are no flood. Two people who ping once a
second are no flood either.
"""
import sys

from craft import write_pcap
from talk import ping


def packets():
    for n in range(20):
        yield from ping(n + 0.25, "10.0.0.11", "10.0.0.80", n)
        yield from ping(n + 0.75, "10.0.0.12", "10.0.0.80", n)
    for n in range(800):
        yield from ping(10.1 + n * 0.01, "10.0.0.99", "10.0.0.80", n)


write_pcap(sys.argv[1], packets())
