#include "support/packet_builder.h"

#include <arpa/inet.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace weir::test {
namespace {

constexpr std::size_t kEthernetHeader = 14, kIp4Header = 20, kIp6Header = 40;

void write_address(int family, std::string_view text, std::uint8_t* to) {
  if (inet_pton(family, std::string(text).c_str(), to) != 1) throw std::invalid_argument(std::string(text));
}

}  // namespace

PacketBuilder::PacketBuilder() : frame_(kEthernetHeader, 0) { std::fill_n(frame_.begin(), 12, std::uint8_t{2}); }

std::uint8_t* PacketBuilder::grow(std::size_t bytes) {
  const std::size_t at = frame_.size();
  frame_.resize(at + bytes);
  return frame_.data() + at;
}

void PacketBuilder::put16(std::size_t at, std::size_t value) {
  frame_[at] = static_cast<std::uint8_t>(value >> 8);
  frame_[at + 1] = static_cast<std::uint8_t>(value);
}

void PacketBuilder::name_ethertype(std::uint16_t type) {
  if (next_ == Next::kEthertype) put16(next_at_, type);
}

void PacketBuilder::name_protocol(std::uint8_t number) {
  if (next_ == Next::kProtocol) frame_.at(next_at_) = number;
}

void PacketBuilder::name_ip(bool is_v6) {
  name_ethertype(is_v6 ? 0x86dd : 0x0800);
  name_protocol(is_v6 ? 41 : 4);
  const std::uint8_t ppp = is_v6 ? 0x57 : 0x21;
  if (next_ == Next::kPpp) put16(next_at_, ppp);
  if (next_ == Next::kPppCompressed) frame_[next_at_] = ppp;
}

PacketBuilder& PacketBuilder::tag(std::uint16_t type, std::uint16_t id) {
  name_ethertype(type);
  const std::size_t at = frame_.size();
  grow(4);
  put16(at, id);
  next_at_ = at + 2;
  return *this;
}

PacketBuilder& PacketBuilder::vlan(std::uint16_t id) { return tag(0x8100, id); }
PacketBuilder& PacketBuilder::service_vlan(std::uint16_t id) { return tag(0x88a8, id); }

PacketBuilder& PacketBuilder::ethertype(std::uint16_t type) {
  name_ethertype(type);
  return *this;
}

PacketBuilder& PacketBuilder::to(std::array<std::uint8_t, 6> address) {
  std::copy(address.begin(), address.end(), frame_.begin());
  return *this;
}

PacketBuilder& PacketBuilder::mpls(std::uint32_t label) {
  const std::size_t at = frame_.size();
  name_ethertype(0x8847);
  if (next_ == Next::kUnnamed) frame_[at - 2] = 0;  // no longer the bottom of the stack
  grow(4);
  put16(at, label >> 4);
  put16(at + 2, (label & 15) << 12 | 0x100 | 64);
  next_ = Next::kUnnamed;
  return *this;
}

PacketBuilder& PacketBuilder::ppp(std::uint8_t code, std::size_t protocol_bytes) {
  name_ethertype(0x8864);
  next_at_ = frame_.size() + 6;
  std::uint8_t* header = grow(6 + protocol_bytes);
  header[0] = 0x11;
  header[1] = code;
  header[3] = 7;  // session
  next_ = protocol_bytes == 1 ? Next::kPppCompressed : Next::kPpp;
  return *this;
}

PacketBuilder& PacketBuilder::pppoe(std::uint8_t code) { return ppp(code, 2); }
PacketBuilder& PacketBuilder::compressed_pppoe() { return ppp(0, 1); }

PacketBuilder& PacketBuilder::ppp_protocol(std::uint16_t number) {
  put16(next_at_, number);
  return *this;
}

PacketBuilder& PacketBuilder::gre(std::uint16_t flags) {
  name_protocol(47);
  const std::size_t at = frame_.size(), fields = (flags >> 15 & 1u) + (flags >> 13 & 1u) + (flags >> 12 & 1u);
  grow(4 + 4 * fields);
  put16(at, flags);
  next_ = Next::kEthertype;
  next_at_ = at + 2;
  return *this;
}

PacketBuilder& PacketBuilder::vxlan(std::uint8_t flags) {
  udp(49152, 4789);
  grow(8)[0] = flags;
  next_ = Next::kUnnamed;
  return ethernet();
}

PacketBuilder& PacketBuilder::ethernet() {
  name_ethertype(0x6558);
  next_ = Next::kEthertype;
  next_at_ = frame_.size() + 12;
  std::fill_n(grow(kEthernetHeader), 12, std::uint8_t{6});
  return *this;
}

PacketBuilder& PacketBuilder::ip4(std::string_view source, std::string_view destination) {
  name_ip(false);
  ip_.push_back({frame_.size(), false, std::nullopt});
  next_ = Next::kProtocol;
  next_at_ = frame_.size() + 9;
  std::uint8_t* ip = grow(kIp4Header);
  ip[0] = 0x45;
  ip[8] = 64;
  write_address(AF_INET, source, ip + 12);
  write_address(AF_INET, destination, ip + 16);
  return *this;
}

PacketBuilder& PacketBuilder::ip4_options(std::size_t bytes) {
  std::fill_n(grow(bytes), bytes, std::uint8_t{1});  // no-operation
  return claim_ip4_header(static_cast<std::uint8_t>((kIp4Header + bytes) / 4));
}

