#include "support/pcap_writer.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace weir::test {
namespace {

struct Folder {
  std::filesystem::path path;
  Folder() : path((std::filesystem::temp_directory_path() / "weir-test-XXXXXX").string()) {
    std::string name = path.string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

}  // namespace

PcapWriter::PcapWriter(std::uint32_t link_type, bool nanoseconds) : nanoseconds_(nanoseconds) {
  for (const std::uint32_t word : {nanoseconds ? 0xa1b23c4du : 0xa1b2c3d4u, 0x00040002u, 0u, 0u, 65535u, link_type})
    put32(word);
}

void PcapWriter::put32(std::uint32_t value) {  // in this machine's byte order, which the magic number tells
  const auto* at = reinterpret_cast<const std::uint8_t*>(&value);
  bytes_.insert(bytes_.end(), at, at + sizeof value);
}

PcapWriter& PcapWriter::add(std::int64_t time_ns, const Bytes& captured, std::uint32_t wire_bytes) {
  const auto size = static_cast<std::uint32_t>(captured.size());
  put32(static_cast<std::uint32_t>(time_ns / 1'000'000'000));
  put32(static_cast<std::uint32_t>(time_ns % 1'000'000'000 / (nanoseconds_ ? 1 : 1000)));
  put32(size);
  put32(wire_bytes != 0 ? wire_bytes : size);
  bytes_.insert(bytes_.end(), captured.begin(), captured.end());
  return *this;
}

void PcapWriter::save(const std::string& path) const { save_file(path, bytes_); }

void save_file(const std::string& path, const Bytes& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw std::runtime_error("write " + path);
}

std::string scratch_folder() {
  static const Folder folder;
  return folder.path.string();
}

}  // namespace weir::test
