"""The features of a window that need both directions of its conversations, straight from their definitions.

They depend on the windows before: a conversation of one of the last five is known, and whether answers pass at all is
remembered, fading by 2 % a window.
"""
from collections import Counter, defaultdict
from ipaddress import ip_address

from oracle_packets import ICMP, ICMP6, TCP, UDP

FIN, SYN, RST, ACK = 1, 2, 4, 16
KNOWN_WINDOWS = 5
FADES, FEW_DATA_FLOWS, DEAF_SHARE = 0.98, 20, 0.2
FEW = 3  # what happened less often in a window is not told
NAMES = ("services_tried", "hosts_tried", "tcp_failed", "udp_failed", "ports_failed", "hosts_failed",
         "half_open_to_service", "connections_to_service", "icmp_to_host", "hosts_pinged", "udp_unanswered",
         "odd_tcp_packets")


class SignReader:
    """Windows in order of time."""

    def __init__(self):
        self.past = []
        self.data_flows = self.deaf_flows = 0.0

    def read(self, packets):
        """{host: {name: value}} for the hosts that sent something."""
        flows, conversations = defaultdict(list), defaultdict(list)
        for p in packets:
            flows[p.flow].append(p)
            conversations[ends(p)].append(p)
        self.conversations = conversations
        signs = defaultdict(lambda: defaultdict(Counter))  # host: kind: (other, port): how often
        for flow in flows.values():
            for kind, other, port, count in self.signs_of(flow):
                signs[flow[0].source][kind][other, port] += count
        self.is_visible = self.data_flows < FEW_DATA_FLOWS or self.deaf_flows < DEAF_SHARE * self.data_flows
        self.data_flows *= FADES
        self.deaf_flows *= FADES
        self.past = [*self.past, {undirected(key) for key in conversations}][-KNOWN_WINDOWS:]
        return {host: self.figures(signs[host], [f for f in flows.values() if f[0].source == host])
                for host in {p.source for p in packets}}

    def signs_of(self, flow):
        p, back = flow[0], self.conversations.get(back_of(flow[0]), [])
        if is_group(p.destination):
            return
        if is_echo_request(p):
            yield "answered_ping" if back else "silent_ping", p.destination, 0, 1
        if p.destination_port == 0:
            return
        if p.protocol == TCP:
            yield from self.tcp_signs(flow, back)
        if p.protocol == UDP:
            yield from self.udp_signs(flow, back)

    def tcp_signs(self, flow, back):
        p, flags = flow[0], all_flags(flow)
        if len(flow) >= 4 and any(q.payload_bytes for q in flow):
            self.data_flows += 1
            self.deaf_flows += not back
        if sum(q.tcp_flags & (SYN | ACK) == SYN for q in flow) and not half_open(flow):
            yield "accepted_tcp", p.destination, p.destination_port, 1
        is_refused = flags & 0x3F == ACK and len(flow) <= 4 and back and all(q.tcp_flags & RST for q in back)
        if (not flags & ACK and (flags & SYN or not flags & RST)) or is_refused:
            yield "failed_tcp", p.destination, p.destination_port, 1

    def udp_signs(self, flow, back):
        p = flow[0]
        is_known = any(undirected(ends(p)) in window for window in self.past)
        if back:
            if not is_known and p.time_ns <= min(q.time_ns for q in back):
                yield "answered_udp", p.destination, p.destination_port, 1
            return
        yield "unanswered_udp", p.destination, 0, len(flow)
        if not is_known:
            yield "failed_udp", p.destination, p.destination_port, 1

    def figures(self, signs, flows):
        told = {kind: counts for kind, counts in signs.items() if counts.total() >= FEW}
        get = lambda kind: told.get(kind, Counter())
        visible = lambda value: value if self.is_visible else 0
        tries = [get(kind) for kind in ("failed_tcp", "accepted_tcp", "failed_udp", "answered_udp")]
        return dict(zip(NAMES, (
            sum(map(len, tries)),
            sum(len({other for other, _ in counts}) for counts in tries),
            len(get("failed_tcp")),
            visible(len(get("failed_udp"))),
            max(most(get("failed_tcp"), 0), visible(most(get("failed_udp"), 0))),
            max(most(get("failed_tcp"), 1), visible(most(get("failed_udp"), 1))),
            greatest(services(flows)),
            max(greatest(get("failed_tcp")), greatest(get("accepted_tcp"))),
            max((len(f) for f in flows if is_icmp_of_its_own(f[0])), default=0),
            len(get("silent_ping")) + len(get("answered_ping")),
            visible(greatest(get("unanswered_udp"))),
            sum(is_odd(p) for f in flows for p in f))))


def services(flows):
    counts = Counter()
    for flow in flows:
        counts[flow[0].destination, flow[0].destination_port] += half_open(flow)
    return counts


def greatest(counts):
    return max(counts.values(), default=0)


def most(counts, by):
    """Most ports of one host (by = 0) or hosts of one port (by = 1)."""
    return greatest(Counter(key[by] for key in counts))


def all_flags(flow):
    flags = 0
    for p in flow:
        flags |= p.tcp_flags
    return flags


def half_open(flow):
    """SYN packets, unless the sender was accepted."""
    if flow[0].protocol != TCP or all_flags(flow) & ACK:
        return 0
    return sum(p.tcp_flags & (SYN | ACK) == SYN for p in flow)


def is_odd(p):
    flags = p.tcp_flags & 0x3F
    return p.protocol == TCP and p.source_port | p.destination_port != 0 and (
        flags in (0, FIN) or flags & 0x29 == 0x29 or flags & 3 == 3 or flags & 6 == 6)


def ends(p):
    """Who speaks to whom; of ICMP only the hosts, for a question has another type than its answer."""
    ports = (0, 0) if p.protocol in (ICMP, ICMP6) else (p.source_port, p.destination_port)
    is_counted = p.protocol in (TCP, UDP) or is_echo_request(p) or is_echo_reply(p)
    return (p.source, ports[0], p.destination, ports[1], p.protocol if is_counted else None)


def back_of(p):
    source, source_port, destination, destination_port, protocol = ends(p)
    return (destination, destination_port, source, source_port, protocol)


def undirected(key):
    source, source_port, destination, destination_port, protocol = key
    return (frozenset(((source, source_port), (destination, destination_port))), protocol)


def icmp_type(p):
    return p.destination_port >> 8


def is_echo_request(p):
    return (p.protocol, icmp_type(p)) in ((ICMP, 8), (ICMP6, 128))


def is_echo_reply(p):
    return (p.protocol, icmp_type(p)) in ((ICMP, 0), (ICMP6, 129))


def is_icmp_of_its_own(p):
    """What a host sends by itself: no echo reply, no error message."""
    if p.protocol == ICMP6:
        return icmp_type(p) >= 128 and icmp_type(p) != 129
    return p.protocol == ICMP and icmp_type(p) not in (0, 3, 4, 5, 11, 12)


def is_group(address):
    address = ip_address(address)
    return address.is_multicast or address == ip_address("255.255.255.255")


def read_signs(packets, window_ns):
    """{(start in s, host): {name: value}}"""
    windows = defaultdict(list)
    for p in packets:
        windows[p.time_ns // window_ns].append(p)
    reader = SignReader()
    return {(number * window_ns // 10**9, host): figures for number in sorted(windows)
            for host, figures in reader.read(windows[number]).items()}
