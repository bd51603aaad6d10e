"""400 connections in 10 s that are accepted and carry nothing: they fill the server's tables. A proxy whose 400 carry requests is none.
"""
import sys

from craft import ACK, SYN, TCP, frame, tcp, write_pcap
from talk import RTT, tcp_session, text


def packets():
    for n in range(400):
        now = 10 + n * 0.02
        yield frame(now, "10.0.0.66", "10.0.0.80", TCP, tcp(20000 + n, 443, SYN))
        yield frame(now + RTT, "10.0.0.80", "10.0.0.66", TCP, tcp(443, 20000 + n, SYN | ACK))
        yield frame(now + 2 * RTT, "10.0.0.66", "10.0.0.80", TCP, tcp(20000 + n, 443, ACK))
        yield from tcp_session(now, "10.0.0.20", "10.0.0.81", 20000 + n, 8080, text(200), text(900))


write_pcap(sys.argv[1], sorted(packets()))
