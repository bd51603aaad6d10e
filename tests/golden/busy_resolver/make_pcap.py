"""A resolver inside asks 3,000 servers outside 400 times a second and answers its clients: nobody is named.

Its questions and their answers lie across the ends of windows, and one server in twenty is silent.
"""
import sys

from craft import UDP, frame, udp, write_pcap


def packets():
    for n in range(12000):
        now, server = 0.001 + n * 0.0025, f"198.51.{100 + n % 12}.{n % 250 + 1}"
        yield frame(now, "10.0.0.53", server, UDP, udp(20000 + n % 40000, 53, bytes(40)))
        if n % 20:
            yield frame(now + 0.08, server, "10.0.0.53", UDP, udp(53, 20000 + n % 40000, bytes(120)))
        yield frame(now - 0.001, f"10.0.1.{n % 200 + 1}", "10.0.0.53", UDP, udp(40000 + n % 997, 53, bytes(40)))
        yield frame(now + 0.09, "10.0.0.53", f"10.0.1.{n % 200 + 1}", UDP, udp(53, 40000 + n % 997, bytes(120)))


write_pcap(sys.argv[1], sorted(packets()))
