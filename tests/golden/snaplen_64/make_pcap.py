"""A capture that keeps 64 bytes of each packet: all lengths are the original ones.

What lies in the cut part (payload) is missing, what only its length says is not.
"""
import sys

from craft import UDP, frame, udp, write_pcap
from talk import browsing, noise, text


def packets():
    yield from browsing("10.0.0.11", "10.0.0.1", "198.51.100.80", 0, 30, seed=8)
    for n in range(20):
        yield frame(0.5 + n, "10.0.0.12", "10.0.0.1", UDP, udp(7000, 53, text(20, n)))
        yield frame(0.7 + n, "10.0.0.1", "10.0.0.12", UDP, udp(53, 7000, noise(700, n)))


write_pcap(sys.argv[1], packets(), snaplen=64)
