"""A host that calls an address outside every 5 s, give or take 0.2 s: named once, after 32 gaps, however long it goes on.

Not named: one that calls at the same pace an address inside (monitoring), one at random times, and one that asks a time server.
"""
import random
import sys

from craft import UDP, frame, udp, write_pcap
from talk import noise, tcp_session


def packets():
    rng = random.Random(3)
    for n in range(60):
        now = 10 + n * 5 + rng.uniform(-0.2, 0.2)
        yield from tcp_session(now, "10.0.0.66", "203.0.113.9", 41000 + n, 443, noise(300, n), noise(500, n))
        yield from tcp_session(now, "10.0.0.20", "10.0.0.80", 41000 + n, 9100, b"GET /metrics", bytes(900))
        yield frame(now, "10.0.0.21", "203.0.113.123", UDP, udp(41000 + n, 123, bytes(48)))
    now = 10
    for n in range(60):
        now += rng.uniform(0.6, 9)
        yield from tcp_session(now, "10.0.0.30", "203.0.113.9", 42000 + n, 443, noise(300, n), noise(500, n))


write_pcap(sys.argv[1], sorted(packets()))
