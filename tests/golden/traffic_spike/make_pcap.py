"""A host that fetched little for two minutes suddenly uploads at 5 Mbit/s for ten seconds.

An accepted connection, no scan and no flood: only the host's own past can tell. The receiver has no past to compare
with.
"""
import sys

from craft import ACK, PSH, TCP, frame, tcp, write_pcap
from talk import TIMESTAMPS, browsing, noise, tcp_session

HOST, BACKUP, QUIET, PACKETS = "10.0.0.11", "198.51.100.7", 120, 6000


def packets():
    yield from browsing(HOST, "10.0.0.1", "198.51.100.80", 0, QUIET, seed=7)
    yield from tcp_session(QUIET + 0.1, HOST, BACKUP, 60000, 443, noise(200), noise(900))
    body = noise(1000)
    for n in range(PACKETS):
        now = QUIET + 0.2 + n * 9.5 / PACKETS
        yield frame(now, HOST, BACKUP, TCP, tcp(60001, 443, PSH | ACK, body, TIMESTAMPS))
        if n % 2:
            yield frame(now + 0.0001, BACKUP, HOST, TCP, tcp(443, 60001, ACK, b"", TIMESTAMPS))


write_pcap(sys.argv[1], packets())
