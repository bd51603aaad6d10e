"""Only what clients send passes here (the answers take another way): silence says nothing, so no rule that needs answers speaks.

60 hosts are asked over UDP in 10 s, 30 are pinged, 6,000 packets get no answer, 150 clients call one server. A half-open scan is seen all the same.
"""
import ipaddress
import sys

from craft import ICMP, SYN, TCP, UDP, frame, icmp, tcp, udp, write_pcap
from talk import noise, tcp_session


def one_way(packets, source):
    return (p for p in packets if ipaddress.ip_address(source).packed == p[1][26:30])


def packets():
    for n in range(200):
        client = f"10.0.1.{n % 50 + 1}"
        session = tcp_session(1 + n * 0.2, client, "198.51.100.80", 30000 + n, 443, noise(3000, n), noise(9000, n))
        yield from one_way(session, client)
        yield frame(20 + n * 0.04, f"10.0.2.{n % 150 + 1}", "198.51.100.53", UDP, udp(40000, 53, bytes(30)))
    for n in range(70):
        yield frame(20 + n * 0.1, "10.0.0.20", f"198.51.100.{n + 1}", UDP, udp(41000, 5060, bytes(300)))
    for n in range(30):
        yield frame(20 + n * 0.1, "10.0.0.21", f"198.51.100.{n + 1}", ICMP, icmp(8, n))
    for n in range(6000):
        yield frame(20 + n * 0.0016, "10.0.0.22", "198.51.100.9", UDP, udp(41000, 51820, bytes(200)))
    for n in range(50):
        yield frame(30.5 + n * 0.1, "10.0.0.66", f"198.51.100.{n + 1}", TCP, tcp(41000, 23, SYN))


write_pcap(sys.argv[1], sorted(packets()))
