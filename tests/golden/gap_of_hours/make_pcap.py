"""Traffic, three hours of nothing, traffic again, and once more after 40 silent minutes.

There are no windows in between, and times are right after each silence: the data plane's 32-bit stamps wrap every 73
minutes, a gap across that must not become a session of hours.
"""
import sys

from craft import write_pcap
from talk import tcp_session, text

AGAIN, ONCE_MORE = 3 * 3600, 3 * 3600 + 2400


def packets():
    for start in (0, AGAIN, ONCE_MORE):
        for n in range(10):
            yield from tcp_session(start + 1.5 + n * 1.7, "10.0.0.5", "10.0.0.6", 4000 + n, 80, text(100, n), text(3000, n))


write_pcap(sys.argv[1], packets())
