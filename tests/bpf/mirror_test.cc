#include <linux/bpf.h>
#include <net/if.h>

#include <array>

#include "bpf/meter_fixture.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

/// Two interfaces to come from, the first of which may be a mirror.
class Mirror : public MeterTest {
 protected:
  void SetUp() override {
    if (is_root()) {
      ASSERT_NO_FATAL_FAILURE(enter_private_network());
    }
    MeterTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    make_veth("va", "vb");
    span_ = static_cast<int>(if_nametoindex("va"));
    other_ = static_cast<int>(if_nametoindex("vb"));
    ASSERT_TRUE(meter().name_interfaces(std::array{span_, other_}));
  }

  const Bytes frame_ = PacketBuilder().ip4().udp(1, 2).build();
  int span_ = 0, other_ = 0;
};

TEST_F(Mirror, IsOffUntilAskedFor) {
  for (const int ifindex : {span_, other_, 1}) EXPECT_EQ(verdict(frame_, 1, ifindex), static_cast<std::uint32_t>(XDP_PASS));
}

TEST_F(Mirror, DropsItsOwnPacketsAndCountsEachOfThem) {
  meter().set_mirror(0, true);
  EXPECT_EQ(verdict(frame_, 37, span_), static_cast<std::uint32_t>(XDP_DROP));
  EXPECT_EQ(verdict(frame_, 5, other_), static_cast<std::uint32_t>(XDP_PASS));
  std::uint64_t packets[2] = {};
  for (const FlowRecord& flow : drain().flows) packets[flow.key.origin >> WEIR_ORIGIN_INTERFACE_SHIFT & 1] += flow.packets;
  EXPECT_EQ(packets[0], 37u);
  EXPECT_EQ(packets[1], 5u);
}

TEST_F(Mirror, DropsWhatItCannotDecodeToo) {
  meter().set_mirror(0, true);
  EXPECT_EQ(verdict(Bytes(14, 0xff), 3, span_), static_cast<std::uint32_t>(XDP_DROP));
  EXPECT_EQ(drain().totals.all_undecoded_packets(), 3u);
}

TEST_F(Mirror, EndsAtOnce) {
  meter().set_mirror(0, true);
  meter().set_mirror(1, true);
  meter().set_mirror(0, false);
  EXPECT_EQ(verdict(frame_, 1, span_), static_cast<std::uint32_t>(XDP_PASS));
  EXPECT_EQ(verdict(frame_, 1, other_), static_cast<std::uint32_t>(XDP_DROP));
}

TEST_F(Mirror, NeverDropsForAnInterfaceThatIsNotListed) {
  for (std::size_t slot = 0; slot < WEIR_INTERFACES; ++slot) meter().set_mirror(slot, true);
  ASSERT_TRUE(meter().name_interfaces(std::array{0, other_}));
  EXPECT_EQ(verdict(frame_, 1, span_), static_cast<std::uint32_t>(XDP_PASS));
}

}  // namespace
}  // namespace weir::test
