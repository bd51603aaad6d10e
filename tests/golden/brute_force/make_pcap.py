"""36 connections to an SSH server within a minute, each with a banner and a refusal: guessing. A deployment that opens 15 is none, nor are 200 to a web server.
"""
import sys

from craft import write_pcap
from talk import noise, tcp_session


def sessions(source, server, port, count, start, gap, hello=b"SSH-2.0-some\r\n"):
    for n in range(count):
        yield from tcp_session(start + n * gap, source, server, 40000 + n, port, hello, hello)


def packets():
    yield from sessions("10.0.0.66", "10.0.0.80", 22, 36, 10, 1.5)
    yield from sessions("10.0.0.20", "10.0.0.80", 22, 15, 10, 1.5)
    yield from sessions("10.0.0.30", "10.0.0.81", 443, 200, 10, 0.25, noise(100))


write_pcap(sys.argv[1], sorted(packets()))
