"""50,000 packets over ten minutes from 24 hosts: whatever the sensor decodes, in random order, size and company.

Food for the oracle: flows that cross ticks and windows, changing headers within a flow, padding, tags, fragments,
options, protocols without ports, multicast. What alarms here is nobody's business.
"""
import random
import struct
import sys

from craft import ACK, FIN, ICMP, ICMP6, PSH, RST, SCTP, SYN, TCP, UDP, at, ether, icmp, ip, ipv4, ipv6, tcp, udp, write_pcap
from talk import MSS_OPTIONS, TIMESTAMPS

GRE, ESP, UDP_LITE, DESTINATION = 47, 50, 136, 60
PORTS = (22, 53, 80, 123, 443, 8080, 8443, 4444, 6667, 31337, 49152, 65535)
V4 = [f"10.1.{n}.{n * 7 % 250}" for n in range(1, 13)] + ["203.0.113.77"]
V6 = [f"2001:db8:1::{n:x}" for n in range(1, 11)] + ["fe80::1"]
GROUPS4, GROUPS6 = ["224.0.0.251", "239.255.255.250", "255.255.255.255"], ["ff02::fb", "ff02::1"]


def transport(rng, proto):
    size = rng.choice((0, 0, 1, 7, 40, 64, 65, 300, 1000, 1400))
    body = rng.choices(bytes(range(rng.choice((1, 16, 256)))), k=size)
    sport, dport = rng.choice(PORTS), rng.choice(PORTS)
    if proto == TCP:
        flags = rng.choice((SYN, SYN | ACK, ACK, ACK | PSH, ACK | PSH, ACK | FIN, RST, RST | ACK, 0, FIN | SYN))
        return tcp(sport, dport, flags, bytes(body), rng.choice((b"", TIMESTAMPS, MSS_OPTIONS)))
    if proto in (ICMP, ICMP6):
        return icmp(rng.choice((0, 3, 8, 128, 129)), 1, bytes(body), code=rng.randrange(3))
    if proto in (UDP, UDP_LITE):
        return udp(sport, dport, bytes(body))
    return struct.pack(">HHII", sport, dport, 1, 1) + bytes(body)


def network(rng, proto, data):
    if rng.random() < 0.6:
        source, destination = rng.sample(V4, 2) if rng.random() < 0.98 else (rng.choice(V4), rng.choice(GROUPS4))
        fragment = rng.choice((0x2000, 0x2000 | 185, 185)) if rng.random() < 0.03 else 0x4000
        return ipv4(source, destination, proto, data, bytes([1] * rng.choice((0, 0, 0, 4, 40))), fragment)
    source, destination = rng.sample(V6, 2) if rng.random() < 0.98 else (rng.choice(V6), rng.choice(GROUPS6))
    if rng.random() < 0.1:
        proto, data = DESTINATION, struct.pack(">BBHI", proto, 0, 0x0104, 0) + data
    return ipv6(source, destination, proto, data)


def packets():
    rng = random.Random(20)
    for n in range(50_000):
        proto = rng.choices((TCP, UDP, ICMP, ICMP6, SCTP, UDP_LITE, GRE, ESP), (50, 30, 5, 5, 3, 2, 2, 3))[0]
        vlans = rng.choice(((), (), (), (10,), (20, 10)))
        data = ether(network(rng, proto, transport(rng, proto)), vlans=vlans)
        yield at(rng.uniform(0.3, 600)), data.ljust(60, b"\0")  # padded by the sender's card
    for k, host in enumerate(V4 + V6):  # a few long flows beside the throng
        for n in range(400):
            peer = (V4 if host in V4 else V6)[n % 2]
            if peer != host:
                yield at(0.5 + k * 0.03 + n * 1.497), ether(ip(host, peer, UDP, udp(5353, 5353, rng.randbytes(30))))


write_pcap(sys.argv[1], packets())
