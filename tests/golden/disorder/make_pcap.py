"""Packets stamped out of order, as multi-queue captures have them: within a flow, across a tick, across a window.

Time never runs backwards: a late packet counts as arriving with the latest one before it, and no gap is negative.
"""
import sys

from craft import ACK, PSH, TCP, UDP, frame, pcap_bytes, tcp, udp, write
from talk import text


def packets():
    for n in range(60):
        late = (0, -0.0003, -0.004, 0.002, -0.12)[n % 5]
        yield frame(0.2 + n * 0.31 + late, "10.0.0.5", "10.0.0.6", TCP, tcp(4000, 443, PSH | ACK, text(50 + n, n)))
        yield frame(0.2 + n * 0.31 - late, "10.0.0.6", "10.0.0.5", TCP, tcp(443, 4000, ACK))
    yield frame(30.001, "10.0.0.7", "10.0.0.6", UDP, udp(5000, 53, text(30)))
    yield frame(29.999, "10.0.0.8", "10.0.0.6", UDP, udp(5000, 53, text(30)))  # in the window of 30, not of 20


write(sys.argv[1], pcap_bytes(packets()))
