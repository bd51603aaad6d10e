#include "support/reference_parser.h"

#include <algorithm>
#include <optional>

namespace weir::test {
namespace {

constexpr std::uint32_t kMostTunnels = 4, kMostLabels = 8, kMostTags = 2, kMostExtensions = 4;
constexpr std::size_t kDeepest = 0x3fff;  // where in a frame the header of a tunnel, or in it, may begin

enum class Ethertype : std::uint16_t {
  kIp4 = 0x0800,
  kArp = 0x0806,
  kBridged = 0x6558,
  kReverseArp = 0x8035,
  kTag = 0x8100,
  kIp6 = 0x86dd,
  kMpls = 0x8847,
  kMplsUpstream = 0x8848,
  kPppoeDiscovery = 0x8863,
  kPppoe = 0x8864,
  k8021x = 0x888e,
  kServiceTag = 0x88a8,
  kLldp = 0x88cc,
};
enum Protocol : std::uint8_t {
  kHopByHop = 0,
  kIcmp = 1,
  kIp4 = 4,
  kTcp = 6,
  kUdp = 17,
  kIp6 = 41,
  kRouting = 43,
  kFragment = 44,
  kGre = 47,
  kAuthentication = 51,
  kIcmp6 = 58,
  kOptions = 60,
  kSctp = 132,
  kUdpLite = 136
};

/// Thrown where no more can be decoded.
struct Stop {
  weir_undecoded reason;
};

/// A frame whose bytes are read by their number; past the end it stops.
class Frame {
 public:
  Frame(std::span<const std::uint8_t> bytes, std::uint32_t wire_bytes) : bytes_(bytes), wire_bytes_(wire_bytes) {}

