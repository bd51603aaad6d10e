"""Traffic in tunnels, for the cases that open them and those that do not."""
import random

from craft import (ACK, FIN, ICMP, ICMP6, PSH, SYN, TCP, UDP, at, ether, gre, icmp, ip, ipv4, ipv6, labels, pppoe, tcp, udp,
                   vxlan)

IPV4, IPV6, BRIDGED, MPLS, PPPOE = 0x0800, 0x86DD, 0x6558, 0x8847, 0x8864
IP_IN_IP, IPV6_IN_IP, GRE = 4, 41, 47
ENDS4, ENDS6 = ("198.51.100.1", "198.51.100.2"), ("2001:db8:ff::1", "2001:db8:ff::2")
KINDS = ("vxlan", "gre", "bridged", "ipip", "ip4in6", "mpls", "pppoe", "compressed")
DAMAGED = 0.15


def frame_in(kind, packet, outer=ENDS4):
    """`packet`, an IP packet, in a tunnel of that kind."""
    version = IPV4 if packet[0] >> 4 == 4 else IPV6
    number = IP_IN_IP if version == IPV4 else IPV6_IN_IP
    if kind == "vxlan":
        return ether(ip(*outer, UDP, vxlan(ether(packet, vlans=(9,)))))
    if kind == "gre":
        return ether(ip(*outer, GRE, gre(version, packet, 0x2000)))
    if kind == "bridged":
        return ether(ip(*outer, GRE, gre(BRIDGED, ether(packet))))
    if kind in ("ipip", "ip4in6"):
        return ether(ip(*(outer if kind == "ipip" else ENDS6), number, packet))
    if kind == "mpls":
        return ether(labels(packet, 100, 0), vlans=(5,), ethertype=MPLS)
    return ether(pppoe(packet, kind == "compressed"), ethertype=PPPOE)


def plain_talks():
    """Host 10.k.0.1 sends eight datagrams to 10.k.0.2 in the tunnel of kind k."""
    for k, kind in enumerate(KINDS, 1):
        for n in range(8):
            yield at(0.1 + n + 0.01 * k), frame_in(kind, ipv4(f"10.{k}.0.1", f"10.{k}.0.2", UDP, udp(5000, 53, bytes(20 + n))))


def inner_packet(rng):
    v6 = rng.random() < 0.4
    proto = rng.choice((TCP, TCP, UDP, ICMP6 if v6 else ICMP, 50))
    body = bytes(rng.choice((0, 3, 64, 700)))
    data = {TCP: tcp(rng.choice((80, 443)), 50000 + rng.randrange(5), rng.choice((SYN, ACK, ACK | PSH, ACK | FIN)), body),
            UDP: udp(53, 50000 + rng.randrange(5), body), 50: body + bytes(8)}.get(proto, icmp(8, 1, body))
    if v6:
        return ipv6(f"2001:db8:1::{rng.randrange(1, 6):x}", f"2001:db8:1::{rng.randrange(6, 11):x}", proto, data)
    fragment = rng.choice((0x2000, 0x2000 | 9, 9)) if rng.random() < 0.05 else 0
    return ipv4(f"10.99.0.{rng.randrange(1, 6)}", f"10.99.0.{rng.randrange(6, 11)}", proto, data, fragment=fragment)


def wrapped(rng, packet):
    """In one more tunnel that has an IP packet outside."""
    version, number = (IPV4, IP_IN_IP) if packet[0] >> 4 == 4 else (IPV6, IPV6_IN_IP)
    flags = rng.choice((0, 0x2000, 0x8000, 0xB000, 0x4000, 1)) if rng.random() < 0.5 else 0
    stack = [rng.randrange(1 << 20) for _ in range(rng.choice((1, 2, 3, 8, 9)))]
    inside, tags = rng.random(), rng.choice(((), (), (7,), (8, 7), (1, 2, 3)))
    content = (labels(packet, *stack), MPLS) if inside < 0.2 else (pppoe(packet), PPPOE) if inside < 0.3 else (packet, version)
    proto, data = rng.choice(((GRE, gre(content[1], content[0], flags)), (number, packet),
                              (GRE, gre(BRIDGED, ether(content[0], tags, content[1]), flags)),
                              (UDP, vxlan(ether(content[0], tags, content[1]), rng.choice((8, 8, 8, 0))))))
    source, destination = rng.choice((ENDS4, ENDS4, ENDS6))
    if ":" in source:
        return ipv6(source, destination, proto, data)
    fragment = rng.choice((0x2000, 20)) if rng.random() < 0.05 else 0
    return ipv4(source, destination, proto, data, bytes([1] * rng.choice((0, 0, 8))), fragment)


def throng():
    rng = random.Random(4789)
    for _ in range(12_000):
        packet = inner_packet(rng)
        for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 4, 5, 6))):
            packet = wrapped(rng, packet)
        link = rng.random()
        vlans = rng.choice(((), (), (30,), (40, 30)))
        if link < 0.1:
            data = ether(labels(packet, *range(rng.choice((1, 2, 8, 9)))), vlans, MPLS)
        elif link < 0.2:
            data = ether(pppoe(packet, rng.random() < 0.3, rng.choice((0, 0, 0, 9))), vlans, PPPOE)
        else:
            data = ether(packet, vlans)
        if rng.random() < DAMAGED:
            data = damaged(rng, bytearray(data))
        yield at(rng.uniform(0.5, 120)), bytes(data)


def damaged(rng, data):
    if rng.random() < 0.5:
        return data[:rng.randrange(14, len(data) + 1)]
    at_byte = rng.randrange(12, min(len(data), 160))
    data[at_byte] ^= 1 << rng.randrange(8)
    return data
