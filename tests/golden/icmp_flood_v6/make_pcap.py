"""3500 ICMPv6 echo requests to one host within a window, unanswered: sender and victim are both named.

On the victim's side the limit is ten times the sender's, since many may ping one server.
"""
import sys

from craft import ICMP6, frame, icmp, write_pcap
from talk import ping


def packets():
    for n in range(20):
        yield from ping(n + 0.25, "2001:db8::11", "2001:db8::80", n)
    for n in range(3500):
        yield frame(10.1 + n * 0.0025, "2001:db8::99", "2001:db8::80", ICMP6, icmp(128, n))


write_pcap(sys.argv[1], packets())