  std::uint32_t wire_bytes() const { return wire_bytes_; }
  /// Stops unless `size` bytes follow.
  void need(std::size_t at, std::size_t size, weir_undecoded reason) const {
    if (at + size > bytes_.size()) throw Stop{reason};
  }
  std::uint8_t byte(std::size_t at) const { return bytes_[at]; }
  std::uint16_t two(std::size_t at) const { return static_cast<std::uint16_t>(byte(at) << 8 | byte(at + 1)); }
  const std::uint8_t* address(std::size_t at) const { return &bytes_[at]; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::uint32_t wire_bytes_;
};

/// Of an IP header.
struct Place {
  bool is_v6;
  std::size_t at;
  bool is_in_link = false;  // in MPLS or PPPoE, which have no flow themselves
};

IpAddress read_address(const Frame& frame, std::size_t at, bool is_v6) {
  std::uint64_t words[2] = {};
  std::copy_n(frame.address(at), is_v6 ? 16 : 4, reinterpret_cast<std::uint8_t*>(words));
  return is_v6 ? IpAddress::v6(words) : IpAddress::v4(static_cast<std::uint32_t>(words[0]));
}

/// An IP header with all that belongs to it.
struct Ip {
  ReferencePacket packet;
  std::size_t at = 0;      // what follows
  std::size_t length = 0;  // of what follows, as the header says
  bool is_fragment = false;
};

Ip read_ip4(const Frame& frame, std::size_t at) {
  frame.need(at, 20, WEIR_SHORT_L3);
  const std::size_t header = std::size_t{4} * (frame.byte(at) & 15);
  std::size_t total = frame.two(at + 2);
  if (total == 0) total = header + 65535;  // merged: as long as the frame
  if (frame.byte(at) >> 4 != 4 || header < 20 || total < header) throw Stop{WEIR_BAD_L3};
  Ip ip;
  ip.packet.key.source = read_address(frame, at + 12, false);
  ip.packet.key.destination = read_address(frame, at + 16, false);
  ip.packet.key.protocol = frame.byte(at + 9);
  const bool more = (frame.byte(at + 6) & 0x20) != 0;
  const unsigned offset = frame.two(at + 6) % 8192;
  ip.packet.is_later_fragment = offset != 0;
  ip.is_fragment = more || offset != 0;
  ip.at = at + header;
  ip.length = total - header;
  return ip;
}

bool is_extension(std::uint8_t protocol) {
  return protocol == kHopByHop || protocol == kRouting || protocol == kFragment || protocol == kAuthentication ||
         protocol == kOptions;
}

std::size_t extension_bytes(const Frame& frame, std::size_t at, std::uint8_t kind) {
  if (kind == kFragment) return 8;
  const std::size_t units = frame.byte(at + 1);
  return kind == kAuthentication ? 4 * (units + 2) : 8 * (units + 1);
}

Ip read_ip6(const Frame& frame, std::size_t at) {
  frame.need(at, 40, WEIR_SHORT_L3);
  if (frame.byte(at) >> 4 != 6) throw Stop{WEIR_BAD_L3};
  Ip ip;
  ip.packet.is_v6 = true;
  ip.packet.key.source = read_address(frame, at + 8, true);
  ip.packet.key.destination = read_address(frame, at + 24, true);
  ip.length = frame.two(at + 4);
  ip.at = at + 40;
  std::uint8_t next = frame.byte(at + 6);
  for (std::uint32_t seen = 0; is_extension(next) && !ip.packet.is_later_fragment; ++seen) {
    if (seen == kMostExtensions) throw Stop{WEIR_EXT_CHAIN};
    frame.need(ip.at, 8, WEIR_SHORT_L3);
    const std::size_t bytes = extension_bytes(frame, ip.at, next);
    if (bytes > ip.length) throw Stop{WEIR_BAD_L3};
    if (next == kFragment) {
      const unsigned field = frame.two(ip.at + 2);
      ip.packet.is_later_fragment = field / 8 != 0;
      if (field / 8 != 0 || field % 2 != 0) ip.is_fragment = true;
    }
    next = frame.byte(ip.at);
    ip.at += bytes;
    ip.length -= bytes;
  }
  ip.packet.key.protocol = next;
  return ip;
}

/// Ports, flags, and the length of the transport header.
std::size_t read_transport(const Frame& frame, Ip& ip) {
  ReferencePacket& p = ip.packet;
  if (p.is_later_fragment) return 0;
  switch (p.key.protocol) {
    case kTcp:
      frame.need(ip.at, 20, WEIR_SHORT_L4);
      p.key.source_port = frame.two(ip.at);
      p.key.destination_port = frame.two(ip.at + 2);
      p.tcp_flags = frame.byte(ip.at + 13);
      return std::size_t{4} * (frame.byte(ip.at + 12) >> 4);
    case kUdp:
    case kUdpLite:
    case kSctp:
      frame.need(ip.at, 8, WEIR_SHORT_L4);
      p.key.source_port = frame.two(ip.at);
      p.key.destination_port = frame.two(ip.at + 2);
      return 8;
    case kIcmp:
    case kIcmp6:
      frame.need(ip.at, 4, WEIR_SHORT_L4);
      p.key.destination_port = frame.two(ip.at);
      return 8;
    default:
      return 0;
  }
}

Ip read_packet(const Frame& frame, Place place) {
  if (place.at > kDeepest) throw Stop{WEIR_SHORT_L3};
  Ip ip = place.is_v6 ? read_ip6(frame, place.at) : read_ip4(frame, place.at);
  const std::size_t header = read_transport(frame, ip);
  ip.at += header;
  ip.length = ip.length > header ? ip.length - header : 0;
  const std::size_t room = frame.wire_bytes() > ip.at ? frame.wire_bytes() - ip.at : 0;
  ip.packet.payload_bytes = static_cast<std::uint16_t>(std::min(ip.length, room));
  ip.packet.payload_at = static_cast<std::uint32_t>(ip.at);
  ip.packet.wire_bytes = frame.wire_bytes();
  return ip;
}

/// Follows link and tunnel headers.
class Walker {
 public:
  Walker(const Frame& frame, const std::vector<Tunnel>& opened) : frame_(frame), opened_(opened) {}

