"""A whole house behind one translated address: 30 people browse, 60 dead servers and 25 closed ports among what they try.

Added up, one address fails at what would be a scan of one host; but it succeeds at far more. Silent.
"""
import random
import sys

from craft import SYN, TCP, frame, tcp, write_pcap
from talk import MSS_OPTIONS, noise, refused, tcp_session, text

NAT, SECONDS = "10.0.0.254", 60


def packets():
    rng = random.Random(7)
    for n in range(30 * SECONDS):
        server = f"198.51.{rng.randrange(100, 104)}.{rng.randrange(1, 250)}"
        yield from tcp_session(n / 30, NAT, server, 2000 + n, 443, text(200, n), noise(rng.randrange(400, 6000), n))
    for n in range(60):  # each tried three times, as stacks do
        sport, start = 50000 + n, rng.uniform(0, SECONDS - 8)
        for retry in (0, 1, 3):
            yield frame(start + retry, NAT, f"203.0.113.{n + 1}", TCP, tcp(sport, 443, SYN, options=MSS_OPTIONS))
    for n in range(25):
        yield from refused(rng.uniform(0, SECONDS), NAT, "192.0.2.10", 60000 + n, 8000 + n % 12)


write_pcap(sys.argv[1], sorted(packets()))
