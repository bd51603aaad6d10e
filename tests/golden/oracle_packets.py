"""The oracle's eyes: packets of a capture file, read and decoded with nothing but struct.

Written from the file formats and from what the sensor promises to decode, not from its source, so that the two can
disagree. Slow and plain on purpose.
"""
import gzip
import io
import ipaddress
import struct
import zlib
from dataclasses import dataclass

ETHERNET, LINUX_COOKED, LINUX_COOKED2 = 1, 113, 276
RAW_IP = (12, 14, 101, 228, 229)
BSD_LOOPBACK = (0, 108)
ETHERNET_HEADER = 14
IPV4, IPV6, TAGS = 0x0800, 0x86DD, (0x8100, 0x88A8)
ICMP, TCP, UDP, ICMP6, SCTP, UDP_LITE = 1, 6, 17, 58, 132, 136
HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION = 0, 43, 44, 51, 60
EXTENSIONS = (HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION)
MAX_TAGS, MAX_EXTENSIONS, SAMPLE_BYTES = 2, 4, 128
IP_IN_IP, IPV6_IN_IP, GRE = 4, 41, 47
BRIDGED, MPLS, PPPOE = 0x6558, (0x8847, 0x8848), 0x8864
VXLAN_PORT, MAX_TUNNELS, MAX_LABELS = 4789, 4, 8
OPENED_BY_DEFAULT = ("mpls", "pppoe")


@dataclass(frozen=True, slots=True)
class Packet:
    time_ns: int
    source: str
    destination: str
    protocol: int
    source_port: int       # 0 where there is none
    destination_port: int  # ICMP: type << 8 | code, as the sensor's flow key has it
    vlan: int              # innermost outside of any tunnel; 0 = none
    wire_bytes: int        # on Ethernet, header in, FCS out
    payload_bytes: int
    tcp_flags: int
    sample: bytes | None   # head of the payload as the sensor samples it; None = it never samples this packet

    @property
    def flow(self):
        return (self.source, self.destination, self.protocol, self.source_port, self.destination_port, self.vlan)


class Undecoded(Exception):
    """Not a packet of a host: no IP, or cut off before its ports."""


def read_packets(path, opened=OPENED_BY_DEFAULT):
    """The decoded packets of a capture, up to the damage if it is damaged. Time never runs backwards: a packet that
    is stamped earlier than one before it counts as arriving together with that one."""
    latest = 0
    for time_ns, link, data, wire_bytes in frames(contents(path)):
        latest = max(latest, time_ns)
        try:
            yield decode(latest, link, data, wire_bytes, opened)
        except Undecoded:
            pass


# --- files ---

def contents(path):
    with open(path, "rb") as f:
        data = f.read()
    return inflate(data) if data[:2] == b"\x1f\x8b" else data


def inflate(data):
    """All that a possibly cut gzip file still holds."""
    out = io.BytesIO()
    try:
        with gzip.open(io.BytesIO(data)) as f:
            while piece := f.read1(1 << 16):
                out.write(piece)
    except (EOFError, zlib.error):
        pass
    return out.getvalue()


def frames(data):
    """(time in ns, link type, captured bytes, length on the wire)"""
    orders = {b"\xd4\xc3\xb2\xa1": ("<", 1000), b"\xa1\xb2\xc3\xd4": (">", 1000),
              b"\x4d\x3c\xb2\xa1": ("<", 1), b"\xa1\xb2\x3c\x4d": (">", 1)}
    if data[:4] in orders and len(data) >= 24:
        yield from pcap_frames(data, *orders[data[:4]])
    elif data[:4] == b"\x0a\x0d\x0d\x0a":
        yield from pcapng_frames(data)


def pcap_frames(data, order, unit_ns):
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    at = 24
    while at + 16 <= len(data):
        second, rest, captured, wire = struct.unpack_from(order + "IIII", data, at)
        at += 16
        if at + captured > len(data):
            return
        yield second * 10**9 + rest * unit_ns, link, data[at:at + captured], wire
        at += captured


def pcapng_frames(data):
    at, order, interfaces = 0, "<", []
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order, interfaces = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">", []
        kind, size = struct.unpack_from(order + "II", data, at)
        if size < 12 or at + size > len(data):
            return
        if kind == 1:
            interfaces.append((struct.unpack_from(order + "H", data, at + 8)[0], units_per_second(data, at, size, order)))
        elif kind == 6:
            interface, high, low, captured, wire = struct.unpack_from(order + "IIIII", data, at + 8)
            link, per_second = interfaces[interface]
            yield (high << 32 | low) * 10**9 // per_second, link, data[at + 28:at + 28 + captured], wire
        at += size


