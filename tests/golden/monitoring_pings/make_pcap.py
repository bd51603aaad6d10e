"""A monitoring host pings 250 hosts once a second: no rule speaks.

The compiled-in model comes from an office without such a host and may find it strange. 2500 echo requests a window from one source, but ten to each target. Counting all ICMP of a source would accuse it.
"""
import sys

from craft import write_pcap
from talk import ping


def packets():
    for second in range(40):
        for n in range(250):
            yield from ping(second + n * 0.0039, "10.0.0.20", f"10.0.3.{n + 1}", second)


write_pcap(sys.argv[1], packets())