  /// The IP header behind an Ethernet header, its tags and what else is to be opened. Tells the innermost VLAN.
  Place in_ethernet(std::size_t at, std::uint16_t& vlan) const {
    frame_.need(at, 14, WEIR_SHORT_L2);
    const std::size_t destination = at;
    std::uint16_t type = frame_.two(at + 12);
    at += 14;
    for (std::uint32_t tags = 0; is_tag(type); ++tags) {
      if (tags == kMostTags) throw Stop{WEIR_VLAN_STACK};
      frame_.need(at, 4, WEIR_SHORT_L2);
      vlan = frame_.two(at) & 4095;
      type = frame_.two(at + 2);
      at += 4;
    }
    return behind(Ethertype{type}, at, destination);
  }

  /// The IP header in a tunnel that is an IP packet itself; none if it is no tunnel that is to be opened.
  std::optional<Place> in_tunnel(const Ip& ip) const {
    if (ip.is_fragment || ip.at > kDeepest) return std::nullopt;
    const std::uint8_t protocol = ip.packet.key.protocol;
    if ((protocol == kIp4 || protocol == kIp6) && opens(Tunnel::kIpInIp)) return Place{protocol == kIp6, ip.at};
    if (protocol == kGre && opens(Tunnel::kGre)) return in_gre(ip.at);
    if (protocol == kUdp && ip.packet.key.destination_port == 4789 && opens(Tunnel::kVxlan)) return in_vxlan(ip.at);
    return std::nullopt;
  }

 private:
  static bool is_tag(std::uint16_t type) {
    return Ethertype{type} == Ethertype::kTag || Ethertype{type} == Ethertype::kServiceTag;
  }
  bool opens(Tunnel tunnel) const { return std::count(opened_.begin(), opened_.end(), tunnel) != 0; }

  Place behind(Ethertype type, std::size_t at, std::size_t destination) const {
    switch (type) {
      case Ethertype::kIp4:
        return {false, at};
      case Ethertype::kIp6:
        return {true, at};
      case Ethertype::kMpls:
      case Ethertype::kMplsUpstream:
        if (!opens(Tunnel::kMpls)) throw Stop{WEIR_MPLS};
        return under_labels(at);
      case Ethertype::kPppoe:
        if (!opens(Tunnel::kPppoe)) throw Stop{WEIR_PPPOE};
        return in_pppoe(at);
      case Ethertype::kPppoeDiscovery:
        throw Stop{WEIR_PPPOE};
      case Ethertype::kArp:
      case Ethertype::kReverseArp:
        throw Stop{WEIR_ARP};
      case Ethertype::kLldp:
      case Ethertype::k8021x:
        throw Stop{WEIR_LINK_CONTROL};
      default:
        throw Stop{why_not(type, destination)};
    }
  }

  weir_undecoded why_not(Ethertype type, std::size_t destination) const {
    const std::uint8_t neighbours[] = {0x01, 0x80, 0xc2, 0x00, 0x00};
    if (std::equal(std::begin(neighbours), std::end(neighbours), frame_.address(destination)) &&
        frame_.byte(destination + 5) <= 15)
      return WEIR_LINK_CONTROL;
    return static_cast<unsigned>(type) < 1536 ? WEIR_LLC : WEIR_ETHERTYPE;
  }

  Place under_labels(std::size_t at) const {
    for (std::uint32_t labels = 1;; ++labels, at += 4) {
      if (labels > kMostLabels) throw Stop{WEIR_LABEL_STACK};
      frame_.need(at, 4, WEIR_SHORT_L2);
      if (frame_.byte(at + 2) % 2 == 1) break;
    }
    at += 4;
    frame_.need(at, 8, WEIR_BAD_INNER);
    const unsigned version = frame_.byte(at) >> 4;
    const std::size_t bytes = version == 4 ? frame_.two(at + 2) : std::size_t{40} + frame_.two(at + 4);
    if ((version != 4 && version != 6) || at + bytes > frame_.wire_bytes()) throw Stop{WEIR_MPLS};
    return {version == 6, at, true};
  }

