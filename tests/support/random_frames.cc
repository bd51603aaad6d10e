#include "support/random_frames.h"

#include <algorithm>
#include <string>

namespace weir::test {

void RandomFrames::add_tags(PacketBuilder& b) {
  if (one_in(10)) b.service_vlan(static_cast<std::uint16_t>(1 + pick(3)));
  for (std::size_t i = one_in(6) ? 1 + pick(1 + pick(3)) : 0; i > 0; --i) b.vlan(static_cast<std::uint16_t>(pick(4)));
}

void RandomFrames::add_labels(PacketBuilder& b) {
  for (std::size_t i = 1 + pick(one_in(5) ? 12 : 2); i > 0; --i) b.mpls(static_cast<std::uint32_t>(pick(1 << 20)));
}

void RandomFrames::add_link(PacketBuilder& b) {
  add_tags(b);
  if (one_in(12))
    add_labels(b);
  else if (one_in(12))
    b.pppoe(one_in(8) ? 9 : 0);
  else if (one_in(20))
    b.compressed_pppoe();
}

/// Behind an IP header.
void RandomFrames::add_tunnel(PacketBuilder& b) {
  switch (pick(4)) {
    case 0:
      b.vxlan(one_in(10) ? 0 : 8);
      add_link(b);
      break;
    case 1:
      b.gre(static_cast<std::uint16_t>(pick(16) << 12 & (one_in(8) ? 0xf000 : 0xb000)) | (one_in(20) ? 1u : 0u));
      if (one_in(3)) add_labels(b);
      break;
    case 2:
      b.gre(static_cast<std::uint16_t>(pick(2) << 13)).ethernet();
      add_link(b);
      break;
    default:
      break;  // IP in IP
  }
}

void RandomFrames::add_ip(PacketBuilder& b) {
  for (std::size_t depth = one_in(3) ? 1 + pick(one_in(3) ? 8 : 2) : 0;; --depth) {
    one_in(2) ? add_ip4(b) : add_ip6(b);
    if (depth == 0) return;
    add_tunnel(b);
  }
}

void RandomFrames::add_ip4(PacketBuilder& b) {
  b.ip4("10.0.0." + std::to_string(pick_near(40)), "192.168.1." + std::to_string(pick_near(8)));
  if (one_in(10)) b.ip4_options(4 * (1 + pick(10)));
  if (one_in(12)) b.fragment(8 * pick(3), true);
}

void RandomFrames::add_ip6(PacketBuilder& b) {
  b.ip6("2001:db8::" + std::to_string(pick_near(40)), "2001:db8:1::" + std::to_string(pick_near(8)));
  const std::size_t headers = one_in(4) ? pick(7) : 0;
  for (std::size_t i = 0; i < headers; ++i) {
    switch (pick(5)) {
      case 0:
        b.hop_by_hop(8 * (1 + pick(3)));
        break;
      case 1:
        b.destination_options(8 * (1 + pick(3)));
        break;
      case 2:
        b.routing(24);
        break;
      case 3:
        b.authentication(4 * (2 + pick(8)));
        break;
      case 4:
        b.fragment(8 * pick(3), true);
        break;
    }
  }
}

void RandomFrames::add_transport(PacketBuilder& b) {
  const auto source = static_cast<std::uint16_t>(40000 + pick_near(20)),
             destination = static_cast<std::uint16_t>(pick_near(600));
  switch (pick(8)) {
    case 0:
      b.udp(source, destination);
      break;
    case 1:
      b.icmp(static_cast<std::uint8_t>(pick(256)), static_cast<std::uint8_t>(pick(4)));
      break;
    case 2:
      b.sctp(source, destination);
      break;
    case 3:
      b.udp_lite(source, destination);
      break;
    case 4:
      b.protocol(static_cast<std::uint8_t>(pick(256)));
      break;
    default:
      b.tcp(source, destination, static_cast<std::uint8_t>(random_()), 4 * pick(11));
      break;
  }
}

void RandomFrames::damage(Bytes& frame) {
  if (one_in(6)) frame.resize(14 + pick(frame.size() - 13));
  for (std::size_t i = one_in(5) ? 1 + pick(3) : 0; i > 0; --i) {
    const std::size_t at = pick(std::min<std::size_t>(frame.size(), one_in(3) ? 200 : 90));
    frame[at] = static_cast<std::uint8_t>(frame[at] ^ (1u << pick(8)));
  }
}

Bytes RandomFrames::next() {
  PacketBuilder b;
  add_link(b);
  if (one_in(30)) {
    b.ethertype(static_cast<std::uint16_t>(random_()));
  } else {
    add_ip(b);
    add_transport(b);
  }
  b.payload(one_in(20) ? pick(1400) : pick(90));
  if (one_in(8)) b.pad_to(60 + pick(40));
  Bytes frame = b.build();
  damage(frame);
  return frame;
}

}  // namespace weir::test
