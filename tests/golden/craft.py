"""Packets and capture files from plain bytes, for the make_pcap.py of each case.

A packet is (time in ns, frame bytes). Checksums stay 0: the sensor checks none, since a network card's offload leaves
them unset in most captures taken on the sending machine.
"""
import gzip
import ipaddress
import struct

START = 1_700_000_000  # unix time at which captures begin: a multiple of the 10 s window
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
ICMP, TCP, UDP, ICMP6, SCTP = 1, 6, 17, 58, 132
ETHERNET, RAW_IP, LINUX_COOKED = 1, 101, 113
MACS = bytes.fromhex("020000000001" "020000000002")


def at(seconds):
    """Nanoseconds of unix time, `seconds` after START."""
    return START * 10**9 + round(seconds * 10**9)


# --- layers, innermost first ---

def tcp(sport, dport, flags, payload=b"", options=b""):
    assert len(options) % 4 == 0
    return struct.pack(">HHIIBBHHH", sport, dport, 1, 1, (20 + len(options)) << 2, flags, 64240, 0, 0) + options + payload


def udp(sport, dport, payload=b""):
    return struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload


def icmp(kind, sequence, payload=bytes(56), code=0):
    return struct.pack(">BBHHH", kind, code, 0, 7, sequence & 0xFFFF) + payload


def ipv4(src, dst, proto, payload, options=b"", fragment=0):
    """`fragment`: the whole 16-bit field, flags and offset in units of 8 bytes."""
    assert len(options) % 4 == 0
    size = 20 + len(options)
    head = struct.pack(">BBHHHBBH", 0x40 | size // 4, 0, size + len(payload), 1, fragment, 64, proto, 0)
    return head + packed(src) + packed(dst) + options + payload


def ipv6(src, dst, proto, payload):
    """`proto` is the next header: an extension header's number when `payload` begins with one."""
    return struct.pack(">IHBB", 6 << 28, len(payload), proto, 64) + packed(src) + packed(dst) + payload


def ip(src, dst, proto, payload):
    return (ipv6 if ":" in src else ipv4)(src, dst, proto, payload)


def ether(payload, vlans=(), ethertype=None):
    """`vlans`: outermost first; all but the innermost are service tags (802.1ad)."""
    if ethertype is None:
        ethertype = 0x0800 if payload[0] >> 4 == 4 else 0x86DD
    tags = b"".join(struct.pack(">HH", 0x8100 if n == len(vlans) else 0x88A8, vlan) for n, vlan in enumerate(vlans, 1))
    return MACS + tags + struct.pack(">H", ethertype) + payload


# --- tunnels ---

def gre(kind, payload, flags=0):
    """`flags`: 0x8000 checksum, 0x2000 key, 0x1000 sequence; their fields are zero."""
    fields = sum(flags & bit != 0 for bit in (0x8000, 0x2000, 0x1000))
    return struct.pack(">HH", flags, kind) + bytes(4 * fields) + payload


def vxlan(frame, flags=8):
    return udp(49152, 4789, struct.pack(">B3xI", flags, 7 << 8) + frame)


def labels(payload, *values):
    stack = b"".join(struct.pack(">I", value << 12 | (n == len(values)) << 8 | 64) for n, value in enumerate(values, 1))
    return stack + payload


def pppoe(payload, compressed=False, code=0):
    protocol = b"\x21" if payload[0] >> 4 == 4 else b"\x57"
    protocol = protocol if compressed else b"\0" + protocol
    return struct.pack(">BBHH", 0x11, code, 7, len(protocol) + len(payload)) + protocol + payload


def packed(address):
    return ipaddress.ip_address(address).packed


def frame(seconds, src, dst, proto, payload):
    return at(seconds), ether(ip(src, dst, proto, payload))


# --- capture files ---

def pcap_bytes(packets, link=ETHERNET, snaplen=262144, nanoseconds=False):
    unit, magic = (1, 0xA1B23C4D) if nanoseconds else (1000, 0xA1B2C3D4)
    out = [struct.pack("<IHHiIII", magic, 2, 4, 0, 0, snaplen, link)]
    for time_ns, data in packets:
        second, rest = divmod(time_ns, 10**9)
        kept = data[:snaplen]
        out += [struct.pack("<IIII", second, rest // unit, len(kept), len(data)), kept]
    return b"".join(out)


def pcapng_bytes(packets, link=ETHERNET):
    """One section, one interface whose clock counts nanoseconds (option if_tsresol = 9)."""
    def block(kind, body):
        size = struct.pack("<I", 12 + len(body))
        return struct.pack("<I", kind) + size + body + size

    resolution = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)
    out = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)),
           block(1, struct.pack("<HHI", link, 0, 262144) + resolution)]
    for time_ns, data in packets:
        head = struct.pack("<IIIII", 0, time_ns >> 32, time_ns & 0xFFFFFFFF, len(data), len(data))
        out.append(block(6, head + data + bytes(-len(data) % 4)))
    return b"".join(out)


def gzipped(data):
    return gzip.compress(data, mtime=0)  # mtime: the same bytes on each run


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def write_pcap(path, packets, **options):
    """Packets are put in order of time: a case about disorder builds its own file from pcap_bytes()."""
    write(path, pcap_bytes(sorted(packets, key=lambda p: p[0]), **options))
