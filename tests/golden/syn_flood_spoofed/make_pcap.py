"""A SYN flood whose 3000 packets carry 3000 invented source addresses: only the victim can be named.

Seen from the sources nothing happens; this is why windows exist for destinations too.
"""
import random
import sys

from craft import SYN, TCP, frame, tcp, write_pcap


def packets():
    rng = random.Random(6)
    for n in range(3000):
        source = f"{rng.randrange(1, 223)}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        yield frame(2 + n * 0.002, source, "10.0.0.80", TCP, tcp(rng.randrange(1024, 65536), 80, SYN))


write_pcap(sys.argv[1], packets())
