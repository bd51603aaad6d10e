"""A scan by connect(): whole connection attempts from changing source ports, all on closed ports.

What a scan without raw sockets looks like: SYN out, RST+ACK back, never an ACK from the scanner.
"""
import sys

from craft import write_pcap
from talk import refused, tcp_session, text


def packets():
    yield from tcp_session(0.3, "10.0.0.66", "10.0.0.80", 40000, 80, text(120), text(900))
    for n, port in enumerate(range(8000, 8060)):
        yield from refused(1 + n * 0.05, "10.0.0.66", "10.0.0.80", 50000 + n, port)


write_pcap(sys.argv[1], packets())
