"""6,000 UDP packets in 10 s that nobody answers name the sender and the victim; as many that are answered, and half as many media that flow one way, name nobody.
"""
import sys

from craft import UDP, frame, udp, write_pcap
from talk import RTT


def packets():
    for n in range(6000):
        now = 10 + n * 0.0016
        yield frame(now, "10.0.0.66", "10.0.0.80", UDP, udp(40000, 9, bytes(64)))
        yield frame(now, "10.0.0.20", "10.0.0.21", UDP, udp(40001, 5001, bytes(64)))
        if n % 50 == 0:
            yield frame(now + RTT, "10.0.0.21", "10.0.0.20", UDP, udp(5001, 40001, bytes(20)))
        if n % 2 == 0:
            yield frame(now, "10.0.0.30", "10.0.0.31", UDP, udp(40002, 5004, bytes(188)))


write_pcap(sys.argv[1], sorted(packets()))
