#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sensor/packet_source.h"

struct pcap;

namespace weir {

/// Packets of a pcap or pcapng file, compressed with gzip or not. Frames of other link types than Ethernet (raw IP,
/// loopback, Linux cooked) get an Ethernet header in place of their own, so that everything behind sees one kind.
class Capture : public PacketSource {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Capture>> open(const std::string& path);
  ~Capture() override;
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  /// An error names the file and what is wrong with it, for instance where it was cut off.
  [[nodiscard]] Result<bool> next(Packet& out) override;

 private:
  Capture(std::string path, pcap* handle, int link_type);

  std::string path_;
  pcap* handle_;
  int link_type_;
  std::uint64_t frames_ = 0;
  std::vector<std::uint8_t> frame_;  // with the Ethernet header that we gave it
};

}  // namespace weir
