"""5,000 hosts, inside and outside, appear for one packet each, around people who browse: silent, and nobody is scored for it."""
import random
import sys

from craft import ACK, ICMP, TCP, UDP, frame, icmp, tcp, udp, write_pcap
from talk import browsing


def packets():
    rng = random.Random(3)
    for n in range(4):
        yield from browsing(f"10.0.0.{n + 10}", "10.0.0.1", "198.51.100.80", 0, 60, seed=n)
    for n in range(5000):
        source = f"10.{n // 250 % 20 + 20}.{n % 250}.{rng.randrange(1, 255)}" if n % 2 else f"{rng.randrange(11, 100)}.{n % 250}.7.9"
        target, start = f"10.0.0.{n % 4 + 10}", rng.uniform(0, 59)
        segment = (TCP, tcp(443, 40000 + n, ACK)), (UDP, udp(53, 50000, b"late answer")), (ICMP, icmp(3, n % 65536))
        yield frame(start, source, target, *segment[n % 3])


write_pcap(sys.argv[1], sorted(packets()))
