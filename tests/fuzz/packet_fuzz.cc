#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "sensor/table_size.h"
#include "support/native_tables.h"
#include "support/reference_flows.h"

namespace weir::test {
namespace {

constexpr std::array kTunnels = {Tunnel::kVxlan, Tunnel::kGre, Tunnel::kIpInIp, Tunnel::kMpls, Tunnel::kPppoe};

/// Too small, small, and large enough; of each kind one is made and emptied after each input.
constexpr std::array<TableSize, 3> kSizes = {TableSize{.sets4 = 1, .sets6 = 1, .host_sets = 1, .filter_words = 1},
                                             TableSize{.sets4 = 4, .sets6 = 3, .host_sets = 2, .filter_words = 4},
                                             TableSize{.sets4 = 64, .sets6 = 64, .host_sets = 16, .filter_words = 64}};

NativeTables& tables_of(std::size_t kind) {
  static std::array<std::unique_ptr<NativeTables>, kSizes.size()> all;
  if (!all[kind]) {
    weir_config config = make_config(kSizes[kind], 1, 2000);
    for (std::size_t i = 0; i < std::size(config.key); ++i) config.key[i] = 0x9E3779B97F4A7C15 * (i + 1);  // same each run
    all[kind] = std::make_unique<NativeTables>(config);
  }
  return *all[kind];
}

/// What an input begins with: which tunnels are opened, how large the tables are, and whether the coarse clock lags.
struct Scene {
  std::vector<Tunnel> opened;
  std::size_t tables;
  bool is_exact;
};

Scene read_scene(std::uint8_t first, std::uint8_t second) {
  Scene scene{{}, second % kSizes.size(), (second & 0x80) == 0};
  for (std::size_t i = 0; i < kTunnels.size(); ++i)
    if ((first >> i & 1) != 0) scene.opened.push_back(kTunnels[i]);
  return scene;
}

/// Both accounts of the same packets.
class Accounts {
 public:
  explicit Accounts(Scene scene) : scene_(std::move(scene)), tables_(tables_of(scene_.tables)) {
    tables_.tables().config.decapsulate = make_config(kSizes[0], 1, 0, scene_.opened).decapsulate;
    tables_.control().epoch = 1;
    reset_clocks(tables_.tables(), 0);
    pass_time(0);
  }

  void pass_time(std::uint64_t ns) {
    now_ns_ += ns;
    tables_.control().test_now_ns = now_ns_;
    tables_.control().test_coarse_ns = scene_.is_exact ? now_ns_ : now_ns_ >> 22 << 22;
  }

  void count(const Bytes& captured, std::uint32_t wire_bytes) {
    if (is_ambiguous(captured, wire_bytes)) return;
    tables_.count(captured, wire_bytes);
    reference_.count(captured, wire_bytes, scene_.opened, {stamp(now_ns_), stamp(tables_.control().test_coarse_ns)});
  }

  void compare() {
    Snapshot drained;
    tables_.drain(drained);
    const std::string differences = reference_.differences(drained, stamp(now_ns_), scene_.is_exact);
    if (!differences.empty()) {
      std::fputs(differences.c_str(), stderr);
      std::abort();
    }
    reference_ = {};
  }

 private:
  /// IPv6's way to write an IPv4 address: a flow's key does not tell them apart, so there might be two records of one. No
  /// host sends it (Linux drops what comes from one).
  bool is_ambiguous(const Bytes& captured, std::uint32_t wire_bytes) const {
    const auto parsed = parse_by_reference(captured, wire_bytes, scene_.opened);
    const auto* p = std::get_if<ReferencePacket>(&parsed);
    return p != nullptr && p->is_v6 && (p->key.source.is_v4() || p->key.destination.is_v4());
  }

  static std::uint32_t stamp(std::uint64_t time_ns) { return static_cast<std::uint32_t>(time_ns >> WEIR_TIME_SHIFT); }

  Scene scene_;
  NativeTables& tables_;
  ReferenceFlows reference_;
  std::uint64_t now_ns_ = std::uint64_t{1} << 32;
};

}  // namespace
}  // namespace weir::test

/// Any bytes are frames, and each counts as a slow and obvious parser and a plain account of all packets say. Two bytes set
/// the scene; each frame is preceded by its captured length (and, in the top bit, whether the generations flip before it),
/// by what the wire had beyond it, and by the time since the one before. Before a frame of length 0 the last one comes
/// again, as often as that time says: counters saturate.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::test;
  if (size < 2) return 0;
  Accounts accounts(read_scene(data[0], data[1]));
  data += 2;
  size -= 2;
  Bytes last;
  while (size >= 4) {
    const std::size_t length = std::min<std::size_t>(data[0] | (data[1] & 7u) << 8, size - 4);
    const auto wire = static_cast<std::uint32_t>(length + std::size_t{16} * data[2]);
    if ((data[1] & 0x80) != 0) accounts.compare();
    if (length == 0 && !last.empty()) {
      for (int i = 0; i < data[3]; ++i) accounts.count(last, static_cast<std::uint32_t>(last.size()));
    } else {
      accounts.pass_time(std::uint64_t{data[3]} << 18);
      last.assign(data + 4, data + 4 + length);  // a copy of exactly its size, for the sanitizer
      last.shrink_to_fit();
      accounts.count(last, wire);
    }
    data += 4 + length;
    size -= 4 + length;
  }
  accounts.compare();
  accounts.compare();  // the other generation: empty
  return 0;
}
