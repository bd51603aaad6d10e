"""Windows and features of a capture, computed straight from their definitions (model/feature_schema.h).

Nothing here is shared with the sensor. Sums are exact: integers (ns, bytes) and fractions, divided once at the end.
"""
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from ipaddress import ip_address

from oracle_packets import ICMP, ICMP6, OPENED_BY_DEFAULT, TCP, UDP, Packet, read_packets

WINDOW_S = 10
TICK_NS = 10**9
FIRST_SAMPLED = 3  # payload packets of a flow in a tick
CALM_PACKETS, CALM_NS = 8, 8_000_000
COMMON_PORTS = {20, 21, 22, 25, 53, 67, 68, 80, 110, 123, 143, 161, 443, 465, 587, 993, 995, 1900, 3306, 3389, 5228,
                5353, 8080, 8443}


@dataclass
class Window:
    packets: list[Packet]

    def flows(self):
        flows = defaultdict(list)
        for p in self.packets:
            flows[p.flow].append(p)
        return flows.values()


def read_windows(path, opened=OPENED_BY_DEFAULT):
    """{(start, host, role): Window} of a capture."""
    return windows_of(read_packets(path, opened))


def windows_of(packets):
    windows = defaultdict(lambda: Window([]))
    for p in packets:
        start = p.time_ns // TICK_NS // WINDOW_S * WINDOW_S
        windows[start, p.source, "source"].packets.append(p)
        if not is_group(p.destination):
            windows[start, p.destination, "destination"].packets.append(p)
    return dict(windows)


def is_group(address):
    """Multicast and broadcast addresses are no hosts."""
    address = ip_address(address)
    return address.is_multicast or address == ip_address("255.255.255.255")


# --- features ---

def features(window):
    packets = window.packets
    n, sizes = len(packets), [p.wire_bytes for p in packets]
    gaps = gaps_ns(window)
    share = lambda *protocols: sum(p.protocol in protocols for p in packets) / n
    return {
        "packets_per_second": n / WINDOW_S,
        "bytes_per_second": sum(sizes) / WINDOW_S,
        "avg_packet_size": sum(sizes) / n,
        "packet_size_variance": variance(sizes),
        "total_packets": n,
        "total_bytes": sum(sizes),
        "inter_arrival_mean": sum(gaps) / len(gaps) / TICK_NS if gaps else 0,
        "inter_arrival_std": math.sqrt(variance(gaps)) / TICK_NS if gaps else 0,
        "burst_rate": max(Counter(p.time_ns // TICK_NS for p in packets).values()),
        "session_duration": (max(p.time_ns for p in packets) - min(p.time_ns for p in packets)) / TICK_NS,
        "tcp_ratio": share(TCP),
        "udp_ratio": share(UDP),
        "icmp_ratio": share(ICMP, ICMP6),
        "unique_ports": len({p.destination_port for p in packets if has_port(p)}),
        "uncommon_port_ratio": uncommon_packets(packets) / (sum(p.protocol in (TCP, UDP) for p in packets) or 1),
        "payload_entropy": entropy(b"".join(sampled_heads(window))),
        "avg_payload_size": sum(p.payload_bytes for p in packets) / n,
        "payload_size_variance": payload_variance(window),
    }


def variance(values):
    """Population variance of integers, exact until the last division."""
    n = len(values)
    return (n * sum(v * v for v in values) - sum(values) ** 2) / n**2


def gaps_ns(window):
    return [b.time_ns - a.time_ns for flow in window.flows() for a, b in zip(flow, flow[1:])]


def has_port(p):
    """Port 0 is none: it stands in the key of a later fragment, and no service listens there."""
    return p.protocol in (TCP, UDP) and p.destination_port != 0


def uncommon_packets(packets):
    return sum(has_port(p) and p.destination_port not in COMMON_PORTS for p in packets)


def payload_variance(window):
    """Each packet's payload is its length minus its flow's mean header."""
    n, total, squares = len(window.packets), Fraction(0), Fraction(0)
    for flow in window.flows():
        header = Fraction(sum(p.wire_bytes - p.payload_bytes for p in flow), len(flow))
        total += sum(p.wire_bytes - header for p in flow)
        squares += sum((p.wire_bytes - header) ** 2 for p in flow)
    return float(squares / n - (total / n) ** 2)


# --- payload samples ---

def entropy(data):
    """Shannon entropy of the byte values, bits a byte."""
    return sum(-c / len(data) * math.log2(c / len(data)) for c in Counter(data).values()) + 0.0


def payload_packets(packets):
    """{(tick, flow): those of its packets that may be sampled}"""
    out = defaultdict(list)
    for p in packets:
        if p.sample is not None:
            out[p.time_ns // TICK_NS, p.flow].append(p)
    return out


def sampled_heads(window):
    for packets in payload_packets(window.packets).values():
        yield from (p.sample for p in packets[:FIRST_SAMPLED])


def has_certain_samples(window):
    """Beyond its first three, a flow's payload packets are sampled by chance."""
    return all(len(packets) <= FIRST_SAMPLED for packets in payload_packets(window.packets).values())


def is_calm(packets):
    """Whether the sampler's rate cap (2000 a second, 16 at once) is out of reach: no 8 payload packets within 8 ms."""
    times = [p.time_ns for p in packets if p.sample is not None]
    return all(b - a > CALM_NS for a, b in zip(times, times[CALM_PACKETS - 1:]))


def confusable_flows(packets):
    """Pairs of flows of one tick that the sampler's filter would cut short if it took them for one flow."""
    per_tick = defaultdict(list)
    for (tick, _), flow in payload_packets(packets).items():
        per_tick[tick].append(min(len(flow), FIRST_SAMPLED))
    return sum(confusable_pairs(Counter(sizes)) for sizes in per_tick.values())


def confusable_pairs(count):
    """`count`: how many flows have 1, 2, 3 payload packets. A pair with more than three in all shares three samples."""
    return count[3] * (count[3] - 1) // 2 + count[3] * (count[2] + count[1]) + count[2] * (count[2] - 1) // 2
