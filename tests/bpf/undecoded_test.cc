#include <ostream>
#include <string>

#include "bpf/meter_fixture.h"
#include "support/snapshot_sums.h"

namespace weir::test {
namespace {

struct Refusal {
  std::string name;
  PacketBuilder packet;
  weir_undecoded reason;
};
void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

PacketBuilder v4() { return PacketBuilder().ip4(); }
PacketBuilder v6() { return PacketBuilder().ip6(); }

PacketBuilder extensions(int count) {
  PacketBuilder out = v6();
  while (count-- > 0) out.destination_options();
  return out;
}

PacketBuilder labels(int count) {
  PacketBuilder out;
  while (count-- > 0) out.mpls(16);
  return out;
}

const std::vector<Refusal> kRefusals = {
    {"vlan_tag_cut", PacketBuilder().vlan(7).ip4().udp(1, 2).cut_to(17), WEIR_SHORT_L2},
    {"inner_vlan_tag_cut", PacketBuilder().service_vlan(7).vlan(8).ip4().cut_to(20), WEIR_SHORT_L2},
    {"arp", PacketBuilder().ethertype(0x0806).payload(46), WEIR_ARP},
    {"arp_in_a_vlan", PacketBuilder().vlan(7).ethertype(0x0806).payload(46), WEIR_ARP},
    {"reverse_arp", PacketBuilder().ethertype(0x8035).payload(46), WEIR_ARP},
    {"lldp", PacketBuilder().ethertype(0x88cc), WEIR_LINK_CONTROL},
    {"port_authentication", PacketBuilder().ethertype(0x888e).payload(46), WEIR_LINK_CONTROL},
    {"spanning_tree", PacketBuilder().to({0x01, 0x80, 0xc2, 0, 0, 0}).ethertype(38).payload(46), WEIR_LINK_CONTROL},
    {"lacp", PacketBuilder().to({0x01, 0x80, 0xc2, 0, 0, 2}).ethertype(0x8809).payload(110), WEIR_LINK_CONTROL},
    {"last_address_of_neighbours", PacketBuilder().to({0x01, 0x80, 0xc2, 0, 0, 15}).ethertype(0x9999), WEIR_LINK_CONTROL},
    {"address_behind_them", PacketBuilder().to({0x01, 0x80, 0xc2, 0, 0, 16}).ethertype(0x9999), WEIR_ETHERTYPE},
    {"address_of_another_kind", PacketBuilder().to({0x01, 0x80, 0xc2, 0, 1, 0}).ethertype(0x9999), WEIR_ETHERTYPE},
    {"length_for_a_type", PacketBuilder().ethertype(0x05ff).payload(46), WEIR_LLC},
    {"length_zero_for_a_type", PacketBuilder().ethertype(0).payload(46), WEIR_LLC},
    {"smallest_type", PacketBuilder().ethertype(0x0600).payload(46), WEIR_ETHERTYPE},
    {"unknown_type", PacketBuilder().ethertype(0x9999).payload(46), WEIR_ETHERTYPE},
    {"three_vlan_tags", PacketBuilder().service_vlan(1).vlan(2).vlan(3).ip4().udp(1, 2), WEIR_VLAN_STACK},
    {"four_vlan_tags", PacketBuilder().service_vlan(1).vlan(2).vlan(3).vlan(4).ip4().udp(1, 2), WEIR_VLAN_STACK},
    {"pppoe_discovery", PacketBuilder().ethertype(0x8863).payload(46), WEIR_PPPOE},
    {"ppp_link_control", PacketBuilder().pppoe().ppp_protocol(0xc021).payload(46), WEIR_PPPOE},
    {"ppp_of_another_version", PacketBuilder().ethertype(0x8864).payload(46), WEIR_PPPOE},
    {"ppp_that_is_no_session_data", PacketBuilder().pppoe(0xa7).ip4().udp(1, 2), WEIR_PPPOE},
    {"ppp_cut", PacketBuilder().pppoe().ip4().cut_to(14 + 7), WEIR_SHORT_L2},
    {"ip_in_ppp_cut", PacketBuilder().pppoe().ip4().udp(1, 2).cut_to(14 + 8 + 19), WEIR_BAD_INNER},
    {"ip_in_ppp_of_version_5", PacketBuilder().pppoe().ip4().udp(1, 2).claim_ip_version(5), WEIR_BAD_INNER},
    {"udp_in_ppp_cut", PacketBuilder().pppoe().ip6().udp(1, 2).cut_to(14 + 8 + 40 + 7), WEIR_BAD_INNER},
    {"label_cut", PacketBuilder().mpls(16).ip4().cut_to(14 + 3), WEIR_SHORT_L2},
    {"second_label_cut", PacketBuilder().mpls(16).mpls(17).ip4().cut_to(14 + 7), WEIR_SHORT_L2},
    {"nothing_under_the_label", PacketBuilder().mpls(16).ip4().cut_to(14 + 4), WEIR_BAD_INNER},
    {"ip_under_the_label_cut", PacketBuilder().mpls(16).ip4().udp(1, 2).cut_to(14 + 4 + 7), WEIR_BAD_INNER},
    {"header_of_16_bytes_under_the_label", PacketBuilder().mpls(16).ip4().udp(1, 2).claim_ip4_header(4), WEIR_BAD_INNER},
    {"pseudowire", PacketBuilder().mpls(16).payload(std::string(60, '\0')), WEIR_MPLS},
    {"pseudowire_to_a_card_whose_address_begins_with_46", PacketBuilder().mpls(16).payload(std::string(60, 'F')), WEIR_MPLS},
    {"pseudowire_to_a_card_whose_address_begins_with_66", PacketBuilder().mpls(16).payload(std::string(60, 'f')), WEIR_MPLS},
    {"nine_labels", labels(9).ip4().udp(1, 2), WEIR_LABEL_STACK},
    {"five_extensions_under_a_label",
     PacketBuilder().mpls(16).ip6().hop_by_hop().routing().destination_options().routing().destination_options().udp(1, 2),
     WEIR_EXT_CHAIN},
    {"ip4_header_cut", v4().udp(1, 2).cut_to(14 + 19), WEIR_SHORT_L3},
    {"ip6_header_cut", v6().udp(1, 2).cut_to(14 + 39), WEIR_SHORT_L3},
    {"ip6_extension_cut", v6().hop_by_hop(16).udp(1, 2).cut_to(14 + 40 + 7), WEIR_SHORT_L3},
    {"ip6_second_extension_cut", v6().hop_by_hop().routing(24).udp(1, 2).cut_to(14 + 40 + 8 + 5), WEIR_SHORT_L3},
    {"ip4_of_version_5", v4().udp(1, 2).claim_ip_version(5), WEIR_BAD_L3},
    {"ip4_header_of_16_bytes", v4().udp(1, 2).claim_ip4_header(4), WEIR_BAD_L3},
    {"ip4_shorter_than_its_header", v4().udp(1, 2).claim_ip_length(19), WEIR_BAD_L3},
    {"ip4_shorter_than_its_options", v4().ip4_options(8).udp(1, 2).claim_ip_length(27), WEIR_BAD_L3},
    {"ip6_of_version_4", v6().udp(1, 2).claim_ip_version(4), WEIR_BAD_L3},
    {"ip6_extension_longer_than_packet", v6().hop_by_hop(64).udp(1, 2).claim_ip_length(63), WEIR_BAD_L3},
    {"ip4_options_cut", v4().ip4_options(40).udp(1, 2).cut_to(14 + 40), WEIR_SHORT_L4},
    {"tcp_cut", v4().tcp(1, 2).cut_to(14 + 20 + 19), WEIR_SHORT_L4},
    {"tcp_cut_ip6", v6().tcp(1, 2).cut_to(14 + 40 + 19), WEIR_SHORT_L4},
    {"udp_cut", v4().udp(1, 2).cut_to(14 + 20 + 7), WEIR_SHORT_L4},
    {"sctp_cut", v4().sctp(1, 2).cut_to(14 + 20 + 7), WEIR_SHORT_L4},
    {"icmp_cut", v4().icmp(8, 0).cut_to(14 + 20 + 3), WEIR_SHORT_L4},
    {"icmp6_cut", v6().icmp(128, 0).cut_to(14 + 40), WEIR_SHORT_L4},
    {"extension_points_past_the_frame", v6().hop_by_hop(2048).udp(1, 2).cut_to(14 + 40 + 8), WEIR_SHORT_L4},
    {"forty_extensions", extensions(40).udp(1, 2), WEIR_EXT_CHAIN},
    {"five_extensions", v6().hop_by_hop().routing().destination_options().routing().destination_options().udp(1, 2),
     WEIR_EXT_CHAIN},
};

class Undecoded : public MeterTest, public testing::WithParamInterface<Refusal> {};

TEST_P(Undecoded, IsCountedByItsReasonAndPassed) {
  const Bytes frame = GetParam().packet.build();
  send(frame);
  const Snapshot snapshot = drain();
  EXPECT_EQ(snapshot.totals.undecoded_packets[GetParam().reason], 1u);
  EXPECT_EQ(snapshot.totals.undecoded_bytes[GetParam().reason], frame.size());
  EXPECT_EQ(snapshot.totals.seen_packets, 1u);
  EXPECT_TRUE(snapshot.flows.empty());
  EXPECT_EQ(packets_by_protocol(snapshot), (Snapshot{}.overflow_protocols)) << "in no histogram either";
}

std::string name_of(const testing::TestParamInfo<Refusal>& refusal) { return refusal.param.name; }
INSTANTIATE_TEST_SUITE_P(Because, Undecoded, testing::ValuesIn(kRefusals), name_of);

}  // namespace
}  // namespace weir::test
