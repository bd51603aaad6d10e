"""36 connections to an SSH server within a minute, each with a banner and a refusal: guessing. So are ten SNMP communities, and ten passwords that Redis refuses. A deployment that opens 15 is none, nor are 200 to a web server, nine communities, a monitor that asks 300 times with one, and Redis where 200 connections each give the right password.
"""
import sys

from craft import UDP, frame, udp, write_pcap
from talk import noise, tcp_session


def sessions(source, server, port, count, start, gap, hello=b"SSH-2.0-some\r\n"):
    for n in range(count):
        yield from tcp_session(start + n * gap, source, server, 40000 + n, port, hello, hello)


def snmp(now, source, server, sport, community):
    """GetRequest, sysDescr.0, version 2c."""
    pdu = bytes.fromhex("a01a02020102020100020100300e300c06082b060102010101000500")
    body = b"\x02\x01\x01\x04" + bytes([len(community)]) + community + pdu
    return frame(now, source, server, UDP, udp(sport, 161, b"\x30" + bytes([len(body)]) + body))


def redis(source, count, password, answer):
    command = b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\n" % (len(password), password)
    for n in range(count):
        yield from tcp_session(31 + n * 25 / count, source, "10.0.0.82", 40000 + n, 6379, command, answer)


def packets():
    yield from sessions("10.0.0.66", "10.0.0.80", 22, 36, 10, 1.5)
    yield from sessions("10.0.0.20", "10.0.0.80", 22, 15, 10, 1.5)
    yield from sessions("10.0.0.30", "10.0.0.81", 443, 200, 10, 0.25, noise(100))
    yield from redis("10.0.0.67", 10, b"guess", b"-WRONGPASS invalid username-password pair or user is disabled.\r\n")
    yield from redis("10.0.0.31", 200, b"right", b"+OK\r\n")
    for n in range(10):
        yield snmp(31 + n * 0.9, "10.0.0.68", "10.0.0.83", 40000, b"guess%d" % n)
        if n != 0:
            yield snmp(31 + n * 0.9, "10.0.0.69", "10.0.0.83", 40000 + n, b"guess%d" % n)
    for n in range(300):
        yield snmp(31 + n * 0.09, "10.0.0.32", "10.0.0.83", 40000 + n, b"public")


write_pcap(sys.argv[1], sorted(packets()))
