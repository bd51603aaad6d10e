"""70 hosts in 60 s, 12 in each window: named by what the last minute adds up to, and only while it goes on.

Another host pings 40 in a minute and few answer: named too.
"""
import sys

from craft import ICMP, SYN, TCP, frame, icmp, tcp, write_pcap
from talk import RTT, browsing


def packets():
    yield from browsing("10.0.0.11", "10.0.0.1", "198.51.100.80", 0, 120, seed=4)
    for n in range(70):
        yield frame(10 + n * 0.83, "10.0.0.66", f"10.0.5.{n + 1}", TCP, tcp(41000, 22, SYN))
    for n in range(40):
        yield frame(10 + n * 1.4, "10.0.0.67", f"10.0.6.{n + 1}", ICMP, icmp(8, n))
        if n % 4 == 0:
            yield frame(10 + n * 1.4 + RTT, f"10.0.6.{n + 1}", "10.0.0.67", ICMP, icmp(0, n))


write_pcap(sys.argv[1], sorted(packets()))
