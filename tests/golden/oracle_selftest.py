"""The oracle against examples small enough to check by hand."""
import math
import struct
import tempfile
import unittest
from pathlib import Path

import oracle
import oracle_compare
import oracle_packets
import oracle_signs
from craft import (ACK, ICMP, ICMP6, LINUX_COOKED, PSH, RAW_IP, START, TCP, UDP, at, ether, gre, gzipped, icmp, ip, ipv4, ipv6,
                   labels, pcap_bytes, pcapng_bytes, pppoe, tcp, udp, vxlan)

A, B = "10.0.0.1", "10.0.0.2"
ETHERNET = 14


def decode(data, wire_bytes=None, link=1, opened=oracle_packets.OPENED_BY_DEFAULT):
    return oracle_packets.decode(0, link, data, wire_bytes or len(data), opened)


def packets_of(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "capture"
        path.write_bytes(data)
        return list(oracle_packets.read_packets(path))


def features_of(packets, host=A, start=START):
    capture = pcap_bytes(sorted(packets))
    return oracle.features(oracle.windows_of(packets_of(capture))[start, host, "source"])


def udp_frame(seconds, payload=b"", sport=4000, dport=53, source=A):
    return at(seconds), ether(ip(source, B, UDP, udp(sport, dport, payload)))


class Decode(unittest.TestCase):
    def test_tcp_with_options(self):
        p = decode(ether(ip(A, B, TCP, tcp(4000, 443, PSH | ACK, b"hello", bytes(12)))))
        self.assertEqual((p.source, p.destination, p.source_port, p.destination_port), (A, B, 4000, 443))
        self.assertEqual((p.wire_bytes, p.payload_bytes, p.tcp_flags, p.sample), (14 + 20 + 32 + 5, 5, PSH | ACK, b"hello"))

    def test_padding_is_no_payload(self):
        p = decode(ether(ip(A, B, UDP, udp(1, 2, b"abc"))).ljust(60, b"\0"))
        self.assertEqual((p.wire_bytes, p.payload_bytes, p.sample), (60, 3, b"abc"))

    def test_ipv4_options_come_before_the_ports(self):
        p = decode(ether(ipv4(A, B, UDP, udp(7, 9, b"x"), options=bytes(40))))
        self.assertEqual((p.source_port, p.destination_port, p.payload_bytes), (7, 9, 1))

    def test_innermost_vlan(self):
        self.assertEqual(decode(ether(ip(A, B, UDP, udp(1, 2)), vlans=[5, 6])).vlan, 6)

    def test_three_tags_are_too_many(self):
        with self.assertRaises(oracle_packets.Undecoded):
            decode(ether(ip(A, B, UDP, udp(1, 2)), vlans=[5, 6, 7]))

    def test_later_fragment_is_all_payload_and_has_no_ports(self):
        p = decode(ether(ipv4(A, B, UDP, b"12345678", fragment=100)))
        self.assertEqual((p.source_port, p.destination_port, p.payload_bytes, p.sample), (0, 0, 8, None))

    def test_extension_headers(self):
        hop_by_hop = struct.pack(">BB6x", 60, 0)
        destination = struct.pack(">BB14x", UDP, 1)
        p = decode(ether(ipv6("2001:db8::1", "2001:db8::2", 0, hop_by_hop + destination + udp(3, 4, b"xy"))))
        self.assertEqual((p.protocol, p.destination_port, p.payload_bytes), (UDP, 4, 2))

    def test_icmp_payload_begins_after_8_bytes(self):
        p = decode(ether(ip(A, B, ICMP, icmp(8, 1, bytes(56)))))
        self.assertEqual((p.destination_port, p.payload_bytes), (8 << 8, 56))

    def test_cut_frame_keeps_its_lengths(self):
        whole = ether(ip(A, B, UDP, udp(1, 2, bytes(500))))
        p = decode(whole[:64], wire_bytes=len(whole))
        self.assertEqual((p.wire_bytes, p.payload_bytes, p.sample), (542, 500, b""))

    def test_cut_before_the_ports(self):
        with self.assertRaises(oracle_packets.Undecoded):
            decode(ether(ip(A, B, TCP, tcp(1, 2, ACK)))[:-1], wire_bytes=54)

    def test_other_link_types_count_as_ethernet(self):
        packet = ip(A, B, UDP, udp(1, 2, b"abc"))
        cooked = bytes(14) + b"\x08\x00" + packet
        for link, data in ((RAW_IP, packet), (LINUX_COOKED, cooked)):
            p = decode(data, link=link)
            self.assertEqual((p.wire_bytes, p.payload_bytes, p.destination_port), (14 + 20 + 8 + 3, 3, 2))


class Tunnels(unittest.TestCase):
    ALL = ("vxlan", "gre", "ipip", "mpls", "pppoe")
    INNER = ip("10.9.0.1", "10.9.0.2", UDP, udp(1, 2, b"abc"))
    FRAMES = {
        "vxlan": ether(ip(A, B, UDP, vxlan(ether(INNER, vlans=[5])))),
        "gre": ether(ip(A, B, 47, gre(0x0800, INNER, 0xB000))),
        "ipip": ether(ip(A, B, 4, INNER)),
        "mpls": ether(labels(INNER, 16, 17), ethertype=0x8847),
        "pppoe": ether(pppoe(INNER), ethertype=0x8864),
    }
    HEADERS = {"vxlan": 14 + 20 + 8 + 8 + 18, "gre": 14 + 20 + 16, "ipip": 14 + 20, "mpls": 14 + 8, "pppoe": 14 + 8}

    def test_opened(self):
        for kind, frame in self.FRAMES.items():
            p = decode(frame, opened=(kind,))
            self.assertEqual((p.source, p.destination_port, p.payload_bytes, p.vlan), ("10.9.0.1", 2, 3, 0), kind)
            self.assertEqual(p.wire_bytes, self.HEADERS[kind] + 20 + 8 + 3, kind)

    def test_shut(self):
        for kind, frame in self.FRAMES.items():
            others = [other for other in self.ALL if other != kind]
            if kind in ("mpls", "pppoe"):
                with self.assertRaises(oracle_packets.Undecoded):
                    decode(frame, opened=others)
            else:
                self.assertEqual(decode(frame, opened=others).source, A, kind)

    def test_outer_flow_where_the_inside_is_cut(self):
        frame = self.FRAMES["gre"][:-4]
        self.assertEqual(decode(frame, opened=self.ALL).source, A)

    def test_fragments_are_not_opened(self):
        self.assertEqual(decode(ether(ipv4(A, B, 4, self.INNER, fragment=0x2000)), opened=self.ALL).source, A)

    def test_four_deep(self):
        packet = self.INNER
        for n in range(5, 0, -1):
            packet = ip(f"10.8.0.{n}", B, 4, packet)
        self.assertEqual(decode(ether(packet), opened=self.ALL).source, "10.8.0.5")
        self.assertEqual(decode(ether(ip(A, B, 4, packet)), opened=self.ALL).source, "10.8.0.4")


class Files(unittest.TestCase):
    FRAMES = [(at(0.5) + 1001, udp_frame(0)[1]), (at(1.5) + 2, udp_frame(0)[1])]

    def times(self, data):
        return [p.time_ns - at(0) for p in packets_of(data)]

    def test_microseconds_and_nanoseconds(self):
        self.assertEqual(self.times(pcap_bytes(self.FRAMES)), [500_001_000, 1_500_000_000])
        self.assertEqual(self.times(pcap_bytes(self.FRAMES, nanoseconds=True)), [500_001_001, 1_500_000_002])
        self.assertEqual(self.times(pcapng_bytes(self.FRAMES)), [500_001_001, 1_500_000_002])

    def test_compressed(self):
        self.assertEqual(self.times(gzipped(pcap_bytes(self.FRAMES))), self.times(pcap_bytes(self.FRAMES)))

    def test_damage_ends_the_capture(self):
        self.assertEqual(len(self.times(pcap_bytes(self.FRAMES)[:-1])), 1)
        self.assertEqual(self.times(b"no capture at all"), [])

    def test_time_never_runs_backwards(self):
        late = [udp_frame(2), udp_frame(1.5), udp_frame(3)]
        self.assertEqual(self.times(pcap_bytes(late)), [2_000_000_000, 2_000_000_000, 3_000_000_000])


class Windows(unittest.TestCase):
    def test_boundary(self):
        frames = [(at(10) - 1, udp_frame(0)[1]), (at(10), udp_frame(0)[1]), (at(10) + 1, udp_frame(0)[1])]
        windows = oracle.windows_of(packets_of(pcap_bytes(frames, nanoseconds=True)))
        self.assertEqual({key: len(w.packets) for key, w in windows.items() if key[2] == "source"},
                         {(START, A, "source"): 1, (START + 10, A, "source"): 2})

    def test_both_roles_but_groups_are_no_hosts(self):
        frames = [udp_frame(0), (at(0), ether(ip(A, "224.0.0.251", UDP, udp(1, 2))))]
        self.assertEqual(oracle.windows_of(packets_of(pcap_bytes(frames))).keys(),
                         {(START, A, "source"), (START, B, "destination")})


class Features(unittest.TestCase):
    def test_totals_and_sizes(self):
        f = features_of([udp_frame(0, bytes(58)), udp_frame(1, bytes(158))])  # frames of 100 and 200 bytes
        self.assertEqual((f["total_packets"], f["total_bytes"], f["avg_packet_size"]), (2, 300, 150))
        self.assertEqual((f["packet_size_variance"], f["packets_per_second"], f["bytes_per_second"]), (2500, 0.2, 30))
        self.assertEqual((f["avg_payload_size"], f["payload_size_variance"]), (108, 2500))

    def test_gaps_are_those_within_flows(self):
        one, other = [udp_frame(t, sport=1) for t in (0, 1, 4)], [udp_frame(t, sport=2) for t in (0.5, 2.5)]
        f = features_of(one + other)
        self.assertEqual(f["inter_arrival_mean"], 2)  # 1, 3 and 2 s
        self.assertAlmostEqual(f["inter_arrival_std"], math.sqrt(2 / 3))
        self.assertEqual(f["session_duration"], 4)

    def test_without_a_gap(self):
        f = features_of([udp_frame(3)])
        self.assertEqual((f["inter_arrival_mean"], f["inter_arrival_std"], f["session_duration"]), (0, 0, 0))

    def test_gaps_do_not_reach_into_the_next_window(self):
        self.assertEqual(features_of([udp_frame(t) for t in (9, 11, 12)], start=START + 10)["inter_arrival_mean"], 1)

    def test_vlans_are_separate_flows(self):
        tagged = [(at(t), ether(ip(A, B, UDP, udp(1, 2)), vlans=[vlan])) for t, vlan in ((0, 5), (1, 6), (3, 5))]
        self.assertEqual(features_of(tagged)["inter_arrival_mean"], 3)

    def test_burst_is_the_fullest_second(self):
        self.assertEqual(features_of([udp_frame(t) for t in (0.1, 0.9, 1.0, 1.1, 1.999, 2)])["burst_rate"], 3)

    def test_protocol_shares(self):
        frames = [udp_frame(0), (at(1), ether(ip(A, B, ICMP, icmp(8, 1)))), (at(2), ether(ip(A, B, ICMP6, icmp(128, 1)))),
                  (at(3), ether(ip(A, B, TCP, tcp(1, 2, ACK)))), (at(4), ether(ip(A, B, 47, bytes(4))))]
        f = features_of(frames)
        self.assertEqual((f["tcp_ratio"], f["udp_ratio"], f["icmp_ratio"]), (0.2, 0.2, 0.4))

    def test_ports(self):
        frames = [udp_frame(0, dport=53), udp_frame(1, dport=53, sport=9), udp_frame(2, dport=4444),
                  (at(3), ether(ip(A, B, TCP, tcp(1, 53, ACK)))), (at(4), ether(ip(A, B, ICMP, icmp(8, 1))))]
        f = features_of(frames)
        self.assertEqual((f["unique_ports"], f["uncommon_port_ratio"]), (2, 0.25))

    def test_later_fragments_have_no_port(self):
        f = features_of([udp_frame(0), (at(1), ether(ipv4(A, B, UDP, bytes(8), fragment=100)))])
        self.assertEqual((f["unique_ports"], f["uncommon_port_ratio"], f["udp_ratio"]), (1, 0, 1))

    def test_header_length_is_the_flows_mean(self):
        """Headers 54 and 66, mean 60; payloads 40 and 28, taken as 34 and 34."""
        frames = [(at(0), ether(ip(A, B, TCP, tcp(1, 2, ACK, bytes(40))))),
                  (at(1), ether(ip(A, B, TCP, tcp(1, 2, ACK, bytes(28), bytes(12)))))]
        f = features_of(frames)
        self.assertEqual((f["avg_payload_size"], f["payload_size_variance"]), (34, 0))


class Entropy(unittest.TestCase):
    def test_known_values(self):
        self.assertEqual(oracle.entropy(b""), 0)
        self.assertEqual(oracle.entropy(b"aaaa"), 0)
        self.assertEqual(oracle.entropy(b"aabb"), 1)
        self.assertEqual(oracle.entropy(bytes(range(256))), 8)

    def test_three_heads_of_128_bytes_a_tick(self):
        frames = [udp_frame(t, letter * 200) for t, letter in ((0, b"a"), (0.1, b"b"), (0.2, b"c"), (0.3, b"d"), (1, b"d"))]
        self.assertEqual(features_of(frames)["payload_entropy"], 2)
        window = oracle.windows_of(packets_of(pcap_bytes(frames)))[START, A, "source"]
        self.assertFalse(oracle.has_certain_samples(window))
        self.assertEqual(len(b"".join(oracle.sampled_heads(window))), 4 * 128)

    def test_calm(self):
        calm = packets_of(pcap_bytes([udp_frame(n * 0.002, b"x") for n in range(20)]))
        self.assertTrue(oracle.is_calm(calm))
        self.assertFalse(oracle.is_calm(packets_of(pcap_bytes([udp_frame(n * 0.001, b"x") for n in range(20)]))))

    def test_pairs_that_share_three_samples(self):
        self.assertEqual(oracle.confusable_pairs({1: 5, 2: 0, 3: 0}), 0)
        self.assertEqual(oracle.confusable_pairs({1: 2, 2: 2, 3: 2}), 1 + 2 * 4 + 1)
        self.assertEqual(oracle_compare.likely_collisions(0), 0)
        self.assertEqual(oracle_compare.likely_collisions(65536), 5)  # Poisson, mean 1: P(> 4) = 3.7e-3, P(> 5) = 5.9e-4


class Compare(unittest.TestCase):
    def differences(self, change):
        """What is reported when a faithful sensor's output is changed."""
        frames = [udp_frame(t, bytes(n * 10)) for n, t in enumerate((0, 1, 4))]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "capture"
            path.write_bytes(pcap_bytes(frames))
            signs = oracle_signs.read_signs(oracle_packets.read_packets(path), oracle.WINDOW_S * oracle.TICK_NS)
            lines = [{"start": start, "host": host, "role": role, "packets": len(w.packets),
                      "features": oracle.features(w) | signs.get((start, host), {})}
                     for (start, host, role), w in oracle.read_windows(path).items()]
            change(lines)
            return oracle_compare.differences(path, lines)

    def test_equal(self):
        self.assertEqual(self.differences(lambda lines: None), [])

    def test_every_feature_counts(self):
        names = oracle.features(oracle.Window(packets_of(pcap_bytes([udp_frame(0)]))))
        for feature in [*names, *oracle_signs.NAMES]:
            def change(lines):
                lines[0]["features"][feature] += 1e-5 * max(1, lines[0]["features"][feature])
            self.assertEqual(len(self.differences(change)), 1, feature)

    def test_missing_extra_and_wrong_windows(self):
        self.assertIn("missing", self.differences(lambda lines: lines.pop())[0])
        self.assertIn("should not exist", self.differences(lambda lines: lines.append(dict(lines[0], host="10.0.0.9")))[0])
        self.assertIn("twice", self.differences(lambda lines: lines.append(lines[0]))[0])
        self.assertIn("packets", self.differences(lambda lines: lines[0].update(packets=4))[0])


if __name__ == "__main__":
    unittest.main()
