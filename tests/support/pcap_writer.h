#pragma once

#include <cstdint>
#include <string>

#include "support/packet_builder.h"

namespace weir::test {

/// Writes a classic pcap file, byte by byte, so that tests do not trust the library under test to write what it reads.
class PcapWriter {
 public:
  static constexpr std::uint32_t kEthernet = 1, kNull = 0, kRaw = 101, kCooked = 113, kCooked2 = 276;

  explicit PcapWriter(std::uint32_t link_type = kEthernet, bool nanoseconds = true);
  /// `wire_bytes` 0: as long as what was captured.
  PcapWriter& add(std::int64_t time_ns, const Bytes& captured, std::uint32_t wire_bytes = 0);
  const Bytes& bytes() const { return bytes_; }
  void save(const std::string& path) const;

 private:
  void put32(std::uint32_t value);

  Bytes bytes_;
  bool nanoseconds_;
};

void save_file(const std::string& path, const Bytes& bytes);
/// A folder of this process's own for files, removed when it ends.
std::string scratch_folder();

}  // namespace weir::test
