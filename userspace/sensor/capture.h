#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sensor/packet_source.h"

struct pcap;
struct gzFile_s;

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

  /// How much of the file was read, 0 to 1; 0 where it has no size.
  double share_read() const;

 private:
  Capture(std::string path, pcap* handle, int link_type);

  std::string path_;
  pcap* handle_;
  gzFile_s* stream_ = nullptr;  // the handle's own; nullptr: it reads the file itself
  std::uint64_t file_bytes_ = 0;
  int link_type_;
  std::uint64_t frames_ = 0;
  std::vector<std::uint8_t> frame_;  // with the Ethernet header that we gave it
};

}  // namespace weir