PacketBuilder& PacketBuilder::ip6(std::string_view source, std::string_view destination) {
  name_ip(true);
  ip_.push_back({frame_.size(), true, std::nullopt});
  next_ = Next::kProtocol;
  next_at_ = frame_.size() + 6;
  std::uint8_t* ip = grow(kIp6Header);
  ip[0] = 0x60;
  ip[6] = 59;  // no next header
  ip[7] = 64;
  write_address(AF_INET6, source, ip + 8);
  write_address(AF_INET6, destination, ip + 24);
  return *this;
}

PacketBuilder& PacketBuilder::extension(std::uint8_t number, std::size_t bytes, std::size_t length_field) {
  name_protocol(number);
  next_at_ = frame_.size();
  std::uint8_t* header = grow(bytes);
  header[0] = 59;
  header[1] = static_cast<std::uint8_t>(length_field);
  return *this;
}

PacketBuilder& PacketBuilder::hop_by_hop(std::size_t bytes) { return extension(0, bytes, bytes / 8 - 1); }
PacketBuilder& PacketBuilder::destination_options(std::size_t bytes) { return extension(60, bytes, bytes / 8 - 1); }
PacketBuilder& PacketBuilder::routing(std::size_t bytes) { return extension(43, bytes, bytes / 8 - 1); }
PacketBuilder& PacketBuilder::authentication(std::size_t bytes) { return extension(51, bytes, bytes / 4 - 2); }

PacketBuilder& PacketBuilder::fragment(std::size_t offset, bool more) {
  if (ip_.back().is_v6) {
    extension(44, 8, 0);
    put16(next_at_ + 2, offset | (more ? 1u : 0u));
  } else {
    put16(ip_.back().at + 6, offset / 8 | (more ? 0x2000u : 0u));
  }
  return *this;
}

PacketBuilder& PacketBuilder::ports(std::uint8_t number, std::size_t header, std::uint16_t source,
                                    std::uint16_t destination) {
  name_protocol(number);
  const std::size_t at = frame_.size();
  grow(header);
  put16(at, source);
  put16(at + 2, destination);
  return *this;
}

PacketBuilder& PacketBuilder::tcp(std::uint16_t source, std::uint16_t destination, std::uint8_t flags, std::size_t options) {
  const std::size_t at = frame_.size();
  ports(6, 20 + options, source, destination);
  frame_[at + 12] = static_cast<std::uint8_t>((20 + options) / 4 << 4);
  frame_[at + 13] = flags;
  return *this;
}

PacketBuilder& PacketBuilder::udp(std::uint16_t source, std::uint16_t destination) {
  return ports(17, 8, source, destination);
}
PacketBuilder& PacketBuilder::udp_lite(std::uint16_t source, std::uint16_t destination) {
  return ports(136, 8, source, destination);
}
PacketBuilder& PacketBuilder::sctp(std::uint16_t source, std::uint16_t destination) {
  return ports(132, 12, source, destination);
}

PacketBuilder& PacketBuilder::icmp(std::uint8_t type, std::uint8_t code) {
  name_protocol(ip_.back().is_v6 ? 58 : 1);
  std::uint8_t* header = grow(8);
  header[0] = type;
  header[1] = code;
  return *this;
}

PacketBuilder& PacketBuilder::protocol(std::uint8_t number) {
  name_protocol(number);
  return *this;
}

PacketBuilder& PacketBuilder::payload(std::size_t bytes) {
  std::uint8_t* to = grow(bytes);
  for (std::size_t i = 0; i < bytes; ++i) to[i] = static_cast<std::uint8_t>('a' + i % 26);
  return *this;
}

PacketBuilder& PacketBuilder::payload(std::string_view text) {
  frame_.insert(frame_.end(), text.begin(), text.end());
  return *this;
}

PacketBuilder& PacketBuilder::claim_ip_length(std::uint16_t bytes) {
  ip_.back().claimed_length = bytes;
  return *this;
}

PacketBuilder& PacketBuilder::claim_ip_version(std::uint8_t version) {
  frame_.at(ip_.back().at) = static_cast<std::uint8_t>(version << 4 | (frame_.at(ip_.back().at) & 15));
  return *this;
}

PacketBuilder& PacketBuilder::claim_ip4_header(std::uint8_t words) {
  frame_.at(ip_.back().at) = static_cast<std::uint8_t>(0x40 | words);
  return *this;
}

PacketBuilder& PacketBuilder::pad_to(std::size_t bytes) {
  pad_to_ = bytes;
  return *this;
}

PacketBuilder& PacketBuilder::cut_to(std::size_t bytes) {
  cut_to_ = bytes;
  return *this;
}

Bytes PacketBuilder::build() const {
  PacketBuilder out = *this;
  for (const IpHeader& ip : ip_) {
    const std::size_t behind = frame_.size() - ip.at;
    out.put16(ip.at + (ip.is_v6 ? 4 : 2), ip.claimed_length.value_or(ip.is_v6 ? behind - kIp6Header : behind));
  }
  out.frame_.resize(std::min(std::max(out.frame_.size(), pad_to_), cut_to_));
  return out.frame_;
}

}  // namespace weir::test
