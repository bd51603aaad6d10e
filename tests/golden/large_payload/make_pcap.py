"""Two tunnels: echo requests with 1,000 bytes, and UDP to port 53 with 700, five a second each.

Not named: a test of the MTU (one large ping a second), ten plain pings a second, a resolver's questions, a time server's.
"""
import sys

from craft import ICMP, UDP, frame, icmp, udp, write_pcap
from talk import RTT, dns, noise, ping

OUTSIDE = "203.0.113.9"


def echo(now, client, sequence, size):
    for at, source, other, kind in (now, client, OUTSIDE, 8), (now + RTT, OUTSIDE, client, 0):
        yield frame(at, source, other, ICMP, icmp(kind, sequence, noise(size, sequence)))


def exchange(now, client, server, sport, dport, size):
    yield frame(now, client, server, UDP, udp(sport, dport, noise(size, sport)))
    yield frame(now + RTT, server, client, UDP, udp(dport, sport, noise(size, sport)))


def packets():
    for n in range(200):
        yield from echo(10 + n * 0.2, "10.0.0.66", n, 1000)
        yield from exchange(10 + n * 0.2, "10.0.0.67", OUTSIDE, 50000 + n, 53, 700)
        yield from ping(10 + n * 0.1, "10.0.0.12", OUTSIDE, n)
        yield from dns(10 + n * 0.1, "10.0.0.13", "10.0.0.53", 40000 + n)
        yield from exchange(10 + n * 0.1, "10.0.0.14", "10.0.0.53", 40000 + n, 123, 48)
    for n in range(90):
        yield from echo(10 + n, "10.0.0.11", n, 1472)


write_pcap(sys.argv[1], packets())
