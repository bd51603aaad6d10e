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
MAX_TAGS, MAX_EXTENSIONS, SAMPLE_BYTES = 2, 4, 64


@dataclass(frozen=True, slots=True)
class Packet:
    time_ns: int
    source: str
    destination: str
    protocol: int
    source_port: int       # 0 where there is none
    destination_port: int  # ICMP: type << 8 | code, as the sensor's flow key has it
    vlan: int              # innermost; 0 = none
    wire_bytes: int        # on Ethernet, header in, FCS out
    payload_bytes: int
    tcp_flags: int
    sample: bytes | None   # head of the payload as the sensor samples it; None = it never samples this packet

    @property
    def flow(self):
        return (self.source, self.destination, self.protocol, self.source_port, self.destination_port, self.vlan)


class Undecoded(Exception):
    """Not a packet of a host: no IP, or cut off before its ports."""


def read_packets(path):
    """The decoded packets of a capture, up to the damage if it is damaged. Time never runs backwards: a packet that
    is stamped earlier than one before it counts as arriving together with that one."""
    latest = 0
    for time_ns, link, data, wire_bytes in frames(contents(path)):
        latest = max(latest, time_ns)
        try:
            yield decode(latest, link, data, wire_bytes)
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

def decode(time_ns, link, data, wire_bytes):
    ethertype, start, vlan = network_layer(link, data)
    if link != ETHERNET:  # lengths are as if the packet had been seen on Ethernet
        wire_bytes += ETHERNET_HEADER - start
        data, start = bytes(ETHERNET_HEADER) + data[start:], ETHERNET_HEADER
    if ethertype == IPV4:
        addresses, protocol, at, length, later = ipv4(data, start)
    elif ethertype == IPV6:
        addresses, protocol, at, length, later = ipv6(data, start)
    else:
        raise Undecoded
    ports, flags, header = (0, 0), 0, 0
    if not later:
        ports, flags, header = transport(protocol, data, at)
    payload_at = at + header
    payload = min(max(length - header, 0), max(wire_bytes - payload_at, 0))
    sample = None if later or payload == 0 else head(data, payload_at, payload)
    return Packet(time_ns, *addresses, protocol, *ports, vlan, wire_bytes, payload, flags, sample)


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
    ethertype, at, vlan = field(">H", data, 12)[0], ETHERNET_HEADER, 0
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
    return addresses, protocol, at + header, length, fragment & 0x1FFF != 0


def ipv6(data, at):
    version, left, protocol = field(">BxxxHBx32x", data, at)
    if version >> 4 != 6:
        raise Undecoded
    addresses = tuple(str(ipaddress.IPv6Address(data[p:p + 16])) for p in (at + 8, at + 24))
    at, later = at + 40, False
    for _ in range(MAX_EXTENSIONS):
        if protocol not in EXTENSIONS or later:
            break
        following, units, offset = field(">BBH4x", data, at)
        size = (units + 1) * 8
        if protocol == FRAGMENT:
            size, later = 8, offset & 0xFFF8 != 0
        elif protocol == AUTHENTICATION:
            size = (units + 2) * 4
        if size > left:
            raise Undecoded
        left, at, protocol = left - size, at + size, following
    if protocol in EXTENSIONS and not later:
        raise Undecoded
    return addresses, protocol, at, left, later


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
