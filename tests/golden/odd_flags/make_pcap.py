"""Packets without any flag, FIN alone, and FIN+PSH+URG to one port each of 4 hosts, 12 in all: no stack sends them. Eight of them are too few to say so.
"""
import sys

from craft import ACK, FIN, PSH, RST, TCP, frame, tcp, write_pcap


def packets():
    for n in range(12):
        for source, some in (("10.0.0.66", 12), ("10.0.0.67", 8)):
            if n < some:
                yield frame(10 + n * 0.3, source, f"10.0.5.{n % 4}", TCP, tcp(41000, 80, (0, FIN, FIN | PSH | 0x20)[n % 3]))
                yield frame(10 + n * 0.3 + 0.004, f"10.0.5.{n % 4}", source, TCP, tcp(80, 41000, RST | ACK))


write_pcap(sys.argv[1], sorted(packets()))
