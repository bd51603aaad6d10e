#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

/// The attacks whose syntax the head of an HTTP/1 request shows, bit 1 << WebAttack each.
std::uint8_t find_web_attacks(std::string_view head);

}  // namespace weir
