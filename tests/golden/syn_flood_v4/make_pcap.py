"""A SYN flood (IPv4): 2400 SYN in one window from changing ports of one source to a server's port 80.

Both ends are named: the source for what it does, the server for what is done to it. The server answers what it can and
is not accused as a source.
"""
import sys

from craft import ACK, SYN, TCP, frame, tcp, write_pcap
from talk import RTT, browsing


def packets():
    yield from browsing("10.0.0.11", "10.0.0.1", "10.0.0.80", 0, 20, seed=5)
    for n in range(2400):
        now, sport = 11 + n * 0.003, 1024 + n
        yield frame(now, "10.0.0.99", "10.0.0.80", TCP, tcp(sport, 80, SYN))
        if n % 4 == 0:
            yield frame(now + RTT, "10.0.0.80", "10.0.0.99", TCP, tcp(80, sport, SYN | ACK))


write_pcap(sys.argv[1], packets())
