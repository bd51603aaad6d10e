#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "support/tcp_flags.h"

namespace weir::test {

using Bytes = std::vector<std::uint8_t>;

/// Builds one Ethernet frame, from the outside in: each call adds the next header and names itself in the one before.
/// Lengths follow from what was added, unless a claim_... lies about them. Checksums stay 0: the sensor reads none.
class PacketBuilder {
 public:
  PacketBuilder();

  PacketBuilder& vlan(std::uint16_t id);                   ///< 802.1Q
  PacketBuilder& service_vlan(std::uint16_t id);           ///< 802.1ad
  PacketBuilder& ethertype(std::uint16_t type);            ///< of something that is no IP
  PacketBuilder& to(std::array<std::uint8_t, 6> address);  ///< the outermost frame's destination

  // Tunnels. What is added behind one is inside of it; ip4() or ip6() behind an IP header is IP in IP.
  PacketBuilder& mpls(std::uint32_t label);  ///< under the label before, if that is what stands there
  PacketBuilder& pppoe(std::uint8_t code = 0);
  PacketBuilder& ppp_protocol(std::uint16_t number);  ///< of something that is no IP
  PacketBuilder& compressed_pppoe();                  ///< with a protocol number of one byte
  PacketBuilder& gre(std::uint16_t flags = 0);        ///< and the fields that the flags announce
  PacketBuilder& vxlan(std::uint8_t flags = 0x08);    ///< UDP to port 4789 with an Ethernet frame
  PacketBuilder& ethernet();                          ///< in GRE

  PacketBuilder& ip4(std::string_view source = "10.0.0.1", std::string_view destination = "10.0.0.2");
  PacketBuilder& ip4_options(std::size_t bytes);  ///< a multiple of 4, at most 40
  PacketBuilder& ip6(std::string_view source = "2001:db8::1", std::string_view destination = "2001:db8::2");
  PacketBuilder& hop_by_hop(std::size_t bytes = 8);
  PacketBuilder& destination_options(std::size_t bytes = 8);
  PacketBuilder& routing(std::size_t bytes = 8);
  PacketBuilder& authentication(std::size_t bytes = 24);
  /// IPv4: in the header; IPv6: as an extension header. `offset` in bytes, a multiple of 8.
  PacketBuilder& fragment(std::size_t offset, bool more);

  PacketBuilder& tcp(std::uint16_t source, std::uint16_t destination, std::uint8_t flags = kAck, std::size_t options = 0);
  PacketBuilder& udp(std::uint16_t source, std::uint16_t destination);
  PacketBuilder& udp_lite(std::uint16_t source, std::uint16_t destination);
  PacketBuilder& sctp(std::uint16_t source, std::uint16_t destination);
  PacketBuilder& icmp(std::uint8_t type, std::uint8_t code);  ///< ICMPv6 behind ip6()
  PacketBuilder& protocol(std::uint8_t number);               ///< no transport header of ours
  PacketBuilder& payload(std::size_t bytes);
  PacketBuilder& payload(std::string_view text);

  // Of the innermost IP header so far.
  PacketBuilder& claim_ip_length(std::uint16_t bytes);  ///< total length (IPv4), payload length (IPv6)
  PacketBuilder& claim_ip_version(std::uint8_t version);
  PacketBuilder& claim_ip4_header(std::uint8_t words);
  PacketBuilder& pad_to(std::size_t bytes);  ///< zeros behind the packet, as short frames get them
  PacketBuilder& cut_to(std::size_t bytes);  ///< what a damaged frame or a short capture leaves

  Bytes build() const;

 private:
  std::uint8_t* grow(std::size_t bytes);
  void put16(std::size_t at, std::size_t value);
  void name_ethertype(std::uint16_t type);
  void name_ip(bool is_v6);
  PacketBuilder& ppp(std::uint8_t code, std::size_t protocol_bytes);
  void name_protocol(std::uint8_t number);
  PacketBuilder& tag(std::uint16_t type, std::uint16_t id);
  PacketBuilder& extension(std::uint8_t number, std::size_t bytes, std::size_t length_field);
  PacketBuilder& ports(std::uint8_t number, std::size_t header, std::uint16_t source, std::uint16_t destination);

  struct IpHeader {
    std::size_t at;
    bool is_v6;
    std::optional<std::uint16_t> claimed_length;
  };
  /// How the header that is added last tells what follows.
  enum class Next { kEthertype, kProtocol, kPpp, kPppCompressed, kUnnamed };  // the last: not at all, as labels do

  Bytes frame_;
  Next next_ = Next::kEthertype;
  std::size_t next_at_ = 12;  // where the next header names itself
  std::vector<IpHeader> ip_;  // outermost first
  std::size_t pad_to_ = 0;
  std::size_t cut_to_ = SIZE_MAX;
};

}  // namespace weir::test
