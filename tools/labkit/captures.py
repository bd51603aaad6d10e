"""pcap files as tcpdump writes them here: little-endian, microseconds, Ethernet."""
import ipaddress
import struct

_FILE_HEADER, _PACKET_HEADER = 24, 16
_IPV4, _IPV6 = b"\x08\x00", b"\x86\xdd"


def packets(capture):
    """(time in s, record) of each packet."""
    data = capture.read_bytes()
    if data[:4] != b"\xd4\xc3\xb2\xa1":
        raise ValueError(f"{capture}: not a capture that this lab has written")
    at = _FILE_HEADER
    while at + _PACKET_HEADER <= len(data):
        second, micro, length, _ = struct.unpack_from("<IIII", data, at)
        yield second + micro / 1e6, data[at:at + _PACKET_HEADER + length]
        at += _PACKET_HEADER + length


def join(before, capture, out):
    """`before`, re-timed so that it ends within the second in which `capture` begins, then `capture`; returns that time."""
    earlier, later = list(packets(before)), capture.read_bytes()
    begin = next(time for time, _ in packets(capture))
    shift = int(begin - earlier[-1][0])
    with out.open("wb") as file:
        file.write(later[:_FILE_HEADER])
        for _, record in earlier:
            file.write(struct.pack("<I", struct.unpack_from("<I", record)[0] + shift) + record[4:])
        file.write(later[_FILE_HEADER:])
    return begin


def count_between(capture, start, end, senders, receivers):
    """Packets from one to the other in this time; no senders: from whomever."""
    senders, receivers = ({ipaddress.ip_address(address).packed for address in addresses} for addresses in (senders, receivers))
    return sum(1 for time, record in packets(capture) if start <= time <= end and _is_between(record, senders, receivers))


def _is_between(record, senders, receivers):
    kind = record[_PACKET_HEADER + 12:_PACKET_HEADER + 14]
    if kind not in (_IPV4, _IPV6):
        return False
    at, length = (26, 4) if kind == _IPV4 else (22, 16)
    source = record[_PACKET_HEADER + at:_PACKET_HEADER + at + length]
    return (not senders or source in senders) and record[_PACKET_HEADER + at + length:_PACKET_HEADER + at + 2 * length] in receivers
