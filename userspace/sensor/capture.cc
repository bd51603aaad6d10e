#include "sensor/capture.h"

#include <pcap/pcap.h>
#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

namespace weir {
namespace {

constexpr std::size_t kEthernetHeader = 14;
constexpr std::size_t kBuffer = std::size_t{1} << 17;

/// zlib reads plain streams too (a pipe), so one path serves both.
ssize_t read_gz(void* file, char* to, std::size_t size) {
  auto* gz = static_cast<gzFile>(file);
  const int got = gzread(gz, to, static_cast<unsigned>(std::min<std::size_t>(size, 1 << 30)));
  if (got != 0) return got;
  int error = Z_OK;
  gzerror(gz, &error);
  return error == Z_OK || error == Z_STREAM_END ? 0 : -1;  // cut off where a block ends: no error to gzread (Z_BUF_ERROR)
}
int close_gz(void* file) { return gzclose(static_cast<gzFile>(file)); }

bool is_regular(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

std::FILE* open_stream(const std::string& path, gzFile& gz) {
  gz = gzopen(path.c_str(), "rb");
  if (gz == nullptr) return nullptr;
  gzbuffer(gz, kBuffer);
  if (gzdirect(gz) == 1 && is_regular(path)) {  // spares the way through zlib
    gzclose(gz);
    gz = nullptr;
    std::FILE* plain = std::fopen(path.c_str(), "rb");
    if (plain != nullptr) std::setvbuf(plain, nullptr, _IOFBF, kBuffer);
    return plain;
  }
  cookie_io_functions_t functions{};
  functions.read = read_gz;
  functions.close = close_gz;
  std::FILE* stream = fopencookie(gz, "rb", functions);
  if (stream != nullptr) std::setvbuf(stream, nullptr, _IOFBF, kBuffer);
  return stream;
}

/// How to find the IP packet behind a link header.
struct LinkHeader {
  std::size_t size;
  std::optional<std::size_t> ethertype_at;  ///< none: the IP version tells
};

std::optional<LinkHeader> link_header(int link_type) {
  switch (link_type) {
    case DLT_EN10MB:
      return LinkHeader{kEthernetHeader, 12};
    case DLT_NULL:
    case DLT_LOOP:
      return LinkHeader{4, std::nullopt};
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
      return LinkHeader{0, std::nullopt};
    case DLT_LINUX_SLL:
      return LinkHeader{16, 14};
#ifdef DLT_LINUX_SLL2
    case DLT_LINUX_SLL2:
      return LinkHeader{20, 0};
#endif
    default:
      return std::nullopt;
  }
}

void write_ethertype(const std::uint8_t* frame, std::size_t size, const LinkHeader& header, std::uint8_t* to) {
  if (header.ethertype_at && size >= *header.ethertype_at + 2) {
    std::memcpy(to, frame + *header.ethertype_at, 2);
  } else if (size > header.size) {
    const bool is_v6 = frame[header.size] >> 4 == 6;
    to[0] = is_v6 ? 0x86 : 0x08;
    to[1] = is_v6 ? 0xdd : 0x00;
  }
}

}  // namespace

Capture::Capture(std::string path, pcap* handle, int link_type)
    : path_(std::move(path)), handle_(handle), link_type_(link_type) {}

Capture::~Capture() { pcap_close(handle_); }

Result<std::unique_ptr<Capture>> Capture::open(const std::string& path) {
  gzFile gz = nullptr;
  std::FILE* stream = open_stream(path, gz);
  if (stream == nullptr) return fail(errno, path + ": " + std::strerror(errno));
  char reason[PCAP_ERRBUF_SIZE] = "";
  pcap_t* handle = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, reason);
  if (handle == nullptr) {
    std::fclose(stream);
    return fail(EINVAL, path + ": no capture (pcap or pcapng, also gzipped): " + reason);
  }
  std::unique_ptr<Capture> capture(new Capture(path, handle, pcap_datalink(handle)));
  capture->stream_ = gz;
  std::error_code no_size;  // a pipe has none
  const auto size = std::filesystem::file_size(path, no_size);
  capture->file_bytes_ = no_size ? 0 : size;
  if (!link_header(capture->link_type_)) {
    const char* name = pcap_datalink_val_to_name(capture->link_type_);
    return fail(EINVAL, path + ": link type " + (name != nullptr ? name : std::to_string(capture->link_type_)) +
                            " is not supported; Ethernet, raw IP, loopback and Linux cooked are");
  }
  return capture;
}

double Capture::share_read() const {
  const auto read = stream_ != nullptr ? gzoffset(stream_) : ftello(pcap_file(handle_));
  return file_bytes_ == 0 || read < 0 ? 0 : std::min(1.0, static_cast<double>(read) / static_cast<double>(file_bytes_));
}

Result<bool> Capture::next(Packet& out) {
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  const int got = pcap_next_ex(handle_, &header, &data);
  if (got == PCAP_ERROR_BREAK) return false;
  if (got != 1)
    return fail(EINVAL, path_ + ": damaged after " + std::to_string(frames_) + " packets: " + pcap_geterr(handle_));
  ++frames_;
  std::size_t captured = header->caplen;
  std::uint32_t wire = std::max(header->len, header->caplen);
  out.time_ns = static_cast<std::int64_t>(header->ts.tv_sec) * 1'000'000'000 + header->ts.tv_usec;  // nanoseconds, as asked
  if (link_type_ != DLT_EN10MB) {
    const LinkHeader link = *link_header(link_type_);
    const std::size_t skipped = std::min(link.size, captured);
    frame_.assign(kEthernetHeader, 0);
    write_ethertype(data, captured, link, &frame_[12]);
    frame_.insert(frame_.end(), data + skipped, data + captured);
    wire = static_cast<std::uint32_t>(wire - skipped + kEthernetHeader);
    captured = frame_.size();
    data = frame_.data();
  }
  out.wire_bytes = wire;
  out.data = {data, captured};
  return true;
}

}  // namespace weir
