#include <net/if.h>

#include <array>
#include <cerrno>
#include <map>
#include <random>
#include <set>
#include <vector>

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

  /// What weir_interface_of() would say.
  std::uint32_t slot_of(int ifindex) {
    const weir_control& control = meter().control();
    const std::uint32_t bank = control.interface_rule & 1,
                        place = static_cast<std::uint32_t>(ifindex) * (control.interface_rule | 1) >> 26;
    return control.interface_slot[bank * WEIR_INTERFACE_PLACES + place];
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
      ASSERT_EQ(slot_of(interfaces[i]), i);
    }
  }
}

TEST_F(Origin, ANewTableLeavesTheOneInUseAlone) {
  ASSERT_TRUE(meter().name_interfaces(std::array{5, 6}));
  const weir_control before = meter().control();
  ASSERT_TRUE(meter().name_interfaces(std::array{5, 0, 7}));
  const std::uint32_t old_bank = before.interface_rule & 1, new_bank = meter().control().interface_rule & 1;
  EXPECT_NE(old_bank, new_bank);
  for (std::size_t i = old_bank * WEIR_INTERFACE_PLACES; i < (old_bank + 1) * WEIR_INTERFACE_PLACES; ++i)
    ASSERT_EQ(meter().control().interface_slot[i], before.interface_slot[i]) << "a packet under way still reads it";
  EXPECT_EQ(slot_of(5), 0u);
  EXPECT_EQ(slot_of(7), 2u);
}

TEST_F(Origin, ASlotMayBeFree) {
  make_veth("va", "vb");
  const auto va = static_cast<int>(if_nametoindex("va")), vb = static_cast<int>(if_nametoindex("vb"));
  ASSERT_TRUE(meter().name_interfaces(std::array{0, vb, 0, 0, 0, va}));
  send(PacketBuilder().ip4().udp(1, 2).build(), 1, va);
  send(PacketBuilder().ip4().udp(1, 2).build(), 2, vb);
  std::uint64_t packets[WEIR_INTERFACES] = {};
  for (const FlowRecord& flow : drain().flows) packets[flow.key.origin >> WEIR_ORIGIN_INTERFACE_SHIFT] += flow.packets;
  EXPECT_EQ(packets[5], 1u);
  EXPECT_EQ(packets[1], 2u);
}

TEST_F(Origin, PortsHaveTheSlotsOfOthers) {
  const std::vector<InterfacePort> ports = {{7, 1}, {8, 1}, {9, 0}, {5, 1}};
  ASSERT_TRUE(meter().name_interfaces(std::array{5, 6}, ports));
  for (const auto& [ifindex, slot] : std::map<int, std::size_t>{{5, 0}, {6, 1}, {7, 1}, {8, 1}, {9, 0}})
    EXPECT_EQ(slot_of(ifindex), slot) << ifindex;
}

TEST_F(Origin, RefusesMorePortsThanCanBeToldApart) {
  std::vector<InterfacePort> ports;
  for (int i = 2; i <= 24; ++i) ports.push_back({i, 0});
  ASSERT_TRUE(meter().name_interfaces(std::array{1}, ports));
  ports.push_back({25, 0});
  const auto named = meter().name_interfaces(std::array{1}, ports);
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().code, E2BIG);
}

TEST_F(Origin, RefusesANinthInterface) {
  const auto named = meter().name_interfaces(std::array{1, 2, 3, 4, 5, 6, 7, 8, 9});
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().code, EINVAL);
}

}  // namespace
}  // namespace weir::test
