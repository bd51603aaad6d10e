"""150 connections in 60 s from outside whose requests never end, to a server that waits for them, are named.

Not named: 149, 300 from a proxy inside whose clients wait for news, and 300 from outside that are answered.
"""
import sys

from craft import ACK, PSH, SYN, TCP, frame, tcp, write_pcap
from talk import RTT


def held(source, count, answer=b""):
    for n in range(count):
        now, sport = 30.5 + n % 50 / 10 + n // 50 * 10, 20000 + n
        yield frame(now, source, "10.0.0.80", TCP, tcp(sport, 80, SYN))
        yield frame(now + RTT, "10.0.0.80", source, TCP, tcp(80, sport, SYN | ACK))
        yield frame(now + 2 * RTT, source, "10.0.0.80", TCP, tcp(sport, 80, ACK))
        yield frame(now + 3 * RTT, source, "10.0.0.80", TCP, tcp(sport, 80, PSH | ACK, b"GET / HTTP/1.1\r\nHost: a\r\n"))
        yield frame(now + 4 * RTT, "10.0.0.80", source, TCP, tcp(80, sport, ACK, answer))


def packets():
    yield from held("198.51.100.66", 150)
    yield from held("198.51.100.20", 149)
    yield from held("10.0.0.20", 300)
    yield from held("198.51.100.21", 300, b"HTTP/1.1 200 OK\r\n")
    yield frame(89.9, "10.0.0.20", "10.0.0.80", TCP, tcp(1, 80, ACK))  # the last window ends


write_pcap(sys.argv[1], sorted(packets()))