  Place in_pppoe(std::size_t at) const {
    frame_.need(at, 8, WEIR_SHORT_L2);
    if (frame_.byte(at) != 0x11 || frame_.byte(at + 1) != 0) throw Stop{WEIR_PPPOE};
    const bool is_compressed = frame_.byte(at + 6) % 2 == 1;
    const unsigned protocol = is_compressed ? frame_.byte(at + 6) : frame_.two(at + 6);
    if (protocol != 0x21 && protocol != 0x57) throw Stop{WEIR_PPPOE};
    return {protocol == 0x57, at + (is_compressed ? 7 : 8), true};
  }

  Place in_gre(std::size_t at) const {
    frame_.need(at, 4, WEIR_SHORT_L2);
    const std::uint8_t flags = frame_.byte(at);
    const bool has_checksum = (flags & 0x80) != 0, has_routes = (flags & 0x40) != 0, has_key = (flags & 0x20) != 0,
               has_sequence = (flags & 0x10) != 0;
    if (has_routes || frame_.byte(at + 1) % 8 != 0) throw Stop{WEIR_ETHERTYPE};
    const Ethertype type{frame_.two(at + 2)};
    at += 4;
    for (const bool has_field : {has_checksum, has_key, has_sequence}) at += has_field ? 4 : 0;
    std::uint16_t no_vlan = 0;
    if (type == Ethertype::kBridged) return in_ethernet(at, no_vlan);
    if (type == Ethertype::kIp4 || type == Ethertype::kIp6) return {type == Ethertype::kIp6, at};
    if ((type == Ethertype::kMpls || type == Ethertype::kMplsUpstream) && opens(Tunnel::kMpls)) return under_labels(at);
    throw Stop{WEIR_ETHERTYPE};
  }

  Place in_vxlan(std::size_t at) const {
    frame_.need(at, 8, WEIR_SHORT_L2);
    if ((frame_.byte(at) & 8) == 0) throw Stop{WEIR_ETHERTYPE};
    std::uint16_t no_vlan = 0;
    return in_ethernet(at + 8, no_vlan);
  }

  const Frame& frame_;
  const std::vector<Tunnel>& opened_;
};

/// The innermost packet that can be decoded whole.
Ip innermost(const Frame& frame, const Walker& walker, Ip ip, std::uint32_t tunnels) {
  if (tunnels == kMostTunnels) return ip;
  try {
    const std::optional<Place> inside = walker.in_tunnel(ip);
    return inside ? innermost(frame, walker, read_packet(frame, *inside), tunnels + 1) : ip;
  } catch (const Stop&) {
    return ip;
  }
}

Ip outermost(const Frame& frame, const Place& place) {
  try {
    return read_packet(frame, place);
  } catch (const Stop& stop) {
    if (place.is_in_link && stop.reason != WEIR_EXT_CHAIN) throw Stop{WEIR_BAD_INNER};
    throw;
  }
}

ReferencePacket parse(const Frame& frame, const std::vector<Tunnel>& opened) {
  const Walker walker(frame, opened);
  std::uint16_t vlan = 0;
  const Place place = walker.in_ethernet(0, vlan);
  ReferencePacket packet = innermost(frame, walker, outermost(frame, place), place.is_in_link ? 1 : 0).packet;
  packet.key.origin = vlan;
  return packet;
}

}  // namespace

std::variant<ReferencePacket, weir_undecoded> parse_by_reference(std::span<const std::uint8_t> captured,
                                                                 std::uint32_t wire_bytes,
                                                                 const std::vector<Tunnel>& opened) {
  try {
    return parse(Frame(captured, wire_bytes), opened);
  } catch (const Stop& stop) {
    return stop.reason;
  }
}

}  // namespace weir::test
