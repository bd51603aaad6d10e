"""Nineteen refused ports of one host, and thirty hosts with one refused port each: below the scan rule in either way.

The rule counts distinct ports of one target. Twenty is the limit, so this is the nearest silence to it.
"""
import sys

from craft import write_pcap
from talk import refused


def packets():
    for n in range(19):
        yield from refused(1 + n * 0.3, "10.0.0.5", "10.0.0.80", 50000 + n, 8000 + n)
    for n in range(30):
        yield from refused(1.1 + n * 0.2, "10.0.0.6", f"10.0.1.{n + 1}", 50000 + n, 8000 + n)


write_pcap(sys.argv[1], packets())
