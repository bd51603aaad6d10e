#include <net/if.h>

#include <array>
#include <cerrno>
#include <random>
#include <set>

#include "bpf/meter_fixture.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

/// Interfaces to come from, in a namespace of the test's own.
class Origin : public MeterTest {
 protected:
  void SetUp() override {
    if (is_root()) {
      ASSERT_NO_FATAL_FAILURE(enter_private_network());
    }
    MeterTest::SetUp();
  }
};

TEST_F(Origin, IsInterfaceSlotAndVlan) {
  make_veth("va", "vb");
  const std::array<int, 2> interfaces = {static_cast<int>(if_nametoindex("va")), static_cast<int>(if_nametoindex("vb"))};
  ASSERT_TRUE(meter().name_interfaces(interfaces));
  for (std::size_t slot = 0; slot < interfaces.size(); ++slot) {
    send(PacketBuilder().ip4().udp(1, 2).build(), 1, interfaces[slot]);
    send(PacketBuilder().vlan(4095).ip4().udp(1, 2).build(), 1, interfaces[slot]);
  }
  std::set<std::uint16_t> origins;
  for (const FlowRecord& flow : drain().flows) origins.insert(flow.key.origin);
  EXPECT_EQ(origins, (std::set<std::uint16_t>{0, 0x0fff, 0x1000, 0x1fff})) << "four flows, though addresses and ports agree";
}

TEST_F(Origin, TellsEightInterfacesApartWhateverTheirNumbers) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::set<int> distinct;
    while (distinct.size() < WEIR_INTERFACES)
      distinct.insert(static_cast<int>(1 + random() % (round % 2 == 0 ? 40u : 1u << 30)));
    const std::vector<int> interfaces(distinct.begin(), distinct.end());
    ASSERT_TRUE(meter().name_interfaces(interfaces));
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
      const auto place = (static_cast<std::uint32_t>(interfaces[i]) * meter().control().interface_factor) >> 26;
      ASSERT_EQ(meter().control().interface_slot[place], i);
    }
  }
}

TEST_F(Origin, RefusesANinthInterface) {
  const auto named = meter().name_interfaces(std::array{1, 2, 3, 4, 5, 6, 7, 8, 9});
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().code, EINVAL);
}

}  // namespace
}  // namespace weir::test
