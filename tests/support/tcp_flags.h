#pragma once

#include <cstdint>

namespace weir::test {

enum TcpFlag : std::uint8_t { kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10, kUrg = 0x20 };

}  // namespace weir::test
