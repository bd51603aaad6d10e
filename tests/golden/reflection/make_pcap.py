"""SYN+ACK of five servers for connections that 10.0.0.80 never tried, and of two, slowly, for 10.0.0.83's: their addresses are forged in a reflected flood. RST of 25 hosts for what 10.0.0.81 never sent: backscatter of a flood elsewhere. 10.0.0.84 refuses each SYN+ACK of three servers that it never asked, and is named all the same; 10.0.0.85 gets 100 answers of five time servers that it never asked.

Not named: a host whose own connection attempts are answered in the window after, one that asked all its neighbours who they are (SSDP), one that gets 99 answers, and two that speak to each other between equal ports (IKE).
"""
import sys

from craft import ACK, RST, SYN, TCP, UDP, frame, tcp, udp, write_pcap
from talk import browsing


def packets():
    yield from browsing("10.0.0.80", "10.0.0.1", "198.51.100.80", 0, 60, seed=4)
    for n in range(20):
        yield frame(21 + n * 0.3, f"203.0.113.{n % 5 + 1}", "10.0.0.80", TCP, tcp(443, 20000 + n, SYN | ACK))
    for n in range(40):  # slow, and the same two connections again and again
        server = "203.0.113.77" if n % 4 else "203.0.113.78"
        yield frame(3 + n * 1.4, server, "10.0.0.83", TCP, tcp(21, 21, SYN | ACK))
    for n in range(25):
        yield frame(21 + n * 0.3, f"198.51.100.{n + 1}", "10.0.0.81", TCP, tcp(80, 30000 + n, RST | ACK))
    for n in range(30):
        yield frame(29.9, "10.0.0.82", f"192.0.2.{n + 1}", TCP, tcp(50000 + n, 443, SYN))
        yield frame(30.1, f"192.0.2.{n + 1}", "10.0.0.82", TCP, tcp(443, 50000 + n, SYN | ACK))
        yield frame(30.2, "10.0.0.82", f"192.0.2.{n + 1}", TCP, tcp(50000 + n, 443, ACK))
    for n in range(15):
        server = f"203.0.113.{90 + n % 3}"
        yield frame(21 + n * 2, server, "10.0.0.84", TCP, tcp(80, 3074, SYN | ACK))
        yield frame(21.001 + n * 2, "10.0.0.84", server, TCP, tcp(3074, 80, RST))
    for n in range(100):
        yield frame(30 + n * 0.09, f"203.0.113.{n % 5 + 100}", "10.0.0.85", UDP, udp(123, 3074, bytes(468)))
        if n != 0:
            yield frame(30 + n * 0.09, f"203.0.113.{n % 5 + 100}", "10.0.0.87", UDP, udp(123, 3074, bytes(468)))
        yield frame(30 + n * 0.09, f"203.0.113.{n % 5 + 100}", "10.0.0.88", UDP, udp(500, 500, bytes(300)))
    yield frame(29.9, "10.0.0.86", "239.255.255.250", UDP, udp(50000, 1900, b"M-SEARCH * HTTP/1.1\r\n"))
    for n in range(200):
        yield frame(30.1 + n * 0.1, f"10.0.1.{n % 20 + 1}", "10.0.0.86", UDP, udp(1900, 50000, b"HTTP/1.1 200 OK\r\n" + bytes(300)))


write_pcap(sys.argv[1], sorted(packets()))
