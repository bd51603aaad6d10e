"""Packets at exactly 10.0 s belong to the window that begins there, those a nanosecond earlier to the one before.

The stamp unit of 1.024 us does not divide a second: a stamp that falls upon 9.999999488 s must not move the packet.
"""
import sys

from craft import START, UDP, ether, ip, udp, write_pcap
from talk import text

SECOND = 10**9


def packets():
    for second in (0, 1, 9, 10, 11, 19, 20):
        for offset, host in ((-1, 5), (0, 6), (1, 7), (512, 8)):
            if second or offset >= 0:
                data = ether(ip(f"10.0.0.{host}", "10.0.0.1", UDP, udp(4000, 53, text(40, second))))
                yield START * SECOND + second * SECOND + offset, data


write_pcap(sys.argv[1], packets(), nanoseconds=True)
