// Writes the traffic model to a capture: an office's ordinary day, the same bytes for the same seed.
//    traffic_capture SEED SECONDS OUT.pcap

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include "traffic_model.h"

namespace {

constexpr std::uint32_t kNanoseconds = 0xa1b23c4d, kSnapLength = 65535, kEthernet = 1;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

template <std::size_t N>
bool put(std::FILE* file, const std::uint32_t (&words)[N]) {
  return std::fwrite(words, sizeof words, 1, file) == 1;
}

bool write_packet(std::FILE* file, const weir::Packet& packet) {
  const auto captured = static_cast<std::uint32_t>(packet.data.size());
  return put(file, {static_cast<std::uint32_t>(packet.time_ns / weir::kSecond_ns),
                    static_cast<std::uint32_t>(packet.time_ns % weir::kSecond_ns), captured, packet.wire_bytes}) &&
         std::fwrite(packet.data.data(), captured, 1, file) == 1;
}

int write_capture(weir::TrafficModel& traffic, const char* path) {
  const File file(std::fopen(path, "wb"));
  bool is_written = file && put(file.get(), {kNanoseconds, 2 | 4 << 16, 0, 0, kSnapLength, kEthernet});  // version 2.4
  weir::Packet packet;
  for (auto more = traffic.next(packet); is_written && more && *more; more = traffic.next(packet))
    is_written = write_packet(file.get(), packet);
  if (is_written && std::fflush(file.get()) == 0) {
    std::printf("%zu packets\n", traffic.frames());
    return 0;
  }
  std::fprintf(stderr, "traffic_capture: %s: %s\n", path, std::strerror(errno));
  return 1;
}

template <class Number>
bool read(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seed = 0;
  double seconds = 0;
  if (argc != 4 || !read(argv[1], seed) || !read(argv[2], seconds) || !(seconds > 0 && seconds <= 86400)) {
    std::fputs("usage: traffic_capture SEED SECONDS OUT.pcap (SECONDS: more than 0, at most 86400)\n", stderr);
    return 2;
  }
  weir::TrafficModel traffic(seed, seconds);
  return write_capture(traffic, argv[3]);
}
