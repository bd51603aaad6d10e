"""A proxy that opens 300 connections a second, all accepted, for 80 s: silent.

3000 SYN a window from one host, thousands of ports, one busy server behind it. Everything that naive flood and scan
rules count is there; what is missing is refusal.
"""
import sys

from craft import write_pcap
from talk import noise, tcp_session, text

PROXY, BACKEND, PER_SECOND, SECONDS = "10.0.0.30", "10.0.2.80", 300, 80


def packets():
    request, reply = text(90), noise(160)
    for n in range(PER_SECOND * SECONDS):
        yield from tcp_session(n / PER_SECOND, PROXY, BACKEND, 1024 + n % 60000, 8080, request, reply)


write_pcap(sys.argv[1], packets())