def units_per_second(data, block, size, order):
    """Option if_tsresol (9) of an interface block: a power of ten, or of two when its high bit is set."""
    at = block + 16
    while at + 4 <= block + size - 4:
        code, length = struct.unpack_from(order + "HH", data, at)
        if code == 9:
            return 2 ** (data[at + 4] & 127) if data[at + 4] & 128 else 10 ** data[at + 4]
        at += 4 + (length + 3 & ~3)
    return 10**6


# --- layers ---

def decode(time_ns, link, data, wire_bytes, opened=OPENED_BY_DEFAULT):
    """`opened`: tunnels whose inside counts instead of them."""
    ethertype, start, vlan = network_layer(link, data)
    if link != ETHERNET:  # lengths are as if the packet had been seen on Ethernet
        wire_bytes += ETHERNET_HEADER - start
        data, start = bytes(ETHERNET_HEADER) + data[start:], ETHERNET_HEADER
    frame = Frame(data, wire_bytes, opened)
    version, at = frame.behind_link(ethertype, start)
    ip = frame.innermost(version, at, tunnels=0 if ethertype in (IPV4, IPV6) else 1)
    payload = min(max(ip.length - ip.header, 0), max(wire_bytes - ip.payload_at, 0))
    sample = None if ip.is_later or payload == 0 else head(data, ip.payload_at, payload)
    return Packet(time_ns, *ip.addresses, ip.protocol, *ip.ports, vlan, wire_bytes, payload, ip.flags, sample)


@dataclass
class Ip:
    addresses: tuple
    protocol: int
    length: int        # behind the IP header and its extensions
    is_fragment: bool
    is_later: bool     # a fragment without the transport header
    ports: tuple
    flags: int
    header: int        # of the transport
    payload_at: int


@dataclass
class Frame:
    data: bytes
    wire_bytes: int
    opened: tuple

    def innermost(self, version, at, tunnels):
        """The IP packet in the tunnel in the tunnel ...: the last that can be decoded whole."""
        ip = self.ip(version, at)
        if ip.is_fragment or tunnels == MAX_TUNNELS:
            return ip
        try:
            return self.innermost(*self.tunnel(ip), tunnels + 1)
        except Undecoded:
            return ip

    def ip(self, version, at):
        addresses, protocol, at, length, (is_fragment, is_later) = (ipv4 if version == IPV4 else ipv6)(self.data, at)
        ports, flags, header = ((0, 0), 0, 0) if is_later else transport(protocol, self.data, at)
        return Ip(addresses, protocol, length, is_fragment, is_later, ports, flags, header, at + header)

    def tunnel(self, ip):
        """(version, where it begins) of the IP packet in this one."""
        at = ip.payload_at
        if ip.protocol in (IP_IN_IP, IPV6_IN_IP) and "ipip" in self.opened:
            return (IPV4 if ip.protocol == IP_IN_IP else IPV6), at
        if ip.protocol == GRE and "gre" in self.opened:
            return self.in_gre(at)
        if ip.protocol == UDP and ip.ports[1] == VXLAN_PORT and "vxlan" in self.opened:
            if field(">B7x", self.data, at)[0] & 8:
                return self.in_ethernet(at + 8)
        raise Undecoded

    def in_gre(self, at):
        flags, kind = field(">HH", self.data, at)
        if flags & 0x4007:  # source routes; a version other than 0
            raise Undecoded
        at += 4 + 4 * sum(flags & bit != 0 for bit in (0x8000, 0x2000, 0x1000))
        if kind == BRIDGED:
            return self.in_ethernet(at)
        if kind == PPPOE:
            raise Undecoded
        return self.behind_link(kind, at)

    def in_ethernet(self, at):
        ethertype, at, _ = behind_tags(self.data, at)
        return self.behind_link(ethertype, at)

    def behind_link(self, ethertype, at):
        if ethertype in (IPV4, IPV6):
            return ethertype, at
        if ethertype in MPLS and "mpls" in self.opened:
            return self.under_labels(at)
        if ethertype == PPPOE and "pppoe" in self.opened:
            return self.in_pppoe(at)
        raise Undecoded

    def under_labels(self, at):
        for label in range(MAX_LABELS):
            if field(">I", self.data, at + 4 * label)[0] & 0x100:
                at += 4 * label + 4
                first, four, six = field(">BxHH2x", self.data, at)
                version, length = {4: (IPV4, four), 6: (IPV6, six + 40)}.get(first >> 4, (None, 0))
                if version is None or at + length > self.wire_bytes:
                    raise Undecoded
                return version, at
        raise Undecoded

    def in_pppoe(self, at):
        kind, protocol = field(">H4xH", self.data, at)
        if kind != 0x1100:
            raise Undecoded
        at += 8
        if protocol >> 8 & 1:  # compressed into one byte
            protocol, at = protocol >> 8, at - 1
        if protocol not in (0x21, 0x57):
            raise Undecoded
        return (IPV4 if protocol == 0x21 else IPV6), at


