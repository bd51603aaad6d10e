#include <gtest/gtest.h>

#include "sensor/table_size.h"
#include "support/native_tables.h"
#include "support/random_frames.h"
#include "support/reference_flows.h"

namespace weir::test {
namespace {

constexpr std::uint64_t kStamp_ns = 1 << WEIR_TIME_SHIFT;

/// The data plane on the host against the plain account, over many generations of random frames. The fuzzer goes on from
/// here.
class Reference : public testing::TestWithParam<unsigned> {
 protected:
  std::vector<Tunnel> opened() const {
    std::vector<Tunnel> out;
    for (const Tunnel tunnel : {Tunnel::kVxlan, Tunnel::kGre, Tunnel::kIpInIp, Tunnel::kMpls, Tunnel::kPppoe})
      if ((GetParam() >> static_cast<unsigned>(tunnel) & 1) != 0) out.push_back(tunnel);
    return out;
  }

  void compare(const TableSize& size, bool is_exact) {
    NativeTables native(make_config(size, 1, 2000, opened()));
    RandomFrames frames(GetParam() + 1);
    std::uint64_t now = 0;
    for (int generation = 0; generation < 20; ++generation) {
      ReferenceFlows reference;
      for (int i = 0; i < 400; ++i) {
        now += frames.pick(3000) * kStamp_ns;
        const std::uint64_t coarse = is_exact ? now : now >> 22 << 22;
        native.control().test_now_ns = now;
        native.control().test_coarse_ns = coarse;
        const Bytes frame = frames.next();
        const auto wire = static_cast<std::uint32_t>(frame.size() + (frames.pick(4) == 0 ? frames.pick(2000) : 0));
        native.count(frame, wire);
        reference.count(frame, wire, opened(), {stamp(now), stamp(coarse)});
      }
      Snapshot drained;
      native.drain(drained);
      ASSERT_EQ(reference.differences(drained, stamp(now), is_exact), "");
      EXPECT_GT(drained.totals.flow_packets + drained.totals.overflow_packets, 200u);
    }
  }

 private:
  static std::uint32_t stamp(std::uint64_t ns) { return static_cast<std::uint32_t>(ns >> WEIR_TIME_SHIFT); }
};

TEST_P(Reference, CountsTheSame) { compare({.sets4 = 256, .sets6 = 256, .host_sets = 64, .filter_words = 64}, true); }
TEST_P(Reference, CountsTheSameInTablesTooSmall) {
  compare({.sets4 = 2, .sets6 = 1, .host_sets = 2, .filter_words = 1}, false);
}
INSTANTIATE_TEST_SUITE_P(Tunnels, Reference, testing::Range(0u, 32u));

}  // namespace
}  // namespace weir::test
