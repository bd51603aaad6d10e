#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace weir {

/// The community of an SNMP message of version 1 or 2c to port 161 (RFC 1157, RFC 1901), as 16 bits of its hash; none if it
/// is no such message, or if the head cuts the community.
std::optional<std::uint16_t> read_snmp_community(std::uint16_t destination_port, std::span<const std::uint8_t> head);

}  // namespace weir
