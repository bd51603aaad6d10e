"""A scan that lasts 15 minutes alarms twice: the same host, role and kind alarm once in 600 s.

Every window of the scanner names the rule all the same; only the alerts are thinned.
"""
import sys

from craft import write_pcap
from talk import refused


def packets():
    for n in range(900 * 3):
        yield from refused(0.1 + n / 3, "10.0.0.66", "10.0.0.80", 40000 + n % 20000, 1000 + n)


write_pcap(sys.argv[1], packets())
