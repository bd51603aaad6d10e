"""A half-open scan (IPv6): one SYN to each of 200 ports; closed ones refuse, two open ones answer and are reset.

The scanner must be named, and only the scanner: the target merely answers. Its 200 SYN are no flood (500).
"""
import sys

from craft import ACK, RST, SYN, TCP, frame, tcp, write_pcap
from talk import RTT, browsing

SCANNER, TARGET, OPEN = "2001:db8::66", "2001:db8::80", {22, 80}


def packets():
    yield from browsing("2001:db8::11", "2001:db8::53", "2001:db8:1::80", 0, 30, seed=4)
    for n, port in enumerate(range(1, 201)):
        now = 10.5 + n * 0.02
        yield frame(now, SCANNER, TARGET, TCP, tcp(44444, port, SYN, options=bytes.fromhex("020405b4")))
        yield frame(now + RTT, TARGET, SCANNER, TCP, tcp(port, 44444, SYN | ACK if port in OPEN else RST | ACK))
        if port in OPEN:
            yield frame(now + RTT + 0.0001, SCANNER, TARGET, TCP, tcp(44444, port, RST))


write_pcap(sys.argv[1], packets())
