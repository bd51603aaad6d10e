"""A capture cut off in the middle of a packet, as a full disk leaves it.

What was before the damage is processed and printed; then one line names the file, and the exit code is 1. A scan before
the damage alarms all the same.
"""
import sys

from craft import pcap_bytes, write
from talk import refused


def packets():
    for n in range(100):
        yield from refused(0.5 + n * 0.2, "10.0.0.66", "10.0.0.80", 50000 + n, 8000 + n)


write(sys.argv[1], pcap_bytes(packets())[:-10])