def head(data, at, payload):
    """A head that was not captured whole is sampled, but holds nothing."""
    size = min(payload, SAMPLE_BYTES)
    return data[at:at + size] if at + size <= len(data) else b""


def field(form, data, at):
    if at + struct.calcsize(form) > len(data):
        raise Undecoded
    return struct.unpack_from(form, data, at)


def network_layer(link, data):
    """(ethertype, where its header begins, VLAN)"""
    if link == LINUX_COOKED:
        return field(">H", data, 14)[0], 16, 0
    if link == LINUX_COOKED2:
        return field(">H", data, 0)[0], 20, 0
    if link in RAW_IP or link in BSD_LOOPBACK:
        start = 4 if link in BSD_LOOPBACK else 0
        return {4: IPV4, 6: IPV6}.get(field("B", data, start)[0] >> 4), start, 0
    if link != ETHERNET:
        raise Undecoded
    return behind_tags(data, 0)


def behind_tags(data, at):
    """The same for the Ethernet header at `at`."""
    ethertype, at, vlan = field(">12xH", data, at)[0], at + ETHERNET_HEADER, 0
    for _ in range(MAX_TAGS):
        if ethertype not in TAGS:
            break
        tag, ethertype = field(">HH", data, at)
        vlan, at = tag & 0xFFF, at + 4
    return ethertype, at, vlan


def ipv4(data, at):
    version, total, fragment, protocol = field(">BxHxxHxBxx4x4x", data, at)
    header = (version & 15) * 4
    if version >> 4 != 4 or header < 20 or 0 < total < header:
        raise Undecoded
    length = total - header if total else len(data)  # 0: merged by segmentation offload, as long as the frame
    addresses = tuple(str(ipaddress.IPv4Address(data[p:p + 4])) for p in (at + 12, at + 16))
    return addresses, protocol, at + header, length, (fragment & 0x3FFF != 0, fragment & 0x1FFF != 0)


def ipv6(data, at):
    version, left, protocol = field(">BxxxHBx32x", data, at)
    if version >> 4 != 6:
        raise Undecoded
    addresses = tuple(str(ipaddress.IPv6Address(data[p:p + 16])) for p in (at + 8, at + 24))
    at, fragment, later = at + 40, False, False
    for _ in range(MAX_EXTENSIONS):
        if protocol not in EXTENSIONS or later:
            break
        following, units, offset = field(">BBH4x", data, at)
        size = (units + 1) * 8
        if protocol == FRAGMENT:
            size, fragment, later = 8, fragment or offset & 0xFFF9 != 0, offset & 0xFFF8 != 0
        elif protocol == AUTHENTICATION:
            size = (units + 2) * 4
        if size > left:
            raise Undecoded
        left, at, protocol = left - size, at + size, following
    if protocol in EXTENSIONS and not later:
        raise Undecoded
    return addresses, protocol, at, left, (fragment, later)


def transport(protocol, data, at):
    """((source port, destination port), TCP flags, header length)"""
    if protocol == TCP:
        source, destination, offset, flags = field(">HH8xBB6x", data, at)
        return (source, destination), flags, (offset >> 4) * 4
    if protocol in (UDP, SCTP, UDP_LITE):
        return field(">HH4x", data, at)[:2], 0, 8
    if protocol in (ICMP, ICMP6):
        return (0, field(">H2x", data, at)[0]), 0, 8
    return (0, 0), 0, 0
